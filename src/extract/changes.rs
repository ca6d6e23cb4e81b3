//! From what the rows say, and what was said before, to the events to append.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::archive::{Archive, Imported, Said};
use super::fault::shown;
use super::map::{EventMap, ExtractMap};
use super::statements::{Statement, Statements};
use super::{RowFault, Setting, identity};
use crate::calendar::Instant;
use crate::case::{CaseRef, Data, Fault, rfc3339, types};

/// What an extract changes.
#[derive(Debug, Default)]
pub struct Prepared {
    /// The events to append, in the order of the rows.
    pub changes: Vec<Change>,
    /// How many events are in the log already, and read as the rows say.
    pub unchanged: usize,
    /// The lines of events that somebody mended or retracted by hand since, and that stay so: the rows say
    /// nothing new of them.
    pub mended: Vec<usize>,
    /// How many events of earlier extracts this one has no row of. They stay as they are.
    pub absent: usize,
    /// How many rows the map asks nothing of.
    pub passed_over: usize,
    /// The entries of the map that no row is of.
    pub idle: Vec<String>,
}

/// What is done about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Appended,
    /// Its row changed.
    Corrected,
    /// Its row does not say any more that it happened.
    Retracted,
}

/// An event to append, and the row it came of.
#[derive(Debug, Clone)]
pub struct Change {
    /// What it does.
    pub kind: ChangeKind,
    /// The line of the row.
    pub line: usize,
    /// Which entry of the map.
    pub entry: usize,
    /// The case.
    pub case: CaseRef,
    /// The type of the event that is new, corrected or retracted.
    pub event_type: String,
    /// What of it is corrected: `time`, `data`.
    pub parts: Vec<&'static str>,
    /// The event in the JSON event format.
    pub event: Value,
}

impl ChangeKind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Appended => "appended",
            Self::Corrected => "corrected",
            Self::Retracted => "retracted",
        }
    }
}

impl Prepared {
    /// How many changes are of this kind.
    #[must_use]
    pub fn count(&self, kind: ChangeKind) -> usize {
        self.changes.iter().filter(|change| change.kind == kind).count()
    }

    /// The events to append.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.changes.iter().map(|change| change.event.clone()).collect()
    }

    /// What the door says of the event at `index`, said of the row it came of.
    #[must_use]
    pub fn fault(&self, map: &ExtractMap, index: usize, fault: &Fault) -> RowFault {
        let Some(change) = self.changes.get(index) else { return RowFault::of_row(0, fault.to_string()) };
        let inner = fault.field.strip_prefix("data.").filter(|inner| {
            let amended = matches!(inner.split('.').next(), Some("time" | "data"));
            change.kind == ChangeKind::Corrected && amended
        });
        let field = inner.map_or_else(|| fault.field.clone(), str::to_owned);
        let column = match field.as_str() {
            "subject" => Some(map.case.as_str()),
            path => map.events.get(change.entry).and_then(|event| event.column_of(path)),
        };
        let place = column.map(|column| format!(" (column \"{column}\")")).unwrap_or_default();
        RowFault { line: change.line, column: field, reason: format!("{}{place}", fault.reason) }
    }
}

/// Lays what the rows say beside what was said before.
pub(super) fn compare(
    statements: &Statements,
    map: &ExtractMap,
    setting: &Setting<'_>,
    archive: &Archive,
) -> Prepared {
    let mut clerk = Clerk { map, setting, prepared: Prepared::default() };
    let mut touched = HashSet::new();
    for statement in &statements.list {
        let newest = archive.newest(&statement.id);
        touched.extend(newest.map(|(_, event)| &*event.id));
        clerk.settle(statement, newest);
    }
    let mut prepared = clerk.prepared;
    prepared.absent = archive.all_standing().filter(|event| !touched.contains(&*event.id)).count();
    prepared.passed_over = statements.passed_over;
    let entries = map.events.iter().zip(&statements.heard);
    prepared.idle = entries.filter(|(_, heard)| !**heard).map(|(event, _)| event.label()).collect();
    prepared
}

