//! The clock is looked at before it is believed: reminders of the wrong day are worse than late ones.

use std::time::Duration as Span;

use chrono::Duration;

use crate::calendar::Instant;

/// What the clock seems to have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockReading {
    /// It went on.
    Steady,
    /// It shows a time before `until`, which was seen already: nothing is sent until then.
    Behind {
        /// The newest time that was seen.
        until: Instant,
    },
    /// It jumped forward by this much.
    Jumped(Duration),
}

/// Compares each reading of the clock with those before it.
#[derive(Debug, Clone)]
pub struct ClockWatch {
    newest: Instant,
    last: Option<(Instant, Span)>,
}

impl ClockWatch {
    /// How far a clock may step back unremarked: what a time service mends in passing.
    pub const TOLERANCE: Duration = Duration::minutes(1);
    /// How far it may jump forward.
    pub const LEAP: Duration = Duration::days(1);

    /// A watch that knows the time of the newest entry in the log.
    #[must_use]
    pub const fn new(newest: Instant) -> Self {
        Self { newest, last: None }
    }

    /// Judges a reading of the clock, with the reading of one that only ever runs forward.
    pub fn look(&mut self, now: Instant, monotonic: Span) -> ClockReading {
        let last = self.last.replace((now, monotonic));
        if now + Self::TOLERANCE < self.newest {
            return ClockReading::Behind { until: self.newest };
        }
        self.newest = self.newest.max(now);
        let Some((before, ran)) = last else { return ClockReading::Steady };
        let passed = Duration::from_std(monotonic.saturating_sub(ran)).unwrap_or(Duration::MAX);
        let leap = (now - before).checked_sub(&passed).unwrap_or_default();
        if leap > Self::LEAP { ClockReading::Jumped(leap) } else { ClockReading::Steady }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_steps_back_or_leaps_is_noticed_and_one_that_is_mended_is_not() {
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let mut watch = ClockWatch::new(at("2026-06-01T08:00:00Z"));
        let hour = Span::from_hours(1);
        assert_eq!(watch.look(at("2026-06-01T07:59:30Z"), hour), ClockReading::Steady);
        assert_eq!(
            watch.look(at("2026-06-01T07:00:00Z"), hour),
            ClockReading::Behind { until: at("2026-06-01T08:00:00Z") }
        );
        assert_eq!(watch.look(at("2026-06-01T08:30:00Z"), hour * 2), ClockReading::Steady);
        // A day of sleep is a leap for a clock that did not run meanwhile, and none for one that did.
        let two_days = at("2026-06-03T08:30:00Z");
        assert_eq!(watch.clone().look(two_days, hour * 50), ClockReading::Steady);
        assert_eq!(watch.look(two_days, hour * 2), ClockReading::Jumped(Duration::days(2)));
    }
}
