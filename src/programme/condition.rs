//! Which events a rule means: a type and conditions on the data (`semantics` §8).

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::case::Fields;

/// What must hold of one field of an event's data.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The field equals the value.
    Equals(Value),
    /// The field equals one of the values.
    OneOf(Vec<Value>),
    /// The field is a number not below this.
    AtLeast(f64),
    /// The field is a number not above this.
    AtMost(f64),
    /// The field is a list with the value in it.
    Contains(Value),
}

/// Numbers are equal by value, whether written 14 or 14.0.
fn same(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b).is_eq(),
        _ => a == b,
    }
}

impl Condition {
    /// Whether it holds of `value`; a missing field satisfies nothing.
    #[must_use]
    pub fn holds(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else { return false };
        match self {
            Self::Equals(wanted) => same(value, wanted),
            Self::OneOf(wanted) => wanted.iter().any(|wanted| same(value, wanted)),
            Self::AtLeast(limit) => value.as_f64().is_some_and(|number| number >= *limit),
            Self::AtMost(limit) => value.as_f64().is_some_and(|number| number <= *limit),
            Self::Contains(wanted) => {
                value.as_array().is_some_and(|list| list.iter().any(|item| same(item, wanted)))
            }
        }
    }
}

/// An event type with conditions on its data; all of them must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Matcher {
    /// The event type.
    pub event: Arc<str>,
    /// Conditions, each on a field.
    pub conditions: Vec<(String, Condition)>,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match self {
            Self::Equals(value) => write!(f, "={}", plain(value)),
            Self::OneOf(values) => {
                write!(f, "={}", values.iter().map(plain).collect::<Vec<_>>().join(" or "))
            }
            Self::AtLeast(limit) => write!(f, " at least {limit}"),
            Self::AtMost(limit) => write!(f, " at most {limit}"),
            Self::Contains(value) => write!(f, " contains {}", plain(value)),
        }
    }
}

/// As the documents write it: "visit-made by=child-social-worker".
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.event)?;
        self.conditions.iter().try_for_each(|(field, condition)| write!(f, " {field}{condition}"))
    }
}

impl Matcher {
    /// Whether every condition holds of `data`.
    #[must_use]
    pub fn holds(&self, data: Fields<'_>) -> bool {
        self.conditions.iter().all(|(field, condition)| condition.holds(data.get(field)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_condition_holds_where_it_should_and_nowhere_else() {
        let table = [
            (Condition::Equals(json!("sdq")), json!("sdq"), json!("ramp")),
            (Condition::Equals(json!(14)), json!(14.0), json!("14")),
            (Condition::OneOf(vec![json!("2.3"), json!("2.4")]), json!("2.4"), json!("2.2")),
            (Condition::AtLeast(14.0), json!(14), json!(13)),
            (Condition::AtMost(13.0), json!(13), json!(14)),
            (Condition::Contains(json!("scayt")), json!(["school", "scayt"]), json!("scayt")),
        ];
        for (condition, yes, no) in table {
            assert!(condition.holds(Some(&yes)), "{condition:?} of {yes}");
            assert!(!condition.holds(Some(&no)), "{condition:?} of {no}");
            assert!(!condition.holds(None), "{condition:?} of a missing field");
        }
    }
}
