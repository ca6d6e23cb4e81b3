//! The witness: a small preallocated file beside fjall that every group is synced to before it is acknowledged.
//!
//! It says where the log ends and how its chain stands there, and holds the newest groups themselves until fjall
//! has them for good. Every byte of it is there twice, so that one damaged place loses nothing; what is whole in
//! neither copy was never acknowledged.
//!
//! ```text
//! half 0, copy A | half 0, copy B | half 1, copy A | half 1, copy B
//! a half: a page that says its generation and where it begins; then frames
//! a frame: magic, generation, end of the log before it, lengths; records; changes to the outbox; check
//! ```
//!
//! The halves take turns: while one is written, the groups of the other are moved into fjall.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::group::Group;
use super::{Hash, Head};
use crate::case::Sequence;

/// The size of one copy of one half.
pub(super) const HALF: usize = 2 << 20;
const SIZE: usize = 4 * HALF;
/// Where the frames of a half begin.
const PAGE: usize = 4096;
const MAGIC: &[u8; 8] = b"sdwitn02";
/// Magic, generation, sequence, hash.
const POINT: usize = 8 + 8 + 8 + 32;
const CHECK: usize = 16;
/// What a frame has besides its records and changes.
const FRAME: usize = POINT + 4 + 4 + CHECK;

/// A group as it stands in the witness, with the changes to the outbox that go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub group: Group,
    pub outbox: Vec<u8>,
}

impl Frame {
    /// How many bytes it takes in the witness.
    pub(super) fn size(&self) -> usize {
        FRAME + self.group.bytes().len() + self.outbox.len()
    }

    /// Takes a frame that follows this one into it.
    pub(super) fn join(&mut self, next: &Self) {
        self.group.join(&next.group);
        self.outbox.extend_from_slice(&next.outbox);
    }

    fn write(&self, generation: u64) -> Vec<u8> {
        let mut bytes = point(generation, self.group.before);
        for part in [self.group.bytes(), &self.outbox] {
            let len = u32::try_from(part.len()).unwrap_or_else(|_| unreachable!("a frame fits into a half"));
            bytes.extend_from_slice(&len.to_le_bytes());
        }
        bytes.extend_from_slice(self.group.bytes());
        bytes.extend_from_slice(&self.outbox);
        sealed(bytes)
    }
}

/// Bytes to be written at a place of the file.
#[derive(Debug)]
pub(super) struct Piece {
    at: u64,
    bytes: Vec<u8>,
}

/// Where the next frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    generation: u64,
    offset: usize,
}

impl Place {
    /// Where the first frame of a new witness goes.
    const FIRST: Self = Self { generation: 1, offset: PAGE };

    /// Whether a frame of this size still goes into the half.
    pub(super) const fn has_room(self, size: usize) -> bool {
        self.offset + size <= HALF
    }

    /// The place at the start of the other half, and what says there that it begins at `base`.
    pub(super) fn turn(self, base: Head) -> (Self, Vec<Piece>) {
        let next = Self { generation: self.generation + 1, offset: PAGE };
        (next, next.both(0, sealed(point(next.generation, base))))
    }

    /// The place after `frame`, and what writes it here.
    pub(super) fn put(self, frame: &Frame) -> (Self, Vec<Piece>) {
        let bytes = frame.write(self.generation);
        (Self { offset: self.offset + bytes.len(), ..self }, self.both(self.offset, bytes))
    }

    fn both(self, offset: usize, bytes: Vec<u8>) -> Vec<Piece> {
        let half = usize::from(self.generation.is_multiple_of(2)) * 2 * HALF;
        let at = |copy: usize| (half + copy * HALF + offset) as u64;
        vec![Piece { at: at(0), bytes: bytes.clone() }, Piece { at: at(1), bytes }]
    }
}

/// What a witness says.
#[derive(Debug)]
pub(super) struct Testimony {
    /// Where its newest half begins: fjall must have all before that, or the older half leads there.
    pub base: Head,
    /// The frames of both halves that lead without a gap to the end, oldest first.
    pub frames: Vec<Frame>,
    /// Where the next frame goes.
    pub place: Place,
    /// How many places were whole in one copy only.
    pub mended: usize,
}

impl Testimony {
    /// The end of the log: all that was acknowledged.
    pub(super) fn end(&self) -> Head {
        self.frames.last().map_or(self.base, |frame| frame.group.after)
    }

    /// Where its frames begin.
    pub(super) fn start(&self) -> Head {
        self.frames.first().map_or(self.base, |frame| frame.group.before)
    }
}

