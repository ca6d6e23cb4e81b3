//! A case event, before and after the log recorded it.

use std::sync::Arc;

use chrono::SecondsFormat;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{CaseRef, Data, EventId, EventNumber, Sequence};
use crate::calendar::Instant;

/// An event, as the CloudEvents 1.0 envelope carries it.
///
/// Two events are equal when they say the same: instants are compared, not how they are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Unique among all events of the log.
    pub id: EventId,
    /// Who produced it (a URI reference).
    pub source: Arc<str>,
    /// The event type, as the catalogue names it.
    pub event_type: Arc<str>,
    /// The case.
    pub subject: CaseRef,
    /// When it happened.
    pub time: Instant,
    /// What happened, by the type's schema.
    pub data: Data,
    /// Attributes of the producer that mean nothing here (`dataschema`, extensions), kept as they came.
    pub extensions: Option<Box<Map<String, Value>>>,
}

/// The attributes of the CloudEvents Auth Context extension: who sent an event in.
const AUTH_CONTEXT: [&str; 3] = ["authtype", "authid", "authdata"];

impl Event {
    /// Writes down who sent it in, whatever it said of that itself.
    pub fn stamp(&mut self, authtype: &str, authid: &str) {
        let extensions = self.extensions.get_or_insert_default();
        extensions.remove("authdata");
        extensions.insert("authtype".to_owned(), authtype.into());
        extensions.insert("authid".to_owned(), authid.into());
    }

    /// Whether it says the same as `other`, whoever sent them in: an event that is sent again by another is the same.
    #[must_use]
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        let Self { id, source, event_type, subject, time, data, extensions } = self;
        let said = |extensions: &Option<Box<Map<String, Value>>>| {
            let all = extensions.iter().flat_map(|map| map.iter());
            all.filter(|(name, _)| !AUTH_CONTEXT.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect::<Map<_, _>>()
        };
        (id, source, event_type, subject) == (&other.id, &other.source, &other.event_type, &other.subject)
            && (time, data) == (&other.time, &other.data)
            && (*extensions == other.extensions || said(extensions) == said(&other.extensions))
    }
}

/// An event as the log holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedEvent {
    /// What was sent in.
    pub event: Event,
    /// Its place in the whole log.
    pub sequence: Sequence,
    /// Its place within its case.
    pub number: EventNumber,
    /// When the log recorded it (the CloudEvents recorded-time extension).
    pub recorded: Instant,
}

/// An instant as RFC 3339 in UTC, with as many decimals of a second as it needs.
#[must_use]
pub fn rfc3339(instant: Instant) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// An event in the JSON event format, structured mode
/// (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>).
#[derive(Debug, Clone, Copy)]
pub struct CloudEvent<'a> {
    /// The event.
    pub event: &'a Event,
    /// When the log recorded it; left out for an event that is still to be sent in.
    pub recorded: Option<Instant>,
}

impl Serialize for CloudEvent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = self.event;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("specversion", "1.0")?;
        map.serialize_entry("id", &event.id)?;
        map.serialize_entry("source", &event.source)?;
        map.serialize_entry("type", &event.event_type)?;
        map.serialize_entry("subject", &event.subject)?;
        map.serialize_entry("time", &rfc3339(event.time))?;
        if let Some(recorded) = self.recorded {
            map.serialize_entry("recordedtime", &rfc3339(recorded))?;
        }
        for (name, value) in event.extensions.iter().flat_map(|map| map.iter()) {
            map.serialize_entry(name, value)?;
        }
        if !event.data.is_empty() {
            map.serialize_entry("datacontenttype", "application/json")?;
            map.serialize_entry("data", &event.data)?;
        }
        map.end()
    }
}
