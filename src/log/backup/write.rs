//! A cut, written out.

use std::io::Write;

use age::x25519::Recipient;
use tar::{Builder, EntryType, Header};

use super::hashing::HashingWriter;
use super::manifest::{CHECKPOINTS, END, GROUPS, KEYS, MANIFEST, OUTBOX};
use super::{BackupError, Cut, End, Manifest, seal};
use crate::case::hex;
use crate::log::OutboxChange;
use crate::log::group::Group;
use crate::log::recent::PACK;

/// About how large a member with groups or messages gets.
const MEMBER: usize = 1 << 20;

/// The archive in the making.
struct Archive<W: Write> {
    tar: Builder<HashingWriter<W>>,
    /// The time that every member bears, in seconds since 1970.
    made: u64,
    members: u64,
}

impl<W: Write> Archive<W> {
    fn member(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_mtime(self.made);
        header.set_size(bytes.len() as u64);
        self.members += 1;
        self.tar.append_data(&mut header, name, bytes).map_err(BackupError::Write)
    }

    fn json(&mut self, name: &str, value: &impl serde::Serialize) -> Result<(), BackupError> {
        let mut text = serde_json::to_vec_pretty(value).map_err(|error| BackupError::Write(error.into()))?;
        text.push(b'\n');
        self.member(name, &text)
    }
}

/// What goes into members of a good size, numbered by what is first in each.
struct Packer {
    prefix: &'static str,
    first: u64,
    bytes: Vec<u8>,
}

impl Packer {
    const fn new(prefix: &'static str) -> Self {
        Self { prefix, first: 0, bytes: Vec::new() }
    }

    /// Takes what `write` appends, which begins with number `first`.
    fn take(&mut self, first: u64, write: impl FnOnce(&mut Vec<u8>)) {
        if self.bytes.is_empty() {
            self.first = first;
        }
        write(&mut self.bytes);
    }

    fn put<W: Write>(&mut self, archive: &mut Archive<W>, least: usize) -> Result<(), BackupError> {
        if self.bytes.len() < least.max(1) {
            return Ok(());
        }
        archive.member(&format!("{}{:012}", self.prefix, self.first), &self.bytes)?;
        self.bytes.clear();
        Ok(())
    }
}

/// A group as it stands in a member: its key, the length of its value, its value.
fn write_group(group: &Group, out: &mut Vec<u8>) {
    let value = group.value();
    let length =
        u32::try_from(value.len()).unwrap_or_else(|_| unreachable!("a group has far less than 4 GiB"));
    out.extend_from_slice(&group.key());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&value);
}

impl Cut {
    /// Writes it to `out` as an archive; `each` hears the number of the last entry written. Gives `out` back, which
    /// is not flushed.
    ///
    /// # Errors
    /// When the log is damaged or cannot be read, or `out` takes no more: then what was written is no backup.
    pub fn write<W: Write>(
        &self,
        manifest: &Manifest,
        out: W,
        mut each: impl FnMut(u64),
    ) -> Result<(End, W), BackupError> {
        let made = u64::try_from(manifest.made.timestamp()).unwrap_or_default();
        let mut archive = Archive { tar: Builder::new(HashingWriter::new(out)), made, members: 0 };
        archive.json(MANIFEST, manifest)?;
        archive.member(KEYS, &self.keys)?;
        let mut packer = Packer::new(GROUPS);
        let mut small: Option<Group> = None;
        let mut take = |archive: &mut Archive<W>, group: &Group| {
            packer.take(group.before.sequence.0 + 1, |bytes| write_group(group, bytes));
            each(group.after.sequence.0);
            packer.put(archive, MEMBER)
        };
        self.reader.groups_to(self.head, |group| match &mut small {
            // What the witness has comes in groups as small as they were appended.
            Some(last) if last.bytes().len() + group.bytes().len() <= PACK => {
                last.join(&group);
                Ok(())
            }
            small => small.replace(group).map_or(Ok(()), |last| take(&mut archive, &last)),
        })?;
        small.map_or(Ok(()), |last| take(&mut archive, &last))?;
        packer.put(&mut archive, 0)?;
        let mut packer = Packer::new(OUTBOX);
        for (number, (key, message)) in (1..).zip(&self.outbox) {
            let change = OutboxChange::Put(key.clone(), message.clone());
            packer.take(number, |bytes| change.write(bytes));
            packer.put(&mut archive, MEMBER)?;
        }
        packer.put(&mut archive, 0)?;
        for kept in self.notes(&manifest.origin) {
            archive.member(&format!("{CHECKPOINTS}{}.txt", kept.on), kept.note.as_bytes())?;
        }
        self.finish(archive)
    }

    /// The same, encrypted to `recipients` where these are given.
    ///
    /// # Errors
    /// As [`Cut::write`], and where there are no recipients among those given.
    pub fn write_for(
        &self,
        recipients: Option<&[Recipient]>,
        manifest: &Manifest,
        mut out: &mut dyn Write,
        each: impl FnMut(u64),
    ) -> Result<End, BackupError> {
        let end = match recipients {
            None => self.write(manifest, &mut out, each)?.0,
            Some(recipients) => {
                let (end, stream) = self.write(manifest, seal::encrypted(recipients, &mut out)?, each)?;
                stream.finish().map_err(BackupError::Write)?;
                end
            }
        };
        out.flush().map_err(BackupError::Write)?;
        Ok(end)
    }

    fn finish<W: Write>(&self, mut archive: Archive<W>) -> Result<(End, W), BackupError> {
        let (sha256, bytes) = archive.tar.get_ref().so_far();
        let sha256 = hex(&sha256);
        let end = End {
            seal: End::seal(&sha256, &self.secret),
            sha256,
            bytes,
            members: archive.members,
            entries: self.head.sequence.0,
            chain: self.head.hash.to_string(),
        };
        archive.json(END, &end)?;
        let out = archive.tar.into_inner().map_err(BackupError::Write)?;
        Ok((end, out.into_inner()))
    }
}
