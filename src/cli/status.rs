//! `status`: the daily look in one screen. What needs somebody comes first, then how it stands.

use std::fmt::Write as _;
use std::io;

use super::context::Desk;
use super::doctor::{Check, State, standing};
use super::failure::shows_colour;
use super::output::{print, print_json};
use super::{Context, Failure, Format};
use crate::api::{BackupRow, ScrubRow, Status, answer};
use crate::calendar::{Instant, Zone};
use crate::daemon::{Clerk, Snapshot};

/// How many things that need somebody are shown; the doctor shows all.
const MOST: usize = 5;
/// How wide a line may be.
const WIDTH: usize = 100;

pub fn run(context: &Context) -> Result<(), Failure> {
    let data = context.data()?;
    let status = match context.desk("stepdown status")? {
        Desk::Daemon(client) => client.status()?,
        Desk::Log(writer) => {
            let clerk = Clerk::new(*writer)?;
            answer::status(&Snapshot::of(&clerk, context.now()), &data, None, context.now())
        }
    };
    match context.format {
        Format::Json => print_json(&status),
        _ => print(&text(&status, context.now(), shows_colour(&io::stdout()))),
    }
}

fn text(status: &Status, now: Instant, colour: bool) -> String {
    let mut text = attention(status, now, colour);
    for (name, says) in lines(status) {
        // A String takes everything that is written to it.
        let _ = writeln!(text, "{}", clip(&format!("{name:<15}{says}")));
    }
    text
}

/// What is not in order, each with what to do; or that all is.
fn attention(status: &Status, now: Instant, colour: bool) -> String {
    let mut found = standing::checks(status, now);
    found.extend(standing::room(status));
    found.retain(|check| check.state != State::Ok);
    found.sort_by_key(|check| std::cmp::Reverse(check.state));
    if found.is_empty() {
        return format!("{}\n\n", painted("All is well.", "32", colour));
    }
    let mut text = String::new();
    let shown = if found.len() > MOST { MOST - 1 } else { found.len() };
    for Check { state, says, remedy, .. } in &found[..shown] {
        let paint = if *state == State::Fail { "31" } else { "33" };
        let says = clip(&format!("{}  {says}", state.name()));
        let _ = writeln!(text, "{}", painted(&says, paint, colour));
        let _ = writeln!(text, "{}", clip(&format!("      → {}", remedy.as_deref().unwrap_or_default())));
    }
    if shown < found.len() {
        let _ = writeln!(text, "and {} more: stepdown doctor", found.len() - shown);
    }
    text.push('\n');
    text
}

/// How it stands, line by line.
fn lines(status: &Status) -> Vec<(&'static str, String)> {
    let zone = status.time_zone.parse::<Zone>().ok();
    let at =
        |at: Instant| zone.map_or_else(|| at.format("%Y-%m-%d %H:%M UTC").to_string(), |zone| zone.shown(at));
    let daemon = match (status.daemon, status.started_at) {
        (false, _) => "does not run".to_owned(),
        (true, None) => format!("runs as process {}", status.process),
        (true, Some(since)) => {
            format!("runs since {}, version {}, process {}", at(since), status.version, status.process)
        }
    };
    let mail = status.mail;
    let mut lines = vec![("Daemon", daemon)];
    if let Some(configuration) = &status.configuration {
        lines.push(("Configuration", format!("the one {}", configuration.from)));
    }
    lines.push(("Programmes", status.programmes.join(", ")));
    let megabytes =
        |bytes: Option<u64>| bytes.map_or_else(|| "?".to_owned(), |bytes| format!("{} MB", bytes >> 20));
    lines.push(("Data", format!("{}, {} free", status.data, megabytes(status.disk_free_bytes))));
    lines.push((
        "Log",
        format!(
            "{} entries, {}, chain {}",
            status.sequence,
            megabytes(status.log_bytes),
            chain(&status.chain)
        ),
    ));
    lines.push(("Last scrub", scrub(status, at)));
    lines.push(("Last backup", backup(status, at)));
    lines.push((
        "Mail",
        format!(
            "{} accepted, {} waiting, {} refused, {} given up; it leaves by {}",
            mail.accepted, mail.waiting, mail.refused, mail.lapsed, status.transport
        ),
    ));
    let never = || "never".to_owned();
    let oldest = status.oldest_unsent.map(|oldest| format!("; the oldest that waits: {}", at(oldest)));
    lines.push((
        "Last accepted",
        format!("{}{}", status.last_accepted_at.map_or_else(never, at), oldest.unwrap_or_default()),
    ));
    lines.push(("Next digest", at(status.next_digest)));
    let work = status.workload;
    lines.push((
        "To do",
        format!(
            "{} overdue, {} due today, {} due this week",
            work.overdue, work.due_today, work.due_this_week
        ),
    ));
    if status.limits_exceeded > 0 {
        lines.push(("Limits", format!("{} exceeded: stepdown limits", status.limits_exceeded)));
    }
    lines.push(("Cases", format!("{} with {} events", status.cases, status.events)));
    let until = status.bank_holidays_until.map_or_else(|| "?".to_owned(), |until| until.to_string());
    lines.push(("Bank holidays", format!("known until {until}")));
    lines
}

