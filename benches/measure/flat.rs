//! The least that reading the log can be: one file, from its beginning to its end, on all cores.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use stepdown::log::{LogReader, Stored};

use crate::scan;

/// How many groups are read at a time, as the log does.
const PART: usize = 16;

/// Writes the groups of a log as they are stored to one file, each with its length.
pub fn write(reader: &LogReader, path: &Path) {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).expect("a file"));
    reader
        .stored_groups(|key, value| {
            let length = u32::try_from(value.len()).expect("a short group");
            for part in [key, &length.to_le_bytes(), value] {
                file.write_all(part).expect("written");
            }
        })
        .expect("readable");
    file.flush().expect("written");
}

/// Reads the file, checks the chain and opens every entry; gives them to `each` in order.
pub fn read(reader: &LogReader, path: &Path, mut each: impl FnMut(Stored)) {
    let file = std::fs::read(path).expect("readable");
    let mut rest = file.as_slice();
    let mut next = || {
        let (key, tail) = rest.split_first_chunk::<16>()?;
        let (length, tail) = tail.split_first_chunk().expect("a length");
        let (value, tail) = tail.split_at(u32::from_le_bytes(*length) as usize);
        rest = tail;
        Some((key, value))
    };
    let mut decoded: Vec<Vec<Stored>> = Vec::new();
    loop {
        let part: Vec<_> = std::iter::from_fn(&mut next).take(PART).collect();
        let is_last = part.is_empty();
        // While one part is taken, the next is decoded by the other cores.
        let taken = std::mem::take(&mut decoded);
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| {
                decoded = part.par_iter().map(|(key, value)| scan::group(reader, *key, value)).collect();
            });
            taken.into_iter().flatten().for_each(&mut each);
        });
        if is_last {
            break;
        }
    }
}
