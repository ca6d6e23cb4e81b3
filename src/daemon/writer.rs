//! The single writer: the log and what it adds up to.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::commit::Submitted;
use super::intake::{AppendError, AppendRequest, Receipt, judge};
use super::keeper::Keeper;
use super::restore::Books;
use super::{Meters, Records};
use crate::calendar::Instant;
use crate::case::{Admission, CaseRef, Cases, EventId, EventNumber, Interner, Packed, ProgrammeId, Sequence};
use crate::config::Config;
use crate::log::{
    Content, Draft, Entry, Fact, Head, Log, LogError, Marker, OutboxChange, RecordsFact, Stored,
};
use crate::policy::{Adopted, Policies, PolicyFact, adopt};
use crate::reminders::{Ledger, MailFact, MessageKey};

/// The log with the state that it adds up to.
///
/// Requests are staged one after the other, then committed together with one sync: what is staged is
/// seen by the next request, and by nobody else before it is committed.
pub struct Writer {
    pub(super) log: Log,
    pub(super) config: Arc<Config>,
    pub(super) cases: Cases,
    /// The state with what is staged.
    pub(super) books: Books,
    pub(super) admissions: HashMap<ProgrammeId, Admission>,
    pub(super) staged: Vec<Draft>,
    pub(super) staged_outbox: Vec<OutboxChange>,
    /// What is on its way to the disk, …
    pub(super) submitted: VecDeque<Draft>,
    /// … how much of it each group has, and the cases with it.
    pub(super) groups: VecDeque<Submitted>,
    pub(super) marker: Marker,
    pub(super) touched: BTreeSet<CaseRef>,
    pub(super) stirred: HashSet<CaseRef>,
    pub(super) keeper: Keeper,
    meters: Meters,
    /// The cases whose erasure is staged.
    pub(super) erasing: Vec<CaseRef>,
    /// Whether the configuration is adopted with the first event.
    pub(super) adopts_with_first: bool,
}

impl Writer {
    /// Reads what `log` adds up to and is ready to write. An erasure that was cut off is brought to its end.
    ///
    /// # Errors
    /// When the log is damaged or cannot be read.
    pub fn new(log: Log, config: Arc<Config>) -> Result<Self, LogError> {
        let (books, mut at) = Books::restore(&log)?;
        let mut outlived = false;
        for (file, erased) in books.records.cases.iter().filter_map(|file| Some((file, file.erased()?))) {
            log.destroy_key(file.case())?;
            outlived |= erased.sequence > at.sequence;
        }
        // The snapshot may tell of what was erased after it was written.
        if outlived {
            log.remove_snapshot()?;
            at = Head::ORIGIN;
        }
        Ok(Self {
            marker: log.marker(),
            meters: Meters::new(log.timings()),
            log,
            admissions: admissions(&config, &books.records.adopted),
            config,
            cases: books.records.cases.clone(),
            books,
            staged: Vec::new(),
            staged_outbox: Vec::new(),
            submitted: VecDeque::new(),
            groups: VecDeque::new(),
            touched: BTreeSet::new(),
            stirred: HashSet::new(),
            keeper: Keeper::new(at),
            erasing: Vec::new(),
            adopts_with_first: false,
        })
    }

    /// Opens the log in `dir`, making it where there is none.
    ///
    /// # Errors
    /// As [`Log::open`] and [`Writer::new`].
    pub fn open(dir: &Path, config: Arc<Config>, purpose: &str) -> Result<Self, LogError> {
        let key = config.settings.records.wrapping_key(dir);
        Self::new(Log::open(dir, &key, purpose)?, config)
    }

    /// The cases as committed: what may be shown.
    #[must_use]
    pub const fn cases(&self) -> &Cases {
        &self.cases
    }

    /// The cases with what is staged: what is planned with it is committed with it.
    #[must_use]
    pub const fn staged_cases(&self) -> &Cases {
        &self.books.records.cases
    }

