//! Keeps the snapshot fresh, on a thread of its own.

use std::thread::JoinHandle;

use super::restore::{Books, INTERVAL, since};
use crate::log::{Head, Log, LogError, Snapshotter};

/// From how many new entries on a snapshot is written at the end: fewer are read in no time.
const WORTHWHILE: u64 = 1_000;

/// Writes snapshots now and then.
pub(super) struct Keeper {
    /// The place of the newest snapshot.
    at: Head,
    /// A state that is on its way to the disk, to be kept once it is there.
    ready: Option<(Snapshotter, Books)>,
    writing: Option<JoinHandle<Result<(), LogError>>>,
}

impl Keeper {
    /// With a snapshot at `at`.
    pub(super) const fn new(at: Head) -> Self {
        Self { at, ready: None, writing: None }
    }

    /// Hears that all up to the head was submitted.
    pub(super) fn reached(&mut self, log: &Log, books: &Books) {
        let is_busy = self.writing.as_ref().is_some_and(|writing| !writing.is_finished());
        if !is_busy && since(self.at, log.head()) >= INTERVAL {
            self.ready = Some((log.snapshotter(), books.clone()));
        }
    }

    /// What was submitted is synced: its snapshot may be written.
    pub(super) fn keep(&mut self) {
        let Some((to, books)) = self.ready.take() else { return };
        self.at = to.at();
        self.settle();
        self.writing = Some(std::thread::spawn(move || books.write(&to)));
    }

    /// Writes a last one, where that is worth it.
    pub(super) fn close(&mut self, log: &Log, books: &Books) {
        self.settle();
        if since(self.at, log.head()) >= WORTHWHILE {
            report(books.write(&log.snapshotter()));
        }
    }

    /// Gives up what it has of a state before an erasure, so that none of it is written afterwards.
    pub(super) fn forget(&mut self) {
        self.ready = None;
        self.settle();
        self.at = Head::ORIGIN;
    }

    fn settle(&mut self) {
        if let Some(writing) = self.writing.take() {
            report(writing.join().unwrap_or_else(|_| Err(LogError::Snapshot("it panicked".to_owned()))));
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.settle();
    }
}

/// Without a snapshot a start takes longer, and nothing is lost.
fn report(written: Result<(), LogError>) {
    if let Err(error) = written {
        tracing::warn!(%error, "no snapshot was written; the next start reads more of the log");
    }
}
