//! An event's data, kept small: a long-running daemon holds every event of every case in memory.

use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// The fields of an event's data, in the order of their names.
///
/// It has no `Debug` that shows values: event data is a child's record and never reaches a log line.
#[derive(Clone, Default, PartialEq)]
pub struct Data(Box<[(Arc<str>, Value)]>);

impl Data {
    /// The value of a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| **name == *field).map(|(_, value)| value)
    }

    /// Every field, in the order of their names.
    pub(super) fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// The data with these fields, which are in the order of their names.
    pub(super) fn of_fields(fields: Vec<(Arc<str>, Value)>) -> Self {
        Self(fields.into())
    }

    /// The data as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.iter().map(|(name, value)| (name.to_string(), value.clone())).collect())
    }

    /// Whether there is no field.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Map<String, Value>> for Data {
    fn from(map: Map<String, Value>) -> Self {
        let mut fields: Vec<(Arc<str>, Value)> =
            map.into_iter().map(|(name, value)| (Arc::from(name), value)).collect();
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Self(fields.into())
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Data({} fields)", self.0.len())
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Data;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
                let mut fields = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some((name, value)) = map.next_entry::<Arc<str>, Value>()? {
                    fields.push((name, value));
                }
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                Ok(Data(fields.into()))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

/// The data an event is read with: its own, or that of the correction that replaced it.
#[derive(Clone, Copy)]
pub enum Fields<'a> {
    /// As the event was recorded.
    Recorded(&'a Data),
    /// As a later `event-corrected` gave it.
    Corrected(&'a Map<String, Value>),
}

impl<'a> Fields<'a> {
    /// The value of a field.
    #[must_use]
    pub fn get(self, field: &str) -> Option<&'a Value> {
        match self {
            Self::Recorded(data) => data.get(field),
            Self::Corrected(map) => map.get(field),
        }
    }

    /// All of them as a JSON object.
    #[must_use]
    pub fn to_json(self) -> Value {
        match self {
            Self::Recorded(data) => data.to_json(),
            Self::Corrected(map) => Value::Object(map.clone()),
        }
    }

    /// The text of a field that holds text.
    #[must_use]
    pub fn text(self, field: &str) -> Option<&'a str> {
        self.get(field).and_then(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_fields_in_the_json_makes_no_difference() {
        let one: Data = serde_json::from_str(r#"{"role":"r","person":"p"}"#).expect("an object");
        let two: Data = serde_json::from_str(r#"{"person":"p","role":"r"}"#).expect("an object");
        assert_eq!(serde_json::to_string(&one).ok(), serde_json::to_string(&two).ok());
        assert!(one == two);
    }

    #[test]
    fn debug_output_shows_no_value() {
        let data: Data = serde_json::from_str(r#"{"reason":"a private reason"}"#).expect("an object");
        assert_eq!(format!("{data:?}"), "Data(1 fields)");
    }
}
