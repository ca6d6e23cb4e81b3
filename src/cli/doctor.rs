//! `doctor`: the log and its keys looked over; what is not in order, and what to do.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use chrono::Duration;
use serde::Serialize;

use super::context::Door;
use super::output::{print, print_json, table};
use super::{Context, Failure, Format};
use crate::calendar::Instant;
use crate::config::Config;
use crate::daemon::snapshot_version;
use crate::log::{Checkpoints, Log, SnapshotState};

/// How old the newest checkpoint or the last scrub may be: an office's machine is off at the weekend.
const STALE: Duration = Duration::days(4);
/// From how many entries on a start without a snapshot takes long enough to be told.
const MANY: u64 = 100_000;
/// How much of a disk must be free.
const GIGABYTE: u64 = 1 << 30;
const TENTH: u64 = 10;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warn,
    Fail,
}

/// One thing that was looked at. The field names are public.
#[derive(Debug, Serialize)]
struct Check {
    #[serde(rename = "check")]
    name: &'static str,
    state: State,
    says: String,
    #[serde(rename = "do")]
    remedy: Option<String>,
}

fn ok(name: &'static str, says: impl Into<String>) -> Check {
    Check { name, state: State::Ok, says: says.into(), remedy: None }
}

fn warn(name: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Check {
    Check { name, state: State::Warn, says: says.into(), remedy: Some(remedy.into()) }
}

fn fail(name: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Check {
    Check { name, state: State::Fail, says: says.into(), remedy: Some(remedy.into()) }
}

pub fn run(context: &Context) -> Result<(), Failure> {
    let (data, config) = (context.data()?, context.config()?);
    if Log::is_absent(&data) {
        let help = "name the right directory with --data DIR, or start a log with import or append";
        return Err(Failure::failed_with(&format!("there is no log in {}", data.display()), help));
    }
    let mut checks = vec![private("data-directory", &data, 0o700)];
    checks.extend(keys(&data, &config));
    let entries = log(context, &data, &mut checks);
    checks.push(checkpoint(&data, entries, context.now()));
    checks.push(scrub(&data, context.now()));
    checks.push(space(&data));
    let worst = checks.iter().map(|check| check.state).max().unwrap_or(State::Ok);
    match context.format {
        Format::Json => print_json(&checks)?,
        _ => print(&shown(&checks))?,
    }
    match worst {
        State::Ok => Ok(()),
        State::Warn => Err(Failure::told()),
        State::Fail => Err(Failure::told_failed()),
    }
}

fn shown(checks: &[Check]) -> String {
    let mut table = table(&["State", "Check", "What there is", "What to do"]);
    for Check { name, state, says, remedy } in checks {
        let state = match state {
            State::Ok => "ok",
            State::Warn => "WARN",
            State::Fail => "FAIL",
        };
        table.add_row([state, name, says, remedy.as_deref().unwrap_or_default()]);
    }
    format!("{table}\n")
}

/// Whether a file or directory is for its owner alone.
fn private(check: &'static str, path: &Path, wanted: u32) -> Check {
    let shown = path.display();
    match std::fs::metadata(path) {
        Ok(found) if found.permissions().mode().trailing_zeros() >= 6 => {
            ok(check, format!("{shown} is for its owner alone"))
        }
        Ok(found) => {
            let mode = found.permissions().mode() & 0o777;
            fail(
                check,
                format!("{shown} is open to others (mode {mode:o})"),
                format!("chmod {wanted:o} {shown}"),
            )
        }
        Err(error) => fail(check, format!("{shown}: {error}"), "see that the user stepdown runs as owns it"),
    }
}

fn keys(data: &Path, config: &Config) -> Vec<Check> {
    let records = &config.settings.records;
    let key = records.wrapping_key(data);
    let mut checks = Vec::new();
    // What systemd hands over has the mode that systemd gives it.
    if records.wrapping_key_credential.is_none() {
        checks.push(private("wrapping-key", &key, 0o600));
    }
    let resolved = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    checks.push(if resolved(&key).starts_with(resolved(data)) {
        warn(
            "wrapping-key-place",
            "the wrapping key lies in the data directory, beside what it seals: a copy of this directory opens itself",
            "move the key, and name it in stepdown.toml: [records] wrapping_key_file or wrapping_key_credential",
        )
    } else {
        ok("wrapping-key-place", "the wrapping key lies apart from what it seals")
    });
    checks.push(match Log::try_keys(data, &key) {
        Ok(fingerprint) => Check {
            name: "keyring",
            state: State::Ok,
            says: format!("it opens with the wrapping key {fingerprint}"),
            remedy: Some(
                "see that a copy of the key is kept apart, on paper or in a safe: lost keys are lost records"
                    .to_owned(),
            ),
        },
        Err(error) => fail(
            "keyring",
            error.to_string(),
            "put the wrapping key back from its copy; without it nothing in the log can be read",
        ),
    });
    checks
}

/// Looks at the log, or asks the daemon that has it; how many entries there are.
fn log(context: &Context, data: &Path, checks: &mut Vec<Check>) -> Option<u64> {
    let unwell = |failure: &Failure| {
        let remedy = "run: stepdown verify; where it is damaged, restore the directory from a backup";
        fail("log", failure.to_string(), remedy)
    };
    match context.door("stepdown doctor") {
        Ok(Door::Daemon(client)) => match client.status() {
            Ok(status) => {
                let entries = status.sequence.0;
                checks.push(ok("log", format!("the daemon has it open, with {entries} entries")));
                let has = Log::has_snapshot(data);
                let state = if has { SnapshotState::Fits } else { SnapshotState::Absent };
                checks.push(snapshot(&state, entries));
                Some(entries)
            }
            Err(error) => {
                checks.push(fail("log", error.to_string(), "look into the journal of the daemon"));
                None
            }
        },
        Ok(Door::Log(log, _)) => {
            let entries = log.head().sequence.0;
            checks.push(match log.mended() {
                0 => ok("log", format!("it opens, whole at its end, with {entries} entries")),
                places => warn(
                    "log",
                    format!("{places} places of the witness are whole in one copy only: the disk has faults"),
                    "look at the disk (smartctl), and run: stepdown verify",
                ),
            });
            checks.push(snapshot(&log.reader().snapshot_state(&snapshot_version()), entries));
            Some(entries)
        }
        Err(failure) => {
            checks.push(unwell(&failure));
            None
        }
    }
}

fn snapshot(state: &SnapshotState, entries: u64) -> Check {
    let remedy = "nothing is lost: stop the daemon in order (systemctl stop) once, and there is a new one";
    match state {
        SnapshotState::Fits => ok("snapshot", "it is there"),
        SnapshotState::Absent if entries < MANY => {
            ok("snapshot", "there is none yet; a start reads the whole log, which is short")
        }
        SnapshotState::Absent => {
            warn("snapshot", "there is none: the next start reads the whole log", remedy)
        }
        SnapshotState::Useless(why) => {
            warn("snapshot", format!("the next start throws it away: {why}"), remedy)
        }
    }
}

fn checkpoint(data: &Path, entries: Option<u64>, now: Instant) -> Check {
    const CHECK: &str = "checkpoint";
    let remedy = "the daemon takes one every night; or: stepdown checkpoint > FILE, and keep that elsewhere";
    let Some(newest) = Checkpoints::of(data).newest() else {
        return warn(CHECK, "none was taken yet", remedy);
    };
    let size = newest.note.lines().nth(1).and_then(|size| size.parse::<u64>().ok());
    let says = format!("the newest is of {}", newest.on);
    let old = now.date_naive().signed_duration_since(newest.on) > STALE;
    if old && size.is_none_or(|size| entries.is_none_or(|entries| entries > size)) {
        return warn(CHECK, format!("{says}, and the log has grown since"), remedy);
    }
    ok(CHECK, says)
}

fn scrub(data: &Path, now: Instant) -> Check {
    const CHECK: &str = "scrub";
    let remedy = "the daemon reads the whole log every night; or run: stepdown verify";
    match Checkpoints::of(data).last_scrub() {
        None => warn(CHECK, "the whole log was never read through", remedy),
        Some(last) => match last.damage {
            Some(damage) => fail(CHECK, damage, super::verify::RESTORE),
            None if now - last.at > STALE => {
                warn(CHECK, format!("the whole log was last read on {}", last.at.date_naive()), remedy)
            }
            None => ok(CHECK, format!("the whole log was read at {} and was whole", last.at.to_rfc3339())),
        },
    }
}

fn space(data: &Path) -> Check {
    const CHECK: &str = "disk-space";
    match rustix::fs::statvfs(data) {
        Ok(disk) => {
            let (free, all) =
                (disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize));
            let says = format!("{} MB of {} MB are free", free >> 20, all >> 20);
            if free < GIGABYTE || free < all / TENTH {
                let remedy = "make room before the disk is full: then nothing more can be recorded";
                return warn(CHECK, says, remedy);
            }
            ok(CHECK, says)
        }
        Err(error) => warn(CHECK, format!("the disk cannot be asked: {error}"), "look at it with: df"),
    }
}
