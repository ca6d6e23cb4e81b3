//! The Merkle tree over the log's entries (RFC 6962, section 2.1), as little of it as appending needs.
//!
//! Kept are only the roots of the complete subtrees along the right edge, largest first: one for each
//! bit set in the number of leaves, so at most 64 hashes however long the log.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::CheckpointError;

/// A SHA-256 of the tree: of a leaf, an inner node or the root. Shown in base64, as checkpoints write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TreeHash(pub [u8; 32]);

impl TreeHash {
    /// The root of the tree without leaves: SHA-256 of nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// The hash of a leaf: SHA-256(0x00 || `bytes`).
    #[must_use]
    pub fn leaf(bytes: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
    }

    /// The hash of an inner node: SHA-256(0x01 || `left` || `right`).
    #[must_use]
    pub fn node(left: Self, right: Self) -> Self {
        Self(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

/// A Merkle tree that can grow and name its root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    peaks: Vec<TreeHash>,
}

impl Tree {
    /// The tree without leaves.
    #[must_use]
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// Appends a leaf with these bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.push_hash(TreeHash::leaf(bytes));
    }

    /// Appends a leaf whose hash ([`TreeHash::leaf`]) is known already.
    pub fn push_hash(&mut self, leaf: TreeHash) {
        let mut hash = leaf;
        // As in counting up: each bit that carries is a subtree that gets a sibling of its own size.
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().unwrap_or_else(|| unreachable!("a peak for each bit of the size"));
            hash = TreeHash::node(left, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves, the "Merkle Tree Hash" of RFC 6962.
    #[must_use]
    pub fn root(&self) -> TreeHash {
        let right_to_left = self.peaks.iter().rev().copied();
        right_to_left.reduce(|right, left| TreeHash::node(left, right)).unwrap_or_else(TreeHash::empty)
    }

    /// The roots of the complete subtrees, largest (and leftmost) first: one for each bit set in the size.
    #[must_use]
    pub fn peaks(&self) -> &[TreeHash] {
        &self.peaks
    }

    /// The tree as stored: the size as eight bytes, big-endian, then [`Self::peaks`] of 32 bytes each.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 32 * self.peaks.len());
        bytes.extend(self.size.to_be_bytes());
        bytes.extend(self.peaks.iter().flat_map(|peak| peak.0));
        bytes
    }

    /// The tree that was stored as `bytes`.
    ///
    /// # Errors
    /// [`CheckpointError::NotATree`] when the number of hashes does not fit the size. Whether they are the
    /// right hashes only their root can tell, by a checkpoint or by building the tree again.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let (size, hashes) = bytes
            .split_first_chunk()
            .ok_or_else(|| CheckpointError::NotATree("they are cut short within the size".to_owned()))?;
        let size = u64::from_be_bytes(*size);
        let (peaks, rest) = hashes.as_chunks();
        if !rest.is_empty() || peaks.len() != size.count_ones() as usize {
            return Err(CheckpointError::NotATree(format!(
                "{size} leaves need {} hashes of 32 bytes, but there are {} bytes",
                size.count_ones(),
                hashes.len()
            )));
        }
        Ok(Self { size, peaks: peaks.iter().copied().map(TreeHash).collect() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::case::hex;

    /// The leaves and roots of the reference tests of Certificate Transparency (`merkle_tree_test`).
    const KNOWN: [(&[u8], &str); 8] = [
        (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (b"\x00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (b"\x10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (b"\x20\x21", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        (b"\x30\x31", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
        (b"\x40\x41\x42\x43", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
        (
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        ),
        (
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ),
    ];

    #[test]
    fn the_roots_are_those_of_certificate_transparency() {
        let mut tree = Tree::new();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex(&tree.root().0), empty);
        for (leaf, root) in KNOWN {
            tree.push(leaf);
            assert_eq!(hex(&tree.root().0), root, "of {} leaves", tree.size());
        }
    }

    #[test]
    fn bytes_that_are_no_tree_are_refused() {
        let mut tree = Tree::new();
        (0..5_u8).for_each(|leaf| tree.push(&[leaf]));
        let bytes = tree.to_bytes();
        assert_eq!(bytes.len(), 8 + 2 * 32);
        for length in 0..bytes.len() {
            assert!(Tree::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
        }
        insta::assert_snapshot!(
            Tree::from_bytes(&bytes[..40]).expect_err("cut short"),
            @"these are not the stored bytes of a Merkle tree: 5 leaves need 2 hashes of 32 bytes, but there are 32 bytes"
        );
    }

    /// The definition of RFC 6962, section 2.1, word for word.
    fn defined(leaves: &[Vec<u8>]) -> TreeHash {
        match leaves {
            [] => TreeHash::empty(),
            [leaf] => TreeHash::leaf(leaf),
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                TreeHash::node(defined(left), defined(right))
            }
        }
    }

    proptest! {
        #[test]
        fn the_root_is_the_one_defined_and_survives_storing(leaves in vec(vec(any::<u8>(), 0..40), 0..200)) {
            let mut tree = Tree::new();
            for leaf in &leaves {
                tree = Tree::from_bytes(&tree.to_bytes())?;
                tree.push(leaf);
            }
            prop_assert_eq!(tree.size(), leaves.len() as u64);
            prop_assert_eq!(tree.root(), defined(&leaves));
        }
    }
}
