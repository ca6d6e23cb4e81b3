//! The full read: every entry's place, chain and seal, and the Merkle tree over the stored bytes.

use std::collections::BTreeSet;
use std::path::Path;

use super::checkpoint::{Checkpoint, CheckpointError, Tree, TreeHash, VerifierKey};
use super::files::Files;
use super::{
    Content, Fact, Fingerprint, Head, Log, LogError, LogReader, RecordsFact, SnapshotFile, Stored, read,
};
use crate::case::{CaseRef, Sequence};

/// What a full read found of a log that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its end.
    pub head: Head,
    /// How many events of cases can be read.
    pub events: u64,
    /// How many entries cannot be read any more, because their case was erased.
    pub erased: u64,
    /// How many ids stand in it.
    pub ids: u64,
    /// The Merkle tree over its entries.
    pub tree: Tree,
    /// The root of the tree when it had the size that was asked for; none where the log is shorter.
    pub root_at: Option<TreeHash>,
}

/// How the snapshot of what the log adds up to stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotState {
    /// There is none.
    Absent,
    /// The next start reads it.
    Fits,
    /// The next start throws it away, and why.
    Useless(String),
}

/// What the entries that were read add up to.
#[derive(Default)]
struct Tally {
    last: u64,
    events: u64,
    erased: u64,
    ids: u64,
    unexplained: BTreeSet<CaseRef>,
}

impl Tally {
    fn take(&mut self, stored: Stored) {
        self.last = stored.sequence.0;
        self.ids += u64::from(stored.mark.is_some());
        match stored.content {
            Content::Case(..) => self.events += 1,
            Content::Gone { case, .. } => {
                self.erased += 1;
                self.unexplained.insert(case);
            }
            Content::Own(_, Fact::Records(RecordsFact::CaseErased(fact))) => {
                self.unexplained.remove(&fact.case);
            }
            Content::Own(..) => {}
        }
    }
}

impl Checkpoint {
    /// Why the entries that were read, with the size of this checkpoint as the size asked for, are not those that
    /// it vouched for; `None` where they are.
    #[must_use]
    pub fn misfit(&self, found: &Verified) -> Option<String> {
        let (size, has) = (self.size, found.head.sequence.0);
        match found.root_at {
            Some(root) if root == self.root => None,
            Some(_) => Some(format!("entries 1 to {size} have another root")),
            None => Some(format!("it vouched for {size} entries, and the log has {has}")),
        }
    }
}

impl LogReader {
    /// The damage that is at hand where a checkpoint that this log signed does not fit.
    #[must_use]
    pub fn broken_promise(&self, vouched: &Checkpoint, why: &str) -> LogError {
        let what = format!("they are not those that the newest checkpoint vouched for: {why}");
        LogError::Damaged { dir: self.dir.clone(), first: 1, last: vouched.size, what }
    }

    /// Reads all of the log, up to `live` at least, which is its end as the writer knows it. Looks at the tree when
    /// it has the size `at`; `each` hears the place of every entry that was read.
    ///
    /// # Errors
    /// At the first entry that is not what was appended, or that cannot be read.
    pub fn verify(
        &self,
        live: Head,
        at: Option<u64>,
        mut each: impl FnMut(u64),
    ) -> Result<Verified, LogError> {
        // A case may be erased while this reads: its key goes, and what says so stands beyond what is read here.
        let (tally, head) = match self.tally(&mut each)? {
            (tally, _) if !tally.unexplained.is_empty() => self.tally(&mut each)?,
            found => found,
        };
        if let Some(case) = tally.unexplained.into_iter().next() {
            return Err(LogError::Unexplained { dir: self.dir.clone(), case });
        }
        let what = "the log does not lead through what is live".to_owned();
        if head.sequence < live.sequence || !self.stands_at(live) {
            return Err(LogError::damaged(&self.dir, live.sequence, what));
        }
        let mut root_at = None;
        let mut tree = Tree::new();
        let mut look = |tree: &Tree| {
            if at == Some(tree.size()) {
                root_at = Some(tree.root());
            }
        };
        look(&tree);
        let end = self.walk(Sequence(0), head.sequence, |_, record| {
            tree.push(record);
            look(&tree);
        })?;
        if end != head {
            let what = "it was read otherwise a moment ago".to_owned();
            return Err(LogError::damaged(&self.dir, head.sequence, what));
        }
        let Tally { events, erased, ids, .. } = tally;
        Ok(Verified { head, events, erased, ids, tree, root_at })
    }

