//! A group of records: what is written, moved and checked at one time.

use super::record::{read_varint, write_varint};
use super::{Hash, Head};
use crate::case::Sequence;

/// The first byte of a stored group.
const VERSION: u8 = 2;
const LINK: usize = 32;

/// Records one after the other, each with its length before it, and the ends of the chain that they link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The end of the log before it.
    pub before: Head,
    /// The end of the log with it.
    pub after: Head,
    records: Vec<u8>,
}

impl Group {
    /// An empty group after `before`.
    pub(super) const fn after(before: Head) -> Self {
        Self { before, after: before, records: Vec::new() }
    }

    /// The records with their lengths.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.records
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The place that the next record takes.
    pub(super) const fn next(&self) -> Sequence {
        Sequence(self.after.sequence.0 + 1)
    }

    pub(super) fn push(&mut self, record: &[u8]) {
        self.after = Head { sequence: self.next(), hash: self.after.hash.next(record) };
        write_varint(record.len() as u64, &mut self.records);
        self.records.extend_from_slice(record);
    }

    /// Takes a group that follows this one into it.
    pub(super) fn join(&mut self, next: &Self) {
        self.records.extend_from_slice(&next.records);
        self.after = next.after;
    }

    /// Reads records that follow `before`, linking them anew.
    pub(super) fn read(before: Head, records: Vec<u8>) -> Result<Self, (Sequence, &'static str)> {
        let mut after = before;
        for record in each(&records) {
            let sequence = Sequence(after.sequence.0 + 1);
            let record = record.ok_or((sequence, "the record is cut short"))?;
            after = Head { sequence, hash: after.hash.next(record) };
        }
        Ok(Self { before, after, records })
    }

    /// Every record with its place.
    pub(super) fn records(&self) -> impl Iterator<Item = (Sequence, &[u8])> {
        (self.before.sequence.0 + 1..).map(Sequence).zip(each(&self.records).flatten())
    }

    /// Whether the chain passes through `head` at the start of this group, within it or at its end.
    pub(super) fn stands_at(&self, head: Head) -> bool {
        self.end_at(head.sequence) == head
    }

    /// How the chain stands at a place of this group; at its start or its end, where that place is beyond them.
    pub(super) fn end_at(&self, last: Sequence) -> Head {
        let wanted = self.records().take_while(|(sequence, _)| *sequence <= last);
        wanted.fold(self.before, |at, (sequence, record)| Head { sequence, hash: at.hash.next(record) })
    }

    /// The part of this group up to a place.
    pub(super) fn up_to(self, last: Sequence) -> Self {
        if self.after.sequence <= last {
            return self;
        }
        let mut part = Self::after(self.before);
        let wanted = self.records().take_while(|(sequence, _)| *sequence <= last);
        wanted.for_each(|(_, record)| part.push(record));
        part
    }

    /// The key it is stored under: the places of its first and its last record, so that keys alone show gaps.
    pub(super) fn key(&self) -> [u8; 16] {
        let mut key = [0; 16];
        let (first, last) = key.split_at_mut(8);
        first.copy_from_slice(&(self.before.sequence.0 + 1).to_be_bytes());
        last.copy_from_slice(&self.after.sequence.0.to_be_bytes());
        key
    }

    /// The value it is stored as: version, the link before it, the records, the link after it.
    pub(super) fn value(&self) -> Vec<u8> {
        let mut value = Vec::with_capacity(1 + 2 * LINK + self.records.len());
        value.push(VERSION);
        value.extend_from_slice(&self.before.hash.0);
        value.extend_from_slice(&self.records);
        value.extend_from_slice(&self.after.hash.0);
        value
    }

    /// The places that a key names.
    pub(super) fn places(key: &[u8]) -> Option<(Sequence, Sequence)> {
        let (first, rest) = key.split_first_chunk()?;
        let last = <[u8; 8]>::try_from(rest).ok()?;
        let (first, last) = (u64::from_be_bytes(*first), u64::from_be_bytes(last));
        (first > 0 && first <= last).then_some((Sequence(first), Sequence(last)))
    }

    /// The links before and after that a value claims, unproven.
    pub(super) fn claims(value: &[u8]) -> Result<(Hash, Hash), String> {
        let [version, rest @ ..] = value else { return Err("the group is empty".to_owned()) };
        if *version != VERSION {
            return Err(format!("its group version is {version}, not {VERSION}"));
        }
        let ends = rest.split_first_chunk().zip(rest.split_last_chunk());
        let ((before, _), (_, after)) = ends.ok_or("the group is cut short")?;
        Ok((Hash(*before), Hash(*after)))
    }

    /// Reads a stored group and proves that its records link its ends.
    pub(super) fn from_stored(key: &[u8], value: &[u8]) -> Result<Self, (Sequence, String)> {
        let (first, last) = Self::places(key).ok_or((Sequence(0), "a key names no places".to_owned()))?;
        let fault = |what: String| (first, what);
        let (before, after) = Self::claims(value).map_err(fault)?;
        let records = value.get(1 + LINK..value.len().saturating_sub(LINK)).unwrap_or_default();
        let before = Head { sequence: Sequence(first.0 - 1), hash: before };
        let group = Self::read(before, records.to_vec()).map_err(|(at, what)| (at, what.to_owned()))?;
        if group.after != (Head { sequence: last, hash: after }) {
            return Err(fault(format!("entries {first} to {last} are not those that were appended")));
        }
        Ok(group)
    }
}

/// Each record; `None` once where the bytes are cut short.
fn each(mut rest: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let len = read_varint(&mut rest).and_then(|len| usize::try_from(len).ok());
        let Some((record, after)) = len.and_then(|len| rest.split_at_checked(len)) else {
            rest = &[];
            return Some(None);
        };
        rest = after;
        Some(Some(record))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group() -> Group {
        let mut group = Group::after(Head::ORIGIN);
        for record in [b"one".as_slice(), b"two", b"three"] {
            group.push(record);
        }
        group
    }

    #[test]
    fn the_stored_bytes_are_pinned() {
        let group = group();
        assert_eq!(group.bytes(), b"\x03one\x03two\x05three");
        assert_eq!(group.value().len(), 1 + 32 + 14 + 32);
        insta::assert_snapshot!(group.after.hash, @"0379f5271daddc14743e3e2b8ba26c45077615e0e6f4a7227cd7f5e7e8ba8a73");
        assert_eq!(Group::from_stored(&group.key(), &group.value()).as_ref(), Ok(&group));
    }

    #[test]
    fn joined_groups_are_the_group_of_all_their_records() {
        let whole = group();
        let mut one = Group::after(Head::ORIGIN);
        one.push(b"one");
        let mut two = Group::after(one.after);
        two.push(b"two");
        two.push(b"three");
        one.join(&two);
        assert_eq!(one, whole);
    }

    #[test]
    fn every_changed_byte_shows() {
        let group = group();
        for place in 0..group.value().len() {
            let mut value = group.value();
            value[place] ^= 1;
            assert!(Group::from_stored(&group.key(), &value).is_err(), "byte {place}");
        }
        for cut in 0..group.value().len() {
            assert!(Group::from_stored(&group.key(), &group.value()[..cut]).is_err(), "cut at {cut}");
        }
        let mut key = group.key();
        key[15] += 1;
        assert!(Group::from_stored(&key, &group.value()).is_err(), "another key");
    }
}
