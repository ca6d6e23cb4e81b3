//! A case's record as it is kept: its events packed one after the other, and what is wanted without reading them.

use memchr::memmem;
use serde_json::Value;

use super::bytes::{self, Base, Cursor, PackError, put_moment, put_number};
use super::packed::{Packed, has_id, unpack};
use super::value::put_value;
use super::{CaseHistory, CaseRef, EventNumber, Interner, ProgrammeId, RecordedEvent, Sequence};
use crate::calendar::Instant;

/// The record of one case, in few bytes.
///
/// It has no `Debug` that shows events: they are a child's record and never reach a log line.
#[derive(Clone, PartialEq)]
pub struct CaseFile {
    case: CaseRef,
    programme: ProgrammeId,
    version: u32,
    opened: bool,
    mended: bool,
    last: Option<(Sequence, Instant)>,
    erased: Option<Erasure>,
    /// For each event its sequence and when it was recorded, both as distance from the last, then its packed
    /// bytes after their length.
    entries: Vec<u8>,
}

/// That a case was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// When.
    pub recorded: Instant,
    /// The entry of the log that says so.
    pub sequence: Sequence,
}

/// A text that is looked for in many files, without reading them.
#[derive(Debug)]
pub struct Sought(memmem::Finder<'static>);

impl Sought {
    /// The text as a value of data, wherever it stands there.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut packed = Vec::with_capacity(text.len() + 2);
        put_value(&mut packed, &Value::String(text.to_owned()));
        Self(memmem::Finder::new(&packed).into_owned())
    }
}

/// An event in a file.
struct Entry<'f> {
    sequence: Sequence,
    recorded: Instant,
    packed: &'f [u8],
}

impl std::fmt::Debug for CaseFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CaseFile({}, {} events)", self.case, self.version)
    }
}

impl CaseFile {
    /// The empty file of `case`. Until a `case-opened` names its programme, a case is taken to be the programme
    /// of its own reference, as the case of a policy itself is.
    #[must_use]
    pub fn new(case: CaseRef) -> Self {
        let programme =
            case.as_str().parse().unwrap_or_else(|_| unreachable!("a case reference is a well-formed name"));
        Self {
            case,
            programme,
            version: 0,
            opened: false,
            mended: false,
            last: None,
            erased: None,
            entries: Vec::new(),
        }
    }

    /// The file of a history.
    #[must_use]
    pub fn of(history: &CaseHistory) -> Self {
        let mut file = Self::new(history.case().clone());
        for recorded in history.events() {
            file.push(recorded.sequence, recorded.recorded, &Packed::of(&recorded.event));
        }
        // A history may leave out the event that named its programme.
        file.programme = history.programme().clone();
        file
    }

    /// The case's reference.
    #[must_use]
    pub const fn case(&self) -> &CaseRef {
        &self.case
    }

    /// The programme it came under first.
    #[must_use]
    pub const fn programme(&self) -> &ProgrammeId {
        &self.programme
    }

    /// The number of its events, erased ones too: the case's version.
    #[must_use]
    pub const fn version(&self) -> EventNumber {
        EventNumber(self.version)
    }

    /// Whether no `case-opened` has been recorded yet.
    #[must_use]
    pub const fn is_unopened(&self) -> bool {
        !self.opened
    }

    /// Its erasure, where it was erased: then its history is empty.
    #[must_use]
    pub const fn erased(&self) -> Option<&Erasure> {
        self.erased.as_ref()
    }

    /// The place of its newest event in the log, and when that was recorded.
    #[must_use]
    pub const fn last(&self) -> Option<(Sequence, Instant)> {
        self.last
    }

    /// The places of its events in the log, in order; none of an erased case.
    pub fn sequences(&self) -> impl Iterator<Item = Sequence> {
        self.entries().map(|entry| entry.sequence)
    }

