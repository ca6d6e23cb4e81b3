//! The files of a log in its data directory, and how they come into being.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::LogError;
use super::keyring::durable;
use super::keyring::{Keyring, WrappingKey};
use super::rotation;
use super::store::Store;
use super::witness::{self, Testimony, Witness};

const FORMAT: &str = "stepdown log 2";

/// Where everything of a log is: in one directory of the data directory, so that one rename makes it.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    dir: PathBuf,
    root: PathBuf,
}

impl Files {
    pub(super) fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), root: dir.join("log") }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn store(&self) -> PathBuf {
        self.root.join("fjall")
    }

    pub(super) fn witness(&self) -> PathBuf {
        self.root.join("witness")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    pub(crate) fn snapshot(&self) -> PathBuf {
        self.root.join("snapshot")
    }

    /// Where the store is looked at before it is opened.
    pub(super) fn look(&self) -> PathBuf {
        self.dir.join(".look")
    }

    /// Says that there is a log, and in which format. It is written last: a log without it was cut off in the
    /// making of this file only.
    fn format(&self) -> PathBuf {
        self.dir.join("format")
    }

    /// Whether there is no log yet. One that is there must be of this format and have all its files.
    pub(super) fn are_absent(&self) -> Result<bool, LogError> {
        let path = self.format();
        let is_named = match fs::read(&path) {
            Ok(found) if found.trim_ascii() == FORMAT.as_bytes() => true,
            Ok(found) => return Err(Self::other_format(path, &String::from_utf8_lossy(&found))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(LogError::Io { path, error }),
        };
        if !self.root.exists() {
            return if is_named { Err(self.incomplete("log")) } else { Ok(true) };
        }
        for (path, name) in
            [(self.store(), "log/fjall"), (self.witness(), "log/witness"), (self.keys(), "log/keys")]
        {
            if !path.exists() {
                return Err(self.incomplete(name));
            }
        }
        if !is_named {
            self.write_format()?;
        }
        Ok(false)
    }

    pub(super) fn write_format(&self) -> Result<(), LogError> {
        let path = self.format();
        let written = durable::replace(&path, format!("{FORMAT}\n").as_bytes());
        written.map_err(|error| LogError::Io { path, error })
    }

    fn other_format(path: PathBuf, found: &str) -> LogError {
        LogError::Format { path, found: found.trim().chars().take(40).collect(), expected: FORMAT }
    }

    fn incomplete(&self, missing: &'static str) -> LogError {
        LogError::Incomplete { dir: self.dir.clone(), missing }
    }

    /// Makes a new log: built beside, synced, and then renamed, so that it is there whole or not at all.
    pub(super) fn create(&self, key: &Path) -> Result<(), LogError> {
        let new = Self { dir: self.dir.clone(), root: self.dir.join(".new-log") };
        let io = |path: &Path, error| LogError::Io { path: path.to_owned(), error };
        remove(&new.root)?;
        make_private(&new.root)?;
        let wrapping = if key.exists() { WrappingKey::read(key) } else { WrappingKey::create(key) };
        Keyring::create(&new.keys(), &wrapping.map_err(LogError::Keys)?).map_err(LogError::Keys)?;
        Witness::create(&new.witness()).map_err(|error| io(&new.witness(), error))?;
        let engine = |error| LogError::Engine { dir: self.dir.clone(), doing: "made", error };
        drop(Store::open(&new.store()).map_err(engine)?);
        sync_all(&new.root)?;
        fs::rename(&new.root, &self.root).map_err(|error| io(&self.root, error))?;
        sync_directory(&self.dir)?;
        self.write_format()
    }

    /// Opens the keyring with the wrapping key in the file `key`, or finishes a rotation that was cut off.
    pub(super) fn keyring(&self, key: &Path) -> Result<Keyring, LogError> {
        rotation::open(&self.keys(), key).map_err(LogError::Keys)
    }

    /// Removes the snapshot, and before it what a crash left of another one.
    pub(super) fn remove_snapshot(&self) -> Result<(), LogError> {
        for path in [self.snapshot().with_extension("new"), self.snapshot()] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(LogError::Io { path, error });
                }
                _ => {}
            }
        }
        sync_directory(&self.root)
    }

    /// What the witness says.
    pub(super) fn testimony(&self) -> Result<Testimony, LogError> {
        let path = self.witness();
        let said = witness::read(&path).map_err(|error| LogError::Io { path: path.clone(), error })?;
        said.map_err(|what| LogError::Witness { path, what })
    }
}

/// Children's records: for the owner's eyes.
pub(super) fn make_private(dir: &Path) -> Result<(), LogError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|error| LogError::Io { path: dir.to_owned(), error })
}

/// Whether `dir` can have a log at all: an error where it is a file or cannot be looked at.
pub(super) fn must_be_directory(dir: &Path) -> Result<(), LogError> {
    let error = match fs::metadata(dir) {
        Ok(found) if !found.is_dir() => io::Error::from(io::ErrorKind::NotADirectory),
        Err(error) if error.kind() != io::ErrorKind::NotFound => error,
        _ => return Ok(()),
    };
    Err(LogError::Io { path: dir.to_owned(), error })
}

/// Removes a directory with all in it, if it is there.
pub(super) fn remove(dir: &Path) -> Result<(), LogError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(LogError::Io { path: dir.to_owned(), error })
        }
        _ => Ok(()),
    }
}

/// Syncs every file and directory under `dir`.
pub(super) fn sync_all(dir: &Path) -> Result<(), LogError> {
    let io = |error| LogError::Io { path: dir.to_owned(), error };
    for entry in fs::read_dir(dir).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.is_dir() {
            sync_all(&path)?;
        } else {
            File::open(&path)
                .and_then(|file| file.sync_all())
                .map_err(|error| LogError::Io { path, error })?;
        }
    }
    sync_directory(dir)
}

/// Syncs the names in a directory.
pub(super) fn sync_directory(dir: &Path) -> Result<(), LogError> {
    let synced = File::open(dir).and_then(|file| file.sync_all());
    synced.map_err(|error| LogError::Io { path: dir.to_owned(), error })
}
