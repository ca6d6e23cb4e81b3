//! A map: which column of an extract means what.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use toml::Spanned;

use super::DateForms;

/// Which events the rows of an extract make.
#[derive(Debug, Clone)]
pub struct ExtractMap {
    /// The `CloudEvents` source of the events: the same from extract to extract.
    pub source: String,
    /// The column with the case reference.
    pub case: String,
    /// What stands before each case reference.
    pub case_prefix: String,
    /// The column with the case system's own name of the row: never twice in an extract, always the same row's.
    pub row: Option<String>,
    /// What stands between two cells.
    pub delimiter: u8,
    /// How dates are written.
    pub dates: DateForms,
    /// The events a row may make.
    pub events: Vec<EventMap>,
}

/// One event that a row may make.
#[derive(Debug, Clone)]
pub struct EventMap {
    /// The event type.
    pub event_type: Spanned<String>,
    /// Tells it from other events of its type with the same key.
    pub name: Option<String>,
    /// The column with its date; in a row in which that is empty there is no such event.
    pub date: String,
    /// The rows it is made of: each column has one of the values.
    pub when: Vec<(String, Vec<String>)>,
    /// The columns that tell it from others of its type in the case.
    pub key: Vec<String>,
    /// Its data.
    pub data: Vec<FieldMap>,
}

/// One field of an event's data.
#[derive(Debug, Clone)]
pub struct FieldMap {
    /// The field.
    pub field: Spanned<String>,
    /// Where its value comes from.
    pub source: FieldSource,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldSource {
    /// It is always the same.
    Constant(Value),
    /// It stands in a column.
    Column {
        /// Which.
        column: String,
        /// How it is written there.
        form: CellForm,
        /// What each word of the case system means; the words themselves, where left out.
        values: Option<BTreeMap<String, Value>>,
        /// Whether an empty cell is a fault.
        required: bool,
    },
}

/// How a value is written in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellForm {
    /// As it is to be recorded.
    Text,
    /// In digits.
    Number,
    /// As yes or no.
    Boolean,
    /// As a date, as the map says dates are written.
    Date,
    /// As several words with this between them.
    List(String),
}

/// The names of the forms, as a map writes them.
pub(super) const FORMS: [&str; 5] = ["text", "number", "boolean", "date", "list"];

impl FromStr for CellForm {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "number" => Ok(Self::Number),
            "boolean" => Ok(Self::Boolean),
            "date" => Ok(Self::Date),
            "list" => Ok(Self::List(",".to_owned())),
            _ => Err(()),
        }
    }
}

impl fmt::Display for CellForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::List(_) => "list",
        })
    }
}

impl EventMap {
    /// What the events of this entry have in common: the type, with the name where there is one.
    #[must_use]
    pub fn label(&self) -> String {
        let event_type = self.event_type.get_ref();
        self.name.as_ref().map_or_else(|| event_type.clone(), |name| format!("{event_type}:{name}"))
    }

    /// Its type.
    pub(super) fn event_type_name(&self) -> String {
        self.event_type.get_ref().clone()
    }

    /// The column that a field of the data, or the time, comes from.
    #[must_use]
    pub fn column_of(&self, path: &str) -> Option<&str> {
        if path == "time" {
            return Some(&self.date);
        }
        let field = path.strip_prefix("data.")?.split('.').next()?;
        self.data.iter().find(|entry| entry.field.get_ref() == field).and_then(FieldMap::column)
    }

    /// Every column it reads.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let when = self.when.iter().map(|(column, _)| column.as_str());
        let key = self.key.iter().map(String::as_str);
        std::iter::once(self.date.as_str())
            .chain(when)
            .chain(key)
            .chain(self.data.iter().filter_map(FieldMap::column))
    }
}

impl FieldMap {
    /// The column it comes from, if it does.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match &self.source {
            FieldSource::Constant(_) => None,
            FieldSource::Column { column, .. } => Some(column),
        }
    }
}

impl ExtractMap {
    /// Every column it reads, each once, in the order of the file.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut columns = vec![self.case.as_str()];
        for column in self.row.as_deref().into_iter().chain(self.events.iter().flat_map(EventMap::columns)) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    }
}
