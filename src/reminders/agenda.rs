//! What to do now, and when to look again.

use chrono::{Duration, NaiveTime};

use super::{Delivery, Ledger, MessageKind, State};
use crate::calendar::{Calendar, CivilDate, Instant, Zone};

/// When the office works: the local times of the digest.
#[derive(Debug, Clone)]
pub struct Office {
    /// The zone of the times.
    pub zone: Zone,
    /// The working days.
    pub calendar: Calendar,
    /// When the digest goes.
    pub digest_at: NaiveTime,
    /// Until when a late one still goes.
    pub digest_until: NaiveTime,
}

impl Office {
    /// The day whose digests are to be planned now, if they were not yet.
    #[must_use]
    pub fn digest_day(&self, ledger: &Ledger, now: Instant) -> Option<CivilDate> {
        let day = self.zone.civil_date(now);
        let open = self.zone.instant_due(day, self.digest_at) <= now && now < self.closes(day);
        (open && self.calendar.is_working_day(day) && !ledger.digests_planned(day)).then_some(day)
    }

    /// The next moment at which digests are planned, after `now`.
    #[must_use]
    pub fn next_digest(&self, now: Instant) -> Instant {
        let days = self.zone.civil_date(now).iter_days().filter(|day| self.calendar.is_working_day(*day));
        let moments = days.map(|day| self.zone.instant_due(day, self.digest_at));
        moments.take(3660).find(|moment| *moment > now).unwrap_or(now + Duration::days(1))
    }

    fn closes(&self, day: CivilDate) -> Instant {
        self.zone.instant_due(day, self.digest_until)
    }
}

/// What to do with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Try to hand it over now.
    Attempt,
    /// Wait until then.
    Wait(Instant),
    /// Give it up, for this reason.
    Lapse(&'static str),
    /// Nothing: it is settled.
    Nothing,
}

impl Next {
    /// What to do with a message of this state that no attempt is under way for.
    ///
    /// An interrupted attempt that was not yet transmitting did not arrive, and is made again. Where
    /// it was, a digest is left alone (tomorrow's covers it) and a notice is sent once more, the same
    /// bytes under the same `Message-ID`.
    #[must_use]
    pub fn of(delivery: &Delivery, office: &Office, now: Instant) -> Self {
        if delivery.state.is_settled() {
            return Self::Nothing;
        }
        let digest = delivery.kind == MessageKind::Digest;
        if digest && now >= office.closes(delivery.on) {
            return Self::Lapse("its day is over; the next digest covers it");
        }
        match delivery.state {
            State::Transmitting | State::Ambiguous if digest => {
                Self::Lapse("it may have arrived; the next digest covers it")
            }
            State::Ambiguous if delivery.ambiguous > 1 => {
                Self::Lapse("it was sent again once, and may have arrived twice")
            }
            State::Deferred { retry_at } if retry_at > now => Self::Wait(retry_at),
            _ => Self::Attempt,
        }
    }
}

/// How long to wait after the `attempt`-th attempt failed: 1 minute, doubled each time, an hour at most.
#[must_use]
pub fn backoff(attempt: u32) -> Duration {
    Duration::minutes(60.min(1_i64 << attempt.saturating_sub(1).min(6)))
}
