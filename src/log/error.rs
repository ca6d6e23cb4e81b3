//! What can go wrong with the log.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::Holder;
use super::checkpoint::CheckpointError;
use super::format::OtherFormat;
use super::keyring::KeyringError;
use crate::case::{CaseRef, Sequence};

/// Why the log cannot be opened, read or written.
#[derive(Debug, Error)]
pub enum LogError {
    /// Another process has the data directory.
    #[error("the data directory {dir} is in use by {holder}")]
    InUse {
        /// The data directory.
        dir: PathBuf,
        /// Who has it.
        holder: Holder,
    },
    /// There is no log where one was to be read.
    #[error("there is no log in {0}")]
    Absent(PathBuf),
    /// A backup was to be restored here.
    #[error(
        "a restore into {0} was cut off: there is no log yet, and none is made; restore the backup again"
    )]
    CutOff(PathBuf),
    /// A file or directory could not be made, read or written.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The storage engine failed.
    #[error("the log in {dir} cannot be {doing}: {error}")]
    Engine {
        /// The data directory.
        dir: PathBuf,
        /// Opened, read or written.
        doing: &'static str,
        /// Why.
        error: fjall::Error,
    },
    /// The directory was written by another version of the format.
    #[error("{path}: this data directory {found}. Nothing was changed")]
    Format {
        /// The format file.
        path: PathBuf,
        /// What it says.
        found: OtherFormat,
    },
    /// One of what belongs together is missing.
    #[error(
        "the log in {dir} is not whole: {missing} is missing there. Nothing was changed; restore the directory from a backup"
    )]
    Incomplete {
        /// The data directory.
        dir: PathBuf,
        /// What is missing in it.
        missing: &'static str,
    },
    /// Entries are missing or not those that were appended.
    #[error(
        "the log in {dir} is damaged at {}: {what}. Nothing was changed; restore the directory from a backup",
        if first == last { format!("entry {first}") } else { format!("entries {first} to {last}") }
    )]
    Damaged {
        /// The data directory.
        dir: PathBuf,
        /// The first entry at fault.
        first: u64,
        /// The last entry at fault.
        last: u64,
        /// What does not fit.
        what: String,
    },
    /// The witness cannot vouch for the log.
    #[error(
        "{path} is damaged: {what}. It vouches for the end of the log, so that nothing was opened or changed; restore the data directory from a backup"
    )]
    Witness {
        /// The witness file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The store's own files are damaged.
    #[error(
        "the log in {dir} cannot be read: {error}. Nothing was opened or changed; restore the directory from a backup"
    )]
    Unreadable {
        /// The data directory.
        dir: PathBuf,
        /// Why.
        error: fjall::Error,
    },
    /// The store's own files make no sense.
    #[error(
        "the log in {dir} cannot be read: the files in log/fjall there make no sense. Nothing was opened or changed; restore the directory from a backup"
    )]
    Unintelligible {
        /// The data directory.
        dir: PathBuf,
    },
    /// A message of the outbox is not what was put there.
    #[error("a message in the outbox of {dir} is damaged; restore the directory from a backup")]
    Outbox {
        /// The data directory.
        dir: PathBuf,
    },
    /// The keys cannot be had.
    #[error(transparent)]
    Keys(KeyringError),
    /// A key that is needed is not there.
    #[error("the keyring has no key for slot {0}: nothing can be recorded under it")]
    NoKey(u32),
    /// Events cannot be read, and nothing says why.
    #[error(
        "the log in {dir} is damaged: the key of case {case} is destroyed, but nothing says that it was erased. Nothing was changed; restore the directory from a backup"
    )]
    Unexplained {
        /// The data directory.
        dir: PathBuf,
        /// The case.
        case: CaseRef,
    },
    /// A checkpoint could not be made.
    #[error(transparent)]
    Checkpoint(CheckpointError),
    /// The store has failed in the background.
    #[error(
        "the store of the log in {dir} has failed to write; what was acknowledged is safe, and nothing more is written until stepdown is started again"
    )]
    Store {
        /// The data directory.
        dir: PathBuf,
    },
    /// A snapshot could not be made.
    #[error("a snapshot of what the log adds up to cannot be made: {0}")]
    Snapshot(String),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers, and nothing can be sealed without")]
    Randomness,
    /// A write or a sync failed before.
    #[error("a write to the log failed before; nothing more is written until stepdown is started again")]
    Poisoned,
}

impl LogError {
    /// What it says, but for the case: for the journal, which names none.
    #[must_use]
    pub fn without_case(&self) -> String {
        match self {
            Self::Unexplained { .. } => {
                "the log is damaged: the key of a case is destroyed, but nothing says that it was erased"
                    .to_owned()
            }
            error => error.to_string(),
        }
    }

    /// A fault of fjall: the system's, or damage of its files.
    pub(super) fn unreadable(dir: &Path, error: fjall::Error) -> Self {
        let dir = dir.to_owned();
        let io = match &error {
            fjall::Error::Io(io) | fjall::Error::Storage(fjall::LsmError::Io(io)) => Some(io),
            _ => None,
        };
        // What is missing, too short or in the way is damage; what the system refuses is its own affair.
        let is_damage = |io: &io::Error| {
            use io::ErrorKind::{AlreadyExists, InvalidData, NotFound, UnexpectedEof};
            io.raw_os_error().is_none()
                || matches!(io.kind(), AlreadyExists | InvalidData | NotFound | UnexpectedEof)
        };
        if io.is_none_or(is_damage) {
            Self::Unreadable { dir, error }
        } else {
            Self::Engine { dir, doing: "opened", error }
        }
    }

    /// Whether the log itself is not what it was, not only out of reach.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Incomplete { .. }
                | Self::Damaged { .. }
                | Self::Witness { .. }
                | Self::Unreadable { .. }
                | Self::Unintelligible { .. }
                | Self::Outbox { .. }
                | Self::Unexplained { .. }
        )
    }

    /// Damage at one entry.
    pub(super) fn damaged(dir: &Path, at: Sequence, what: String) -> Self {
        Self::Damaged { dir: dir.to_owned(), first: at.0, last: at.0, what }
    }
}
