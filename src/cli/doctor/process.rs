//! The running daemon as a process: the program it runs, and what a crash of it would leave behind.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::Check;
use crate::api::Status;

pub fn checks(status: &Status, data: &Path) -> Vec<Check> {
    if !status.daemon {
        return Vec::new();
    }
    let process = Path::new("/proc").join(status.process.to_string());
    vec![program(&process), user(&process, data), core_dumps(&process)]
}

/// Whether the program was replaced on the disk since the daemon started.
fn program(process: &Path) -> Check {
    const CHECK: &str = "program";
    match fs::read_link(process.join("exe")) {
        // proc_pid_exe(5): so the link reads when the file is gone from its place.
        Ok(path) if path.to_string_lossy().ends_with(" (deleted)") => Check::warn(
            CHECK,
            "the program was replaced on the disk since the daemon started; the old one still runs",
            "systemctl restart stepdown",
        ),
        Ok(path) => Check::ok(CHECK, format!("the daemon runs {}", path.display())),
        Err(error) => unseen(CHECK, &error),
    }
}

fn user(process: &Path, data: &Path) -> Check {
    const CHECK: &str = "daemon-user";
    match (fs::metadata(process), fs::metadata(data)) {
        (Ok(runs), Ok(owned)) if runs.uid() == owned.uid() && runs.uid() == 0 => Check::warn(
            CHECK,
            "the daemon runs as root, which it has no need of",
            "give it a user of its own: User=stepdown in the unit",
        ),
        (Ok(runs), Ok(owned)) if runs.uid() == owned.uid() => {
            Check::ok(CHECK, format!("the daemon runs as user {}, who owns the data directory", runs.uid()))
        }
        (Ok(runs), Ok(owned)) => Check::warn(
            CHECK,
            format!(
                "the daemon runs as user {}, and the data directory is of user {}",
                runs.uid(),
                owned.uid()
            ),
            format!("chown -R {} {}", runs.uid(), data.display()),
        ),
        (Err(error), _) | (_, Err(error)) => unseen(CHECK, &error),
    }
}

/// Whether a crash would leave the memory of the process, and children's records in it, on the disk.
fn core_dumps(process: &Path) -> Check {
    const CHECK: &str = "core-dumps";
    match fs::read_to_string(process.join("limits")) {
        Ok(limits) => judge(&limits).unwrap_or_else(|limit| {
            Check::warn(
                CHECK,
                format!("a crash would leave children's records in a core dump (limit: {limit})"),
                "LimitCORE=0 in the unit, then: systemctl daemon-reload && systemctl restart stepdown",
            )
        }),
        Err(error) => unseen(CHECK, &error),
    }
}

/// By the line "Max core file size  SOFT  HARD  bytes" (`proc_pid_limits(5)`); the limit, where it lets anything through.
fn judge(limits: &str) -> Result<Check, String> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
    match line.and_then(|line| line.split_whitespace().next()) {
        Some("0") => Ok(Check::ok("core-dumps", "a crash leaves none")),
        limit => Err(limit.unwrap_or("not told").to_owned()),
    }
}

fn unseen(check: &'static str, error: &std::io::Error) -> Check {
    // The daemon keeps its memory, and much of what /proc tells of it, from its own user, too.
    let remedy = "run the doctor as root to have it looked at";
    Check::warn(check, format!("the daemon's process cannot be looked at: {error}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_limit_of_nothing_keeps_core_dumps_away() {
        let limits = |soft: &str| {
            format!(
                "Limit  Soft Limit  Hard Limit  Units\nMax core file size        {soft}    unlimited  bytes\n"
            )
        };
        assert!(judge(&limits("0")).is_ok());
        assert_eq!(judge(&limits("unlimited")), Err("unlimited".to_owned()));
        assert_eq!(judge("Limit\n"), Err("not told".to_owned()));
    }
}
