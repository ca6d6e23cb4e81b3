//! Moments as people give them on the command line.

use std::str::FromStr;

use chrono::{DateTime, Duration, NaiveTime};

use crate::calendar::{CivilDate, Instant, Zone};

/// `--known-at`: an instant, or a date that means the end of that day.
#[derive(Debug, Clone, Copy)]
pub enum KnownAt {
    /// An RFC 3339 instant.
    Instant(Instant),
    /// A civil date.
    Day(CivilDate),
}

impl FromStr for KnownAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(day) = text.parse() {
            return Ok(Self::Day(day));
        }
        DateTime::parse_from_rfc3339(text).map(|at| Self::Instant(at.to_utc())).map_err(|_| {
            "write a time such as 2026-03-05T17:00:00Z, or a date for the end of that day".to_owned()
        })
    }
}

impl KnownAt {
    /// The instant meant, in `zone`.
    pub fn instant(self, zone: Zone) -> Instant {
        match self {
            Self::Instant(at) => at,
            Self::Day(day) => {
                let next = day.succ_opt().unwrap_or(day);
                zone.instant_due(next, NaiveTime::MIN) - Duration::nanoseconds(1)
            }
        }
    }
}
