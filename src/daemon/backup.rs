//! The archivist: every day at a local time a backup is made, read back and put on the shelf, and old ones go.
//!
//! Invariants: he asks the loop for one moment of the log and writes it out beside it; when a backup is due the
//! clock and what is there decide, so that one that was missed is made soon after the next start.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::Days;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::Handle;
use super::watchman::due_last;
use crate::calendar::{Instant, Zone};
use crate::config::{BackupSettings, Config};
use crate::log::{BackupError, Cut, FailedBackup, LastBackup, MadeBackup, Shelf, write_beside};

/// How long after a start he first looks whether a backup is due, and how long before he looks again.
const FIRST: Duration = Duration::from_secs(5);
const NAP: Duration = Duration::from_mins(1);
/// How long after a failure he tries again.
const RETRY: chrono::Duration = chrono::Duration::hours(1);

/// Makes scheduled backups.
pub struct Archivist {
    data: PathBuf,
    handle: Handle,
}

/// Whether a backup is due: none was made since the time of the day, and none failed a moment ago.
fn is_due(settings: &BackupSettings, last: &LastBackup, now: Instant, zone: Zone) -> bool {
    let due = due_last(now, zone, settings.at);
    let is_made = last.there().is_some_and(|made| made.at >= due && made.at <= now);
    let failed_just_now = last
        .failed
        .as_ref()
        .is_some_and(|failed| failed.at >= due && failed.at <= now && now - failed.at < RETRY);
    !is_made && !failed_just_now
}

impl Archivist {
    /// Of the log in `data`, whose daemon `handle` reaches.
    #[must_use]
    pub const fn new(data: PathBuf, handle: Handle) -> Self {
        Self { data, handle }
    }

    /// Looks every minute whether a backup is due, and makes it, for as long as it is polled.
    pub async fn patrol(self) {
        let mut nap = FIRST;
        // What became of the last one, where that could not be kept: it counts all the same.
        let mut unkept = None;
        loop {
            sleep(std::mem::replace(&mut nap, NAP)).await;
            let (config, now) = (Arc::clone(&self.handle.snapshot.borrow().config), self.handle.clock.now());
            let settings = &config.settings.backup;
            let Some(directory) = settings.directory(&self.data) else { continue };
            let mut last = unkept.clone().unwrap_or_else(|| LastBackup::of(&self.data));
            if !is_due(settings, &last, now, config.settings.reminders.time_zone) {
                continue;
            }
            match self.make(directory, &config, now).await {
                Some(Ok(made)) => {
                    tracing::info!(
                        entries = made.entries,
                        bytes = made.bytes,
                        "a backup was made and read back"
                    );
                    last = LastBackup { made: Some(made), failed: None };
                }
                Some(Err(error)) => {
                    if let BackupError::Log(damage) = &error
                        && damage.is_damage()
                    {
                        self.handle.alarm.raise(damage);
                    }
                    let error = error.to_string();
                    tracing::error!(error, "no backup was made; the next attempt is in an hour");
                    last.failed = Some(FailedBackup { at: now, error });
                }
                None => return,
            }
            unkept = match last.keep(&self.data) {
                Ok(()) => None,
                Err(error) => {
                    tracing::error!(%error, "what became of the backup cannot be kept");
                    Some(last)
                }
            };
        }
    }

    /// Makes a backup on a thread of its own. `None`: the daemon is stopping.
    async fn make(
        &self,
        directory: PathBuf,
        config: &Arc<Config>,
        now: Instant,
    ) -> Option<Result<MadeBackup, BackupError>> {
        let cut = match self.handle.cut().await? {
            Ok(cut) => cut,
            Err(error) => return Some(Err(error.into())),
        };
        let (done, ended) = oneshot::channel();
        let config = Arc::clone(config);
        // Nobody waits for it when the process ends: what it was writing is cleared away at the next start.
        let work = move || drop(done.send(make(&cut, directory, &config, now)));
        if let Err(error) = std::thread::Builder::new().name("backup".to_owned()).spawn(work) {
            return Some(Err(BackupError::Write(error)));
        }
        ended.await.ok()
    }
}