    fn tally(&self, each: &mut impl FnMut(u64)) -> Result<(Tally, Head), LogError> {
        let mut tally = Tally::default();
        let read = self.replay(|stored| {
            each(stored.sequence.0);
            tally.take(stored);
        });
        match read {
            Ok(head) => Ok((tally, head)),
            // The engine does not know entries: the first that did not come is the one at fault.
            Err(LogError::Engine { error, .. }) => {
                let what = format!("it cannot be read: {error}");
                Err(LogError::damaged(&self.dir, Sequence(tally.last + 1), what))
            }
            Err(error) => Err(error),
        }
    }

    /// Extends the tree over the entries up to its size by those up to the end; `None` where the log is shorter.
    ///
    /// # Errors
    /// When the log is damaged or cannot be read.
    pub fn extend(&self, mut tree: Tree) -> Result<Option<Tree>, LogError> {
        let end = self.walk(Sequence(tree.size()), Sequence(u64::MAX), |_, record| tree.push(record))?;
        Ok((end.sequence.0 == tree.size()).then_some(tree))
    }

    /// The signed note of the checkpoint of `tree`, under the name `origin`.
    ///
    /// # Errors
    /// When no log can have that name.
    pub fn sign(&self, tree: &Tree, origin: &str) -> Result<String, LogError> {
        let note = Checkpoint::of(tree, origin).sign(origin, &read(&self.keyring).signing_seed());
        note.map_err(LogError::Checkpoint)
    }

    /// What others verify the notes of this log with, under the name `origin`.
    ///
    /// # Errors
    /// When no key can have that name.
    pub fn verifier(&self, origin: &str) -> Result<VerifierKey, CheckpointError> {
        read(&self.keyring).signing_seed().verifier(origin)
    }

    /// The checkpoint in `note`, if this log signed it under the name `origin`.
    ///
    /// # Errors
    /// What is not a note, signed with another key, changed since, or of another log.
    pub fn checkpoint_in(&self, note: &str, origin: &str) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::verify(note, &self.verifier(origin)?, origin)
    }

    /// Looks at the snapshot that this `version` of the code would read, and changes nothing.
    #[must_use]
    pub fn snapshot_state(&self, version: &str) -> SnapshotState {
        let path = Files::of(&self.dir).snapshot();
        if !path.exists() {
            return SnapshotState::Absent;
        }
        match SnapshotFile::open(&path, version, &read(&self.keyring)) {
            Ok(snapshot) if self.stands_at(snapshot.at()) => SnapshotState::Fits,
            Ok(_) => SnapshotState::Useless("the log does not stand so at its place".to_owned()),
            Err(why) => SnapshotState::Useless(why.to_string()),
        }
    }
}

impl Log {
    /// Opens the keyring of the log in `dir` and nothing else; gives what tells its wrapping key from others.
    ///
    /// # Errors
    /// When it cannot be opened with the wrapping key in the file `key`.
    pub fn try_keys(dir: &Path, key: &Path) -> Result<Fingerprint, LogError> {
        Files::of(dir).keyring(key).map(|keyring| keyring.wrapped_with())
    }

    /// Whether the log in `dir` has a snapshot, of whatever use.
    #[must_use]
    pub fn has_snapshot(dir: &Path) -> bool {
        Files::of(dir).snapshot().exists()
    }
}
