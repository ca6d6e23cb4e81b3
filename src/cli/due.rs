//! `due`: what is due.

use std::collections::BTreeSet;

use comfy_table::{Cell, ColumnConstraint};

use super::context::{Desk, answers};
use super::limits;
use super::output::{print, print_json, status_cell, table};
use super::when::KnownAt;
use super::{Context, Failure, Format};
use crate::api::answer;
use crate::api::{DueQuery, LimitsQuery, ObligationRow};
use crate::calendar::CivilDate;
use crate::case::{CaseRef, PersonId, RoleId};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The date asked about; today, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    /// As known then: events recorded later are left out. A time, or a date for the end of that day
    #[arg(long, value_name = "TIME")]
    known_at: Option<KnownAt>,
    /// Of this case only
    #[arg(long)]
    case: Option<CaseRef>,
    /// Owned by this role only
    #[arg(long)]
    role: Option<RoleId>,
    /// Owned by this person only
    #[arg(long)]
    person: Option<PersonId>,
    /// How many days ahead to list what is scheduled
    #[arg(long, value_name = "DAYS", default_value_t = answer::HORIZON)]
    horizon: u16,
    /// Cancelled ones too
    #[arg(long)]
    all: bool,
}

pub fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let query = DueQuery {
        on: args.on,
        known_at: context.known_at(args.known_at)?,
        case: args.case,
        role: args.role,
        person: args.person,
        horizon: Some(args.horizon),
        all: args.all,
    };
    let desk = context.desk("stepdown due")?;
    let rows = match &desk {
        Desk::Daemon(client) => client.due(&query)?,
        Desk::Log(writer) => answers(writer, context.now()).due(&query)?,
    };
    if matches!(context.format, Format::Json) {
        return print_json(&rows);
    }
    print(&over(&desk, context, &query, &rows)?)?;
    match rows.is_empty() {
        true => print("Nothing is due.\n"),
        false => print(&format!("{}\n", listing(&rows))),
    }
}

/// The limits across cases that are exceeded and that the list has to do with: all of them, or those of its cases.
fn over(desk: &Desk, context: &Context, query: &DueQuery, rows: &[ObligationRow]) -> Result<String, Failure> {
    let asked = LimitsQuery { on: query.on, known_at: query.known_at, programme: None };
    let limits = limits::ask(desk, context, &asked)?;
    let all = query.case.is_none() && query.role.is_none() && query.person.is_none();
    let cases: BTreeSet<_> = rows.iter().map(|row| &row.case).chain(&query.case).collect();
    let over = limits::over(&limits, (!all).then_some(&cases));
    Ok(over.map(|over| format!("Over a limit\n\n{over}\n\n")).unwrap_or_default())
}

pub fn listing(rows: &[ObligationRow]) -> comfy_table::Table {
    let mut table = table(&["Act by", "Deadline", "Status", "What", "Who", "Occurrence"]);
    // An occurrence is there to be copied: never break it. What is to be done comes first.
    table.set_constraints([(); 6].map(|()| ColumnConstraint::ContentWidth));
    if let Some(what) = table.column_mut(3) {
        what.remove_constraint();
    }
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|row| (row.status, row.due_on, row.deadline));
    for row in rows {
        let done = row.done_on.map(|on| format!(" ({on})")).unwrap_or_default();
        let who = row.owner.as_ref().map_or_else(|| row.owner_role.to_string(), ToString::to_string);
        table.add_row([
            Cell::new(row.due_on),
            Cell::new(row.deadline),
            status_cell(row.status),
            Cell::new(format!("{}{done}", row.title)),
            Cell::new(who),
            Cell::new(&row.occurrence),
        ]);
    }
    table
}
