//! The bytes of the file `keys`: a header, then the table in one box under the wrapping key.
//!
//! | bytes | what |
//! |---|---|
//! | 16 | `stepdown keys 1` and a newline: what this is, and its format |
//! | 8 | the fingerprint of the wrapping key, in hex digits |
//! | 12 | the nonce, random and new at each writing |
//! | the rest | the table in AES-256-GCM, bound to the 36 bytes before, and 16 bytes of tag |

use std::path::Path;

use zeroize::Zeroizing;

use super::table::Table;
use super::{Fingerprint, KeyringError, TAG_LENGTH, WrappingKey, random};

/// The format that is read and written.
const FORMAT: u32 = 1;
const NAME: &str = "stepdown keys ";
const NONCE: usize = 12;
const HEADER: usize = 16 + 8 + NONCE;

/// The file with `table` in it, under `wrapping`.
pub(super) fn seal(table: &Table, wrapping: &WrappingKey) -> Result<Vec<u8>, KeyringError> {
    let mut nonce = [0; NONCE];
    // Random nonces do for 2^32 writings under one key (NIST SP 800-38D, 8.3), and an office destroys and
    // adds keys some thousand times at most.
    random(&mut nonce)?;
    Ok(seal_with(nonce, table, wrapping))
}

/// As [`seal`], with a nonce that must not have been used with `wrapping` before.
pub(super) fn seal_with(nonce: [u8; NONCE], table: &Table, wrapping: &WrappingKey) -> Vec<u8> {
    let mut header = format!("{NAME}{FORMAT}\n{}", wrapping.fingerprint()).into_bytes();
    header.extend(nonce);
    // All the room beforehand: what is sealed in place must not leave a plain copy behind by growing.
    let mut file = Vec::with_capacity(HEADER + table.as_bytes().len() + TAG_LENGTH);
    file.extend_from_slice(&header);
    file.extend_from_slice(table.as_bytes());
    wrapping.prepared().seal(nonce, &header, &mut file, HEADER);
    file
}

/// The table in `file`, which was read from `path`.
pub(super) fn open(
    mut file: Zeroizing<Vec<u8>>,
    wrapping: &WrappingKey,
    path: &Path,
) -> Result<Table, KeyringError> {
    check_format(&file, path)?;
    let length = file.len();
    let cut_short = || KeyringError::CutShort { path: path.to_owned(), length };
    let damaged = |what| KeyringError::Damaged { path: path.to_owned(), what };
    let (header, sealed) = file.split_at_mut_checked(HEADER).ok_or_else(cut_short)?;
    if !sealed.len().checked_sub(TAG_LENGTH).is_some_and(Table::fits) {
        return Err(cut_short());
    }
    let sealed_with = fingerprint(&header[16..24])
        .ok_or_else(|| damaged("the fingerprint of its wrapping key is not 8 hex digits"))?;
    let given = wrapping.fingerprint();
    if sealed_with != given {
        return Err(KeyringError::OtherKey { path: path.to_owned(), sealed_with, given });
    }
    let nonce = *header.last_chunk().ok_or_else(cut_short)?;
    let plain = wrapping
        .prepared()
        .open(nonce, header, sealed)
        .map_err(|_| damaged("its bytes are not those that were written"))?;
    Table::from_bytes(plain).ok_or_else(|| damaged("what is sealed in it is not a table of keys"))
}

/// Refuses what does not begin as a keyring of the one format that is understood.
fn check_format(file: &[u8], path: &Path) -> Result<(), KeyringError> {
    let damaged = |what| KeyringError::Damaged { path: path.to_owned(), what };
    let Some(rest) = file.strip_prefix(NAME.as_bytes()) else {
        return Err(if NAME.as_bytes().starts_with(file) {
            KeyringError::CutShort { path: path.to_owned(), length: file.len() }
        } else {
            damaged("it does not begin as a keyring does")
        });
    };
    // A later format may have a longer number.
    let digits: Vec<u8> = rest.iter().copied().take_while(u8::is_ascii_digit).take(9).collect();
    let end = rest.get(digits.len());
    let found = String::from_utf8(digits).ok().and_then(|digits| digits.parse::<u32>().ok());
    match (found, end) {
        (_, None) => Err(KeyringError::CutShort { path: path.to_owned(), length: file.len() }),
        (Some(FORMAT), Some(b'\n')) => Ok(()),
        (Some(found), Some(b'\n')) if found != FORMAT => Err(KeyringError::Format {
            path: path.to_owned(),
            found,
            expected: FORMAT,
            age: if found > FORMAT { "new" } else { "old" },
        }),
        _ => Err(damaged("its first line does not name a format")),
    }
}

fn fingerprint(digits: &[u8]) -> Option<Fingerprint> {
    let text = str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(text, 16).ok().map(|number| Fingerprint(number.to_be_bytes()))
}
