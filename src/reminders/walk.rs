//! Days going by on a virtual clock, each message taken over as soon as it is planned.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveTime;

use super::{Ledger, MailFact, MessageKind, Office, People, Planned, World, plan};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseHistory, CaseRef, Cases, ProgrammeId};
use crate::programme::Policy;

/// A walk through the days. What is to happen on a day is heard of when it happens, not before.
pub struct Walk<'a> {
    cases: &'a Cases,
    policies: &'a HashMap<ProgrammeId, Policy>,
    people: &'a People,
    office: &'a Office,
    ledger: Ledger,
    /// The cases looked at.
    looked_at: Vec<&'a CaseHistory>,
    /// On which day something happens in which of them.
    happenings: BTreeMap<CivilDate, BTreeSet<&'a CaseRef>>,
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
            cases.iter().collect()
        } else {
            only.iter().filter_map(|case| cases.get(case)).collect()
        };
        let first = office.zone.civil_date(not_before);
        let mut happenings: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for history in &looked_at {
            for event in history.read(None, office.zone).iter().filter(|event| event.date >= first) {
                happenings.entry(event.date).or_default().insert(history.case());
            }
        }
        Self { cases, policies, people, office, ledger, looked_at, happenings, not_before }
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
            let digests = self.office.calendar.is_working_day(day)
                && !self.ledger.digests_planned(day)
                && morning < self.office.closes(day);
            if let Some((cases, looked_at)) = self.by(day, morning) {
                let looked_at: Vec<_> = looked_at.iter().filter_map(|case| cases.get(case)).collect();
                self.look(&cases, &looked_at, morning, digests.then_some(day), &mut each);
            } else {
                let looked_at = self.looked_at.clone();
                self.look(self.cases, &looked_at, morning, digests.then_some(day), &mut each);
            }
        }
        let stirred = self.happenings.get(&day).into_iter().flatten();
        let stirred: Vec<_> = stirred.filter_map(|case| self.cases.get(case)).collect();
        if !stirred.is_empty() {
            let night = self.night(day).max(self.not_before);
            self.look(self.cases, &stirred, night, None, &mut each);
        }
    }

    /// The cases without what happens on `day` after `moment`, and which of them are looked at; `None` where
    /// nothing does.
    fn by(&self, day: CivilDate, moment: Instant) -> Option<(Cases, Vec<CaseRef>)> {
        let happening = self.happenings.get(&day)?;
        let mut cases = self.cases.clone();
        for history in happening.iter().filter_map(|case| self.cases.get(case)) {
            cases.replace(history.until(moment));
        }
        Some((cases, self.looked_at.iter().map(|history| history.case().clone()).collect()))
    }

    fn look(
        &mut self,
        cases: &Cases,
        looked_at: &[&CaseHistory],
        now: Instant,
        day: Option<CivilDate>,
        each: &mut impl FnMut(&World<'_>, &Planned),
    ) {
        let (policies, people, office) = (self.policies, self.people, self.office);
        let planning = {
            let world = World { cases, policies, people, ledger: &self.ledger, office, now };
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
