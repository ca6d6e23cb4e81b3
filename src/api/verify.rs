//! The full read of the log, and checkpoints of it.

use serde::{Deserialize, Serialize};

use crate::case::Sequence;
use crate::daemon::snapshot_version;
use crate::log::{Checkpoint, CheckpointError, Checkpoints, Head, LogError, LogReader, SnapshotState, Tree};

/// What a full read found. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Whether the log is whole.
    pub whole: bool,
    /// What is damaged, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
    /// Whether a daemon read it.
    pub daemon: bool,
    /// What the log holds, where it is whole.
    #[serde(flatten)]
    pub held: Option<Held>,
    /// How the checkpoint fits that was given.
    pub checkpoint: Option<Vouched>,
}

/// What a whole log holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// How many entries.
    pub entries: u64,
    /// How many events of cases that can be read.
    pub events: u64,
    /// How many entries that were erased with their case.
    pub erased: u64,
    /// How many ids.
    pub ids: u64,
    /// Its end.
    pub head: End,
    /// The root of the Merkle tree over the entries, in base64.
    pub root: String,
    /// How many places of the witness were whole in one of two copies only.
    pub mended: usize,
    /// Whether the next start reads a snapshot: `fits`, `none`, or why not.
    pub snapshot: String,
}

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The number of the last entry.
    pub sequence: Sequence,
    /// The last link of the chain, in hexadecimal.
    pub hash: String,
}

/// How a checkpoint fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    /// How many entries it vouches for; none where it is not to be believed.
    pub size: Option<u64>,
    /// Whether they are the log's.
    pub matches: bool,
    /// Why not, where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A checkpoint of the log as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The name of the log.
    pub origin: String,
    /// How many entries it vouches for.
    pub size: u64,
    /// The root of the Merkle tree over them, in base64.
    pub root: String,
    /// The signed note.
    pub note: String,
    /// The key that others verify it with.
    pub key: String,
}

/// What to verify against.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyQuery {
    /// The text of a signed note.
    pub checkpoint: Option<String>,
}

/// Who verifies: under which name, with what was found at the opening, and whether as a daemon.
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a> {
    /// The name that checkpoints go under.
    pub origin: &'a str,
    /// How many places of the witness were mended when the log was opened.
    pub mended: usize,
    /// Whether a daemon verifies.
    pub daemon: bool,
}

impl Verification {
    /// Of a log that is not whole.
    #[must_use]
    pub const fn damaged(damage: String, daemon: bool) -> Self {
        Self { whole: false, damage: Some(damage), daemon, held: None, checkpoint: None }
    }
}

impl Verifier<'_> {
    /// Reads the whole log, up to `live` at least, and compares it with the checkpoint asked about; `each` hears
    /// how many entries were read.
    ///
    /// # Errors
    /// When the log is damaged or cannot be read.
    pub fn verify(
        self,
        log: &LogReader,
        live: Head,
        query: &VerifyQuery,
        each: impl FnMut(u64),
    ) -> Result<Verification, LogError> {
        let checkpoint = query.checkpoint.as_deref().map(|note| log.checkpoint_in(note, self.origin));
        let size = checkpoint.as_ref().and_then(|read| Some(read.as_ref().ok()?.size));
        let found = log.verify(live, size, each)?;
        let vouched = checkpoint.map(|read: Result<Checkpoint, CheckpointError>| {
            let why = match &read {
                Ok(checkpoint) => checkpoint.misfit(&found),
                Err(error) => Some(error.to_string()),
            };
            Vouched { size: read.ok().map(|checkpoint| checkpoint.size), matches: why.is_none(), why }
        });
        let held = Held {
            entries: found.head.sequence.0,
            events: found.events,
            erased: found.erased,
            ids: found.ids,
            head: End { sequence: found.head.sequence, hash: found.head.hash.to_string() },
            root: found.tree.root().to_string(),
            mended: self.mended,
            snapshot: match log.snapshot_state(&snapshot_version()) {
                SnapshotState::Absent => "none".to_owned(),
                SnapshotState::Fits => "fits".to_owned(),
                SnapshotState::Useless(why) => why,
            },
        };
        Ok(Verification {
            whole: true,
            damage: None,
            daemon: self.daemon,
            held: Some(held),
            checkpoint: vouched,
        })
    }
}

/// The checkpoint of the log as it stands.
///
/// # Errors
/// When the log is damaged or cannot be read.
pub fn checkpoint(log: &LogReader, kept: &Checkpoints, origin: &str) -> Result<Signed, LogError> {
    let tree: Tree = kept.tree_of(log, origin)?;
    Ok(Signed {
        origin: origin.to_owned(),
        size: tree.size(),
        root: tree.root().to_string(),
        note: log.sign(&tree, origin)?,
        key: log.verifier(origin).map_err(LogError::Checkpoint)?.to_string(),
    })
}
