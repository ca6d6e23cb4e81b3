//! One entry as it is stored: its header in the clear, its content sealed for its case.
//!
//! ```text
//! varint  slot × 4, plus 2 for a fact of stepdown's own, plus 1 where the record introduces the slot's case
//! [byte n, n bytes]  the reference of that case
//! i64     when it was recorded, nanoseconds since 1970, little-endian
//! u32     salt
//! bytes   the sealed content, with its tag of 16 bytes (AES-256-GCM, NIST SP 800-38D)
//! ```
//!
//! The nonce is the salt and the entry's sequence number, so that it differs even where a group that was
//! never acknowledged is written again. The header and the sequence are authenticated with the content.

use super::Draft;
use super::keyring::{CaseKey, Slot};
use crate::calendar::Instant;
use crate::case::{CaseRef, Sequence};

/// What follows the clear part at least: the tag.
const TAG: usize = 16;
const FIXED: usize = 12;

/// The clear part of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header<'a> {
    /// Whose key seals it.
    pub slot: Slot,
    /// Whether it is a fact of stepdown's own, and no event of the case.
    pub own: bool,
    /// The case that the slot is given to with this record.
    pub introduces: Option<&'a str>,
    /// When it was recorded.
    pub recorded: Instant,
    salt: u32,
    /// How many bytes of the record it is.
    len: usize,
}

/// Appends `draft` to `out` as a record.
pub(super) fn seal(
    (slot, introduces, sequence): (Slot, Option<&CaseRef>, Sequence),
    draft: &Draft,
    salt: u32,
    key: &CaseKey,
    out: &mut Vec<u8>,
) {
    let start = out.len();
    let flags = u64::from(draft.own) << 1 | u64::from(introduces.is_some());
    write_varint(u64::from(slot.0) << 2 | flags, out);
    if let Some(case) = introduces {
        let name = case.as_str().as_bytes();
        out.push(
            u8::try_from(name.len()).unwrap_or_else(|_| unreachable!("a reference has 64 bytes at most")),
        );
        out.extend_from_slice(name);
    }
    out.extend_from_slice(&nanos(draft.recorded).to_le_bytes());
    out.extend_from_slice(&salt.to_le_bytes());
    let clear = out.len();
    let aad = aad(sequence, out.get(start..).unwrap_or_default());
    out.extend_from_slice(&draft.content);
    key.seal(nonce(sequence, salt), &aad, out, clear);
}

/// Reads the clear part of a record.
pub(super) fn header(record: &[u8]) -> Result<Header<'_>, &'static str> {
    const SHORT: &str = "the record is cut short";
    let mut rest = record;
    let slot = read_varint(&mut rest).ok_or(SHORT)?;
    let introduces = if slot & 1 != 0 {
        let (len, after) = rest.split_first().ok_or(SHORT)?;
        let (name, after) = after.split_at_checked(usize::from(*len)).ok_or(SHORT)?;
        rest = after;
        Some(str::from_utf8(name).map_err(|_| "the case it introduces has no readable reference")?)
    } else {
        None
    };
    let (fixed, sealed) = rest.split_at_checked(FIXED).ok_or(SHORT)?;
    if sealed.len() < TAG {
        return Err(SHORT);
    }
    let (recorded, salt) = fixed.split_first_chunk().ok_or(SHORT)?;
    let salt = salt.first_chunk().ok_or(SHORT)?;
    Ok(Header {
        slot: Slot(u32::try_from(slot >> 2).map_err(|_| "its slot is out of range")?),
        own: slot & 2 != 0,
        introduces,
        recorded: Instant::from_timestamp_nanos(i64::from_le_bytes(*recorded)),
        salt: u32::from_le_bytes(*salt),
        len: record.len() - sealed.len(),
    })
}

impl Header<'_> {
    /// The content of the record that this is the header of, opened into `buffer`.
    pub(super) fn open<'b>(
        &self,
        record: &[u8],
        sequence: Sequence,
        key: &CaseKey,
        buffer: &'b mut Vec<u8>,
    ) -> Result<&'b [u8], &'static str> {
        let (clear, sealed) = record.split_at_checked(self.len).ok_or("the record is cut short")?;
        buffer.clear();
        buffer.extend_from_slice(sealed);
        let aad = aad(sequence, clear);
        key.open(nonce(sequence, self.salt), &aad, buffer)
            .map(|content| &*content)
            .map_err(|_| "its seal is broken")
    }
}

fn aad(sequence: Sequence, clear: &[u8]) -> Vec<u8> {
    let mut aad = Vec::with_capacity(8 + clear.len());
    aad.extend_from_slice(&sequence.0.to_be_bytes());
    aad.extend_from_slice(clear);
    aad
}

fn nonce(sequence: Sequence, salt: u32) -> [u8; 12] {
    let mut nonce = [0; 12];
    let (head, tail) = nonce.split_at_mut(4);
    head.copy_from_slice(&salt.to_be_bytes());
    tail.copy_from_slice(&sequence.0.to_be_bytes());
    nonce
}

/// Instants are kept to the nanosecond from 1677 to 2262; one beyond is kept as the end of that.
fn nanos(instant: Instant) -> i64 {
    let end = if instant.timestamp() < 0 { i64::MIN } else { i64::MAX };
    instant.timestamp_nanos_opt().unwrap_or(end)
}

/// Appends an unsigned LEB128.
pub(super) fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Takes an unsigned LEB128 off the front of `bytes`.
pub(super) fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::keyring::{KeyState, Keyring, WrappingKey};

    #[test]
    fn a_record_opens_at_its_own_place_only() {
        let dir = tempfile::tempdir().expect("a directory");
        let keyring = Keyring::create(&dir.path().join("keys"), &WrappingKey::generate().expect("random"))
            .expect("made");
        let KeyState::Usable(key) = keyring.key(Slot(3)) else { panic!("a spare key") };
        let recorded: Instant = "2026-06-01T09:00:00.000000001Z".parse().expect("an instant");
        let case: CaseRef = "SD-0042".parse().expect("a reference");
        let id = "e1".parse().expect("an id");
        let draft =
            Draft { id, case: Some(case.clone()), own: false, recorded, content: b"content".to_vec() };
        let mut record = Vec::new();
        seal((Slot(3), Some(&case), Sequence(7)), &draft, 5, key, &mut record);
        let header = header(&record).expect("whole");
        assert_eq!((header.slot, header.introduces, header.recorded), (Slot(3), Some("SD-0042"), recorded));
        let mut buffer = Vec::new();
        assert_eq!(header.open(&record, Sequence(7), key, &mut buffer), Ok(b"content".as_slice()));
        assert_eq!(header.open(&record, Sequence(8), key, &mut buffer), Err("its seal is broken"));
        for place in 0..record.len() {
            let mut flipped = record.clone();
            flipped[place] ^= 1;
            let opened = super::header(&flipped)
                .and_then(|header| header.open(&flipped, Sequence(7), key, &mut buffer).map(<[u8]>::to_vec));
            assert!(opened.is_err(), "byte {place}");
        }
    }

    #[test]
    fn numbers_of_every_length_come_back() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            write_varint(value, &mut bytes);
            assert_eq!(read_varint(&mut &*bytes), Some(value));
        }
        assert_eq!(read_varint(&mut [0x80].as_slice()), None);
    }
}
