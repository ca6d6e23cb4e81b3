//! Another wrapping key for the keyring, so that at every moment one that is there opens it.
//!
//! The new key is written beside the old one and synced, the keyring is sealed with it, and it is renamed over the
//! old one. What a crash leaves between the last two is finished when the keyring is opened.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::LogReader;
use super::keyring::durable;
use super::keyring::{Keyring, KeyringError, WrappingKey, beside};
use super::read;

/// Where the new wrapping key goes.
#[derive(Debug, Clone, Copy)]
pub enum NewKey<'a> {
    /// In the place of the one before, which is gone then.
    InPlace,
    /// In this new file; somebody has to bring it to where it is looked for.
    At(&'a Path),
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// The file with the new key.
    pub path: PathBuf,
    /// The fingerprint of the new key, 8 hex digits.
    pub fingerprint: String,
    /// That of the key before, which opens the keyring no more.
    pub before: String,
}

/// How the keys of a log are used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// The fingerprint of the wrapping key, 8 hex digits.
    pub fingerprint: String,
    /// How many cases have a key, or had one.
    pub cases: usize,
    /// How many keys are destroyed: so many cases were erased.
    pub destroyed: usize,
    /// How many slots there are, those made ahead included.
    pub slots: u32,
}

/// Opens the keyring in `keys` with the wrapping key in the file `key`; where only the one beside it opens the
/// keyring, a rotation was cut off, and that one is put in its place.
pub(super) fn open(keys: &Path, key: &Path) -> Result<Keyring, KeyringError> {
    let opened = Keyring::open(keys, &WrappingKey::read(key)?);
    let (key, next) = (&real(key), beside(&real(key)));
    if !matches!(opened, Err(KeyringError::OtherKey { .. })) {
        return opened;
    }
    // The refusal of the key that was named is the one to tell.
    let finished = WrappingKey::read(&next).and_then(|wrapping| Keyring::open(keys, &wrapping));
    let Ok(keyring) = finished else { return opened };
    put(&next, key)?;
    tracing::info!(key = %keyring.wrapped_with(), "a rotation of the wrapping key was cut off, and is finished");
    Ok(keyring)
}

/// Seals the keyring, whose wrapping key is in the file `key`, with a new one.
pub(super) fn rotate(keyring: &mut Keyring, key: &Path, place: NewKey<'_>) -> Result<Rotated, KeyringError> {
    let (before, key) = (keyring.wrapped_with().to_string(), &real(key));
    let (path, wrapping) = match place {
        NewKey::At(path) => (path.to_owned(), WrappingKey::create(path)?),
        NewKey::InPlace => (key.to_owned(), next_to(key)?),
    };
    keyring.rewrap(&wrapping)?;
    if matches!(place, NewKey::InPlace) {
        put(&beside(key), key)?;
    }
    Ok(Rotated { path, fingerprint: wrapping.fingerprint().to_string(), before })
}

/// The file itself, where `key` is a link: a rename would replace the link.
fn real(key: &Path) -> PathBuf {
    fs::canonicalize(key).unwrap_or_else(|_| key.to_owned())
}

/// A new key in a file beside `key`. One that an earlier attempt left there is taken: the keyring may be sealed
/// with it already.
fn next_to(key: &Path) -> Result<WrappingKey, KeyringError> {
    let next = beside(key);
    match WrappingKey::read(&next) {
        Ok(left) => return Ok(left),
        // It was cut off while it was written: nothing can be sealed with it.
        Err(KeyringError::NotAWrappingKey { .. }) => {
            fs::remove_file(&next).map_err(|error| KeyringError::Io { path: next.clone(), error })?;
        }
        Err(_) => {}
    }
    WrappingKey::create(&next)
}

fn put(next: &Path, key: &Path) -> Result<(), KeyringError> {
    let io = |error| KeyringError::Io { path: key.to_owned(), error };
    fs::rename(next, key).and_then(|()| durable::sync_parent(key)).map_err(io)
}

impl LogReader {
    /// How the keys are used.
    #[must_use]
    pub fn keys(&self) -> KeyUse {
        let (keyring, slots) = (read(&self.keyring), read(&self.slots));
        KeyUse {
            fingerprint: keyring.wrapped_with().to_string(),
            cases: slots.cases().len(),
            destroyed: keyring.destroyed(),
            slots: keyring.slots(),
        }
    }
}
