//! The configuration: its findings, and whether it is the one that counts.

use super::Check;
use crate::api::{FindingRow, Status, check as findings};
use crate::calendar::Instant;
use crate::config::Source;

/// What `check` finds, counted, the first one named.
pub fn check(source: &Source, now: Instant) -> Vec<Check> {
    const CHECK: &str = "configuration";
    let found = findings(source, now.date_naive());
    let command = match source {
        Source::Directory(dir) => format!("stepdown --config {} check", dir.display()),
        Source::Starter | Source::Given(..) => "stepdown check".to_owned(),
    };
    let counted = found.counts();
    let Some(first) = found.faults.iter().min_by_key(|fault| FindingRow::from(*fault).severity) else {
        let says = format!("the one {source} has no findings, in {} files", found.files);
        return vec![Check::ok(CHECK, says)];
    };
    let FindingRow { file, line, message, .. } = first.into();
    let (errors, warnings) = counted;
    let says = format!("{errors} errors and {warnings} warnings, such as {file}:{line}: {message}");
    vec![if errors > 0 {
        let remedy = format!("{command}; the next start refuses it, a running daemon keeps the one before");
        Check::fail(CHECK, says, remedy)
    } else {
        Check::warn(CHECK, says, command)
    }]
}

/// Whether the configuration that was looked at is the one that the daemon goes by.
pub fn in_force(source: &Source, status: &Status) -> Option<Check> {
    const CHECK: &str = "configuration-in-force";
    let counts = status.configuration.as_ref().filter(|_| status.daemon)?;
    match source.fingerprint() {
        Ok(sha256) if sha256 == counts.sha256 => Some(Check::ok(CHECK, "the daemon goes by these files")),
        Ok(_) if *source == Source::Starter => Some(Check::warn(
            CHECK,
            format!("the daemon goes by the configuration {}, and none was named here", counts.from),
            "name it, to have it looked over as well: stepdown --config DIR doctor",
        )),
        Ok(_) => Some(Check::warn(
            CHECK,
            format!(
                "the daemon goes by another configuration (taken from the one {}) than the one {source}",
                counts.from
            ),
            "stepdown --config DIR check, then: systemctl reload stepdown",
        )),
        // That it cannot be read is a finding of its own.
        Err(_) => None,
    }
}
