//! The id of a packed event: as a text, as the bytes of a UUID, or as an extract makes them.

use super::bytes::{self, Cursor, PackError};
use super::value::{Text, put_text};
use super::{CaseRef, EventId};

const TEXT: u8 = 0;
const UUID: u8 = 1;
const MARKED: u8 = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Id<'b> {
    Text(&'b str),
    Uuid([u8; 16]),
    Marked(Marked<'b>),
}

const NO_ID: PackError = PackError::Malformed("an id");

impl<'b> Id<'b> {
    /// The shortest form of an id.
    pub(super) fn of(id: &'b str, subject: &CaseRef) -> Self {
        let marked = || Marked::of(id, subject).map(Self::Marked);
        of_hyphenated(id).map(Self::Uuid).or_else(marked).unwrap_or(Self::Text(id))
    }

    /// The number of the form.
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::Text(_) => TEXT,
            Self::Uuid(_) => UUID,
            Self::Marked(_) => MARKED,
        }
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => bytes::put_text(out, text),
            Self::Uuid(bytes) => out.extend(bytes),
            Self::Marked(marked) => marked.put(out),
        }
    }

    pub(super) fn read(kind: u8, cursor: &mut Cursor<'b>) -> Result<Self, PackError> {
        Ok(match kind {
            TEXT => Self::Text(cursor.text()?),
            UUID => Self::Uuid(cursor.array()?),
            MARKED => Self::Marked(Marked::read(cursor)?),
            _ => return Err(NO_ID),
        })
    }

    /// Whether it is an id, whatever the case is called.
    pub(super) fn judge(&self) -> Result<(), PackError> {
        let good = match self {
            Self::Text(text) => EventId::accepts(text),
            Self::Uuid(_) => true,
            Self::Marked(marked) => marked.is_good(),
        };
        if good { Ok(()) } else { Err(NO_ID) }
    }

    pub(super) fn make(&self, subject: &CaseRef) -> Result<EventId, PackError> {
        let id = match self {
            Self::Text(text) => text.parse(),
            Self::Uuid(bytes) => hyphenated(bytes).parse(),
            Self::Marked(marked) if marked.is_good() => marked.text(subject).parse(),
            Self::Marked(_) => return Err(NO_ID),
        };
        id.map_err(|_| NO_ID)
    }

    pub(super) fn is(&self, subject: &CaseRef, id: &str) -> bool {
        *self == Id::Text(id) || *self == Id::of(id, subject)
    }
}

/// The id of an event that came of an extract, `CASE/LABEL/MARK` and maybe more, without the case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Marked<'b> {
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
fn of_hyphenated(text: &str) -> Option<[u8; 16]> {
    let text = text.as_bytes();
    if text.len() != 36 || [8, 13, 18, 23].iter().any(|place| text.get(*place) != Some(&b'-')) {
        return None;
    }
    let mut bytes = [0; 16];
    let hyphen = |place: &usize| matches!(place, 8 | 13 | 18 | 23);
    let rest = text.iter().enumerate().filter(|(place, _)| !hyphen(place)).map(|(_, digit)| *digit);
    digits(rest, &mut bytes).map(|()| bytes)
}

fn hyphenated(bytes: &[u8; 16]) -> String {
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
