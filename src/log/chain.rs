//! The hash chain: each entry vouches for the one before it.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::case::{Sequence, hex};

/// A link of the chain: SHA-256 over the link before and the stored bytes of the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first entry is chained to.
    pub const ORIGIN: Self = Self([0; 32]);

    /// The link after this one, for the stored bytes of an entry.
    #[must_use]
    pub fn next(self, record: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(record);
        Self(hasher.finalize().into())
    }
}

/// The end of the log, or of a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The number of the last entry; 0 for an empty log.
    pub sequence: Sequence,
    /// The last link of the chain.
    pub hash: Hash,
}

impl Head {
    /// The end of an empty log.
    pub const ORIGIN: Self = Self { sequence: Sequence(0), hash: Hash::ORIGIN };
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_bytes_are_pinned() {
        let link = Hash::ORIGIN.next(b"{}");
        insta::assert_snapshot!(link, @"fb1634c4e6cd4b1f1afe3ce2d6ef080f7ac5d1f357d723ad4dfca782733b62db");
    }
}
