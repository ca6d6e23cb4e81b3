//! From the notation to the map, with every finding tied to the text it is about.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use serde_json::{Number, Value as Json};
use toml::{Spanned, Value};

use super::DateForms;
use super::dates::ISO;
use super::map::{CellForm, EventMap, ExtractMap, FORMS, FieldMap, FieldSource};
use super::notation::{RawEvent, RawField, RawMap, Text};
use crate::case::{RoleId, types};
use crate::programme::{Finding, recover, stands_in};

/// Reads a map. [`ExtractMap::check`] then compares it with the event catalogue.
///
/// # Errors
/// Every finding.
pub fn read_map(text: &[u8]) -> Result<ExtractMap, Vec<Finding>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let text = std::str::from_utf8(text).map_err(|error| {
        let at = error.valid_up_to();
        vec![Finding::new(at..at, "is not UTF-8 from here on").help("save the map as UTF-8")]
    })?;
    let recovered = recover::<RawMap>(text, &[]);
    let mut reader = Reader::default();
    let map = recovered.value.and_then(|raw| reader.map(raw));
    let mut findings = reader.findings;
    findings.retain(|finding| !stands_in(&finding.span, text));
    findings.extend(recovered.findings);
    match map {
        Some(map) if findings.is_empty() => Ok(map),
        _ => Err(findings),
    }
}

/// Collects findings while it builds the model; `None` means a finding was made.
#[derive(Default)]
struct Reader {
    findings: Vec<Finding>,
}

impl Reader {
    fn refuse<T>(&mut self, finding: Finding) -> Option<T> {
        self.findings.push(finding);
        None
    }

    fn named(&mut self, text: &Text, what: &str) -> Option<String> {
        if text.get_ref().trim().is_empty() {
            return self.refuse(Finding::new(text.span(), format!("{what} is empty")));
        }
        Some(text.get_ref().trim().to_owned())
    }

    fn column(&mut self, text: &Text) -> Option<String> {
        self.named(text, "the name of the column")
    }

    fn map(&mut self, raw: RawMap) -> Option<ExtractMap> {
        let source = self.named(&raw.source, "source");
        let case = self.column(&raw.case);
        let row = raw.row.as_ref().map(|row| self.column(row));
        let delimiter = raw.delimiter.as_ref().map_or(Some(b','), |text| self.delimiter(text));
        let dates = self.dates(raw.dates.as_ref());
        if raw.event.is_empty() {
            self.findings
                .push(Finding::new(0..0, "there is no [[event]]").help("say which events a row makes"));
        }
        let has_row = row.is_some();
        self.alike(&raw.event, has_row);
        let events: Vec<_> = raw.event.into_iter().map(|event| self.event(event, has_row)).collect();
        Some(ExtractMap {
            source: source?,
            case: case?,
            case_prefix: raw.case_prefix,
            row: row.map_or(Some(None), |row| row.map(Some))?,
            delimiter: delimiter?,
            dates: dates?,
            events: events.into_iter().collect::<Option<_>>()?,
        })
    }

