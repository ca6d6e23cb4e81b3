//! What can go wrong with a backup.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::log::{KeyringError, LogError};

/// Why a backup was not made or not restored.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The log is at fault.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A file or directory could not be made, read or written.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What takes the backup takes no more.
    #[error("the backup cannot be written: {0}")]
    Write(io::Error),
    /// What was written does not read back.
    #[error("{path} does not read back as it was written: the disk is at fault, and it was removed")]
    ReadBack {
        /// The file.
        path: PathBuf,
    },
    /// It is no backup.
    #[error("this is no backup of stepdown: {0}")]
    Foreign(String),
    /// It is not whole, or not as it was made.
    #[error("this backup is damaged: {0}")]
    Damaged(String),
    /// Another version made it.
    #[error(
        "this backup is in format \"{found}\", this program reads format \"{expected}\": use the version of stepdown that made it, {made_by}"
    )]
    Format {
        /// What it says.
        found: String,
        /// What is understood.
        expected: &'static str,
        /// The version that made it.
        made_by: String,
    },
    /// It was made under another wrapping key.
    #[error("this backup needs the wrapping key {needed}, and the one given is {given}")]
    OtherKey {
        /// The fingerprint of the one.
        needed: String,
        /// That of the other.
        given: String,
    },
    /// The keys are at fault.
    #[error(transparent)]
    Keys(KeyringError),
    /// An identity is needed.
    #[error("this backup is encrypted with age, and no identity was given to open it")]
    Encrypted,
    /// The identities do not open it.
    #[error("none of the identities in {0} opens this backup: it is encrypted to others")]
    NotForThese(PathBuf),
    /// The file holds no identities.
    #[error("{path} holds no identity of age: {why}")]
    Identity {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody could open it.
    #[error("there is nobody to encrypt to: [backup] recipients is empty")]
    NoRecipients,
    /// Something is there already.
    #[error("{dir} is not empty: {found} is there; a backup is restored into an empty or a new directory")]
    NotEmpty {
        /// The directory.
        dir: PathBuf,
        /// What was found there.
        found: String,
    },
    /// There is such a file.
    #[error("{0} is there already, and a backup never overwrites a file")]
    Exists(PathBuf),
}

impl BackupError {
    /// What reading met: the system's fault, or a place where the backup is not what it was.
    pub(super) fn reading(error: io::Error) -> Self {
        if error.raw_os_error().is_some() {
            return Self::Io { path: PathBuf::from("the backup"), error };
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged("it is cut short".to_owned()),
            _ => Self::Damaged(error.to_string()),
        }
    }
}
