//! `reminders`: what would be mailed and why, what was, and how it looks.

use comfy_table::{Cell, ColumnConstraint};

use super::context::Desk;
use super::output::{print, print_json, table};
use super::{Context, Failure, Format};
use crate::api::answer::QueryError;
use crate::api::reminders::{MailItem, MailPlan, MailQuery, MailRoom, Preview, SentMail};
use crate::api::{Client, ClientError};
use crate::calendar::CivilDate;
use crate::case::{CaseRef, PersonId};
use crate::daemon::post;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Show what would go on a day, to whom and why; and what would not
    Plan(PlanArgs),
    /// Show what was planned and what became of it
    Sent(SentArgs),
    /// Show the messages to a person as they would look: --format text, html, eml or json
    Preview(PreviewArgs),
}

#[derive(Debug, clap::Args)]
pub struct PlanArgs {
    /// The day; that of the next digests, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    /// To this person only
    #[arg(long)]
    person: Option<PersonId>,
    /// The steps that are not sent, with why not, instead of the messages
    #[arg(long)]
    withheld: bool,
}

#[derive(Debug, clap::Args)]
pub struct SentArgs {
    /// About this case only
    #[arg(long)]
    case: Option<CaseRef>,
    /// To this person only
    #[arg(long)]
    person: Option<PersonId>,
    /// Of this day only
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
}

#[derive(Debug, clap::Args)]
pub struct PreviewArgs {
    /// To whom
    #[arg(long)]
    person: PersonId,
    /// The day; that of the next digests, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
}

pub fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Plan(args) => plan(context, args),
        Command::Sent(args) => sent(context, args),
        Command::Preview(args) => preview(context, args),
    }
}

/// Asks the daemon, or the log itself.
fn ask<T>(
    context: &Context,
    by_daemon: impl FnOnce(&Client) -> Result<T, ClientError>,
    by_log: impl FnOnce(&MailRoom<'_>) -> Result<T, QueryError>,
) -> Result<T, Failure> {
    match context.desk("stepdown reminders")? {
        Desk::Daemon(client) => Ok(by_daemon(&client)?),
        Desk::Log(writer) => {
            let (config, now) = (writer.config(), context.now());
            let post = post(config)?;
            Ok(by_log(&MailRoom { records: writer.records(), config, post: &post, now })?)
        }
    }
}

fn plan(context: &Context, PlanArgs { on, person, withheld }: PlanArgs) -> Result<(), Failure> {
    let query = MailQuery { on, person, case: None };
    let plan = ask(context, |client| client.mail_plan(&query), |room| room.plan(&query))?;
    match (context.format, withheld) {
        (Format::Json, false) => print_json(&plan.messages),
        (Format::Json, true) => print_json(&plan.held),
        (_, false) => print(&planned(&plan)),
        (_, true) => print(&held(&plan)),
    }
}

fn planned(plan: &MailPlan) -> String {
    if plan.messages.is_empty() {
        return format!("Nothing would go on {}.{}\n", plan.on.format("%A %-d %B %Y"), also_held(plan));
    }
    let mut table = listing_of(&["To", "Kind", "Subject", "Step", "Why", "Occurrence"]);
    for mail in &plan.messages {
        let head = [mail.to.clone(), mail.kind.to_string(), mail.subject.clone()];
        add(&mut table, head, &mail.items);
    }
    let count = plan.messages.len();
    format!("{table}\n\n{count} on {}.{}\n", plan.on.format("%A %-d %B %Y"), also_held(plan))
}

fn also_held(plan: &MailPlan) -> String {
    match plan.held.len() {
        0 => String::new(),
        steps => format!(" Steps not sent: {steps}; --withheld shows them."),
    }
}

/// A table in which words wrap, and an occurrence, which is there to be copied, does not.
pub fn listing_of(headings: &[&str]) -> comfy_table::Table {
    let mut table = table(headings);
    for name in ["On", "Step", "Occurrence"] {
        let column = headings.iter().position(|heading| *heading == name);
        if let Some(column) = column.and_then(|column| table.column_mut(column)) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

/// One row for each item, the head only on the first.
pub fn add<const N: usize>(table: &mut comfy_table::Table, head: [String; N], items: &[MailItem]) {
    let mut head = Some(head);
    let rows: Vec<[String; 3]> = match items {
        [] => vec![Default::default()],
        items => {
            let row = |item: &MailItem| [item.step.clone(), item.reason.clone(), item.occurrence.to_string()];
            items.iter().map(row).collect()
        }
    };
    for row in rows {
        let head = head.take().unwrap_or_else(|| [(); N].map(|()| String::new()));
        table.add_row(head.into_iter().chain(row).map(Cell::new));
    }
}

fn held(plan: &MailPlan) -> String {
    if plan.held.is_empty() {
        return "No step that has fallen is held back.\n".to_owned();
    }
    let mut table = listing_of(&["To", "Step", "Why not", "Occurrence"]);
    for step in &plan.held {
        let to = step.to.clone().unwrap_or_default();
        table.add_row(
            [to, step.step.clone(), step.reason.clone(), step.occurrence.to_string()].map(Cell::new),
        );
    }
    format!("{table}\n")
}

fn sent(context: &Context, SentArgs { case, person, on }: SentArgs) -> Result<(), Failure> {
    let query = MailQuery { on, person, case };
    let sent = ask(context, |client| client.mail_sent(&query), |room| room.sent(&query))?;
    match context.format {
        Format::Json => print_json(&sent),
        _ if sent.is_empty() => print("Nothing was planned.\n"),
        _ => print(&listing(&sent)),
    }
}

fn listing(sent: &[SentMail]) -> String {
    let mut table = listing_of(&["On", "To", "Kind", "State", "Step", "Why", "Occurrence"]);
    for mail in sent {
        let state = match mail.state.as_str() {
            "accepted" => mail.state.clone(),
            state => format!("{state}: {}", mail.words),
        };
        let mut head = Some([mail.on.to_string(), mail.to.clone(), mail.kind.to_string(), state]);
        let row = |item: &MailItem| [item.step.clone(), item.reason.clone(), item.occurrence.to_string()];
        let mut rows: Vec<_> = mail.items.iter().map(row).collect();
        if rows.is_empty() {
            rows.push(Default::default());
        }
        for row in rows {
            table.add_row(head.take().unwrap_or_default().into_iter().chain(row).map(Cell::new));
        }
    }
    format!("{table}\n")
}

fn preview(context: &Context, PreviewArgs { person, on }: PreviewArgs) -> Result<(), Failure> {
    let query = MailQuery { on, person: Some(person.clone()), case: None };
    let previews = ask(context, |client| client.mail_preview(&query), |room| room.preview(&query))?;
    if context.format == Format::Json {
        return print_json(&previews);
    }
    if previews.is_empty() {
        let help = "stepdown reminders plan shows what would go, and with --on DATE on which day";
        return Err(Failure::refused(&format!("nothing would go to {person} on that day"), help));
    }
    let shown: Vec<_> = previews.iter().map(|preview| as_text(preview, context.format)).collect();
    print(&shown.join("\n"))
}

fn as_text(preview: &Preview, format: Format) -> String {
    match format {
        Format::Html => preview.html.clone(),
        Format::Eml => preview.eml.clone(),
        _ => format!("To: {}\nSubject: {}\n\n{}", preview.mail.to, preview.mail.subject, preview.text),
    }
}
