//! What can go wrong with the keyring and with the key it is sealed with.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::{Fingerprint, Slot};

/// Why the keyring or its wrapping key cannot be made, read or changed. No message holds a key.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// A file could not be made, read or written.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no keyring where one was to be opened.
    #[error(
        "there is no keyring {0}: without it nothing in the log can be read; restore the data directory from a backup"
    )]
    Missing(PathBuf),
    /// There is a keyring already where one was to be made.
    #[error(
        "there is a keyring {0} already; it was left as it is, for to replace it would lose every key in it"
    )]
    Exists(PathBuf),
    /// The file has not the length of a keyring.
    #[error(
        "the keyring {path} is cut short or has grown: {length} bytes do not make up a keyring. Nothing was changed; restore the file from a backup"
    )]
    CutShort {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        length: usize,
    },
    /// The file's content is not what was written.
    #[error("the keyring {path} is damaged: {what}. Nothing was changed; restore the file from a backup")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        what: &'static str,
    },
    /// The wrapping key given is another than the one the file was sealed with.
    #[error(
        "the keyring {path} cannot be opened with the wrapping key {given}: this is not the key that the keyring was sealed with. It was sealed with the wrapping key {sealed_with}; give that one"
    )]
    OtherKey {
        /// The file.
        path: PathBuf,
        /// The fingerprint of the key that the keyring was sealed with.
        sealed_with: Fingerprint,
        /// The fingerprint of the key that was given.
        given: Fingerprint,
    },
    /// The file is in a format of another version of this program.
    #[error(
        "the keyring {path} is in format {found}, which is too {age} for this program: it reads and writes format {expected}. Use the version of stepdown that wrote it"
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// The format it says it has.
        found: u32,
        /// The format that is understood.
        expected: u32,
        /// "new" or "old".
        age: &'static str,
    },
    /// The file that should hold a wrapping key holds something else.
    #[error(
        "the wrapping key in {path} cannot be used: {what}. It must be one line of 64 lower-case hex digits"
    )]
    NotAWrappingKey {
        /// The file.
        path: PathBuf,
        /// What does not fit, without a character of it.
        what: String,
    },
    /// A slot that the keyring has not.
    #[error("the keyring {path} has no {slot}: it has {slots} slots, from 0")]
    NoSuchSlot {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        slot: Slot,
        /// How many slots there are.
        slots: u32,
    },
    /// The office's slot was to be destroyed.
    #[error(
        "the key of slot 0 is the office's, which every case's mail and policy facts need: it is never destroyed"
    )]
    Office,
    /// More slots were asked for than a keyring may have.
    #[error("{asked} slots are more than the {most} that a keyring may have")]
    TooManySlots {
        /// How many were asked for.
        asked: u32,
        /// How many there may be.
        most: u32,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes, so no key was made")]
    NoRandomness,
}
