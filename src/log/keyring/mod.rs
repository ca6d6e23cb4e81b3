//! The keys that event data is sealed with, one for each case, so that a case can be made unreadable for
//! good without rewriting the log: its key is destroyed.
//!
//! All keys lie in one file, sealed as one box with a wrapping key that is kept elsewhere: a copy of the
//! data directory alone tells nothing. Keys are made ahead, so that the file need not be written when a
//! case begins; which slot belongs to which case the log knows, not the keyring.
//!
//! Invariants: a crash leaves the file as it was or as it was to be; a key that was destroyed is in neither
//! the file nor one beside it, once that was reported; no key is ever shown. Copies of the file made
//! earlier, such as backups, still hold the key: they must be given up too, or the wrapping key they need.

mod case_key;
pub(super) mod durable;
mod error;
mod sealed;
mod table;
mod wrapping;

pub(in crate::log) use durable::beside;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fmt, fs, io};

use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use self::table::{Content, Table};
use super::checkpoint::SigningSeed;
pub use case_key::{CaseKey, TAG_LENGTH, Unsealed};
pub use error::KeyringError;
pub use wrapping::{Fingerprint, WrappingKey};

/// How many slots a new keyring has: the office's and 1,023 for cases.
const FIRST_SLOTS: u32 = 1024;
/// How many slots a keyring may have: 33 MiB of file, and far more cases than an office can have.
const MOST_SLOTS: u32 = 1 << 20;

/// The place of a key in the keyring, from 0. Slots are handed out in order and never twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

impl Slot {
    /// The office's own: facts about mail and about the policy. Cases have the slots from 1.
    pub const OFFICE: Self = Self(0);
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot {}", self.0)
    }
}

/// What there is in a slot.
#[derive(Debug)]
pub enum KeyState<'keyring> {
    /// A key, whether it was handed out yet or not.
    Usable(&'keyring CaseKey),
    /// Nothing any more: what was sealed with its key cannot be opened by anybody.
    Destroyed,
    /// There is no such slot (yet: [`Keyring::ensure`]).
    Missing,
}

/// The keys of a data directory.
pub struct Keyring {
    path: PathBuf,
    wrapping: WrappingKey,
    table: Table,
    /// Keys as they are first used: to prepare one takes longer than to seal a small event with it.
    prepared: Vec<OnceLock<Box<CaseKey>>>,
}

impl Keyring {
    /// Makes a new keyring in the file `path`, which must not be there yet. One process at a time must see
    /// to this: the one that has the lock on the data directory.
    ///
    /// # Errors
    /// [`KeyringError::Exists`], [`KeyringError::Io`] or [`KeyringError::NoRandomness`].
    pub fn create(path: &Path, wrapping: &WrappingKey) -> Result<Self, KeyringError> {
        Self::create_with(path, wrapping, FIRST_SLOTS)
    }

    fn create_with(path: &Path, wrapping: &WrappingKey, slots: u32) -> Result<Self, KeyringError> {
        match fs::symlink_metadata(path) {
            Ok(_) => return Err(KeyringError::Exists(path.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(KeyringError::Io { path: path.to_owned(), error }),
        }
        let keyring = Self::holding(path, wrapping, Table::random(slots)?);
        keyring.write(&keyring.table, wrapping)?;
        Ok(keyring)
    }

    /// Opens the keyring in the file `path`. Nothing is written.
    ///
    /// # Errors
    /// [`KeyringError::Missing`], [`KeyringError::CutShort`], [`KeyringError::Damaged`],
    /// [`KeyringError::OtherKey`] when it was sealed with another wrapping key, [`KeyringError::Format`] or
    /// [`KeyringError::Io`].
    pub fn open(path: &Path, wrapping: &WrappingKey) -> Result<Self, KeyringError> {
        let file = fs::read(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => KeyringError::Missing(path.to_owned()),
            _ => KeyringError::Io { path: path.to_owned(), error },
        })?;
        Ok(Self::holding(path, wrapping, sealed::open(Zeroizing::new(file), wrapping, path)?))
    }

    fn holding(path: &Path, wrapping: &WrappingKey, table: Table) -> Self {
        let prepared = (0..table.slots()).map(|_| OnceLock::new()).collect();
        Self { path: path.to_owned(), wrapping: wrapping.clone(), table, prepared }
    }

    /// How many slots there are, destroyed ones included: those from 0 to one below this number.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.table.slots()
    }

