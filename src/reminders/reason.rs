//! Why something is told now, or was told wrongly: decided here, put into words where it is said.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Rung, Telling};
use crate::calendar::CivilDate;
use crate::schedule::{Occurrence, Status};

/// Why an obligation is told. `Display` says it in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A step of its ladder has fallen.
    Step(Step),
    /// It was told as overdue and was not.
    Excuse(Excuse),
}

/// Which step has fallen, and how near the deadline is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Which.
    pub which: Which,
    /// The day it was of, where that went by and nobody was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<CivilDate>,
    /// How near or how far past the deadline is.
    pub when: When,
}

/// Which step of a ladder is told, seen from its recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// An urgent one, on its own.
    Escalated,
    /// What was told before, since the deadline is no more this day.
    Moved(CivilDate),
    /// The first that this recipient hears.
    First,
    /// One before the deadline.
    Reminder,
    /// One after the deadline.
    Chaser,
    /// One of several after the deadline.
    ChaserOf {
        /// Its number, from 1.
        nth: u16,
        /// How many there are.
        of: u16,
    },
}

/// How near or how far past the deadline is, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// The deadline was so many days ago.
    Passed(i64),
    /// The deadline is today.
    Today,
    /// Today is the last working day before the deadline.
    LastWorkingDay,
    /// The day to act by is so many days ahead.
    In(i64),
}

/// Why what was told as overdue was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Excuse {
    /// Nothing called for it.
    NotCalledFor,
    /// It had been done, on this day.
    DoneOn(CivilDate),
    /// It had been done.
    Done,
    /// It had been waived.
    Waived,
    /// The work it belonged to had ended.
    Ended,
    /// Its deadline is on this later day.
    DeadlineIs(CivilDate),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => step.fmt(f),
            Self::Excuse(excuse) => excuse.fmt(f),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.which.fmt(f)?;
        if let Some(day) = self.late {
            write!(f, ", late (its day was {})", day.format("%-d %B"))?;
        }
        write!(f, ": {}", self.when)
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Escalated => f.write_str("escalated"),
            Self::Moved(from) => {
                write!(f, "again, since the deadline moved from {}", from.format("%-d %B"))
            }
            Self::First => f.write_str("first"),
            Self::Reminder => f.write_str("reminder"),
            Self::Chaser => f.write_str("chaser"),
            Self::ChaserOf { nth, of } => write!(f, "chaser {nth} of {of}"),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(1) => f.write_str("its deadline was yesterday"),
            Self::Passed(days) => write!(f, "its deadline passed {days} days ago"),
            Self::Today => f.write_str("its deadline is today"),
            Self::LastWorkingDay => f.write_str("today is the last working day before its deadline"),
            Self::In(1) => f.write_str("it is due tomorrow"),
            Self::In(days) => write!(f, "it is due in {days} days"),
        }
    }
}

impl fmt::Display for Excuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCalledFor => f.write_str("it was not called for"),
            Self::DoneOn(day) => write!(f, "it had been done on {}", day.format("%-d %B %Y")),
            Self::Done => f.write_str("it had been done"),
            Self::Waived => f.write_str("it had been waived"),
            Self::Ended => f.write_str("its work had ended"),
            Self::DeadlineIs(day) => write!(f, "its deadline is {}", day.format("%-d %B %Y")),
        }
    }
}

/// Why a step goes to a recipient who was told `before` about the same obligation.
///
/// `late` says whether nobody has been told this step and its day has gone by.
pub(super) fn reason(
    rung: &Rung<'_>,
    occurrence: &Occurrence<'_>,
    before: &[&Telling],
    late: bool,
    on: CivilDate,
) -> Reason {
    let moved = before.iter().rev().find(|telling| telling.deadline != occurrence.deadline);
    let told_since = before.iter().any(|telling| telling.deadline == occurrence.deadline);
    let which = match moved {
        _ if rung.step.urgent => Which::Escalated,
        Some(old) if !told_since => Which::Moved(old.deadline),
        _ if before.is_empty() && !rung.chases() => Which::First,
        _ if rung.chases() && rung.step.repeat.is_some() => {
            Which::ChaserOf { nth: rung.nth, of: rung.step.times() }
        }
        _ if rung.chases() => Which::Chaser,
        _ => Which::Reminder,
    };
    Reason::Step(Step { which, late: late.then_some(rung.falls_on), when: when(occurrence, on) })
}

/// How near or how far past the deadline is.
fn when(occurrence: &Occurrence<'_>, on: CivilDate) -> When {
    if occurrence.status == Status::Overdue {
        return When::Passed((on - occurrence.deadline).num_days());
    }
    match (occurrence.due_on - on).num_days() {
        _ if occurrence.deadline == on => When::Today,
        left if left <= 0 => When::LastWorkingDay,
        left => When::In(left),
    }
}

/// Why what was told as overdue was not, seen from how it stands on the day it was told; `None` where it was.
pub(super) fn excuse(found: Option<&Occurrence<'_>>) -> Option<Reason> {
    let Some(occurrence) = found else { return Some(Reason::Excuse(Excuse::NotCalledFor)) };
    let excuse = match occurrence.status {
        Status::Overdue | Status::Missed => return None,
        Status::Done | Status::DoneLate => {
            occurrence.done.map_or(Excuse::Done, |completion| Excuse::DoneOn(completion.on))
        }
        Status::Waived => Excuse::Waived,
        Status::Cancelled => Excuse::Ended,
        Status::Open | Status::Scheduled => Excuse::DeadlineIs(occurrence.deadline),
    };
    Some(Reason::Excuse(excuse))
}
