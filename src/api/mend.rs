//! Mending: the event that sets something right, and what it would change, before it is appended.

use std::collections::BTreeMap;

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use thiserror::Error;
use uuid::Uuid;

use super::answer::{Answers, QueryError};
use crate::calendar::{CivilDate, Instant, LocalTimeError};
use crate::case::{
    CaseHistory, CaseRef, EventAsRead, EventNumber, Fault, OccurrenceName, PersonId, RecordedEvent, RoleId,
    Sequence, admit, nearest, parse_event, rfc3339, types,
};
use crate::policy::{Policies, changes};
use crate::programme::Policy;
use crate::schedule::{Asked, CaseView, Change, Status, obligations};

/// What is to be set right.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Mend {
    /// An event never happened.
    Retract {
        /// Its id, or `CASE/NUMBER`.
        event: String,
    },
    /// An event happened otherwise.
    Correct {
        /// Its id, or `CASE/NUMBER`.
        event: String,
        /// When it really happened.
        time: Option<Instant>,
        /// The fields that were otherwise, as a person writes them; an empty text takes a field out.
        set: BTreeMap<String, String>,
    },
    /// An obligation need not be done.
    Waive {
        /// Which.
        occurrence: OccurrenceName,
    },
    /// Somebody takes a role.
    Assign {
        /// In this case.
        case: CaseRef,
        /// Which role.
        role: RoleId,
        /// Who.
        person: PersonId,
    },
    /// Nobody holds a role any more.
    Unassign {
        /// In this case.
        case: CaseRef,
        /// Which role.
        role: RoleId,
    },
    /// A case is closed.
    Close {
        /// Which.
        case: CaseRef,
    },
}

/// What is to be set right, by whom and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MendRequest {
    /// What.
    #[serde(deserialize_with = "super::object::object")]
    pub mend: Mend,
    /// By whose word; the caller's, where left out.
    pub author: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// From which day on it holds; now, where left out.
    #[serde(default, deserialize_with = "super::days::maybe")]
    pub on: Option<CivilDate>,
}

/// The event that would be appended, and what it would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mending {
    /// The event, as a `CloudEvent`.
    pub event: Value,
    /// In which case.
    pub case: CaseRef,
    /// What it does, in words.
    pub words: String,
    /// The version of the case that this was reckoned on.
    pub case_version: EventNumber,
    /// The obligations that change.
    pub changes: Vec<Change>,
    /// The open obligations that somebody else must do then.
    pub handed_over: Vec<OccurrenceName>,
}

