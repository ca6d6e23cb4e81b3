//! The three shapes of rule: the occurrences that follow from a series (`semantics` §4).

use super::series::{Series, period};
use super::{Asked, Counted, Done};
use crate::calendar::{Calendar, CivilDate, Period};
use crate::programme::Shape;

/// An occurrence before its status is known.
pub(super) struct Slot {
    pub n: u32,
    pub opens_on: CivilDate,
    pub deadline: CivilDate,
    pub counted: Counted,
    pub done: Option<Done>,
    /// For a window: the deadline of the window after it, whether or not that exists.
    pub next_deadline: Option<CivilDate>,
}

/// The occurrences of `series`: all that are open by `asked.on`, those due within the horizon, and those named.
pub(super) fn slots(series: &Series<'_, '_>, calendar: &Calendar, asked: &Asked, named: &[u32]) -> Vec<Slot> {
    let rule = series.rule;
    match &rule.shape {
        Shape::Once { due, opens } => once(*due, *opens, series, calendar).into_iter().collect(),
        Shape::Windows { every, for_ } => period(every, &series.anchor)
            .map(|every| Windows { every, for_: *for_, at_start: rule.offset.is_zero(), series, calendar })
            .map(|windows| windows.slots(asked, named))
            .unwrap_or_default(),
        Shape::Interval { every, for_ } => period(every, &series.anchor)
            .map(|every| interval(every, *for_, series, calendar))
            .unwrap_or_default(),
    }
}

pub(super) fn once(
    due: Period,
    opens: Option<Period>,
    series: &Series<'_, '_>,
    calendar: &Calendar,
) -> Option<Slot> {
    let deadline = calendar.add(series.start, due, 1)?;
    let opens_on = opens.map_or(Some(series.start), |opens| calendar.subtract(deadline, opens))?;
    let any_time = series.rule.counts_from.is_some();
    let done = series.completions.iter().copied().find(|done| any_time || done.on >= opens_on);
    let counted = Counted { from: series.start, period: due, times: 1 };
    Some(Slot { n: 1, opens_on, deadline, counted, done, next_deadline: None })
}

/// Every P for L: fixed windows from the start, each open at its beginning and closed at its end.
struct Windows<'s, 'a, 'p> {
    every: Period,
    for_: Option<Period>,
    /// Whether the first window includes the start itself.
    at_start: bool,
    series: &'s Series<'a, 'p>,
    calendar: &'s Calendar,
}

impl Windows<'_, '_, '_> {
    fn slots(&self, asked: &Asked, named: &[u32]) -> Vec<Slot> {
        let last = asked.last_day();
        let wanted = |slot: &Slot| slot.opens_on <= asked.on || slot.deadline <= last;
        let mut slots: Vec<_> = (1..).map_while(|k| self.window(k)).take_while(wanted).collect();
        let reached = slots.last().map_or(0, |slot| slot.n);
        slots.extend(named.iter().filter(|n| **n > reached).filter_map(|n| self.window(*n)));
        slots
    }

    fn deadline(&self, k: u32) -> Option<CivilDate> {
        self.calendar.add(self.series.start, self.every, k)
    }

    /// The `k`-th window, if it exists.
    fn window(&self, k: u32) -> Option<Slot> {
        let start = self.series.start;
        let deadline = self.deadline(k)?;
        let within = match self.for_ {
            Some(limit) => deadline <= self.calendar.add(start, limit, 1)?,
            None => true,
        };
        let opens_on =
            if k == 1 && self.at_start { start } else { self.deadline(k.checked_sub(1)?)?.succ_opt()? };
        let in_time = self.series.end.is_none_or(|end| opens_on <= end.on);
        (within && in_time).then(|| Slot {
            n: k,
            opens_on,
            deadline,
            counted: Counted { from: start, period: self.every, times: k },
            done: self
                .series
                .completions
                .iter()
                .copied()
                .find(|done| (opens_on..=deadline).contains(&done.on)),
            next_deadline: k.checked_add(1).and_then(|next| self.deadline(next)),
        })
    }
}

/// Every P since the last one: each completion closes an occurrence and opens the next.
fn interval(every: Period, for_: Option<Period>, series: &Series<'_, '_>, calendar: &Calendar) -> Vec<Slot> {
    let start = series.start;
    let mut completions: Vec<_> =
        series.completions.iter().copied().filter(|done| done.on >= start).collect();
    completions.dedup_by_key(|done| done.on);
    let opened = [start].into_iter().chain(completions.iter().map(|done| done.on));
    let closed = completions.iter().copied().map(Some).chain([None]);
    let limit = for_.map(|for_| calendar.add(start, for_, 1));
    (1..)
        .zip(opened.zip(closed))
        .map_while(|(n, (opens_on, done))| {
            let deadline = calendar.add(opens_on, every, 1)?;
            let counted = Counted { from: opens_on, period: every, times: 1 };
            let exists = limit.is_none_or(|limit| limit.is_some_and(|limit| deadline <= limit));
            exists.then_some(Slot { n, opens_on, deadline, counted, done, next_deadline: None })
        })
        .collect()
}
