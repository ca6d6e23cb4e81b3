//! The index of ids: which places of the log an id may stand at. It holds keyed hashes, so that it tells nothing
//! of ids that come from somebody's case system.

use std::sync::Arc;

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

/// The index: what is settled, sorted and shared, and what came since. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    settled: Arc<[(u64, u32)]>,
    recent: imbl::OrdSet<(u64, u32)>,
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
        self.recent.insert((mark.0, place(sequence)));
        if self.recent.len() > RECENT.max(self.settled.len() / 4) {
            self.settle();
        }
    }

    fn settle(&mut self) {
        let recent = std::mem::take(&mut self.recent);
        let mut all = Vec::with_capacity(self.settled.len() + recent.len());
        all.extend_from_slice(&self.settled);
        all.extend(recent);
        #[expect(clippy::stable_sort_primitive, reason = "it finds two sorted runs and merges them")]
        all.sort();
        self.settled = all.into();
    }

    /// Forgets the ids that stand at these places, in order: what was there is erased.
    pub fn forget(&mut self, places: &[Sequence]) {
        let kept = |(_, at): &(u64, u32)| places.binary_search(&Sequence(u64::from(*at))).is_err();
        if !places.is_empty() {
            self.settled = self.settled.iter().copied().filter(kept).collect();
            self.recent = self.recent.iter().copied().filter(kept).collect();
        }
    }

    /// The places at which the id of this mark may stand, oldest first.
    pub fn find(&self, Mark(mark): Mark) -> impl Iterator<Item = Sequence> {
        let start = self.settled.partition_point(|(known, _)| *known < mark);
        let settled = self.settled.iter().skip(start).take_while(move |(known, _)| *known == mark);
        let recent = self.recent.range((mark, 0)..=(mark, u32::MAX));
        settled.chain(recent).map(|(_, place)| Sequence(u64::from(*place)))
    }

    /// Every mark with its place, in order.
    fn iter(&self) -> impl Iterator<Item = (u64, u32)> {
        let mut settled = self.settled.iter().copied().peekable();
        let mut recent = self.recent.iter().copied().peekable();
        std::iter::from_fn(move || match (settled.peek(), recent.peek()) {
            (Some(one), Some(other)) if one > other => recent.next(),
            (Some(_), _) => settled.next(),
            (None, _) => recent.next(),
        })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.settled.len() + self.recent.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index as bytes, for a snapshot.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len() * 12);
        let mut settled = self.clone();
        settled.settle();
        for (mark, place) in &*settled.settled {
            bytes.extend_from_slice(&mark.to_le_bytes());
            bytes.extend_from_slice(&place.to_le_bytes());
        }
        bytes
    }

    /// Reads what [`Ids::to_bytes`] wrote; `None` where that is something else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (entries, rest) = bytes.as_chunks::<12>();
        let read = |entry: &[u8; 12]| {
            let (mark, place) = entry.split_first_chunk()?;
            Some((u64::from_le_bytes(*mark), u32::from_le_bytes(*place.first_chunk()?)))
        };
        let settled: Option<Arc<[_]>> = entries.iter().map(read).collect();
        let settled = settled.filter(|settled| rest.is_empty() && settled.is_sorted())?;
        Some(Self { settled, recent: imbl::OrdSet::new() })
    }
}

/// A log of four thousand million entries is more than any authority will see.
fn place(sequence: Sequence) -> u32 {
    u32::try_from(sequence.0).unwrap_or(u32::MAX)
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
        let again = Ids::from_bytes(&ids.to_bytes()).expect("whole");
        for ids in [&ids, &again] {
            assert_eq!(ids.len(), 70_000);
            for n in [1, 65_536, 65_537, 70_000] {
                assert_eq!(ids.find(mark(n)).collect::<Vec<_>>(), [Sequence(n)]);
            }
            assert_eq!(ids.find(mark(0)).count(), 0);
        }
        assert!(Ids::from_bytes(&again.to_bytes()[1..]).is_none());
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
