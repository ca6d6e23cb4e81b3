//! The single writer: the log and what it adds up to.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::intake::{AppendError, AppendRequest, Receipt, judge};
use crate::calendar::Instant;
use crate::case::{CaseHistory, CaseRef, Cases, Event, EventNumber, RecordedEvent, Sequence};
use crate::config::Config;
use crate::log::{Draft, Entry, Head, Log, LogError, OutboxChange, Stored};
use crate::reminders::{Ledger, MailFact};

/// The log with the state that it adds up to.
///
/// Requests are staged one after the other, then committed together with one sync: what is staged is
/// seen by the next request, and by nobody else before it is committed.
pub struct Writer {
    log: Log,
    config: Arc<Config>,
    cases: Cases,
    staged_cases: Cases,
    ledger: Ledger,
    staged: Vec<Draft>,
    /// A mark of every id in the log: what has none is new, without a look at the disk.
    ids: HashSet<u64>,
    marks: RandomState,
    staged_outbox: Vec<OutboxChange>,
    touched: BTreeSet<CaseRef>,
    stirred: HashSet<CaseRef>,
    newest: Instant,
}

impl Writer {
    /// Reads the whole of `log` and is ready to write.
    ///
    /// # Errors
    /// When the log is damaged or cannot be read.
    pub fn new(log: Log, config: Arc<Config>) -> Result<Self, LogError> {
        let (mut cases, mut ledger) = (Cases::default(), Ledger::default());
        let (mut ids, marks) = (HashSet::new(), RandomState::new());
        let mut newest = Instant::default();
        log.reader().replay(|stored| {
            newest = newest_after(newest, &stored.entry, stored.recorded);
            ids.insert(marks.hash_one(stored.entry.id()));
            apply(stored, &mut cases, &mut ledger);
        })?;
        Ok(Self {
            log,
            config,
            staged_cases: cases.clone(),
            cases,
            ledger,
            staged: Vec::new(),
            ids,
            marks,
            staged_outbox: Vec::new(),
            touched: BTreeSet::new(),
            stirred: HashSet::new(),
            newest,
        })
    }

    /// Opens the log in `dir`, making it where there is none.
    ///
    /// # Errors
    /// As [`Log::open`] and [`Writer::new`].
    pub fn open(dir: &Path, config: Arc<Config>, purpose: &str) -> Result<Self, LogError> {
        Self::new(Log::open(dir, purpose)?, config)
    }

    /// The cases as committed: what may be shown.
    #[must_use]
    pub const fn cases(&self) -> &Cases {
        &self.cases
    }

    /// The cases with what is staged: what is planned with it is committed with it.
    #[must_use]
    pub const fn staged_cases(&self) -> &Cases {
        &self.staged_cases
    }

