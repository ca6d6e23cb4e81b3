//! Limits across cases: who is told that one is exceeded, and what the message says as it is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::saying::{Names, Say, origin};
use super::{
    Capacity, CaseOnDay, Desk, Looked, Matter, MessageKey, Part, Plan, Planned, Recipient, Recorded, Saying,
    World,
};
use crate::calendar::CivilDate;
use crate::case::{CaseRef, EventNumber, ProgrammeId, RuleId};
use crate::language::Wording;
use crate::programme::Policy;
use crate::schedule::{Place, Tally};

/// What a message about a limit tells.
#[derive(Debug, Clone)]
pub struct LimitContent {
    /// The case whose event exceeded it.
    pub case: CaseRef,
    /// The programme of the case.
    pub programme: ProgrammeId,
    /// The day of that event.
    pub happened_on: CivilDate,
    /// The limit's title.
    pub title: Wording,
    /// The field that names what is limited …
    pub field: String,
    /// … and its value: a reference.
    pub value: String,
    /// How many cases hold a place now.
    pub open: usize,
    /// How many may.
    pub at_most: usize,
    /// Those of them that held one when the message was planned, each since when.
    pub cases: Vec<(CaseRef, CivilDate)>,
    /// Where in the document, and whether the limit is the document's.
    pub source: Saying,
    /// The document's words, or how they were read.
    pub reading: Option<String>,
    /// In which capacity the recipient is told.
    pub capacity: Saying,
}

/// A limit exceeded, as a message tells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'m> {
    pub case: &'m CaseRef,
    pub limit: &'m RuleId,
    pub event: EventNumber,
    pub cases: &'m [CaseRef],
    pub capacity: &'m Recorded<Capacity>,
}

/// The messages about limits that the cases looked at exceed, or have others exceed, and that were never planned.
///
/// Each event that exceeds a limit is told once, at once, to those who hold the limit's roles in its case. Nothing
/// that happened before the go-live date is told, and nothing that a silence covers.
#[must_use]
pub fn exceeded(world: &World<'_>, looked_at: &[Looked<'_>], day: Option<CivilDate>) -> Vec<Planned> {
    let mut by_programme: BTreeMap<_, Vec<&CaseRef>> = BTreeMap::new();
    for case in looked_at.iter().filter(|case| !case.is_erased()) {
        by_programme.entry(case.programme()).or_default().push(case.case());
    }
    let mut planned = Vec::new();
    for (programme, cases) in by_programme {
        let Some(policy) = world.policies.get(programme) else { continue };
        let on = day.unwrap_or_else(|| policy.newest().zone.civil_date(world.now));
        for tally in world.places.tallies_of(cases, policy.on(on), on) {
            for place in tally.beyond() {
                planned.extend(tell(&tally, place, on, world));
            }
        }
    }
    planned
}

impl World<'_> {
    /// How many limits are exceeded today, each value of each counted.
    #[must_use]
    pub fn limits_exceeded(&self) -> usize {
        let exceeded = |policy: &Policy| {
            let today = policy.newest().zone.civil_date(self.now);
            let tallies = self.places.tallies(policy.on(today), today);
            tallies.iter().filter(|tally| tally.over() > 0).count()
        };
        self.policies.values().map(exceeded).sum()
    }
}

fn tell(tally: &Tally<'_>, place: &Place, on: CivilDate, world: &World<'_>) -> Vec<Planned> {
    let (name, id) = (&place.case, tally.limit.id.as_str());
    let live = world.office.go_live.is_none_or(|live| place.since >= live);
    if !live || world.ledger.has_limit(name, id, place.event, &tally.value) {
        return Vec::new();
    }
    let Some(file) = world.cases.get(name).filter(|file| file.erased().is_none()) else { return Vec::new() };
    let history = file.history();
    let Some(case) = world.case_on(&history, on) else { return Vec::new() };
    // On a virtual clock its hour may not have come.
    if !case.view.events().iter().any(|event| event.number() == place.event) {
        return Vec::new();
    }
    let silent = |to: &Recipient| {
        let covers = |day| world.ledger.silences().any(|silence| silence.covers(name, id, to, day));
        covers(place.since) || covers(on)
    };
    let cases: Vec<_> = tally.places.iter().map(|place| place.case.clone()).collect();
    let recipients = recipients(tally, &case, world).into_iter().filter(|(to, _)| !silent(to));
    let planned = recipients.map(|(to, capacity)| Planned {
        plan: Plan {
            key: MessageKey::limit(name, id, place.event, &tally.value, &to),
            to: to.key.to_string(),
            on,
            matter: Matter::Limit {
                case: name.clone(),
                limit: tally.limit.id.clone(),
                event: place.event,
                cases: cases.clone(),
                capacity: capacity.into(),
            },
        },
        to: Arc::unwrap_or_clone(to),
    });
    planned.collect()
}

/// Whom the limit tells, each with why; the admins, where nobody answers for any of its roles.
fn recipients(
    tally: &Tally<'_>,
    case: &CaseOnDay<'_>,
    world: &World<'_>,
) -> BTreeMap<Arc<Recipient>, Capacity> {
    let desk = Desk::new(world.people, case.programme, &case.view);
    let mut recipients = BTreeMap::new();
    for role in &tally.limit.to {
        if let (Some(route), _) = desk.owner(role) {
            let capacity = Capacity { part: Part::Notice(role.clone()), instead: route.instead };
            recipients.entry(route.to).or_insert(capacity);
        }
    }
    if recipients.is_empty() {
        let why = Capacity::from(Part::Admin(tally.limit.to.clone()));
        recipients.extend(world.office.admins.iter().map(|admin| (Arc::new(admin.clone()), why.clone())));
    }
    recipients
}

/// What a message about a limit says now; `None` where the event does not exceed it any more.
pub(super) fn content(told: Told<'_>, on: CivilDate, world: &World<'_>) -> Option<LimitContent> {
    let file = world.cases.get(told.case).filter(|file| file.erased().is_none())?;
    let programme = world.policies.get(file.programme())?.on(on);
    let tallies = world.places.tallies_of([told.case], programme, on);
    let exceeds = |tally: &Tally<'_>| {
        tally.limit.id == *told.limit
            && tally.beyond().iter().any(|place| place.case == *told.case && place.event == told.event)
    };
    let tally = tallies.iter().find(|tally| exceeds(tally))?;
    let limit = tally.limit;
    let names = Names { programme: Some(programme), people: world.people };
    // What the log does not say the message tells of, it must not tell of: an erasure looks there.
    let named = tally.places.iter().filter(|place| told.cases.contains(&place.case));
    Some(LimitContent {
        case: told.case.clone(),
        programme: file.programme().clone(),
        happened_on: tally.places.iter().find(|place| place.case == *told.case)?.since,
        title: limit.title.clone(),
        field: limit.per.clone(),
        value: tally.value.to_string(),
        open: tally.open(),
        at_most: tally.open() - tally.over(),
        cases: named.map(|place| (place.case.clone(), place.since)).collect(),
        source: origin(&limit.source, limit.basis),
        reading: limit.reading.clone(),
        capacity: told.capacity.saying(&names),
    })
}
