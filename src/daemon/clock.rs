//! The only place that reads a clock. Everything else is told what time it is.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::Utc;

use crate::calendar::Instant;

/// Where the time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands where it is put: for the demo, which walks through a year in a second.
    Set(Arc<Mutex<Instant>>),
}

impl Clock {
    /// A clock that stands at `at`.
    #[must_use]
    pub fn set_at(at: Instant) -> Self {
        Self::Set(Arc::new(Mutex::new(at)))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Instant {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
            Self::System => Utc::now(),
            Self::Set(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Puts a clock that can be put; the machine's clock is left alone.
    pub fn put(&self, to: Instant) {
        if let Self::Set(at) = self {
            *at.lock().unwrap_or_else(PoisonError::into_inner) = to;
        }
    }
}
