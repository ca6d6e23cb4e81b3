//! `silence`: reminders held back for a while, with a reason and an end.

use comfy_table::Cell;

use super::context::Desk;
use super::mail::{Author, order};
use super::output::{print, print_json, table};
use super::{Context, Failure, Format};
use crate::calendar::CivilDate;
use crate::case::{CaseRef, PersonId, RuleId};
use crate::daemon::{Order, SilenceOrder};
use crate::reminders::{MailFact, Silence};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Hold reminders back that fit all that is named
    Add(AddArgs),
    /// List the silences in force
    List {
        /// Those that are over, too
        #[arg(long)]
        all: bool,
    },
    /// End a silence before its day
    End {
        /// Its number
        id: u32,
        #[command(flatten)]
        author: Author,
    },
}

#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// About this case
    #[arg(long)]
    case: Option<CaseRef>,
    /// Of this rule or notice
    #[arg(long)]
    rule: Option<RuleId>,
    /// To this person
    #[arg(long)]
    person: Option<PersonId>,
    /// The last day
    #[arg(long, value_name = "DATE")]
    until: CivilDate,
    /// Why
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    author: Author,
}

pub fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(AddArgs { case, rule, person, until, reason, author }) => {
            let silence = Order::Silence(SilenceOrder { case, rule, person, until, reason });
            let MailFact::SilenceAdded(silence) = order(context, silence, author)? else {
                return Err(Failure::failed("the order was followed, and its answer was of another kind"));
            };
            match context.format {
                Format::Json => print_json(&silence),
                _ => print(&format!("Silence {} until {}.\n", silence.id, silence.until)),
            }
        }
        Command::List { all } => list(context, all),
        Command::End { id, author } => {
            order(context, Order::EndSilence { id }, author)?;
            match context.format {
                Format::Json => print_json(&serde_json::json!({ "done": true })),
                _ => print(&format!("Silence {id} has ended.\n")),
            }
        }
    }
}

fn list(context: &Context, all: bool) -> Result<(), Failure> {
    let mut silences: Vec<Silence> = match context.desk("stepdown silence list")? {
        Desk::Daemon(client) => client.silences()?,
        Desk::Log(writer) => writer.ledger().silences().cloned().collect(),
    };
    let today = context.config()?.settings.reminders.time_zone.civil_date(context.now());
    silences.retain(|silence| all || silence.until >= today);
    if context.format == Format::Json {
        return print_json(&silences);
    }
    if silences.is_empty() {
        return print("No silence is in force.\n");
    }
    let mut table = table(&["No", "Case", "Rule", "Person", "From", "Until", "By", "Why"]);
    for silence in silences {
        let name = |name: Option<String>| name.unwrap_or_default();
        table.add_row(
            [
                silence.id.to_string(),
                name(silence.case.map(|case| case.to_string())),
                name(silence.rule.map(|rule| rule.to_string())),
                name(silence.person.map(|person| person.to_string())),
                silence.from.to_string(),
                silence.until.to_string(),
                silence.author,
                silence.reason,
            ]
            .map(Cell::new),
        );
    }
    print(&format!("{table}\n"))
}
