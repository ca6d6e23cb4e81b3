//! All obligations of a case on a date (`semantics` §5).

use std::collections::HashMap;

use chrono::Days;

use super::series::Series;
use super::shape::{Slot, slots};
use super::versions::series;
use super::{CaseView, Occurrence, Status, Why};
use crate::calendar::CivilDate;
use crate::case::{EventNumber, OccurrenceName, types};
use crate::programme::Policy;

/// Which obligations are asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The evaluation date t.
    pub on: CivilDate,
    /// How many days ahead scheduled ones are listed.
    pub horizon: u16,
    /// One that is listed whatever its status and date.
    pub named: Option<OccurrenceName>,
}

impl Asked {
    /// The last deadline at which a scheduled obligation is listed.
    pub(super) fn last_day(&self) -> CivilDate {
        self.on.checked_add_days(Days::new(u64::from(self.horizon))).unwrap_or(CivilDate::MAX)
    }

    fn wants(&self, occurrence: &Occurrence<'_>, name: impl FnOnce() -> OccurrenceName) -> bool {
        occurrence.status != Status::Scheduled
            || occurrence.deadline <= self.last_day()
            || self.named.as_ref().is_some_and(|named| *named == name())
    }
}

/// Who waived what: rule, series, number → the event that did.
type Waivers = HashMap<(String, EventNumber, u32), EventNumber>;

/// The obligations of the case that `view` shows, `cancelled` ones included, by rule and series.
#[must_use]
pub fn obligations<'p>(policy: &'p Policy, view: &CaseView<'_>, asked: &Asked) -> Vec<Occurrence<'p>> {
    let waivers = waivers(view);
    let calendar = policy.calendar(view.area());
    let mut found = Vec::new();
    for lineage in policy.lineages() {
        for series in series(lineage, policy, view) {
            let rule = series.rule;
            let worded = policy.worded(lineage, view.on()).unwrap_or(rule);
            let anchor = series.anchor.number();
            let named = named(rule.id.as_str(), anchor, &waivers, asked);
            for slot in slots(&series, calendar, asked, &named) {
                let waived_by = if waivers.is_empty() {
                    None
                } else {
                    waivers.get(&(rule.id.as_str().to_owned(), anchor, slot.n)).copied()
                };
                let occurrence = Occurrence {
                    rule,
                    worded,
                    n: slot.n,
                    opens_on: slot.opens_on,
                    deadline: slot.deadline,
                    due_on: calendar.due_on(slot.opens_on, slot.deadline),
                    done: slot.done,
                    status: status(&slot, &series, waived_by.is_some(), view.on()),
                    why: why(&slot, &series, waived_by),
                };
                if asked.wants(&occurrence, || occurrence.name(view.case())) {
                    found.push(occurrence);
                }
            }
        }
    }
    found
}

fn waivers(view: &CaseView<'_>) -> Waivers {
    let named =
        view.events().iter().filter(|event| event.event_type() == types::OBLIGATION_WAIVED).filter_map(
            |event| {
                let name: OccurrenceName = event.data.text("occurrence")?.parse().ok()?;
                (name.case == *view.case())
                    .then(|| ((name.rule.as_str().to_owned(), name.series, name.n), event.number()))
            },
        );
    named.collect()
}

/// The numbers in this series that are listed however far away: the waived, and the one asked for.
fn named(rule: &str, series: EventNumber, waivers: &Waivers, asked: &Asked) -> Vec<u32> {
    let waived = waivers.keys().filter(|(of, anchor, _)| of == rule && *anchor == series).map(|(_, _, n)| *n);
    let asked = asked
        .named
        .iter()
        .filter(|name| name.rule.as_str() == rule && name.series == series)
        .map(|name| name.n);
    let mut named: Vec<_> = waived.chain(asked).collect();
    named.sort_unstable();
    named.dedup();
    named
}

fn why(slot: &Slot, series: &Series<'_, '_>, waived_by: Option<EventNumber>) -> Why {
    Why {
        anchor: series.anchor.number(),
        anchor_event_on: series.anchor.date,
        anchor_date: series.anchor_date,
        start: series.start,
        counted: slot.counted,
        counting_from: series.counting_from,
        counting_event: series.counting_event,
        end: series.end,
        waived_by,
    }
}

/// The first line of the table in `semantics` §5 that fits.
fn status(slot: &Slot, series: &Series<'_, '_>, waived: bool, on: CivilDate) -> Status {
    let deadline = slot.deadline;
    if let Some(done) = slot.done {
        return if done.on <= deadline { Status::Done } else { Status::DoneLate };
    }
    if waived {
        return Status::Waived;
    }
    if let Some(end) = series.end.filter(|end| end.on <= on) {
        return if deadline < end.on { Status::Missed } else { Status::Cancelled };
    }
    let past = on > deadline;
    let overtaken = || {
        let later_completion = series.completions.last().is_some_and(|done| done.on > deadline);
        slot.next_deadline.is_some_and(|next| later_completion || on > next)
    };
    match past {
        true if overtaken() => Status::Missed,
        true => Status::Overdue,
        false if slot.opens_on <= on => Status::Open,
        false => Status::Scheduled,
    }
}
