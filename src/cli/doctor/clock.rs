//! The clock, whether anybody keeps it right, and what is known of time zones.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::Check;
use crate::api::Status;
use crate::calendar::{Instant, ZONE_DATA};
use crate::config::Config;

/// How far the clock may be behind the newest entry: clocks that are kept right are moved a little now and then.
const SLACK: chrono::Duration = chrono::Duration::seconds(2);
/// systemd-timesyncd.service(8) touches it whenever the clock was set right.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";
/// The system's zone data, which begins with its version.
const TZDATA: &str = "/usr/share/zoneinfo/tzdata.zi";

pub fn checks(config: Option<&Config>, status: Option<&Status>, now: Instant) -> Vec<Check> {
    let mut checks = vec![reading(status.and_then(|status| status.newest_at), now), kept()];
    let system = std::fs::read_to_string(TZDATA).ok();
    let zone = config.map(|config| config.settings.reminders.time_zone.to_string());
    checks.push(zone_data(system.as_deref().and_then(version), zone.as_deref()));
    checks
}

fn reading(newest: Option<Instant>, now: Instant) -> Check {
    const CHECK: &str = "clock";
    match newest.filter(|newest| *newest > now + SLACK) {
        Some(newest) => Check::fail(
            CHECK,
            format!(
                "it says {}, and the newest entry was recorded at {}",
                now.to_rfc3339(),
                newest.to_rfc3339()
            ),
            "put the clock right (timedatectl); no mail goes until it has caught up, or: stepdown mail release",
        ),
        None => Check::ok(CHECK, format!("it says {}", now.format("%Y-%m-%d %H:%M:%S UTC"))),
    }
}

/// Whether the clock is kept right by a time server.
fn kept() -> Check {
    const CHECK: &str = "clock-synchronised";
    if Path::new(SYNCHRONISED).exists() {
        return Check::ok(CHECK, "systemd-timesyncd keeps it right");
    }
    match timedatectl().as_deref().map(str::trim) {
        Some("yes") => Check::ok(CHECK, "a time server keeps it right"),
        found => Check::warn(
            CHECK,
            match found {
                Some(_) => "no time server keeps the clock right: reminders go by a clock that drifts",
                None => "whether a time server keeps the clock right cannot be told here",
            },
            "timedatectl set-ntp true; in a container, see to it on the machine that runs it",
        ),
    }
}

/// What systemd knows of it, where that answers within two seconds.
fn timedatectl() -> Option<String> {
    let mut asked = Command::new("timedatectl")
        .args(["show", "--property=NTPSynchronized", "--value"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    for _ in 0..40 {
        match asked.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            Ok(Some(ended)) if ended.success() => {
                let output = asked.wait_with_output().ok()?;
                return String::from_utf8(output.stdout).ok();
            }
            _ => return None,
        }
    }
    // Whether it ended meanwhile changes nothing.
    let _ = asked.kill();
    let _ = asked.wait();
    None
}

/// The version in the first line of the system's zone data: `# version 2025b`.
fn version(tzdata: &str) -> Option<&str> {
    tzdata.lines().next()?.strip_prefix("# version ").map(str::trim)
}

/// stepdown has zone data of its own: where the system's is newer, a law may have changed the clocks since.
fn zone_data(system: Option<&str>, zone: Option<&str>) -> Check {
    const CHECK: &str = "zone-data";
    let zone = zone.map(|zone| format!(" for {zone}")).unwrap_or_default();
    match system {
        Some(system) if system > ZONE_DATA => Check::warn(
            CHECK,
            format!("stepdown knows the time zones as of {ZONE_DATA}, this machine as of {system}"),
            format!(
                "see whether the clocks changed{zone} in between (/usr/share/doc/tzdata); if so, update stepdown"
            ),
        ),
        Some(system) => Check::ok(CHECK, format!("as of {ZONE_DATA}{zone}; this machine has {system}")),
        None => Check::ok(CHECK, format!("as of {ZONE_DATA}{zone}; this machine has none of its own")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;

    #[test]
    fn a_clock_behind_the_log_is_a_fault_and_one_a_blink_behind_is_not() {
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let now = at("2026-11-22T10:00:00Z");
        let state = |newest: Option<&str>| reading(newest.map(at), now).state;
        assert_eq!(state(None), State::Ok);
        assert_eq!(state(Some("2026-11-22T10:00:01Z")), State::Ok);
        assert_eq!(state(Some("2026-11-22T10:05:00Z")), State::Fail);
    }

    #[test]
    fn newer_zone_data_of_the_machine_is_told() {
        assert_eq!(version("# version 2025b\n# more\n"), Some("2025b"));
        assert_eq!(version("nothing of the kind"), None);
        let state = |system: Option<&str>| zone_data(system, Some("Europe/London")).state;
        assert_eq!([None, Some("2019c"), Some(ZONE_DATA)].map(state), [State::Ok; 3]);
        assert_eq!(state(Some("2099a")), State::Warn);
    }
}
