//! The event catalogue: which event types a programme knows, and what data each carries.
//!
//! It is data (`events/`): one JSON Schema (draft 2020-12) per event type. Besides the standard
//! keywords it uses the formats `role`, `area`, `period`, `person`, `event-id` and `occurrence`, and the
//! keyword `x-not-before` (`{"moves_on": "starts_on"}`: the first date is not before the second).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError, Validator};
use serde_json::{Map, Value};
use thiserror::Error;

use super::{EventId, Fault, OccurrenceName, PersonId, types};
use crate::calendar::Period;

/// One event type.
#[derive(Debug)]
pub struct EventKind {
    /// Its name.
    pub name: Arc<str>,
    /// The schema of its data, as the file has it.
    pub schema: Value,
    validator: Validator,
}

/// The event types of one programme.
#[derive(Debug, Default)]
pub struct Catalogue {
    kinds: BTreeMap<Arc<str>, EventKind>,
    /// Those whose schema is at fault: they are known, and nothing is known of them.
    broken: BTreeSet<String>,
    pub(super) roles: Arc<BTreeSet<String>>,
    areas: Arc<BTreeSet<String>>,
}

/// Why a schema cannot be used.
#[derive(Debug, Error)]
pub enum CatalogueError {
    /// The file is not JSON.
    #[error("is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The file is not a JSON Schema.
    #[error("is not a JSON Schema: {reason}")]
    Schema {
        /// The JSON pointer to what is at fault.
        pointer: String,
        /// Why.
        reason: String,
    },
}

/// The names nearest to `wanted`, for "did you mean".
pub(crate) fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(wanted, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}

/// `known` as a hint: the nearest name, or all of them where none is near.
pub(crate) fn hint<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(wanted, known.clone()) {
        Some(name) => format!("did you mean \"{name}\"?"),
        None => format!("known: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

impl Catalogue {
    /// An empty catalogue for a programme with these roles.
    #[must_use]
    pub fn new(roles: impl IntoIterator<Item = String>) -> Self {
        Self { roles: Arc::new(roles.into_iter().collect()), ..Self::default() }
    }

    /// The same for a programme that works in these areas; to be said before any type is added.
    #[must_use]
    pub fn with_areas(self, areas: impl IntoIterator<Item = String>) -> Self {
        Self { areas: Arc::new(areas.into_iter().collect()), ..self }
    }

    /// Adds the event type `name` with the schema `text`; a later one of the same name replaces it.
    ///
    /// # Errors
    /// When the text is not JSON or not a schema.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), CatalogueError> {
        let built = self.build(text);
        if built.is_err() {
            self.broken.insert(name.to_owned());
        }
        let (schema, validator) = built?;
        let name: Arc<str> = name.into();
        self.kinds.insert(Arc::clone(&name), EventKind { name, schema, validator });
        Ok(())
    }

    fn build(&self, text: &str) -> Result<(Value, Validator), CatalogueError> {
        let schema = serde_json::from_str(text)?;
        let validator = self.validator(&schema)?;
        Ok((schema, validator))
    }

    pub(super) fn validator(&self, schema: &Value) -> Result<Validator, CatalogueError> {
        let (roles, areas) = (Arc::clone(&self.roles), Arc::clone(&self.areas));
        jsonschema::draft202012::options()
            .should_validate_formats(true)
            .with_format("role", move |text: &str| roles.contains(text))
            .with_format(types::AREA, move |text: &str| areas.contains(text))
            .with_format("period", |text: &str| text.parse::<Period>().is_ok_and(|period| !period.is_zero()))
            .with_format("person", |text: &str| text.parse::<PersonId>().is_ok())
            .with_format("event-id", |text: &str| text.parse::<EventId>().is_ok())
            .with_format("occurrence", |text: &str| text.parse::<OccurrenceName>().is_ok())
            .with_keyword("x-not-before", not_before)
            .build(schema)
            .map_err(|error| CatalogueError::Schema {
                pointer: error.instance_path().as_str().to_owned(),
                reason: error.to_string(),
            })
    }

    /// Whether a schema of this name was given that cannot be used.
    #[must_use]
    pub fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }

    /// The event type of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&EventKind> {
        self.kinds.get(name)
    }

    /// Every event type, by name.
    pub fn kinds(&self) -> impl Iterator<Item = &EventKind> {
        self.kinds.values()
    }

    /// What is wrong with `data` as the data of an event of the type `name`; fields start with `at`.
    #[must_use]
    pub fn faults(&self, name: &str, data: &Value, at: &str) -> Vec<Fault> {
        let Some(kind) = self.get(name) else {
            let names = self.kinds.keys().map(|known| &**known);
            let hint =
                nearest(name, names).map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
            return vec![Fault::new(
                "type",
                format!("\"{name}\" is not an event type of this programme{hint}"),
            )];
        };
        if kind.validator.is_valid(data) {
            return Vec::new();
        }
        kind.validator.iter_errors(data).flat_map(|error| self.describe(&error, at, kind)).collect()
    }

    pub(super) fn describe(&self, error: &ValidationError<'_>, at: &str, kind: &EventKind) -> Vec<Fault> {
        let path = error.instance_path().as_str().replace('/', ".");
        let fault = |reason: String| vec![Fault::new(format!("{at}{path}"), reason)];
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = kind.fields();
                unexpected
                    .iter()
                    .map(|name| {
                        let hint = if known.is_empty() {
                            "it has none".to_owned()
                        } else {
                            hint(name, known.iter().copied())
                        };
                        Fault::new(
                            format!("{at}{path}.{name}"),
                            format!("is no field of {}; {hint}", kind.name),
                        )
                    })
                    .collect()
            }
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                vec![Fault::new(format!("{at}{path}.{name}"), format!("is missing; {} needs it", kind.name))]
            }
            ValidationErrorKind::Format { format } => {
                let text = error.instance().as_str().unwrap_or_default().to_owned();
                fault(match &**format {
                    "role" => format!(
                        "\"{text}\" is not a role of this programme; {}",
                        hint(&text, self.roles.iter().map(String::as_str))
                    ),
                    types::AREA if self.areas.is_empty() => {
                        format!("\"{text}\" is not an area of this programme; it has none")
                    }
                    types::AREA => format!(
                        "\"{text}\" is not an area of this programme; {}",
                        hint(&text, self.areas.iter().map(String::as_str))
                    ),
                    "period" => format!(
                        "\"{text}\" is not a period; write a number from 1 and days, weeks, months or working days, such as \"2 weeks\""
                    ),
                    "date" => format!("\"{text}\" is not a date; write YYYY-MM-DD"),
                    "occurrence" => {
                        format!("\"{text}\" is not the name of an occurrence, CASE/RULE/SERIES.N")
                    }
                    "person" => format!(
                        "\"{text}\" is not a person's id; use letters, digits, \"-\", \".\" and \"_\""
                    ),
                    other => format!("\"{text}\" is not a {other}"),
                })
            }
            _ => fault(error.to_string()),
        }
    }
}

