//! An entry of the log and its stored payload: a `CloudEvents` JSON object, as `export` prints it.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::calendar::Instant;
use crate::case::{CaseRef, CloudEvent, Data, Event, EventId, EventNumber, Interner, rfc3339};
use crate::policy::PolicyFact;
use crate::reminders::MailFact;

/// The `source` and the `subject` of what stepdown itself has to say about mail …
pub const MAIL: (&str, &str) = ("/stepdown/mail", "mail");
/// … and about policy.
pub const POLICY: (&str, &str) = ("/stepdown/policy", "policy");

/// What the log holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// Something happened in a case.
    Case(Event),
    /// Something happened to a message.
    Mail {
        /// The id of the fact.
        id: EventId,
        /// The fact.
        fact: MailFact,
    },
    /// Something became the policy.
    Policy {
        /// The id of the fact.
        id: EventId,
        /// The fact.
        fact: PolicyFact,
    },
}

impl Entry {
    /// Its id, unique in the log.
    #[must_use]
    pub const fn id(&self) -> &EventId {
        match self {
            Self::Case(event) => &event.id,
            Self::Mail { id, .. } | Self::Policy { id, .. } => id,
        }
    }

    /// The case it is of.
    #[must_use]
    pub const fn case(&self) -> Option<&CaseRef> {
        match self {
            Self::Case(event) => Some(&event.subject),
            Self::Mail { .. } | Self::Policy { .. } => None,
        }
    }

    /// Whether an object in the JSON event format is a fact that only stepdown itself records.
    #[must_use]
    pub fn is_own(json: &Value) -> bool {
        [MAIL, POLICY]
            .into_iter()
            .any(|(source, subject)| json["source"] == source && json["subject"] == subject)
    }
}

/// An entry with the moment it was recorded, as it is stored and exported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payload<'a> {
    pub entry: &'a Entry,
    pub recorded: Instant,
}

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.entry {
            Entry::Case(event) => CloudEvent { event, recorded: Some(self.recorded) }.serialize(serializer),
            Entry::Mail { id, fact } => own(serializer, id, MAIL, fact, self.recorded),
            Entry::Policy { id, fact } => own(serializer, id, POLICY, fact, self.recorded),
        }
    }
}

/// A fact, which serializes as its type and data, in the JSON event format.
fn own<S: Serializer>(
    serializer: S,
    id: &EventId,
    (source, subject): (&str, &str),
    fact: &impl Serialize,
    recorded: Instant,
) -> Result<S::Ok, S::Error> {
    let Value::Object(parts) = serde_json::to_value(fact).map_err(serde::ser::Error::custom)? else {
        return Err(serde::ser::Error::custom("a fact is an object"));
    };
    let recorded = rfc3339(recorded);
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("specversion", "1.0")?;
    map.serialize_entry("id", id)?;
    map.serialize_entry("source", source)?;
    map.serialize_entry("subject", subject)?;
    map.serialize_entry("time", &recorded)?;
    map.serialize_entry("recordedtime", &recorded)?;
    map.serialize_entry("datacontenttype", "application/json")?;
    for (name, value) in parts {
        map.serialize_entry(&name, &value)?;
    }
    map.end()
}

/// An entry ready to be stored.
#[derive(Debug)]
pub struct Draft {
    /// The id of the entry.
    pub id: EventId,
    pub(super) case: Option<(CaseRef, EventNumber)>,
    pub(super) payload: Vec<u8>,
}

impl Draft {
    /// Writes `entry` down; one of a case comes with its number there.
    #[must_use]
    pub fn new(entry: &Entry, number: Option<EventNumber>, recorded: Instant) -> Self {
        // Writing to memory does not fail, and an entry has no map whose keys are not texts.
        let payload = serde_json::to_vec(&Payload { entry, recorded }).unwrap_or_default();
        Self { id: entry.id().clone(), case: entry.case().cloned().zip(number), payload }
    }
}

/// Reads a stored payload. Texts that repeat are shared through `interner`.
pub(super) fn read(payload: &[u8], interner: &mut Interner) -> Result<(Entry, Instant), serde_json::Error> {
    let raw: Raw = serde_json::from_slice(payload)?;
    let missing = |name: &'static str| move || <serde_json::Error as serde::de::Error>::missing_field(name);
    let recorded = raw.recorded.ok_or_else(missing("recordedtime"))?;
    let id = raw.id.ok_or_else(missing("id"))?;
    let source = raw.source.ok_or_else(missing("source"))?;
    let event_type = raw.event_type.ok_or_else(missing("type"))?;
    let subject = raw.subject.ok_or_else(missing("subject"))?;
    let data = raw.data.unwrap_or_default();
    let fact = || serde_json::json!({ "type": event_type, "data": data });
    match (source.as_str(), subject.as_str()) {
        MAIL => return Ok((Entry::Mail { id, fact: serde_json::from_value(fact())? }, recorded)),
        POLICY => return Ok((Entry::Policy { id, fact: serde_json::from_value(fact())? }, recorded)),
        _ => {}
    }
    let event = Event {
        id,
        source: interner.get(&source),
        event_type: interner.get(&event_type),
        subject,
        time: raw.time.ok_or_else(missing("time"))?,
        data,
        extensions: (!raw.extensions.is_empty()).then(|| Box::new(raw.extensions)),
    };
    Ok((Entry::Case(event), recorded))
}

/// Reads a fact of stepdown's own that is imported from an export.
///
/// # Errors
/// When the object is no such fact.
pub fn own_from_json(json: &Value) -> Result<(Entry, Instant), serde_json::Error> {
    let payload = serde_json::to_vec(json)?;
    read(&payload, &mut Interner::default())
}

#[derive(Default)]
struct Raw {
    id: Option<EventId>,
    source: Option<String>,
    event_type: Option<String>,
    subject: Option<CaseRef>,
    time: Option<Instant>,
    recorded: Option<Instant>,
    data: Option<Data>,
    extensions: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Attributes;

        impl<'de> Visitor<'de> for Attributes {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a CloudEvent")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
                let mut raw = Raw::default();
                while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
                    match &*name {
                        "id" => raw.id = Some(map.next_value()?),
                        "source" => raw.source = Some(map.next_value()?),
                        "type" => raw.event_type = Some(map.next_value()?),
                        "subject" => raw.subject = Some(map.next_value()?),
                        "time" => raw.time = Some(map.next_value()?),
                        "recordedtime" => raw.recorded = Some(map.next_value()?),
                        "data" => raw.data = Some(map.next_value()?),
                        "specversion" | "datacontenttype" => {
                            map.next_value::<serde::de::IgnoredAny>()?;
                        }
                        _ => {
                            raw.extensions.insert(name.into_owned(), map.next_value()?);
                        }
                    }
                }
                Ok(raw)
            }
        }

        deserializer.deserialize_map(Attributes)
    }
}
