//! How well is the policy kept, and what does it achieve?
//!
//! [`report()`] counts over all cases and gives a [`Report`], of which [`csv()`], [`html()`] and [`Page`] make what is
//! printed, so that a daemon and the command line say the same. What is counted:
//!
//! - **Kept.** The obligations whose deadline lies in the period, each by its status on the last day (or today, if
//!   that is earlier): *on time* (`done`), *late* (`done-late`), `missed`, still `overdue`, still `open` (due on the last
//!   day itself), `waived`. Cancelled ones, which nobody had to do, are not counted. The *rate* is on time out of on time,
//!   late, missed and overdue. *Days* is the median of the days from the deadline to the day it was done: negative is
//!   early. *Reminders* are the tellings of completed obligations, in digests and escalations, to whomever, by the number
//!   of those obligations; *escalations* the urgent messages about all obligations of the row. By rule, by the role that
//!   must act, by programme.
//! - **Transitions**, where the programme's `[outcomes.transition]` says what one is: those attempted by the last day and
//!   not decided before the first. *Standing*: not ended when the time was over; *ended* otherwise; *not yet known* where
//!   it is not over, even if the transition has ended. What an event says of its success outweighs that, unless it
//!   ended after that. A case that was closed without an end stands. The success rate is standing out of standing and ended.
//! - **Support**: the families supported on any day of the period, and the adults and children in them by the
//!   latest event that says how many there are.
//! - **Movement** of a measure: its first value in the case against the last by the last day of the period, where
//!   that was taken in the period; for the better, the same, for the worse.
//! - **Stages**: the stays that ended in the period, with quartiles of their days; and the cases that are in the stage
//!   on the last day, with the median of their days so far.
//!
//! Everything is seen as it is known now; an erased case counts nowhere, in no period. Small numbers are withheld
//! (`withhold.rs`) unless somebody asks otherwise.
//!
//! Invariant: pure; no case is named, and no figure of a report that withholds small numbers can be reckoned back to one
//! to four cases from the others in it.

mod build;
mod charts;
mod few;
mod lines;
mod middle;
mod model;
mod outcome;
mod page;
mod period;
mod reckon;
mod sections;
mod sheet;
mod tally;
mod withhold;
mod words;

pub use build::{Scope, report};
pub use few::THRESHOLD;
pub use lines::{Line, Shown, lines};
pub use model::{
    KeptRow, MovementRow, ProgrammeReport, Report, RoleRow, RuleRow, StageRow, SupportRow, TransitionRow,
};
pub use page::{PageError, html};
pub use period::{Period, PeriodError};
pub use reckon::Subject;
pub use sections::{Block, Page, Section, Table, TableRow};
pub use sheet::csv;
pub use words::Words;
