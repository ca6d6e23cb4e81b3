//! When a step falls, reckoned a second time and more plainly: day by day.

use chrono::{Datelike as _, Months};
use stepdown::calendar::{Calendar, CivilDate, Period, Unit};
use stepdown::programme::{Step, StepAt};

fn next(day: CivilDate) -> CivilDate {
    day.succ_opt().expect("in range")
}

fn before(day: CivilDate) -> CivilDate {
    day.pred_opt().expect("in range")
}

fn forward(calendar: &Calendar, mut day: CivilDate) -> CivilDate {
    while !calendar.is_working_day(day) {
        day = next(day);
    }
    day
}

fn back(calendar: &Calendar, mut day: CivilDate) -> CivilDate {
    while !calendar.is_working_day(day) {
        day = before(day);
    }
    day
}

/// `times` periods from `day`, forwards or back.
fn walk(calendar: &Calendar, day: CivilDate, period: Period, times: u32, back: bool) -> CivilDate {
    let mut day = day;
    let count = u32::from(period.count()) * times;
    let step = if back { before } else { next };
    match period.unit() {
        Unit::Months if back => day - Months::new(count),
        Unit::Months => day + Months::new(count),
        Unit::Days | Unit::Weeks => {
            for _ in 0..count * if period.unit() == Unit::Weeks { 7 } else { 1 } {
                day = step(day);
            }
            day
        }
        Unit::WorkingDays => {
            let mut left = count;
            while left > 0 {
                day = step(day);
                left -= u32::from(calendar.is_working_day(day));
            }
            day
        }
    }
}

/// An obligation as far as its steps need it.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    /// The day of the event that calls for it.
    pub called_for: CivilDate,
    pub opens_on: CivilDate,
    pub due_on: CivilDate,
    pub deadline: CivilDate,
}

/// The day on which the `nth` time of a step falls.
pub fn falls_on(calendar: &Calendar, dates: &Dates, step: &Step, nth: u16) -> CivilDate {
    let earliest = dates.opens_on.max(next(dates.called_for));
    let on = match step.at {
        StepAt::Before(period) if period.is_zero() => dates.due_on,
        StepAt::Before(period) => back(calendar, walk(calendar, dates.due_on, period, 1, true)),
        StepAt::After(period) => {
            let first = walk(calendar, dates.deadline, period, 1, false);
            let every = step.repeat.map_or(Period::ZERO, |repeat| repeat.every);
            let on = walk(calendar, first, every, u32::from(nth) - 1, false);
            if step.urgent { on } else { forward(calendar, on) }
        }
    };
    if step.urgent { on.max(earliest) } else { on.max(forward(calendar, earliest)) }
}

/// The name of a step, as the log has it.
pub fn name(step: &Step, nth: u16) -> String {
    let letter = |period: Period| match period.unit() {
        Unit::Days => "d",
        Unit::Weeks => "w",
        Unit::Months => "m",
        Unit::WorkingDays => "wd",
    };
    let at = match step.at {
        StepAt::Before(period) if period.is_zero() => "0".to_owned(),
        StepAt::Before(period) => format!("-{}{}", period.count(), letter(period)),
        StepAt::After(period) => format!("+{}{}", period.count(), letter(period)),
    };
    if nth == 1 { at } else { format!("{at}.{nth}") }
}

/// Whether a day is a Saturday or a Sunday.
pub fn is_weekend(day: CivilDate) -> bool {
    day.weekday().number_from_monday() > 5
}
