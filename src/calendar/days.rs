//! Arithmetic on civil dates (`semantics` §1 and §6).

use std::collections::BTreeMap;
use std::fmt;

use chrono::{Datelike as _, Days, Months, Weekday};

use super::{BankHolidays, CivilDate, Division, Offset, Period, Unit};

/// Why a day is not a working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOff<'a> {
    /// A Saturday or a Sunday.
    Weekend(Weekday),
    /// A bank holiday, by its title.
    BankHoliday(&'a str),
}

impl fmt::Display for DayOff<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weekend(Weekday::Sat) => f.write_str("Saturday"),
            Self::Weekend(_) => f.write_str("Sunday"),
            Self::BankHoliday(title) => f.write_str(title),
        }
    }
}

/// The working days of one division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    division: Division,
    bank_holidays: BTreeMap<CivilDate, String>,
    horizon: Option<CivilDate>,
}

impl Calendar {
    /// The calendar of `division`; `None` where `holidays` lists nothing for it.
    #[must_use]
    pub fn new(holidays: &BankHolidays, division: Division) -> Option<Self> {
        let bank_holidays = holidays.of(division)?.clone();
        Some(Self { division, bank_holidays, horizon: holidays.horizon(division) })
    }

    /// Whose bank holidays these are.
    #[must_use]
    pub const fn division(&self) -> Division {
        self.division
    }

    /// The last day up to which bank holidays are known.
    #[must_use]
    pub const fn horizon(&self) -> Option<CivilDate> {
        self.horizon
    }

    /// Why `date` is no working day, if it is none.
    #[must_use]
    pub fn day_off(&self, date: CivilDate) -> Option<DayOff<'_>> {
        match date.weekday() {
            day @ (Weekday::Sat | Weekday::Sun) => Some(DayOff::Weekend(day)),
            _ => self.bank_holidays.get(&date).map(|title| DayOff::BankHoliday(title)),
        }
    }

    /// Whether `date` is Monday to Friday and no bank holiday.
    #[must_use]
    pub fn is_working_day(&self, date: CivilDate) -> bool {
        self.day_off(date).is_none()
    }

    /// `date` + `times` × `period`, counted in one step so that months do not drift.
    ///
    /// `None` past the end of the calendar (the year 262143).
    #[must_use]
    pub fn add(&self, date: CivilDate, period: Period, times: u32) -> Option<CivilDate> {
        let n = u32::from(period.count()).checked_mul(times)?;
        match period.unit() {
            Unit::Days => date.checked_add_days(Days::new(u64::from(n))),
            Unit::Weeks => date.checked_add_days(Days::new(u64::from(n) * 7)),
            Unit::Months => date.checked_add_months(Months::new(n)),
            Unit::WorkingDays => self.step_working_days(date, n, CivilDate::succ_opt),
        }
    }

    /// `date` − `period`; months clamp, working days are counted strictly before `date`.
    #[must_use]
    pub fn subtract(&self, date: CivilDate, period: Period) -> Option<CivilDate> {
        let n = u32::from(period.count());
        match period.unit() {
            Unit::Days => date.checked_sub_days(Days::new(u64::from(n))),
            Unit::Weeks => date.checked_sub_days(Days::new(u64::from(n) * 7)),
            Unit::Months => date.checked_sub_months(Months::new(n)),
            Unit::WorkingDays => self.step_working_days(date, n, CivilDate::pred_opt),
        }
    }

    /// `date` moved by `offset`, forwards or back.
    #[must_use]
    pub fn shift(&self, date: CivilDate, offset: Offset) -> Option<CivilDate> {
        if offset.back { self.subtract(date, offset.period) } else { self.add(date, offset.period, 1) }
    }

    fn step_working_days(
        &self,
        mut date: CivilDate,
        mut left: u32,
        step: impl Fn(&CivilDate) -> Option<CivilDate>,
    ) -> Option<CivilDate> {
        while left > 0 {
            date = step(&date)?;
            if self.is_working_day(date) {
                left -= 1;
            }
        }
        Some(date)
    }

    /// The day to act by: the last working day on or before `deadline`, but not before `opens`;
    /// `deadline` itself when no working day lies between (`semantics` §6).
    #[must_use]
    pub fn due_on(&self, opens: CivilDate, deadline: CivilDate) -> CivilDate {
        let mut day = deadline;
        while day >= opens {
            if self.is_working_day(day) {
                return day;
            }
            match day.pred_opt() {
                Some(before) => day = before,
                None => break,
            }
        }
        deadline
    }

    /// The days off in `from..=to`, oldest first, for an explanation to name.
    pub fn days_off(&self, from: CivilDate, to: CivilDate) -> impl Iterator<Item = (CivilDate, DayOff<'_>)> {
        from.iter_days().take_while(move |day| *day <= to).filter_map(|day| Some((day, self.day_off(day)?)))
    }

    /// The first working day on or after `date`.
    #[must_use]
    pub fn working_day_from(&self, date: CivilDate) -> CivilDate {
        date.iter_days().find(|day| self.is_working_day(*day)).unwrap_or(date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn england() -> Calendar {
        let text = include_str!("../../config/bank-holidays.json");
        let holidays = BankHolidays::from_json(text).expect("the starter file reads");
        Calendar::new(&holidays, Division::EnglandAndWales).expect("and has this division")
    }

    fn d(text: &str) -> CivilDate {
        text.parse().expect("a date")
    }

    fn plus(date: &str, period: &str) -> String {
        england().add(d(date), period.parse().expect("a period"), 1).expect("in range").to_string()
    }

    #[test]
    fn months_clamp_to_the_end_of_a_shorter_month() {
        assert_eq!(plus("2025-08-31", "6 months"), "2026-02-28");
        assert_eq!(plus("2023-08-31", "6 months"), "2024-02-29");
        assert_eq!(plus("2024-02-29", "12 months"), "2025-02-28");
    }

    #[test]
    fn months_are_counted_from_the_start_so_that_nothing_drifts() {
        let calendar = england();
        let month = Period::new(1, Unit::Months);
        let found: Vec<_> = (1..=3).filter_map(|k| calendar.add(d("2026-01-31"), month, k)).collect();
        assert_eq!(found, [d("2026-02-28"), d("2026-03-31"), d("2026-04-30")]);
    }

    #[test]
    fn working_days_pass_over_easter_and_christmas() {
        assert_eq!(plus("2026-04-01", "2 working days"), "2026-04-07");
        assert_eq!(plus("2026-12-24", "1 working day"), "2026-12-29");
        assert_eq!(plus("2026-05-02", "1 working day"), "2026-05-05");
        assert_eq!(
            england().subtract(d("2026-04-07"), Period::new(1, Unit::WorkingDays)),
            Some(d("2026-04-02"))
        );
    }

    #[test]
    fn due_on_precedes_the_deadline_but_never_the_opening() {
        let calendar = england();
        assert_eq!(calendar.due_on(d("2026-03-30"), d("2026-04-06")), d("2026-04-02"));
        assert_eq!(calendar.due_on(d("2026-04-04"), d("2026-04-06")), d("2026-04-06"));
        assert_eq!(calendar.due_on(d("2026-04-02"), d("2026-04-06")), d("2026-04-02"));
    }
}
