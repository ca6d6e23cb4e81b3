//! What the loop tells the service manager at its turns: that the work goes on, and what it waits for next.
//!
//! Invariant: a loop that turns while the disk hangs does not pass for one that works.

use std::fmt;
use std::time::Duration;

use super::{Clerk, Manager};
use crate::calendar::{Instant, Zone};

/// Tells the manager of progress, and how it stands where that has changed.
pub(super) struct Bulletin {
    manager: Manager,
    /// When the manager last heard of progress.
    fed: Option<Duration>,
    /// When it last heard how it stands, and what it heard.
    told: Option<(Duration, Standing)>,
    /// Whether it has changed since.
    changed: bool,
}

/// How it stands: what `systemctl status` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    next_digest: Instant,
    zone: Zone,
    waiting: usize,
    held: bool,
    paused_until: Option<Instant>,
}

/// How long after one change of how it stands the next one is told.
const SPELL: Duration = Duration::from_secs(1);

/// Whether the manager that wants to hear of progress within `period` is to be told of it now: not where the oldest
/// group on its way to the disk, there since `oldest`, is on it for half that time; and not at every turn.
fn is_progress(period: Duration, at: Duration, fed: Option<Duration>, oldest: Option<Duration>) -> bool {
    let passed = |since: Duration| at.saturating_sub(since);
    let hangs = oldest.is_some_and(|since| passed(since) >= period / 2);
    !hangs && fed.is_none_or(|last| passed(last) >= period / 10)
}

impl Bulletin {
    pub fn new(manager: Manager) -> Self {
        Self { manager, fed: None, told: None, changed: false }
    }

    /// The loop takes another turn. The times are those that the process has run; `oldest` is since when the oldest
    /// group is on its way to the disk.
    pub fn turn(&mut self, at: Duration, oldest: Option<Duration>, standing: Standing) {
        if self.manager.watchdog().is_some_and(|period| is_progress(period, at, self.fed, oldest)) {
            self.manager.progress();
            self.fed = Some(at);
        }
        self.changed = self.told.is_none_or(|(_, told)| told != standing);
        if self.changed && self.told.is_none_or(|(last, _)| at.saturating_sub(last) >= SPELL) {
            self.manager.status(&standing.to_string());
            self.told = Some((at, standing));
            self.changed = false;
        }
    }

    /// For how long the loop may sleep that would sleep for `wish`: less than a third of the time within which
    /// the manager wants to hear of progress.
    pub fn nap(&self, wish: Duration) -> Duration {
        let nap = self.manager.watchdog().map_or(wish, |period| wish.min(period / 4));
        if self.changed { nap.min(SPELL) } else { nap }
    }
}

impl Standing {
    /// That of `clerk` at `now`.
    pub fn of(clerk: &Clerk, now: Instant) -> Self {
        Self {
            next_digest: clerk.office().next_digest(now),
            zone: clerk.office().zone,
            waiting: clerk.books().ledger().counts().waiting,
            held: clerk.is_held(),
            paused_until: clerk.paused_until().filter(|until| *until > now),
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, time) = (self.zone.civil_date(self.next_digest), self.zone.local_time(self.next_digest));
        write!(f, "next digest {} {}; ", day.format("%a %-d %b"), time.format("%H:%M"))?;
        match self.waiting {
            0 => write!(f, "no message waiting")?,
            1 => write!(f, "1 message waiting")?,
            count => write!(f, "{count} messages waiting")?,
        }
        if self.held {
            write!(f, "; mail held (stepdown status says why)")?;
        }
        if let Some(until) = self.paused_until {
            write!(f, "; mail paused until {}", self.zone.local_time(until).format("%H:%M:%S"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn the_manager_hears_of_progress_unless_the_disk_hangs() {
        let fed = |at, fed: Option<u64>, oldest: Option<u64>| {
            is_progress(seconds(60), seconds(at), fed.map(seconds), oldest.map(seconds))
        };
        assert!(fed(0, None, None), "the first turn");
        assert!(!fed(3, Some(0), None), "a moment later");
        assert!(fed(6, Some(0), None));
        assert!(fed(40, Some(30), Some(11)), "a slow disk");
        assert!(!fed(41, Some(30), Some(11)), "a disk that hangs");
        assert!(fed(90, Some(30), Some(89)), "it moves again");
    }

    #[test]
    fn it_says_what_is_waited_for() {
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let quiet = Standing {
            next_digest: at("2026-06-01T07:00:00Z"),
            zone: "Europe/London".parse().expect("a zone"),
            waiting: 0,
            held: false,
            paused_until: None,
        };
        assert_eq!(quiet.to_string(), "next digest Mon 1 Jun 08:00; no message waiting");
        let busy = Standing { waiting: 3, paused_until: Some(at("2026-06-01T07:12:00Z")), ..quiet };
        assert_eq!(
            busy.to_string(),
            "next digest Mon 1 Jun 08:00; 3 messages waiting; mail paused until 08:12:00"
        );
        let held = Standing { waiting: 1, held: true, ..quiet };
        assert!(held.to_string().ends_with("1 message waiting; mail held (stepdown status says why)"));
    }
}
