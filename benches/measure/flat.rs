//! The least that reading the log can be: one file, from its beginning to its end, on all cores.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use stepdown::case::{Event, Interner};
use stepdown::log::Hash;

use crate::scan;

/// How many records are decoded at a time, as the log does.
const PART: usize = 8_192;

/// Writes what the log in `data` stores to one file: of each entry the length, the link, the bytes.
pub fn write(data: &Path, path: &Path) {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).expect("a file"));
    scan::stored_bytes(data, |link, bytes| {
        let length = u32::try_from(bytes.len()).expect("a short entry");
        for part in [&length.to_le_bytes(), link.0.as_slice(), bytes] {
            file.write_all(part).expect("written");
        }
    });
    file.flush().expect("written");
}

struct Record<'a> {
    before: Hash,
    link: Hash,
    bytes: &'a [u8],
}

/// Reads the file, checks the chain and decodes every event; gives them to `each` in order.
pub fn read(path: &Path, mut each: impl FnMut(Event)) {
    let file = std::fs::read(path).expect("readable");
    let (mut rest, mut link) = (file.as_slice(), Hash::ORIGIN);
    let mut next = || {
        let (length, tail) = rest.split_first_chunk()?;
        let (own, tail) = tail.split_first_chunk().expect("a link");
        let (bytes, tail) = tail.split_at(u32::from_le_bytes(*length) as usize);
        let record = Record { before: link, link: Hash(*own), bytes };
        (rest, link) = (tail, record.link);
        Some(record)
    };
    let mut decoded = Vec::new();
    loop {
        let part: Vec<_> = std::iter::from_fn(&mut next).take(PART).collect();
        let is_last = part.is_empty();
        // While one part is taken, the next is decoded by the other cores.
        let taken = std::mem::take(&mut decoded);
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| decoded = decode(&part));
            taken.into_iter().flatten().for_each(&mut each);
        });
        if is_last {
            break;
        }
    }
}

fn decode(part: &[Record<'_>]) -> Vec<Option<Event>> {
    let check = |interner: &mut Interner, record: &Record<'_>| {
        assert_eq!(record.before.next(record.bytes), record.link, "the chain holds");
        scan::decode(record.bytes, interner).map(|(event, _)| event)
    };
    part.par_iter().map_init(Interner::default, check).collect()
}
