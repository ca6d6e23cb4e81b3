//! How it stands, judged by what the daemon (or the log) says of itself. `status` shows what is not in order first.

use chrono::Duration;

use super::Check;
use crate::api::{BackupRow, ScrubRow, Status};
use crate::calendar::Instant;

/// How old the last scrub may be: an office's machine is off at the weekend …
const SCRUB_OFF: Duration = Duration::days(4);
/// … and one that runs reads the log every night.
const SCRUB_ON: Duration = Duration::days(2);
/// How long after its start a daemon may take for the first scrub.
const SETTLING: Duration = Duration::minutes(30);
/// How old the newest backup may be, of which there is to be one a day.
const BACKUP: Duration = Duration::hours(36);
/// How long the loop may stand still, which turns once a minute at least.
const STILL: Duration = Duration::minutes(3);
/// How long a message may wait before somebody should look.
const LATE: Duration = Duration::hours(1);
/// How long bank holidays should still be known.
const HOLIDAYS: Duration = Duration::days(60);
/// How much of the disk should be free.
const ROOM: u64 = 1 << 30;

/// Everything that can be judged by it.
pub fn checks(status: &Status, now: Instant) -> Vec<Check> {
    let mut checks = vec![daemon(status, now)];
    checks.extend(version(status));
    checks.push(scrub(status.scrub.as_ref(), status.started_at, now));
    checks.extend(status.backup.as_ref().map(|row| backup(row, status.started_at, now)));
    checks.push(holidays(status, now));
    checks.extend(mail(status, now));
    checks
}

/// Whether there is room on the disk; the doctor looks at that more closely.
pub fn room(status: &Status) -> Option<Check> {
    let free = status.disk_free_bytes.filter(|free| *free < ROOM)?;
    let remedy = "stepdown doctor; make room before the disk is full: then nothing more can be recorded";
    Some(Check::warn("disk-space", format!("only {} MB are free", free >> 20), remedy))
}

fn daemon(status: &Status, now: Instant) -> Check {
    const CHECK: &str = "daemon";
    if !status.daemon {
        return Check::warn(CHECK, "it does not run: no reminders go out", "systemctl start stepdown");
    }
    match status.heartbeat_at {
        Some(beat) if now - beat > STILL => Check::fail(
            CHECK,
            format!("its loop last turned at {}: it hangs", beat.to_rfc3339()),
            "journalctl -u stepdown, then: systemctl restart stepdown",
        ),
        _ => Check::ok(CHECK, format!("it runs as process {}", status.process)),
    }
}

fn version(status: &Status) -> Option<Check> {
    const CHECK: &str = "version";
    let own = env!("CARGO_PKG_VERSION");
    let says = match status.version.as_str() {
        _ if !status.daemon => return None,
        found if found == own => {
            return Some(Check::ok(CHECK, format!("the daemon and this program are {own}")));
        }
        "" => format!("this program is {own}, and the daemon is older"),
        found => format!("this program is {own}, and the daemon {found}"),
    };
    Some(Check::warn(CHECK, says, "systemctl restart stepdown, so that the installed version runs"))
}

/// When the whole log was last read, and what was found. `started`: since when a daemon runs.
pub fn scrub(scrub: Option<&ScrubRow>, started: Option<Instant>, now: Instant) -> Check {
    const CHECK: &str = "scrub";
    let remedy = "the daemon reads the whole log every night; or run: stepdown verify";
    let stale = if started.is_some_and(|started| now - started > SCRUB_ON) { SCRUB_ON } else { SCRUB_OFF };
    match scrub {
        None if started.is_some_and(|started| now - started < SETTLING) => {
            Check::ok(CHECK, "the daemon has started just now, and reads the whole log within minutes")
        }
        None => Check::warn(CHECK, "the whole log was never read through", remedy),
        Some(ScrubRow { damage: Some(damage), .. }) => {
            Check::fail(CHECK, damage.clone(), crate::cli::verify::RESTORE)
        }
        Some(ScrubRow { at, .. }) if now - *at > stale => {
            Check::warn(CHECK, format!("the whole log was last read on {}", at.date_naive()), remedy)
        }
        Some(ScrubRow { at, .. }) => {
            Check::ok(CHECK, format!("the whole log was read at {} and was whole", at.to_rfc3339()))
        }
    }
}