    /// The sent ledger.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.books.records.ledger
    }

    /// What became the policy, with what is staged.
    #[must_use]
    pub const fn adopted(&self) -> &Adopted {
        &self.books.records.adopted
    }

    /// The policies in force.
    #[must_use]
    pub fn policies(&self) -> Arc<Policies> {
        self.books.records.policies(&self.config, None)
    }

    /// Everything the log adds up to, with what is staged.
    #[must_use]
    pub const fn records(&self) -> &Records {
        &self.books.records
    }

    /// Takes a configuration at the start or anew; what it changes in the policy is staged and given. Where
    /// nothing has happened yet, the first event brings the policy along.
    pub fn configure(&mut self, config: Arc<Config>, now: Instant) -> Vec<PolicyFact> {
        self.config = config;
        self.admissions = admissions(&self.config, &self.books.records.adopted);
        self.adopts_with_first = self.books.records.cases.is_empty();
        if self.adopts_with_first { Vec::new() } else { self.adopt(now) }
    }

    /// Stages what the configuration changes in the policy, and gives it.
    fn adopt(&mut self, now: Instant) -> Vec<PolicyFact> {
        let facts =
            adopt(&self.books.records.adopted, &self.config.configured(), &self.books.records.cases, now);
        for fact in &facts {
            self.stage_own(Fact::Policy(fact.clone()), now);
        }
        if !facts.is_empty() {
            self.admissions = admissions(&self.config, &self.books.records.adopted);
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

    /// What is counted of it.
    #[must_use]
    pub const fn meters(&self) -> &Meters {
        &self.meters
    }

    /// When the newest entry of the log was recorded, or mail was released since.
    #[must_use]
    pub const fn newest(&self) -> Instant {
        self.books.newest
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
        if request.keep_recorded_time && self.next_sequence().0 > 1 {
            return Err(AppendError::NotEmpty);
        }
        let (rehearsal, keep_recorded_time) = (request.rehearsal, request.keep_recorded_time);
        let known = |id: &EventId| self.known(id);
        let sorted = judge(request, &self.books.records.cases, &self.admissions, now, known)?;
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
        if let Some(delivery) = fact.key().and_then(|key| self.ledger().get(key)) {
            self.meters.mailed(&fact, delivery);
        }
        let settled =
            fact.key().filter(|_| fact.settles()).map(|key| OutboxChange::Remove(key.as_str().to_owned()));
        self.staged_outbox.extend(outbox.into_iter().chain(settled));
        self.stage_own(Fact::Mail(fact), now);
    }

    /// Has a text taken out of the outbox with what is staged: it says what must not be said any more.
    pub(super) fn stage_removal(&mut self, key: &MessageKey) {
        self.staged_outbox.push(OutboxChange::Remove(key.as_str().to_owned()));
    }

    /// Stages something that stepdown itself has to say.
    pub(super) fn stage_own(&mut self, fact: Fact, now: Instant) {
        self.stage_entry(Entry::Own(fresh_id(), fact), now);
    }

    fn stage_entry(&mut self, entry: Entry, recorded: Instant) -> (Sequence, Option<EventNumber>) {
        let (sequence, mark) = (self.next_sequence(), Some(self.marker.mark(entry.id())));
        let (draft, content, number) = match entry {
            Entry::Case(event) => {
                self.touch(&event);
                let (packed, case) = (Packed::of(&event), event.subject);
                let number = self.books.records.next_number(&case);
                let draft = Draft::of_event(event.id, case.clone(), &packed, recorded);
                (draft, Content::Case(case, packed), Some(number))
            }
            Entry::Own(id, fact) => {
                if let Fact::Records(RecordsFact::CaseErased(erased)) = &fact {
                    self.erasing.push(erased.case.clone());
                }
                (Draft::of_fact(&id, &fact, recorded), Content::Own(id, fact), None)
            }
        };
        self.staged.push(draft);
        self.books.apply(Stored { sequence, recorded, mark, content });
        (sequence, number)
    }

    /// The place that the next entry takes.
    fn next_sequence(&self) -> Sequence {
        Sequence(self.log.head().sequence.0 + self.staged.len() as u64 + 1)
    }

    /// What there is under an id, be it on its way to the disk or not even that.
    fn known(&self, id: &EventId) -> Result<Option<Entry>, LogError> {
        let staged = self.next_sequence().0 - self.staged.len() as u64;
        let submitted = staged - self.submitted.len() as u64;
        for place in self.books.records.ids.find(self.marker.mark(id)) {
            let index = |from: u64| usize::try_from(place.0 - from).unwrap_or(usize::MAX);
            let entry = if place.0 >= staged {
                self.staged.get(index(staged)).and_then(Draft::entry)
            } else if place.0 >= submitted {
                self.submitted.get(index(submitted)).and_then(Draft::entry)
            } else {
                let stored = self.log.reader().at(place)?;
                stored.and_then(|stored| stored.entry(&mut Interner::default()))
            };
            if let Some(entry) = entry.filter(|entry| entry.id() == id) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
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
