//! Whether a map fits the event catalogue: before any row is read, and with the place in the map.

use serde_json::Value;

use super::map::{CellForm, EventMap, ExtractMap, FieldMap, FieldSource};
use crate::case::{Catalogue, EventKind};
use crate::programme::Finding;

impl ExtractMap {
    /// What the event types of `catalogues` do not allow.
    #[must_use]
    pub fn check(&self, catalogues: &[&Catalogue]) -> Vec<Finding> {
        self.events.iter().flat_map(|event| event.check(catalogues)).collect()
    }
}

impl EventMap {
    fn check(&self, catalogues: &[&Catalogue]) -> Vec<Finding> {
        let name = self.event_type.get_ref();
        let Some(kind) = catalogues.iter().find_map(|catalogue| catalogue.get(name)) else {
            let known = catalogues.iter().flat_map(|catalogue| catalogue.kinds()).map(|kind| &*kind.name);
            let message = format!("\"{name}\" is not an event type");
            return vec![Finding::new(self.event_type.span(), message).suggest(name, known)];
        };
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
