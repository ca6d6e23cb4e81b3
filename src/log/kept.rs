//! The snapshot of a log: written beside its writer, read at its opening, thrown away where it is of no use.

use std::sync::Arc;

use super::slots::Slots;
use super::snapshot::{Kept, SnapshotFile, Snapshotter, Unfit};
use super::{Log, LogError, read, write};
use crate::case::CaseRef;

impl Log {
    /// What writes a snapshot of the state at the head.
    #[must_use]
    pub fn snapshotter(&self) -> Snapshotter {
        Snapshotter {
            path: self.files.snapshot(),
            at: self.head,
            cases: read(&self.slots).cases().to_vec(),
            keyring: Arc::clone(&self.keyring),
            random: self.random.clone(),
        }
    }

    /// The snapshot that this `version` of the code wrote, if there is one that the log leads through. One that
    /// does not fit is thrown away.
    #[must_use]
    pub fn snapshot(&self, version: &str) -> Option<SnapshotFile> {
        let path = self.files.snapshot();
        if !path.exists() {
            return None;
        }
        let opened = SnapshotFile::open(&path, version, &read(&self.keyring)).and_then(|snapshot| {
            let fits = snapshot.at().sequence <= self.head.sequence && self.reader.stands_at(snapshot.at());
            fits.then_some(snapshot)
                .ok_or_else(|| Unfit::Amiss("the log does not stand so at its place".to_owned()))
        });
        opened
            .inspect_err(|unfit| match unfit {
                // Every upgrade does this: it is nothing to tell an operator of.
                Unfit::OfVersion(_) => {
                    tracing::debug!(why = %unfit, "the snapshot is thrown away; the whole log is read");
                }
                Unfit::Amiss(why) => self.discard_snapshot(why),
            })
            .ok()
    }

    /// Reads one part of a snapshot; `None` where it is of no use: it is thrown away.
    #[must_use]
    pub fn read_snapshot_part(&self, snapshot: &SnapshotFile, index: usize) -> Option<Vec<u8>> {
        let kept = snapshot.read(&read(&self.keyring), index..index + 1, |_, kept| Ok(kept.bytes));
        let kept = kept.and_then(|parts| {
            parts.into_iter().flatten().next().ok_or_else(|| "a part is missing".to_owned())
        });
        kept.inspect_err(|why| self.discard_snapshot(why)).ok()
    }

    /// Reads the parts of a snapshot from one on, on all cores, and makes something of each; `None` where any is of
    /// no use: it is thrown away whole.
    pub fn read_snapshot_from<T: Send>(
        &self,
        snapshot: &SnapshotFile,
        first: usize,
        make: impl Fn(usize, Kept) -> Result<T, String> + Sync,
    ) -> Option<Vec<T>> {
        let parts = snapshot.read(&read(&self.keyring), first..snapshot.len(), make);
        parts.inspect_err(|why| self.discard_snapshot(why)).ok()
    }

    /// Says why the snapshot is not used. Its file stays until the next one takes its place: where the log turns
    /// out to be damaged, nothing must have been touched.
    pub fn discard_snapshot(&self, why: &str) {
        tracing::warn!(why, "the snapshot is of no use and is thrown away; the whole log is read");
    }

    /// Removes the snapshot for good, since it tells of what is erased, and what a crash left of another one.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove_snapshot(&self) -> Result<(), LogError> {
        self.files.remove_snapshot()
    }

    /// Takes the cases in the order of their slots from a snapshot.
    pub fn restore_slots(&self, cases: Vec<CaseRef>) {
        *write(&self.slots) = Slots::of(cases);
    }
}
