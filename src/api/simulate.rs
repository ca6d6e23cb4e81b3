//! What would be mailed in days to come, or would have been in days gone by, on a virtual clock.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::{Answers, QueryError};
use super::days::MOST_DAYS;
use super::horizon::is_within_reach;
use super::reminders::{MailItem, PlannedMail};
use super::wire::FaultBody;
use crate::calendar::CivilDate;
use crate::case::{
    CaseFile, CaseHistory, CaseRef, Cases, Event, EventId, EventNumber, RecordedEvent, Rejection, Sequence,
    admit, parse_event,
};
use crate::daemon::enclose;
use crate::language::Phrases;
use crate::mail::Post;
use crate::reminders::{MessageKind, Planned, Standings, Walk, World, compose};
use crate::schedule::Places;

/// Which days are simulated.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulateQuery {
    /// The first day.
    #[serde(deserialize_with = "super::days::day")]
    pub from: CivilDate,
    /// The last day.
    #[serde(deserialize_with = "super::days::day")]
    pub to: CivilDate,
    /// Of this case only.
    #[serde(default)]
    pub case: Option<CaseRef>,
    /// Events that are taken to happen, besides those recorded; then only their cases are looked at.
    #[serde(default)]
    pub events: Vec<Value>,
    /// Whether the whole messages are wanted.
    #[serde(default)]
    pub messages: bool,
}

/// A message that would go, with the whole of it where that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedMail {
    /// What would go.
    #[serde(flatten)]
    pub mail: PlannedMail,
    /// The whole message (RFC 5322).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eml: Option<String>,
}

