//! Signed checkpoints: what the log held at a size, in a form that others can keep and check.
//!
//! A checkpoint names the log, the number of its entries and the root of the Merkle tree over them
//! (RFC 6962). Whoever kept one can show later that the log was changed below it. The text is that of
//! <https://c2sp.org/tlog-checkpoint>, signed with Ed25519 as <https://c2sp.org/signed-note> says, so that
//! tools for transparency logs read it too.
//!
//! Invariant: nothing of a note is believed before a signature by the key given has been found good.

mod error;
mod key;
mod note;
mod tree;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use error::CheckpointError;
pub use key::{SigningSeed, VerifierKey};
pub use tree::{Tree, TreeHash};

/// What a log says of itself at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: a name nobody else uses, such as `stepdown.example.org/log`. One line, not empty.
    pub origin: String,
    /// The number of entries, 0 for the empty log.
    pub size: u64,
    /// The root of the Merkle tree over them, [`Tree::root`].
    pub root: TreeHash,
    /// Further lines, none of them empty. The specification would rather see none.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// The checkpoint of `tree` for the log named `origin`, without further lines.
    #[must_use]
    pub fn of(tree: &Tree, origin: &str) -> Self {
        Self { origin: origin.to_owned(), size: tree.size(), root: tree.root(), extensions: Vec::new() }
    }

    /// The text that is signed: origin, size, root in base64 and any further lines, each with a newline.
    ///
    /// # Errors
    /// [`CheckpointError::NotACheckpoint`] when the origin or a further line is empty or not one line.
    pub fn to_note_text(&self) -> Result<String, CheckpointError> {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        // What reads back as another checkpoint had a line that is none.
        match Self::parse(&text) {
            Ok(read) if read == *self => Ok(text),
            Ok(_) => {
                Err(CheckpointError::NotACheckpoint("its origin or a further line is more than one line"))
            }
            Err(error) => Err(error),
        }
    }

    /// The checkpoint that `text`, the text of a note, says.
    ///
    /// # Errors
    /// [`CheckpointError::NotACheckpoint`] when it has not the lines of one, and
    /// [`CheckpointError::Base64`] when the root is not base64.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::NotACheckpoint;
        let body = text.strip_suffix('\n').ok_or(malformed("it does not end with a newline"))?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(malformed("it has fewer than three lines: origin, size and root"));
        };
        let extensions: Vec<_> = lines.map(str::to_owned).collect();
        if origin.is_empty() || extensions.iter().any(String::is_empty) {
            return Err(malformed("a line of it is empty"));
        }
        let root = STANDARD.decode(root).map_err(|_| CheckpointError::Base64 { what: "the root hash" })?;
        let root = root.try_into().map_err(|_| malformed("its root hash is not 32 bytes"))?;
        Ok(Self { origin: origin.to_owned(), size: parse_size(size)?, root: TreeHash(root), extensions })
    }

    /// The signed note, with one signature line by `seed` under `name`, which should be the origin.
    ///
    /// Whoever signs sees to it that the log never shrinks or changes below a checkpoint.
    ///
    /// # Errors
    /// As [`Self::to_note_text`]; [`CheckpointError::KeyName`] when no key can have that name; and
    /// [`CheckpointError::NotANote`] when a line has a control character.
    pub fn sign(&self, name: &str, seed: &SigningSeed) -> Result<String, CheckpointError> {
        note::sign(&self.to_note_text()?, name, seed)
    }

    /// The checkpoint in `note`, once `key` has been found to have signed it for the log named `origin`.
    ///
    /// # Errors
    /// What is not a note, not signed by `key`, changed since, not a checkpoint, or one of another log.
    pub fn verify(note: &str, key: &VerifierKey, origin: &str) -> Result<Self, CheckpointError> {
        let checkpoint = Self::parse(note::open(note, key)?)?;
        if checkpoint.origin != origin {
            return Err(CheckpointError::Origin { expected: origin.to_owned(), found: checkpoint.origin });
        }
        Ok(checkpoint)
    }
}

/// A decimal number in its one way of writing: what is signed must not have two texts.
fn parse_size(text: &str) -> Result<u64, CheckpointError> {
    let malformed = CheckpointError::NotACheckpoint("its size is not a decimal number without leading zeros");
    match text.parse::<u64>() {
        Ok(size) if size.to_string() == text => Ok(size),
        _ => Err(malformed),
    }
}

#[cfg(test)]
mod tests;
