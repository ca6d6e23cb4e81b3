//! The append-only log: one writer, acknowledged only after the sync.
//!
//! Every entry (a case event, or a fact about mail) has a global sequence number without gaps and a
//! SHA-256 over the entry before it and its own stored bytes, so that a change anywhere shows.
//!
//! Invariants: an appended group is there whole or not at all; once a write or a sync has failed,
//! nothing more is written; what was stored is never rewritten.

mod chain;
mod checkpoint;
mod engine;
mod entry;
mod error;
mod keyring;
mod lock;
mod reader;

pub use chain::Hash;
pub use checkpoint::{Checkpoint, CheckpointError, SigningSeed, Tree, TreeHash, VerifierKey};
pub use engine::{Head, Log, OutboxChange};
pub use entry::{Draft, Entry, own_from_json};
pub use error::LogError;
pub use keyring::{
    CaseKey, Fingerprint, KeyState, Keyring, KeyringError, Slot, TAG_LENGTH, Unsealed, WrappingKey,
};
pub use lock::{DirLock, Holder};
pub use reader::{LogReader, Stored};
