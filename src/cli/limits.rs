//! `limits`: how many cases count towards each limit, and how much room is left.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};

use comfy_table::{Cell, Color, ColumnConstraint, Table};

use super::context::{Desk, answers};
use super::output::{print, print_json, table};
use super::when::KnownAt;
use super::{Context, Failure, Format};
use crate::api::{LimitRow, LimitsQuery};
use crate::calendar::CivilDate;
use crate::case::{CaseRef, ProgrammeId};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of this programme only
    #[arg(long)]
    programme: Option<ProgrammeId>,
    /// The date asked about; today, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    /// As known then: events recorded later are left out. A time, or a date for the end of that day
    #[arg(long, value_name = "TIME")]
    known_at: Option<KnownAt>,
}

pub fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let known_at = context.known_at(args.known_at)?;
    let query = LimitsQuery { programme: args.programme, on: args.on, known_at };
    let rows = ask(&context.desk("stepdown limits")?, context, &query)?;
    match context.format {
        Format::Json => print_json(&rows),
        _ if rows.is_empty() => print("No programme has a limit across cases.\n"),
        _ => print(&format!("{}\n", listing(&rows.iter().collect::<Vec<_>>()))),
    }
}

/// How limits stand.
pub fn ask(desk: &Desk, context: &Context, query: &LimitsQuery) -> Result<Vec<LimitRow>, Failure> {
    Ok(match desk {
        Desk::Daemon(client) => client.limits(query)?,
        Desk::Log(writer) => answers(writer, context.now()).limits(query)?,
    })
}

/// What of `rows` is exceeded by any of `cases`, by any case where none are named; nothing where nothing is.
pub fn over(rows: &[LimitRow], cases: Option<&BTreeSet<&CaseRef>>) -> Option<Table> {
    let named =
        |row: &&LimitRow| cases.is_none_or(|cases| row.cases.iter().any(|place| cases.contains(&place.case)));
    let over: Vec<_> = rows.iter().filter(|row| row.over > 0).filter(named).collect();
    (!over.is_empty()).then(|| listing(&over))
}

fn listing(rows: &[&LimitRow]) -> Table {
    let mut table = table(&["Limit", "For", "Open", "At most", "Room", "Over", "Cases"]);
    // References are there to be copied: never break one.
    for column in [1, 2, 3, 4, 5] {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for row in rows {
        let held = row.cases.iter().map(|place| format!("{} ({})", place.case, place.since));
        let cases = held.collect::<Vec<_>>().join(", ");
        let cases = if row.cases.is_empty() { "none counts".to_owned() } else { cases };
        let value = row.value.as_ref().map(|value| format!("{} {value}", row.field));
        let over = if row.over == 0 { String::new() } else { row.over.to_string() };
        table.add_row([
            Cell::new(format!("{} ({}, {})", row.title, row.programme, row.limit)),
            Cell::new(value.unwrap_or_default()),
            Cell::new(row.open),
            Cell::new(row.at_most),
            Cell::new(row.room),
            red(Cell::new(over)),
            Cell::new(cases),
        ]);
    }
    table
}

/// The cell in red, on a terminal.
fn red(cell: Cell) -> Cell {
    let plain = !io::stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some();
    if plain { cell } else { cell.fg(Color::Red) }
}
