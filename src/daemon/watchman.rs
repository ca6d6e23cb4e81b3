//! The watchman: every night the whole log is read and verified, and a checkpoint of it is taken.
//!
//! Invariant: he reads the log beside its writer and writes nothing to it; what he keeps is beside it.

use std::time::Duration;

use chrono::{Days, NaiveTime};
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;

use super::{Alarm, Clock, Snapshot};
use crate::calendar::{Instant, Zone};
use crate::log::{Checkpoint, Checkpoints, Head, KeptNote, LogError, LogReader, Scrub, Verified};

/// How long he waits before he looks at the clock again, and after a start, which has other things to do.
const NAP: Duration = Duration::from_mins(1);

/// Verifies the log and takes checkpoints.
#[derive(Clone)]
pub struct Watchman {
    reader: LogReader,
    checkpoints: Checkpoints,
    alarm: Alarm,
}

/// What a round goes by.
#[derive(Debug, Clone)]
pub struct Orders {
    /// The end of the log as the daemon knows it.
    pub live: Head,
    /// The name that checkpoints go under.
    pub origin: String,
    /// Where the night falls.
    pub zone: Zone,
}

impl Orders {
    /// Those of the state after the last sync.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let settings = &snapshot.config.settings;
        let (origin, zone) = (settings.records.origin.clone(), settings.reminders.time_zone);
        Self { live: snapshot.head, origin, zone }
    }
}

/// When what falls due every day at a local time did so last: today or yesterday.
pub(super) fn due_last(now: Instant, zone: Zone, time: NaiveTime) -> Instant {
    let today = zone.civil_date(now);
    let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    [today, yesterday].map(|day| zone.instant_due(day, time)).into_iter().find(|at| *at <= now).unwrap_or(now)
}

impl Watchman {
    /// Over the log that `reader` reads.
    #[must_use]
    pub fn new(reader: LogReader, checkpoints: Checkpoints, alarm: Alarm) -> Self {
        Self { reader, checkpoints, alarm }
    }

    /// Whether the last look at the whole log found damage: then it is looked at again before anything is taken.
    #[must_use]
    pub fn found_damage(&self) -> bool {
        self.checkpoints.last_scrub().is_some_and(|last| last.damage.is_some())
    }

    /// Whether a round is due: none was made since three in the morning, or the last one found damage.
    #[must_use]
    pub fn is_due(&self, now: Instant, zone: Zone) -> bool {
        let three = NaiveTime::from_hms_opt(3, 0, 0).unwrap_or_default();
        let due = due_last(now, zone, three);
        self.checkpoints.last_scrub().is_none_or(|last| last.at < due || last.damage.is_some())
    }

    /// Reads the whole log, keeps what was found, and takes a checkpoint where the log has grown. Raises the alarm
    /// where anything is damaged.
    pub fn round(&self, orders: &Orders, now: Instant) -> Scrub {
        let vouched = self.vouched(&orders.origin);
        let size = vouched.as_ref().map(|vouched| vouched.size);
        let found = self.reader.verify(orders.live, size, |_| {});
        let found = found.and_then(|found| {
            let broken = vouched.as_ref().and_then(|vouched| Some((vouched, vouched.misfit(&found)?)));
            broken.map_or(Ok(found), |(vouched, why)| Err(self.reader.broken_promise(vouched, &why)))
        });
        let scrub = match &found {
            Ok(found) => Scrub { at: now, entries: found.head.sequence.0, damage: None },
            Err(error) => {
                Scrub { at: now, entries: orders.live.sequence.0, damage: Some(self.alarm.raise(error)) }
            }
        };
        report(self.checkpoints.keep_scrub(&scrub), "what the scrub found cannot be kept");
        if let Ok(found) = found {
            tracing::info!(entries = scrub.entries, "the whole log was read and is whole");
            if found.tree.size() > size.unwrap_or_default() {
                report(self.take(&found, orders, now), "no checkpoint was taken");
            }
        }
        scrub
    }

    /// The newest checkpoint that this log signed.
    fn vouched(&self, origin: &str) -> Option<Checkpoint> {
        let KeptNote { on, note } = self.checkpoints.newest()?;
        let vouched = self.reader.checkpoint_in(&note, origin);
        vouched.inspect_err(|error| tracing::warn!(%on, %error, "the newest checkpoint is of no use")).ok()
    }

    fn take(&self, found: &Verified, orders: &Orders, now: Instant) -> Result<(), LogError> {
        let note = self.reader.sign(&found.tree, &orders.origin)?;
        self.checkpoints.keep(&KeptNote { on: orders.zone.civil_date(now), note }, &found.tree)
    }

    /// Makes his rounds for as long as it is polled.
    pub async fn patrol(self, clock: Clock, snapshot: watch::Receiver<Snapshot>) {
        loop {
            sleep(NAP).await;
            let (orders, now) = (Orders::of(&snapshot.borrow()), clock.now());
            if !self.is_due(now, orders.zone) {
                continue;
            }
            let (done, ended) = oneshot::channel();
            let watchman = self.clone();
            // A thread of its own, which nobody waits for when the process ends.
            let round = move || {
                let gentle = rayon::ThreadPoolBuilder::new().num_threads(1).build();
                let round = || watchman.round(&orders, now);
                let scrub = match gentle {
                    Ok(one) => one.install(round),
                    Err(_) => round(),
                };
                drop(done.send(scrub));
            };
            if let Err(error) = std::thread::Builder::new().name("log-scrub".to_owned()).spawn(round) {
                tracing::warn!(%error, "the log cannot be read through tonight");
                continue;
            }
            if ended.await.is_ok_and(|scrub| scrub.damage.is_some()) {
                return;
            }
        }
    }
}

fn report(kept: Result<(), LogError>, what: &str) {
    if let Err(error) = kept {
        tracing::warn!(%error, "{what}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_due_at_three_in_the_morning_by_the_local_clock() {
        let zone: Zone = "Europe/London".parse().expect("a zone");
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let three = NaiveTime::from_hms_opt(3, 0, 0).expect("a time");
        for (now, due) in [
            ("2026-11-22T03:00:00Z", "2026-11-22T03:00:00Z"),
            ("2026-11-22T02:59:59Z", "2026-11-21T03:00:00Z"),
            ("2026-11-22T23:00:00Z", "2026-11-22T03:00:00Z"),
            ("2026-06-01T02:00:00Z", "2026-06-01T02:00:00Z"),
            ("2026-06-01T01:59:00Z", "2026-05-31T02:00:00Z"),
        ] {
            assert_eq!(due_last(at(now), zone, three), at(due), "{now}");
        }
    }
}
