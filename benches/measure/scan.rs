//! How this measure reaches into the log: all that has to follow when the log is stored in another way.
//!
//! Three things are needed of it: every entry verified and decoded in order ([`whole`]), the projections of all of
//! them ([`records`]), and, for the flat file to do the same work, what is stored of each entry with the chain's
//! link ([`stored_bytes`]) and the decoding of that ([`decode`]).

use std::borrow::Cow;
use std::path::Path;

use serde::Deserialize;
use stepdown::calendar::Instant;
use stepdown::case::{CaseRef, Data, Event, EventId, Interner};
use stepdown::daemon::Records;
use stepdown::log::{Entry, Hash, Log};

/// Opens the log and gives `each` of its entries, verified and decoded, in order.
pub fn whole(data: &Path, mut each: impl FnMut(Entry)) {
    let log = open(data);
    log.reader().replay(|stored| each(stored.entry)).expect("a sound log");
}

/// Opens the log, verifies and decodes all of it, and applies every entry.
pub fn records(data: &Path) -> Records {
    let log = open(data);
    Records::replay(log.reader(), log.head().sequence, |_, _| {}).expect("a sound log")
}

fn open(data: &Path) -> Log {
    Log::open_existing(data, "a bench").expect("a log")
}

/// What is stored of each entry, in order, and the link of the chain up to it.
///
/// Today that is its line of JSON, which is how an export writes it, too.
pub fn stored_bytes(data: &Path, mut each: impl FnMut(Hash, &[u8])) {
    let (log, mut link, mut line) = (open(data), Hash::ORIGIN, Vec::new());
    let each = |stored: stepdown::log::Stored| {
        line.clear();
        stored.write_line(&mut line);
        line.pop();
        link = link.next(&line);
        each(link, &line);
    };
    log.reader().replay(each).expect("a sound log");
    assert_eq!(link, log.head().hash, "the lines are what is stored");
}

/// The attributes of a stored case event.
#[derive(Deserialize)]
struct Attributes<'a> {
    id: EventId,
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    event_type: Cow<'a, str>,
    subject: CaseRef,
    time: Instant,
    recordedtime: Instant,
    #[serde(default)]
    data: Data,
}

/// Decodes what is stored of a case event; `None` for stepdown's own few facts.
///
/// The log's own decoding is not public. This one knows of fewer attributes, and so is no slower.
pub fn decode(stored: &[u8], interner: &mut Interner) -> Option<(Event, Instant)> {
    let read: Attributes<'_> = serde_json::from_slice(stored).ok()?;
    let event = Event {
        id: read.id,
        source: interner.get(&read.source),
        event_type: interner.get(&read.event_type),
        subject: read.subject,
        time: read.time,
        data: read.data,
        extensions: None,
    };
    Some((event, read.recordedtime))
}
