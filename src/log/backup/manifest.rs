//! What a backup says of itself, at its beginning and at its end.

use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::calendar::Instant;
use crate::case::hex;
use crate::log::{Head, Keyring};

/// The format that is written and read.
pub(super) const FORMAT: &str = "stepdown backup 1";

/// The names of the members, and of what stands before a number or a day.
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const KEYS: &str = "keys";
pub(super) const GROUPS: &str = "groups/";
pub(super) const OUTBOX: &str = "outbox/";
pub(super) const CHECKPOINTS: &str = "checkpoints/";
pub(super) const END: &str = "end.json";

/// What a backup is of. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `stepdown backup 1`
    pub format: String,
    /// The version of stepdown that made it.
    pub stepdown: String,
    /// When it was made.
    pub made: Instant,
    /// The name that checkpoints of the log go under.
    pub origin: String,
    /// The number of entries.
    pub entries: u64,
    /// The last link of their chain, in hexadecimal.
    pub chain: String,
    /// The number of cases, erased ones included.
    pub cases: usize,
    /// The number of messages that wait with their text.
    pub messages: usize,
    /// The fingerprint of the wrapping key that is needed, 8 hex digits.
    pub wrapping_key: String,
}

impl Manifest {
    /// Whether it ends where the log stands at `head`.
    pub(super) fn ends_at(&self, head: Head) -> bool {
        self.entries == head.sequence.0 && self.chain == head.hash.to_string()
    }
}

/// The last member: what was there before it. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// SHA-256 over every byte of the archive before this member, in hexadecimal.
    pub sha256: String,
    /// How many bytes these are.
    pub bytes: u64,
    /// How many members.
    pub members: u64,
    /// How many entries.
    pub entries: u64,
    /// The last link of the chain, in hexadecimal.
    pub chain: String,
    /// HMAC-SHA-256 (RFC 2104) over the line `sha256` by a secret of the keyring: nobody without the wrapping key
    /// can make a backup that is taken for one of this log.
    pub seal: String,
}

/// The secret that backups of a log are sealed with.
pub(super) fn secret(keyring: &Keyring) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &keyring.signing_seed().derive(b"stepdown backup"))
}

impl End {
    /// The seal of this hash.
    pub(super) fn seal(sha256: &str, secret: &hmac::Key) -> String {
        hex(hmac::sign(secret, sha256.as_bytes()).as_ref())
    }

    /// Whether the log with this secret made the backup.
    pub(super) fn is_sealed_by(&self, secret: &hmac::Key) -> bool {
        self.seal == Self::seal(&self.sha256, secret)
    }
}
