//! The service manager that started the process, and what it is told (`sd_notify(3)`). Where none listens, nothing is.
//!
//! Invariant: what is told names no case and no person, and holds no words that somebody typed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::Clock;

/// The service manager, such as systemd. Clones tell the same one.
#[derive(Clone)]
pub struct Manager {
    watchdog: Option<Duration>,
    turn: Arc<Mutex<()>>,
    stopping: Arc<AtomicBool>,
}

/// How often the manager is asked for more time, …
const PLEA: Duration = Duration::from_secs(10);
/// … how much of it each time, …
const GRACE: Duration = Duration::from_secs(30);
/// … and for how long: what takes longer than this will not come to an end, and the manager may end it.
const PATIENCE: Duration = Duration::from_mins(30);

impl Manager {
    /// The one that the environment names (`NOTIFY_SOCKET`; `WATCHDOG_USEC` and `WATCHDOG_PID`).
    #[must_use]
    pub fn of_this_process() -> Self {
        let turn = Arc::new(Mutex::new(()));
        Self { watchdog: sd_notify::watchdog_enabled(), turn, stopping: Arc::default() }
    }

    /// Within which time it wants to hear of progress (`WatchdogSec=`, systemd.service(5)), if at all.
    #[must_use]
    pub const fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// The daemon answers.
    pub fn ready(&self) {
        tell(&[NotifyState::Ready]);
    }

    /// The daemon is about to end, and is not ready again.
    pub fn stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        tell(&[NotifyState::Stopping]);
    }

    /// What the daemon does, in a line.
    pub fn status(&self, line: &str) {
        tell(&[NotifyState::Status(line)]);
    }

    /// The daemon's work goes on.
    pub fn progress(&self) {
        tell(&[NotifyState::Watchdog]);
    }

    /// Waits for its turn to take the configuration anew: one reload goes after the other, whoever asks for it. The
    /// manager hears that it has begun, and that it is over when what is given is dropped.
    pub async fn reloading(&self) -> Reloading {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let since_boot = Clock::since_boot().map(NotifyState::MonotonicUsec);
        tell(&[NotifyState::Reloading].into_iter().chain(since_boot).collect::<Vec<_>>());
        Reloading { manager: self.clone(), _turn: turn }
    }

    /// Says what takes a while, and asks for time until what is given is dropped, half an hour at the most.
    pub fn patience(&self, doing: &str) -> Patience {
        self.status(doing);
        Patience::new(PLEA, PATIENCE, || {
            let grace = u32::try_from(GRACE.as_micros()).unwrap_or(u32::MAX);
            tell(&[NotifyState::ExtendTimeoutUsec(grace)]);
        })
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager cannot be told how it goes");
    }
}

/// A reload under way.
pub struct Reloading {
    manager: Manager,
    _turn: OwnedMutexGuard<()>,
}

impl Drop for Reloading {
    fn drop(&mut self) {
        if !self.manager.stopping.load(Ordering::Relaxed) {
            self.manager.ready();
        }
    }
}

/// Something that takes a while, which the manager hears of.
pub struct Patience {
    over: Option<Sender<()>>,
    asking: Option<JoinHandle<()>>,
}

impl Patience {
    /// Calls `ask` each time `every` has passed, until dropped or for `most` altogether.
    fn new(every: Duration, most: Duration, ask: impl Fn() + Send + 'static) -> Self {
        let (over, heard) = channel();
        let times = most.as_micros() / every.as_micros().max(1);
        let pleading = move || {
            for _ in 0..times {
                if heard.recv_timeout(every) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                ask();
            }
        };
        // Without the thread a long start may be cut short, which the next one makes up for.
        let asking = std::thread::Builder::new().name("patience".to_owned()).spawn(pleading).ok();
        Self { over: Some(over), asking }
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        drop(self.over.take());
        if let Some(asking) = self.asking.take() {
            let _ = asking.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn asked(most: u64, lasts: u64) -> usize {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let patience = Patience::new(Duration::from_millis(20), Duration::from_millis(most), move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        std::thread::sleep(Duration::from_millis(lasts));
        drop(patience);
        count.load(Ordering::Relaxed)
    }

    #[test]
    fn time_is_asked_for_while_it_is_needed_and_not_for_ever() {
        assert_eq!(asked(10_000, 0), 0);
        assert!(asked(10_000, 200) > 1);
        assert_eq!(asked(60, 400), 3);
    }

    #[tokio::test]
    async fn one_reload_goes_after_the_other() {
        let manager = Manager::of_this_process();
        let first = manager.reloading().await;
        let second = manager.clone();
        let second = tokio::spawn(async move { drop(second.reloading().await) });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!second.is_finished());
        drop(first);
        second.await.expect("it had its turn");
    }
}
