//! What a cell says.

use serde_json::{Map, Number, Value};

use super::fault::shown;
use super::map::{CellForm, FieldMap, FieldSource};
use super::table::{Row, Table};
use super::{DateForms, RowFault};
use crate::case::hint;

/// The data that the fields of an event have in `row`; faults go to `faults`.
pub(super) fn data(
    fields: &[FieldMap],
    dates: &DateForms,
    table: &Table,
    row: &Row,
    faults: &mut Vec<RowFault>,
) -> Map<String, Value> {
    let mut data = Map::new();
    for field in fields {
        let value = match &field.source {
            FieldSource::Constant(value) => Ok(Some(value.clone())),
            FieldSource::Column { column, .. } => {
                let cell = table.cell(row, column);
                value(cell, &field.source, dates)
                    .map_err(|reason| RowFault::of_cell(row.line, column, reason))
            }
        };
        match value {
            Ok(Some(value)) => drop(data.insert(field.field.get_ref().clone(), value)),
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    data
}

/// What `cell` says; nothing where it is empty and may be.
fn value(cell: &str, source: &FieldSource, dates: &DateForms) -> Result<Option<Value>, String> {
    let FieldSource::Column { form, values, required, .. } = source else { return Ok(None) };
    // A map may say what an empty cell means.
    let meant = values.as_ref().and_then(|values| values.get(cell));
    if cell.is_empty() && meant.is_none() {
        return if *required { Err("is empty; the map says it is required".to_owned()) } else { Ok(None) };
    }
    let word = |word: &str| match values {
        None => Ok(Value::from(word)),
        Some(values) => values.get(word).cloned().ok_or_else(|| {
            let hint = hint(word, values.keys().map(String::as_str));
            format!("\"{}\" is not among the values of the map; {hint}", shown(word))
        }),
    };
    match form {
        CellForm::Text => word(cell),
        CellForm::Number => number(cell),
        CellForm::Boolean => boolean(cell),
        CellForm::Date => dates.read(cell).map(|(date, _)| Value::from(date.to_string())),
        CellForm::List(separator) => {
            let words = cell.split(separator.as_str()).map(str::trim).filter(|word| !word.is_empty());
            words.map(word).collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
    }
    .map(Some)
}

/// As many digits as survive being written and read again: the next extract must find the same number.
const DIGITS: usize = 15;

fn number(cell: &str) -> Result<Value, String> {
    let fault = || format!("\"{}\" is not a number; write digits, such as 14 or 2.5", shown(cell));
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(fault());
    }
    if whole.len() + fraction.len() > DIGITS {
        return Err(format!("\"{}\" has more than {DIGITS} digits", shown(cell)));
    }
    if fraction.bytes().all(|byte| byte == b'0') {
        let whole = cell.split('.').next().unwrap_or_default();
        return whole.parse::<i64>().map(Value::from).map_err(|_| fault());
    }
    cell.parse().ok().and_then(Number::from_f64).map(Value::Number).ok_or_else(fault)
}

fn boolean(cell: &str) -> Result<Value, String> {
    match cell.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Ok(Value::from(true)),
        "false" | "no" | "n" | "0" => Ok(Value::from(false)),
        _ => Err(format!(
            "\"{}\" is neither yes nor no; the map may say what it means, with values",
            shown(cell)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(cell: &str, form: &str, values: Option<Value>) -> Result<Value, String> {
        let values = values.map(|values| serde_json::from_value(values).expect("a table"));
        let form = form.parse().expect("a form");
        let source = FieldSource::Column { column: "C".into(), form, values, required: true };
        let dates = DateForms::new(["%d/%m/%Y"]).expect("a pattern");
        value(cell, &source, &dates).map(Option::unwrap_or_default)
    }

    #[test]
    fn a_cell_is_read_in_its_form() {
        let table = [
            ("14", "text", json!("14")),
            ("14", "number", json!(14)),
            ("014", "number", json!(14)),
            ("14.0", "number", json!(14)),
            ("-2.5", "number", json!(-2.5)),
            ("Yes", "boolean", json!(true)),
            ("N", "boolean", json!(false)),
            ("01/05/2026", "date", json!("2026-05-01")),
            ("a, b,,c ", "list", json!(["a", "b", "c"])),
        ];
        for (cell, form, expected) in table {
            assert_eq!(read(cell, form, None), Ok(expected), "{cell} as {form}");
        }
    }

    #[test]
    fn a_cell_that_is_not_in_its_form_is_named_with_what_would_be_right() {
        let table = [
            ("", "text", "is empty"),
            ("1,4", "number", "is not a number"),
            ("1e3", "number", "is not a number"),
            ("12345678901234567", "number", "more than 15 digits"),
            ("maybe", "boolean", "neither yes nor no"),
            ("2026-05-01", "date", "write it as %d/%m/%Y, such as 25/12/2026"),
        ];
        for (cell, form, expected) in table {
            let reason = read(cell, form, None).expect_err(cell);
            assert!(reason.contains(expected), "{cell} as {form}: {reason}");
        }
    }

    #[test]
    fn values_translate_the_words_of_the_case_system() {
        let values =
            || Some(json!({"Social Worker": "child-worker", "IRO": "reviewing-officer", "": "nobody"}));
        assert_eq!(read("IRO", "text", values()), Ok(json!("reviewing-officer")));
        assert_eq!(read("", "text", values()), Ok(json!("nobody")));
        assert_eq!(
            read("IRO, Social Worker", "list", values()),
            Ok(json!(["reviewing-officer", "child-worker"]))
        );
        let reason = read("Socail Worker", "text", values()).expect_err("a mistyped word");
        assert_eq!(
            reason,
            "\"Socail Worker\" is not among the values of the map; did you mean \"Social Worker\"?"
        );
    }
}
