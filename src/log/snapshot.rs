//! A snapshot of what the log adds up to, so that a start reads only what is new.
//!
//! It is a convenience and never the truth: made by another version of the code, or damaged anywhere, or of a
//! place where the log does not stand so, it is thrown away whole. Each part is sealed with the key of the case it
//! tells of, so that erasing a case erases it here as well.
//!
//! ```text
//! parts, sealed | contents, sealed by the office's key | u64 salt | u32 length of the contents | magic
//! ```

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::ops::Range;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use rayon::iter::{IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use super::keyring::durable;
use super::keyring::{KeyState, Keyring, Slot, TAG_LENGTH};
use super::{Head, LogError, read};
use crate::case::CaseRef;

const MAGIC: &[u8; 8] = b"sdsnap01";
const TRAILER: usize = 8 + 4 + MAGIC.len();
/// The place of the contents among the parts, for the nonce.
const CONTENTS: u32 = u32::MAX;

/// What is to be kept.
pub struct Part {
    /// The slot of the case it tells of.
    pub slot: Slot,
    /// How many events it holds, which is told even where its key is destroyed.
    pub events: u32,
    /// What it says.
    pub bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    version: String,
    at: Head,
    /// Slot, events and sealed length of each part.
    parts: Vec<(u32, u32, u32)>,
}

/// What writes a snapshot, beside the writer that goes on.
pub struct Snapshotter {
    pub(super) path: PathBuf,
    pub(super) at: Head,
    pub(super) cases: Vec<CaseRef>,
    pub(super) keyring: Arc<RwLock<Keyring>>,
    pub(super) random: SystemRandom,
}

impl Snapshotter {
    /// The place in the log that it is of.
    #[must_use]
    pub const fn at(&self) -> Head {
        self.at
    }

    /// The cases with events, in the order of their slots.
    pub fn cases(&self) -> impl Iterator<Item = (Slot, &CaseRef)> {
        (1..).map(Slot).zip(&self.cases)
    }

    /// Writes the parts as this `version` of the code understands them, in the place of the snapshot before.
    ///
    /// # Errors
    /// When the disk fails; the snapshot before stands then.
    pub fn write(&self, version: &str, parts: impl Iterator<Item = Part>) -> Result<(), LogError> {
        let mut salt = [0; 8];
        self.random.fill(&mut salt).map_err(|_| LogError::Randomness)?;
        write(&self.path, (version, self.at), parts, (&read(&self.keyring), u64::from_ne_bytes(salt)))
    }
}

fn write(
    path: &Path,
    (version, at): (&str, Head),
    parts: impl Iterator<Item = Part>,
    (keyring, salt): (&Keyring, u64),
) -> Result<(), LogError> {
    let beside = path.with_extension("new");
    let io = |error| LogError::Io { path: beside.clone(), error };
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside);
    let mut out = BufWriter::with_capacity(1 << 18, file.map_err(io)?);
    let mut contents = Contents { version: version.to_owned(), at, parts: Vec::new() };
    for (index, part) in (0..).zip(parts) {
        let sealed = match keyring.key(part.slot) {
            KeyState::Usable(key) => {
                let mut sealed = part.bytes;
                key.seal(nonce(salt, index), &[], &mut sealed, 0);
                sealed
            }
            KeyState::Destroyed | KeyState::Missing => Vec::new(),
        };
        let length = u32::try_from(sealed.len()).map_err(|_| io(io::ErrorKind::FileTooLarge.into()))?;
        contents.parts.push((part.slot.0, part.events, length));
        out.write_all(&sealed).map_err(io)?;
    }
    let mut table = rmp_serde::to_vec(&contents).map_err(|error| io(io::Error::other(error)))?;
    let KeyState::Usable(key) = keyring.key(Slot::OFFICE) else { return Err(LogError::NoKey(0)) };
    key.seal(nonce(salt, CONTENTS), &[], &mut table, 0);
    let length = u32::try_from(table.len()).map_err(|_| io(io::ErrorKind::FileTooLarge.into()))?;
    for bytes in [&*table, &salt.to_le_bytes(), &length.to_le_bytes(), MAGIC] {
        out.write_all(bytes).map_err(io)?;
    }
    let file = out.into_inner().map_err(|error| io(error.into_error()))?;
    file.sync_all().map_err(io)?;
    fs::rename(&beside, path).and_then(|()| durable::sync_parent(path)).map_err(io)
}

/// A snapshot that can be read.
pub struct SnapshotFile {
    file: File,
    salt: u64,
    at: Head,
    /// Slot, events, offset and sealed length of each part.
    parts: Vec<(Slot, u32, u64, usize)>,
}

