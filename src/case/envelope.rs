//! Reading the CloudEvents envelope of what somebody sends in, with every fault named by its field.

use std::fmt;

use chrono::DateTime;
use serde_json::{Map, Value};

use super::{CaseRef, Data, Event, EventId};
use crate::calendar::Instant;

/// One thing wrong with an event: where in it, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The attribute or the path within `data`, such as `time` or `data.score`; empty for the whole.
    pub field: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl Fault {
    /// A fault of `field`.
    #[must_use]
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}: {}", self.field, self.reason)
        }
    }
}

/// Takes the attributes out of the object one by one and remembers what was wrong with them.
struct Attributes {
    object: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Attributes {
    fn text(&mut self, name: &str) -> Option<String> {
        match self.object.remove(name) {
            Some(Value::String(text)) if !text.is_empty() => Some(text),
            Some(Value::String(_)) => self.fault(name, "is empty"),
            None | Some(Value::Null) => self.fault(name, "is missing"),
            Some(_) => self.fault(name, "must be text"),
        }
    }

    fn parsed<T, E: fmt::Display>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let text = self.text(name)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => self.fault(name, error.to_string()),
        }
    }

    fn fault<T>(&mut self, name: &str, reason: impl Into<String>) -> Option<T> {
        self.faults.push(Fault::new(name, reason));
        None
    }

    fn data(&mut self) -> Option<Data> {
        match self.object.remove("data") {
            None | Some(Value::Null) => Some(Data::default()),
            Some(Value::Object(map)) => Some(map.into()),
            Some(_) => self.fault("data", "must be an object"),
        }
    }
}

fn parse_instant(text: &str) -> Result<Instant, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|_| format!("\"{text}\" is not an RFC 3339 time, such as 2026-06-01T14:30:00+01:00"))
}

fn parse_spec_version(text: &str) -> Result<(), String> {
    if text == "1.0" { Ok(()) } else { Err(format!("\"{text}\" is not spoken here; send \"1.0\"")) }
}

/// CloudEvents extension names: lower-case letters and digits.
fn is_extension(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// Reads one event of the JSON event format. Gives the event and its `recordedtime`, if it had one.
///
/// # Errors
/// Every fault of the envelope; the data is judged by the catalogue later.
pub fn parse_event(json: Value) -> Result<(Event, Option<Instant>), Vec<Fault>> {
    let Value::Object(object) = json else {
        return Err(vec![Fault::new("", "is not a JSON object")]);
    };
    let mut attributes = Attributes { object, faults: Vec::new() };
    let spec = attributes.parsed("specversion", parse_spec_version);
    let id = attributes.parsed("id", str::parse::<EventId>);
    let source = attributes.text("source");
    let event_type = attributes.text("type");
    let subject = attributes.parsed("subject", str::parse::<CaseRef>);
    let time = attributes.parsed("time", parse_instant);
    let data = attributes.data();
    let recorded = if attributes.object.contains_key("recordedtime") {
        attributes.parsed("recordedtime", parse_instant)
    } else {
        None
    };
    if let Some(kind) = attributes.object.remove("datacontenttype")
        && kind.as_str().is_none_or(|kind| !kind.starts_with("application/json"))
    {
        attributes.faults.push(Fault::new("datacontenttype", "must be application/json"));
    }
    if attributes.object.contains_key("data_base64") {
        attributes.faults.push(Fault::new("data_base64", "is not taken; send the data as JSON in \"data\""));
    }
    for (name, value) in &attributes.object {
        let scalar = matches!(value, Value::String(_) | Value::Bool(_) | Value::Number(_));
        if name != "data_base64" && !(is_extension(name) && scalar) {
            let reason = "is neither a CloudEvents attribute nor an extension (lower-case letters and digits, with a plain value)";
            attributes.faults.push(Fault::new(name.clone(), reason));
        }
    }
    match (spec, id, source, event_type, subject, time, data) {
        (Some(()), Some(id), Some(source), Some(event_type), Some(subject), Some(time), Some(data))
            if attributes.faults.is_empty() =>
        {
            let rest = attributes.object;
            let extensions = (!rest.is_empty()).then(|| Box::new(rest));
            let event = Event {
                id,
                source: source.into(),
                event_type: event_type.into(),
                subject,
                time,
                data,
                extensions,
            };
            Ok((event, recorded))
        }
        _ => Err(attributes.faults),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CloudEvent;
    use serde_json::json;

    fn good() -> Value {
        json!({
            "specversion": "1.0", "id": "e-1", "source": "/lcs", "type": "visit-made", "subject": "SD-0042",
            "time": "2026-06-01T14:30:00+01:00", "datacontenttype": "application/json",
            "data": {"by": "child-social-worker"}, "traceparent": "00-ab"
        })
    }

    #[test]
    fn what_comes_in_goes_out_the_same() {
        let (event, recorded) = parse_event(good()).expect("a good event");
        assert_eq!(recorded, None);
        let json = serde_json::to_value(CloudEvent { event: &event, recorded: Some(event.time) })
            .expect("serializes");
        let again = parse_event(json).expect("reads back");
        assert_eq!(again, (event.clone(), Some(event.time)));
    }

    #[test]
    fn every_fault_is_named_not_only_the_first() {
        let faults = parse_event(
            json!({"specversion": "0.3", "id": 7, "time": "yesterday", "data": [], "Bad-Name": 1}),
        )
        .expect_err("a bad event");
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["specversion", "id", "source", "type", "subject", "time", "data", "Bad-Name"]);
    }

    #[test]
    fn binary_data_is_refused_with_what_to_do() {
        let mut json = good();
        json["data_base64"] = json!("AA==");
        let faults = parse_event(json).expect_err("refused");
        assert!(faults.iter().any(|fault| fault.reason.contains("send the data as JSON")));
    }
}