/// The beginning of the chain's last link: to compare at a glance; JSON has the whole.
fn chain(link: &str) -> &str {
    link.get(..16).unwrap_or(link)
}

/// When the whole log was last looked at, and what was found.
fn scrub(status: &Status, at: impl Fn(Instant) -> String) -> String {
    match &status.scrub {
        None => "never yet; the daemon reads the whole log every night".to_owned(),
        Some(ScrubRow { at: on, damage: None, entries, .. }) => {
            format!("{}, {entries} entries, whole", at(*on))
        }
        Some(ScrubRow { at: on, .. }) => format!("{}, DAMAGED", at(*on)),
    }
}

/// When the newest scheduled backup was made.
fn backup(status: &Status, at: impl Fn(Instant) -> String) -> String {
    match &status.backup {
        None => "none is scheduled; see [backup] in stepdown.toml".to_owned(),
        Some(BackupRow { at: Some(made), entries: Some(entries), file: Some(file), .. }) => {
            format!("{}, {entries} entries, {file}", at(*made))
        }
        Some(_) => "none yet".to_owned(),
    }
}

/// One line that fits: what is longer stands in `--format json`, and the doctor shows it whole.
fn clip(line: &str) -> String {
    let line: String = line.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    if line.chars().count() <= WIDTH {
        return line;
    }
    line.chars().take(WIDTH - 1).chain(['…']).collect()
}

fn painted(text: &str, code: &str, colour: bool) -> String {
    if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ConfigurationRow;
    use crate::cli::doctor::standing::tests::{now, sample};

    #[test]
    fn all_that_can_be_amiss_fits_one_screen_with_the_worst_first() {
        let long = "because of a reason that is told at length ".repeat(9) + "\u{1b}[2J";
        let mut status = Status {
            mail_held: Some(long.clone()),
            mail_paused_until: Some(now()),
            oldest_unsent: Some(Instant::default()),
            undelivered: 7,
            bank_holidays_until: None,
            scrub: None,
            heartbeat_at: Some(Instant::default()),
            disk_free_bytes: Some(1),
            time_zone: "Europe/London".to_owned(),
            configuration: Some(ConfigurationRow { from: long, sha256: String::new() }),
            ..sample()
        };
        let shown = text(&status, now(), false);
        assert!(
            shown.lines().count() <= 24 && shown.lines().all(|line| line.chars().count() <= WIDTH),
            "{shown}"
        );
        assert!(shown.starts_with("FAIL") && shown.contains("more: stepdown doctor"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown}");
        status.daemon = false;
        assert!(text(&status, now(), false).contains("does not run"));
        assert!(text(&status, now(), true).starts_with("\u{1b}[31mFAIL"));
    }
}
