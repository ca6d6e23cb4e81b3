//! Asking a daemon as a client would, with everything held against the document: the question and the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::{Client, Response};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use stepdown::api::openapi::document;

use crate::schemas::{at, faults, met};

pub struct Asked {
    http: Client,
    /// The named schemas that were met in what was asked and answered.
    pub met: BTreeSet<String>,
    /// The statuses that each operation answered with.
    pub statuses: BTreeMap<String, BTreeSet<u16>>,
}

impl Asked {
    pub fn of(socket: &Path) -> Self {
        let http = Client::builder().unix_socket(socket).timeout(Duration::from_mins(1)).build();
        Self { http: http.expect("a client"), met: BTreeSet::new(), statuses: BTreeMap::new() }
    }

    /// Asks `GET /path/VARIABLE?name=value&…` of the documented `path`.
    pub fn get(&mut self, status: u16, path: &str, question: &str) -> Value {
        self.ask(status, (&Method::GET, path), question, None)
    }

    pub fn is_ready(&self) -> bool {
        self.send(&Method::GET, "/readyz", None).status().is_success()
    }

    pub fn post(&mut self, status: u16, path: &str, body: Value) -> Value {
        self.ask(status, (&Method::POST, path), path, Some(("application/json", body)))
    }

    /// The same where the address is not the documented path: it has variables or a query.
    pub fn post_to(&mut self, status: u16, path: &str, question: &str, body: Value) -> Value {
        self.ask(status, (&Method::POST, path), question, Some(("application/json", body)))
    }

    /// Asks, and holds it against the document: what is accepted is as documented, what is not as documented is
    /// refused, and the answer is one of the documented.
    pub fn ask(
        &mut self,
        status: u16,
        (method, path): (&Method, &str),
        question: &str,
        body: Option<(&str, Value)>,
    ) -> Value {
        let name = format!("{method} {path}");
        let operation = &document()["paths"][path][method.as_str().to_lowercase()];
        assert!(operation.is_object(), "{name} is not in the document");
        let mut wrong = self.wrong_parameters(operation, path, question);
        if let Some((kind, body)) = &body {
            let schema = &operation["requestBody"]["content"][*kind]["schema"];
            assert!(schema.is_object(), "{name} takes no {kind}");
            let found = faults(schema, body);
            if found.is_empty() {
                met(schema, body, &mut self.met);
            }
            wrong.extend(found);
        }
        let answer = self.send(method, question, body);
        let found = answer.status().as_u16();
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        // The parameters of a media type, such as its version, are its own affair.
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().to_owned();
        let text = String::from_utf8_lossy(&answer.bytes().expect("a body")).into_owned();
        assert_eq!(found, status, "{name} {question}: {text}");
        assert!(found != 200 || wrong.is_empty(), "{name} {question} is accepted, though {wrong:?}");
        self.statuses.entry(name.clone()).or_default().insert(found);
        let documented = at(&operation["responses"][found.to_string()]);
        let schema = &documented["content"][&kind]["schema"];
        assert!(schema.is_object(), "{name}: {found} with {kind:?} is not documented: {text}");
        let value = match &*kind {
            "application/x-ndjson" => lines(&text),
            "application/json" => read(&text),
            _ => json!(text),
        };
        let wrong = faults(schema, &value);
        assert!(wrong.is_empty(), "{name} {question}: {wrong:#?} in {text}");
        met(schema, &value, &mut self.met);
        value
    }

    /// What is wrong with the variables of the path and the query.
    fn wrong_parameters(&mut self, operation: &'static Value, path: &str, question: &str) -> Vec<String> {
        let (place, query) = question.split_once('?').unwrap_or((question, ""));
        let mut given: BTreeMap<String, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), plain(value)))
            .collect();
        for (variable, value) in path.split('/').zip(place.split('/')) {
            if let Some(name) = variable.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                given.insert(name.to_owned(), plain(value));
            }
        }
        let mut wrong = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten().map(at) {
            let name = parameter["name"].as_str().expect("a name");
            let schema = &parameter["schema"];
            match given.remove(name) {
                Some(text) => {
                    let value = match at(schema)["type"].as_str() {
                        Some("integer" | "boolean") => serde_json::from_str(&text).unwrap_or(json!(text)),
                        _ => json!(text),
                    };
                    let found = faults(schema, &value);
                    if found.is_empty() {
                        met(schema, &value, &mut self.met);
                    }
                    wrong.extend(found);
                }
                None if parameter["required"] == true => wrong.push(format!("{name} is missing")),
                None => {}
            }
        }
        wrong.extend(given.into_keys().map(|name| format!("{name} is not documented")));
        wrong
    }

    fn send(&self, method: &Method, question: &str, body: Option<(&str, Value)>) -> Response {
        let mut request = self.http.request(method.clone(), format!("http://stepdown{question}"));
        if let Some((kind, body)) = body {
            let text = match (kind, &body) {
                ("application/x-ndjson", Value::Array(events)) => {
                    events.iter().map(|event| event.to_string() + "\n").collect()
                }
                _ => body.to_string(),
            };
            request = request.header(CONTENT_TYPE, kind).body(text);
        }
        request.send().expect("an answer")
    }
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn lines(text: &str) -> Value {
    text.lines().map(read).collect()
}

/// A text without its percent signs (RFC 3986, section 2.1), as far as the questions here have any.
fn plain(text: &str) -> String {
    text.replace("%2F", "/").replace("%0A", "\n").replace("%20", " ").replace("%2B", "+").replace("%3D", "=")
}