/// Writes a backup onto the shelf, and removes those there that are beyond what is kept.
fn make(cut: &Cut, directory: PathBuf, config: &Config, now: Instant) -> Result<MadeBackup, BackupError> {
    let settings = &config.settings.backup;
    let shelf = Shelf::open(directory)?;
    let file = shelf.place(now, settings.encrypt);
    let manifest = cut.manifest(&config.settings.records.origin, now);
    let recipients = settings.encrypt.then_some(&*settings.recipients);
    let ((), written) =
        write_beside(&file, |out| cut.write_for(recipients, &manifest, out, |_| {}).map(drop))?;
    clear(&shelf, &file, settings, (now, config.settings.reminders.time_zone));
    Ok(MadeBackup {
        at: now,
        file,
        bytes: written.bytes,
        sha256: written.sha256,
        entries: manifest.entries,
        encrypted: settings.encrypt,
    })
}

/// Removes what is beyond retention, as of the day after the newest that was there before: by a clock that is a year
/// ahead, nothing is old at once. That it cannot be removed is no reason to call the new one failed.
fn clear(shelf: &Shelf, newest: &Path, settings: &BackupSettings, (now, zone): (Instant, Zone)) {
    let cleared = shelf.backups().and_then(|found| {
        let days: Vec<_> = found.iter().map(|(at, _)| zone.civil_date(*at)).collect();
        let today = zone.civil_date(now);
        let before = found.iter().zip(&days).filter(|((_, path), day)| path != newest && **day <= today);
        let next = before.map(|(_, day)| *day).max().and_then(|day| day.checked_add_days(Days::new(1)));
        let beyond = settings.beyond(&days, next.map_or(today, |next| next.min(today)));
        let paths = beyond.into_iter().filter_map(|index| found.get(index)).map(|(_, path)| path);
        paths.filter(|path| *path != newest).try_for_each(|path| shelf.remove(path))
    });
    if let Err(error) = cleared {
        tracing::warn!(%error, "old backups cannot be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_due_once_a_day_and_again_an_hour_after_a_failure() {
        let zone: Zone = "Europe/London".parse().expect("a zone");
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let settings = BackupSettings::default();
        let is_due = |last: &LastBackup, now| is_due(&settings, last, at(now), zone);
        let made = |when: &str| MadeBackup {
            at: at(when),
            file: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            bytes: 0,
            sha256: String::new(),
            entries: 0,
            encrypted: false,
        };
        let failed = |when: &str| FailedBackup { at: at(when), error: "no space".to_owned() };
        let yesterday = LastBackup { made: Some(made("2026-11-21T02:00:10Z")), failed: None };
        assert!(is_due(&LastBackup::default(), "2026-11-22T01:00:00Z"));
        assert!(!is_due(&yesterday, "2026-11-22T01:59:59Z"));
        assert!(is_due(&yesterday, "2026-11-22T02:00:00Z"));
        // It was missed: the machine was down at two.
        assert!(is_due(&yesterday, "2026-11-22T17:00:00Z"));
        let again = LastBackup { failed: Some(failed("2026-11-22T02:00:05Z")), ..yesterday };
        assert!(!is_due(&again, "2026-11-22T03:00:00Z"));
        assert!(is_due(&again, "2026-11-22T03:00:05Z"));
        // A clock that was wrong when the last one was made delays none.
        let ahead = LastBackup { made: Some(made("2027-01-01T00:00:00Z")), failed: None };
        assert!(is_due(&ahead, "2026-11-22T02:00:00Z"));
        let summer = LastBackup { made: Some(made("2026-06-01T01:00:00Z")), failed: None };
        assert!(!is_due(&summer, "2026-06-02T00:59:00Z") && is_due(&summer, "2026-06-02T01:00:00Z"));
    }
}
