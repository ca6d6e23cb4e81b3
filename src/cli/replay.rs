//! `replay`: every projection rebuilt from the log; or what another configuration would change.

use std::path::PathBuf;

use comfy_table::{Cell, ColumnConstraint, Table};

use super::context::{Desk, answers};
use super::output::{print, print_json, progress, table};
use super::{Context, Failure, Format};
use crate::api::against::{ChangeRow, Counts};
use crate::api::{Against, AgainstQuery, Client, Comparison, MailChange, Replayed, replay};
use crate::calendar::CivilDate;
use crate::config::{Config, Source};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show what this configuration would change, if it were adopted now; nothing is
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    /// The day on which obligations are compared [default: today, or the new version's first day]
    #[arg(long, value_name = "DATE", requires = "against")]
    on: Option<CivilDate>,
    /// How many days ahead scheduled obligations are compared
    #[arg(long, value_name = "DAYS", requires = "against", default_value_t = 90)]
    horizon: u16,
    /// For how many days mails are compared
    #[arg(long, value_name = "DAYS", requires = "against", default_value_t = 28)]
    days: u16,
    /// Compare as if it had been the policy from the first day on
    #[arg(long, requires = "against")]
    from_the_start: bool,
    /// Each changed obligation and each mail, not only the counts
    #[arg(long, requires = "against")]
    details: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    match &args.against {
        Some(dir) => against(context, args, dir.clone()),
        None => rebuild(context),
    }
}

fn rebuild(context: &Context) -> Result<(), Failure> {
    let replayed = match context.desk("stepdown replay")? {
        Desk::Daemon(client) => client.replay()?,
        Desk::Log(writer) => {
            let head = writer.head();
            let bar = progress(head.sequence.0, "replaying");
            let live = (writer.records(), &**writer.config());
            let step = |entry: u64| {
                if entry.is_multiple_of(1024) {
                    bar.set_position(entry);
                }
            };
            let replayed = replay(writer.log().reader(), head, live, false, context.now(), step);
            bar.finish_and_clear();
            replayed?
        }
    };
    match context.format {
        Format::Json => print_json(&replayed)?,
        _ => print(&rebuilt(&replayed))?,
    }
    if replayed.equal {
        return Ok(());
    }
    Err(Failure::failed("what is live is not what the log adds up to; restart stepdown, and tell its makers"))
}

fn rebuilt(replayed: &Replayed) -> String {
    let mut table = table(&["Projection", "Holds", "Equals what is live"]);
    for projection in &replayed.projections {
        let equal = match &projection.difference {
            Some(difference) => format!("no: {difference}"),
            None => "yes".to_owned(),
        };
        table.add_row([projection.projection.clone(), projection.count.to_string(), equal]);
    }
    let live = if replayed.daemon { "the running daemon" } else { "what this command read; no daemon runs" };
    format!("{table}\n\n{} entries replayed, compared with {live}.\n", replayed.entries)
}

fn against(context: &Context, args: &Args, dir: PathBuf) -> Result<(), Failure> {
    let source = Source::Directory(dir);
    let other = Config::load(&source)?;
    let query = AgainstQuery {
        on: args.on,
        horizon: Some(args.horizon),
        days: Some(args.days),
        from_the_start: args.from_the_start,
    };
    let comparison = match context.desk("stepdown replay")? {
        Desk::Daemon(client) => ask(&client, &source, query)?,
        Desk::Log(writer) => {
            let bar = progress(writer.cases().len() as u64, "comparing");
            let comparison = answers(&writer, context.now()).against(&other, &query, || bar.inc(1));
            bar.finish_and_clear();
            comparison
        }
    };
    match context.format {
        Format::Json => print_json(&comparison),
        _ => print(&compared(&comparison, args.details)),
    }
}

fn ask(client: &Client, source: &Source, query: AgainstQuery) -> Result<Comparison, Failure> {
    let files = source.files().map_err(|(path, error)| Failure::io(&path, &error))?;
    Ok(client.against(&Against { from: source.to_string(), files, query })?)
}

fn compared(comparison: &Comparison, details: bool) -> String {
    if comparison.adopted.is_empty() && comparison.changes.is_empty() && comparison.mails.is_empty() {
        return "This configuration asks for nothing else than the policy in force.\n".to_owned();
    }
    let heads = comparison.programmes.iter().chain(&comparison.limits).cloned();
    let words = comparison.rules.iter().map(|(rule, words)| format!("{rule}: {}", words.join("; ")));
    let mut parts = vec![heads.chain(words).collect::<Vec<_>>().join("\n")];
    parts.push(format!(
        "On {}: {} of {} cases touched; mails compared until {}.",
        comparison.on, comparison.touched, comparison.cases, comparison.mails_until
    ));
    parts.extend(comparison.hint.iter().map(|hint| format!("Note: {hint}.")));
    if comparison.touched > 0 {
        parts.push(counts("Rule", comparison.by_rule.iter()).to_string());
        parts.push(counts("Person", comparison.by_person.iter()).to_string());
        if details {
            parts.push(changes(&comparison.changes).to_string());
            parts.push(mails(&comparison.mails).to_string());
        } else {
            parts.push("--details shows each obligation and each mail.".to_owned());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n") + "\n"
}

fn counts<'c, K: ToString + 'c>(heading: &str, counted: impl Iterator<Item = (&'c K, &'c Counts)>) -> Table {
    let mut table = table(&[
        heading,
        "Appear",
        "Move",
        "Vanish",
        "Change owner",
        "Change status",
        "Mails go",
        "Mails do not go",
    ]);
    for (name, counts) in counted {
        let numbers = [
            counts.appears,
            counts.moves,
            counts.vanishes,
            counts.changes_owner,
            counts.changes_status,
            counts.mails_go,
            counts.mails_do_not_go,
        ];
        let shown = numbers.map(|number| if number == 0 { String::new() } else { number.to_string() });
        table.add_row([name.to_string()].into_iter().chain(shown));
    }
    table
}

/// Names and dates are there to be copied: they do not break.
fn unbroken(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

fn changes(rows: &[ChangeRow]) -> Table {
    let mut table = table(&["Occurrence", "Change", "From", "To", "Who", "Why"]);
    unbroken(&mut table, &[0, 1]);
    for row in rows {
        let side = |dates: &Option<crate::schedule::Dates>| match dates {
            Some(dates) => format!("{} (act by {}) {}", dates.deadline, dates.due_on, dates.status),
            None => String::new(),
        };
        let who = row.owner.as_ref().map_or_else(|| row.owner_role.to_string(), ToString::to_string);
        table.add_row([
            Cell::new(&row.change.occurrence),
            Cell::new(row.change.change.name()),
            Cell::new(side(&row.change.from)),
            Cell::new(side(&row.change.to)),
            Cell::new(who),
            Cell::new(&row.why),
        ]);
    }
    table
}

fn mails(mails: &[MailChange]) -> Table {
    let mut table = table(&["On", "Mail", "To", "Kind", "Step", "About"]);
    unbroken(&mut table, &[0, 5]);
    for mail in mails {
        let about = mail.occurrence.as_ref().map_or_else(|| mail.case.to_string(), ToString::to_string);
        let goes = if mail.goes { "goes" } else { "does not go" };
        table.add_row([
            mail.on.to_string(),
            goes.to_owned(),
            mail.to.clone(),
            mail.kind.to_string(),
            mail.step.clone(),
            about,
        ]);
    }
    table
}