struct Clerk<'a> {
    map: &'a ExtractMap,
    setting: &'a Setting<'a>,
    prepared: Prepared,
}

impl Clerk<'_> {
    fn settle(&mut self, statement: &Statement, newest: Option<(usize, &Imported)>) {
        match (&statement.says, newest) {
            (Some(says), None) => self.append(statement, says, 1),
            (Some(says), Some((generation, event))) => match (&event.said, &event.read) {
                // An extract retracted it: it comes back as an event of its own.
                (None, None) => self.append(statement, says, generation + 1),
                (Some(_), None) => self.prepared.mended.push(statement.line),
                (said, Some(read)) => self.amend(statement, says, event, said.as_ref(), read),
            },
            (None, Some((_, event))) if event.said.is_some() && event.read.is_some() => {
                self.retract(statement, event);
            }
            (None, _) => {}
        }
    }

    fn append(&mut self, statement: &Statement, (time, data): &(Instant, Data), generation: usize) {
        let id = identity::generation_id(&statement.id, generation);
        let event_type = self.event_type(statement);
        let event = self.event(&id, &event_type, &statement.case, *time, data.to_json());
        self.change(ChangeKind::Appended, statement, Vec::new(), event);
    }

    /// A part of the event that the row says anew is corrected; one that it says as before stays as it reads,
    /// whoever mended it.
    fn amend(
        &mut self,
        statement: &Statement,
        (time, data): &(Instant, Data),
        event: &Imported,
        said: Option<&Said>,
        (time_read, data_read): &Said,
    ) {
        let new_time = said.is_none_or(|said| said.0 != *time);
        let new_data = said.is_none_or(|said| *said.1 != *data);
        let (other_time, other_data) = (time_read != time, **data_read != *data);
        if !(new_time && other_time || new_data && other_data) {
            if other_time || other_data {
                self.prepared.mended.push(statement.line);
            } else {
                self.prepared.unchanged += 1;
            }
            return;
        }
        let mut correction = Map::from_iter([("event".to_owned(), json!(&*event.id))]);
        let mut parts = Vec::new();
        if new_time {
            parts.push("time");
            correction.insert("time".to_owned(), json!(rfc3339(*time)));
        }
        if new_data {
            parts.push("data");
            correction.insert("data".to_owned(), data.to_json());
        }
        correction.insert(
            "reason".to_owned(),
            json!(format!("changed in the extract {}", shown(self.setting.name))),
        );
        let id = identity::correction_id(&event.id, event.corrections + 1);
        let event =
            self.event(&id, types::EVENT_CORRECTED, &statement.case, self.setting.now, correction.into());
        self.change(ChangeKind::Corrected, statement, parts, event);
    }

    fn retract(&mut self, statement: &Statement, event: &Imported) {
        let id = identity::retraction_id(&event.id, event.retractions + 1);
        let data = json!({"event": &*event.id, "reason": format!("withdrawn in the extract {}", shown(self.setting.name))});
        let event = self.event(&id, types::EVENT_RETRACTED, &statement.case, self.setting.now, data);
        self.change(ChangeKind::Retracted, statement, Vec::new(), event);
    }

    fn event_type(&self, statement: &Statement) -> String {
        self.map.events.get(statement.entry).map(EventMap::event_type_name).unwrap_or_default()
    }

    fn event(&self, id: &str, event_type: &str, case: &CaseRef, time: Instant, data: Value) -> Value {
        let mut event = json!({
            "specversion": "1.0", "id": id, "source": self.map.source, "type": event_type, "subject": case,
            "time": rfc3339(time),
        });
        if data.as_object().is_some_and(|data| !data.is_empty())
            && let Some(event) = event.as_object_mut()
        {
            event.insert("datacontenttype".to_owned(), json!("application/json"));
            event.insert("data".to_owned(), data);
        }
        event
    }

    fn change(&mut self, kind: ChangeKind, statement: &Statement, parts: Vec<&'static str>, event: Value) {
        let (line, entry, case) = (statement.line, statement.entry, statement.case.clone());
        let event_type = self.event_type(statement);
        self.prepared.changes.push(Change { kind, line, entry, case, event_type, parts, event });
    }
}
