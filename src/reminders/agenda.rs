//! The office's hours, what to do with a message now, and when to look again.

use std::sync::Arc;

use chrono::{Duration, NaiveTime, Weekday};

use super::{Delivery, Lapse, Ledger, MessageKind, Recipient, State};
use crate::calendar::{Calendar, CivilDate, Instant, Zone};

/// When and how reminders go.
#[derive(Debug, Clone)]
pub struct Office {
    /// The zone of the times.
    pub zone: Zone,
    /// The working days on which admins hear of stepdown itself.
    pub calendar: Calendar,
    /// The working days of the cases, each by its own division: nobody's digest waits for another's bank holiday.
    pub at_work: Vec<Arc<Calendar>>,
    /// When the digest goes.
    pub digest_at: NaiveTime,
    /// Until when a late one still goes.
    pub digest_until: NaiveTime,
    /// Nothing that is dated before this day is sent.
    pub go_live: Option<CivilDate>,
    /// Who is told how stepdown itself stands.
    pub admins: Vec<Recipient>,
    /// The day of the week on which they are told that all is in order.
    pub weekly_on: Weekday,
    /// How many messages may be planned at one time before an operator is asked.
    pub breaker: usize,
}

impl Office {
    /// Whether anybody is at work on `day`, so that there may be digests. Which cases they tell of is decided by each
    /// case's own working days.
    #[must_use]
    pub fn is_digest_day(&self, day: CivilDate) -> bool {
        let own = std::iter::once(&self.calendar);
        own.chain(self.at_work.iter().map(|calendar| &**calendar))
            .any(|calendar| calendar.is_working_day(day))
    }

    /// The day whose digests are to be planned now, if they were not yet.
    #[must_use]
    pub fn digest_day(&self, ledger: &Ledger, now: Instant) -> Option<CivilDate> {
        let day = self.zone.civil_date(now);
        let open = self.opens(day) <= now && now < self.closes(day);
        (open && self.is_digest_day(day) && !ledger.digests_planned(day)).then_some(day)
    }

    /// Since when the oldest that was due to be sent waits: a message, or the digests of today where they were not
    /// even planned. What a hold keeps from being planned on a day off is not known.
    #[must_use]
    pub fn unsent_since(&self, ledger: &Ledger, now: Instant) -> Option<Instant> {
        let today = self.zone.civil_date(now);
        let live = self.go_live.is_none_or(|live| live <= today);
        let digests = self.digest_day(ledger, now).filter(|_| live).map(|day| self.opens(day));
        let message = ledger.waiting().map(|delivery| delivery.planned_at).min();
        digests.into_iter().chain(message).min()
    }

    /// The next moment at which digests are planned, after `now`.
    #[must_use]
    pub fn next_digest(&self, now: Instant) -> Instant {
        self.next_opening(now, |day| self.is_digest_day(day))
    }

    /// The next moment at which a day's steps may go, be it a day off, after `now`.
    #[must_use]
    pub fn next_day(&self, now: Instant) -> Instant {
        self.next_opening(now, |_| true)
    }

    fn next_opening(&self, now: Instant, fits: impl Fn(CivilDate) -> bool) -> Instant {
        let days = self.zone.civil_date(now).iter_days().filter(|day| fits(*day));
        let mut moments = days.map(|day| self.opens(day)).take(3660);
        moments.find(|moment| *moment > now).unwrap_or(now + Duration::days(1))
    }

    /// When the steps of a day go.
    #[must_use]
    pub fn opens(&self, day: CivilDate) -> Instant {
        self.zone.instant_due(day, self.digest_at)
    }

    /// Until when a digest of that day goes.
    #[must_use]
    pub fn closes(&self, day: CivilDate) -> Instant {
        self.zone.instant_due(day, self.digest_until)
    }

    /// The day that the weekly mail of `day`'s week is of: the last `weekly_on` on or before.
    #[must_use]
    pub fn week_of(&self, day: CivilDate) -> CivilDate {
        day.week(self.weekly_on).checked_first_day().unwrap_or(day)
    }
}

/// What to do with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Try to hand it over now, as it stands by now.
    Attempt,
    /// Try once more, the same bytes.
    Repeat,
    /// Wait until then.
    Wait(Instant),
    /// Give it up, for this reason.
    Lapse(Lapse, &'static str),
    /// Nothing: it is settled.
    Nothing,
}

/// How long a message is tried that the server does not take.
const PATIENCE: Duration = Duration::days(1);

impl Next {
    /// What to do with a message of this state that no attempt is under way for.
    ///
    /// An interrupted attempt that was not yet transmitting did not arrive, and is made again. Where
    /// it was, a digest is left alone (tomorrow's covers it) and any other message is sent once more, the
    /// same bytes under the same `Message-ID`.
    #[must_use]
    pub fn of(delivery: &Delivery, office: &Office, now: Instant) -> Self {
        if delivery.state.is_settled() {
            return Self::Nothing;
        }
        let digest = delivery.plan.matter.kind() == MessageKind::Digest;
        let open = matches!(delivery.state, State::Transmitting | State::Ambiguous { .. });
        if digest && open {
            return Self::Lapse(Lapse::MayHaveArrived, "it may have arrived; the next digest covers it");
        }
        if digest && now >= office.closes(delivery.plan.on) {
            return Self::Lapse(Lapse::DayOver, "its day is over; the next digest covers it");
        }
        if delivery.ambiguous > 1 {
            return Self::Lapse(Lapse::Unclear, "it was sent twice, and may have arrived or not");
        }
        // Time in which nobody tried does not count.
        if delivery.failing_since.is_some_and(|first| delivery.since - first >= PATIENCE) {
            return Self::Lapse(Lapse::GivenUp, "the server did not take it for a day");
        }
        match delivery.state {
            State::Deferred { retry_at } | State::Ambiguous { retry_at } if retry_at > now => {
                Self::Wait(retry_at)
            }
            _ if delivery.ambiguous > 0 || open => Self::Repeat,
            _ => Self::Attempt,
        }
    }
}

