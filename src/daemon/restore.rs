//! What the log adds up to, kept beside it: a start reads the snapshot, and of the log only what came since.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Records;
use crate::access::Tokens;
use crate::calendar::Instant;
use crate::case::{CaseFile, CaseRef, Erasure, Sequence};
use crate::log::{
    Content, Fact, Head, Ids, Kept, Log, LogError, Part, RecordsFact, Slot, SnapshotFile, Snapshotter, Stored,
};
use crate::policy::PolicyFact;
use crate::reminders::{Ledger, MailFact};

/// Goes up with every change in what a snapshot holds or in what projections make of an entry.
const PROJECTIONS: u32 = 4;

/// The version that snapshots of this program bear.
#[must_use]
pub fn version() -> String {
    format!("{} with projections {PROJECTIONS}", env!("CARGO_PKG_VERSION"))
}

/// What the log adds up to, with the books that only the writer keeps.
#[derive(Clone, Default)]
pub(super) struct Books {
    pub records: Records,
    /// When the newest entry was recorded, or mail was released since.
    pub newest: Instant,
}

/// What a snapshot tells besides cases and ids.
#[derive(Serialize, Deserialize)]
struct Office {
    cases: Vec<CaseRef>,
    ledger: Ledger,
    policy: Vec<(Instant, PolicyFact)>,
    erased: Vec<(CaseRef, Instant, Sequence)>,
    tokens: Tokens,
    newest: Instant,
    /// How many ids there are.
    ids: usize,
}

/// The parts of a snapshot before the case files.
const OFFICE: usize = 0;
const IDS: usize = 1;
const FILES: usize = 2;

impl Books {
    /// Takes one stored entry.
    pub(super) fn apply(&mut self, stored: Stored) {
        self.newest = newest_after(self.newest, &stored.content, stored.recorded);
        self.records.apply(stored);
    }

    /// Reads what `log` adds up to, from its snapshot where there is one that fits. Gives the place of that, too.
    ///
    /// # Errors
    /// When the log is damaged or cannot be read.
    pub(super) fn restore(log: &Log) -> Result<(Self, Head), LogError> {
        let kept =
            log.snapshot(&version()).and_then(|snapshot| Some((Self::read(log, &snapshot)?, snapshot.at())));
        let (mut books, at) = kept.unwrap_or((Self::default(), Head::ORIGIN));
        let mut unexplained = BTreeSet::new();
        books.records.ids.gather();
        log.reader().replay_after(at, |stored| {
            match &stored.content {
                Content::Gone { case, .. } => {
                    unexplained.insert(case.clone());
                }
                Content::Own(_, Fact::Records(RecordsFact::CaseErased(fact))) => {
                    unexplained.remove(&fact.case);
                }
                _ => {}
            }
            books.apply(stored);
        })?;
        books.records.ids.settle();
        let unexplained = unexplained
            .into_iter()
            .find(|case| books.records.cases.get(case).is_some_and(|file| file.erased().is_none()));
        match unexplained {
            Some(case) => Err(LogError::Unexplained { dir: log.dir().to_owned(), case }),
            None => Ok((books, at)),
        }
    }

    /// Reads a snapshot; `None` where it is of no use.
    fn read(log: &Log, snapshot: &SnapshotFile) -> Option<Self> {
        let office = log.read_snapshot_part(snapshot, OFFICE)?;
        let office: Office = rmp_serde::from_slice(&office)
            .inspect_err(|error| log.discard_snapshot(&error.to_string()))
            .ok()?;
        let ids = Ids::from_bytes(log.read_snapshot_part(snapshot, IDS)?);
        let read = |index: usize, kept: Kept| match index.checked_sub(FILES) {
            Some(place) => {
                let case = office.cases.get(place).ok_or("it has more cases than it names")?.clone();
                file_of(case, kept)
            }
            None => Ok(None),
        };
        let files = log.read_snapshot_from(snapshot, FILES, read)?;
        let mut books = Self { newest: office.newest, ..Self::default() };
        books.records.ids = ids.filter(|ids| ids.len() == office.ids).or_else(|| {
            log.discard_snapshot("its index of ids does not fit");
            None
        })?;
        files.into_iter().flatten().for_each(|file| books.records.cases.insert(file));
        for (case, recorded, sequence) in office.erased {
            books.records.cases.erase(&case, Erasure { recorded, sequence });
        }
        books.records.ledger = office.ledger;
        books.records.tokens = office.tokens;
        for (recorded, fact) in office.policy {
            books.records.adopted.apply(&fact, recorded);
        }
        log.restore_slots(office.cases);
        Some(books)
    }

    /// Writes a snapshot of this state, beside the writer that goes on.
    ///
    /// # Errors
    /// When the disk fails; the snapshot before stands then.
    pub(super) fn write(&self, to: &Snapshotter) -> Result<(), LogError> {
        let office = Office {
            cases: to.cases().map(|(_, case)| case.clone()).collect(),
            ledger: self.records.ledger.clone(),
            policy: self.records.adopted.facts().map(|(recorded, fact)| (recorded, fact.clone())).collect(),
            erased: self.records.cases.iter().filter_map(erasure).collect(),
            tokens: self.records.tokens.clone(),
            newest: self.newest,
            ids: self.records.ids.len(),
        };
        let office =
            rmp_serde::to_vec_named(&office).map_err(|error| LogError::Snapshot(error.to_string()))?;
        let part = |bytes| Part { slot: Slot::OFFICE, events: 0, bytes };
        let files = to.cases().map(|(slot, case)| {
            let (mut bytes, mut events) = (Vec::new(), 0);
            if let Some(file) = self.records.cases.get(case) {
                file.to_bytes(&mut bytes);
                events = file.version().0;
            }
            Part { slot, events, bytes }
        });
        let parts = [part(office), part(self.records.ids.to_bytes())].into_iter().chain(files);
        to.write(&version(), parts)
    }
}

/// The file of a case that a snapshot holds. Of a case whose key is destroyed only the number of events is known,
/// and the log goes on to say why; of one that only facts speak of, there is no file.
fn file_of(case: CaseRef, kept: Kept) -> Result<Option<CaseFile>, String> {
    match kept.bytes {
        Some(bytes) if bytes.is_empty() => Ok(None),
        Some(bytes) => CaseFile::from_bytes(case, bytes).map(Some).map_err(|error| error.to_string()),
        None => {
            let mut file = CaseFile::new(case);
            file.lose(kept.events);
            Ok(Some(file))
        }
    }
}

fn erasure(file: &CaseFile) -> Option<(CaseRef, Instant, Sequence)> {
    file.erased().map(|erased| (file.case().clone(), erased.recorded, erased.sequence))
}

/// The time that the clock must not be behind of: that of the newest entry; but whoever releases mail has
/// looked at the clock, and vouches for it.
fn newest_after(newest: Instant, content: &Content, recorded: Instant) -> Instant {
    match content {
        Content::Own(_, Fact::Mail(MailFact::MailReleased { .. })) => recorded,
        _ => newest.max(recorded),
    }
}

/// The entries from one snapshot to the next.
pub(super) const INTERVAL: u64 = 100_000;

/// How many entries came since a snapshot of `at`.
pub(super) const fn since(at: Head, head: Head) -> u64 {
    let (Sequence(at), Sequence(head)) = (at.sequence, head.sequence);
    head.saturating_sub(at)
}
