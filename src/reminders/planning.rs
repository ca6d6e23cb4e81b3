//! From the world to the messages that it calls for now.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::decide::{Findings, Held, decide};
use super::{
    CalendarEntry, Looked, Matter, MessageKey, Plan, PlannedItem, Recipient, Vacancy, World, exceeded,
    notices,
};
use crate::calendar::CivilDate;

/// A message to plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What the log records of it.
    pub plan: Plan,
    /// To whom.
    pub to: Recipient,
}

/// What is to be planned now.
#[derive(Debug, Default)]
pub struct Planning {
    /// The messages, none of which was ever planned.
    pub messages: Vec<Planned>,
    /// The steps that have fallen and are not sent, each with why not.
    pub held: Vec<Held>,
}

/// What `cases` call for at the world's moment. `day`: the day whose digests are planned with it, of the cases that
/// have a working day then; without it, only what goes at once. An erased case calls for nothing.
#[must_use]
pub fn plan(world: &World<'_>, cases: &[Looked<'_>], day: Option<CivilDate>) -> Planning {
    let looked: Vec<(Findings, Vec<Planned>)> = cases
        .par_iter()
        .filter(|case| !case.is_erased())
        .filter_map(|case| {
            let zone = world.policies.get(case.programme())?.newest().zone;
            let on = day.unwrap_or_else(|| zone.civil_date(world.now));
            let history = case.history();
            let case = world.case_on(&history, on)?;
            // Where the others work on, a case keeps its own bank holiday: its digest goes on its next working day.
            let digests = day.is_some_and(|day| case.calendar.is_working_day(day));
            Some((decide(&case, world, digests), notices(&case, world)))
        })
        .collect();
    let mut assembly = Assembly { on: day.unwrap_or_else(|| world.today()), ..Assembly::default() };
    assembly.messages.extend(exceeded(world, cases, day));
    for (findings, notices) in looked {
        assembly.messages.extend(notices);
        assembly.take(findings, world);
    }
    let held = std::mem::take(&mut assembly.held);
    let mut messages = assembly.finish(world, day, cases.iter().filter(|case| !case.is_erased()).count());
    messages.retain(|planned| !world.ledger.has(&planned.plan.key));
    messages.sort_by(|a, b| a.plan.key.cmp(&b.plan.key));
    Planning { messages, held }
}

/// Gathers what goes to the same recipient into one message.
#[derive(Default)]
struct Assembly {
    on: CivilDate,
    messages: Vec<Planned>,
    digests: BTreeMap<Arc<Recipient>, (Vec<PlannedItem>, Vec<CalendarEntry>)>,
    vacancies: BTreeMap<Arc<Recipient>, Vec<Vacancy>>,
    corrections: BTreeMap<Arc<str>, Vec<PlannedItem>>,
    held: Vec<Held>,
    open: (usize, usize, usize),
}

impl Assembly {
    fn take(&mut self, findings: Findings, world: &World<'_>) {
        for due in findings.due {
            if due.urgent {
                let key = MessageKey::escalation(&due.item, &due.to);
                self.send(&due.to, key, Matter::Escalation { item: Box::new(due.item) });
            } else {
                self.digests.entry(due.to).or_default().0.push(due.item);
            }
        }
        for (to, entry) in findings.calendar {
            self.digests.entry(to).or_default().1.push(entry);
        }
        for (to, vacancy) in findings.vacancies {
            self.vacancies.entry(to).or_default().push(vacancy);
        }
        // Who left since cannot be told, and need not.
        for (to, item) in findings.corrections {
            if world.recipient(&to).is_some() {
                self.corrections.entry(to).or_default().push(item);
            }
        }
        self.held.extend(findings.held);
        let (open, overdue, exhausted) = findings.open;
        self.open = (self.open.0 + open, self.open.1 + overdue, self.open.2 + exhausted);
    }

    fn send(&mut self, to: &Recipient, key: MessageKey, matter: Matter) {
        let plan = Plan { key, to: to.key.to_string(), on: self.on, matter };
        self.messages.push(Planned { plan, to: to.clone() });
    }

    fn finish(mut self, world: &World<'_>, day: Option<CivilDate>, cases: usize) -> Vec<Planned> {
        for (to, (items, calendar)) in std::mem::take(&mut self.digests) {
            let key = MessageKey::of_day("digest", self.on, &to);
            self.send(&to, key, Matter::Digest { items, calendar });
        }
        for (to, vacancies) in std::mem::take(&mut self.vacancies) {
            let key = MessageKey::vacancy(&vacancies, self.on, &to);
            self.send(&to, key, Matter::Vacancies { vacancies });
        }
        for (to, items) in std::mem::take(&mut self.corrections) {
            let Some(to) = world.recipient(&to) else { continue };
            let key = MessageKey::of_day("correction", self.on, &to);
            self.send(&to, key, Matter::Correction { items });
        }
        if day.is_some_and(|day| world.office.calendar.is_working_day(day)) {
            self.tell_admins(world, cases);
        }
        self.messages
    }

    fn tell_admins(&mut self, world: &World<'_>, cases: usize) {
        let undelivered: Vec<_> = world.ledger.undelivered().into_iter().collect();
        let (open, overdue, exhausted) = self.open;
        let week = world.office.week_of(self.on);
        let live = world.office.go_live.is_none_or(|live| self.on >= live);
        for admin in &world.office.admins {
            if live {
                let key = MessageKey::of_day("weekly", week, admin);
                self.send(admin, key, Matter::Weekly { cases, open, overdue, exhausted });
            }
            if !undelivered.is_empty() {
                let key = MessageKey::of_day("undelivered", self.on, admin);
                self.send(admin, key, Matter::Undelivered { messages: undelivered.clone() });
            }
        }
    }
}
