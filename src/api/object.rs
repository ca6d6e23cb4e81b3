//! Requests are objects. A struct would be read from an array too, field by field, and nobody means that.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// What is read from an object only.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Self)
    }
}

/// Reads a `T` from an object only.
pub(super) fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Fields<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_map(Fields(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_no_object() {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Body {
            to: Option<String>,
        }

        let read = |text: &str| serde_json::from_str(text).map(|Object(Body { to })| to);
        assert_eq!(read(r#"{"to":"x"}"#).ok(), Some(Some("x".to_owned())));
        assert_eq!(read("{}").ok(), Some(None));
        for bad in ["[null]", r#"["x"]"#, "null", "1", r#"{"from":"x"}"#] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(
            read("[null]").map_err(|error| error.to_string()).err().as_deref(),
            Some("invalid type: sequence, expected an object at line 1 column 0")
        );
    }
}
