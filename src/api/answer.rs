//! Questions about what is recorded, answered from the cases and the configuration alone.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use super::wire::{BackupRow, ConfigurationRow, DueQuery, FaultBody, ObligationRow, Status};
use crate::calendar::{CivilDate, Instant};
use crate::case::{
    Admission, CaseFile, CaseHistory, CaseRef, Erasure, OccurrenceName, PersonId, ProgrammeId, RoleId,
    RuleId, Sought, nearest,
};
use crate::config::{Config, Transport};
use crate::daemon::{EraseError, EraseOrder, Erasing, Records, Snapshot, admissions, judge_erasure};
use crate::log::{Checkpoints, LastBackup, Space};
use crate::policy::Policies;
use crate::programme::Policy;
use crate::reminders::{ClockReading, State};
use crate::report::PeriodError;
use crate::schedule::{Asked, CaseView, Status as ObligationStatus, obligations};

/// How far ahead scheduled obligations are listed, in days (`semantics` §5).
pub const HORIZON: u16 = 90;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryError {
    /// No such case.
    #[error("there is no case {0}")]
    UnknownCase(CaseRef),
    /// No such case, and one of nearly that name.
    #[error("there is no case {case}; did you mean \"{near}\"?")]
    NearCase {
        /// The case.
        case: CaseRef,
        /// The other.
        near: CaseRef,
    },
    /// The case was erased.
    #[error("case {case} was erased on {on}; nothing is known of it any more")]
    Erased {
        /// The case.
        case: CaseRef,
        /// The day.
        on: CivilDate,
    },
    /// No programme has such a role.
    #[error("\"{0}\" is not a role of any programme")]
    UnknownRole(RoleId),
    /// No such person.
    #[error("nobody is listed as \"{0}\" in people.toml")]
    UnknownPerson(PersonId),
    /// The days are the wrong way round, or too many.
    #[error("{from} to {to}: the first day must not come after the last, and there are at most {most} days")]
    Days {
        /// The first.
        from: CivilDate,
        /// The last.
        to: CivilDate,
        /// How many there may be.
        most: i64,
    },
    /// There is no such period to report on.
    #[error("{0}")]
    Period(PeriodError),
    /// There is no such programme.
    #[error("there is no programme \"{programme}\"; {hint}")]
    NoProgramme {
        /// Its id.
        programme: ProgrammeId,
        /// The one that may be meant, or those there are.
        hint: String,
    },
    /// Events that were to be taken for granted are refused.
    #[error("refused, {} found", if .0.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", .0.len()) })]
    Events(Vec<FaultBody>),
    /// The programme has no such rule.
    #[error("{programme} has no rule {rule}")]
    UnknownRule {
        /// The rule.
        rule: RuleId,
        /// The programme.
        programme: ProgrammeId,
    },
    /// A message cannot be made.
    #[error("{0}")]
    Mail(String),
    /// The case's programme is not in the configuration.
    #[error("case {case} is under {programme}, which is not in this configuration")]
    UnknownProgramme {
        /// The case.
        case: CaseRef,
        /// Its programme.
        programme: String,
    },
    /// The rule or the series of an occurrence is not there.
    #[error("there is no {name} on {on}: {why}")]
    NoSuchOccurrence {
        /// Its name.
        name: OccurrenceName,
        /// The date asked about.
        on: CivilDate,
        /// Why there is none.
        why: String,
    },
}

/// What questions are answered from.
#[derive(Clone, Copy)]
pub struct Answers<'a> {
    /// What the log adds up to.
    pub records: &'a Records,
    /// The configuration in force.
    pub config: &'a Config,
    /// The moment.
    pub now: Instant,
}

