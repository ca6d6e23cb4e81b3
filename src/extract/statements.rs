//! What each row says of each event it may make.

use std::collections::HashMap;

use chrono::NaiveTime;

use super::RowFault;
use super::archive::Archive;
use super::cell;
use super::fault::shown;
use super::identity::{self, Mark};
use super::map::{EventMap, ExtractMap};
use super::table::{Row, Table};
use crate::calendar::{Instant, Zone};
use crate::case::{CaseRef, Data};

/// What a row says of one event.
pub(super) struct Statement {
    /// The id of the event as it comes first.
    pub id: String,
    pub case: CaseRef,
    /// Which entry of the map.
    pub entry: usize,
    /// The line of the row.
    pub line: usize,
    /// When it happened, and what; nothing where the row says that it did not.
    pub says: Option<(Instant, Data)>,
}

/// What all rows say: no event twice.
#[derive(Default)]
pub(super) struct Statements {
    pub list: Vec<Statement>,
    /// How many rows no entry of the map asks for.
    pub passed_over: usize,
    /// For each entry of the map, whether any row is of it.
    pub heard: Vec<bool>,
}

/// Reads every row.
///
/// # Errors
/// Every fault of every row.
pub(super) fn read(
    table: &Table,
    map: &ExtractMap,
    zone: Zone,
    archive: &Archive,
) -> Result<Statements, Vec<RowFault>> {
    let found = Statements { heard: vec![false; map.events.len()], ..Statements::default() };
    let labels = map.events.iter().map(EventMap::label).collect();
    let mut reader = Reader {
        table,
        map,
        zone,
        archive,
        labels,
        found,
        places: HashMap::new(),
        named: HashMap::new(),
        faults: Vec::new(),
    };
    for row in &table.rows {
        reader.row(row);
    }
    if reader.faults.is_empty() { Ok(reader.found) } else { Err(reader.faults) }
}

struct Reader<'a> {
    table: &'a Table,
    map: &'a ExtractMap,
    zone: Zone,
    archive: &'a Archive,
    labels: Vec<String>,
    found: Statements,
    /// Where the statement on an event stands in the list.
    places: HashMap<String, usize>,
    /// The rows by the case system's name for them.
    named: HashMap<&'a str, &'a Row>,
    faults: Vec<RowFault>,
}

impl<'a> Reader<'a> {
    fn fault(&mut self, row: &Row, column: &str, reason: impl Into<String>) {
        self.faults.push(RowFault::of_cell(row.line, column, reason));
    }

    fn row(&mut self, row: &'a Row) {
        let map = self.map;
        let asked: Vec<bool> = map.events.iter().map(|event| self.asks_for(event, row)).collect();
        let nobody_asks = !asked.contains(&true);
        self.found.passed_over += usize::from(nobody_asks);
        let named = map.row.as_deref().map(|column| (column, self.table.cell(row, column)));
        // A row that changed its kind takes back what it said before; that needs a name to know it by.
        if nobody_asks && named.is_none_or(|(_, name)| name.is_empty()) {
            return;
        }
        let case = match self.case(row) {
            Ok(case) => case,
            Err(_) if nobody_asks => return,
            Err(reason) => return self.fault(row, &map.case, reason),
        };
        if let Some((column, name)) = named
            && !self.is_the_only_one(row, column, name, &case)
        {
            return;
        }
        for (entry, (event, asked)) in map.events.iter().zip(asked).enumerate() {
            if asked && let Some(heard) = self.found.heard.get_mut(entry) {
                *heard = true;
            }
            if asked || named.is_some() {
                self.event(row, entry, event, &case, asked);
            }
        }
    }

    fn asks_for(&self, event: &EventMap, row: &Row) -> bool {
        event.when.iter().all(|(column, values)| {
            let cell = self.table.cell(row, column);
            values.iter().any(|value| value == cell)
        })
    }

    fn case(&self, row: &Row) -> Result<CaseRef, String> {
        let cell = self.table.cell(row, &self.map.case);
        if cell.is_empty() {
            return Err("is empty; every row names its case".to_owned());
        }
        format!("{}{cell}", self.map.case_prefix)
            .parse()
            .map_err(|error: crate::case::IdError| error.to_string())
    }

