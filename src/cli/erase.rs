//! `erase`: the key of a closed case is destroyed, so that nobody can read its record any more.

use serde_json::json;

use super::context::{Desk, answers};
use super::mail::Author;
use super::mend::asked;
use super::output::{print, print_json};
use super::{Context, Failure, Format};
use crate::access;
use crate::case::{CaseRef, CountedFrom};
use crate::daemon::{EraseOrder, Erasing};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The case
    case: CaseRef,
    /// Why; it is recorded with the erasure
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    author: Author,
    /// Even though the record must still be kept: that is recorded, too
    #[arg(long)]
    before_retention: bool,
    /// Erase without asking
    #[arg(long)]
    yes: bool,
    /// Show what it would destroy, and destroy nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

pub fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { case, reason, author, before_retention, yes, dry_run } = args;
    let access::Author { name: author, recorded_by } = author.stated();
    let mut order = EraseOrder { case, author, recorded_by, reason, before_retention, events: None };
    let mut desk = context.desk("stepdown erase")?;
    let shown = match &desk {
        Desk::Daemon(client) => client.erase(&order, true)?,
        Desk::Log(writer) => answers(writer, context.now()).erasing(&order)?,
    };
    if context.format != Format::Json {
        print(&consequence(&shown))?;
    }
    let agreed = !dry_run && (yes || asked("Erase it?", "nothing was erased")?);
    if agreed {
        // Somebody may have recorded something else meanwhile: then not what was shown would be destroyed.
        order.events = Some(shown.events);
        match &mut desk {
            Desk::Daemon(client) => drop(client.erase(&order, false)?),
            Desk::Log(writer) => {
                writer.erase(&order, context.now())?;
                writer.commit()?;
            }
        }
    }
    match context.format {
        Format::Json => print_json(&json!({ "erased": agreed, "erasing": shown })),
        _ if agreed => print(&format!(
            "\nCase {} is erased. A backup made before still holds its key: destroy the backups, or wait until they lapse{}.\n",
            shown.case,
            lapse(context).unwrap_or_default()
        )),
        _ => print("\nNothing was erased.\n"),
    }
}

/// Until when scheduled backups lapse, where there are any by the settings at hand.
fn lapse(context: &Context) -> Option<String> {
    let config = context.config().ok()?;
    let backup = &config.settings.backup;
    backup.directory.as_ref()?;
    let today = config.settings.reminders.time_zone.civil_date(context.now());
    Some(format!(", those that the daemon makes by {}", backup.lapse(today)))
}

fn consequence(erasing: &Erasing) -> String {
    let Erasing { case, events, messages, retention, overridden, author, reason, .. } = erasing;
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let events = count(*events as usize, "event");
    let mut lines = vec![
        format!("Erases case {case}: its key is destroyed, and nobody can read its {events} any more."),
        "This cannot be undone, and no backup of the log made later brings it back.".to_owned(),
    ];
    if *messages > 0 {
        lines.push(format!("{} about it will not be sent.", count(*messages, "waiting message")));
    }
    lines.extend(retention.map(|retention| {
        let from = match retention.counted_from {
            CountedFrom::Birth => "counted from the child's birth",
            CountedFrom::Opening => "counted from the day it was opened, as no birth is recorded",
        };
        let verb = if *overridden { "must still be kept" } else { "had to be kept" };
        format!("Its record {verb} until {}, {from}.", retention.until)
    }));
    if *overridden {
        lines.push("That it is erased before is recorded.".to_owned());
    }
    lines.push(format!(
        "What remains: that there was a case {case}, how many events it had and when each was recorded; what was \
         mailed to whom about which obligation; and that {author} had it erased, and why: {reason}."
    ));
    lines.join("\n") + "\n"
}
