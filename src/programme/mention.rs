//! What a programme file says of events, to be compared with the catalogue once it is there.

use std::ops::Range;

use serde_json::Value;

use super::{Condition, Finding};
use crate::case::{Catalogue, EventKind, Field, Never};

/// Something the file says of an event type, and where.
#[derive(Debug)]
pub(super) struct Mention {
    pub span: Range<usize>,
    pub event: String,
    pub says: Says,
}

/// What is said.
#[derive(Debug)]
pub(super) enum Says {
    /// There is such a type.
    Type,
    /// It has this field.
    Known { field: String },
    /// It has this field, which is a text of this format.
    Field { field: String, format: &'static str },
    /// It has this field, which is one value: no list, no object.
    Value { field: String },
    /// It has this field, and these conditions may hold of it; with the text in which they stand.
    Conditions { field: String, values: Range<usize>, text: String, conditions: Vec<Condition> },
}

impl Mention {
    pub fn findings(&self, catalogue: &Catalogue) -> Vec<Finding> {
        match (catalogue.get(&self.event), &self.says) {
            (None, Says::Type) if !catalogue.is_broken(&self.event) => vec![self.unknown_type(catalogue)],
            (None, _) | (Some(_), Says::Type) => Vec::new(),
            (Some(kind), Says::Known { field }) => self.unknown_field(kind, field).into_iter().collect(),
            (Some(kind), Says::Field { field, format }) => self
                .unknown_field(kind, field)
                .or_else(|| self.other_format(kind, field, format))
                .into_iter()
                .collect(),
            (Some(kind), Says::Value { field }) => self
                .unknown_field(kind, field)
                .or_else(|| self.many_values(kind, field))
                .into_iter()
                .collect(),
            (Some(kind), Says::Conditions { field, values, text, conditions }) => {
                match self.unknown_field(kind, field) {
                    Some(finding) => vec![finding],
                    None => never(catalogue, kind, field, conditions)
                        .into_iter()
                        .map(|(value, never)| about(place(values, text, value.as_ref()), never))
                        .collect(),
                }
            }
        }
    }

    fn unknown_type(&self, catalogue: &Catalogue) -> Finding {
        let message = format!("\"{}\" is not an event type of this programme", self.event);
        let names = catalogue.kinds().map(|kind| &*kind.name);
        let finding = Finding::new(self.span.clone(), message).suggest(&self.event, names);
        match finding.help.as_deref() {
            Some(help) if help.starts_with("known") => {
                let help = format!("{help}; a new one is a schema file in events/");
                finding.help(help)
            }
            _ => finding,
        }
    }

    fn unknown_field(&self, kind: &EventKind, field: &str) -> Option<Finding> {
        let known = kind.fields();
        if known.contains(&field) {
            return None;
        }
        let message = format!("\"{field}\" is not a field of {}", self.event);
        let finding = Finding::new(self.span.clone(), message);
        Some(if known.is_empty() { finding.help("it has none") } else { finding.suggest(field, known) })
    }

    fn many_values(&self, kind: &EventKind, field: &str) -> Option<Finding> {
        let fields = kind.described_fields();
        let is_one = |known: &Field| !known.list && known.json_type.as_deref() != Some("object");
        if fields.iter().any(|known| known.name == field && is_one(known)) {
            return None;
        }
        let message = format!("\"{field}\" of {} is not one value", self.event);
        let others: Vec<_> = fields.iter().filter(|known| is_one(known)).map(|known| &*known.name).collect();
        let help = match others.is_empty() {
            true => format!("{} has no field that is a text, a number, or true or false", self.event),
            false => format!("fields that are: {}", others.join(", ")),
        };
        Some(Finding::new(self.span.clone(), message).help(help))
    }

    fn other_format(&self, kind: &EventKind, field: &str, format: &str) -> Option<Finding> {
        if kind.is_format(field, format) {
            return None;
        }
        let message = format!("\"{field}\" of {} is no {format}", self.event);
        let finding = Finding::new(self.span.clone(), message);
        let others = kind.fields_of_format(format);
        Some(if others.is_empty() {
            finding.help(format!("{} has no field that is a {format}", self.event))
        } else {
            finding.help(format!("{format} fields: {}", others.join(", ")))
        })
    }
}

/// Each part of the conditions that no event meets: the value it is about, where it is about one.
fn never(
    catalogue: &Catalogue,
    kind: &EventKind,
    field: &str,
    conditions: &[Condition],
) -> Vec<(Option<Value>, Never)> {
    let is = |value: &Value| Some((Some(value.clone()), catalogue.never_is(kind, field, value)?));
    let found = conditions.iter().flat_map(|condition| match condition {
        Condition::Equals(value) => is(value).into_iter().collect(),
        Condition::OneOf(values) => values.iter().filter_map(is).collect(),
        Condition::Contains(value) => {
            let never = catalogue.never_contains(kind, field, value);
            never.map(|never| (Some(value.clone()), never)).into_iter().collect()
        }
        Condition::AtLeast(limit) => within(kind.never_within(field, Some(*limit), None)),
        Condition::AtMost(limit) => within(kind.never_within(field, None, Some(*limit))),
    });
    found.collect()
}

fn within(never: Option<Never>) -> Vec<(Option<Value>, Never)> {
    never.map(|never| (None, never)).into_iter().collect()
}

fn about(span: Range<usize>, never: Never) -> Finding {
    let finding = Finding::new(span, format!("this never holds: {}", never.reason));
    match never.help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// Where `value` stands in `text`, which stands at `whole`; else the whole.
fn place(whole: &Range<usize>, text: &str, value: Option<&Value>) -> Range<usize> {
    let written = value.map(ToString::to_string);
    let found = written.and_then(|written| Some((text.find(&written)?, written.len())));
    found.map_or_else(|| whole.clone(), |(at, length)| whole.start + at..whole.start + at + length)
}
