//! What state an obligation is in (`semantics` §5).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The status of an occurrence on a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Past its deadline and still to be done.
    Overdue,
    /// To be done now.
    Open,
    /// Not open yet.
    Scheduled,
    /// Completed by its deadline.
    Done,
    /// Completed after its deadline.
    DoneLate,
    /// Not done, and cannot be made up for.
    Missed,
    /// Need not be done: somebody decided so.
    Waived,
    /// Need not be done: its series ended before the deadline.
    Cancelled,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Overdue,
        Self::Open,
        Self::Scheduled,
        Self::Done,
        Self::DoneLate,
        Self::Missed,
        Self::Waived,
        Self::Cancelled,
    ];

    /// Its name in JSON and listings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Open => "open",
            Self::Scheduled => "scheduled",
            Self::Done => "done",
            Self::DoneLate => "done-late",
            Self::Missed => "missed",
            Self::Waived => "waived",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