/// Why a snapshot is of no use.
#[derive(Debug)]
pub(super) enum Unfit {
    /// Another version of the program wrote it, as the first start after each upgrade finds.
    OfVersion(String),
    /// It is damaged, or is of another log.
    Amiss(String),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfVersion(version) => write!(f, "it was written by version {version}"),
            Self::Amiss(why) => f.write_str(why),
        }
    }
}

impl From<String> for Unfit {
    fn from(why: String) -> Self {
        Self::Amiss(why)
    }
}

/// A part as it was kept; no bytes where its key is destroyed.
pub struct Kept {
    /// The slot of the case it tells of.
    pub slot: Slot,
    /// How many events it holds.
    pub events: u32,
    /// What it says.
    pub bytes: Option<Vec<u8>>,
}

impl SnapshotFile {
    /// Opens a snapshot that this `version` of the code wrote; the error says why it is of no use.
    pub(super) fn open(path: &PathBuf, version: &str, keyring: &Keyring) -> Result<Self, Unfit> {
        let text = |error: io::Error| error.to_string();
        let file = File::open(path).map_err(text)?;
        let size = file.metadata().map_err(text)?.len();
        let short = || "it is cut short".to_owned();
        let mut trailer = [0; TRAILER];
        let start = size.checked_sub(TRAILER as u64).ok_or_else(short)?;
        file.read_exact_at(&mut trailer, start).map_err(text)?;
        let (numbers, magic) = trailer.split_at(12);
        if magic != MAGIC {
            return Err("it has another format".to_owned().into());
        }
        let (salt, length) = numbers.split_first_chunk().ok_or_else(short)?;
        let salt = u64::from_le_bytes(*salt);
        let length = u32::from_le_bytes(*length.first_chunk().ok_or_else(short)?);
        let start = start.checked_sub(u64::from(length)).ok_or_else(short)?;
        let mut table = vec![0; length as usize];
        file.read_exact_at(&mut table, start).map_err(text)?;
        let KeyState::Usable(key) = keyring.key(Slot::OFFICE) else {
            return Err("its key is gone".to_owned().into());
        };
        let table = key
            .open(nonce(salt, CONTENTS), &[], &mut table)
            .map_err(|_| Unfit::Amiss("its seal is broken".to_owned()))?;
        let contents: Contents = rmp_serde::from_slice(table).map_err(|error| error.to_string())?;
        if contents.version != version {
            return Err(Unfit::OfVersion(contents.version));
        }
        let mut offset = 0;
        let parts: Vec<_> = contents
            .parts
            .into_iter()
            .map(|(slot, events, length)| {
                let at = offset;
                offset += u64::from(length);
                (Slot(slot), events, at, length as usize)
            })
            .collect();
        if offset != start {
            return Err(short().into());
        }
        Ok(Self { file, salt, at: contents.at, parts })
    }

    /// The place in the log that it is of.
    #[must_use]
    pub const fn at(&self) -> Head {
        self.at
    }

    /// How many parts it has.
    pub(super) const fn len(&self) -> usize {
        self.parts.len()
    }

    /// Reads parts and makes something of each, on all cores; the first error says why the whole is of no use.
    pub(super) fn read<T: Send>(
        &self,
        keyring: &Keyring,
        wanted: Range<usize>,
        make: impl Fn(usize, Kept) -> Result<T, String> + Sync,
    ) -> Result<Vec<T>, String> {
        let one = |(index, (slot, events, offset, length)): (usize, &(Slot, u32, u64, usize))| {
            let kept = |bytes| Kept { slot: *slot, events: *events, bytes };
            let KeyState::Usable(key) = keyring.key(*slot) else { return make(index, kept(None)) };
            if *length < TAG_LENGTH {
                return Err("a part is cut short".to_owned());
            }
            let mut sealed = vec![0; *length];
            self.file.read_exact_at(&mut sealed, *offset).map_err(|error| error.to_string())?;
            let nonce = nonce(self.salt, u32::try_from(index).unwrap_or(CONTENTS));
            let open = key.open(nonce, &[], &mut sealed).map(|open| open.len());
            let open = open.map_err(|_| "the seal of a part is broken".to_owned())?;
            sealed.truncate(open);
            make(index, kept(Some(sealed)))
        };
        let start = wanted.start;
        let parts = self.parts.get(wanted).ok_or("a part is missing")?;
        parts
            .par_iter()
            .enumerate()
            .with_min_len(64)
            .map(|(index, part)| one((start + index, part)))
            .collect()
    }
}

/// The bit that no nonce of a record has: its sequence never reaches it.
const OURS: u8 = 0x80;

fn nonce(salt: u64, index: u32) -> [u8; 12] {
    let mut nonce = [0; 12];
    let (head, tail) = nonce.split_at_mut(8);
    head.copy_from_slice(&salt.to_be_bytes());
    tail.copy_from_slice(&index.to_be_bytes());
    nonce[4] |= OURS;
    nonce
}
