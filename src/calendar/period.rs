//! Periods as a policy writes them: "6 weeks", "5 working days", "1 month".

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The unit a [`Period`] counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Calendar days.
    Days,
    /// Seven calendar days.
    Weeks,
    /// Calendar months; the day clamps to the end of a shorter month.
    Months,
    /// Monday to Friday, bank holidays of the division left out.
    WorkingDays,
}

impl Unit {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Days => ("day", "days"),
            Self::Weeks => ("week", "weeks"),
            Self::Months => ("month", "months"),
            Self::WorkingDays => ("working day", "working days"),
        }
    }
}

/// A count of days, weeks, months or working days, zero included.
///
/// Written as a number, a space and the unit: `"6 weeks"`. The count is at most 9,999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    count: u16,
    unit: Unit,
}

/// Why a text is not a period.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a period: write a whole number up to 9999 and days, weeks, months or working days, such as \"6 weeks\""
)]
pub struct PeriodError(String);

impl Period {
    /// No time at all.
    pub const ZERO: Self = Self { count: 0, unit: Unit::Days };

    /// A period of `count` `unit`s.
    #[must_use]
    pub const fn new(count: u16, unit: Unit) -> Self {
        Self { count, unit }
    }

    /// How many units.
    #[must_use]
    pub const fn count(self) -> u16 {
        self.count
    }

    /// What is counted.
    #[must_use]
    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// Whether the period is of no length.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.count == 0
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, many) = self.unit.words();
        write!(f, "{} {}", self.count, if self.count == 1 { one } else { many })
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let refuse = || PeriodError(text.to_owned());
        let (count, unit) = text.split_once(' ').ok_or_else(refuse)?;
        if count.is_empty() || count.len() > 4 || !count.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse());
        }
        let count = count.parse().map_err(|_| refuse())?;
        let unit = [Unit::Days, Unit::Weeks, Unit::Months, Unit::WorkingDays]
            .into_iter()
            .find(|known| known.words().0 == unit || known.words().1 == unit)
            .ok_or_else(refuse)?;
        Ok(Self { count, unit })
    }
}

/// A period forwards or, written with a leading minus, backwards: `"-2 weeks"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Offset {
    /// Whether it counts back in time.
    pub back: bool,
    /// How far.
    pub period: Period,
}

impl Offset {
    /// No displacement.
    pub const ZERO: Self = Self { back: false, period: Period::ZERO };

    /// Whether the offset moves nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.period.is_zero()
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.back { "-" } else { "" }, self.period)
    }
}

impl FromStr for Offset {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let (back, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let period = rest.parse().map_err(|_| PeriodError(text.to_owned()))?;
        Ok(Self { back, period })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_both_numbers_of_a_noun() {
        for text in ["0 days", "1 day", "6 weeks", "1 month", "12 months", "5 working days", "1 working day"]
        {
            assert_eq!(text.parse::<Period>().map(|p| p.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("1 weeks".parse(), Ok(Period::new(1, Unit::Weeks)));
        assert_eq!("-2 weeks".parse::<Offset>().map(|o| o.to_string()), Ok("-2 weeks".to_owned()));
    }

    #[test]
    fn refuses_what_a_person_may_mistype_and_says_how_to_write_it() {
        for text in [
            "",
            "6",
            "weeks",
            "six weeks",
            "6weeks",
            "6  weeks",
            "+6 weeks",
            "6.5 weeks",
            "6 fortnights",
            "10000 days",
            "-6 weeks",
        ] {
            let error = text.parse::<Period>().map_err(|e| e.to_string());
            assert!(error.as_ref().is_err_and(|e| e.contains("such as \"6 weeks\"")), "{text:?}: {error:?}");
        }
    }
}
