//! What can go wrong with the log.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::Holder;

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
    #[error(
        "{path} is in format \"{found}\", this program reads and writes format \"{expected}\": use the version of stepdown that wrote it"
    )]
    Format {
        /// The format file.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What is understood.
        expected: &'static str,
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
    /// An entry is not what was appended.
    #[error(
        "the log in {dir} is damaged at entry {sequence}: {what}. Nothing was changed; restore the directory from a backup"
    )]
    Damaged {
        /// The data directory.
        dir: PathBuf,
        /// The first entry at fault.
        sequence: u64,
        /// What does not fit.
        what: String,
    },
    /// A write or a sync failed before.
    #[error("a write to the log failed before; nothing more is written until stepdown is started again")]
    Poisoned,
}
