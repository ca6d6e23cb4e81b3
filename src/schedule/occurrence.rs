//! One thing to be done by a date, with all that made it so.

use super::Status;
use crate::calendar::{CivilDate, Period};
use crate::case::{CaseRef, EventNumber, OccurrenceName};
use crate::programme::Rule;

/// An occurrence of a rule in a case, on a date.
#[derive(Debug, Clone)]
pub struct Occurrence<'a> {
    /// The rule that calls for it, by the version of the programme that governs its series: its dates and
    /// its owner.
    pub rule: &'a Rule,
    /// The same rule as it is worded now, with its ladder and who else is concerned: these move no date.
    pub worded: &'a Rule,
    /// Its number within the series, from 1.
    pub n: u32,
    /// The first day it can be done.
    pub opens_on: CivilDate,
    /// The policy's limit, D.
    pub deadline: CivilDate,
    /// The day to act by: the last working day on or before the deadline.
    pub due_on: CivilDate,
    /// What completed it.
    pub done: Option<Done>,
    /// Its status on the date asked about.
    pub status: Status,
    /// What its dates were made of.
    pub why: Why,
}

impl Occurrence<'_> {
    /// Its stable name.
    #[must_use]
    pub fn name(&self, case: &CaseRef) -> OccurrenceName {
        OccurrenceName { case: case.clone(), rule: self.rule.id.clone(), series: self.why.anchor, n: self.n }
    }
}

/// The completion of an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The event that completed it.
    pub event: EventNumber,
    /// Its civil date.
    pub on: CivilDate,
}

/// Each value that went into an occurrence, as it was used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Why {
    /// The event that started the series.
    pub anchor: EventNumber,
    /// The civil date of that event.
    pub anchor_event_on: CivilDate,
    /// The anchor date A: that civil date, or the date field of the event's data.
    pub anchor_date: CivilDate,
    /// The series' start S.
    pub start: CivilDate,
    /// How the deadline was counted.
    pub counted: Counted,
    /// The first date on which completions count.
    pub counting_from: CivilDate,
    /// The event that sets that date, where the rule has `counts_from` and it has happened.
    pub counting_event: Option<EventNumber>,
    /// What ended the series.
    pub end: Option<End>,
    /// The event that waived it.
    pub waived_by: Option<EventNumber>,
}

/// A deadline as it was counted: `from` + `times` × `period`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The date counted from: the start, or the completion before.
    pub from: CivilDate,
    /// What was counted …
    pub period: Period,
    /// … how many times.
    pub times: u32,
}

/// The end of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The event that ended it.
    pub event: EventNumber,
    /// Its civil date E.
    pub on: CivilDate,
    /// Why that event ended it.
    pub cause: EndCause,
}

/// Why an event ends a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndCause {
    /// It anchors the next series of the same rule.
    Superseded,
    /// The rule's `until`, or the programme's `ends_with`, names it.
    Ended,
}
