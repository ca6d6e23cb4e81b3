//! fjall, behind one small door.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};

use super::chain::frame;
use super::entry::Draft;
use super::reader::{LogReader, case_key};
use super::{DirLock, Hash, LogError};
use crate::case::Sequence;

const FORMAT: &str = "stepdown log 1";
/// Where fjall keeps its files, in the data directory.
const FILES: &str = "log";
/// What one keyspace may hold in memory before it is flushed; the daemon's own state is the cache.
const MEMTABLE_BYTES: u64 = 8 << 20;
const CACHE_BYTES: u64 = 4 << 20;

/// A group of this many entries is an import: it is moved out of the journal at once, since an open reads
/// the journal into memory.
const LARGE: usize = 10_000;

/// The end of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the last entry; 0 for an empty log.
    pub sequence: Sequence,
    /// The last link of the chain.
    pub hash: Hash,
}

/// A change to the outbox, where rendered messages wait until they are settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxChange {
    /// The bytes of a message wait under its key.
    Put(String, Vec<u8>),
    /// They wait no longer.
    Remove(String),
}

/// The open log. There is one, and one writer.
pub struct Log {
    store: Store,
    head: Head,
    poisoned: bool,
    _lock: DirLock,
}

impl Log {
    /// Opens the log in `dir`, making it where there is none. `purpose` tells others who has it.
    ///
    /// # Errors
    /// When another process has it, its format is another, or the disk fails.
    pub fn open(dir: &Path, purpose: &str) -> Result<Self, LogError> {
        let io = |error| LogError::Io { path: dir.to_owned(), error };
        // Children's records: for the owner's eyes.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(io)?;
        let lock = DirLock::take(dir, purpose)?;
        let is_new = check_format(dir)?;
        let incomplete = |missing| LogError::Incomplete { dir: dir.to_owned(), missing };
        if !is_new && !dir.join(FILES).exists() {
            return Err(incomplete(FILES));
        }
        let store = Store::open(dir)?;
        let head = store.reader.head()?;
        if is_new {
            // An empty log without its format was cut off in the making; one with entries lost it.
            if head.sequence.0 > 0 {
                return Err(incomplete("format"));
            }
            let path = format_file(dir);
            fs::write(&path, format!("{FORMAT}\n")).map_err(|error| LogError::Io { path, error })?;
        }
        Ok(Self { store, head, poisoned: false, _lock: lock })
    }

    /// Whether there is no log in `dir`, nor anything in its place.
    #[must_use]
    pub fn is_absent(dir: &Path) -> bool {
        !dir.exists() || dir.is_dir() && !format_file(dir).exists() && !dir.join(FILES).exists()
    }

    /// Opens the log in `dir` only if there is one.
    ///
    /// # Errors
    /// As [`Log::open`], and when there is none.
    pub fn open_existing(dir: &Path, purpose: &str) -> Result<Self, LogError> {
        match fs::metadata(dir) {
            Ok(found) if !found.is_dir() => {
                let error = io::Error::from(io::ErrorKind::NotADirectory);
                Err(LogError::Io { path: dir.to_owned(), error })
            }
            Ok(_) if format_file(dir).exists() || dir.join(FILES).exists() => Self::open(dir, purpose),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(LogError::Io { path: dir.to_owned(), error })
            }
            _ => Err(LogError::Absent(dir.to_owned())),
        }
    }

    /// The data directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.store.reader.dir
    }

    /// The end of the log.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// What reads the log, for as many readers as there are.
    #[must_use]
    pub const fn reader(&self) -> &LogReader {
        &self.store.reader
    }

    /// The bytes of a message that waits in the outbox.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn outbox(&self, key: &str) -> Result<Option<Vec<u8>>, LogError> {
        let bytes = self.store.outbox.get(key).map_err(|error| self.store.reader.engine("read", error))?;
        Ok(bytes.map(|bytes| bytes.to_vec()))
    }

    /// Appends `drafts` as one group, with the changes to the outbox that go with them, and syncs.
    ///
    /// # Errors
    /// When the disk fails; nothing of the group is acknowledged, and nothing more is written.
    pub fn append(&mut self, drafts: &[Draft], outbox: &[OutboxChange]) -> Result<(), LogError> {
        if self.poisoned {
            return Err(LogError::Poisoned);
        }
        let mut head = self.head;
        let mut batch = self.store.db.batch().durability(Some(PersistMode::SyncData));
        for Draft { id, case, payload } in drafts {
            head = Head { sequence: Sequence(head.sequence.0 + 1), hash: head.hash.next(payload) };
            let place = head.sequence.0.to_be_bytes();
            batch.insert(&self.store.reader.entries, place, frame(head.hash, payload));
            batch.insert(&self.store.reader.by_id, id.as_str(), place);
            if let Some((case, number)) = case {
                batch.insert(&self.store.reader.by_case, case_key(case, *number), place);
            }
        }
        for change in outbox {
            match change {
                OutboxChange::Put(key, bytes) => {
                    batch.insert(&self.store.outbox, key.as_str(), bytes.as_slice());
                }
                OutboxChange::Remove(key) => batch.remove(&self.store.outbox, key.as_str()),
            }
        }
        if let Err(error) = batch.commit() {
            self.poisoned = true;
            return Err(self.store.reader.engine("written", error));
        }
        self.head = head;
        if drafts.len() >= LARGE { self.store.flush() } else { Ok(()) }
    }
}

/// The files of fjall, open.
struct Store {
    db: Database,
    reader: LogReader,
    outbox: Keyspace,
}

impl Store {
    fn open(dir: &Path) -> Result<Self, LogError> {
        let engine = |error| LogError::Engine { dir: dir.to_owned(), doing: "opened", error };
        let db = Database::builder(dir.join(FILES))
            .cache_size(CACHE_BYTES)
            .worker_threads(1)
            .open()
            .map_err(engine)?;
        let keyspace = |name: &str| {
            db.keyspace(name, || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES))
                .map_err(engine)
        };
        let (entries, by_case) = (keyspace("entries")?, keyspace("by-case")?);
        let (by_id, outbox) = (keyspace("by-id")?, keyspace("outbox")?);
        let reader = LogReader { dir: dir.to_owned(), entries, by_case, by_id };
        Ok(Self { db, reader, outbox })
    }

    /// Moves what was written out of memory and the journal.
    fn flush(&self) -> Result<(), LogError> {
        for keyspace in [&self.reader.entries, &self.reader.by_case, &self.reader.by_id] {
            keyspace.rotate_memtable_and_wait().map_err(|error| self.reader.engine("written", error))?;
        }
        Ok(())
    }
}

fn format_file(dir: &Path) -> PathBuf {
    dir.join("format")
}

/// Compares the directory's format with ours. Whether there is none yet: a new log.
fn check_format(dir: &Path) -> Result<bool, LogError> {
    let path = format_file(dir);
    match fs::read_to_string(&path) {
        Ok(found) if found.trim() == FORMAT => Ok(false),
        Ok(found) => Err(LogError::Format { path, found: found.trim().to_owned(), expected: FORMAT }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(LogError::Io { path, error }),
    }
}
