//! One process for one data directory: an advisory lock on a file that says who holds it.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::LogError;

/// Who holds a data directory, as they wrote it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder(String);

impl Holder {
    /// Whether it is a process with this purpose.
    #[must_use]
    pub fn is(&self, purpose: &str) -> bool {
        self.0.starts_with(purpose)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("another process") } else { f.write_str(&self.0) }
    }
}

/// The lock on a data directory, held until dropped (or the process ends, however it ends).
#[derive(Debug)]
pub struct DirLock {
    file: File,
}

fn lock_file(dir: &Path) -> PathBuf {
    dir.join("lock")
}

impl DirLock {
    /// Takes the lock on `dir` for `purpose`, such as `stepdown run`.
    ///
    /// # Errors
    /// When another process has it, named as it named itself; or on an IO error.
    pub fn take(dir: &Path, purpose: &str) -> Result<Self, LogError> {
        let path = lock_file(dir);
        let io = |error| LogError::Io { path: path.clone(), error };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                file.read_to_string(&mut text).map_err(io)?;
                return Err(LogError::InUse { dir: dir.to_owned(), holder: Holder(text.trim().to_owned()) });
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let note = format!("{purpose} (process {})\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(note.as_bytes()))
            .map_err(io)?;
        Ok(Self { file })
    }
}

impl Drop for DirLock {
    fn drop(&mut self) {
        // The lock itself goes with the file handle; the note would only mislead. Best effort.
        let _ = self.file.set_len(0);
    }
}