/// What became of scheduled backups. `started`: since when a daemon runs, which makes what was missed soon after.
fn backup(row: &BackupRow, started: Option<Instant>, now: Instant) -> Check {
    const CHECK: &str = "backup";
    let remedy = "look at [backup] in stepdown.toml and at the disk it names; by hand: stepdown backup FILE";
    if let (Some(error), Some(at)) = (&row.error, row.failed_at) {
        return Check::fail(CHECK, format!("the last one failed at {}: {error}", at.to_rfc3339()), remedy);
    }
    let settling = started.is_some_and(|started| now - started < SETTLING);
    match row.at {
        Some(at) if now - at <= BACKUP => {
            Check::ok(CHECK, format!("the newest was made at {}", at.to_rfc3339()))
        }
        Some(_) | None if settling => Check::ok(CHECK, "the daemon has started just now, and makes one soon"),
        Some(at) => Check::warn(CHECK, format!("the newest is old, made at {}", at.to_rfc3339()), remedy),
        None => Check::warn(CHECK, "none was made yet", remedy),
    }
}

/// Where none is scheduled: somebody else may see to it.
pub fn no_backup(status: &Status) -> Option<Check> {
    let remedy = "name a directory on another disk: [backup] directory in stepdown.toml; or see that something else runs stepdown backup every day";
    status.backup.is_none().then(|| Check::warn("backup", "none is scheduled", remedy))
}

fn holidays(status: &Status, now: Instant) -> Check {
    const CHECK: &str = "bank-holidays";
    let remedy = "publish the file anew from https://www.gov.uk/bank-holidays.json, then: stepdown reload";
    let today = now.date_naive();
    match status.bank_holidays_until {
        None => Check::fail(CHECK, "none are known", remedy),
        Some(until) if until < today => {
            Check::fail(CHECK, format!("they ended on {until}: later ones count as working days"), remedy)
        }
        Some(until) if until - today < HOLIDAYS => {
            let says = format!("they are known until {until}, for {} more days", (until - today).num_days());
            Check::warn(CHECK, says, remedy)
        }
        Some(until) => Check::ok(CHECK, format!("they are known until {until}")),
    }
}

