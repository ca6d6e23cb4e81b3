//! What the keyring's box holds: the signing seed, then a state and a key for each slot.

use zeroize::{Zeroize as _, Zeroizing};

use super::{KeyringError, Slot, random};

const SEED: usize = 32;
/// A state byte and a key of 32 bytes.
const SLOT: usize = 33;
const DESTROYED: u8 = 0;
const USABLE: u8 = 1;

/// The content of the box as stored, wiped when dropped.
#[derive(Clone)]
pub(super) struct Table(Zeroizing<Vec<u8>>);

/// What the table has for a slot.
#[derive(Clone, Copy)]
pub(super) enum Content<'table> {
    Key(&'table [u8; 32]),
    Destroyed,
    Missing,
}

impl Table {
    /// A new seed, and `slots` new keys.
    pub(super) fn random(slots: u32) -> Result<Self, KeyringError> {
        let mut seed = Zeroizing::new(vec![0; SEED]);
        random(&mut seed)?;
        Self(seed).extended(slots)
    }

    /// This table with new keys up to `slots` in all.
    pub(super) fn extended(&self, slots: u32) -> Result<Self, KeyringError> {
        let length = SEED + SLOT * slots as usize;
        // All the room beforehand: keys must not be left behind by growing.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        bytes.extend_from_slice(&self.0);
        let known = bytes.len();
        bytes.resize(length, 0);
        random(&mut bytes[known..])?;
        bytes[known..].iter_mut().step_by(SLOT).for_each(|state| *state = USABLE);
        Ok(Self(bytes))
    }

    /// This table without the key of `slot`.
    pub(super) fn without(&self, slot: Slot) -> Self {
        let mut table = self.clone();
        let start = SEED + SLOT * slot.0 as usize;
        if let Some(bytes) = table.0.get_mut(start..start + SLOT) {
            bytes.zeroize();
            bytes[0] = DESTROYED;
        }
        table
    }

    /// Whether a box of `length` bytes can hold a table.
    pub(super) fn fits(length: usize) -> bool {
        length > SEED && (length - SEED).is_multiple_of(SLOT) && u32::try_from((length - SEED) / SLOT).is_ok()
    }

    /// The table with these bytes, if they are one.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let sound = |slot: &[u8]| match slot {
            [DESTROYED, key @ ..] => key.iter().all(|byte| *byte == 0),
            [state, ..] => *state == USABLE,
            [] => false,
        };
        (Self::fits(bytes.len()) && bytes[SEED..].chunks(SLOT).all(sound))
            .then(|| Self(Zeroizing::new(bytes.to_vec())))
    }

    /// The bytes to seal.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many slots there are.
    pub(super) fn slots(&self) -> u32 {
        u32::try_from((self.0.len() - SEED) / SLOT).unwrap_or(u32::MAX)
    }

    /// What there is in `slot`.
    pub(super) fn content(&self, slot: Slot) -> Content<'_> {
        let start = SEED + SLOT * slot.0 as usize;
        match self.0.get(start..start + SLOT).and_then(<[u8]>::split_first) {
            Some((&USABLE, key)) => key.first_chunk().map_or(Content::Missing, Content::Key),
            Some(_) => Content::Destroyed,
            None => Content::Missing,
        }
    }

    /// The seed of the key that signs checkpoints.
    pub(super) fn seed(&self) -> &[u8; SEED] {
        self.0.first_chunk().unwrap_or_else(|| unreachable!("a table begins with a seed"))
    }
}
