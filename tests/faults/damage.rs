//! What a disk does to files when it rots.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::tally::Luck;
use crate::tree::{Leaf, leaves};

#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// One bit is another.
    Flip,
    /// One byte is any other.
    Byte,
    /// A sector of 512 bytes is zero.
    Sector,
    /// A page of 4 KiB is zero.
    Page,
    /// The file ends here.
    Cut,
    /// The file is gone.
    Gone,
}

const KINDS: [Kind; 6] = [Kind::Flip, Kind::Byte, Kind::Sector, Kind::Page, Kind::Cut, Kind::Gone];

/// One place at fault.
#[derive(Debug)]
pub struct Damage {
    kind: Kind,
    file: PathBuf,
    offset: u64,
    length: u64,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, file, offset, length } = self;
        write!(f, "{kind:?} at {offset} of {length} in {}", file.display())
    }
}

impl Damage {
    /// Does harm to one file below `dir`. What would change nothing is tried elsewhere.
    pub fn to(dir: &Path, luck: &mut Luck) -> Self {
        let files = leaves(dir);
        loop {
            // By size, where most of the data is hit; or by file, where each small one has its turn.
            let leaf = if luck.one_in(2) { by_size(&files, luck) } else { luck.pick(&files) };
            let kind = *luck.pick(&KINDS);
            // The holes are hit now and then.
            let reach = if luck.one_in(8) { leaf.length } else { leaf.held };
            let damage = Self {
                kind,
                file: leaf.path.strip_prefix(dir).expect("below it").to_owned(),
                offset: luck.below(reach),
                length: leaf.length,
            };
            if damage.strikes(&leaf.path, luck) {
                return damage;
            }
        }
    }

    /// Whether anything is changed by it.
    fn strikes(&self, path: &Path, luck: &mut Luck) -> bool {
        match self.kind {
            Kind::Gone => fs::remove_file(path).is_ok(),
            _ if self.length == 0 => false,
            Kind::Cut => {
                let file = OpenOptions::new().write(true).open(path).expect("writable");
                file.set_len(self.offset).is_ok()
            }
            Kind::Flip => replace(path, self.offset, 1, |bytes| bytes[0] ^= 1 << luck.below(8)),
            Kind::Byte => replace(path, self.offset, 1, |bytes| {
                bytes[0] ^= u8::try_from(1 + luck.below(255)).expect("a byte");
            }),
            Kind::Sector => replace(path, self.offset / 512 * 512, 512, |bytes| bytes.fill(0)),
            Kind::Page => replace(path, self.offset / 4096 * 4096, 4096, |bytes| bytes.fill(0)),
        }
    }
}

fn by_size<'a>(files: &'a [Leaf], luck: &mut Luck) -> &'a Leaf {
    let mut place = luck.below(files.iter().map(|leaf| leaf.held).sum());
    for leaf in files {
        match place.checked_sub(leaf.held) {
            Some(rest) => place = rest,
            None => return leaf,
        }
    }
    luck.pick(files)
}

fn replace(path: &Path, offset: u64, length: u64, change: impl FnOnce(&mut [u8])) -> bool {
    let mut file = OpenOptions::new().read(true).write(true).open(path).expect("writable");
    let mut before = Vec::new();
    file.seek(SeekFrom::Start(offset)).expect("a place in the file");
    (&file).take(length).read_to_end(&mut before).expect("readable");
    let mut after = before.clone();
    change(&mut after);
    file.seek(SeekFrom::Start(offset)).expect("a place in the file");
    file.write_all(&after).expect("writable");
    before != after
}