/// Why something is not mended.
#[derive(Debug, Error)]
pub enum MendError {
    /// There is no such case, programme or occurrence.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The local time does not exist.
    #[error(transparent)]
    Time(#[from] LocalTimeError),
    /// A text is missing.
    #[error("say {0}: others will want to know")]
    Missing(&'static str),
    /// There is no such event.
    #[error("there is no event \"{0}\": give its id, or CASE/NUMBER, such as SD-0042/17")]
    UnknownEvent(String),
    /// It makes no sense.
    #[error("{0}")]
    Nonsense(String),
    /// The log would not take the event.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Fault>),
}

fn nonsense<T>(words: impl Into<String>) -> Result<T, MendError> {
    Err(MendError::Nonsense(words.into()))
}

/// An event's type, case and data, and what it does in words.
struct Draft {
    case: CaseRef,
    event_type: &'static str,
    data: Map<String, Value>,
    words: String,
}

impl Answers<'_> {
    /// The event that mends what is asked, and what it would change today. Writes nothing.
    ///
    /// # Errors
    /// When it makes no sense, or the log would refuse the event.
    pub fn mend(&self, request: &MendRequest) -> Result<Mending, MendError> {
        if request.author.as_ref().is_none_or(|author| author.trim().is_empty()) {
            return Err(MendError::Missing("who does it"));
        }
        let policies = self.policies(None);
        let draft = self.draft(request, &policies)?;
        let file = self.kept(&draft.case)?;
        let reason = request.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        let event = self.event(&draft, request, reason)?;
        let (parsed, _) = parse_event(event.clone()).map_err(MendError::Refused)?;
        let admissions = self.admissions();
        let refused = admit(&[&parsed], &self.records.cases, &admissions, self.now);
        if !refused.is_empty() {
            return Err(MendError::Refused(refused.into_iter().map(|rejection| rejection.fault).collect()));
        }
        let history = &file.history();
        let mut mended = history.clone();
        let number = EventNumber(history.version().0 + 1);
        mended.apply(RecordedEvent { event: parsed, sequence: Sequence(0), number, recorded: self.now });
        let policy = self.policy_of(file, &policies)?;
        Ok(Mending {
            event,
            case_version: history.version(),
            changes: self.changes(policy, history, &mended),
            handed_over: self.handed_over(policy, history, &mended),
            case: draft.case,
            words: draft.words,
        })
    }

    fn event(&self, draft: &Draft, request: &MendRequest, reason: Option<&str>) -> Result<Value, MendError> {
        let zone = self.config.settings.reminders.time_zone;
        let time = match request.on {
            Some(day) if day != zone.civil_date(self.now) => zone.instant_given(day, NaiveTime::MIN)?,
            _ => self.now,
        };
        let mut data = draft.data.clone();
        // The schema of an assignment has no reason: it travels beside the data.
        let beside =
            matches!(draft.event_type, types::PROFESSIONAL_ASSIGNED | types::PROFESSIONAL_UNASSIGNED);
        let mut event = json!({
            "specversion": "1.0", "id": Uuid::now_v7().to_string(), "source": "/stepdown/cli",
            "type": draft.event_type, "subject": draft.case, "time": rfc3339(time),
            "datacontenttype": "application/json",
        });
        // Who was recognised as sending it in is written into it when it is appended.
        event["author"] = request.author.as_deref().map(str::trim).into();
        match reason {
            Some(reason) if beside => event["reason"] = reason.into(),
            Some(reason) => {
                data.insert("reason".to_owned(), reason.into());
            }
            None if beside || draft.event_type == types::CASE_CLOSED => {}
            None => return Err(MendError::Missing("why")),
        }
        event["data"] = Value::Object(data);
        Ok(event)
    }

    fn draft(&self, request: &MendRequest, policies: &Policies) -> Result<Draft, MendError> {
        match &request.mend {
            Mend::Retract { event } => self.retraction(event),
            Mend::Correct { event, time, set } => self.correction(event, *time, set),
            Mend::Waive { occurrence } => self.waiver(occurrence, policies),
            Mend::Assign { case, role, person } => self.assignment(case, role, Some(person), policies),
            Mend::Unassign { case, role } => self.assignment(case, role, None, policies),
            Mend::Close { case } => self.closing(case, request.on),
        }
    }

    /// The number of the event that is meant, and its case.
    fn found(&self, name: &str) -> Result<(CaseHistory, EventNumber), MendError> {
        let by_id = || self.records.cases.iter().find_map(|file| Some((file, file.find(name)?)));
        let by_number = || {
            let (case, number) = name.rsplit_once('/')?;
            let file = self.records.cases.get(&case.parse().ok()?)?;
            let number = EventNumber(number.parse().ok()?);
            (EventNumber(1)..=file.version()).contains(&number).then_some((file, number))
        };
        let found = by_number().or_else(by_id);
        let (file, number) = found.ok_or_else(|| MendError::UnknownEvent(name.to_owned()))?;
        Ok((self.kept(file.case())?.history(), number))
    }

    /// The event as it reads today, where it was not retracted.
    fn standing<'h>(
        &self,
        history: &'h CaseHistory,
        number: EventNumber,
    ) -> Result<EventAsRead<'h>, MendError> {
        let zone = self.config.settings.reminders.time_zone;
        let read = history.read(None, zone);
        match read.into_iter().find(|event| event.number() == number) {
            Some(event) => Ok(event),
            None => nonsense(format!("event {number} of case {} is retracted already", history.case())),
        }
    }

    fn retraction(&self, name: &str) -> Result<Draft, MendError> {
        let (history, number) = self.found(name)?;
        let event = self.standing(&history, number)?;
        let words = format!(
            "Retracts event {} of case {}: {} of {}",
            number,
            history.case(),
            event.event_type(),
            event.date
        );
        let data = Map::from_iter([("event".to_owned(), event.recorded.event.id.as_str().into())]);
        Ok(Draft { case: history.case().clone(), event_type: types::EVENT_RETRACTED, data, words })
    }

    fn correction(
        &self,
        name: &str,
        time: Option<Instant>,
        set: &BTreeMap<String, String>,
    ) -> Result<Draft, MendError> {
        let (history, number) = self.found(name)?;
        let event = self.standing(&history, number)?;
        let before = event.data.to_json();
        let mut after = before.clone();
        let admission = self.config.admissions.get(history.programme());
        let kind = admission.and_then(|admission| admission.catalogue.get(event.event_type()));
        for (field, text) in set {
            let value = kind.map_or_else(|| text.as_str().into(), |kind| kind.value_of(field, text));
            match after.as_object_mut() {
                Some(fields) if text.is_empty() => drop(fields.remove(field)),
                Some(fields) => drop(fields.insert(field.clone(), value)),
                None => {}
            }
        }
        let time = time.filter(|time| *time != event.time);
        if time.is_none() && before == after {
            return nonsense(format!("event {number} of case {} reads so already", history.case()));
        }
        let zone = self.config.settings.reminders.time_zone;
        let mut words = format!(
            "Corrects event {} of case {}: {} of {}",
            number,
            history.case(),
            event.event_type(),
            event.date
        );
        let mut data = Map::from_iter([("event".to_owned(), event.recorded.event.id.as_str().into())]);
        if let Some(time) = time {
            data.insert("time".to_owned(), rfc3339(time).into());
            words = format!("{words} happened on {}", zone.civil_date(time));
        }
        if before != after {
            words = format!("{words} says {after}, not {before}");
            data.insert("data".to_owned(), after);
        }
        Ok(Draft { case: history.case().clone(), event_type: types::EVENT_CORRECTED, data, words })
    }

    fn waiver(&self, name: &OccurrenceName, policies: &Policies) -> Result<Draft, MendError> {
        let file = self.kept(&name.case)?;
        let policy = self.policy_of(file, policies)?;
        let history = &file.history();
        let view = CaseView::new(history, policy.newest().zone, self.today(policy), None);
        let asked = Asked { on: view.on(), horizon: 0, named: Some(name.clone()) };
        let all = obligations(policy, &view, &asked);
        let Some(found) = all.iter().find(|occurrence| occurrence.name(view.case()) == *name) else {
            // The question of why it is not there has its answer already.
            self.explain(name, None, None)?;
            return nonsense(format!("there is no {name}"));
        };
        if matches!(found.status, Status::Done | Status::DoneLate | Status::Waived | Status::Cancelled) {
            return nonsense(format!("{name} is {} already", found.status));
        }
        let words =
            format!("Waives {name}: {}, {}, deadline {}", found.worded.title, found.status, found.deadline);
        let data = Map::from_iter([("occurrence".to_owned(), name.to_string().into())]);
        Ok(Draft { case: name.case.clone(), event_type: types::OBLIGATION_WAIVED, data, words })
    }

    fn assignment(
        &self,
        case: &CaseRef,
        role: &RoleId,
        person: Option<&PersonId>,
        policies: &Policies,
    ) -> Result<Draft, MendError> {
        let file = self.kept(case)?;
        let policy = self.policy_of(file, policies)?;
        let history = &file.history();
        let today = self.today(policy);
        let holders = CaseView::new(history, policy.newest().zone, today, None).holders();
        let holder = holders.get(role.as_str());
        let mut data = Map::from_iter([("role".to_owned(), role.as_str().into())]);
        let Some(person) = person else {
            let Some(holder) = holder else { return nonsense(format!("nobody holds {role} in case {case}")) };
            let words = format!("Takes {holder} out of the role {role} in case {case}");
            return Ok(Draft { case: case.clone(), event_type: types::PROFESSIONAL_UNASSIGNED, data, words });
        };
        let persons = &self.config.people.persons;
        let Some(known) = persons.get(person) else {
            let near = nearest(person.as_str(), persons.keys().map(PersonId::as_str));
            let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            return nonsense(format!("nobody is listed as \"{person}\" in people.toml{hint}"));
        };
        if let Some(left) = known.left_on.filter(|left| *left <= today) {
            return nonsense(format!("{person} left on {left}"));
        }
        if holder == Some(person) {
            return nonsense(format!("{person} holds {role} in case {case} already"));
        }
        let holder = holder.map(|holder| format!("; today {holder} holds it")).unwrap_or_default();
        let words = format!("Assigns {person} to the role {role} in case {case}{holder}");
        data.insert("person".to_owned(), person.as_str().into());
        Ok(Draft { case: case.clone(), event_type: types::PROFESSIONAL_ASSIGNED, data, words })
    }

    fn closing(&self, case: &CaseRef, on: Option<CivilDate>) -> Result<Draft, MendError> {
        let history = self.kept(case)?.history();
        let read = history.read(None, self.config.settings.reminders.time_zone);
        let last = |event_type: &str| read.iter().rev().find(|event| event.event_type() == event_type);
        let opened = last(types::CASE_OPENED);
        let closed = last(types::CASE_CLOSED);
        if let Some(closed) = closed.filter(|closed| opened.is_none_or(|opened| opened.time < closed.time)) {
            return nonsense(format!(
                "case {case} is closed since {}; to open it again, retract {case}/{}",
                closed.date,
                closed.number()
            ));
        }
        if let (Some(opened), Some(on)) = (opened, on)
            && on < opened.date
        {
            return nonsense(format!("case {case} was opened on {}, after {on}", opened.date));
        }
        let words = format!("Closes case {case}");
        Ok(Draft { case: case.clone(), event_type: types::CASE_CLOSED, data: Map::new(), words })
    }

    fn today(&self, policy: &Policy) -> CivilDate {
        policy.newest().zone.civil_date(self.now)
    }

    fn changes(&self, policy: &Policy, before: &CaseHistory, after: &CaseHistory) -> Vec<Change> {
        changes((before, policy), (after, policy), self.today(policy), super::answer::HORIZON)
    }

    /// What is still to be done by the roles that somebody else holds today by the mended history.
    fn handed_over(&self, policy: &Policy, before: &CaseHistory, after: &CaseHistory) -> Vec<OccurrenceName> {
        let (zone, today) = (policy.newest().zone, self.today(policy));
        let then = CaseView::new(before, zone, today, None).holders();
        let view = CaseView::new(after, zone, today, None);
        let now = view.holders();
        let asked = Asked { on: today, horizon: 0, named: None };
        let all = obligations(policy, &view, &asked);
        let open = all.iter().filter(|found| matches!(found.status, Status::Open | Status::Overdue));
        let moved = open.filter(|found| {
            let owner = found.rule.owner.as_str();
            then.get(owner) != now.get(owner)
        });
        moved.map(|found| found.name(view.case())).collect()
    }
}