    /// Whether this is the row of its name: no other one in the extract, and of the same case as ever.
    fn is_the_only_one(&mut self, row: &'a Row, column: &str, name: &'a str, case: &CaseRef) -> bool {
        if name.is_empty() {
            self.fault(row, column, "is empty; it says which row this is");
            return false;
        }
        if let Some(earlier) = self.named.insert(name, row) {
            let columns = self.map.columns();
            if columns.iter().any(|column| self.table.cell(row, column) != self.table.cell(earlier, column)) {
                let reason = format!(
                    "\"{}\" stands on line {} too, with other content; a row's name stands once in an extract",
                    shown(name),
                    earlier.line
                );
                self.fault(row, column, reason);
            }
            return false;
        }
        let mark = Mark::of(&self.map.source, [name]);
        let moved = self.archive.standing(&mark).find(|event| event.case != *case);
        let reason = moved.map(|event| {
            format!(
                "row \"{}\" was imported as event \"{}\" of case {}; if it is of case {case}, append an event-retracted of that event first",
                shown(name), event.id, event.case
            )
        });
        if let Some(reason) = reason {
            self.fault(row, &self.map.case, reason);
            return false;
        }
        true
    }

    fn event(&mut self, row: &Row, entry: usize, event: &EventMap, case: &CaseRef, asked: bool) {
        let map = self.map;
        let cell = if asked { self.table.cell(row, &event.date) } else { "" };
        let columns: Vec<&str> = map
            .row
            .as_deref()
            .map_or_else(|| event.key.iter().map(String::as_str).collect(), |row| vec![row]);
        let empty = columns.iter().find(|column| self.table.cell(row, column).is_empty());
        if let Some(column) = empty {
            if !cell.is_empty() {
                self.fault(
                    row,
                    column,
                    "is empty; it is part of the key, which tells one event from another",
                );
            }
            return;
        }
        let label = self.labels.get(entry).map_or("", String::as_str);
        let mark = Mark::of(&map.source, columns.iter().map(|column| self.table.cell(row, column)));
        let id = identity::event_id(case, label, &mark);
        let says = if cell.is_empty() {
            None
        } else {
            let before = self.faults.len();
            let time = self.time(row, &event.date, cell);
            let data = cell::data(&event.data, &map.dates, self.table, row, &mut self.faults);
            match time {
                Some(time) if self.faults.len() == before => Some((time, Data::from(data))),
                _ => return,
            }
        };
        self.take(Statement { id, case: case.clone(), entry, line: row.line, says });
    }

    /// A day means its beginning; a time of day that the clocks never showed is a fault.
    fn time(&mut self, row: &Row, column: &str, cell: &str) -> Option<Instant> {
        let time = match self.map.dates.read(cell) {
            Ok((date, None)) => Ok(self.zone.instant_due(date, NaiveTime::MIN)),
            Ok((date, Some(time))) => self
                .zone
                .instant_given(date, time)
                .map_err(|error| format!("{error}; give the time an hour later or earlier")),
            Err(reason) => Err(reason),
        };
        time.map_err(|reason| self.fault(row, column, reason)).ok()
    }

    /// One event has one statement: what says that it happened stands before what does not.
    fn take(&mut self, statement: Statement) {
        let Some(earlier) = self.places.get(&statement.id).and_then(|place| self.found.list.get_mut(*place))
        else {
            self.places.insert(statement.id.clone(), self.found.list.len());
            self.found.list.push(statement);
            return;
        };
        match (&earlier.says, &statement.says) {
            (None, Some(_)) => *earlier = statement,
            (Some(one), Some(other)) if one != other => {
                let event_type =
                    self.map.events.get(statement.entry).map_or("", |event| event.event_type.get_ref());
                let reason = format!(
                    "says otherwise than line {} of the same event, {event_type} of case {}; let the map's key name the columns that tell one from the other, or mend the extract",
                    earlier.line, statement.case
                );
                self.faults.push(RowFault::of_row(statement.line, reason));
            }
            _ => {}
        }
    }
}