    /// The sent ledger.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The configuration in force.
    #[must_use]
    pub const fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// The end of the log.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.log.head()
    }

    /// The log, to read from.
    #[must_use]
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// When the newest entry of the log was recorded, or mail was released since.
    #[must_use]
    pub const fn newest(&self) -> Instant {
        self.newest
    }

    /// The cases in which something happened that notices may tell of, since this was last asked.
    pub fn take_touched(&mut self) -> BTreeSet<CaseRef> {
        std::mem::take(&mut self.touched)
    }

    /// The cases in which anything else happened, since this was last asked.
    pub fn take_stirred(&mut self) -> HashSet<CaseRef> {
        std::mem::take(&mut self.stirred)
    }

    /// Whether there are such cases.
    #[must_use]
    pub fn has_stirred(&self) -> bool {
        !self.stirred.is_empty()
    }

    /// Whether anything waits to be committed.
    #[must_use]
    pub fn has_staged(&self) -> bool {
        !self.staged.is_empty() || !self.staged_outbox.is_empty()
    }

    /// Judges a request and stages its events, all or none. They are appended by [`Writer::commit`]; those of
    /// a rehearsal are not even staged.
    ///
    /// # Errors
    /// Every fault of every event; nothing is staged then.
    pub fn stage(&mut self, request: AppendRequest, now: Instant) -> Result<Receipt, AppendError> {
        if request.keep_recorded_time && self.log.head().sequence.0 + self.staged.len() as u64 > 0 {
            return Err(AppendError::NotEmpty);
        }
        let rehearsal = request.rehearsal;
        let sorted = judge(request, &self.staged_cases, &self.config, now, |id| {
            if !self.ids.contains(&self.marks.hash_one(id)) {
                return Ok(None);
            }
            match self.staged.iter().find(|draft| draft.id == *id) {
                Some(draft) => self.log.reader().read_draft(draft).map(Some),
                None => Ok(self.log.reader().find(id)?.map(|stored| stored.entry)),
            }
        })?;
        let mut receipt = sorted.receipt();
        if rehearsal {
            return Ok(receipt);
        }
        for new in sorted.new {
            let (sequence, number) = self.stage_entry(new.entry, new.recorded);
            receipt.sequence = Some(sequence);
            receipt.case_version = number.or(receipt.case_version);
        }
        Ok(receipt)
    }

    /// Stages a fact about mail, with the change to the outbox that goes with it.
    pub fn stage_fact(&mut self, fact: MailFact, outbox: Option<OutboxChange>, now: Instant) {
        let settled =
            fact.key().filter(|_| fact.settles()).map(|key| OutboxChange::Remove(key.as_str().to_owned()));
        self.staged_outbox.extend(outbox.into_iter().chain(settled));
        let id = Uuid::now_v7().to_string().parse().unwrap_or_else(|_| unreachable!("a UUID is an event id"));
        self.stage_entry(Entry::Mail { id, fact }, now);
    }

    fn stage_entry(&mut self, entry: Entry, recorded: Instant) -> (Sequence, Option<EventNumber>) {
        let sequence = Sequence(self.log.head().sequence.0 + self.staged.len() as u64 + 1);
        let stored = Stored { sequence, recorded, entry };
        let number = stored.entry.case().map(|case| {
            let before = self.staged_cases.get(case).map_or(0, |history| history.version().0);
            EventNumber(before + 1)
        });
        if let Entry::Case(event) = &stored.entry {
            self.touch(event);
        }
        self.newest = newest_after(self.newest, &stored.entry, recorded);
        self.ids.insert(self.marks.hash_one(stored.entry.id()));
        self.staged.push(Draft::new(&stored.entry, number, recorded));
        apply(stored, &mut self.staged_cases, &mut self.ledger);
        (sequence, number)
    }

    fn touch(&mut self, event: &Event) {
        let mut programmes = self.config.policies.values().map(|policy| &policy.programme);
        if programmes.any(|programme| programme.notices_hear(&event.event_type)) {
            self.touched.insert(event.subject.clone());
        } else if !self.stirred.contains(&event.subject) {
            self.stirred.insert(event.subject.clone());
        }
    }

    /// Appends all that is staged, with one sync. Does nothing when nothing is.
    ///
    /// # Errors
    /// When the disk fails: then nothing of it may be acknowledged, and the writer must be given up.
    pub fn commit(&mut self) -> Result<(), LogError> {
        if !self.has_staged() {
            return Ok(());
        }
        self.log.append(&self.staged, &self.staged_outbox)?;
        self.staged.clear();
        self.staged_outbox.clear();
        self.cases = self.staged_cases.clone();
        Ok(())
    }
}

/// The time that the clock must not be behind of: that of the newest entry; but whoever releases mail has
/// looked at the clock, and vouches for it.
fn newest_after(newest: Instant, entry: &Entry, recorded: Instant) -> Instant {
    match entry {
        Entry::Mail { fact: MailFact::MailReleased { .. }, .. } => recorded,
        _ => newest.max(recorded),
    }
}

/// Takes one stored entry into the state.
fn apply(stored: Stored, cases: &mut Cases, ledger: &mut Ledger) {
    match stored.entry {
        Entry::Case(event) => {
            let number = cases.get(&event.subject).map_or(EventNumber(0), CaseHistory::version);
            let (sequence, recorded) = (stored.sequence, stored.recorded);
            cases.apply(RecordedEvent { event, sequence, number: EventNumber(number.0 + 1), recorded });
        }
        Entry::Mail { fact, .. } => ledger.apply(&fact, stored.recorded),
    }
}
