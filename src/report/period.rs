//! The days a report is about.

use chrono::{Days, Months};
use thiserror::Error;

use crate::calendar::CivilDate;

/// The days from one to another, both counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: CivilDate,
    /// The last day.
    pub to: CivilDate,
}

/// Why there is no such period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PeriodError {
    /// It ends before it begins.
    #[error("the first day, {from}, comes after the last, {to}")]
    Backwards {
        /// The first day.
        from: CivilDate,
        /// The last day.
        to: CivilDate,
    },
    /// It ends in the future.
    #[error("{to} is still to come: a report tells of what was, up to today, {today}")]
    ToCome {
        /// The last day.
        to: CivilDate,
        /// Today.
        today: CivilDate,
    },
}

impl Period {
    /// The days that are asked for: up to today, where no last day is named; twelve months, where no first is.
    ///
    /// # Errors
    /// When it ends before it begins, or after today.
    pub fn asked(
        from: Option<CivilDate>,
        to: Option<CivilDate>,
        today: CivilDate,
    ) -> Result<Self, PeriodError> {
        let to = to.unwrap_or(today);
        if to > today {
            return Err(PeriodError::ToCome { to, today });
        }
        let year = to.checked_sub_months(Months::new(12)).and_then(|day| day.checked_add_days(Days::new(1)));
        let from = from.or(year).unwrap_or(to);
        if from > to {
            return Err(PeriodError::Backwards { from, to });
        }
        Ok(Self { from, to })
    }

    /// Whether a day lies in it.
    #[must_use]
    pub fn holds(&self, day: CivilDate) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_twelve_months_where_nothing_is_asked() {
        let day = |text: &str| text.parse::<CivilDate>().expect("a date");
        let today = day("2028-02-29");
        let period = Period::asked(None, None, today).expect("a period");
        assert_eq!((period.from, period.to), (day("2027-03-01"), today));
        assert!(Period::asked(Some(today), Some(today), today).is_ok());
        let wrong = Period::asked(Some(today), Some(day("2028-02-28")), today);
        assert!(matches!(wrong, Err(PeriodError::Backwards { .. })));
        assert!(matches!(
            Period::asked(None, Some(day("2028-03-01")), today),
            Err(PeriodError::ToCome { .. })
        ));
    }
}
