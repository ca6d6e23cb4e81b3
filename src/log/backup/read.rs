//! An archive, read member by member: everything about it is proven that needs no key.

use std::cell::RefCell;
use std::io::Read;

use serde::de::DeserializeOwned;
use tar::Entry;

use super::hashing::{Trailing, TrailingReader};
use super::manifest::{CHECKPOINTS, END, FORMAT, GROUPS, KEYS, MANIFEST, OUTBOX};
use super::{BackupError, End, Manifest};
use crate::log::group::Group;
use crate::log::outbox::read_whole;
use crate::log::{Head, KeptNote, OutboxChange};

/// No member is larger; what says so is damaged.
const LARGEST: u64 = 1 << 28;

/// What a member holds. Whether all of it is as it was made shows at the end.
pub enum Piece {
    /// What it is a backup of.
    Manifest(Box<Manifest>),
    /// The keyring, sealed.
    Keys(Vec<u8>),
    /// Entries that follow on those before them.
    Groups(Groups),
    /// Messages that wait, sealed.
    Outbox(Messages),
    /// A signed note.
    Note(KeptNote),
}

/// Groups of a member.
pub struct Groups(pub(super) Vec<Group>);

/// Messages of a member.
pub struct Messages(pub(super) Vec<OutboxChange>);

impl Groups {
    /// The number of their last entry.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.0.last().map_or(0, |group| group.after.sequence.0)
    }
}

/// How far the reading has come.
struct State {
    manifest: Option<Manifest>,
    /// The place of the last member's kind in the order of kinds.
    kind: usize,
    members: u64,
    head: Head,
    messages: usize,
}

/// The kinds of members, in their order; of the middle ones there may be several, or none.
const KINDS: [&str; 6] = [MANIFEST, KEYS, GROUPS, OUTBOX, CHECKPOINTS, END];

fn damaged(what: impl Into<String>) -> BackupError {
    BackupError::Damaged(what.into())
}

