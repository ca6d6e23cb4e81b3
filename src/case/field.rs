//! The fields of an event's data, as its schema describes them.

use serde::Serialize;
use serde_json::Value;

use super::EventKind;

/// A field of an event's data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Whether every event of the type has it.
    pub required: bool,
    /// Its JSON type; of a list, that of its items.
    #[serde(rename = "type")]
    pub json_type: Option<String>,
    /// Whether it is a list.
    pub list: bool,
    /// The format of its text, such as `date`, `role` or `period`.
    pub format: Option<String>,
    /// The values it may have, where the schema lists them.
    pub values: Vec<Value>,
    /// The least number it may be.
    pub minimum: Option<f64>,
    /// The greatest.
    pub maximum: Option<f64>,
    /// What it says.
    pub description: Option<String>,
}

impl EventKind {
    /// What its events mean, in a sentence; empty where the schema does not say.
    #[must_use]
    pub fn description(&self) -> &str {
        self.schema["description"].as_str().unwrap_or_default()
    }

    /// Its data fields, those that are required first.
    #[must_use]
    pub fn described_fields(&self) -> Vec<Field> {
        let properties = self.schema["properties"].as_object();
        let mut fields: Vec<_> =
            properties.into_iter().flatten().map(|(name, schema)| self.described(name, schema)).collect();
        fields.sort_by(|a, b| (b.required, &a.name).cmp(&(a.required, &b.name)));
        fields
    }

    /// The value that a text given for a field means by its schema: `true`, `14`, `a,b`, or the text.
    #[must_use]
    pub fn value_of(&self, field: &str, text: &str) -> Value {
        match self.schema["properties"][field]["type"].as_str() {
            Some("boolean" | "integer" | "number" | "object") => {
                serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
            }
            Some("array") => {
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect()
            }
            _ => Value::String(text.to_owned()),
        }
    }

    /// The fields without which no event of the type is taken; where one of several will do, the first.
    #[must_use]
    pub fn needed_fields(&self) -> Vec<&str> {
        let choice = self.schema["anyOf"].get(0).or(self.schema["oneOf"].get(0));
        let lists = [Some(&self.schema["required"]), choice.map(|choice| &choice["required"])];
        lists.into_iter().flatten().filter_map(Value::as_array).flatten().filter_map(Value::as_str).collect()
    }

    fn described(&self, name: &str, schema: &Value) -> Field {
        let list = schema["type"] == "array";
        let item = if list { &schema["items"] } else { schema };
        let text = |key: &str| item[key].as_str().map(str::to_owned);
        let required = self.schema["required"].as_array();
        Field {
            name: name.to_owned(),
            required: required.is_some_and(|names| names.iter().any(|required| required == name)),
            json_type: text("type"),
            list,
            format: text("format"),
            values: item["enum"].as_array().cloned().unwrap_or_default(),
            minimum: item["minimum"].as_f64(),
            maximum: item["maximum"].as_f64(),
            description: schema["description"].as_str().map(str::to_owned),
        }
    }
}
