//! Reading the log: in order, or one entry; every group checked against the one before it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::entry::{Content, read_content};
use super::group::Group;
use super::ids::Marker;
use super::keyring::{KeyState, Keyring, Slot};
use super::recent::Recent;
use super::slots::Slots;
use super::store::Store;
use super::witness::Frame;
use super::{Head, LogError, Stored, read, record, write};
use crate::case::{Interner, Sequence};

/// How many bytes of records are decoded at a time.
const PART: usize = 2 << 20;

/// Reads the log beside its one writer: what it sees is synced.
#[derive(Clone)]
pub struct LogReader {
    pub(super) dir: PathBuf,
    pub(super) store: Store,
    pub(super) recent: Arc<Recent>,
    pub(super) keyring: Arc<RwLock<Keyring>>,
    pub(super) slots: Arc<RwLock<Slots>>,
    pub(super) marker: Marker,
    pub(super) last: Arc<Mutex<Option<Arc<Group>>>>,
}

/// A group as it was found.
pub(super) enum Found {
    Stored(fjall::Slice, fjall::Slice),
    Recent(Arc<Frame>),
}

impl Found {
    fn size(&self) -> usize {
        match self {
            Self::Stored(_, value) => value.len(),
            Self::Recent(frame) => frame.group.bytes().len(),
        }
    }
}

/// What a group was read as, and the fault it breaks off with.
type Part = (Vec<Stored>, Option<LogError>);

impl LogReader {
    /// Reads the whole log in order, checking that nothing is missing or changed, and gives its end.
    ///
    /// # Errors
    /// At the first entry that is not what was appended.
    pub fn replay(&self, each: impl FnMut(Stored)) -> Result<Head, LogError> {
        self.replay_after(Head::ORIGIN, each)
    }

    /// The same for what follows `after`.
    ///
    /// # Errors
    /// As [`LogReader::replay`], and where the log does not stand at `after` as it says.
    pub fn replay_after(&self, after: Head, mut each: impl FnMut(Stored)) -> Result<Head, LogError> {
        let mut found = self.found(after);
        let mut head = None;
        let mut part = self.part(&mut found, after, &mut head);
        loop {
            let (decoded, fault) = part;
            let is_last = decoded.is_empty();
            part = (Vec::new(), None);
            // While one part is taken, the next is read and decoded by the other cores.
            rayon::in_place_scope(|scope| {
                if fault.is_none() && !is_last {
                    scope.spawn(|_| part = self.part(&mut found, after, &mut head));
                }
                decoded.into_iter().flatten().for_each(&mut each);
            });
            match fault {
                Some(fault) => return Err(fault),
                None if is_last => return Ok(head.unwrap_or(after)),
                None => {}
            }
        }
    }

    /// The groups with what follows `after`, those that fjall has and those that only the witness has.
    pub(super) fn found(&self, after: Head) -> impl Iterator<Item = Result<Found, LogError>> + Send {
        let recent = self.recent.frames();
        let first = recent.first().map_or(u64::MAX, |frame| frame.group.before.sequence.0 + 1);
        let from = Sequence(after.sequence.0 + 1);
        let stored = self.store.groups(from).map(|found| {
            found.map(|(key, value)| Found::Stored(key, value)).map_err(|error| self.engine("read", error))
        });
        // The store begins with the group at or before the place, which may end before it.
        let is_passed = move |found: &Result<Found, LogError>| match found {
            Ok(Found::Stored(key, _)) => Group::places(key).is_some_and(|(_, last)| last < from),
            _ => false,
        };
        // The upkeep may have moved groups meanwhile: they come from one side only.
        let is_older = move |found: &Result<Found, LogError>| match found {
            Ok(Found::Stored(key, _)) => Group::places(key).is_none_or(|(start, _)| start.0 < first),
            _ => true,
        };
        let wanted = move |frame: &Arc<Frame>| frame.group.after.sequence >= from;
        stored
            .skip_while(is_passed)
            .take_while(is_older)
            .chain(recent.into_iter().filter(wanted).map(|frame| Ok(Found::Recent(frame))))
    }

