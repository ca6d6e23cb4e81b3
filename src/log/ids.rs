//! The index of ids: which places of the log an id may stand at. It holds keyed hashes, so that it tells nothing
//! of ids that come from somebody's case system.

use std::sync::Arc;

use rayon::slice::ParallelSliceMut as _;
use sha2::{Digest as _, Sha256};

use super::keyring::Keyring;
use crate::case::{EventId, Sequence};

/// The keyed hash of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(u64);

/// What marks are made with: a secret of this log.
#[derive(Clone)]
pub struct Marker([u8; 32]);

impl Marker {
    /// The marker of the log with this keyring: its secret comes from the keyring, so that it can be had again.
    pub(super) fn of(keyring: &Keyring) -> Self {
        Self(keyring.signing_seed().derive(b"stepdown ids"))
    }

    /// The mark of an id.
    #[must_use]
    pub fn mark(&self, id: &EventId) -> Mark {
        let hash = Sha256::new().chain_update(self.0).chain_update(id.as_str()).finalize();
        Mark(hash.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)).unwrap_or_default())
    }
}

/// A mark with its place, both big-endian, so that they sort as bytes.
type Entry = [u8; ENTRY];
const ENTRY: usize = 12;

/// The index: what is settled, sorted and shared, and what came since. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    /// Entries one after the other, as a snapshot holds them.
    settled: Arc<Vec<u8>>,
    recent: imbl::OrdSet<Entry>,
    /// What comes while nobody looks anything up, in no order.
    gathered: Option<Vec<Entry>>,
}

impl PartialEq for Ids {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

/// How many ids may come before they are settled.
const RECENT: usize = 1 << 16;

impl Ids {
    /// Takes note of an id.
    pub fn insert(&mut self, mark: Mark, sequence: Sequence) {
        let entry = entry(mark, sequence);
        if let Some(gathered) = &mut self.gathered {
            gathered.push(entry);
            return;
        }
        self.recent.insert(entry);
        if self.recent.len() > RECENT.max(self.entries().len() / 4) {
            self.settle();
        }
    }

    /// Begins to gather: until [`Ids::settle`] ids are taken quickly, and none is found.
    pub fn gather(&mut self) {
        self.gathered.get_or_insert_default();
    }

    /// Sorts in all that came.
    pub fn settle(&mut self) {
        let mut new: Vec<Entry> = std::mem::take(&mut self.recent).into_iter().collect();
        new.extend(self.gathered.take().unwrap_or_default());
        if new.is_empty() {
            return;
        }
        new.par_sort_unstable();
        let mut all = Vec::with_capacity(self.settled.len() + new.len() * ENTRY);
        let mut settled = self.entries().iter().peekable();
        for entry in &new {
            while let Some(before) = settled.next_if(|known| *known < entry) {
                all.extend_from_slice(before);
            }
            all.extend_from_slice(entry);
        }
        settled.for_each(|entry| all.extend_from_slice(entry));
        self.settled = Arc::new(all);
    }

    fn entries(&self) -> &[Entry] {
        self.settled.as_chunks().0
    }

    /// Forgets the ids that stand at these places, in order: what was there is erased.
    pub fn forget(&mut self, places: &[Sequence]) {
        if places.is_empty() {
            return;
        }
        let kept = |entry: &Entry| places.binary_search(&read(entry).1).is_err();
        self.settled =
            Arc::new(self.entries().iter().filter(|entry| kept(entry)).flatten().copied().collect());
        self.recent = self.recent.iter().copied().filter(kept).collect();
        if let Some(gathered) = &mut self.gathered {
            gathered.retain(kept);
        }
    }

    /// The places at which the id of this mark may stand, oldest first.
    pub fn find(&self, mark: Mark) -> impl Iterator<Item = Sequence> {
        let (first, last) = (entry(mark, Sequence(0)), entry(mark, Sequence(u64::MAX)));
        let entries = self.entries();
        let start = entries.partition_point(|known| *known < first);
        let settled = entries.iter().skip(start).take_while(move |known| **known <= last);
        settled.chain(self.recent.range(first..=last)).map(|entry| read(entry).1)
    }

    /// Every entry, in order.
    fn iter(&self) -> impl Iterator<Item = &Entry> {
        let mut settled = self.entries().iter().peekable();
        let mut recent = self.recent.iter().peekable();
        std::iter::from_fn(move || match (settled.peek(), recent.peek()) {
            (Some(one), Some(other)) if one > other => recent.next(),
            (Some(_), _) => settled.next(),
            (None, _) => recent.next(),
        })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries().len() + self.recent.len() + self.gathered.as_ref().map_or(0, Vec::len)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index as bytes, for a snapshot.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.iter().flatten().copied().collect()
    }

    /// Takes what [`Ids::to_bytes`] wrote; `None` where that is something else.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let (entries, rest) = bytes.as_chunks::<ENTRY>();
        let fits = rest.is_empty() && entries.is_sorted();
        fits.then(|| Self { settled: Arc::new(bytes), ..Self::default() })
    }
}

/// A log of four thousand million entries is more than any authority will see.
fn entry(Mark(mark): Mark, sequence: Sequence) -> Entry {
    let place = u32::try_from(sequence.0).unwrap_or(u32::MAX);
    let mut entry = [0; ENTRY];
    let (head, tail) = entry.split_at_mut(8);
    head.copy_from_slice(&mark.to_be_bytes());
    tail.copy_from_slice(&place.to_be_bytes());
    entry
}

fn read(entry: &Entry) -> (Mark, Sequence) {
    let (mark, place) = entry.split_at(8);
    let mark = mark.first_chunk().copied().map_or(0, u64::from_be_bytes);
    let place = place.first_chunk().copied().map_or(0, u32::from_be_bytes);
    (Mark(mark), Sequence(u64::from(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found_before_and_after_it_is_settled() {
        let marker = Marker([7; 32]);
        let mark = |n: u64| marker.mark(&format!("e{n}").parse().expect("an id"));
        let mut ids = Ids::default();
        for n in 1..=70_000 {
            ids.insert(mark(n), Sequence(n));
        }
        let again = Ids::from_bytes(ids.to_bytes()).expect("whole");
        let mut gathered = Ids::default();
        gathered.gather();
        (1..=70_000).rev().for_each(|n| gathered.insert(mark(n), Sequence(n)));
        gathered.settle();
        for ids in [&ids, &again, &gathered] {
            assert_eq!(ids.len(), 70_000);
            for n in [1, 65_536, 65_537, 70_000] {
                assert_eq!(ids.find(mark(n)).collect::<Vec<_>>(), [Sequence(n)]);
            }
            assert_eq!(ids.find(mark(0)).count(), 0);
        }
        assert!(Ids::from_bytes(again.to_bytes()[1..].to_vec()).is_none());
    }

    #[test]
    fn two_entries_of_one_mark_are_both_found() {
        let mut ids = Ids::default();
        ids.insert(Mark(5), Sequence(2));
        ids.insert(Mark(5), Sequence(1));
        assert_eq!(ids.find(Mark(5)).collect::<Vec<_>>(), [Sequence(1), Sequence(2)]);
        ids.forget(&[Sequence(1), Sequence(7)]);
        assert_eq!(ids.find(Mark(5)).collect::<Vec<_>>(), [Sequence(2)]);
    }
}
