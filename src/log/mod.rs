//! The append-only log: one writer, acknowledged only after the sync.
//!
//! Every entry (an event of a case, or a fact of stepdown's own) has a global sequence number without gaps; its
//! content is sealed with the key of its case, and a SHA-256 over the entry before it and its own stored bytes
//! shows a change anywhere. A group of entries is synced to the witness first, which stands beside
//! fjall and vouches for it, and is moved into fjall in the background.
//!
//! Invariants: an appended group is there whole or not at all; once a write or a sync has failed, nothing more is
//! written; what was stored is never rewritten; a log that lacks anything acknowledged is not opened, nor changed.

mod backup;
mod chain;
mod checkpoint;
mod checkpoints;
mod engine;
mod entry;
mod erasure;
mod error;
mod files;
mod group;
mod ids;
mod kept;
mod keyring;
mod lock;
mod look;
mod outbox;
mod reader;
mod recent;
mod record;
mod rotation;
mod sealing;
mod slots;
mod snapshot;
mod space;
mod store;
mod timings;
mod upkeep;
mod verify;
mod witness;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub use backup::{
    BackupError, Built, Cut, End, FailedBackup, LastBackup, MadeBackup, Manifest, Opened, Piece, Shelf,
    Target, WrittenFile, examine, open, read_back, write_beside,
};
pub use chain::{Hash, Head};
pub use checkpoint::{Checkpoint, CheckpointError, SigningSeed, Tree, TreeHash, VerifierKey};
pub use checkpoints::{Checkpoints, KeptNote, Scrub};
pub use engine::Log;
pub use entry::{Content, Draft, Entry, Fact, Stored, own_from_json};
pub use erasure::{CaseErased, RecordsFact};
pub use error::LogError;
pub use ids::{Ids, Mark, Marker};
pub use keyring::{
    CaseKey, Fingerprint, KeyState, Keyring, KeyringError, Slot, TAG_LENGTH, Unsealed, WrappingKey,
};
pub use lock::{DirLock, Holder};
pub use look::THREAD as LOOK_THREAD;
pub use outbox::OutboxChange;
pub use reader::LogReader;
pub use rotation::{KeyUse, NewKey, Rotated};
pub use snapshot::{Kept, Part, SnapshotFile, Snapshotter};
pub use space::Space;
pub use timings::{CLASSES, Timings};
pub use upkeep::{Done, Poison};
pub use verify::{SnapshotState, Verified};

use crate::case::Sequence;

/// Reads what a lock guards; whoever panicked with it left it whole, as each change is made at one go.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// The same, to change it.
fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
