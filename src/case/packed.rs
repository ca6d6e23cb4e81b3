//! An event as few bytes, without its case and its place in the log: what is stored and what is held in memory.
//!
//! Invariants: what [`Packed::of`] wrote and what [`Packed::read`] let pass can be unpacked; the same event gives
//! the same bytes; form 1 never changes, for logs hold it.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::bytes::{Base, Cursor, PackError, put_moment};
use super::packed_id::Id;
use super::value::{Text, object, pass_fields, put_fields, put_text, value};
use super::{CaseRef, Data, Event, Interner, ProgrammeId, types};
use crate::calendar::Instant;

const FORM: u8 = 1;
/// Which of the flags say how the id is written.
const ID: u8 = 0b11;
/// Whether extensions follow the data.
const EXTENDED: u8 = 0b100;

/// An event as bytes, with the little that its case wants to know of it at once.
///
/// It has no `Debug` that shows bytes: event data is a child's record and never reaches a log line.
#[derive(Clone, PartialEq, Eq)]
pub struct Packed {
    bytes: Box<[u8]>,
    bearing: Bearing,
}

/// What an event means for its case as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Bearing {
    None,
    /// It opens the case, and may name its programme.
    Opens(Option<ProgrammeId>),
    /// It retracts or corrects another event.
    Mends,
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packed({} bytes)", self.bytes.len())
    }
}

impl Packed {
    /// The event, packed.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let mut out = Vec::with_capacity(64);
        let id = Id::of(event.id.as_str(), &event.subject);
        let extended = if event.extensions.is_some() { EXTENDED } else { 0 };
        out.extend([FORM, id.kind() | extended]);
        put_text(&mut out, &event.event_type);
        put_text(&mut out, &event.source);
        id.put(&mut out);
        put_moment(&mut out, Base::EPOCH, event.time);
        put_fields(&mut out, event.data.fields());
        if let Some(extensions) = &event.extensions {
            put_fields(&mut out, extensions.iter());
        }
        let programme = event.data.get("programme").and_then(Value::as_str);
        let bearing = Bearing::of(&event.event_type, || programme.and_then(|name| name.parse().ok()));
        Self { bytes: out.into(), bearing }
    }

    /// Judges bytes that were stored: what it lets pass can be unpacked. `words` shares the programme's name.
    ///
    /// # Errors
    /// When the bytes are no packed event of a form known here.
    pub fn read(bytes: &[u8], words: &mut Interner) -> Result<Self, PackError> {
        let mut cursor = Cursor(bytes);
        let head = Head::read(&mut cursor)?;
        head.id.judge()?;
        let data = cursor;
        pass_fields(&mut cursor, 0)?;
        if head.extended {
            pass_fields(&mut cursor, 0)?;
        }
        cursor.end()?;
        let bearing = Bearing::of(head.event_type.as_str(), || programme(data, words));
        Ok(Self { bytes: bytes.into(), bearing })
    }

    /// The bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The id of the event, which is of `subject`.
    #[must_use]
    pub fn id(&self, subject: &CaseRef) -> Option<super::EventId> {
        Head::read(&mut Cursor(&self.bytes)).and_then(|head| head.id.make(subject)).ok()
    }

    /// Whether it opens its case.
    #[must_use]
    pub const fn opens(&self) -> bool {
        matches!(self.bearing, Bearing::Opens(_))
    }

    /// The programme that it opens its case under, where it names one.
    #[must_use]
    pub const fn programme(&self) -> Option<&ProgrammeId> {
        match &self.bearing {
            Bearing::Opens(Some(programme)) => Some(programme),
            _ => None,
        }
    }

    /// Whether it retracts or corrects another event.
    #[must_use]
    pub const fn mends(&self) -> bool {
        matches!(self.bearing, Bearing::Mends)
    }
}

impl Bearing {
    fn of(event_type: &str, programme: impl FnOnce() -> Option<ProgrammeId>) -> Self {
        match event_type {
            types::CASE_OPENED => Self::Opens(programme()),
            types::EVENT_RETRACTED | types::EVENT_CORRECTED => Self::Mends,
            _ => Self::None,
        }
    }
}

/// The programme that well-formed data names, as [`Data::get`] finds it: the first of that name.
fn programme(mut data: Cursor<'_>, words: &mut Interner) -> Option<ProgrammeId> {
    for _ in 0..data.count().ok()? {
        let name = Text::read(&mut data).ok()?;
        let value = value(&mut data, 0).ok()?;
        if name.as_str() == "programme" {
            return ProgrammeId::shared(words.get(value.as_str()?));
        }
    }
    None
}

/// The event of `subject` that the bytes say. `words` shares what repeats and is in no list.
///
/// # Errors
/// When the bytes are no packed event of a form known here.
pub fn unpack(bytes: &[u8], subject: &CaseRef, words: &mut Interner) -> Result<Event, PackError> {
    let mut cursor = Cursor(bytes);
    let head = Head::read(&mut cursor)?;
    let id = head.id.make(subject)?;
    let count = cursor.count()?;
    let mut fields: Vec<(Arc<str>, Value)> = Vec::with_capacity(count.min(8));
    for _ in 0..count {
        fields.push((Text::read(&mut cursor)?.shared(words), value(&mut cursor, 0)?));
    }
    let extensions = if head.extended { Some(Box::new(object(&mut cursor, 0)?)) } else { None };
    cursor.end()?;
    Ok(Event {
        id,
        source: head.source.shared(words),
        event_type: head.event_type.shared(words),
        subject: subject.clone(),
        time: head.time,
        data: Data::of_fields(fields),
        extensions,
    })
}

/// Whether the packed event of `subject` has this id.
pub(super) fn has_id(bytes: &[u8], subject: &CaseRef, id: &str) -> bool {
    Head::read(&mut Cursor(bytes)).is_ok_and(|head| head.id.is(subject, id))
}

/// What stands before the data.
struct Head<'b> {
    event_type: Text<'b>,
    source: Text<'b>,
    id: Id<'b>,
    time: Instant,
    extended: bool,
}

impl<'b> Head<'b> {
    fn read(cursor: &mut Cursor<'b>) -> Result<Self, PackError> {
        match cursor.byte()? {
            FORM => {}
            0 => return Err(PackError::Malformed("a form")),
            newer => return Err(PackError::TooNew(newer)),
        }
        let flags = cursor.byte()?;
        if flags & !(ID | EXTENDED) != 0 {
            return Err(PackError::Malformed("a flag"));
        }
        let (event_type, source) = (Text::read(cursor)?, Text::read(cursor)?);
        let id = Id::read(flags & ID, cursor)?;
        let time = cursor.moment(Base::EPOCH)?;
        Ok(Self { event_type, source, id, time, extended: flags & EXTENDED != 0 })
    }
}
