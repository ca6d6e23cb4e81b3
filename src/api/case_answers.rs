//! Questions about cases as a whole: which there are, and what happened in one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::answer::{Answers, HORIZON, QueryError, rows};
use super::case_wire::{CaseFile, CaseQuery, CaseRow, CasesQuery, ErasedRow, EventRow, HolderRow, Original};
use super::wire::DueQuery;
use crate::access::Who;
use crate::calendar::{CivilDate, Zone};
use crate::case::{self, CaseHistory, CaseRef, Erasure, EventInFull, EventNumber, PersonId, RoleId, types};
use crate::programme::{Policy, Programme};
use crate::schedule::{Asked, CaseView, Status, obligations};

impl Answers<'_> {
    /// The cases asked for, by reference.
    ///
    /// # Errors
    /// When a case is under a programme that is not configured.
    pub fn cases(&self, query: &CasesQuery) -> Result<Vec<CaseRow>, QueryError> {
        let policies = self.policies(None);
        let mut files: Vec<_> = self.records.cases.iter().collect();
        files.sort_by(|a, b| a.case().cmp(b.case()));
        let mut found = Vec::new();
        for file in files {
            if let Some(erased) = file.erased() {
                found.extend((query.all && !query.overdue).then(|| erased_row(file, self.erased_on(erased))));
                continue;
            }
            let policy = self.policy_of(file, &policies)?;
            let on = query.on.unwrap_or_else(|| policy.newest().zone.civil_date(self.now));
            let row = case_row(&file.history(), policy, on);
            if row
                .as_ref()
                .is_some_and(|row| (query.all || !row.closed) && (!query.overdue || row.overdue > 0))
            {
                found.extend(row);
            }
        }
        Ok(found)
    }

    /// A case with its history.
    ///
    /// # Errors
    /// When there is no such case, or its programme is not configured.
    pub fn case(&self, case: &CaseRef, query: &CaseQuery) -> Result<CaseFile, QueryError> {
        let CaseQuery { on, known_at } = *query;
        let kept = self.file(case)?;
        if let Some(erased) = kept.erased() {
            return Ok(self.erased_file(kept, erased, on));
        }
        let policies = self.policies(known_at);
        let policy = self.policy_of(kept, &policies)?;
        let history = &kept.history();
        let zone = policy.newest().zone;
        let on = on.unwrap_or_else(|| zone.civil_date(self.now));
        let programme = policy.on(on);
        let view = CaseView::new(history, zone, on, known_at);
        let asked = DueQuery { on: Some(on), known_at, ..DueQuery::default() };
        let to_do = [Status::Overdue, Status::Open, Status::Scheduled];
        let mut due = rows(history, policy, &asked, self.now);
        due.retain(|row| to_do.contains(&row.status));
        Ok(CaseFile {
            case: case.clone(),
            programme: history.programme().clone(),
            policy_version: policy.version_on(on).number,
            on,
            stage: view.stage(programme).map(|stage| stage.title.to_string()),
            opened_on: opened_on(&view),
            closed: view.is_closed(programme),
            people: self.people(&view, programme),
            events: events(&history.in_full(known_at, zone), on, zone),
            due,
            erased: None,
        })
    }

    /// What remains of an erased case: that there was one. Under which programme is forgotten with it.
    fn erased_file(&self, kept: &case::CaseFile, erased: &Erasure, on: Option<CivilDate>) -> CaseFile {
        let zone = self.config.settings.reminders.time_zone;
        CaseFile {
            case: kept.case().clone(),
            programme: kept.programme().clone(),
            policy_version: 0,
            on: on.unwrap_or_else(|| zone.civil_date(self.now)),
            stage: None,
            opened_on: None,
            closed: true,
            people: Vec::new(),
            events: Vec::new(),
            due: Vec::new(),
            erased: Some(ErasedRow { on: self.erased_on(erased), events: kept.version().0 }),
        }
    }

    fn people(&self, view: &CaseView<'_>, programme: &Programme) -> Vec<HolderRow> {
        let mut held: BTreeMap<RoleId, (PersonId, CivilDate)> = BTreeMap::new();
        for event in view.events() {
            let role = event.data.text("role").and_then(|role| role.parse().ok());
            let person = event.data.text("person").and_then(|person| person.parse().ok());
            match (event.event_type(), role, person) {
                (types::PROFESSIONAL_ASSIGNED, Some(role), Some(person)) => {
                    held.insert(role, (person, event.date));
                }
                (types::PROFESSIONAL_UNASSIGNED, Some(role), _) => drop(held.remove(&role)),
                _ => {}
            }
        }
        let row = |(role, (person, since)): (RoleId, (PersonId, CivilDate))| {
            let name = self.config.people.persons.get(&person).map(|known| known.name.clone());
            HolderRow { title: programme.role_title(&role).to_owned(), role, person, name, since }
        };
        held.into_iter().map(row).collect()
    }
}

