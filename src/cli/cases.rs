//! `cases`: which cases there are, and how each stands.

use comfy_table::{Cell, ColumnConstraint};

use super::context::{Desk, answers};
use super::output::{print, print_json, table};
use super::{Context, Failure, Format};
use crate::api::{CaseRow, CasesQuery};
use crate::calendar::CivilDate;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The date asked about; today, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    /// Those with something overdue only
    #[arg(long)]
    overdue: bool,
    /// Closed and erased ones too
    #[arg(long)]
    all: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let query = CasesQuery { on: args.on, overdue: args.overdue, all: args.all };
    let rows = match context.desk("stepdown cases")? {
        Desk::Daemon(client) => client.cases(&query)?,
        Desk::Log(writer) => answers(&writer, context.now()).cases(&query)?,
    };
    match context.format {
        Format::Json => print_json(&rows),
        _ if rows.is_empty() => print("There is no such case.\n"),
        _ => print(&format!("{}\n", listing(&rows))),
    }
}

fn listing(rows: &[CaseRow]) -> comfy_table::Table {
    let mut table = table(&["Case", "Stage", "Opened", "Overdue", "Open", "Act by", "Next"]);
    // A reference and a date are there to be copied: never break them.
    for column in [0, 2, 5] {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let day = |date: Option<CivilDate>| date.map(|date| date.to_string()).unwrap_or_default();
    for row in rows {
        table.add_row([
            Cell::new(&row.case),
            Cell::new(
                row.erased_on
                    .map_or_else(|| row.stage.clone().unwrap_or_default(), |on| format!("erased on {on}")),
            ),
            Cell::new(day(row.opened_on)),
            Cell::new(row.overdue),
            Cell::new(row.open),
            Cell::new(day(row.next_due)),
            Cell::new(row.next_due_title.as_deref().unwrap_or_default()),
        ]);
    }
    table
}
