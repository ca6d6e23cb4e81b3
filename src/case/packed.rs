//! An event as few bytes, without its case and its place in the log: what is stored and what is held in memory.
//!
//! Invariants: what [`Packed::of`] wrote and what [`Packed::read`] let pass can be unpacked; the same event gives
//! the same bytes; form 1 never changes, for logs hold it.

use std::sync::Arc;

use serde_json::Value;

use super::bytes::{self, Base, Cursor, PackError, put_moment};
use super::value::{Text, object, pass_fields, put_fields, put_text, value};
use super::{CaseRef, Data, Event, EventId, Interner, ProgrammeId, types};
use crate::calendar::Instant;

const FORM: u8 = 1;
/// How the id is written: as a text, as a UUID, or as an extract's `CASE/LABEL/MARK`.
const ID: u8 = 0b11;
const ID_TEXT: u8 = 0;
const ID_UUID: u8 = 1;
const ID_MARK: u8 = 2;
/// Whether extensions follow the data.
const EXTENDED: u8 = 0b100;

/// An event as bytes, with the little that its case wants to know of it at once.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl Packed {
    /// The event, packed.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let mut out = Vec::with_capacity(64);
        let id = event.id.as_str();
        let (uuid, marked) = (uuid(id), Marked::of(id, &event.subject));
        let kind = match (uuid, &marked) {
            (Some(_), _) => ID_UUID,
            (None, Some(_)) => ID_MARK,
            (None, None) => ID_TEXT,
        };
        let extended = if event.extensions.is_some() { EXTENDED } else { 0 };
        out.extend([FORM, kind | extended]);
        put_text(&mut out, &event.event_type);
        put_text(&mut out, &event.source);
        match (uuid, marked) {
            (Some(uuid), _) => out.extend(uuid),
            (None, Some(marked)) => marked.put(&mut out),
            (None, None) => bytes::put_text(&mut out, id),
        }
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
    pub fn id(&self, subject: &CaseRef) -> Option<EventId> {
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

enum Id<'b> {
    Text(&'b str),
    Uuid([u8; 16]),
    Marked(Marked<'b>),
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
        let id = match flags & ID {
            ID_TEXT => Id::Text(cursor.text()?),
            ID_UUID => Id::Uuid(cursor.array()?),
            ID_MARK => Id::Marked(Marked::read(cursor)?),
            _ => return Err(PackError::Malformed("an id")),
        };
        let time = cursor.moment(Base::EPOCH)?;
        Ok(Self { event_type, source, id, time, extended: flags & EXTENDED != 0 })
    }
}

const NO_ID: PackError = PackError::Malformed("an id");

impl Id<'_> {
    /// Whether it is an id, whatever the case is called.
    fn judge(&self) -> Result<(), PackError> {
        let good = match self {
            Self::Text(text) => EventId::accepts(text),
            Self::Uuid(_) => true,
            Self::Marked(marked) => marked.is_good(),
        };
        if good { Ok(()) } else { Err(NO_ID) }
    }

    fn make(&self, subject: &CaseRef) -> Result<EventId, PackError> {
        self.judge()?;
        let id = match self {
            Self::Text(text) => text.parse(),
            Self::Uuid(bytes) => uuid_text(bytes).parse(),
            Self::Marked(marked) => marked.text(subject).parse(),
        };
        id.map_err(|_| NO_ID)
    }

    fn is(&self, subject: &CaseRef, id: &str) -> bool {
        match self {
            Self::Text(text) => *text == id,
            Self::Uuid(bytes) => uuid(id).is_some_and(|uuid| uuid == *bytes),
            Self::Marked(marked) => Marked::of(id, subject).is_some_and(|other| other == *marked),
        }
    }
}

/// The id of an event that came of an extract, `CASE/LABEL/MARK` and maybe more, without the case.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Marked<'b> {
    label: &'b str,
    mark: [u8; 16],
    more: &'b str,
}

impl<'b> Marked<'b> {
    fn of(id: &'b str, subject: &CaseRef) -> Option<Self> {
        let rest = id.strip_prefix(subject.as_str())?.strip_prefix('/')?;
        let (label, rest) = rest.split_once('/')?;
        let (mark, more) = rest.split_at_checked(32)?;
        let mut bytes = [0; 16];
        digits(mark.bytes(), &mut bytes)?;
        Some(Self { label, mark: bytes, more }).filter(Self::is_good)
    }

    /// Whether every case's name makes it an id that is not too long.
    fn is_good(&self) -> bool {
        let parts = [self.label, self.more];
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        length <= 256 - 64 - 2 - 32 && parts.iter().all(|part| part.is_empty() || EventId::accepts(part))
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_text(out, self.label);
        out.extend(self.mark);
        bytes::put_text(out, self.more);
    }

    fn text(&self, subject: &CaseRef) -> String {
        let mut text =
            String::with_capacity(subject.as_str().len() + self.label.len() + self.more.len() + 34);
        for part in [subject.as_str(), "/", self.label, "/"] {
            text.push_str(part);
        }
        self.mark.iter().for_each(|byte| text.extend(hex(*byte)));
        text.push_str(self.more);
        text
    }

    fn read(cursor: &mut Cursor<'b>) -> Result<Self, PackError> {
        let label = match Text::read(cursor)? {
            Text::Word(word) => word,
            Text::Inline(text) => text,
        };
        Ok(Self { label, mark: cursor.array()?, more: cursor.text()? })
    }
}

/// The bytes of a UUID as RFC 9562 writes it, in lower case.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let text = text.as_bytes();
    if text.len() != 36 || [8, 13, 18, 23].iter().any(|place| text.get(*place) != Some(&b'-')) {
        return None;
    }
    let mut bytes = [0; 16];
    let hyphen = |place: &usize| matches!(place, 8 | 13 | 18 | 23);
    let rest = text.iter().enumerate().filter(|(place, _)| !hyphen(place)).map(|(_, digit)| *digit);
    digits(rest, &mut bytes).map(|()| bytes)
}

fn uuid_text(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend(hex(*byte));
    }
    text
}

/// The bytes that lower-case hexadecimal digits say; nothing where one is something else.
fn digits(mut digits: impl Iterator<Item = u8>, bytes: &mut [u8; 16]) -> Option<()> {
    let mut digit = || match digits.next()? {
        digit @ b'0'..=b'9' => Some(digit - b'0'),
        digit @ b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    for byte in bytes {
        *byte = digit()? << 4 | digit()?;
    }
    Some(())
}

fn hex(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default())
}