/// The case in a list; nothing where nothing had happened in it by then.
fn case_row(history: &CaseHistory, policy: &Policy, on: CivilDate) -> Option<CaseRow> {
    let programme = policy.on(on);
    let view = CaseView::new(history, policy.newest().zone, on, None);
    view.events().first()?;
    let found = obligations(policy, &view, &Asked { on, horizon: HORIZON, named: None });
    let count = |status| found.iter().filter(|occurrence| occurrence.status == status).count();
    let to_do = found
        .iter()
        .filter(|occurrence| matches!(occurrence.status, Status::Overdue | Status::Open | Status::Scheduled));
    let next = to_do.min_by_key(|next| (next.due_on, next.deadline, &next.rule.id, next.why.anchor, next.n));
    Some(CaseRow {
        case: history.case().clone(),
        programme: history.programme().clone(),
        stage: view.stage(programme).map(|stage| stage.title.to_string()),
        opened_on: opened_on(&view),
        next_due: next.map(|next| next.due_on),
        next_due_occurrence: next.map(|next| next.name(history.case()).to_string()),
        next_due_title: next.map(|next| next.worded.title.to_string()),
        overdue: count(Status::Overdue),
        open: count(Status::Open),
        closed: view.is_closed(programme),
        erased_on: None,
    })
}

fn erased_row(file: &case::CaseFile, on: CivilDate) -> CaseRow {
    CaseRow {
        case: file.case().clone(),
        programme: file.programme().clone(),
        stage: None,
        opened_on: None,
        next_due: None,
        next_due_occurrence: None,
        next_due_title: None,
        overdue: 0,
        open: 0,
        closed: true,
        erased_on: Some(on),
    }
}

fn opened_on(view: &CaseView<'_>) -> Option<CivilDate> {
    let opening = view.events().iter().find(|event| event.event_type() == types::CASE_OPENED);
    opening.or(view.events().first()).map(|event| event.date)
}

/// What had happened by `on`, and whatever mends that: a mistake is mended from when it was, for all days.
fn events(full: &[EventInFull<'_>], on: CivilDate, zone: Zone) -> Vec<EventRow> {
    let happened = |event: &EventInFull<'_>| event.as_read.date <= on;
    let mending: BTreeSet<EventNumber> = full
        .iter()
        .filter(|event| happened(event))
        .flat_map(|event| [event.as_read.corrected_by, event.retracted_by])
        .flatten()
        .collect();
    let shown = full.iter().filter(|event| happened(event) || mending.contains(&event.as_read.number()));
    shown.map(|event| event_row(event, zone)).collect()
}

fn event_row(full: &EventInFull<'_>, zone: Zone) -> EventRow {
    let EventInFull { as_read, retracted_by } = full;
    let recorded = as_read.recorded;
    let event = &recorded.event;
    let extension = |name: &str| {
        let value = event.extensions.as_ref().and_then(|extensions| extensions.get(name));
        value.and_then(Value::as_str).map(str::to_owned)
    };
    EventRow {
        number: recorded.number,
        sequence: recorded.sequence,
        id: event.id.clone(),
        event_type: event.event_type.to_string(),
        on: as_read.date,
        time: as_read.time,
        recorded: recorded.recorded,
        source: event.source.to_string(),
        data: as_read.data.to_json(),
        corrected_by: as_read.corrected_by,
        retracted_by: *retracted_by,
        original: as_read.corrected_by.map(|_| Original {
            on: zone.civil_date(event.time),
            time: event.time,
            data: event.data.to_json(),
        }),
        author: extension("author"),
        recorded_by: extension("authid")
            .map(|id| Who::of_auth_context(extension("authtype").as_deref(), &id).to_string()),
        reason: extension("reason"),
    }
}
