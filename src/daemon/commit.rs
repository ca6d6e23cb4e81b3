//! How what is staged comes to the disk: one group after the other, more than one on its way.

use super::Writer;
use crate::case::{CaseRef, Cases};
use crate::log::{Done, LogError};

/// A group on its way to the disk.
pub(super) struct Submitted {
    /// How many entries it has.
    pub count: usize,
    /// The cases with it.
    pub cases: Cases,
    /// The cases that it erases.
    pub erasing: Vec<CaseRef>,
}

impl Writer {
    /// Appends all that is staged, with one sync. Does nothing when nothing is.
    ///
    /// # Errors
    /// When the disk fails: then nothing of it may be acknowledged, and the writer must be given up.
    pub fn commit(&mut self) -> Result<(), LogError> {
        let (done, synced) = std::sync::mpsc::channel();
        if !self.submit(Box::new(move |result| drop(done.send(result)))) {
            return Ok(());
        }
        synced.recv().unwrap_or(Err(LogError::Poisoned))?;
        // Groups are synced in order: what was submitted before is synced as well.
        while !self.groups.is_empty() {
            self.committed()?;
        }
        Ok(())
    }

    /// Begins to append all that is staged: `done` is called once it is synced, or could not be; then
    /// [`Writer::committed`] must be called, in the same order. More may be staged and submitted meanwhile.
    /// Whether there was anything to append.
    pub fn submit(&mut self, done: Done) -> bool {
        if !self.has_staged() {
            return false;
        }
        self.log.submit(&self.staged, &self.staged_outbox, done);
        self.groups.push_back(Submitted {
            count: self.staged.len(),
            cases: self.books.records.cases.clone(),
            erasing: std::mem::take(&mut self.erasing),
        });
        self.submitted.extend(self.staged.drain(..));
        self.staged_outbox.clear();
        self.keeper.reached(&self.log, &self.books);
        true
    }

    /// The oldest group that was submitted is synced; the keys of cases that it erases are destroyed.
    ///
    /// # Errors
    /// When the upkeep of the log has failed meanwhile, or a key cannot be destroyed, which the next start does:
    /// then nothing more must be written.
    pub fn committed(&mut self) -> Result<(), LogError> {
        let Some(Submitted { count, cases, erasing }) = self.groups.pop_front() else { return Ok(()) };
        self.submitted.drain(..count);
        self.cases = cases;
        if !erasing.is_empty() {
            self.keeper.forget();
            for case in erasing {
                self.log.destroy_key(&case)?;
            }
            self.log.remove_snapshot()?;
        }
        self.keeper.keep();
        self.log.check()
    }

    /// Writes a snapshot, so that the next start need read nothing. Everything staged must be committed.
    ///
    /// # Errors
    /// When something was not written that was to be.
    pub fn close(mut self) -> Result<(), LogError> {
        // A snapshot would let the next start pass over what is damaged.
        if !self.log.poison().is_set() {
            self.keeper.close(&self.log, &self.books);
        }
        self.log.check()
    }
}
