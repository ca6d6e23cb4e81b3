//! `status`: how it stands.

use super::context::Desk;
use super::output::{print, print_json};
use super::{Context, Failure, Format};
use crate::api::{BackupRow, ScrubRow, Status, answer};
use crate::daemon::{Clerk, Snapshot};

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
        _ => print(&text(&status)),
    }
}

fn text(status: &Status) -> String {
    let daemon = if status.daemon {
        format!("runs as process {}", status.process)
    } else {
        "does not run: no reminders go out".to_owned()
    };
    let mail = status.mail;
    let mut lines = vec![
        format!("Daemon         {daemon}"),
        format!("Data           {}", status.data),
        format!("Log            {} entries, chain {}", status.sequence, status.chain),
        format!("Last scrub     {}", scrub(status)),
        format!("Last backup    {}", backup(status)),
        format!("Cases          {} with {} events", status.cases, status.events),
        format!("Programmes     {}", status.programmes.join(", ")),
        format!(
            "Bank holidays  known until {}",
            status.bank_holidays_until.map_or_else(|| "?".to_owned(), |until| until.to_string())
        ),
        format!("Next digest    {}", status.next_digest.to_rfc3339()),
        format!(
            "Mail           {} accepted, {} waiting, {} refused, {} given up",
            mail.accepted, mail.waiting, mail.refused, mail.lapsed
        ),
    ];
    if let Some(until) = status.mail_paused_until {
        lines.push(format!("Mail paused    until {}: the way to the relay is at fault", until.to_rfc3339()));
    }
    if let Some(why) = &status.mail_held {
        lines.push(format!("Mail held      {why}"));
    }
    if let Some(oldest) = status.oldest_unsent {
        lines.push(format!("Oldest unsent  {}", oldest.to_rfc3339()));
    }
    if status.undelivered > 0 {
        lines.push(format!(
            "Undelivered    {}; stepdown reminders sent shows which, the admins hear of it with the next digests",
            status.undelivered
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// When the whole log was last looked at, and what was found.
fn scrub(status: &Status) -> String {
    match &status.scrub {
        None => "never yet; the daemon reads the whole log every night".to_owned(),
        Some(ScrubRow { at, damage: None, .. }) => format!("{}, whole", at.to_rfc3339()),
        Some(ScrubRow { at, damage: Some(damage), .. }) => format!("{}, DAMAGED: {damage}", at.to_rfc3339()),
    }
}

/// When the newest scheduled backup was made, and why the last one was not.
fn backup(status: &Status) -> String {
    let Some(BackupRow { at, file, entries, error, failed_at, .. }) = &status.backup else {
        return "none is scheduled; see [backup] in stepdown.toml".to_owned();
    };
    let made = match (at, file, entries) {
        (Some(at), Some(file), Some(entries)) => format!("{}, {entries} entries, {file}", at.to_rfc3339()),
        _ => "none yet".to_owned(),
    };
    match (error, failed_at) {
        (Some(error), Some(at)) => format!("{made}; FAILED at {}: {error}", at.to_rfc3339()),
        _ => made,
    }
}