/// What is not sent, and why.
fn mail(status: &Status, now: Instant) -> Vec<Check> {
    const CHECK: &str = "unsent-mail";
    let mut checks = Vec::new();
    if let Some(why) = &status.mail_held {
        let remedy = "stepdown reminders plan, then: stepdown mail release";
        checks.push(Check::fail(CHECK, format!("mail is held: {why}"), remedy));
    }
    if let Some(until) = status.mail_paused_until {
        checks.push(Check::warn(
            CHECK,
            format!("the way to the relay is at fault; it is tried again at {}", until.to_rfc3339()),
            "stepdown doctor says how far it goes; the journal says why",
        ));
    }
    if let Some(oldest) = status.oldest_unsent.filter(|oldest| now - *oldest > LATE) {
        checks.push(Check::warn(
            CHECK,
            format!("{} messages wait, the oldest since {}", status.mail.waiting, oldest.to_rfc3339()),
            "stepdown reminders sent shows which and why",
        ));
    }
    if status.undelivered > 0 {
        checks.push(Check::warn(
            CHECK,
            format!("{} messages were refused or given up", status.undelivered),
            "stepdown reminders sent shows which; mend the addresses in people.toml",
        ));
    }
    if checks.is_empty() {
        let says = match status.mail.waiting {
            0 => "nothing waits".to_owned(),
            waiting => format!("{waiting} messages are on their way"),
        };
        checks.push(Check::ok(CHECK, says));
    }
    checks
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::cli::doctor::State;

    /// What a daemon says with which all is well, as one of the first version said it: newer fields are missing.
    pub fn sample() -> Status {
        let status = serde_json::json!({
            "daemon": true, "process": 7, "data": "/var/lib/stepdown", "sequence": 12, "chain": "ab".repeat(32),
            "cases": 2, "events": 10, "programmes": ["a-programme"], "bank_holidays_until": "2028-12-31",
            "next_digest": "2026-11-23T08:00:00Z",
            "mail": {"accepted": 1, "waiting": 0, "refused": 0, "lapsed": 0},
            "oldest_unsent": null, "mail_paused_until": null, "mail_held": null, "undelivered": 0,
            "scrub": {"at": "2026-11-22T03:00:00Z", "entries": 12, "whole": true, "damage": null},
        });
        serde_json::from_value(status).expect("a daemon of the first version is understood")
    }

    pub fn now() -> Instant {
        "2026-11-22T10:00:00Z".parse().expect("an instant")
    }

    /// What is not in order, as `CHECK STATE`, once `change` was made.
    fn amiss(change: impl FnOnce(&mut Status)) -> Vec<String> {
        let mut status = Status { version: env!("CARGO_PKG_VERSION").to_owned(), ..sample() };
        change(&mut status);
        let mut found = checks(&status, now());
        found.extend(room(&status));
        found.retain(|check| check.state != State::Ok);
        assert!(found.iter().all(|check| check.remedy.is_some()), "{found:?}");
        found.iter().map(|check| format!("{} {}", check.name, check.state.name())).collect()
    }

    #[test]
    fn each_thing_that_is_amiss_is_told_and_nothing_else() {
        let at = |text: &str| Some(format!("2026-11-{text}:00Z").parse::<Instant>().expect("an instant"));
        let day = |text: &str| Some(text.parse().expect("a date"));
        assert_eq!(amiss(|_| {}), Vec::<String>::new());
        assert_eq!(amiss(|status| status.daemon = false), ["daemon WARN"]);
        assert_eq!(amiss(|status| status.heartbeat_at = at("22T09:56")), ["daemon FAIL"]);
        assert_eq!(amiss(|status| status.heartbeat_at = at("22T09:59")), Vec::<String>::new());
        assert_eq!(amiss(|status| status.version = String::new()), ["version WARN"]);
        assert_eq!(amiss(|status| status.version = "99.0.0".to_owned()), ["version WARN"]);
        assert_eq!(amiss(|status| status.bank_holidays_until = None), ["bank-holidays FAIL"]);
        assert_eq!(amiss(|status| status.bank_holidays_until = day("2026-11-21")), ["bank-holidays FAIL"]);
        assert_eq!(amiss(|status| status.bank_holidays_until = day("2026-12-31")), ["bank-holidays WARN"]);
        assert_eq!(amiss(|status| status.mail_held = Some("by somebody".to_owned())), ["unsent-mail FAIL"]);
        assert_eq!(amiss(|status| status.mail_paused_until = at("22T10:01")), ["unsent-mail WARN"]);
        assert_eq!(amiss(|status| status.oldest_unsent = at("22T08:59")), ["unsent-mail WARN"]);
        assert_eq!(amiss(|status| status.oldest_unsent = at("22T09:01")), Vec::<String>::new());
        assert_eq!(amiss(|status| status.undelivered = 1), ["unsent-mail WARN"]);
        assert_eq!(amiss(|status| status.disk_free_bytes = Some(1 << 20)), ["disk-space WARN"]);
        assert_eq!(amiss(|status| status.scrub = None), ["scrub WARN"]);
    }

    #[test]
    fn a_backup_is_expected_every_day_and_its_failure_is_told() {
        let at = |text: &str| Some(format!("2026-11-{text}:00Z").parse::<Instant>().expect("an instant"));
        let row = |at| BackupRow { at, file: None, bytes: None, entries: None, error: None, failed_at: None };
        let state = |row: BackupRow, started| backup(&row, started, now()).state;
        assert_eq!(state(row(at("22T02:00")), None), State::Ok);
        assert_eq!(state(row(at("20T02:00")), None), State::Warn);
        assert_eq!(state(row(at("20T02:00")), at("22T09:55")), State::Ok);
        assert_eq!(state(row(None), at("22T08:00")), State::Warn);
        let failed =
            BackupRow { error: Some("no room".to_owned()), failed_at: at("22T02:00"), ..row(at("21T02:00")) };
        assert_eq!(state(failed, None), State::Fail);
        assert_eq!(no_backup(&sample()).map(|check| check.state), Some(State::Warn));
    }

    #[test]
    fn a_scrub_is_expected_of_a_daemon_that_runs_and_not_of_one_that_has_just_started() {
        let at = |text: &str| format!("2026-11-{text}:00Z").parse::<Instant>().expect("an instant");
        let last = |at| Some(ScrubRow { at, entries: 12, whole: true, damage: None });
        let state = |last: Option<ScrubRow>, started| scrub(last.as_ref(), started, now()).state;
        assert_eq!(state(None, None), State::Warn);
        assert_eq!(state(None, Some(at("22T09:50"))), State::Ok);
        assert_eq!(state(None, Some(at("22T09:00"))), State::Warn);
        assert_eq!(state(last(at("19T03:00")), None), State::Ok);
        assert_eq!(state(last(at("19T03:00")), Some(at("22T09:00"))), State::Ok);
        assert_eq!(state(last(at("19T03:00")), Some(at("18T09:00"))), State::Warn);
        assert_eq!(state(last(at("17T03:00")), None), State::Warn);
        let damaged = ScrubRow {
            damage: Some("entry 3".to_owned()),
            whole: false,
            ..last(at("22T03:00")).expect("one")
        };
        assert_eq!(state(Some(damaged), None), State::Fail);
    }
}
