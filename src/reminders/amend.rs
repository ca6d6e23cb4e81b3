//! What mends what was said before: corrections of what was told as overdue, and calendar entries.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::decide::Decider;
use super::reason::excuse;
use super::{Away, CalendarEntry, Capacity, Part, PlannedItem, Recipient, Telling};
use crate::calendar::CivilDate;
use crate::case::{OccurrenceName, PersonId};
use crate::schedule::{Asked, CaseView, Occurrence, Status, obligations};

impl Decider<'_, '_> {
    /// What was told as overdue and, as we know today, was not on the day it was told.
    pub(super) fn corrections(&mut self, occurrences: &[Occurrence<'_>]) {
        let Some(told) = self.told else { return };
        let case = self.case().clone();
        let stands = |telling: &Telling, name: &OccurrenceName| {
            occurrences.iter().find(|occurrence| occurrence.name(&case) == *name).is_some_and(|now| {
                now.deadline < telling.on
                    && (matches!(now.status, Status::Overdue | Status::Missed)
                        || now.done.is_some_and(|done| done.on >= telling.on))
            })
        };
        let mut days: HashMap<CivilDate, CaseView<'_>> = HashMap::new();
        let mut corrected = HashSet::new();
        for (name, tellings) in &told.tellings {
            if self.case.policy.rule(name.rule.as_str()).is_none() {
                // The policy asks for it no more: that says nothing of what it was.
                continue;
            }
            for telling in tellings.iter().filter(|telling| telling.overdue && telling.corrected_by.is_none())
            {
                if stands(telling, name) || corrected.contains(&(name, &telling.to)) {
                    continue;
                }
                let (history, zone) = (self.case.history, self.case.programme.zone);
                let view = days
                    .entry(telling.on)
                    .or_insert_with(|| CaseView::at_start_of(history, zone, telling.on));
                let asked = Asked { on: telling.on, horizon: 0, named: Some(name.clone()) };
                let then = obligations(self.case.policy, view, &asked);
                let then = then.iter().find(|occurrence| occurrence.name(&case) == *name);
                let Some(reason) = excuse(then) else { continue };
                corrected.insert((name, &telling.to));
                let item = PlannedItem {
                    occurrence: name.clone(),
                    step: telling.step.clone(),
                    deadline: telling.deadline,
                    overdue: false,
                    yours: false,
                    reason: reason.into(),
                    capacity: Capacity::from(Part::Told(telling.on)).into(),
                    superseded: Vec::new(),
                };
                self.findings.corrections.push((Arc::clone(&telling.to), item));
            }
        }
    }

    /// What changes in the calendars of those who want entries: one for each obligation they were told of.
    pub(super) fn calendar(&mut self, occurrences: &[Occurrence<'_>]) {
        let wants = |key: &str| {
            let id: PersonId = Recipient::person_of(key)?.parse().ok()?;
            let person = self.world.people.persons.get(&id).filter(|person| person.calendar)?;
            let gone = matches!(self.world.people.present(&id, self.today()), Err(Away::Left(_)));
            (!gone).then(|| Arc::new(Recipient::person(person)))
        };
        let mut wanted: BTreeMap<(OccurrenceName, Arc<str>), Arc<Recipient>> = BTreeMap::new();
        for due in self.findings.due.iter().filter(|due| due.item.yours) {
            if let Some(person) = wants(&due.to.key) {
                wanted.insert((due.item.occurrence.clone(), Arc::clone(&due.to.key)), person);
            }
        }
        let shown = self.told.map(|told| &told.shown);
        for (name, key) in shown.into_iter().flat_map(BTreeMap::keys) {
            if let Some(person) = wants(key) {
                wanted.insert((name.clone(), Arc::clone(key)), person);
            }
        }
        let case = self.case().clone();
        for (key, person) in wanted {
            let before = shown.and_then(|shown| shown.get(&key));
            let still = |occurrence: &&Occurrence<'_>| occurrence.name(&case) == key.0;
            let now = occurrences.iter().find(still);
            let now = now.filter(|now| matches!(now.status, Status::Open | Status::Overdue));
            // Work that went to somebody else has gone from this calendar.
            let theirs = |now: &&Occurrence<'_>| {
                self.desk.owner(&now.rule.owner).0.is_some_and(|route| route.to.key == key.1)
            };
            let now = now.filter(theirs).map(|now| now.due_on);
            let Some(on) = now.or(before.map(|shown| shown.on)) else { continue };
            let cancelled = now.is_none();
            if before.is_some_and(|shown| !shown.uncertain && (shown.on, shown.cancelled) == (on, cancelled))
            {
                continue;
            }
            let sequence = before.map_or(0, |shown| shown.sequence + 1);
            let entry = CalendarEntry { occurrence: key.0, sequence, on, cancelled };
            self.findings.calendar.push((person, entry));
        }
    }
}