impl<'a> Answers<'a> {
    /// The policy of a case.
    ///
    /// # Errors
    /// When its programme was never adopted and is not configured.
    pub fn policy_of<'p>(&self, file: &CaseFile, policies: &'p Policies) -> Result<&'p Policy, QueryError> {
        policies.get(file.programme()).ok_or_else(|| QueryError::UnknownProgramme {
            case: file.case().clone(),
            programme: file.programme().to_string(),
        })
    }

    /// What the door knows: see [`admissions`].
    #[must_use]
    pub fn admissions(&self) -> HashMap<ProgrammeId, Admission> {
        admissions(self.config, &self.records.adopted)
    }

    /// The policies, as known at `known_at` (now, if `None`).
    #[must_use]
    pub fn policies(&self, known_at: Option<Instant>) -> Arc<Policies> {
        self.records.policies(self.config, known_at)
    }

    /// The file of a case, erased or not.
    ///
    /// # Errors
    /// When there is none.
    pub fn file(&self, case: &CaseRef) -> Result<&'a CaseFile, QueryError> {
        self.records.cases.get(case).ok_or_else(|| self.unknown(case))
    }

    /// The file of a case that was not erased.
    ///
    /// # Errors
    /// When there is none.
    pub fn kept(&self, case: &CaseRef) -> Result<&'a CaseFile, QueryError> {
        let file = self.file(case)?;
        match file.erased() {
            Some(erased) => Err(QueryError::Erased { case: case.clone(), on: self.erased_on(erased) }),
            None => Ok(file),
        }
    }

    /// What an erasure would destroy today.
    ///
    /// # Errors
    /// When it would be refused.
    pub fn erasing(&self, order: &EraseOrder) -> Result<Erasing, EraseError> {
        judge_erasure(order, self.records, self.config, self.now)
    }

    /// The local day of an erasure.
    pub(super) fn erased_on(&self, erased: &Erasure) -> CivilDate {
        self.config.settings.reminders.time_zone.civil_date(erased.recorded)
    }

    fn unknown(&self, case: &CaseRef) -> QueryError {
        let known = self.records.cases.iter().map(|file| file.case().as_str());
        match nearest(case.as_str(), known).and_then(|near| near.parse().ok()) {
            Some(near) => QueryError::NearCase { case: case.clone(), near },
            None => QueryError::UnknownCase(case.clone()),
        }
    }

    /// The obligations asked for: by case, and in each by the day to act by.
    ///
    /// # Errors
    /// When a case asked for is unknown, or a case is under a programme that is not configured.
    pub fn due(&self, query: &DueQuery) -> Result<Vec<ObligationRow>, QueryError> {
        let mut all = Vec::new();
        self.due_by_case(query, |rows| all.extend(rows))?;
        Ok(all)
    }

    /// The same, one case after the other, so that a long list need not be held as a whole.
    ///
    /// # Errors
    /// As [`Answers::due`]; all of them show before the first case is answered.
    pub fn due_by_case(
        &self,
        query: &DueQuery,
        mut each: impl FnMut(Vec<ObligationRow>),
    ) -> Result<(), QueryError> {
        let policies = self.policies(query.known_at);
        for (file, policy) in self.wanted(query, &policies)? {
            each(rows(&file.history(), policy, query, self.now));
        }
        Ok(())
    }

    /// The cases that the question is about, in the order of the answer.
    ///
    /// # Errors
    /// As [`Answers::due`].
    pub fn cases_of(&self, query: &DueQuery) -> Result<Vec<CaseRef>, QueryError> {
        let policies = self.policies(query.known_at);
        Ok(self.wanted(query, &policies)?.into_iter().map(|(file, _)| file.case().clone()).collect())
    }

    /// What is asked for of one of these cases; `policies` are those known at the moment asked about.
    ///
    /// # Errors
    /// As [`Answers::due`].
    pub fn due_in(
        &self,
        case: &CaseRef,
        query: &DueQuery,
        policies: &Policies,
    ) -> Result<Vec<ObligationRow>, QueryError> {
        let file = self.kept(case)?;
        Ok(rows(&file.history(), self.policy_of(file, policies)?, query, self.now))
    }

    fn wanted<'p>(
        &self,
        query: &DueQuery,
        policies: &'p Policies,
    ) -> Result<Vec<(&'a CaseFile, &'p Policy)>, QueryError> {
        if let Some(role) = &query.role
            && !policies.values().any(|policy| policy.newest().roles.contains_key(role))
        {
            return Err(QueryError::UnknownRole(role.clone()));
        }
        let mut wanted: Vec<_> = match &query.case {
            Some(case) => vec![self.kept(case)?],
            None => self.records.cases.iter().filter(|file| file.erased().is_none()).collect(),
        };
        if let Some(person) = &query.person {
            // Who is named nowhere in a case has nothing to do in it: most cases need not be read for one person.
            let sought = Sought::new(person.as_str());
            wanted.retain(|file| file.can_hold(&sought));
        }
        wanted.sort_by(|a, b| a.case().cmp(b.case()));
        wanted.into_iter().map(|file| Ok((file, self.policy_of(file, policies)?))).collect()
    }
}