/// How long to wait after the `failure`-th failure in a row: `first`, doubled each time, an hour at most.
#[must_use]
pub fn backoff(first: Duration, failure: u32) -> Duration {
    let doubled = first.checked_mul(1 << failure.saturating_sub(1).min(12));
    doubled.unwrap_or(Duration::MAX).min(Duration::hours(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_an_hour() {
        let waits = [1, 2, 3, 6, 7, 100].map(|failure| backoff(Duration::minutes(1), failure).num_minutes());
        assert_eq!(waits, [1, 2, 4, 32, 60, 60]);
    }

    fn office() -> Office {
        let holidays =
            crate::calendar::BankHolidays::from_json(include_str!("../../config/bank-holidays.json"));
        let division = "england-and-wales".parse().expect("a division");
        Office {
            zone: "Europe/London".parse().expect("a zone"),
            calendar: Calendar::new(&holidays.expect("holidays"), division).expect("a calendar"),
            at_work: Vec::new(),
            digest_at: NaiveTime::from_hms_opt(8, 0, 0).expect("a time"),
            digest_until: NaiveTime::from_hms_opt(18, 0, 0).expect("a time"),
            go_live: None,
            admins: Vec::new(),
            weekly_on: Weekday::Mon,
            breaker: 500,
        }
    }

    /// What is done at `time` UTC of 1 June 2026 with a message planned at 8 that morning, after these facts.
    fn next(matter: &str, facts: &[&str], time: &str) -> Next {
        let at = |time: &str| format!("2026-06-{time}:00Z").parse::<Instant>().expect("an instant");
        let matter = match matter {
            "digest" => r#"{"about": "digest", "items": []}"#,
            _ => r#"{"about": "vacancies", "vacancies": []}"#,
        };
        let plan = format!(r#"{{"key": "k", "to": "t", "on": "2026-06-01", "matter": {matter}}}"#);
        let mut delivery = Delivery::new(serde_json::from_str(&plan).expect("a plan"), at("01T07:00"));
        for fact in facts {
            let (data, when) = match *fact {
                "deferred" => {
                    (r#""stage": "rcpt-to", "reason": "r", "retry_at": "2026-06-01T07:10:00Z""#, "01T07:05")
                }
                "deferred again" => {
                    (r#""stage": "rcpt-to", "reason": "r", "retry_at": "2026-06-02T08:00:00Z""#, "02T07:05")
                }
                "not-sent" => {
                    (r#""stage": "connect", "reason": "r", "retry_at": "2026-06-01T07:10:00Z""#, "01T07:05")
                }
                "ambiguous" => (r#""reason": "r", "retry_at": "2026-06-01T07:10:00Z""#, "01T07:05"),
                _ => (r#""reply": "250 ok""#, "01T07:05"),
            };
            let fact = fact.trim_end_matches(" again");
            let fact = format!(r#"{{"type": "mail-{fact}", "data": {{"key": "k", {data}}}}}"#);
            delivery.apply(&serde_json::from_str(&fact).expect("a fact"), at(when));
        }
        Next::of(&delivery, &office(), at(time))
    }

    #[test]
    fn a_message_is_tried_waits_is_repeated_once_or_given_up() {
        let lapse = |next: Next| match next {
            Next::Lapse(cause, _) => Some(cause),
            _ => None,
        };
        assert_eq!(next("digest", &[], "01T07:00"), Next::Attempt);
        assert_eq!(next("digest", &["accepted"], "01T07:06"), Next::Nothing);
        assert!(matches!(next("notice", &["deferred"], "01T07:06"), Next::Wait(_)));
        assert_eq!(next("notice", &["deferred"], "01T07:10"), Next::Attempt);
        assert_eq!(next("notice", &["ambiguous"], "01T07:10"), Next::Repeat);
        assert_eq!(next("notice", &["ambiguous", "deferred"], "01T07:10"), Next::Repeat);
        assert_eq!(lapse(next("notice", &["ambiguous", "ambiguous"], "01T07:10")), Some(Lapse::Unclear));
        assert_eq!(lapse(next("digest", &["ambiguous"], "01T07:06")), Some(Lapse::MayHaveArrived));
        // Six in the evening in London is five in UTC.
        assert_eq!(next("digest", &["deferred"], "01T16:59"), Next::Attempt);
        assert_eq!(lapse(next("digest", &["deferred"], "01T17:00")), Some(Lapse::DayOver));
        // The relay's refusals give a message up after a day; a relay that is away never does.
        assert_eq!(lapse(next("notice", &["deferred", "deferred again"], "02T07:05")), Some(Lapse::GivenUp));
        // Held or switched off meanwhile, it is tried once more at least.
        assert_eq!(next("notice", &["deferred"], "05T07:05"), Next::Attempt);
        assert_eq!(next("notice", &["not-sent"], "09T07:05"), Next::Attempt);
    }
}
