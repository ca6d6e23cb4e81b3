//! The days on which the steps of a ladder fall for one obligation.

use crate::calendar::{Calendar, CivilDate};
use crate::programme::{Shape, Step, StepAt};
use crate::schedule::Occurrence;

/// A step of a ladder for one obligation.
#[derive(Debug, Clone)]
pub struct Rung<'p> {
    /// The step.
    pub step: &'p Step,
    /// Which time it is, of a step that repeats; 1 for the first.
    pub nth: u16,
    /// The day on which it falls.
    pub falls_on: CivilDate,
}

impl Rung<'_> {
    /// Its name in the log.
    #[must_use]
    pub fn name(&self) -> String {
        self.step.name(self.nth)
    }

    /// Whether it comes after the deadline.
    #[must_use]
    pub const fn chases(&self) -> bool {
        matches!(self.step.at, StepAt::After(_))
    }
}

/// The steps that have fallen by `by`, the most severe last.
///
/// A step before the deadline falls on the last working day on or before its date, one after it on the
/// first working day on or after. None falls before the work can be done, nor before the day after the
/// event that calls for it: that day's digest has gone.
#[must_use]
pub fn fallen<'p>(occurrence: &Occurrence<'p>, calendar: &Calendar, by: CivilDate) -> Vec<Rung<'p>> {
    let mut fallen = Vec::new();
    let earliest = earliest(occurrence);
    let first = calendar.working_day_from(earliest);
    for step in &occurrence.worded.ladder.steps {
        for nth in 1..=step.times() {
            let Some(on) = date(occurrence, step, nth, calendar) else { break };
            let on = if step.urgent { on.max(earliest) } else { on.max(first) };
            if on > by {
                break;
            }
            fallen.push(Rung { step, nth, falls_on: on });
        }
    }
    fallen.sort_by_key(|rung| {
        (rung.falls_on, rung.chases(), rung.step.urgent, offset(occurrence, rung, calendar))
    });
    fallen
}

/// The date of a step as it was written, to tell those apart that fall together on the first day.
fn offset(occurrence: &Occurrence<'_>, rung: &Rung<'_>, calendar: &Calendar) -> Option<CivilDate> {
    date(occurrence, rung.step, rung.nth, calendar)
}

fn date(occurrence: &Occurrence<'_>, step: &Step, nth: u16, calendar: &Calendar) -> Option<CivilDate> {
    match step.at {
        StepAt::Before(period) => {
            let on = calendar.subtract(occurrence.due_on, period)?;
            // Where it was cut short by the opening, the day to act by may be a day off.
            if period.is_zero() { Some(on) } else { Some(calendar.due_on(CivilDate::MIN, on)) }
        }
        StepAt::After(period) => {
            let first = calendar.add(occurrence.deadline, period, 1)?;
            let on = match step.repeat {
                Some(repeat) => calendar.add(first, repeat.every, u32::from(nth) - 1)?,
                None => first,
            };
            Some(if step.urgent { on } else { calendar.working_day_from(on) })
        }
    }
}

/// The first day on which anybody could be told of it.
fn earliest(occurrence: &Occurrence<'_>) -> CivilDate {
    let why = &occurrence.why;
    let called_for = match occurrence.rule.shape {
        Shape::Interval { .. } if occurrence.n > 1 => why.counted.from,
        _ => why.anchor_event_on,
    };
    let next_day = called_for.succ_opt().unwrap_or(called_for);
    occurrence.opens_on.max(next_day)
}