/// Reads a whole backup that is not encrypted, and gives what it says of itself; `each` takes every piece in order.
///
/// # Errors
/// When it is no backup, of another format, or in any place not as it was made; or `each` fails.
pub fn examine(
    source: impl Read,
    mut each: impl FnMut(Piece) -> Result<(), BackupError>,
) -> Result<(Manifest, End), BackupError> {
    let passed = RefCell::new(Trailing::default());
    let mut archive = tar::Archive::new(TrailingReader { inner: source, passed: &passed });
    let mut state = State { manifest: None, kind: 0, members: 0, head: Head::ORIGIN, messages: 0 };
    let mut end = None;
    // No extension of the format is used: what claims to be one is not taken for one.
    for entry in archive.entries().map_err(BackupError::reading)?.raw(true) {
        let mut entry = entry.map_err(|error| match state.manifest {
            Some(_) => BackupError::reading(error),
            None => BackupError::Foreign("it does not begin as a tar archive does".to_owned()),
        })?;
        let before = passed.borrow().before_the_last_block();
        if end.is_some() {
            return Err(damaged("something follows after its end"));
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        state.follow(&name)?;
        let bytes = content(&mut entry, &name)?;
        if name == END {
            let said: End = json(&bytes, END)?;
            state.fits(&said, before)?;
            end = Some(said);
        } else {
            each(state.piece(&name, bytes)?)?;
            state.members += 1;
        }
    }
    let mut rest = archive.into_inner().inner;
    let end = end.ok_or_else(|| match state.manifest {
        Some(_) => damaged("it is cut short: its end is missing"),
        None => BackupError::Foreign("it is empty".to_owned()),
    })?;
    let mut chunk = [0; 4096];
    loop {
        match rest.read(&mut chunk).map_err(BackupError::reading)? {
            0 => break,
            read if chunk.iter().take(read).all(|byte| *byte == 0) => {}
            _ => return Err(damaged("something follows after its end")),
        }
    }
    let manifest = state.manifest.ok_or_else(|| BackupError::Foreign("it is empty".to_owned()))?;
    Ok((manifest, end))
}

fn content<R: Read>(entry: &mut Entry<'_, R>, name: &str) -> Result<Vec<u8>, BackupError> {
    if !entry.header().entry_type().is_file() || entry.size() > LARGEST {
        return Err(damaged(format!("its member {name} is not of a kind or size that is ever written")));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(BackupError::reading)?;
    if bytes.len() as u64 == entry.size() {
        Ok(bytes)
    } else {
        Err(damaged(format!("it is cut short in its member {name}")))
    }
}

fn json<T: DeserializeOwned>(bytes: &[u8], name: &str) -> Result<T, BackupError> {
    serde_json::from_slice(bytes)
        .map_err(|error| damaged(format!("its member {name} cannot be read: {error}")))
}

impl State {
    /// Whether a member of this name may come next.
    fn follow(&mut self, name: &str) -> Result<(), BackupError> {
        let kind =
            KINDS.iter().position(|kind| name == *kind || kind.ends_with('/') && name.starts_with(kind));
        if self.manifest.is_none() && kind != Some(0) {
            return Err(BackupError::Foreign(format!("its first member is not {MANIFEST}")));
        }
        let kind = kind.ok_or_else(|| damaged("it has a member that no backup has"))?;
        let (is_first, repeats) =
            (self.manifest.is_none(), KINDS.get(kind).is_some_and(|kind| kind.ends_with('/')));
        let follows = is_first || kind > self.kind || kind == self.kind && repeats;
        // The keys come before anything that they open.
        if !follows || kind > 1 && self.kind == 0 {
            return Err(damaged(format!("its member {name} is out of its place")));
        }
        self.kind = kind;
        Ok(())
    }

    fn piece(&mut self, name: &str, bytes: Vec<u8>) -> Result<Piece, BackupError> {
        match KINDS.get(self.kind) {
            Some(&MANIFEST) => {
                let manifest = manifest(&bytes)?;
                self.manifest = Some(manifest.clone());
                Ok(Piece::Manifest(Box::new(manifest)))
            }
            Some(&KEYS) => Ok(Piece::Keys(bytes)),
            Some(&GROUPS) => self.groups(name, &bytes).map(|groups| Piece::Groups(Groups(groups))),
            Some(&OUTBOX) => {
                let first = self.messages + 1;
                let changes = read_whole(&bytes);
                let changes = changes.filter(|_| name == format!("{OUTBOX}{first:012}"));
                let changes = changes.ok_or_else(|| damaged("its messages cannot be read"))?;
                self.messages += changes.len();
                Ok(Piece::Outbox(Messages(changes)))
            }
            _ => {
                let day = name.strip_prefix(CHECKPOINTS).and_then(|name| name.strip_suffix(".txt"));
                let note = day.and_then(|day| day.parse().ok()).zip(String::from_utf8(bytes).ok());
                let (on, note) = note.ok_or_else(|| damaged("a checkpoint in it cannot be read"))?;
                Ok(Piece::Note(KeptNote { on, note }))
            }
        }
    }

    /// The groups of a member, which follow on those before.
    fn groups(&mut self, name: &str, mut rest: &[u8]) -> Result<Vec<Group>, BackupError> {
        let first = self.head.sequence.0 + 1;
        if name != format!("{GROUPS}{first:012}") {
            return Err(damaged(format!("entry {first} should come next, and {name} does")));
        }
        let mut groups = Vec::new();
        while !rest.is_empty() {
            let cut_short = || damaged(format!("its member {name} is cut short"));
            let (key, after) = rest.split_first_chunk::<16>().ok_or_else(cut_short)?;
            let (length, after) = after.split_first_chunk().ok_or_else(cut_short)?;
            let (value, after) =
                after.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(cut_short)?;
            rest = after;
            let group = Group::from_stored(key, value)
                .map_err(|(at, what)| damaged(format!("entry {at}: {what}")))?;
            if group.before != self.head {
                let at = self.head.sequence.0 + 1;
                return Err(damaged(format!("entry {at} does not follow on the entry before it")));
            }
            self.head = group.after;
            groups.push(group);
        }
        Ok(groups)
    }

    /// Whether what was read is what the end says.
    fn fits(&self, end: &End, (sha256, bytes): (String, u64)) -> Result<(), BackupError> {
        let manifest = self.manifest.as_ref();
        let (entries, chain) = (self.head.sequence.0, self.head.hash.to_string());
        let is_as_manifested = manifest
            .is_some_and(|manifest| manifest.ends_at(self.head) && manifest.messages == self.messages);
        if !is_as_manifested || (end.entries, &end.chain) != (entries, &chain) {
            return Err(damaged("entries or messages of it are missing"));
        }
        if (&end.sha256, end.bytes, end.members) != (&sha256, bytes, self.members) {
            return Err(damaged("its bytes are not those that were written"));
        }
        Ok(())
    }
}

/// The manifest, of this format.
fn manifest(bytes: &[u8]) -> Result<Manifest, BackupError> {
    let value: serde_json::Value = serde_json::from_slice(bytes)
        .map_err(|error| BackupError::Foreign(format!("its {MANIFEST} cannot be read: {error}")))?;
    let text = |key: &str| value.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    match text("format") {
        found if found == FORMAT => json(bytes, MANIFEST),
        found if found.starts_with("stepdown backup ") => {
            let found = found.chars().take(40).collect();
            let made_by = text("stepdown").chars().take(40).collect();
            Err(BackupError::Format { found, expected: FORMAT, made_by })
        }
        _ => Err(BackupError::Foreign(format!("its {MANIFEST} names no format of a backup"))),
    }
}
