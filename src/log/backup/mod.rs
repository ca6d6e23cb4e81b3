//! A backup: the log as it is stored at one moment, in one file that can be read while nothing else is left.
//!
//! It is a tar archive (POSIX.1-2024, pax) with these members in this order, or such an archive encrypted by age
//! (<https://age-encryption.org/v1>):
//!
//! | member | what |
//! |---|---|
//! | `manifest.json` | what it is a backup of: [`Manifest`] |
//! | `keys` | the keyring, sealed by the wrapping key |
//! | `groups/000000000001` … | packed groups, named by their first entry: key, u32 length, value |
//! | `outbox/000000000001` … | the messages that wait, sealed, by their key |
//! | `checkpoints/2026-11-22.txt` … | signed notes of what the log held then |
//! | `end.json` | SHA-256 over every byte before this member, and counts: [`End`] |
//!
//! Invariants: the wrapping key is not in it, so that it tells nothing to who has only it; what is not whole, of
//! another log or for another key is refused, and leaves nothing where it was to be restored to.

mod cut;
mod error;
mod file;
mod hashing;
mod manifest;
mod read;
mod seal;
mod shelf;
mod target;
mod write;

pub use cut::Cut;
pub use error::BackupError;
pub use file::{WrittenFile, read_back, write_beside};
pub use manifest::{End, Manifest};
pub use read::{Piece, examine};
pub use seal::{Opened, open};
pub use shelf::{FailedBackup, LastBackup, MadeBackup, Shelf};
pub use target::{Built, STAGING, Target};
