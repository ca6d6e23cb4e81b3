//! The single writer: the log and what it adds up to.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::Records;
use super::intake::{AppendError, AppendRequest, Receipt, judge};
use crate::calendar::Instant;
use crate::case::{Admission, CaseRef, Cases, Event, EventId, EventNumber, ProgrammeId, Sequence};
use crate::config::Config;
use crate::log::{Draft, Entry, Head, Log, LogError, OutboxChange, Stored};
use crate::policy::{Adopted, Policies, PolicyFact, adopt};
use crate::programme::Policy;
use crate::reminders::{Ledger, MailFact};

/// The log with the state that it adds up to.
///
/// Requests are staged one after the other, then committed together with one sync: what is staged is
/// seen by the next request, and by nobody else before it is committed.
pub struct Writer {
    log: Log,
    config: Arc<Config>,
    cases: Cases,
    /// The state with what is staged.
    records: Records,
    admissions: HashMap<ProgrammeId, Admission>,
    staged: Vec<Draft>,
    /// A mark of every id in the log: what has none is new, without a look at the disk.
    ids: HashSet<u64>,
    marks: RandomState,
    staged_outbox: Vec<OutboxChange>,
    touched: BTreeSet<CaseRef>,
    stirred: HashSet<CaseRef>,
    newest: Instant,
    /// Whether the configuration is adopted with the first event.
    adopts_with_first: bool,
}

impl Writer {
    /// Reads the whole of `log` and is ready to write.
    ///
    /// # Errors
    /// When the log is damaged or cannot be read.
    pub fn new(log: Log, config: Arc<Config>) -> Result<Self, LogError> {
        let (mut ids, marks) = (HashSet::new(), RandomState::new());
        let mut newest = Instant::default();
        let records = Records::replay(log.reader(), log.head().sequence, |_, stored| {
            newest = newest_after(newest, &stored.entry, stored.recorded);
            ids.insert(marks.hash_one(stored.entry.id()));
        })?;
        Ok(Self {
            log,
            admissions: admissions(&config, &records.adopted),
            config,
            cases: records.cases.clone(),
            records,
            staged: Vec::new(),
            ids,
            marks,
            staged_outbox: Vec::new(),
            touched: BTreeSet::new(),
            stirred: HashSet::new(),
            newest,
            adopts_with_first: false,
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
        &self.records.cases
    }

    /// The sent ledger.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.records.ledger
    }

    /// What became the policy, with what is staged.
    #[must_use]
    pub const fn adopted(&self) -> &Adopted {
        &self.records.adopted
    }

    /// The policies in force.
    #[must_use]
    pub fn policies(&self) -> Arc<Policies> {
        self.records.policies(&self.config, None)
    }

    /// Everything the log adds up to, with what is staged.
    #[must_use]
    pub const fn records(&self) -> &Records {
        &self.records
    }

    /// Takes a configuration at the start or anew; what it changes in the policy is staged and given. Where
    /// nothing has happened yet, the first event brings the policy along.
    pub fn configure(&mut self, config: Arc<Config>, now: Instant) -> Vec<PolicyFact> {
        self.config = config;
        self.admissions = admissions(&self.config, &self.records.adopted);
        self.adopts_with_first = self.records.cases.is_empty();
        if self.adopts_with_first { Vec::new() } else { self.adopt(now) }
    }

    /// Stages what the configuration changes in the policy, and gives it.
    fn adopt(&mut self, now: Instant) -> Vec<PolicyFact> {
        let facts = adopt(&self.records.adopted, &self.config.configured(), &self.records.cases, now);
        for fact in &facts {
            let entry = Entry::Policy { id: fresh_id(), fact: fact.clone() };
            self.stage_entry(entry, now);
        }
        if !facts.is_empty() {
            self.admissions = admissions(&self.config, &self.records.adopted);
        }
        facts
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
        let (rehearsal, keep_recorded_time) = (request.rehearsal, request.keep_recorded_time);
        let sorted = judge(request, &self.records.cases, &self.admissions, now, |id| {
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
        let adopts = self.adopts_with_first && !sorted.new.is_empty();
        if adopts && !keep_recorded_time {
            self.adopt(now);
        }
        for new in sorted.new {
            let (sequence, number) = self.stage_entry(new.entry, new.recorded);
            receipt.sequence = Some(sequence);
            receipt.case_version = number.or(receipt.case_version);
        }
        // An export brings its own policy along, which this configuration may change.
        if adopts && keep_recorded_time {
            self.adopt(now);
        }
        self.adopts_with_first &= !adopts;
        Ok(receipt)
    }

    /// Stages a fact about mail, with the change to the outbox that goes with it.
    pub fn stage_fact(&mut self, fact: MailFact, outbox: Option<OutboxChange>, now: Instant) {
        let settled =
            fact.key().filter(|_| fact.settles()).map(|key| OutboxChange::Remove(key.as_str().to_owned()));
        self.staged_outbox.extend(outbox.into_iter().chain(settled));
        self.stage_entry(Entry::Mail { id: fresh_id(), fact }, now);
    }

    fn stage_entry(&mut self, entry: Entry, recorded: Instant) -> (Sequence, Option<EventNumber>) {
        let sequence = Sequence(self.log.head().sequence.0 + self.staged.len() as u64 + 1);
        let stored = Stored { sequence, recorded, entry };
        let number = stored.entry.case().map(|case| self.records.next_number(case));
        if let Entry::Case(event) = &stored.entry {
            self.touch(event);
        }
        self.newest = newest_after(self.newest, &stored.entry, recorded);
        self.ids.insert(self.marks.hash_one(stored.entry.id()));
        self.staged.push(Draft::new(&stored.entry, number, recorded));
        self.records.apply(stored);
        (sequence, number)
    }

    fn touch(&mut self, event: &Event) {
        let policies = self.policies();
        let heard = |policy: &Policy| policy.newest().notices_hear(&event.event_type);
        if policies.values().any(heard) {
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
        self.cases = self.records.cases.clone();
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

/// A new id for what stepdown itself records.
fn fresh_id() -> EventId {
    Uuid::now_v7().to_string().parse().unwrap_or_else(|_| unreachable!("a UUID is an event id"))
}

/// What the door knows: the configured programmes, with the rules of every version that was adopted.
#[must_use]
pub fn admissions(config: &Config, adopted: &Adopted) -> HashMap<ProgrammeId, Admission> {
    let mut admissions = config.admissions.clone();
    for (programme, versions) in adopted.versions() {
        if let Some(admission) = admissions.get_mut(programme) {
            let rules = versions.iter().flat_map(|version| &version.programme.rules);
            admission.rules.extend(rules.map(|rule| rule.id.to_string()));
        }
    }
    admissions
}