    /// How many keys are destroyed.
    #[must_use]
    pub fn destroyed(&self) -> usize {
        let is_destroyed = |slot: &u32| matches!(self.table.content(Slot(*slot)), Content::Destroyed);
        (0..self.slots()).filter(is_destroyed).count()
    }

    /// The key in `slot`.
    #[must_use]
    pub fn key(&self, slot: Slot) -> KeyState<'_> {
        match (self.table.content(slot), self.prepared.get(slot.0 as usize)) {
            (Content::Key(key), Some(prepared)) => {
                KeyState::Usable(prepared.get_or_init(|| Box::new(CaseKey::new(key))))
            }
            (Content::Destroyed, _) => KeyState::Destroyed,
            _ => KeyState::Missing,
        }
    }

    /// The seed of the key that signs checkpoints.
    #[must_use]
    pub fn signing_seed(&self) -> SigningSeed {
        SigningSeed::new(self.table.seed())
    }

    /// The fingerprint of the wrapping key that the keyring is sealed with.
    #[must_use]
    pub fn wrapped_with(&self) -> Fingerprint {
        self.wrapping.fingerprint()
    }

    /// Destroys the key in `slot` for good. To do it twice changes nothing.
    ///
    /// # Errors
    /// [`KeyringError::Office`] for slot 0 and [`KeyringError::NoSuchSlot`]; [`KeyringError::Io`] or
    /// [`KeyringError::NoRandomness`], after which the key may be there still: do it again.
    pub fn destroy(&mut self, slot: Slot) -> Result<(), KeyringError> {
        if slot == Slot::OFFICE {
            return Err(KeyringError::Office);
        }
        match self.table.content(slot) {
            Content::Key(_) => {}
            Content::Destroyed => return Ok(()),
            Content::Missing => {
                return Err(KeyringError::NoSuchSlot { path: self.path.clone(), slot, slots: self.slots() });
            }
        }
        let table = self.table.without(slot);
        self.write(&table, &self.wrapping)?;
        self.table = table;
        if let Some(prepared) = self.prepared.get_mut(slot.0 as usize) {
            prepared.take();
        }
        Ok(())
    }

    /// Sees to it that there are at least `slots` slots, slot 0 among them; when there are not, twice as
    /// many are made. No key that is there changes. Does nothing, and quickly, when there are enough.
    ///
    /// # Errors
    /// [`KeyringError::TooManySlots`] above 1,048,576; [`KeyringError::Io`] or
    /// [`KeyringError::NoRandomness`], after which the slots are as they were.
    pub fn ensure(&mut self, slots: u32) -> Result<(), KeyringError> {
        if slots <= self.slots() {
            return Ok(());
        }
        if slots > MOST_SLOTS {
            return Err(KeyringError::TooManySlots { asked: slots, most: MOST_SLOTS });
        }
        let table = self.table.extended(slots.saturating_mul(2).min(MOST_SLOTS))?;
        self.write(&table, &self.wrapping)?;
        self.prepared.resize_with(table.slots() as usize, OnceLock::new);
        self.table = table;
        Ok(())
    }

    /// Seals the keyring with another wrapping key; the one before opens it no more.
    ///
    /// # Errors
    /// [`KeyringError::Io`] or [`KeyringError::NoRandomness`], after which it is sealed with the one or with
    /// the other: keep both, and do it again.
    pub fn rewrap(&mut self, wrapping: &WrappingKey) -> Result<(), KeyringError> {
        self.write(&self.table, wrapping)?;
        self.wrapping = wrapping.clone();
        Ok(())
    }

    fn write(&self, table: &Table, wrapping: &WrappingKey) -> Result<(), KeyringError> {
        durable::replace(&self.path, &sealed::seal(table, wrapping)?)
            .map_err(|error| KeyringError::Io { path: self.path.clone(), error })
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("path", &self.path)
            .field("wrapping", &self.wrapping)
            .field("slots", &self.slots())
            .finish_non_exhaustive()
    }
}

/// Fills `bytes` with randomness of the operating system.
fn random(bytes: &mut [u8]) -> Result<(), KeyringError> {
    SystemRandom::new().fill(bytes).map_err(|_| KeyringError::NoRandomness)
}

#[cfg(test)]
mod tests;
