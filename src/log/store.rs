//! fjall, behind one small door: groups of records by place, and the outbox.

use std::fs::File;
use std::ops::Bound;
use std::path::Path;

use fjall::config::{BlockSizePolicy, CompressionPolicy};
use fjall::{
    CompressionType, Database, Keyspace, KeyspaceCreateOptions, KvSeparationOptions, PersistMode, Slice,
};

use super::Sequence;
use super::group::Group;

/// What one keyspace may hold in memory before it is flushed; the daemon's own state is the cache.
const MEMTABLE_BYTES: u64 = 8 << 20;
const CACHE_BYTES: u64 = 1 << 20;
/// What the journal may hold: an open reads it into memory.
const JOURNAL_BYTES: u64 = 64 << 20;

/// The files of fjall, open. Cheap to clone.
#[derive(Clone)]
pub(super) struct Store {
    db: Database,
    groups: Keyspace,
    outbox: Keyspace,
}

/// What fjall is to write at one time, all or none.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub groups: Vec<Group>,
    /// Messages by key: their bytes, or that they wait no longer.
    pub outbox: Vec<(String, Option<Vec<u8>>)>,
}

impl Store {
    /// Opens the store in `dir`, making it where there is none.
    pub(super) fn open(dir: &Path) -> fjall::Result<Self> {
        let db = Database::builder(dir)
            .cache_size(CACHE_BYTES)
            .max_journaling_size(JOURNAL_BYTES)
            .worker_threads(1)
            .open()?;
        // Groups are large and sealed: kept apart from their keys, and not compressed a second time.
        let groups = db.keyspace("groups", || {
            KeyspaceCreateOptions::default()
                .max_memtable_size(MEMTABLE_BYTES)
                .data_block_size_policy(BlockSizePolicy::all(4096))
                .data_block_compression_policy(CompressionPolicy::disabled())
                .with_kv_separation(Some(
                    KvSeparationOptions::default()
                        .compression(CompressionType::None)
                        .separation_threshold(512),
                ))
        })?;
        let outbox =
            db.keyspace("outbox", || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES))?;
        Ok(Self { db, groups, outbox })
    }

    /// Writes and syncs: the outbox first, so that what is done again after a crash comes to the same.
    pub(super) fn write(&self, batch: Batch) -> fjall::Result<()> {
        if !batch.outbox.is_empty() {
            let mut write = self.db.batch().durability(Some(PersistMode::SyncAll));
            for (key, bytes) in batch.outbox {
                match bytes {
                    Some(bytes) => write.insert(&self.outbox, key, bytes),
                    None => write.remove(&self.outbox, key),
                }
            }
            write.commit()?;
        }
        if batch.groups.is_empty() {
            return Ok(());
        }
        // Groups come in order and are large: they go into tables at once, past the journal and memory.
        let mut ingestion = self.groups.start_ingestion()?;
        for group in &batch.groups {
            ingestion.write(group.key(), group.value())?;
        }
        ingestion.finish()?;
        // fjall syncs the files, but not their names.
        File::open(self.groups.path().join("blobs"))?.sync_all()?;
        Ok(())
    }

    /// Whether nothing has failed in the threads of fjall.
    pub(super) fn is_sound(&self) -> bool {
        // It flushes what is in its hands, which is nothing, and says whether it was given up.
        self.db.persist(PersistMode::Buffer).is_ok()
    }

    /// The bytes of a message in the outbox.
    pub(super) fn message(&self, key: &str) -> fjall::Result<Option<Slice>> {
        self.outbox.get(key)
    }

    /// Every message in the outbox, with its key.
    pub(super) fn messages(&self) -> impl Iterator<Item = fjall::Result<(Slice, Slice)>> {
        self.outbox.iter().map(fjall::Guard::into_inner)
    }

    /// The keys and values of the groups from the one on that holds `from`.
    pub(super) fn groups(&self, from: Sequence) -> impl Iterator<Item = fjall::Result<(Slice, Slice)>> {
        let first = self.key_of(from).map_or(Bound::Unbounded, Bound::Included);
        self.groups.range((first, Bound::Unbounded)).map(fjall::Guard::into_inner)
    }

    /// The keys of all groups, in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = fjall::Result<Slice>> {
        self.groups.iter().map(fjall::Guard::key)
    }

    /// The last group.
    pub(super) fn last(&self) -> Option<fjall::Result<(Slice, Slice)>> {
        self.groups.last_key_value().map(fjall::Guard::into_inner)
    }

    /// The key of the group that holds a place, if there is one at or before it.
    fn key_of(&self, sequence: Sequence) -> Option<Slice> {
        let limit = [sequence.0.to_be_bytes(), [0xff; 8]].concat();
        self.groups.range(..=limit).next_back()?.key().ok()
    }
}
