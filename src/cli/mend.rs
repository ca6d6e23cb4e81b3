//! `retract`, `correct`, `waive`, `assign`, `unassign`, `close`: what is wrong is set right by one more event.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use comfy_table::ColumnConstraint;
use serde_json::json;

use super::append::{pairs, parse_time};
use super::context::{Desk, answers};
use super::mail::Author;
use super::output::{print, print_json, table};
use super::{Context, Failure, Format};
use crate::api::{Mend, MendRequest, Mending, own_user};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, OccurrenceName, PersonId, RoleId};
use crate::daemon::AppendRequest;
use crate::schedule::{Change, Dates};

/// By whom, why, and whether to ask.
#[derive(Debug, clap::Args)]
pub struct Common {
    /// Why; others will want to know
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    author: Author,
    /// Append without asking
    #[arg(long)]
    yes: bool,
    /// Show what it would change, and append nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub struct RetractArgs {
    /// The event: its id, or CASE/NUMBER as `case show` numbers them
    event: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
pub struct CorrectArgs {
    /// The event: its id, or CASE/NUMBER as `case show` numbers them
    event: String,
    /// The day it really happened
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    /// The local time it really happened; the start of the day, where left out
    #[arg(long, value_name = "TIME", value_parser = parse_time, requires = "on")]
    at: Option<chrono::NaiveTime>,
    /// The fields that were otherwise; KEY= takes a field out
    #[arg(value_name = "KEY=VALUE")]
    fields: Vec<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
pub struct WaiveArgs {
    /// The occurrence, CASE/RULE/SERIES.N, as `due` lists it
    occurrence: OccurrenceName,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
pub struct AssignArgs {
    /// The case
    case: CaseRef,
    /// The role
    role: RoleId,
    /// The person, as people.toml lists them
    person: PersonId,
    /// From which day on; today, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
pub struct UnassignArgs {
    /// The case
    case: CaseRef,
    /// The role
    role: RoleId,
    /// From which day on; today, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
pub struct CloseArgs {
    /// The case
    case: CaseRef,
    /// The day on which it closed; today, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    #[command(flatten)]
    common: Common,
}

pub fn retract(context: &Context, args: RetractArgs) -> Result<(), Failure> {
    mend(context, Mend::Retract { event: args.event }, None, args.common)
}

pub fn correct(context: &Context, args: CorrectArgs) -> Result<(), Failure> {
    let zone = context.config()?.settings.reminders.time_zone;
    let time = |day| {
        let time = zone.instant_given(day, args.at.unwrap_or(chrono::NaiveTime::MIN));
        time.map_err(|error| Failure::refused(&error, "give the time an hour later or earlier"))
    };
    let time: Option<Instant> = args.on.map(time).transpose()?;
    let set = pairs(&args.fields)?;
    mend(context, Mend::Correct { event: args.event, time, set }, None, args.common)
}

pub fn waive(context: &Context, args: WaiveArgs) -> Result<(), Failure> {
    mend(context, Mend::Waive { occurrence: args.occurrence }, None, args.common)
}

pub fn assign(context: &Context, args: AssignArgs) -> Result<(), Failure> {
    let AssignArgs { case, role, person, on, common } = args;
    mend(context, Mend::Assign { case, role, person }, on, common)
}

pub fn unassign(context: &Context, args: UnassignArgs) -> Result<(), Failure> {
    let UnassignArgs { case, role, on, common } = args;
    mend(context, Mend::Unassign { case, role }, on, common)
}

pub fn close(context: &Context, args: CloseArgs) -> Result<(), Failure> {
    mend(context, Mend::Close { case: args.case }, args.on, args.common)
}

fn mend(context: &Context, mend: Mend, on: Option<CivilDate>, common: Common) -> Result<(), Failure> {
    let Common { reason, author, yes, dry_run } = common;
    let request = MendRequest { mend, author: Some(author.stated().name), reason, on };
    let desk = context.desk("stepdown mending")?;
    let mending = match &desk {
        Desk::Daemon(client) => client.mend(&request)?,
        Desk::Log(writer) => answers(writer, context.now()).mend(&request)?,
    };
    if context.format != Format::Json {
        print(&consequence(&mending))?;
    }
    let agreed = !dry_run && (yes || asked("Record it?", "nothing was recorded")?);
    if agreed {
        append(context, desk, &mending)?;
    }
    match context.format {
        Format::Json => print_json(&json!({ "appended": agreed, "mending": mending })),
        _ if agreed => {
            print(&format!("\nRecorded as event {} of case {}.\n", mending.case_version.0 + 1, mending.case))
        }
        _ => print("\nNothing was recorded.\n"),
    }
}

/// Asks on the terminal; where there is none, nobody can answer.
#[expect(clippy::print_stderr, reason = "a question to a person is talk")]
pub fn asked(question: &str, refused: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        let help = "look at the consequence above, then say it once more with --yes";
        return Err(Failure::refused(&format!("{refused}: nobody is there to be asked"), help));
    }
    eprint!("\n{question} [y/N] ");
    let _ = io::stderr().flush();
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| Failure::failed(&error))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn append(context: &Context, desk: Desk, mending: &Mending) -> Result<(), Failure> {
    // Somebody may have recorded something else meanwhile: then the consequence shown is not the one to come.
    let expected = Some(mending.case_version);
    match desk {
        Desk::Daemon(client) => client.append(&mending.event, expected).map(drop).map_err(Failure::from),
        Desk::Log(mut writer) => {
            let request = AppendRequest::new(vec![mending.event.clone()]).sent_by(&own_user());
            let request = request.expecting(expected);
            writer.stage(request, context.now())?;
            Ok(writer.commit()?)
        }
    }
}

fn consequence(mending: &Mending) -> String {
    let mut lines = vec![format!("{}.", mending.words), String::new()];
    if mending.changes.is_empty() {
        lines.push("No obligation changes.".to_owned());
    } else {
        lines.push(listing(&mending.changes).to_string());
    }
    if !mending.handed_over.is_empty() {
        lines.push(format!("{} open obligations change hands:", mending.handed_over.len()));
        lines.extend(mending.handed_over.iter().map(|name| format!("  {name}")));
    }
    lines.join("\n") + "\n"
}

fn listing(changes: &[Change]) -> comfy_table::Table {
    let mut table = table(&["Occurrence", "Change", "From", "To", "What"]);
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    for change in changes {
        let side = |dates: &Option<Dates>| {
            dates.as_ref().map(|dates| format!("{}, {}", dates.status, dates.deadline)).unwrap_or_default()
        };
        table.add_row([
            change.occurrence.to_string(),
            change.change.name().to_owned(),
            side(&change.from),
            side(&change.to),
            change.title.clone(),
        ]);
    }
    table
}