    /// The number of the event with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<EventNumber> {
        let mut entries = (1..).zip(self.entries());
        entries.find(|(_, entry)| has_id(entry.packed, &self.case, id)).map(|(number, _)| EventNumber(number))
    }

    /// Whether a text can be a value in the data of one of its events: where this says no, it is none.
    #[must_use]
    pub fn can_hold(&self, sought: &Sought) -> bool {
        sought.0.find(&self.entries).is_some()
    }

    /// Its events, read.
    #[must_use]
    pub fn history(&self) -> CaseHistory {
        let mut words = Interner::default();
        let mut events = Vec::with_capacity(if self.erased.is_some() { 0 } else { self.version as usize });
        for (number, entry) in (1..).zip(self.entries()) {
            let event = unpack(entry.packed, &self.case, &mut words)
                .unwrap_or_else(|error| unreachable!("an event of case {} {error}", self.case));
            let (Entry { sequence, recorded, .. }, number) = (entry, EventNumber(number));
            events.push(RecordedEvent { event, sequence, number, recorded });
        }
        CaseHistory::of(self.case.clone(), self.programme.clone(), events, self.mended)
    }

    /// The events as they are kept.
    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut entries = Entries::of(&self.entries);
        // Whatever was put here was judged: by `Packed`, or in `from_bytes` by whoever vouches for the bytes.
        std::iter::from_fn(move || {
            entries.next().unwrap_or_else(|error| unreachable!("the file of a case {error}"))
        })
    }

    /// Takes one more event. Of an erased case only the number of events grows.
    pub fn push(&mut self, sequence: Sequence, recorded: Instant, packed: &Packed) {
        self.version += 1;
        if self.erased.is_some() {
            return;
        }
        if packed.opens() && !self.opened {
            self.opened = true;
            self.programme = packed.programme().unwrap_or(&self.programme).clone();
        }
        self.mended |= packed.mends();
        let mut head = Vec::with_capacity(24);
        let (before, base) = base(self.last);
        put_number(&mut head, sequence.0.wrapping_sub(before));
        put_moment(&mut head, base, recorded);
        put_number(&mut head, packed.bytes().len() as u64);
        self.last = Some((sequence, recorded));
        let wanted = head.len() + packed.bytes().len();
        if self.entries.capacity() - self.entries.len() < wanted {
            // Doubling would leave a quarter of a long-running daemon's memory empty.
            self.entries.reserve_exact(wanted.max(self.entries.len() / 8));
        }
        self.entries.extend_from_slice(&head);
        self.entries.extend_from_slice(packed.bytes());
    }

    /// Counts events that can be read no more, since their key was destroyed: an erasure will follow.
    pub fn lose(&mut self, events: u32) {
        self.version += events;
    }

    /// Forgets what the events said; their number stays.
    pub fn erase(&mut self, erased: Erasure) {
        let nothing = Self::new(self.case.clone());
        *self = Self { version: self.version, erased: Some(erased), ..nothing };
    }
}

fn base(last: Option<(Sequence, Instant)>) -> (u64, Base) {
    last.map_or((0, Base::EPOCH), |(sequence, recorded)| (sequence.0, recorded.into()))
}

/// The entries of a file, one after the other.
struct Entries<'f> {
    cursor: Cursor<'f>,
    last: Option<(Sequence, Instant)>,
}

impl<'f> Entries<'f> {
    const fn of(entries: &'f [u8]) -> Self {
        Self { cursor: Cursor(entries), last: None }
    }

    fn next(&mut self) -> Result<Option<Entry<'f>>, PackError> {
        if self.cursor.0.is_empty() {
            return Ok(None);
        }
        let (before, base) = base(self.last);
        let sequence = Sequence(before.wrapping_add(self.cursor.number()?));
        let recorded = self.cursor.moment(base)?;
        let length = self.cursor.count()?;
        self.last = Some((sequence, recorded));
        Ok(Some(Entry { sequence, recorded, packed: self.cursor.take(length)? }))
    }
}

const FORM: u8 = 1;
const OPENED: u8 = 1;
const MENDED: u8 = 2;
const ERASED: u8 = 4;
const LAST: u8 = 8;

impl CaseFile {
    /// Appends the whole file without its case's reference, to be read by [`CaseFile::from_bytes`].
    pub fn to_bytes(&self, out: &mut Vec<u8>) {
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        out.push(FORM);
        out.push(
            flag(self.opened, OPENED)
                | flag(self.mended, MENDED)
                | flag(self.erased.is_some(), ERASED)
                | flag(self.last.is_some(), LAST),
        );
        bytes::put_text(out, self.programme.as_str());
        put_number(out, self.version.into());
        if let Some(Erasure { recorded, sequence }) = self.erased {
            put_number(out, sequence.0);
            put_moment(out, Base::EPOCH, recorded);
        }
        if let Some((sequence, recorded)) = self.last {
            put_number(out, sequence.0);
            put_moment(out, Base::EPOCH, recorded);
        }
        out.extend_from_slice(&self.entries);
    }

    /// The file of `case` that [`CaseFile::to_bytes`] wrote. Whoever gives the bytes vouches for them: what
    /// events say is not looked at.
    ///
    /// # Errors
    /// When the bytes are no case file of a form known here.
    pub fn from_bytes(case: CaseRef, mut bytes: Vec<u8>) -> Result<Self, PackError> {
        let mut cursor = Cursor(&bytes);
        match cursor.byte()? {
            FORM => {}
            0 => return Err(PackError::Malformed("a form")),
            newer => return Err(PackError::TooNew(newer)),
        }
        let flags = cursor.byte()?;
        let programme = cursor.text()?.parse().map_err(|_| PackError::Malformed("a programme"))?;
        let version = u32::try_from(cursor.number()?).map_err(|_| PackError::Malformed("a version"))?;
        let erased = if flags & ERASED == 0 {
            None
        } else {
            let sequence = Sequence(cursor.number()?);
            Some(Erasure { recorded: cursor.moment(Base::EPOCH)?, sequence })
        };
        let last = if flags & LAST == 0 {
            None
        } else {
            let sequence = Sequence(cursor.number()?);
            Some((sequence, cursor.moment(Base::EPOCH)?))
        };
        if flags & !(OPENED | MENDED | ERASED | LAST) != 0 || last.is_none() && !cursor.0.is_empty() {
            return Err(PackError::Malformed("a number of events"));
        }
        // The head goes, the rest stays where it is.
        let head = bytes.len() - cursor.0.len();
        bytes.drain(..head);
        Ok(Self {
            case,
            programme,
            version,
            opened: flags & OPENED != 0,
            mended: flags & MENDED != 0,
            last,
            erased,
            entries: bytes,
        })
    }
}
