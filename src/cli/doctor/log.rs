//! The log: whether it opens, its snapshot and its checkpoints.

use std::path::Path;

use chrono::Duration;

use super::Check;
use crate::api::{Status, answer};
use crate::calendar::Instant;
use crate::cli::context::Door;
use crate::cli::{Context, Failure};
use crate::daemon::{Clerk, Snapshot, Writer, snapshot_version};
use crate::log::{Checkpoints, Log, SnapshotState};

/// How old the newest checkpoint may be: an office's machine is off at the weekend.
const STALE: Duration = Duration::days(4);
/// From how many entries on a start without a snapshot takes long enough to be told.
const MANY: u64 = 100_000;

/// What was found of the log, and how it stands where it could be asked.
pub struct Patient {
    pub checks: Vec<Check>,
    pub status: Option<Status>,
}

/// Looks at the log, or asks the daemon that has it.
pub fn examine(context: &Context, data: &Path, is_configured: bool) -> Patient {
    let mut checks = Vec::new();
    if !is_configured && context.daemon().is_ok_and(|daemon| daemon.is_none()) {
        let says = "it was not looked at: where its key is, a configuration without faults would say";
        checks.push(Check::warn("log", says, "mend the configuration, then: stepdown doctor"));
        return Patient { checks, status: None };
    }
    if context.lacks_credential() && context.daemon().is_ok_and(|daemon| daemon.is_none()) {
        let says = "it was not looked at: it is closed, and only the service is handed its key";
        checks.push(Check::warn("log", says, "systemctl start stepdown, then: stepdown doctor"));
        return Patient { checks, status: None };
    }
    let status = match context.door("stepdown doctor") {
        Ok(Door::Daemon(client)) => match client.status() {
            Ok(status) => {
                let entries = status.sequence.0;
                checks.push(Check::ok("log", format!("the daemon has it open, with {entries} entries")));
                let has = Log::has_snapshot(data);
                let state = if has { SnapshotState::Fits } else { SnapshotState::Absent };
                checks.push(snapshot(&state, entries));
                Some(status)
            }
            Err(error) => {
                let remedy = "look into the journal of the daemon (journalctl -u stepdown)";
                checks.push(Check::fail("log", error.to_string(), remedy));
                None
            }
        },
        Ok(Door::Log(log, config)) => {
            let entries = log.head().sequence.0;
            checks.push(opened(&log));
            checks.push(snapshot(&log.reader().snapshot_state(&snapshot_version()), entries));
            let added_up = Writer::new(*log, config).map_err(Failure::from).and_then(|writer| {
                let clerk = Clerk::new(writer)?;
                Ok(answer::status(&Snapshot::of(&clerk, context.now()), data, None, context.now()))
            });
            added_up.map_err(|failure| checks.push(unwell(&failure))).ok()
        }
        Err(failure) => {
            checks.push(unwell(&failure));
            None
        }
    };
    let entries = status.as_ref().map(|status| status.sequence.0);
    checks.push(checkpoint(data, entries, context.now()));
    // Where the log itself cannot say, what is kept beside it still does.
    if status.is_none() {
        let scrub = Checkpoints::of(data).last_scrub().map(Into::into);
        checks.push(super::standing::scrub(scrub.as_ref(), None, context.now()));
    }
    Patient { checks, status }
}

fn unwell(failure: &Failure) -> Check {
    let remedy = if failure.damage().is_some() {
        "restore the directory from a backup, then run: stepdown verify".to_owned()
    } else {
        failure.help().unwrap_or_else(|| "run: stepdown verify".to_owned())
    };
    Check::fail("log", failure.to_string(), remedy)
}

fn opened(log: &Log) -> Check {
    match log.mended() {
        0 => Check::ok("log", format!("it opens, whole at its end, with {} entries", log.head().sequence.0)),
        places => Check::warn(
            "log",
            format!("{places} places of the witness are whole in one copy only: the disk has faults"),
            "look at the disk (smartctl), and run: stepdown verify",
        ),
    }
}

fn snapshot(state: &SnapshotState, entries: u64) -> Check {
    let remedy = "nothing is lost: stop the daemon in order (systemctl stop) once, and there is a new one";
    match state {
        SnapshotState::Fits => Check::ok("snapshot", "it is there"),
        SnapshotState::Absent if entries < MANY => {
            Check::ok("snapshot", "there is none yet; a start reads the whole log, which is short")
        }
        SnapshotState::Absent => {
            Check::warn("snapshot", "there is none: the next start reads the whole log", remedy)
        }
        SnapshotState::Useless(why) => {
            Check::warn("snapshot", format!("the next start throws it away: {why}"), remedy)
        }
    }
}

fn checkpoint(data: &Path, entries: Option<u64>, now: Instant) -> Check {
    const CHECK: &str = "checkpoint";
    let remedy = "the daemon takes one every night; or: stepdown checkpoint > FILE, and keep that elsewhere";
    let Some(newest) = Checkpoints::of(data).newest() else {
        return Check::warn(CHECK, "none was taken yet", remedy);
    };
    let size = newest.note.lines().nth(1).and_then(|size| size.parse::<u64>().ok());
    let says = format!("the newest is of {}", newest.on);
    let old = now.date_naive().signed_duration_since(newest.on) > STALE;
    if old && size.is_none_or(|size| entries.is_none_or(|entries| entries > size)) {
        return Check::warn(CHECK, format!("{says}, and the log has grown since"), remedy);
    }
    Check::ok(CHECK, says)
}
