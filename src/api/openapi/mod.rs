//! The API as a document for machines: OpenAPI 3.1 (<https://spec.openapis.org/oas/v3.1.0>), served at `/openapi.json`.
//!
//! It is written by hand, a file a subject, each with its paths and schemas; here they are put together. What holds
//! of every operation is written once: under `x-every-operation`, and the role under `x-role`. `tests/openapi/`
//! compares it with the table of routes and with what a daemon answers.

use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value};

/// The document's head, then a part for each subject.
const PARTS: [(&str, &str); 14] = [
    ("openapi.json", include_str!("openapi.json")),
    ("names.json", include_str!("names.json")),
    ("events.json", include_str!("events.json")),
    ("due.json", include_str!("due.json")),
    ("limits.json", include_str!("limits.json")),
    ("report.json", include_str!("report.json")),
    ("cases.json", include_str!("cases.json")),
    ("reminders.json", include_str!("reminders.json")),
    ("mail.json", include_str!("mail.json")),
    ("policy.json", include_str!("policy.json")),
    ("log.json", include_str!("log.json")),
    ("service.json", include_str!("service.json")),
    ("tokens.json", include_str!("tokens.json")),
    ("watch.json", include_str!("watch.json")),
];

const EVERY_OPERATION: &str = "x-every-operation";

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = Value::Null;
    for (name, text) in PARTS {
        // The parts are built in, and every test that asks for the document reads them.
        let part = serde_json::from_str(text).unwrap_or_else(|error| unreachable!("{name}: {error}"));
        add(&mut document, part);
    }
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    finish(&mut document);
    document
});

static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());

/// The whole document.
#[must_use]
pub fn document() -> &'static Value {
    &DOCUMENT
}

pub(super) async fn served() -> Response {
    ([(CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}

/// Puts `part` into `whole`, object by object; what both have and is no object is that of `whole`.
fn add(whole: &mut Value, part: Value) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (name, value) in part {
                add(whole.entry(name).or_insert(Value::Null), value);
            }
        }
        (whole @ Value::Null, part) => *whole = part,
        _ => {}
    }
}

/// Gives every operation what holds of all of them, and says in its text who may ask it.
fn finish(document: &mut Value) {
    let every = document.as_object_mut().and_then(|document| document.remove(EVERY_OPERATION));
    let every = every.unwrap_or_default();
    let paths = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        for (status, answer) in every["responses"].as_object().into_iter().flatten() {
            // What one says of itself goes before.
            if operation["responses"].get(status).is_none() {
                operation["responses"][status] = answer.clone();
            }
        }
        if let (Some(text), Some(role)) = (operation["description"].as_str(), operation["x-role"].as_str()) {
            operation["description"] = format!("{text}\n\nRole: `{role}`.").into();
        }
    }
}
