//! The log at one moment, to be written out while it goes on.

use std::collections::BTreeMap;

use ring::hmac;

use super::manifest;
use crate::calendar::Instant;
use crate::log::group::Group;
use crate::log::{Checkpoints, Head, KeptNote, Log, LogError, LogReader, Manifest, Sequence, read};

/// How many notes go along: a month of nights, of which the newest one counts.
const NOTES: usize = 31;

/// What stood in the log at one moment. Its groups stay where they are until they are written out.
pub struct Cut {
    pub(super) reader: LogReader,
    pub(super) head: Head,
    /// The file with the keyring: with a key for all that is read, and none of what was erased by then.
    pub(super) keys: Vec<u8>,
    pub(super) secret: hmac::Key,
    pub(super) fingerprint: String,
    pub(super) cases: usize,
    /// The messages that wait, sealed.
    pub(super) outbox: BTreeMap<String, Vec<u8>>,
}

impl Log {
    /// The log as it stands. Nothing may be on its way to the disk, and no erasure without its key destroyed.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn cut(&self) -> Result<Cut, LogError> {
        self.check()?;
        let keys = self.files.keys();
        let keyring = read(&self.keyring);
        Ok(Cut {
            reader: self.reader.clone(),
            head: self.head,
            keys: std::fs::read(&keys).map_err(|error| LogError::Io { path: keys, error })?,
            secret: manifest::secret(&keyring),
            fingerprint: keyring.wrapped_with().to_string(),
            cases: read(&self.slots).cases().len(),
            outbox: self.waiting_messages()?,
        })
    }

    /// Every message of the outbox, sealed.
    fn waiting_messages(&self) -> Result<BTreeMap<String, Vec<u8>>, LogError> {
        // First what fjall does not have yet: it may get it meanwhile.
        let recent = self.recent.messages();
        let mut waiting = BTreeMap::new();
        for found in self.store.messages() {
            let (key, bytes) = found.map_err(|error| self.reader.engine("read", error))?;
            waiting.insert(String::from_utf8_lossy(&key).into_owned(), bytes.to_vec());
        }
        for (key, bytes) in recent {
            match bytes {
                Some(bytes) => drop(waiting.insert(key, bytes)),
                None => drop(waiting.remove(&key)),
            }
        }
        Ok(waiting)
    }
}

impl Cut {
    /// The end of the log at that moment.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// What a backup of it says of itself, made at `now` of the log that goes by the name `origin`.
    #[must_use]
    pub fn manifest(&self, origin: &str, now: Instant) -> Manifest {
        Manifest {
            format: manifest::FORMAT.to_owned(),
            stepdown: env!("CARGO_PKG_VERSION").to_owned(),
            made: now,
            origin: origin.to_owned(),
            entries: self.head.sequence.0,
            chain: self.head.hash.to_string(),
            cases: self.cases,
            messages: self.outbox.len(),
            wrapping_key: self.fingerprint.clone(),
        }
    }

    /// The newest notes that vouch for nothing beyond it.
    pub(super) fn notes(&self, origin: &str) -> Vec<KeptNote> {
        let fits = |kept: &KeptNote| {
            let vouched = self.reader.checkpoint_in(&kept.note, origin);
            vouched.is_ok_and(|vouched| vouched.size <= self.head.sequence.0)
        };
        Checkpoints::of(&self.reader.dir).latest(NOTES).into_iter().filter(fits).collect()
    }
}

impl LogReader {
    /// Gives the groups up to `end` in order, each with its chain proven and following on the one before.
    pub(super) fn groups_to<E: From<LogError>>(
        &self,
        end: Head,
        mut each: impl FnMut(Group) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut head = None;
        for found in self.found(Head::ORIGIN) {
            let group = self.group(&found?)?;
            self.join(&group, Head::ORIGIN, &mut head)?;
            if group.before.sequence >= end.sequence {
                break;
            }
            let group = group.up_to(end.sequence);
            head = Some(group.after);
            each(group)?;
            if head == Some(end) {
                return Ok(());
            }
        }
        if end == Head::ORIGIN {
            return Ok(());
        }
        let what = "the log does not lead through what is live".to_owned();
        Err(LogError::damaged(&self.dir, Sequence(end.sequence.0), what).into())
    }
}
