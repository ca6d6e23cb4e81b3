//! The key that the keyring is sealed with, kept apart from the data directory.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{CaseKey, KeyringError, durable, random};

/// How much of a file is read: a key has 65 bytes, and a file that is longer is none.
const LONGEST: usize = 1024;

/// 32 random bytes for AES-256-GCM. Never shown, wiped when dropped.
#[derive(Clone)]
pub struct WrappingKey(Zeroizing<[u8; 32]>);

/// The first four bytes of SHA-256("stepdown wrapping key" || key), shown as 8 hex digits: enough to tell
/// the keys of one office apart, and of no use in guessing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub(super) [u8; 4]);

impl WrappingKey {
    /// A new key.
    ///
    /// # Errors
    /// [`KeyringError::NoRandomness`].
    pub fn generate() -> Result<Self, KeyringError> {
        let mut key = Zeroizing::new([0; 32]);
        random(key.as_mut_slice())?;
        Ok(Self(key))
    }

    /// The key in the file `path`: one line of 64 lower-case hex digits. Whitespace around it is no part
    /// of it.
    ///
    /// # Errors
    /// [`KeyringError::Io`], or [`KeyringError::NotAWrappingKey`] saying what is wrong with the text, but
    /// never quoting it.
    pub fn read(path: &Path) -> Result<Self, KeyringError> {
        let io = |error| KeyringError::Io { path: path.to_owned(), error };
        // With the room made beforehand no copy of the key is left behind by growing.
        let mut bytes = Zeroizing::new(Vec::with_capacity(2 * LONGEST));
        File::open(path).map_err(io)?.take(LONGEST as u64).read_to_end(&mut bytes).map_err(io)?;
        parse(&bytes).map_err(|what| KeyringError::NotAWrappingKey { path: path.to_owned(), what })
    }

    /// A new key in a new file, readable for its owner only (mode 0600) and synced with its directory.
    ///
    /// # Errors
    /// [`KeyringError::Io`], also when there is a file `path` already, and [`KeyringError::NoRandomness`].
    pub fn create(path: &Path) -> Result<Self, KeyringError> {
        let key = Self::generate()?;
        durable::create(path, key.to_text().as_bytes())
            .map_err(|error| KeyringError::Io { path: path.to_owned(), error })?;
        Ok(key)
    }

    /// Writes the key into a new file, as [`WrappingKey::create`] does.
    ///
    /// # Errors
    /// [`KeyringError::Io`], also when there is a file `path` already.
    pub fn copy_to(&self, path: &Path) -> Result<(), KeyringError> {
        durable::create(path, self.to_text().as_bytes())
            .map_err(|error| KeyringError::Io { path: path.to_owned(), error })
    }

    /// What tells this key from others in messages.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let digest =
            Sha256::new().chain_update("stepdown wrapping key").chain_update(self.0.as_slice()).finalize();
        Fingerprint([digest[0], digest[1], digest[2], digest[3]])
    }

    /// The key, prepared for sealing and opening.
    pub(super) fn prepared(&self) -> CaseKey {
        CaseKey::new(&self.0)
    }

    fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(65));
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
        for byte in self.0.iter() {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 15));
        }
        text.push('\n');
        text
    }
}

impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappingKey({})", self.fingerprint())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Reads the text form, or says what is wrong with it.
fn parse(bytes: &[u8]) -> Result<WrappingKey, String> {
    let digits = bytes.trim_ascii();
    if digits.is_empty() {
        return Err("the file is empty".to_owned());
    }
    if let Some(place) = digits.iter().position(|byte| nibble(*byte).is_none()) {
        return Err(format!("character {} is not a lower-case hex digit", place + 1));
    }
    if bytes.len() == LONGEST {
        return Err("the file is far too long".to_owned());
    }
    if digits.len() != 64 {
        return Err(format!("it has {} digits", digits.len()));
    }
    let mut key = Zeroizing::new([0; 32]);
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair.iter().filter_map(|digit| nibble(*digit)).fold(0, |high, low| high << 4 | low);
    }
    Ok(WrappingKey(key))
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_written_for_its_owner_and_read_back() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("key");
        let key = WrappingKey::create(&path).expect("a key");
        let text = fs::read_to_string(&path).expect("the file");
        assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
        assert_eq!(text.len(), 65);
        assert_eq!(*WrappingKey::read(&path).expect("the key").0, *key.0);
        assert_eq!(*parse(format!("  {}\r\n\n", text.trim()).as_bytes()).expect("the key").0, *key.0);
        assert!(matches!(WrappingKey::create(&path), Err(KeyringError::Io { .. })), "a key is not replaced");
        assert_eq!(fs::read_to_string(&path).expect("the file"), text);
    }

    #[test]
    fn what_is_no_key_is_refused_without_a_word_of_it() {
        let refusal = |text: &str| parse(text.as_bytes()).expect_err("a refusal");
        insta::assert_snapshot!(refusal(" \n"), @"the file is empty");
        insta::assert_snapshot!(refusal(&"ab".repeat(31)), @"it has 62 digits");
        insta::assert_snapshot!(refusal(&"ab".repeat(33)), @"it has 66 digits");
        insta::assert_snapshot!(refusal(&"aB".repeat(32)), @"character 2 is not a lower-case hex digit");
        insta::assert_snapshot!(refusal(&"ab \n".repeat(16)), @"character 3 is not a lower-case hex digit");
        insta::assert_snapshot!(refusal(&"ä".repeat(32)), @"character 1 is not a lower-case hex digit");
        insta::assert_snapshot!(refusal(&"ab".repeat(512)), @"the file is far too long");
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("key");
        assert!(matches!(WrappingKey::read(&path), Err(KeyringError::Io { .. })));
        fs::write(&path, "secret").expect("a file");
        let message = WrappingKey::read(&path).expect_err("a refusal").to_string();
        assert!(message.contains(&path.display().to_string()) && !message.contains("secret"), "{message}");
    }

    #[test]
    fn only_the_fingerprint_is_shown() {
        let key = parse("00".repeat(32).as_bytes()).expect("a key");
        insta::assert_snapshot!(key.fingerprint(), @"a4ff3501");
        assert_eq!(format!("{key:?}"), format!("WrappingKey({})", key.fingerprint()));
    }
}
