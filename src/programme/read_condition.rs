//! Conditions from the notation to the model.

use serde_json::Value;
use toml::Spanned;

use super::read::Reader;
use super::{Condition, Finding};

const WORDS: [&str; 5] = ["equals", "one_of", "contains", "at_least", "at_most"];

impl Reader {
    /// What must hold of a field; nothing where it is at fault, with its finding made.
    pub(super) fn conditions(&mut self, value: &Spanned<toml::Value>) -> Option<Vec<Condition>> {
        let found = match value.get_ref() {
            toml::Value::Array(values) => Some(vec![Condition::OneOf(values.iter().map(json).collect())]),
            toml::Value::Table(table) => {
                table.iter().map(|(word, value)| operator(word, value)).collect::<Option<Vec<_>>>()
            }
            plain => Some(vec![Condition::Equals(json(plain))]),
        };
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            self.findings.push(no_condition(value));
            return None;
        };
        if found.iter().any(|condition| matches!(condition, Condition::OneOf(values) if values.is_empty())) {
            let finding = Finding::new(value.span(), "this never holds: the list is empty");
            self.findings.push(finding.help("name the values, or leave the condition out"));
            return None;
        }
        let limits = found.iter().fold((None, None), |(least, most), condition| match condition {
            Condition::AtLeast(limit) => (Some(*limit), most),
            Condition::AtMost(limit) => (least, Some(*limit)),
            _ => (least, most),
        });
        if let (Some(least), Some(most)) = limits
            && least > most
        {
            let message = format!("this never holds: nothing is at least {least} and at most {most}");
            self.findings.push(Finding::new(value.span(), message).help("are the two the wrong way round?"));
            return None;
        }
        Some(found)
    }
}

/// Dates are texts in the data of an event.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(values) => values.iter().map(json).collect(),
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}

fn no_condition(value: &Spanned<toml::Value>) -> Finding {
    let help = "write a value, a list of values, { at_least = 14 }, { at_most = 13 } or { contains = \"…\" }";
    let table = value.get_ref().as_table();
    match table.and_then(|table| table.keys().find(|word| !WORDS.contains(&word.as_str()))) {
        Some(word) => {
            let finding = Finding::new(value.span(), format!("\"{word}\" is not a condition")).help(help);
            let near = finding.clone().suggest(word, WORDS);
            if near.help.as_deref().is_some_and(|help| help.starts_with("did you mean")) {
                near
            } else {
                finding
            }
        }
        None => Finding::new(value.span(), "is not a condition").help(help),
    }
}

fn operator(word: &str, value: &toml::Value) -> Option<Condition> {
    match word {
        "equals" => Some(Condition::Equals(json(value))),
        "one_of" => json(value).as_array().cloned().map(Condition::OneOf),
        "contains" => Some(Condition::Contains(json(value))),
        "at_least" | "at_most" if value.is_integer() || value.is_float() => {
            let limit = json(value).as_f64()?;
            Some(if word == "at_least" { Condition::AtLeast(limit) } else { Condition::AtMost(limit) })
        }
        _ => None,
    }
}
