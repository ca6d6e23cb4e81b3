//! Where a backup is restored to: built beside its place, and put there when all of it is proven.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use ring::hmac;

use super::manifest;
use super::read::{Groups, Messages};
use super::{BackupError, End, Manifest, Piece, examine};
use crate::log::files::{self, Files};
use crate::log::keyring::durable;
use crate::log::store::{Batch, Store};
use crate::log::witness::Witness;
use crate::log::{Checkpoints, DirLock, Head, KeptNote, Keyring, KeyringError, LogError, WrappingKey};

/// The directory in the data directory that a backup is restored into before it is put in its place.
pub const STAGING: &str = ".restoring";

/// How many bytes of records are stored at a time.
const BATCH: usize = 32 << 20;

/// A data directory with nothing in it. Unless a log is put there, nothing is left in it.
pub struct Target {
    dir: PathBuf,
    staging: PathBuf,
    /// What is to be removed where nothing comes of it.
    added: Vec<PathBuf>,
    made: bool,
    had_lock: bool,
    lock: Option<DirLock>,
}

/// What was built of a backup.
#[derive(Debug, Clone)]
pub struct Built {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The same, at its end.
    pub end: End,
    /// The notes that came with it.
    pub notes: Vec<KeptNote>,
}

impl Target {
    /// Takes `dir`, which must be empty but for the wrapping key in the file `key`, or not be there yet. What an
    /// earlier restore left there that was cut off is removed.
    ///
    /// # Errors
    /// When anything is there, another process has it, or the disk fails.
    pub fn take(dir: &Path, key: &Path, purpose: &str) -> Result<Self, BackupError> {
        files::must_be_directory(dir)?;
        let made = !dir.exists();
        let had_lock = dir.join("lock").exists();
        must_be_empty(dir, key)?;
        files::make_private(dir)?;
        let lock = Some(DirLock::take(dir, purpose)?);
        let staging = dir.join(STAGING);
        let target = Self { dir: dir.to_owned(), staging, added: Vec::new(), made, had_lock, lock };
        // Another process may have been there a moment ago.
        must_be_empty(dir, key)?;
        target.clear()?;
        Ok(target)
    }

    /// The data directory in the making.
    #[must_use]
    pub fn staging(&self) -> &Path {
        &self.staging
    }

    fn clear(&self) -> Result<(), LogError> {
        if self.staging.exists() {
            files::remove(&self.dir.join("checkpoints"))?;
        }
        files::remove(&self.staging)
    }

    /// Builds a log from a backup, with the wrapping key in the file `key`; `each` hears the number of entries read.
    ///
    /// # Errors
    /// When the backup is not whole, needs another key, or the disk fails.
    pub fn build(
        &self,
        source: impl Read,
        key: &Path,
        mut each: impl FnMut(&Manifest, u64),
    ) -> Result<Built, BackupError> {
        let wrapping = WrappingKey::read(key).map_err(BackupError::Keys)?;
        files::make_private(&self.staging)?;
        let mut builder = Builder::new(&self.staging, wrapping);
        let mut shown: Option<Manifest> = None;
        let (manifest, end) = examine(source, |piece| {
            match (&piece, &shown) {
                (Piece::Manifest(manifest), _) => shown = Some((**manifest).clone()),
                (Piece::Groups(groups), Some(manifest)) => each(manifest, groups.last()),
                _ => {}
            }
            builder.take(piece)
        })?;
        let notes = builder.finish(&manifest, &end)?;
        Ok(Built { manifest, end, notes })
    }

    /// Puts a copy of the wrapping key in the file `from` where the settings look for it.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn install_key(&mut self, from: &Path, to: &Path) -> Result<(), BackupError> {
        let key = WrappingKey::read(from).map_err(BackupError::Keys)?;
        key.copy_to(to).map_err(BackupError::Keys)?;
        self.added.push(to.to_owned());
        Ok(())
    }

    /// Puts the log in its place: it is there whole from now on.
    ///
    /// # Errors
    /// When the disk fails; then it is not there.
    pub fn put(mut self) -> Result<(), BackupError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error| BackupError::Io { path, error }
        };
        files::sync_all(&self.staging)?;
        let (from, to) = (self.staging.join("checkpoints"), self.dir.join("checkpoints"));
        if from.exists() {
            self.added.push(to.clone());
            fs::rename(&from, &to).map_err(io(&to))?;
        }
        let (from, to) = (self.staging.join("log"), self.dir.join("log"));
        fs::rename(&from, &to).map_err(io(&to))?;
        // It is there from here on, and a start finishes what is left to do.
        let (staging, dir) = (std::mem::take(&mut self.staging), self.dir.clone());
        files::sync_directory(&dir)?;
        Files::of(&dir).write_format()?;
        files::remove(&staging)?;
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.lock = None;
        // The staging directory has no name any more once the log is in its place.
        if self.staging.as_os_str().is_empty() {
            return;
        }
        // Best effort: the error that led here is the one to tell, and the next restore clears up, too.
        let _ = fs::remove_dir_all(&self.staging);
        for path in &self.added {
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
        if !self.had_lock {
            let _ = fs::remove_file(self.dir.join("lock"));
        }
        if self.made {
            let _ = fs::remove_dir(&self.dir);
        }
    }
}