/// The open file.
#[derive(Debug)]
pub(super) struct Witness(File);

impl Witness {
    /// Makes the file. Its blocks are written once, so that later syncs change no metadata.
    pub(super) fn create(path: &Path) -> io::Result<()> {
        Self::create_at(path, Head::ORIGIN)
    }

    /// The same, for a log that ends at `base` and is in fjall for good.
    pub(super) fn create_at(path: &Path, base: Head) -> io::Result<()> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all_at(&vec![0; SIZE], 0)?;
        for piece in Place::FIRST.both(0, sealed(point(Place::FIRST.generation, base))) {
            file.write_all_at(&piece.bytes, piece.at)?;
        }
        file.sync_all()
    }

    pub(super) fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new().write(true).open(path).map(Self)
    }

    /// Writes and syncs.
    pub(super) fn write(&self, pieces: &[Piece]) -> io::Result<()> {
        for piece in pieces {
            self.0.write_all_at(&piece.bytes, piece.at)?;
        }
        self.0.sync_data()
    }
}

/// Reads what the witness says, and changes nothing. The outer error is the disk's, the inner one says what is
/// wrong with the file.
pub(super) fn read(path: &Path) -> io::Result<Result<Testimony, String>> {
    let bytes = std::fs::read(path)?;
    Ok(testify(&bytes))
}

fn testify(bytes: &[u8]) -> Result<Testimony, String> {
    if bytes.len() != SIZE {
        return Err(format!("it has {} bytes, not {SIZE}", bytes.len()));
    }
    let mut mended = 0;
    let mut halves: Vec<Half> = Vec::new();
    for half in bytes.chunks(2 * HALF) {
        if let Some((a, b)) = half.split_at_checked(HALF) {
            halves.extend(Half::read(a, b, &mut mended)?);
        }
    }
    halves.sort_by_key(|half| half.place.generation);
    let newest = halves.pop().ok_or("neither of its halves can be read")?;
    // The older half is of use where it leads to the newer one; groups too large for it went to fjall at once.
    let older = halves.pop().filter(|older| older.end() == newest.base);
    let mut frames = older.map(|older| older.frames).unwrap_or_default();
    frames.extend(newest.frames);
    Ok(Testimony { base: newest.base, frames, place: newest.place, mended })
}

struct Half {
    base: Head,
    frames: Vec<Frame>,
    place: Place,
}

impl Half {
    fn end(&self) -> Head {
        self.frames.last().map_or(self.base, |frame| frame.group.after)
    }

    /// Reads a half from its copies; none where it was never begun.
    fn read(a: &[u8], b: &[u8], mended: &mut usize) -> Result<Option<Self>, String> {
        let pages = [a, b].map(|copy| copy.get(..POINT + CHECK).and_then(unsealed).and_then(read_point));
        let Some((generation, base)) = pages.into_iter().flatten().max_by_key(|(generation, _)| *generation)
        else {
            return Ok(None);
        };
        *mended += usize::from(pages.iter().any(|page| *page != Some((generation, base))));
        let mut half = Self { base, frames: Vec::new(), place: Place { generation, offset: PAGE } };
        loop {
            let end = half.end();
            let found =
                [a, b].map(|copy| frame_at(copy, half.place).filter(|frame| frame.group.before == end));
            if found.iter().any(Option::is_none) {
                *mended += usize::from(found.iter().any(Option::is_some));
            }
            let Some(frame) = found.into_iter().flatten().next() else { break };
            half.place.offset += frame.size();
            half.frames.push(frame);
        }
        match [a, b].into_iter().find_map(|copy| later_frame(copy, half.place)) {
            Some(later) => Err(format!(
                "entries {} to {} are gone from it, and those after them are there",
                half.end().sequence.0 + 1,
                later.group.before.sequence
            )),
            None => Ok(Some(half)),
        }
    }
}

/// The frame that begins at a place.
fn frame_at(copy: &[u8], place: Place) -> Option<Frame> {
    let bytes = copy.get(place.offset..)?;
    let (generation, before) = read_point(bytes.get(..POINT)?)?;
    if generation != place.generation {
        return None;
    }
    let lens = bytes.get(POINT..POINT + 8)?;
    let (records, outbox) = lens.split_first_chunk()?;
    let (records, outbox) =
        (u32::from_le_bytes(*records) as usize, u32::from_le_bytes(*outbox.first_chunk()?) as usize);
    let size = FRAME.checked_add(records)?.checked_add(outbox)?;
    let content = unsealed(bytes.get(..size)?)?.get(POINT + 8..)?;
    let (records, outbox) = content.split_at_checked(records)?;
    let group = Group::read(before, records.to_vec()).ok()?;
    Some(Frame { group, outbox: outbox.to_vec() })
}

