//! What the reader of TOML says, in the words of this program.

use std::ops::Range;

use super::super::Finding;
use crate::case::nearest;

/// The names between backticks.
fn ticked(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// The key that is not known, and those that are.
pub(super) fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let names = message.strip_prefix("unknown field ").map(ticked)?;
    let (name, known) = names.split_first()?;
    Some((name, known.to_vec()))
}

/// The key that is missing.
pub(super) fn missing_key(message: &str) -> Option<&str> {
    ticked(message.strip_prefix("missing field ")?).first().copied()
}

/// The first of the words that are known where another one stands.
pub(super) fn first_variant(message: &str) -> Option<&str> {
    ticked(message.strip_prefix("unknown variant ")?).get(1).copied()
}

/// `free` are the keys that are not there yet: one that is was hardly meant.
pub(super) fn about_unknown_key(span: &Range<usize>, name: &str, known: &[&str], free: &[&str]) -> Finding {
    let finding = Finding::new(span.clone(), format!("unknown key \"{name}\""));
    match nearest(name, free.iter().copied()) {
        Some(near) => finding.help(format!("did you mean \"{near}\"?")),
        None => finding.help(format!("known: {}", known.join(", "))),
    }
}

/// Notes a missing key; all that one table lacks in one finding.
pub(super) fn note_missing_key(findings: &mut Vec<Finding>, span: &Range<usize>, owner: &str, name: &str) {
    let lacks = format!("{owner} has no ");
    let before = findings.iter_mut().find(|other| other.span == *span && other.message.starts_with(&lacks));
    match before {
        Some(Finding { message, help: Some(help), .. }) => {
            *message = format!("{message}, no \"{name}\"");
            *help = format!("{help}, {name} = …");
        }
        _ => findings
            .push(Finding::new(span.clone(), format!("{lacks}\"{name}\"")).help(format!("add {name} = …"))),
    }
}

/// A value that is of another kind, or not of its form.
pub(super) fn about_value(span: &Range<usize>, key: &str, message: &str) -> Finding {
    if let Some(names) = message.strip_prefix("unknown variant ").map(ticked)
        && let Some((name, known)) = names.split_first()
    {
        let message = format!("\"{name}\" is not a value of \"{key}\"");
        let finding = Finding::new(span.clone(), message).suggest(name, known.iter().copied());
        return match finding.help.as_deref() {
            Some(help) if help.starts_with("did you mean") => {
                let help = format!("{help} There are: {}", known.join(", "));
                finding.help(help)
            }
            _ => finding,
        };
    }
    let of_kind = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    match of_kind.and_then(|rest| rest.split_once(", expected ")) {
        Some((found, expected)) => {
            let message = format!("\"{key}\" takes {}, not {}", plain(expected), found_plain(found));
            Finding::new(span.clone(), message)
        }
        None => Finding::new(span.clone(), message),
    }
}

fn plain(expected: &str) -> &str {
    match expected {
        "a string" => "a text in quotes",
        "a sequence" => "a list in [ ]",
        "a boolean" => "true or false",
        "a map" => "a table",
        "u16" | "u32" | "usize" | "u64" => "a whole number",
        "a TOML datetime" => "a date such as 2026-04-01, without quotes",
        other if other.starts_with("struct ") => "a table",
        other => other,
    }
}

fn found_plain(found: &str) -> String {
    let value = ticked(found).first().copied().unwrap_or_default();
    match found.split([' ', '`']).next() {
        Some("string") => {
            format!("the text {}", found.strip_prefix("string ").unwrap_or_default())
        }
        Some("integer") => format!("the whole number {value}"),
        Some("floating") => format!("the number {value}"),
        Some("boolean") => value.to_owned(),
        Some("sequence") => "a list".to_owned(),
        Some("map") => "a table".to_owned(),
        _ => found.to_owned(),
    }
}
