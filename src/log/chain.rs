//! The hash chain: each entry seals the one before it.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::case::hex;

/// A link of the chain: SHA-256 over the link before and the entry's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first entry is chained to.
    pub const ORIGIN: Self = Self([0; 32]);

    /// The link after this one, for `payload`.
    #[must_use]
    pub fn next(self, payload: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(payload);
        Self(hasher.finalize().into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// The first byte of every stored record.
const VERSION: u8 = 1;
const HEADER: usize = 33;

/// A stored record: the version, the link, the payload.
pub(super) fn frame(link: Hash, payload: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(HEADER + payload.len());
    record.push(VERSION);
    record.extend_from_slice(&link.0);
    record.extend_from_slice(payload);
    record
}

/// The link and the payload of a stored record.
pub(super) fn unframe(record: &[u8]) -> Result<(Hash, &[u8]), String> {
    match record {
        [VERSION, rest @ ..] => {
            let (link, payload) = rest.split_first_chunk().ok_or("the record is cut short")?;
            Ok((Hash(*link), payload))
        }
        [version, ..] => Err(format!("its record version is {version}, not {VERSION}")),
        [] => Err("the record is empty".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_bytes_are_pinned() {
        let link = Hash::ORIGIN.next(b"{}");
        insta::assert_snapshot!(link, @"fb1634c4e6cd4b1f1afe3ce2d6ef080f7ac5d1f357d723ad4dfca782733b62db");
        assert_eq!(frame(link, b"{}").len(), 35);
        assert_eq!(unframe(&frame(link, b"{}")), Ok((link, b"{}".as_slice())));
    }

    #[test]
    fn a_record_of_another_version_or_cut_short_is_refused() {
        assert_eq!(unframe(&[2; 40]), Err("its record version is 2, not 1".to_owned()));
        assert_eq!(unframe(&[1; 20]), Err("the record is cut short".to_owned()));
        assert_eq!(unframe(&[]), Err("the record is empty".to_owned()));
    }
}