    fn delimiter(&mut self, text: &Text) -> Option<u8> {
        match text.get_ref().as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) => Some(*byte),
            _ => {
                let message = format!("{:?} is not a delimiter", text.get_ref());
                self.refuse(
                    Finding::new(text.span(), message).help("write one character: \",\", \";\" or \"\\t\""),
                )
            }
        }
    }

    fn dates(&mut self, patterns: Option<&Spanned<Value>>) -> Option<DateForms> {
        let Some(patterns) = patterns else { return DateForms::new(ISO).ok() };
        let words = self.words(patterns)?;
        DateForms::new(words.iter().map(String::as_str))
            .map_err(|error| self.findings.push(Finding::new(patterns.span(), error.to_string())))
            .ok()
    }

    /// One text, or a list of several.
    fn words(&mut self, value: &Spanned<Value>) -> Option<Vec<String>> {
        let words = match value.get_ref() {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(items) if !items.is_empty() => {
                items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
            }
            _ => None,
        };
        if words.is_none() {
            self.findings.push(Finding::new(value.span(), "is neither a text nor a list of texts"));
        }
        words
    }

    /// Two entries of one type that nothing tells apart would make one event of two.
    fn alike(&mut self, events: &[RawEvent], has_row: bool) {
        let mut seen: HashMap<(&str, Option<&str>), Range<usize>> = HashMap::new();
        for event in events.iter().filter(|event| !has_row && event.key.is_none()) {
            let name = event.name.as_ref().map(|name| name.get_ref().as_str());
            let span = event.event_type.span();
            if seen.insert((event.event_type.get_ref(), name), span.clone()).is_some() {
                let message = format!("a case would have one {} of two entries", event.event_type.get_ref());
                let help = "give each a name of its own, such as name = \"first\", or a key";
                self.findings.push(Finding::new(span, message).help(help));
            }
        }
    }

    fn event(&mut self, raw: RawEvent, has_row: bool) -> Option<EventMap> {
        let event_type = self.event_type(&raw.event_type);
        let name = raw.name.as_ref().map(|name| self.name(name));
        let date = self.column(&raw.date);
        let when: Vec<_> = raw
            .when
            .iter()
            .map(|(column, values)| Some((self.column(column)?, self.words(values)?)))
            .collect();
        if let Some(key) = raw.key.as_ref().filter(|key| has_row || key.get_ref().is_empty()) {
            let (message, help) = if has_row {
                ("the row already says which event it is", "leave out the key, or the map's row")
            } else {
                ("a key has columns", "leave it out where a case has one such event")
            };
            self.findings.push(Finding::new(key.span(), message).help(help));
        }
        let key: Vec<_> =
            raw.key.iter().flat_map(Spanned::get_ref).map(|column| self.column(column)).collect();
        let data: Vec<_> = raw.data.into_iter().map(|(field, raw)| self.field(field, raw)).collect();
        Some(EventMap {
            event_type: event_type?,
            name: name.map_or(Some(None), |name| name.map(Some))?,
            date: date?,
            when: when.into_iter().collect::<Option<_>>()?,
            key: key.into_iter().collect::<Option<_>>()?,
            data: data.into_iter().collect::<Option<_>>()?,
        })
    }

    fn event_type(&mut self, text: &Text) -> Option<Text> {
        let name = text.get_ref();
        if matches!(name.as_str(), types::EVENT_CORRECTED | types::EVENT_RETRACTED) {
            let help =
                "a row that changed becomes a correction by itself, one whose date was emptied a retraction";
            return self
                .refuse(Finding::new(text.span(), format!("{name} is not read from an extract")).help(help));
        }
        self.name(text).map(|_| text.clone())
    }

    /// A word that ids are made with.
    fn name(&mut self, text: &Text) -> Option<String> {
        // The rule for names is the same everywhere; that for a role stands for it.
        if let Ok(name) = text.get_ref().parse::<RoleId>() {
            return Some(name.to_string());
        }
        let message = format!("{:?} is not a name", text.get_ref());
        let help = "use up to 64 letters, digits, \"-\", \".\" and \"_\", starting with a letter or digit";
        self.refuse(Finding::new(text.span(), message).help(help))
    }

    fn field(&mut self, field: Text, raw: Spanned<RawField>) -> Option<FieldMap> {
        let span = raw.span();
        let raw = raw.into_inner();
        let source = match (&raw.value, &raw.column) {
            (Some(value), None) => {
                let foreign =
                    raw.values.is_some() || raw.form.is_some() || raw.separator.is_some() || raw.required;
                if foreign {
                    return self.refuse(Finding::new(span, "a constant needs no more than its value"));
                }
                FieldSource::Constant(self.constant(value.span(), value.get_ref())?)
            }
            (None, Some(column)) => self.cell(column, &raw)?,
            _ => {
                let help = "write { column = \"…\" } or { value = … }";
                return self
                    .refuse(Finding::new(span, "a field has a column or a value, one of them").help(help));
            }
        };
        Some(FieldMap { field, source })
    }

    fn cell(&mut self, column: &Text, raw: &RawField) -> Option<FieldSource> {
        let column = self.column(column);
        let form = raw.form.as_ref().map_or(Some(CellForm::Text), |text| self.form(text));
        let form = self.separated(form?, raw.separator.as_ref())?;
        let values = raw.values.as_ref().map(|values| self.values(values));
        if let (Some(values), CellForm::Number | CellForm::Boolean | CellForm::Date) = (&raw.values, &form) {
            let message = format!("values say what a cell means, as = \"{form}\" says so too");
            self.findings.push(Finding::new(values.span(), message).help("leave out one of them"));
        }
        let values = values.map_or(Some(None), |values| values.map(Some))?;
        Some(FieldSource::Column { column: column?, form, values, required: raw.required })
    }

    fn form(&mut self, text: &Text) -> Option<CellForm> {
        let name = text.get_ref();
        name.parse()
            .map_err(|()| {
                let finding = Finding::new(text.span(), format!("\"{name}\" is not a form of a cell"));
                self.findings.push(finding.suggest(name, FORMS));
            })
            .ok()
    }

    fn separated(&mut self, form: CellForm, separator: Option<&Text>) -> Option<CellForm> {
        match (form, separator) {
            (form, None) => Some(form),
            (CellForm::List(_), Some(text)) if !text.get_ref().is_empty() => {
                Some(CellForm::List(text.get_ref().clone()))
            }
            (CellForm::List(_), Some(text)) => {
                self.refuse(Finding::new(text.span(), "the separator is empty"))
            }
            (_, Some(text)) => {
                let finding = Finding::new(text.span(), "a separator stands between the words of a list");
                self.refuse(finding.help("say as = \"list\" too, or leave it out"))
            }
        }
    }

    fn values(&mut self, raw: &Spanned<BTreeMap<String, Spanned<Value>>>) -> Option<BTreeMap<String, Json>> {
        if raw.get_ref().is_empty() {
            return self.refuse(Finding::new(raw.span(), "there are no values"));
        }
        let values: Vec<_> = raw
            .get_ref()
            .iter()
            .map(|(word, value)| {
                Some((word.trim().to_owned(), self.constant(value.span(), value.get_ref())?))
            })
            .collect();
        values.into_iter().collect()
    }

    fn constant(&mut self, span: Range<usize>, value: &Value) -> Option<Json> {
        let json = match value {
            Value::String(text) => Some(Json::from(text.as_str())),
            Value::Integer(number) => Some(Json::from(*number)),
            Value::Float(number) => Number::from_f64(*number).map(Json::Number),
            Value::Boolean(truth) => Some(Json::from(*truth)),
            Value::Datetime(date) => Some(Json::from(date.to_string())),
            Value::Array(items) => items
                .iter()
                .map(|item| item.as_str().map(Json::from))
                .collect::<Option<Vec<_>>>()
                .map(Json::Array),
            Value::Table(_) => None,
        };
        if json.is_none() {
            let finding = Finding::new(span, "is no value of an event's data");
            self.findings.push(finding.help("write a text, a number, true, false, or a list of texts"));
        }
        json
    }
}
