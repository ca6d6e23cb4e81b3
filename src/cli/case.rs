//! `case show`: what happened in a case, who is there, what is due.

use comfy_table::{Cell, ColumnConstraint, Table};
use serde_json::Value;

use super::context::{Desk, answers};
use super::due::listing;
use super::output::{print, print_json, table};
use super::when::KnownAt;
use super::{Context, Failure, Format};
use crate::api::{CaseFile, CaseQuery, EventRow, HolderRow};
use crate::calendar::{CivilDate, Zone};
use crate::case::CaseRef;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Show its history with positions and corrections, its people, and what is due
    Show(Args),
}

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The case's reference
    case: CaseRef,
    /// The date asked about; today, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    /// As known then. A time, or a date for the end of that day
    #[arg(long, value_name = "TIME")]
    known_at: Option<KnownAt>,
}

pub fn run(context: &Context, command: &Command) -> Result<(), Failure> {
    let Command::Show(Args { case, on, known_at }) = command;
    let zone = context.config()?.settings.reminders.time_zone;
    let query = CaseQuery { on: *on, known_at: known_at.map(|at| at.instant(zone)) };
    let file = match context.desk("stepdown case show")? {
        Desk::Daemon(client) => client.case(case, &query)?,
        Desk::Log(writer) => answers(&writer, context.now()).case(case, &query)?,
    };
    match context.format {
        Format::Json => print_json(&file),
        _ => print(&text(&file, zone)),
    }
}

fn text(file: &CaseFile, zone: Zone) -> String {
    if let Some(erased) = &file.erased {
        let events = match erased.events {
            1 => "1 event was".to_owned(),
            events => format!("{events} events were"),
        };
        return format!("Case {}: erased on {}; {events} in it\n", file.case, erased.on);
    }
    let closed = if file.closed { ", closed" } else { "" };
    let stage = file.stage.as_deref().unwrap_or("in no stage");
    let opened = file.opened_on.map(|on| format!(", opened {on}")).unwrap_or_default();
    let head = format!(
        "Case {}, {} version {}, on {}\n{stage}{opened}{closed}",
        file.case, file.programme, file.policy_version, file.on
    );
    let people = section("People", file.people.is_empty(), "nobody holds a role", || people(&file.people));
    let history =
        section("History", file.events.is_empty(), "nothing had happened", || history(&file.events, zone));
    let due = section("Due", file.due.is_empty(), "nothing", || listing(&file.due));
    format!("{head}\n\n{people}\n{history}\n{due}")
}

fn section(heading: &str, empty: bool, nothing: &str, table: impl Fn() -> Table) -> String {
    if empty { format!("{heading}: {nothing}\n") } else { format!("{heading}\n{}\n", table()) }
}

fn people(people: &[HolderRow]) -> Table {
    let mut table = table(&["Role", "Who", "Since"]);
    for held in people {
        let who = held
            .name
            .as_ref()
            .map_or_else(|| held.person.to_string(), |name| format!("{name} ({})", held.person));
        table.add_row([Cell::new(&held.title), Cell::new(who), Cell::new(held.since)]);
    }
    table
}

fn history(events: &[EventRow], zone: Zone) -> Table {
    let mut table = table(&["No", "On", "What", "Data", "Notes"]);
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for event in events {
        table.add_row([
            Cell::new(event.number),
            Cell::new(event.on),
            Cell::new(&event.event_type),
            Cell::new(fields(&event.data)),
            Cell::new(notes(event, zone).join("; ")),
        ]);
    }
    table
}

/// "by=child-social-worker attendees=a, b".
fn fields(data: &Value) -> String {
    let words =
        data.as_object().into_iter().flatten().map(|(name, value)| format!("{name}={}", plain(value)));
    words.collect::<Vec<_>>().join(" ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// What is to be known of an event besides what happened.
fn notes(event: &EventRow, zone: Zone) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(event.retracted_by.map(|by| format!("RETRACTED by {by}")));
    if let (Some(by), Some(original)) = (event.corrected_by, &event.original) {
        let moved = original.on != event.on;
        let day = moved.then(|| original.on.to_string());
        let time = (!moved && original.time != event.time)
            .then(|| zone.local_time(original.time).format("%H:%M").to_string());
        let data = (original.data != event.data).then(|| fields(&original.data));
        let was: Vec<_> = [day, time, data].into_iter().flatten().collect();
        notes.push(format!("corrected by {by}, was {}", was.join(" ")));
    }
    let recorded = zone.civil_date(event.recorded);
    notes.extend((recorded > event.on).then(|| format!("recorded {recorded}")));
    notes.extend(match (&event.author, &event.recorded_by) {
        (Some(author), Some(who)) if author != who => Some(format!("by {author}, recorded by {who}")),
        (Some(who), _) | (None, Some(who)) => Some(format!("by {who}")),
        (None, None) => None,
    });
    notes.extend(event.reason.clone());
    notes
}