/// Whether nothing is in `dir` but the wrapping key, and what an earlier restore left that was cut off.
fn must_be_empty(dir: &Path, key: &Path) -> Result<(), BackupError> {
    let io = |error| BackupError::Io { path: dir.to_owned(), error };
    if !dir.exists() {
        return Ok(());
    }
    let was_cut_off = dir.join(STAGING).exists();
    for entry in fs::read_dir(dir).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = match &*name {
            // The last is what an empty file system has.
            "lock" | STAGING | "lost+found" => true,
            "checkpoints" => was_cut_off,
            _ => entry.path() == key,
        };
        if !is_ours {
            return Err(BackupError::NotEmpty { dir: dir.to_owned(), found: name });
        }
    }
    Ok(())
}

/// The log in the making.
struct Builder {
    dir: PathBuf,
    files: Files,
    wrapping: WrappingKey,
    open: Option<(Store, hmac::Key)>,
    batch: Batch,
    size: usize,
    head: Head,
    notes: Vec<KeptNote>,
}

impl Builder {
    fn new(dir: &Path, wrapping: WrappingKey) -> Self {
        Self {
            dir: dir.to_owned(),
            files: Files::of(dir),
            wrapping,
            open: None,
            batch: Batch::default(),
            size: 0,
            head: Head::ORIGIN,
            notes: Vec::new(),
        }
    }

    fn take(&mut self, piece: Piece) -> Result<(), BackupError> {
        match piece {
            Piece::Manifest(manifest) => self.is_for_this_key(manifest.wrapping_key.clone())?,
            Piece::Keys(bytes) => self.keys(&bytes)?,
            Piece::Groups(Groups(groups)) => {
                self.size += groups.iter().map(|group| group.bytes().len()).sum::<usize>();
                self.head = groups.last().map_or(self.head, |group| group.after);
                self.batch.groups.extend(groups);
            }
            Piece::Outbox(Messages(changes)) => {
                for change in changes {
                    self.size += change.size();
                    self.batch.outbox.push(change.into_parts());
                }
            }
            Piece::Note(note) => self.notes.push(note),
        }
        if self.size >= BATCH { self.store() } else { Ok(()) }
    }

    fn is_for_this_key(&self, needed: String) -> Result<(), BackupError> {
        let given = self.wrapping.fingerprint().to_string();
        if needed == given { Ok(()) } else { Err(BackupError::OtherKey { needed, given }) }
    }

    fn keys(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        let root = self.dir.join("log");
        files::make_private(&root)?;
        let keys = self.files.keys();
        durable::replace(&keys, bytes).map_err(|error| BackupError::Io { path: keys.clone(), error })?;
        let keyring = Keyring::open(&keys, &self.wrapping).map_err(|error| match error {
            KeyringError::Io { path, error } => BackupError::Io { path, error },
            _ => BackupError::Damaged(
                "its keyring is not the one that was sealed with the wrapping key".to_owned(),
            ),
        })?;
        let store = Store::open(&self.files.store()).map_err(|error| self.engine(error))?;
        self.open = Some((store, manifest::secret(&keyring)));
        Ok(())
    }

    fn engine(&self, error: fjall::Error) -> BackupError {
        LogError::Engine { dir: self.dir.clone(), doing: "made", error }.into()
    }

    /// Stores what has come together.
    fn store(&mut self) -> Result<(), BackupError> {
        self.size = 0;
        let batch = std::mem::take(&mut self.batch);
        let Some((store, _)) = &self.open else { return Ok(()) };
        store.write(batch).map_err(|error| self.engine(error))
    }

    /// Brings it to its end: a data directory that can be opened.
    fn finish(mut self, manifest: &Manifest, end: &End) -> Result<Vec<KeptNote>, BackupError> {
        self.store()?;
        let is_sealed = self.open.take().is_some_and(|(_, secret)| end.is_sealed_by(&secret));
        if !is_sealed {
            let what = "it was not made with the keys that it holds: somebody else put it together";
            return Err(BackupError::Damaged(what.to_owned()));
        }
        debug_assert!(manifest.ends_at(self.head), "this was looked at where it was read");
        let witness = self.files.witness();
        Witness::create_at(&witness, self.head).map_err(|error| BackupError::Io { path: witness, error })?;
        let checkpoints = Checkpoints::of(&self.dir);
        for note in &self.notes {
            checkpoints.keep_note(note)?;
        }
        self.files.write_format()?;
        Ok(self.notes)
    }
}
