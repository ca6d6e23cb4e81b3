//! Days going by on a virtual clock, each message taken over as soon as it is planned.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveTime;

use super::{Ledger, Looked, MailFact, MessageKind, Office, People, Planned, World, plan};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, Cases, ProgrammeId};
use crate::programme::Policy;
use crate::schedule::Places;

/// So few cases are read once for all days; more would fill the memory, and are read anew on each.
const FEW: usize = 16;

/// A walk through the days. What is to happen on a day is heard of when it happens, not before.
pub struct Walk<'a> {
    cases: &'a Cases,
    policies: &'a HashMap<ProgrammeId, Policy>,
    places: Places,
    people: &'a People,
    office: &'a Office,
    ledger: Ledger,
    /// The cases looked at.
    looked_at: Vec<Looked<'a>>,
    /// On which day something happens in which of them.
    happenings: BTreeMap<CivilDate, BTreeSet<CaseRef>>,
    /// Before this moment nothing goes any more.
    not_before: Instant,
}

impl<'a> Walk<'a> {
    /// A walk that begins at `not_before`, with what was sent by then in `ledger`, over all cases that `only`
    /// names; over every case, where it names none.
    #[must_use]
    pub fn new(
        (cases, policies): (&'a Cases, &'a HashMap<ProgrammeId, Policy>),
        (people, office): (&'a People, &'a Office),
        ledger: Ledger,
        not_before: Instant,
        only: &[CaseRef],
    ) -> Self {
        let looked_at: Vec<_> = if only.is_empty() {
            cases.iter().map(Looked::from).collect()
        } else {
            let files = only.iter().filter_map(|case| cases.get(case));
            let few = only.len() <= FEW;
            let looked = files.map(|file| {
                if few && file.erased().is_none() {
                    Looked::History(Arc::new(file.history()))
                } else {
                    Looked::File(file)
                }
            });
            looked.collect()
        };
        let first = office.zone.civil_date(not_before);
        let mut happenings: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for looked in &looked_at {
            for event in looked.history().read(None, office.zone).iter().filter(|event| event.date >= first) {
                happenings.entry(event.date).or_default().insert(looked.case().clone());
            }
        }
        let places = Places::default();
        Self { cases, policies, places, people, office, ledger, looked_at, happenings, not_before }
    }

    /// The same, with which cases count towards which limit: else no mail about one is foreseen.
    #[must_use]
    pub fn with_limits(self, places: Places) -> Self {
        Self { places, ..self }
    }

    /// What was sent so far.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Takes the notices about what happened before `day` as sent, though the ledger may not know of them.
    pub fn begin_on(&mut self, day: CivilDate) {
        let Some(eve) = day.pred_opt() else { return };
        let night = self.night(eve);
        let world = World {
            cases: self.cases,
            places: &self.places,
            policies: self.policies,
            people: self.people,
            ledger: &self.ledger,
            office: self.office,
            now: night,
        };
        let planned = plan(&world, &self.looked_at, None).messages;
        for planned in planned {
            if planned.plan.matter.kind() == MessageKind::Notice {
                self.take(planned, night);
            }
        }
    }

    /// The end of a day.
    fn night(&self, day: CivilDate) -> Instant {
        let night = NaiveTime::from_hms_opt(23, 59, 0).unwrap_or(NaiveTime::MIN);
        self.office.zone.instant_due(day, night)
    }

    fn take(&mut self, planned: Planned, now: Instant) {
        let key = planned.plan.key.clone();
        self.ledger.apply(&MailFact::MailPlanned(planned.plan), now);
        self.ledger.apply(&MailFact::MailAccepted { key, reply: String::new() }, now);
    }

    /// Lets `day` pass: its digests and what goes at once in the morning, then what that day's events set
    /// off. `each` hears of every message, and of the world it is planned in.
    pub fn day(&mut self, day: CivilDate, mut each: impl FnMut(&World<'_>, &Planned)) {
        let morning = self.office.opens(day).max(self.not_before);
        if self.office.zone.civil_date(morning) == day {
            let digests = self.office.is_digest_day(day)
                && !self.ledger.digests_planned(day)
                && morning < self.office.closes(day);
            let (cases, looked_at) = self.by(day, morning);
            self.look(&cases, &looked_at, morning, digests.then_some(day), &mut each);
        }
        let stirred = self.happenings.get(&day);
        let stirred: Vec<_> = stirred.map(|stirred| self.looked_at(stirred)).unwrap_or_default();
        if !stirred.is_empty() {
            let night = self.night(day).max(self.not_before);
            self.look(self.cases, &stirred, night, None, &mut each);
        }
    }

    /// Those of the cases looked at that are named.
    fn looked_at(&self, named: &BTreeSet<CaseRef>) -> Vec<Looked<'a>> {
        self.looked_at.iter().filter(|looked| named.contains(looked.case())).cloned().collect()
    }

    /// The cases without what happens on `day` after `moment`, and which of them are looked at.
    fn by(&self, day: CivilDate, moment: Instant) -> (Cases, Vec<Looked<'a>>) {
        let mut cases = self.cases.clone();
        let Some(happening) = self.happenings.get(&day) else { return (cases, self.looked_at.clone()) };
        let cut = |looked: &Looked<'a>| {
            if !happening.contains(looked.case()) {
                return looked.clone();
            }
            let history = looked.history().until(moment);
            cases.replace(&history);
            Looked::History(Arc::new(history))
        };
        let looked_at = self.looked_at.iter().map(cut).collect();
        (cases, looked_at)
    }

    fn look(
        &mut self,
        cases: &Cases,
        looked_at: &[Looked<'_>],
        now: Instant,
        day: Option<CivilDate>,
        each: &mut impl FnMut(&World<'_>, &Planned),
    ) {
        let (policies, people, office) = (self.policies, self.people, self.office);
        let planning = {
            let world =
                World { cases, places: &self.places, policies, people, ledger: &self.ledger, office, now };
            let planning = plan(&world, looked_at, day);
            planning.messages.iter().for_each(|planned| each(&world, planned));
            planning
        };
        if let Some(on) = day {
            self.ledger.apply(&MailFact::DigestsPlanned { on, count: planning.messages.len() }, now);
        }
        for planned in planning.messages {
            self.take(planned, now);
        }
    }
}
