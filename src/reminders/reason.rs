//! Why something is told now, or is not, in plain words.

use std::fmt;

use super::{Rung, Silence, Telling};
use crate::calendar::CivilDate;
use crate::schedule::{Occurrence, Status};

/// Why a step that has fallen is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withheld {
    /// A later step takes its place.
    Superseded(String),
    /// The same work is overdue already, and that is told.
    Muted,
    /// Somebody asked for silence.
    Silenced(Silence),
    /// It is dated before the go-live date.
    BeforeGoLive(CivilDate),
    /// Its day went by, and its ladder says to skip it then.
    Skipped(CivilDate),
    /// Nobody has an address for this.
    NobodyToTell(String),
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded(by) => write!(f, "superseded by {by}"),
            Self::Muted => f.write_str("muted: the same work is overdue, and that is told"),
            Self::Silenced(silence) => silence.fmt(f),
            Self::BeforeGoLive(live) => write!(f, "before go-live on {live}"),
            Self::Skipped(day) => write!(f, "skipped: its day was {day}, and its ladder sends nothing late"),
            Self::NobodyToTell(whom) => write!(f, "nobody to tell: {whom}"),
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
) -> String {
    let moved = before.iter().rev().find(|telling| telling.deadline != occurrence.deadline);
    let told_since = before.iter().any(|telling| telling.deadline == occurrence.deadline);
    let which = match moved {
        _ if rung.step.urgent => "escalated".to_owned(),
        Some(old) if !told_since => {
            format!("again, since the deadline moved from {}", old.deadline.format("%-d %B"))
        }
        _ if before.is_empty() && !rung.chases() => "first".to_owned(),
        _ if rung.chases() && rung.step.repeat.is_some() => {
            format!("chaser {} of {}", rung.nth, rung.step.times())
        }
        _ if rung.chases() => "chaser".to_owned(),
        _ => "reminder".to_owned(),
    };
    let late =
        if late { format!(", late (its day was {})", rung.falls_on.format("%-d %B")) } else { String::new() };
    format!("{which}{late}: {}", when(occurrence, on))
}

/// How near or how far past the deadline is.
fn when(occurrence: &Occurrence<'_>, on: CivilDate) -> String {
    let days = |count: i64| if count == 1 { "1 day".to_owned() } else { format!("{count} days") };
    if occurrence.status == Status::Overdue {
        return match (on - occurrence.deadline).num_days() {
            1 => "its deadline was yesterday".to_owned(),
            past => format!("its deadline passed {} ago", days(past)),
        };
    }
    match (occurrence.due_on - on).num_days() {
        _ if occurrence.deadline == on => "its deadline is today".to_owned(),
        left if left <= 0 => "today is the last working day before its deadline".to_owned(),
        1 => "it is due tomorrow".to_owned(),
        left => format!("it is due in {}", days(left)),
    }
}

/// Why what was told as overdue was not, seen from how it stands on the day it was told.
pub(super) fn excuse(found: Option<&Occurrence<'_>>) -> Option<String> {
    let Some(occurrence) = found else { return Some("it was not called for".to_owned()) };
    let done = |on: CivilDate| format!("it had been done on {}", on.format("%-d %B %Y"));
    match occurrence.status {
        Status::Overdue | Status::Missed => None,
        Status::Done | Status::DoneLate => Some(
            occurrence.done.map_or_else(|| "it had been done".to_owned(), |completion| done(completion.on)),
        ),
        Status::Waived => Some("it had been waived".to_owned()),
        Status::Cancelled => Some("its work had ended".to_owned()),
        Status::Open | Status::Scheduled => {
            Some(format!("its deadline is {}", occurrence.deadline.format("%-d %B %Y")))
        }
    }
}