    /// Decodes the next groups, as far as they are whole. `head` is where the last part ended.
    fn part(
        &self,
        found: &mut (impl Iterator<Item = Result<Found, LogError>> + Send),
        after: Head,
        head: &mut Option<Head>,
    ) -> (Vec<Vec<Stored>>, Option<LogError>) {
        let (mut groups, mut size, mut fault) = (Vec::new(), 0, None);
        while size < PART {
            match found.next() {
                Some(Ok(group)) => {
                    size += group.size();
                    groups.push(group);
                }
                Some(Err(error)) => {
                    fault = Some(error);
                    break;
                }
                None => break,
            }
        }
        let groups: Vec<_> = groups.par_iter().map(|found| self.group(found)).collect();
        let mut whole = Vec::with_capacity(groups.len());
        for group in groups {
            match group.and_then(|group| self.join(&group, after, head).map(|()| group)) {
                Ok(group) => whole.push(group),
                Err(error) => {
                    fault = Some(error);
                    break;
                }
            }
        }
        self.hear_of_cases(&whole, &mut fault);
        let (keyring, slots) = (read(&self.keyring), read(&self.slots));
        let decoded: Vec<Part> = whole
            .par_iter()
            .map_init(Interner::default, |words, group| self.decode(group, after, (&keyring, &slots), words))
            .collect();
        let mut parts = Vec::with_capacity(decoded.len());
        for (stored, broken) in decoded {
            parts.push(stored);
            if broken.is_some() {
                fault = broken;
                break;
            }
        }
        (parts, fault)
    }

    /// A group, with its own chain proven.
    pub(super) fn group(&self, found: &Found) -> Result<Group, LogError> {
        match found {
            Found::Stored(key, value) => {
                Group::from_stored(key, value).map_err(|(at, what)| LogError::damaged(&self.dir, at, what))
            }
            Found::Recent(frame) => Ok(frame.group.clone()),
        }
    }

    /// Checks that a group follows on the one before it; the first one on `after`.
    pub(super) fn join(&self, group: &Group, after: Head, head: &mut Option<Head>) -> Result<(), LogError> {
        let fits = match head {
            Some(head) => group.before == *head,
            None => group.stands_at(after),
        };
        *head = Some(group.after);
        let first = Sequence(group.before.sequence.0 + 1);
        let what = || "it does not follow on the entry before it".to_owned();
        fits.then_some(()).ok_or_else(|| LogError::damaged(&self.dir, first, what()))
    }

    /// Takes note of the cases that records introduce, before any of them is decoded.
    fn hear_of_cases(&self, groups: &[Group], fault: &mut Option<LogError>) {
        let introduced = groups.iter().flat_map(Group::records).filter_map(|(sequence, bytes)| {
            let header = record::header(bytes).ok()?;
            Some((sequence, header.slot, header.introduces?))
        });
        for (sequence, slot, case) in introduced {
            let known = read(&self.slots).case(slot).is_some_and(|known| known.as_str() == case);
            if !known && !write(&self.slots).introduce(slot, case) {
                let what = "the case it introduces has another slot".to_owned();
                *fault = Some(LogError::damaged(&self.dir, sequence, what));
                return;
            }
        }
    }

    fn decode(
        &self,
        group: &Group,
        after: Head,
        books: (&Keyring, &Slots),
        words: &mut Interner,
    ) -> (Vec<Stored>, Option<LogError>) {
        let (mut whole, mut buffer) = (Vec::new(), Vec::new());
        for (sequence, bytes) in group.records().filter(|(sequence, _)| *sequence > after.sequence) {
            match stored(sequence, bytes, (books, &self.marker), &mut buffer, words) {
                Ok(stored) => whole.push(stored),
                Err(what) => return (whole, Some(LogError::damaged(&self.dir, sequence, what))),
            }
        }
        (whole, None)
    }

