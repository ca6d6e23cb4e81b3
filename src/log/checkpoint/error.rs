//! What can be wrong with a checkpoint, a note, or a key that is to verify one.

use thiserror::Error;

/// Why a checkpoint cannot be written, read or trusted.
///
/// The messages say what is wrong in the text; whoever read it from somewhere says where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// The text has not the shape of a signed note.
    #[error("this is not a signed note: {0}")]
    NotANote(&'static str),
    /// The text has the shape of a note, or none is needed yet, but not that of a checkpoint.
    #[error("this is not a checkpoint: {0}")]
    NotACheckpoint(&'static str),
    /// Something that should be base64 is not.
    #[error("{what} is not base64 (RFC 4648, section 4, with its padding)")]
    Base64 {
        /// Which part of the text.
        what: &'static str,
    },
    /// A name that no key can have.
    #[error(
        "{0:?} cannot be the name of a key: a name is not empty and has no space, no control character and no \"+\""
    )]
    KeyName(String),
    /// The text form of a verifier key is malformed.
    #[error("this is not a verifier key (\"name+8 hex digits+base64\"): {0}")]
    NotAVerifierKey(&'static str),
    /// The id within a verifier key is not that of its name and its public key.
    #[error(
        "the verifier key of {name} does not hold together: it says that its id is {stated:08x}, but its name and public key give {actual:08x}; copy it again from where it was published"
    )]
    VerifierKeyId {
        /// The key's name.
        name: String,
        /// What the text says.
        stated: u32,
        /// What follows from name and public key.
        actual: u32,
    },
    /// No signature line bears the name of the key.
    #[error("the note is not signed by {expected}, only by {found}")]
    UnknownName {
        /// The name of the key that was to verify the note.
        expected: String,
        /// The names on the note's signature lines.
        found: String,
    },
    /// A signature line bears the name of the key, but was made with another key.
    #[error(
        "the note is signed by another key of {name}: the signature has the key id {found:08x}, the key given has {expected:08x}"
    )]
    KeyId {
        /// The name both keys have.
        name: String,
        /// The id of the key given.
        expected: u32,
        /// The id on the signature line.
        found: u32,
    },
    /// The signature is not one of this text by this key.
    #[error(
        "the signature of {name} is wrong: the text was changed after it was signed, or the signature was"
    )]
    Signature {
        /// The key's name.
        name: String,
    },
    /// The checkpoint is one of another log.
    #[error("the checkpoint is of the log {found:?}, not of {expected:?}")]
    Origin {
        /// The log that was asked for.
        expected: String,
        /// The log that the checkpoint names.
        found: String,
    },
    /// Stored bytes are not those of a tree.
    #[error("these are not the stored bytes of a Merkle tree: {0}")]
    NotATree(String),
}
