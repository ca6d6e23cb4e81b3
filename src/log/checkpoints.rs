//! What is kept in `checkpoints` of the data directory: a note for every night on which the log had grown, the
//! tree that the newest one is of, and what the last scrub found.
//!
//! Invariant: nothing there is believed for being there. A note counts once its signature is found good, and the
//! tree where its root is that of such a note; otherwise the log itself is read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::keyring::durable;
use super::{LogError, LogReader, Tree, files};
use crate::calendar::{CivilDate, Instant};

/// The directory with them.
#[derive(Debug, Clone)]
pub struct Checkpoints(PathBuf);

/// A note that is kept, unproven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptNote {
    /// The day it was taken.
    pub on: CivilDate,
    /// The signed note.
    pub note: String,
}

/// What a scrub found: a look at the whole log while the daemon runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scrub {
    /// When.
    pub at: Instant,
    /// How many entries were looked at.
    pub entries: u64,
    /// What is damaged, if anything is.
    pub damage: Option<String>,
}

impl Checkpoints {
    /// Those of the data directory `dir`.
    #[must_use]
    pub fn of(dir: &Path) -> Self {
        Self(dir.join("checkpoints"))
    }

    fn tree(&self) -> PathBuf {
        self.0.join("tree")
    }

    fn scrub(&self) -> PathBuf {
        self.0.join("scrub")
    }

    /// The newest note; none where there is none that can be read.
    #[must_use]
    pub fn newest(&self) -> Option<KeptNote> {
        self.read(self.days().into_iter().max()?)
    }

    /// The newest notes that can be read, `most` of them, oldest first.
    pub(super) fn latest(&self, most: usize) -> Vec<KeptNote> {
        let mut days = self.days();
        days.sort_unstable();
        days.drain(..days.len().saturating_sub(most));
        days.into_iter().filter_map(|on| self.read(on)).collect()
    }

    /// The days that there are notes of.
    fn days(&self) -> Vec<CivilDate> {
        let names = fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.file_name());
        names.filter_map(|name| name.to_str()?.strip_suffix(".txt")?.parse().ok()).collect()
    }

    fn read(&self, on: CivilDate) -> Option<KeptNote> {
        let note = fs::read_to_string(self.0.join(format!("{on}.txt")));
        note.inspect_err(|error| tracing::warn!(%on, %error, "a checkpoint cannot be read"))
            .ok()
            .map(|note| KeptNote { on, note })
    }

    /// Keeps the note of a day, without its tree.
    pub(super) fn keep_note(&self, KeptNote { on, note }: &KeptNote) -> Result<(), LogError> {
        self.write(&self.0.join(format!("{on}.txt")), note.as_bytes())
    }

    /// Keeps the note of a day with its tree, for the owner's eyes only.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep(&self, note: &KeptNote, tree: &Tree) -> Result<(), LogError> {
        self.keep_note(note)?;
        self.write(&self.tree(), &tree.to_bytes())
    }

    /// The tree of the log as it stands now, built on the one that was kept where a note vouches for that.
    ///
    /// # Errors
    /// When the log is damaged or cannot be read.
    pub fn tree_of(&self, log: &LogReader, origin: &str) -> Result<Tree, LogError> {
        let kept = || {
            let vouched = log.checkpoint_in(&self.newest()?.note, origin).ok()?;
            let tree = Tree::from_bytes(&fs::read(self.tree()).ok()?).ok()?;
            (tree.size() == vouched.size && tree.root() == vouched.root).then_some(tree)
        };
        if let Some(tree) = kept()
            && let Some(tree) = log.extend(tree)?
        {
            return Ok(tree);
        }
        // What a start from nothing is extended by is the log, however short.
        Ok(log.extend(Tree::new())?.unwrap_or_default())
    }

    /// What the last scrub found; none where there was none.
    #[must_use]
    pub fn last_scrub(&self) -> Option<Scrub> {
        let text = fs::read(self.scrub()).ok()?;
        serde_json::from_slice(&text)
            .inspect_err(|error| tracing::warn!(%error, "what the last scrub found cannot be read"))
            .ok()
    }

    /// Keeps what a scrub found.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep_scrub(&self, scrub: &Scrub) -> Result<(), LogError> {
        let text = serde_json::to_vec(scrub)
            .map_err(|error| LogError::Io { path: self.scrub(), error: io::Error::other(error) })?;
        self.write(&self.scrub(), &text)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), LogError> {
        files::make_private(&self.0)?;
        durable::replace(path, bytes).map_err(|error| LogError::Io { path: path.to_owned(), error })
    }
}