/// A whole frame of the same generation after the place where there is none: what was between was acknowledged.
fn later_frame(copy: &[u8], place: Place) -> Option<Frame> {
    let rest = copy.get(place.offset..)?;
    let mut starts = memchr::memmem::find_iter(rest, MAGIC);
    starts.find_map(|at| frame_at(copy, Place { offset: place.offset + at, ..place }))
}

fn point(generation: u64, at: Head) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&generation.to_le_bytes());
    bytes.extend_from_slice(&at.sequence.0.to_le_bytes());
    bytes.extend_from_slice(&at.hash.0);
    bytes
}

fn read_point(bytes: &[u8]) -> Option<(u64, Head)> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (generation, rest) = rest.split_first_chunk()?;
    let (sequence, hash) = rest.split_first_chunk()?;
    let head = Head { sequence: Sequence(u64::from_le_bytes(*sequence)), hash: Hash(*hash.first_chunk()?) };
    Some((u64::from_le_bytes(*generation), head))
}

/// The same with a check at its end.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let check = Sha256::digest(&bytes);
    bytes.extend(check.iter().take(CHECK));
    bytes
}

/// The same without its check, if that fits.
fn unsealed(bytes: &[u8]) -> Option<&[u8]> {
    let (content, check) = bytes.split_last_chunk::<CHECK>()?;
    Sha256::digest(content).starts_with(check).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(before: Head, n: u8) -> Frame {
        let mut group = Group::after(before);
        group.push(&[n; 100]);
        group.push(&[n; 7]);
        Frame { group, outbox: vec![n; 3] }
    }

    /// A witness with `count` frames in its first half, and then as many in its second.
    fn written(count: u8, turned: bool) -> (Vec<u8>, Head) {
        let mut bytes = vec![0; SIZE];
        let mut put = |pieces: Vec<Piece>| {
            for piece in pieces {
                let at = usize::try_from(piece.at).expect("small");
                bytes[at..at + piece.bytes.len()].copy_from_slice(&piece.bytes);
            }
        };
        let (mut place, mut end) = (Place::FIRST, Head::ORIGIN);
        put(place.both(0, sealed(point(1, end))));
        for half in 0..=u8::from(turned) {
            if half == 1 {
                let (next, pieces) = place.turn(end);
                place = next;
                put(pieces);
            }
            for n in 0..count {
                let frame = frame(end, n);
                let (next, pieces) = place.put(&frame);
                (place, end) = (next, frame.group.after);
                put(pieces);
            }
        }
        (bytes, end)
    }

    #[test]
    fn it_says_what_was_written() {
        for (count, turned) in [(0, false), (3, false), (3, true), (0, true)] {
            let (bytes, end) = written(count, turned);
            let said = testify(&bytes).expect("whole");
            assert_eq!((said.end(), said.start(), said.mended), (end, Head::ORIGIN, 0));
            assert_eq!(said.frames.len(), usize::from(count) * (1 + usize::from(turned)));
        }
    }

    #[test]
    fn one_damaged_place_loses_nothing() {
        let (bytes, end) = written(3, true);
        for copy in 0..4 {
            for at in [0, 7, 8, 20, 50, PAGE, PAGE + 9, PAGE + 70, PAGE + 100, PAGE + 200, PAGE + 500] {
                let mut damaged = bytes.clone();
                damaged[copy * HALF + at] ^= 1;
                assert_eq!(testify(&damaged).expect("mended").end(), end, "copy {copy}, byte {at}");
            }
        }
    }

    #[test]
    fn a_torn_last_frame_was_never_acknowledged_and_one_before_it_was() {
        let (bytes, _) = written(3, false);
        let size = frame(Head::ORIGIN, 0).size();
        let tear = |index: usize| {
            let mut torn = bytes.clone();
            for copy in 0..2 {
                torn[copy * HALF + PAGE + index * size + 80] ^= 1;
            }
            testify(&torn)
        };
        assert_eq!(tear(2).expect("a torn tail is no damage").end().sequence, Sequence(4));
        assert_eq!(
            tear(1).expect_err("damage"),
            "entries 3 to 4 are gone from it, and those after them are there"
        );
        assert!(testify(&bytes[..SIZE - 1]).is_err());
        assert!(testify(&vec![0; SIZE]).is_err());
    }
}