impl Answers<'_> {
    /// Every message of the days asked for, in the order in which they would go; `each_day` hears of each
    /// day that has passed.
    ///
    /// Days before today are walked with what was sent before the first of them and with what is known
    /// today; from today on, with what was really sent.
    ///
    /// # Errors
    /// When the days are the wrong way round, the case is unknown, or an event is refused.
    pub fn simulate(
        &self,
        query: &SimulateQuery,
        post: &Post,
        mut each_day: impl FnMut(CivilDate),
    ) -> Result<Vec<SimulatedMail>, QueryError> {
        let days = query.to.signed_duration_since(query.from).num_days();
        if !(0..MOST_DAYS).contains(&days) {
            return Err(QueryError::Days { from: query.from, to: query.to, most: MOST_DAYS });
        }
        let (cases, supposed) = self.supposing(&query.events)?;
        let only: Vec<_> = match &query.case {
            Some(case) if cases.get(case).is_none() => return Err(QueryError::UnknownCase(case.clone())),
            Some(case) => vec![case.clone()],
            None => supposed.into_iter().collect(),
        };
        let (policies, office) = (self.policies(None), self.config.office());
        let today = office.zone.civil_date(self.now);
        is_within_reach(today, query.to)?;
        let past = query.from < today;
        let ledger = &self.records.ledger;
        let ledger = if past { ledger.at_start_of(query.from) } else { ledger.clone() };
        let start = if past { office.opens(query.from) } else { self.now };
        let offices = if past { self.records.adopted.offices(Some(start)) } else { None };
        let people = offices.map(|offices| offices.held_by(&self.config.people));
        let people = people.as_ref().unwrap_or(&self.config.people);
        let places = Places::of(&cases, &policies, None);
        let mut walk =
            Walk::new((&cases, &policies), (people, &office), ledger, start, &only).with_limits(places);
        if past {
            walk.begin_on(query.from);
        }
        let mut found = Vec::new();
        let first = if past { query.from } else { today };
        for day in first.iter_days().take_while(|day| *day <= query.to) {
            let mut failed = None;
            walk.day(day, |world, planned| {
                let admin = planned.plan.matter.kind() == MessageKind::Admin;
                if day >= query.from && (only.is_empty() || !admin) {
                    match simulated(world, planned, day, (post, &self.config.phrases), query.messages) {
                        Ok(mail) => found.extend(mail),
                        Err(error) => failed = Some(error),
                    }
                }
            });
            if let Some(error) = failed {
                return Err(error);
            }
            each_day(day);
        }
        Ok(found)
    }

    /// The cases with `events` taken to happen when they say, and which cases these are.
    fn supposing(&self, events: &[Value]) -> Result<(Cases, BTreeSet<CaseRef>), QueryError> {
        let mut cases = self.records.cases.clone();
        let events = self.read_supposed(events)?;
        let about = events.iter().map(|event| event.subject.clone()).collect();
        for event in events {
            let number = cases.get(&event.subject).map_or(0, |file| file.version().0);
            let (sequence, recorded) = (Sequence(0), event.time);
            cases.apply(&RecordedEvent { event, sequence, number: EventNumber(number + 1), recorded });
        }
        Ok((cases, about))
    }

    /// Reads events, and judges them as if the last of them had happened by now. Those that the log has are
    /// left out.
    fn read_supposed(&self, events: &[Value]) -> Result<Vec<Event>, QueryError> {
        let (mut read, mut places, mut rejections) = (Vec::new(), Vec::new(), Vec::new());
        let known = self.known(events);
        for (index, json) in events.iter().enumerate() {
            match parse_event(json.clone()) {
                Ok((event, _)) if known.get(&event.id).is_some_and(|known| *known == event) => {}
                Ok((event, _)) => {
                    places.push(index);
                    read.push(event);
                }
                Err(faults) => {
                    rejections.extend(faults.into_iter().map(|fault| Rejection { index, fault }));
                }
            }
        }
        let latest = read.iter().map(|event| event.time).fold(self.now, std::cmp::max);
        let refused =
            admit(&read.iter().collect::<Vec<_>>(), &self.records.cases, &self.admissions(), latest);
        rejections.extend(refused.into_iter().map(|rejection| Rejection {
            index: places.get(rejection.index).copied().unwrap_or_default(),
            ..rejection
        }));
        if rejections.is_empty() {
            return Ok(read);
        }
        rejections.sort_by_key(|rejection| rejection.index);
        Err(QueryError::Events(rejections.into_iter().map(FaultBody::from).collect()))
    }

    /// The events of the log that any of `events` could be once more.
    fn known(&self, events: &[Value]) -> HashMap<EventId, Event> {
        let mut named: BTreeMap<CaseRef, HashSet<&str>> = BTreeMap::new();
        for json in events {
            let subject = json["subject"].as_str().and_then(|subject| subject.parse().ok());
            if let (Some(subject), Some(id)) = (subject, json["id"].as_str()) {
                named.entry(subject).or_default().insert(id);
            }
        }
        let mut known = HashMap::new();
        for (case, ids) in &named {
            let history = self.records.cases.get(case).map(CaseFile::history);
            for recorded in history.iter().flat_map(CaseHistory::events) {
                if ids.contains(recorded.event.id.as_str()) {
                    known.insert(recorded.event.id.clone(), recorded.event.clone());
                }
            }
        }
        known
    }
}

fn simulated(
    world: &World<'_>,
    planned: &Planned,
    on: CivilDate,
    (post, phrases): (&Post, &Phrases),
    whole: bool,
) -> Result<Option<SimulatedMail>, QueryError> {
    let Planned { plan, to } = planned;
    let Some(mut message) = compose(plan, to.clone(), world, &mut Standings::new()) else { return Ok(None) };
    if whole {
        enclose(&mut message, world, phrases).map_err(|error| QueryError::Mail(error.to_string()))?;
    }
    let rendered = post.render(&message, world.now).map_err(|error| QueryError::Mail(error.to_string()))?;
    let mail = PlannedMail {
        on,
        to: to.email.clone(),
        kind: plan.matter.kind(),
        subject: rendered.subject,
        items: plan.matter.items().iter().map(MailItem::from).collect(),
    };
    let eml = whole.then(|| String::from_utf8_lossy(&rendered.bytes).into_owned());
    Ok(Some(SimulatedMail { mail, eml }))
}