pub(super) fn rows(
    history: &CaseHistory,
    policy: &Policy,
    query: &DueQuery,
    now: Instant,
) -> Vec<ObligationRow> {
    let mut rows = Vec::new();
    let zone = policy.newest().zone;
    let on = query.on.unwrap_or_else(|| zone.civil_date(now));
    let view = CaseView::new(history, zone, on, query.known_at);
    let holders = view.holders();
    let asked = Asked { on, horizon: query.horizon.unwrap_or(HORIZON), named: None };
    for occurrence in obligations(policy, &view, &asked) {
        let (rule, worded) = (occurrence.rule, occurrence.worded);
        let owner = holders.get(rule.owner.as_str());
        let wanted = (query.all || occurrence.status != ObligationStatus::Cancelled)
            && query.role.as_ref().is_none_or(|role| *role == rule.owner)
            && query.person.as_ref().is_none_or(|person| owner == Some(person));
        if wanted {
            rows.push(ObligationRow {
                occurrence: occurrence.name(view.case()).to_string(),
                case: view.case().clone(),
                obligation: rule.id.clone(),
                title: worded.title.to_string(),
                kind: rule.shape.name().to_owned(),
                status: occurrence.status,
                opens_on: occurrence.opens_on,
                deadline: occurrence.deadline,
                due_on: occurrence.due_on,
                done_on: occurrence.done.map(|done| done.on),
                owner_role: rule.owner.clone(),
                owner: owner.cloned(),
                also: worded.also.clone(),
                basis: worded.basis.to_string(),
                source: worded.source.clone(),
            });
        }
    }
    rows.sort_by(|a, b| {
        (a.due_on, a.deadline, &a.obligation, &a.occurrence).cmp(&(
            b.due_on,
            b.deadline,
            &b.obligation,
            &b.occurrence,
        ))
    });
    rows
}

/// What only a running daemon knows of itself.
#[derive(Debug, Clone, Copy)]
pub struct Running {
    /// Since when it runs.
    pub started_at: Option<Instant>,
    /// When its loop last turned.
    pub heartbeat_at: Option<Instant>,
}

/// How it stands; `running` where a daemon answers.
#[must_use]
pub fn status(snapshot: &Snapshot, data: &Path, running: Option<Running>, now: Instant) -> Status {
    let ledger = &snapshot.records.ledger;
    let accepted = ledger.deliveries().filter(|delivery| delivery.state == State::Accepted);
    let space = Space::of(data).ok();
    let config = &snapshot.config;
    let mut programmes: Vec<_> = config.policies.keys().map(ToString::to_string).collect();
    programmes.sort();
    Status {
        daemon: running.is_some(),
        process: std::process::id(),
        data: data.display().to_string(),
        sequence: snapshot.head.sequence,
        chain: snapshot.head.hash.to_string(),
        cases: snapshot.records.cases.len(),
        events: snapshot.records.cases.events(),
        programmes,
        bank_holidays_until: config.calendar.horizon(),
        next_digest: snapshot.next_digest,
        mail: snapshot.records.ledger.counts().into(),
        oldest_unsent: snapshot.records.ledger.waiting().map(|delivery| delivery.planned_at).min(),
        mail_paused_until: snapshot.paused_until,
        mail_held: held(snapshot),
        undelivered: snapshot.records.ledger.undelivered().len(),
        scrub: Checkpoints::of(data).last_scrub().map(Into::into),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: running.and_then(|running| running.started_at),
        heartbeat_at: running.and_then(|running| running.heartbeat_at),
        newest_at: (snapshot.head.sequence.0 > 0).then_some(snapshot.newest),
        time_zone: config.settings.reminders.time_zone.to_string(),
        configuration: Some(ConfigurationRow { from: config.from.clone(), sha256: config.sha256.clone() }),
        transport: match config.settings.mail.transport {
            Transport::Files => "files".to_owned(),
            Transport::Smtp => "smtp".to_owned(),
        },
        last_accepted_at: accepted.map(|delivery| delivery.since).max(),
        workload: Answers { records: &snapshot.records, config, now }.workload(),
        limits_exceeded: Answers { records: &snapshot.records, config, now }.limits_exceeded(),
        log_bytes: space.map(|space| space.log_bytes),
        disk_free_bytes: space.map(|space| space.free_bytes),
        backup: backup(config, data),
    }
}

/// What became of scheduled backups, where there are to be any.
fn backup(config: &Config, data: &Path) -> Option<BackupRow> {
    let last = LastBackup::of(data);
    let is_told = config.settings.backup.directory.is_some() || last != LastBackup::default();
    is_told.then(|| last.into())
}

/// Why nothing is sent, if nothing is.
fn held(snapshot: &Snapshot) -> Option<String> {
    if let ClockReading::Behind { until } = snapshot.clock {
        return Some(format!("the clock was set back; mail goes again at {}", until.to_rfc3339()));
    }
    snapshot
        .records
        .ledger
        .hold()
        .map(|hold| format!("by {} since {}: {}", hold.author, hold.since.to_rfc3339(), hold.reason))
}
