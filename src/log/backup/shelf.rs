//! Where scheduled backups lie, and what became of the last one.
//!
//! Invariant: only files of exactly the names that are given here are ever taken for backups, or removed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::BackupError;
use crate::calendar::Instant;
use crate::log::files;
use crate::log::keyring::durable;

/// What became of scheduled backups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBackup {
    /// The newest one that is whole; none where none was made.
    pub made: Option<MadeBackup>,
    /// The last failure, where none was made since.
    pub failed: Option<FailedBackup>,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeBackup {
    /// When.
    pub at: Instant,
    /// The file.
    pub file: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// The number of entries in it.
    pub entries: u64,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

/// A backup that was not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedBackup {
    /// When.
    pub at: Instant,
    /// Why.
    pub error: String,
}

impl LastBackup {
    fn path(data: &Path) -> PathBuf {
        data.join("last-backup")
    }

    /// That of the log in `data`.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        let Ok(text) = fs::read(Self::path(data)) else { return Self::default() };
        serde_json::from_slice(&text)
            .inspect_err(|error| tracing::warn!(%error, "what became of the last backup cannot be read"))
            .unwrap_or_default()
    }

    /// The newest one whose file is still there.
    #[must_use]
    pub fn there(&self) -> Option<&MadeBackup> {
        self.made.as_ref().filter(|made| made.file.exists())
    }

    /// What is wrong, and since when: the last one failed, or the newest one is gone.
    #[must_use]
    pub fn trouble(&self) -> Option<FailedBackup> {
        let gone = || {
            let made = self.made.as_ref().filter(|made| !made.file.exists())?;
            Some(FailedBackup { at: made.at, error: format!("{} is gone", made.file.display()) })
        };
        self.failed.clone().or_else(gone)
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep(&self, data: &Path) -> Result<(), BackupError> {
        let path = Self::path(data);
        let text = serde_json::to_vec(self).map_err(io::Error::from);
        let kept = text.and_then(|text| durable::replace(&path, &text));
        kept.map_err(|error| BackupError::Io { path, error })
    }
}

/// The directory with scheduled backups.
#[derive(Debug, Clone)]
pub struct Shelf(PathBuf);

const PLAIN: &str = ".tar";
const ENCRYPTED: &str = ".tar.age";
const TIME: &str = "stepdown-%Y%m%dT%H%M%SZ";

/// When the backup of this name was made; none where it is no name of one.
fn made_at(name: &str) -> Option<Instant> {
    let stem = name.strip_suffix(ENCRYPTED).or_else(|| name.strip_suffix(PLAIN))?;
    let at = NaiveDateTime::parse_from_str(stem, TIME).ok()?.and_utc();
    // What is read leniently is written in one way only.
    (at.format(TIME).to_string() == stem).then_some(at)
}

impl Shelf {
    /// The one at `directory`, which is made where it is missing, for its owner only. What was cut off in it is
    /// removed.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn open(directory: PathBuf) -> Result<Self, BackupError> {
        files::make_private(&directory)?;
        let shelf = Self(directory);
        for name in shelf.names()? {
            if name.strip_suffix(".new").is_some_and(|name| made_at(name).is_some()) {
                shelf.remove(&shelf.0.join(name))?;
            }
        }
        Ok(shelf)
    }

    /// The file of a backup made at `at`.
    #[must_use]
    pub fn place(&self, at: Instant, encrypted: bool) -> PathBuf {
        self.0.join(format!("{}{}", at.format(TIME), if encrypted { ENCRYPTED } else { PLAIN }))
    }

    /// Every backup there, oldest first.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn backups(&self) -> Result<Vec<(Instant, PathBuf)>, BackupError> {
        let names = self.names()?;
        let mut found: Vec<_> =
            names.into_iter().filter_map(|name| Some((made_at(&name)?, self.0.join(name)))).collect();
        found.sort();
        Ok(found)
    }

    /// Removes a file.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove(&self, path: &Path) -> Result<(), BackupError> {
        fs::remove_file(path).map_err(|error| BackupError::Io { path: path.to_owned(), error })
    }

    fn names(&self) -> Result<Vec<String>, BackupError> {
        let io = |error| BackupError::Io { path: self.0.clone(), error };
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(io)? {
            let entry = entry.map_err(io)?;
            if entry.file_type().map_err(io)?.is_file() {
                names.extend(entry.file_name().into_string());
            }
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_names_are_backups() {
        for name in ["stepdown-20261122T020000Z.tar", "stepdown-20261122T020000Z.tar.age"] {
            assert_eq!(made_at(name).map(|at| at.to_rfc3339()).as_deref(), Some("2026-11-22T02:00:00+00:00"));
        }
        for name in [
            "stepdown-20261122T020000Z.tar.new",
            "stepdown-20261122T020000Z.tar.age.bak",
            "stepdown-2026112T020000Z.tar",
            "stepdown-20261122T250000Z.tar",
            "stepdown-20261122T020060Z.tar",
            "my-stepdown-20261122T020000Z.tar",
            "stepdown-20261122T020000.tar",
            "stepdown-+0261122T020000Z.tar",
            "stepdown.tar",
        ] {
            assert_eq!(made_at(name), None, "{name}");
        }
    }

    #[test]
    fn a_backup_whose_file_is_gone_is_no_backup() {
        let dir = tempfile::tempdir().expect("a directory");
        let shelf = Shelf::open(dir.path().join("backups")).expect("a shelf");
        let at: Instant = "2026-11-22T02:00:00Z".parse().expect("an instant");
        let file = shelf.place(at, false);
        let made = MadeBackup {
            at,
            file: file.clone(),
            bytes: 3,
            sha256: String::new(),
            entries: 1,
            encrypted: false,
        };
        let last = LastBackup { made: Some(made), failed: None };
        last.keep(dir.path()).expect("kept");
        fs::write(&file, "tar").expect("written");
        assert_eq!(LastBackup::of(dir.path()), last);
        assert!(last.there().is_some() && last.trouble().is_none());
        assert_eq!(shelf.backups().expect("listed"), [(at, file.clone())]);
        fs::rename(&file, file.with_extension("tar.new")).expect("renamed");
        assert!(last.there().is_none());
        assert!(last.trouble().is_some_and(|trouble| trouble.error.contains("is gone")));
        // What was cut off is cleared away at the next opening.
        Shelf::open(dir.path().join("backups")).expect("a shelf");
        assert_eq!(fs::read_dir(dir.path().join("backups")).expect("listed").count(), 0);
    }
}
