//! An entry of the log: at the edge a `CloudEvents` JSON object, in the log its sealed content.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Mark, RecordsFact};
use crate::calendar::Instant;
use crate::case::{CaseRef, CloudEvent, Data, Event, EventId, Interner, Packed, Sequence, rfc3339, unpack};
use crate::policy::PolicyFact;
use crate::reminders::MailFact;

/// The `source` and the `subject` of what stepdown itself has to say about mail, …
pub const MAIL: (&str, &str) = ("/stepdown/mail", "mail");
/// … about policy …
pub const POLICY: (&str, &str) = ("/stepdown/policy", "policy");
/// … and about the records themselves.
pub const RECORDS: (&str, &str) = ("/stepdown/records", "records");

/// The first byte of the content of stepdown's own facts; that of an event is the version of its packing.
const FACT: u8 = 0xf0;

/// What the log takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// Something happened in a case.
    Case(Event),
    /// Something that stepdown itself has to say.
    Own(EventId, Fact),
}

/// What stepdown itself has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Something happened to a message.
    Mail(MailFact),
    /// Something became the policy.
    Policy(PolicyFact),
    /// Something became of the records.
    Records(RecordsFact),
}

impl Entry {
    /// Its id, unique in the log.
    #[must_use]
    pub const fn id(&self) -> &EventId {
        match self {
            Self::Case(event) => &event.id,
            Self::Own(id, _) => id,
        }
    }

    /// Whether an object in the JSON event format is a fact that only stepdown itself records.
    #[must_use]
    pub fn is_own(json: &Value) -> bool {
        [MAIL, POLICY, RECORDS]
            .into_iter()
            .any(|(source, subject)| json["source"] == source && json["subject"] == subject)
    }
}

/// What the log holds at a place.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// An event of a case.
    Case(CaseRef, Packed),
    /// Something that stepdown itself has to say.
    Own(EventId, Fact),
    /// What was erased with its case: an event of it or, if not, what stepdown had to say of it.
    Gone {
        /// The case.
        case: CaseRef,
        /// Whether it was an event of the case.
        event: bool,
    },
}

/// An entry as the log holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its place in the log.
    pub sequence: Sequence,
    /// When it was recorded.
    pub recorded: Instant,
    /// The mark of its id; none where that was erased.
    pub mark: Option<Mark>,
    /// What it is.
    pub content: Content,
}

impl Content {
    /// Its id, unless that was erased.
    #[must_use]
    pub fn id(&self) -> Option<EventId> {
        match self {
            Self::Case(case, packed) => packed.id(case),
            Self::Own(id, _) => Some(id.clone()),
            Self::Gone { .. } => None,
        }
    }

    fn entry(&self, words: &mut Interner) -> Option<Entry> {
        match self {
            // What is packed was made of an event, or judged when it was read.
            Self::Case(case, packed) => unpack(packed.bytes(), case, words).ok().map(Entry::Case),
            Self::Own(id, fact) => Some(Entry::Own(id.clone(), fact.clone())),
            Self::Gone { .. } => None,
        }
    }
}

impl Stored {
    /// The entry; `None` where it was erased.
    #[must_use]
    pub fn entry(&self, words: &mut Interner) -> Option<Entry> {
        self.content.entry(words)
    }

    /// Adds the entry to `lines` as one line of JSON, as `import` reads it; nothing where it was erased.
    pub fn write_line(&self, words: &mut Interner, lines: &mut Vec<u8>) {
        if let Some(entry) = self.entry(words) {
            lines.extend(Payload { entry: &entry, recorded: self.recorded }.to_json());
            lines.push(b'\n');
        }
    }
}

/// An entry with the moment it was recorded, as it is exported.
#[derive(Debug, Clone, Copy)]
struct Payload<'a> {
    entry: &'a Entry,
    recorded: Instant,
}

impl Payload<'_> {
    /// Writing to memory does not fail, and an entry has no map whose keys are not texts.
    fn to_json(self) -> Vec<u8> {
        serde_json::to_vec(&self).unwrap_or_default()
    }
}

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.entry {
            Entry::Case(event) => CloudEvent { event, recorded: Some(self.recorded) }.serialize(serializer),
            Entry::Own(id, Fact::Mail(fact)) => own(serializer, id, MAIL, fact, self.recorded),
            Entry::Own(id, Fact::Policy(fact)) => own(serializer, id, POLICY, fact, self.recorded),
            Entry::Own(id, Fact::Records(fact)) => own(serializer, id, RECORDS, fact, self.recorded),
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

/// An entry ready to be sealed and stored.
pub struct Draft {
    /// The id of the entry.
    pub id: EventId,
    /// The case whose key seals it; the office's, if none.
    pub(super) case: Option<CaseRef>,
    /// Whether it is a fact of stepdown's own.
    pub(super) own: bool,
    pub(super) recorded: Instant,
    pub(super) content: Vec<u8>,
}

impl Draft {
    /// An event of a case.
    #[must_use]
    pub fn of_event(id: EventId, case: CaseRef, packed: &Packed, recorded: Instant) -> Self {
        Self { id, case: Some(case), own: false, recorded, content: packed.bytes().to_vec() }
    }

    /// Something that stepdown itself has to say; what tells a case's dates is sealed with the case.
    #[must_use]
    pub fn of_fact(id: &EventId, fact: &Fact, recorded: Instant) -> Self {
        let case = match fact {
            Fact::Policy(PolicyFact::DatesMoved { case, .. }) => Some(case.clone()),
            _ => None,
        };
        let entry = Entry::Own(id.clone(), fact.clone());
        let mut content = vec![FACT];
        content.extend(Payload { entry: &entry, recorded }.to_json());
        Self { id: id.clone(), case, own: true, recorded, content }
    }
}

impl Draft {
    /// The entry that waits to be stored.
    #[must_use]
    pub fn entry(&self) -> Option<Entry> {
        let words = &mut Interner::default();
        let content = read_content(&self.content, self.case.as_ref(), words).ok()?;
        content.entry(words)
    }
}

/// Reads the content of a record.
pub(super) fn read_content(
    content: &[u8],
    case: Option<&CaseRef>,
    words: &mut Interner,
) -> Result<Content, String> {
    if let [FACT, json @ ..] = content {
        return match read(json).map_err(|error| error.to_string())? {
            (Entry::Own(id, fact), _) => Ok(Content::Own(id, fact)),
            (Entry::Case(_), _) => Err("an event stands where a fact should".to_owned()),
        };
    }
    let case = case.ok_or("an event is of no case")?;
    let packed = Packed::read(content, words).map_err(|error| error.to_string())?;
    Ok(Content::Case(case.clone(), packed))
}

fn read(payload: &[u8]) -> Result<(Entry, Instant), serde_json::Error> {
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
        MAIL => return Ok((Entry::Own(id, Fact::Mail(serde_json::from_value(fact())?)), recorded)),
        POLICY => return Ok((Entry::Own(id, Fact::Policy(serde_json::from_value(fact())?)), recorded)),
        RECORDS => return Ok((Entry::Own(id, Fact::Records(serde_json::from_value(fact())?)), recorded)),
        _ => {}
    }
    let event = Event {
        id,
        source: source.into(),
        event_type: event_type.into(),
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
    read(&payload)
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