    /// Gives the groups that fjall has as they are stored, key and value, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn stored_groups(&self, mut each: impl FnMut(&[u8], &[u8])) -> Result<(), LogError> {
        for found in self.store.groups(Sequence(1)) {
            let (key, value) = found.map_err(|error| self.engine("read", error))?;
            each(&key, &value);
        }
        Ok(())
    }

    /// Reads a group as it is stored, proves its own chain and opens its entries. The cases of their slots must be
    /// known.
    ///
    /// # Errors
    /// At the first entry that is not what was appended.
    pub fn read_group(&self, key: &[u8], value: &[u8]) -> Result<Vec<Stored>, LogError> {
        let group =
            Group::from_stored(key, value).map_err(|(at, what)| LogError::damaged(&self.dir, at, what))?;
        let (keyring, slots) = (read(&self.keyring), read(&self.slots));
        let (whole, fault) = self.decode(&group, Head::ORIGIN, (&keyring, &slots), &mut Interner::default());
        fault.map_or(Ok(whole), Err)
    }

    /// Walks the stored records after one place up to another, as the chain covers them, without opening their
    /// seals; gives the end of what was read.
    ///
    /// # Errors
    /// At the first record that is not what was appended.
    pub(super) fn walk(
        &self,
        after: Sequence,
        last: Sequence,
        mut each: impl FnMut(Sequence, &[u8]),
    ) -> Result<Head, LogError> {
        let mut end: Option<Head> = None;
        for found in self.found(Head { sequence: after, ..Head::ORIGIN }) {
            let group = self.group(&found?)?;
            if group.before.sequence >= last {
                break;
            }
            let from = end.unwrap_or(if after.0 == 0 { Head::ORIGIN } else { group.before });
            self.join(&group, from, &mut end)?;
            let wanted = |sequence: Sequence| sequence > after && sequence <= last;
            group
                .records()
                .filter(|(sequence, _)| wanted(*sequence))
                .for_each(|(sequence, record)| each(sequence, record));
            if group.after.sequence > last {
                end = Some(group.end_at(last));
            }
        }
        Ok(end.unwrap_or(Head { sequence: after, ..Head::ORIGIN }))
    }

    /// Whether the chain passes through `head`.
    #[must_use]
    pub fn stands_at(&self, head: Head) -> bool {
        if head.sequence.0 == 0 {
            return head == Head::ORIGIN;
        }
        self.group_at(head.sequence).is_ok_and(|group| group.is_some_and(|group| group.stands_at(head)))
    }

    /// The entry at a place; `None` beyond the end.
    ///
    /// # Errors
    /// As [`LogReader::replay`].
    pub fn at(&self, sequence: Sequence) -> Result<Option<Stored>, LogError> {
        let Some(group) = self.group_at(sequence)? else { return Ok(None) };
        let Some((_, bytes)) = group.records().find(|(place, _)| *place == sequence) else { return Ok(None) };
        let (keyring, slots) = (read(&self.keyring), read(&self.slots));
        let books = ((&*keyring, &*slots), &self.marker);
        stored(sequence, bytes, books, &mut Vec::new(), &mut Interner::default())
            .map(Some)
            .map_err(|what| LogError::damaged(&self.dir, sequence, what))
    }

    /// The group that holds a place. The last one is kept: whoever sends again what is there does so in order.
    fn group_at(&self, sequence: Sequence) -> Result<Option<Arc<Group>>, LogError> {
        let holds = |group: &Group| group.before.sequence < sequence && sequence <= group.after.sequence;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = last.as_ref().filter(|group| holds(group)) {
            return Ok(Some(Arc::clone(group)));
        }
        let group = match self.recent.at(sequence) {
            Some(frame) => frame.group.clone(),
            None => match self.store.groups(sequence).next() {
                Some(found) => {
                    let (key, value) = found.map_err(|error| self.engine("read", error))?;
                    self.group(&Found::Stored(key, value))?
                }
                None => return Ok(None),
            },
        };
        let group = Arc::new(group);
        *last = Some(Arc::clone(&group));
        Ok(holds(&group).then_some(group))
    }

    /// Opens a message of the outbox.
    pub(super) fn open_message(&self, name: &str, sealed: Vec<u8>) -> Result<Vec<u8>, LogError> {
        let broken = || LogError::Outbox { dir: self.dir.clone() };
        let keyring = read(&self.keyring);
        let KeyState::Usable(key) = keyring.key(Slot::OFFICE) else { return Err(LogError::NoKey(0)) };
        let mut sealed = sealed;
        let (nonce, message) = sealed.split_first_chunk_mut::<12>().ok_or_else(broken)?;
        key.open(*nonce, name.as_bytes(), message).map(|message| message.to_vec()).map_err(|_| broken())
    }

    pub(super) fn engine(&self, doing: &'static str, error: fjall::Error) -> LogError {
        LogError::Engine { dir: self.dir.clone(), doing, error }
    }
}

/// Reads a record.
fn stored(
    sequence: Sequence,
    bytes: &[u8],
    ((keyring, slots), marker): ((&Keyring, &Slots), &Marker),
    buffer: &mut Vec<u8>,
    words: &mut Interner,
) -> Result<Stored, String> {
    let header = record::header(bytes)?;
    let case = slots.case(header.slot);
    let content = match (keyring.key(header.slot), case) {
        (KeyState::Usable(key), _) => {
            let content = header.open(bytes, sequence, key, buffer)?;
            read_content(content, case, words)?
        }
        (KeyState::Destroyed, Some(case)) => Content::Gone { case: case.clone(), event: !header.own },
        (KeyState::Destroyed | KeyState::Missing, _) => {
            return Err(format!("the key of slot {} is not in the keyring", header.slot.0));
        }
    };
    let mark = content.id().map(|id| marker.mark(&id));
    Ok(Stored { sequence, recorded: header.recorded, mark, content })
}
