//! Reading the log: in order, by case, by id; every entry checked against the one before it.

use std::path::PathBuf;

use fjall::Keyspace;
use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};

use super::chain::unframe;
use super::entry::{Payload, read};
use super::{Draft, Entry, Hash, Head, LogError};
use crate::calendar::Instant;
use crate::case::{CaseRef, EventId, EventNumber, Interner, Sequence};

/// An entry as the log holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its place in the log.
    pub sequence: Sequence,
    /// When it was recorded.
    pub recorded: Instant,
    /// What it is.
    pub entry: Entry,
}

impl Stored {
    /// Adds the entry to `lines` as one line of JSON, as `import` reads it.
    pub fn write_line(&self, lines: &mut Vec<u8>) {
        let payload = Payload { entry: &self.entry, recorded: self.recorded };
        // Writing to memory does not fail, and the entry was read from JSON.
        if serde_json::to_writer(&mut *lines, &payload).is_ok() {
            lines.push(b'\n');
        }
    }
}

/// How many entries are decoded at a time.
const PART: usize = 8_192;

/// An entry as it is stored, with its place.
type Record = (u64, fjall::Slice);

/// Reads the log beside its one writer: what it sees is synced.
#[derive(Clone)]
pub struct LogReader {
    pub(super) dir: PathBuf,
    pub(super) entries: Keyspace,
    pub(super) by_case: Keyspace,
    pub(super) by_id: Keyspace,
}

impl LogReader {
    /// Reads the whole log in order, checking that nothing is missing or changed.
    ///
    /// # Errors
    /// At the first entry that is not what was appended.
    pub fn replay(&self, mut each: impl FnMut(Stored)) -> Result<(), LogError> {
        let mut records = (1..).zip(self.entries.iter()).map(|(expected, guard)| {
            let (key, record) = guard.into_inner().map_err(|error| self.engine("read", error))?;
            let sequence = <[u8; 8]>::try_from(&*key).map(u64::from_be_bytes);
            match sequence.ok() {
                Some(sequence) if sequence == expected => Ok((sequence, record)),
                _ => Err(self.damaged(expected, "the entry is missing")),
            }
        });
        // While one part is taken, the next is read and decoded by the other cores.
        let mut link = Hash::ORIGIN;
        let mut part = self.part(records.by_ref().take(PART).collect(), &mut link);
        loop {
            let (decoded, fault) = part;
            let next: Vec<_> =
                if fault.is_none() { records.by_ref().take(PART).collect() } else { Vec::new() };
            let is_last = next.is_empty();
            part = (Vec::new(), None);
            rayon::in_place_scope(|scope| {
                scope.spawn(|_| part = self.part(next, &mut link));
                decoded.into_iter().for_each(&mut each);
            });
            match fault {
                Some(fault) => return Err(fault),
                None if is_last => return Ok(()),
                None => {}
            }
        }
    }

    /// Decodes a part of the log, as far as it is whole, and gives the fault it breaks off with. `link` is the
    /// one before it, and then its last.
    fn part(
        &self,
        records: Vec<Result<Record, LogError>>,
        link: &mut Hash,
    ) -> (Vec<Stored>, Option<LogError>) {
        // Each record carries its own link, so that all can be judged at once.
        let links =
            records.iter().map(|record| record.as_ref().ok().and_then(|(_, record)| unframe(record).ok()));
        let links: Vec<_> =
            [Some(*link)].into_iter().chain(links.map(|found| found.map(|(link, _)| link))).collect();
        let decoded: Vec<_> = records
            .into_par_iter()
            .zip(&links)
            .map_init(Interner::default, |interner, (record, before)| {
                let (sequence, record) = record?;
                self.decode(sequence, &record, before.unwrap_or(Hash::ORIGIN), interner)
            })
            .collect();
        let mut whole = Vec::with_capacity(decoded.len());
        for entry in decoded {
            match entry {
                Ok((stored, next)) => {
                    *link = next;
                    whole.push(stored);
                }
                Err(fault) => return (whole, Some(fault)),
            }
        }
        (whole, None)
    }

    /// The entries of one case in the order of the log, found by the case index.
    ///
    /// # Errors
    /// As [`LogReader::replay`].
    pub fn case(&self, case: &CaseRef) -> Result<Vec<Stored>, LogError> {
        let mut interner = Interner::default();
        let mut found = Vec::new();
        for guard in self.by_case.prefix(case_prefix(case)) {
            let value = guard.value().map_err(|error| self.engine("read", error))?;
            found.push(self.at(&value, &mut interner)?);
        }
        Ok(found)
    }

