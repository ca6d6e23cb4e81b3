//! The only place that reads a clock. Everything else is told what time it is.

use std::sync::LazyLock;
use std::time::{Duration, Instant as Moment};

use chrono::Utc;
use sd_notify::NotifyState;

use crate::calendar::Instant;

/// Where the time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands: for measuring, where every run must see the same day.
    Standing(Instant),
}

/// When the process first looked at this clock.
static START: LazyLock<Moment> = LazyLock::new(Moment::now);

impl Clock {
    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Instant {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
            Self::System => Utc::now(),
            Self::Standing(at) => *at,
        }
    }

    /// How long the process has run, by a clock that nobody can put: to tell when the other was put.
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        match self {
            Self::System => START.elapsed(),
            Self::Standing(_) => Duration::ZERO,
        }
    }

    /// How long the machine has run, in microseconds, as service managers reckon (`CLOCK_MONOTONIC`); none where it
    /// does not say.
    pub(super) fn since_boot() -> Option<i128> {
        match NotifyState::monotonic_usec_now() {
            Ok(NotifyState::MonotonicUsec(microseconds)) => Some(microseconds),
            _ => None,
        }
    }
}
