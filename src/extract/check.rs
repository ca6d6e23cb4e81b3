//! Whether a map fits the event catalogue: before any row is read, and with the place in the map.

use std::collections::BTreeMap;

use serde_json::Value;

use super::map::{CellForm, EventMap, ExtractMap, FieldMap, FieldSource};
use crate::case::{Catalogue, EventKind, types};
use crate::programme::Finding;

impl ExtractMap {
    /// What the event types do not allow, by the `catalogue` of each programme: of the programme that the map names, else
    /// of any that allows it. What none allows is told as the programme has it that most of the map fits.
    #[must_use]
    pub fn check(&self, catalogues: &BTreeMap<&str, &Catalogue>) -> Vec<Finding> {
        let named = self.programme().and_then(|named| catalogues.get(named));
        let asked: Vec<_> = named.map_or_else(|| catalogues.values().collect(), |named| vec![named]);
        let total =
            |catalogue: &Catalogue| self.events.iter().map(|event| event.misfits(catalogue)).sum::<usize>();
        let best = asked.iter().min_by_key(|catalogue| total(catalogue));
        self.events.iter().flat_map(|event| event.check(&asked, best.copied())).collect()
    }

    /// The programme that its cases come under, where it is always the same.
    fn programme(&self) -> Option<&str> {
        let opening = self.events.iter().filter(|event| event.event_type.get_ref() == types::CASE_OPENED);
        let fields = opening.flat_map(|event| &event.data);
        let programme = fields.into_iter().find(|entry| entry.field.get_ref() == "programme")?;
        match &programme.source {
            FieldSource::Constant(value) => value.as_str(),
            FieldSource::Column { .. } => None,
        }
    }
}

/// How many findings a type counts for that a programme does not have: more than any that it has.
const UNKNOWN: usize = 100;

impl EventMap {
    fn misfits(&self, catalogue: &Catalogue) -> usize {
        catalogue.get(self.event_type.get_ref()).map_or(UNKNOWN, |kind| self.findings(kind).len())
    }

    fn check(&self, asked: &[&&Catalogue], best: Option<&&Catalogue>) -> Vec<Finding> {
        let name = self.event_type.get_ref();
        let kinds = || asked.iter().filter_map(|catalogue| catalogue.get(name));
        if kinds().any(|kind| self.findings(kind).is_empty()) {
            return Vec::new();
        }
        let kind = best.and_then(|catalogue| catalogue.get(name)).or_else(|| kinds().next());
        kind.map_or_else(
            || {
                let known = asked.iter().flat_map(|catalogue| catalogue.kinds()).map(|kind| &*kind.name);
                let message = format!("\"{name}\" is not an event type");
                vec![Finding::new(self.event_type.span(), message).suggest(name, known)]
            },
            |kind| self.findings(kind),
        )
    }

    fn findings(&self, kind: &EventKind) -> Vec<Finding> {
        let name = self.event_type.get_ref();
        let needed = kind.schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let missing = needed.filter(|field| !self.data.iter().any(|entry| entry.field.get_ref() == field));
        let missing = missing.map(|field| {
            Finding::new(self.event_type.span(), format!("{name} needs data.{field}"))
                .help(format!("say where it comes from: {field} = {{ column = \"…\" }} under [event.data]"))
        });
        missing.chain(self.data.iter().filter_map(|entry| entry.check(kind))).collect()
    }
}

impl FieldMap {
    fn check(&self, kind: &EventKind) -> Option<Finding> {
        let (field, span) = (self.field.get_ref().as_str(), self.field.span());
        let known = kind.fields();
        if !known.contains(&field) {
            let message = format!("\"{field}\" is not a field of {}", kind.name);
            return Some(Finding::new(span, message).suggest(field, known));
        }
        let FieldSource::Column { form, values, .. } = &self.source else { return None };
        let schema = &kind.schema["properties"][field];
        let fits = match schema["type"].as_str()? {
            "integer" | "number" => CellForm::Number,
            "boolean" => CellForm::Boolean,
            "array" => CellForm::List(String::new()),
            "string" if schema["format"] == "date" => CellForm::Date,
            _ => return None,
        };
        let is_list = matches!(fits, CellForm::List(_));
        let same = std::mem::discriminant(form) == std::mem::discriminant(&fits);
        if same || (values.is_some() && !is_list) {
            return None;
        }
        let message = format!("data.{field} of {} is a {fits}", kind.name);
        Some(Finding::new(span, message).help(format!("say as = \"{fits}\"")))
    }
}
