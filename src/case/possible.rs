//! What an event of a type can hold: for conditions that no event will ever meet.

use jsonschema::error::ValidationErrorKind;
use serde_json::{Value, json};

use super::{Catalogue, EventKind, nearest};

/// Why a condition never holds, and what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Never {
    /// Why.
    pub reason: String,
    /// What may have been meant.
    pub help: Option<String>,
}

impl Never {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: None }
    }
}

impl EventKind {
    /// The schema of a field.
    fn field(&self, field: &str) -> Option<&Value> {
        self.schema.get("properties")?.get(field)
    }

    /// Whether a field is a text of this format, as far as the schema says.
    #[must_use]
    pub fn is_format(&self, field: &str, format: &str) -> bool {
        self.field(field).is_some_and(|schema| schema["format"] == format || schema.get("$ref").is_some())
    }

    /// The fields that are texts of this format.
    #[must_use]
    pub fn fields_of_format(&self, format: &str) -> Vec<&str> {
        self.fields().into_iter().filter(|field| self.is_format(field, format)).collect()
    }

    /// Why no event of this type has a number within these limits in `field`.
    #[must_use]
    pub fn never_within(&self, field: &str, at_least: Option<f64>, at_most: Option<f64>) -> Option<Never> {
        let schema = self.field(field)?;
        if let Some(kind) = schema["type"].as_str().filter(|kind| !["number", "integer"].contains(kind)) {
            return Some(Never::new(format!("\"{field}\" is no number: its schema says {kind}")));
        }
        let limit = |names: [&str; 2]| names.iter().find_map(|name| schema[*name].as_f64());
        let least = limit(["minimum", "exclusiveMinimum"]);
        let most = limit(["maximum", "exclusiveMaximum"]);
        if let Some((wanted, most)) = at_least.zip(most).filter(|(wanted, most)| wanted > most) {
            return Some(Never::new(format!("\"{field}\" is at most {most}, never {wanted} or more")));
        }
        let (wanted, least) = at_most.zip(least).filter(|(wanted, least)| wanted < least)?;
        Some(Never::new(format!("\"{field}\" is at least {least}, never {wanted} or less")))
    }
}

impl Catalogue {
    /// Why no event of the type `kind` has `value` in `field`.
    #[must_use]
    pub fn never_is(&self, kind: &EventKind, field: &str, value: &Value) -> Option<Never> {
        self.refusal(kind, kind.field(field)?, value)
    }

    /// Why no event of the type `kind` has `value` in the list `field`.
    #[must_use]
    pub fn never_contains(&self, kind: &EventKind, field: &str, value: &Value) -> Option<Never> {
        let schema = kind.field(field)?;
        if let Some(kind) = schema["type"].as_str().filter(|kind| *kind != "array") {
            let never = Never::new(format!("\"{field}\" is no list: its schema says {kind}"));
            return Some(Never { help: Some(format!("write {field} = \"…\"")), ..never });
        }
        self.refusal(kind, schema.get("items")?, value)
    }

    fn refusal(&self, kind: &EventKind, schema: &Value, value: &Value) -> Option<Never> {
        // References lead to the definitions of the whole schema.
        let whole =
            json!({ "$defs": kind.schema.get("$defs").cloned().unwrap_or(json!({})), "allOf": [schema] });
        let validator = self.validator(&whole).ok()?;
        let error = validator.iter_errors(value).next()?;
        if let (Some(options), Some(text)) = (schema["enum"].as_array(), value.as_str()) {
            let known: Vec<_> = options.iter().filter_map(Value::as_str).collect();
            let help = only_nearest(text, &known).map(|near| format!("did you mean \"{near}\"?"));
            return Some(Never { reason: format!("\"{text}\" is not one of {}", known.join(", ")), help });
        }
        if let ValidationErrorKind::Type { .. } = error.kind() {
            return Some(of_type(schema, value));
        }
        let reason = self.describe(&error, "", kind).into_iter().next()?.reason;
        Some(match reason.split_once("; ") {
            Some((reason, help)) => Never { reason: reason.to_owned(), help: Some(help.to_owned()) },
            None => Never::new(reason),
        })
    }
}

/// The nearest name, where no other is as near: "2.5" is as near to "2.1" as to "2.4".
fn only_nearest<'a>(wanted: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = nearest(wanted, known.iter().copied())?;
    let distance = |name: &str| strsim::damerau_levenshtein(wanted, name);
    let as_near = known.iter().filter(|name| distance(name) == distance(near)).count();
    (as_near == 1).then_some(near)
}

fn of_type(schema: &Value, value: &Value) -> Never {
    let (kind, help) = match schema["type"].as_str().unwrap_or_default() {
        "boolean" => ("true or false", "write it without quotes"),
        "integer" => ("a whole number", "write it without quotes"),
        "number" => ("a number", "write it without quotes"),
        "string" => ("a text", "write it in quotes"),
        "array" => ("a list", "write { contains = … }"),
        _ => ("of another kind", "look at the schema of the event type"),
    };
    Never { reason: format!("{value} is not {kind}"), help: Some(help.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_never_be_is_told_from_what_can() {
        let mut catalogue = Catalogue::new(["school".to_owned()]);
        let schema = json!({
            "type": "object", "$defs": {"colour": {"enum": ["red", "green"]}},
            "properties": {
                "score": {"type": "integer", "minimum": 0, "maximum": 40}, "colour": {"$ref": "#/$defs/colour"},
                "by": {"type": "string", "format": "role"},
                "who": {"type": "array", "items": {"type": "string", "format": "role"}}
            },
        });
        catalogue.add("seen", &schema.to_string()).expect("a schema");
        let kind = catalogue.get("seen").expect("it is there");
        let is =
            |field: &str, value: Value| catalogue.never_is(kind, field, &value).map(|never| never.reason);
        assert_eq!(is("colour", json!("red")), None);
        assert!(is("colour", json!("blue")).is_some());
        assert_eq!(is("score", json!(40)), None);
        assert!(is("score", json!(41)).is_some() && is("score", json!("4")).is_some());
        assert_eq!(is("by", json!("scool")), Some("\"scool\" is not a role of this programme".to_owned()));
        assert!(catalogue.never_contains(kind, "who", &json!("school")).is_none());
        assert!(catalogue.never_contains(kind, "by", &json!("school")).is_some());
        assert!(kind.never_within("score", Some(40.0), None).is_none());
        assert!(kind.never_within("score", Some(41.0), None).is_some());
        assert!(kind.never_within("by", None, Some(1.0)).is_some());
    }
}