    /// The entry with this id, found by the id index.
    ///
    /// # Errors
    /// As [`LogReader::replay`].
    pub fn find(&self, id: &EventId) -> Result<Option<Stored>, LogError> {
        let place = self.by_id.get(id.as_str()).map_err(|error| self.engine("read", error))?;
        place.map(|place| self.at(&place, &mut Interner::default())).transpose()
    }

    /// How the indexes fail to lead to `stored`, whose number in its case is `number`; `None` where they do.
    #[must_use]
    pub fn index_fault(&self, stored: &Stored, number: Option<EventNumber>) -> Option<String> {
        let place = stored.sequence.0.to_be_bytes();
        let leads = |found: fjall::Result<Option<fjall::Slice>>| {
            found.is_ok_and(|found| found.is_some_and(|found| *found == place))
        };
        if !leads(self.by_id.get(stored.entry.id().as_str())) {
            return Some(format!("the index of ids does not lead to entry {}", stored.sequence));
        }
        let (case, number) = stored.entry.case().zip(number)?;
        let found = leads(self.by_case.get(case_key(case, number)));
        (!found).then(|| format!("the index of cases does not lead to entry {}", stored.sequence))
    }

    /// The entry of a draft that waits to be stored.
    ///
    /// # Errors
    /// When the draft was not made of an entry.
    pub fn read_draft(&self, draft: &Draft) -> Result<Entry, LogError> {
        let (entry, _) = read(&draft.payload, &mut Interner::default())
            .map_err(|error| self.damaged(0, format!("an entry that was to be written: {error}")))?;
        Ok(entry)
    }

    /// The end of the log, as its last entry says.
    pub(super) fn head(&self) -> Result<Head, LogError> {
        let Some(guard) = self.entries.last_key_value() else {
            return Ok(Head { sequence: Sequence(0), hash: Hash::ORIGIN });
        };
        let (key, record) = guard.into_inner().map_err(|error| self.engine("read", error))?;
        let sequence = <[u8; 8]>::try_from(&*key).map(u64::from_be_bytes).unwrap_or_default();
        let (hash, _) = unframe(&record).map_err(|what| self.damaged(sequence, what))?;
        Ok(Head { sequence: Sequence(sequence), hash })
    }

    /// The entry that an index points to, checked against the link before it.
    fn at(&self, place: &[u8], interner: &mut Interner) -> Result<Stored, LogError> {
        let sequence = <[u8; 8]>::try_from(place).map(u64::from_be_bytes).unwrap_or_default();
        let get = |sequence: u64| {
            let record =
                self.entries.get(sequence.to_be_bytes()).map_err(|error| self.engine("read", error))?;
            record.ok_or_else(|| self.damaged(sequence, "an index points to it, and it is missing"))
        };
        let before = match sequence {
            0 => return Err(self.damaged(0, "an index points nowhere")),
            1 => Hash::ORIGIN,
            _ => unframe(&get(sequence - 1)?).map_err(|what| self.damaged(sequence - 1, what))?.0,
        };
        let record = get(sequence)?;
        self.decode(sequence, &record, before, interner).map(|(stored, _)| stored)
    }

    fn decode(
        &self,
        sequence: u64,
        record: &[u8],
        before: Hash,
        interner: &mut Interner,
    ) -> Result<(Stored, Hash), LogError> {
        let (link, payload) = unframe(record).map_err(|what| self.damaged(sequence, what))?;
        if before.next(payload) != link {
            return Err(self.damaged(sequence, "its hash does not fit the entry before it"));
        }
        let (entry, recorded) =
            read(payload, interner).map_err(|error| self.damaged(sequence, error.to_string()))?;
        Ok((Stored { sequence: Sequence(sequence), recorded, entry }, link))
    }

    pub(super) fn engine(&self, doing: &'static str, error: fjall::Error) -> LogError {
        LogError::Engine { dir: self.dir.clone(), doing, error }
    }

    fn damaged(&self, sequence: u64, what: impl Into<String>) -> LogError {
        LogError::Damaged { dir: self.dir.clone(), sequence, what: what.into() }
    }
}

fn case_prefix(case: &CaseRef) -> Vec<u8> {
    let mut key = case.as_str().as_bytes().to_vec();
    key.push(0);
    key
}

pub(super) fn case_key(case: &CaseRef, number: EventNumber) -> Vec<u8> {
    let mut key = case_prefix(case);
    key.extend_from_slice(&number.0.to_be_bytes());
    key
}