impl EventKind {
    /// The names of its data fields.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        self.schema["properties"]
            .as_object()
            .map(|p| p.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }
}

/// The keyword `x-not-before`, for pairs of ISO dates.
struct NotBefore(Vec<(String, String)>);

impl<'i> Keyword<'i> for NotBefore {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        for (later, earlier) in &self.0 {
            if let (Some(l), Some(e)) = (instance[later].as_str(), instance[earlier].as_str())
                && l < e
            {
                return Err(ValidationError::custom(format!("{later} ({l}) is before {earlier} ({e})")));
            }
        }
        Ok(())
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.validate(instance).is_ok()
    }
}

fn not_before<'a>(
    _: &'a Map<String, Value>,
    value: &'a Value,
    _: Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>> {
    let pairs = value.as_object().ok_or_else(|| ValidationError::custom("x-not-before must be an object"))?;
    let pairs = pairs
        .iter()
        .map(|(later, earlier)| Some((later.clone(), earlier.as_str()?.to_owned())))
        .collect::<Option<_>>()
        .ok_or_else(|| ValidationError::custom("x-not-before must name fields"))?;
    Ok(Box::new(NotBefore(pairs)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue::new(["child-social-worker".to_owned()]);
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["starts_on"],
            "properties": {
                "starts_on": {"type": "string", "format": "date"}, "moves_on": {"type": "string", "format": "date"},
                "by": {"type": "string", "format": "role"}, "every": {"type": "string", "format": "period"}
            },
            "x-not-before": {"moves_on": "starts_on"}
        });
        catalogue.add("introductions-planned", &schema.to_string()).expect("a schema");
        catalogue
    }

    fn reasons(kind: &str, data: &Value) -> Vec<String> {
        catalogue().faults(kind, data, "data").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn faults_name_the_field_the_reason_and_a_way_out() {
        insta::assert_debug_snapshot!(reasons("introductions-planned", &json!({
            "by": "child-social-wroker", "every": "0 weeks", "moves_no": "2026-01-01"
        })), @r#"
        [
            "data.by: \"child-social-wroker\" is not a role of this programme; did you mean \"child-social-worker\"?",
            "data.every: \"0 weeks\" is not a period; write a number from 1 and days, weeks, months or working days, such as \"2 weeks\"",
            "data.moves_no: is no field of introductions-planned; did you mean \"moves_on\"?",
            "data.starts_on: is missing; introductions-planned needs it",
        ]
        "#);
        assert_eq!(
            reasons("introductions-planed", &json!({})),
            [
                "type: \"introductions-planed\" is not an event type of this programme; did you mean \"introductions-planned\"?"
            ]
        );
    }

    #[test]
    fn a_date_that_must_not_come_first_is_refused() {
        let found =
            reasons("introductions-planned", &json!({"starts_on": "2026-03-02", "moves_on": "2026-03-01"}));
        assert_eq!(found, ["data: moves_on (2026-03-01) is before starts_on (2026-03-02)"]);
        assert!(
            reasons("introductions-planned", &json!({"starts_on": "2026-03-02", "moves_on": "2026-03-02"}))
                .is_empty()
        );
    }
}
