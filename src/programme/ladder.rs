//! Ladders: when a reminder goes before and after a deadline, and to whom.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::calendar::{Period, Unit};
use crate::case::RoleId;

/// The steps by which an obligation is reminded of, from the first word to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// Its name in the programme.
    pub name: String,
    /// What becomes of a step whose day went by unsent.
    pub late: Late,
    /// The steps, as written.
    pub steps: Vec<Step>,
}

/// What becomes of a step whose day went by unsent, because stepdown did not run or did not know yet.
/// Only the most severe of them counts in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It goes once, late, the way it would have gone.
    Send,
    /// It goes into the next digest, though it be urgent.
    Digest,
    /// It is not sent.
    Skip,
}

/// One step of a ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When it falls.
    pub at: StepAt,
    /// How it repeats, for a chaser.
    pub repeat: Option<Repeat>,
    /// Whom it tells.
    pub to: Vec<Addressee>,
    /// Whether it goes at once, on its own, as an escalation; any other waits for the digest.
    pub urgent: bool,
}

/// How a chaser repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// How long after the time before.
    pub every: Period,
    /// How often in all, the first time included.
    pub times: u16,
}

/// When a step falls: `"-10 working days"` and `"0"` count from the day to act by, `"+1 working day"`
/// from the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepAt {
    /// So long before the day to act by; on that day when zero.
    Before(Period),
    /// So long after the deadline.
    After(Period),
}

/// Whom a step tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressee {
    /// Who must do it.
    Owner,
    /// The roles that are also concerned.
    Also,
    /// The owner's manager.
    Manager,
    /// Whoever holds this role in the case.
    Role(RoleId),
    /// This address.
    Address(String),
}

/// Why a text is not the time of a step.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not the time of a step: write \"-10 working days\" before the day to act by, \"0\" on it, \"+1 working day\" after the deadline"
)]
pub struct StepAtError(String);

impl FromStr for StepAt {
    type Err = StepAtError;

    fn from_str(text: &str) -> Result<Self, StepAtError> {
        let refuse = || StepAtError(text.to_owned());
        let period = |rest: &str| rest.parse::<Period>().ok().filter(|period| !period.is_zero());
        if text == "0" {
            return Ok(Self::Before(Period::ZERO));
        }
        match text.split_at_checked(1) {
            Some(("-", rest)) => period(rest).map(Self::Before).ok_or_else(refuse),
            Some(("+", rest)) => period(rest).map(Self::After).ok_or_else(refuse),
            _ => Err(refuse()),
        }
    }
}

impl fmt::Display for StepAt {
    /// The short form that names the step in the log: `-10wd`, `0`, `+1wd`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, period) = match self {
            Self::Before(period) if period.is_zero() => return f.write_str("0"),
            Self::Before(period) => ('-', period),
            Self::After(period) => ('+', period),
        };
        let unit = match period.unit() {
            Unit::Days => "d",
            Unit::Weeks => "w",
            Unit::Months => "m",
            Unit::WorkingDays => "wd",
        };
        write!(f, "{sign}{}{unit}", period.count())
    }
}

impl Step {
    /// The name under which the `nth` time of this step stands in the log: `-2wd`, `+1wd`, and `+1wd.2`
    /// for the second time of one that repeats.
    #[must_use]
    pub fn name(&self, nth: u16) -> String {
        if nth == 1 { self.at.to_string() } else { format!("{}.{nth}", self.at) }
    }

    /// How often it falls in all.
    #[must_use]
    pub const fn times(&self) -> u16 {
        match self.repeat {
            Some(repeat) => repeat.times,
            None => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_step_reads_as_written_and_has_a_short_name() {
        let name = |text: &str| text.parse::<StepAt>().map(|at| at.to_string()).ok();
        assert_eq!(name("-10 working days").as_deref(), Some("-10wd"));
        assert_eq!(name("0").as_deref(), Some("0"));
        assert_eq!(name("+1 week").as_deref(), Some("+1w"));
        for text in ["", "10 days", "-0 days", "+0 days", "- 1 day", "+1", "é"] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}
