//! The disk: room, room for files, and whether it can be written at all.

use std::path::Path;

use super::Check;
use crate::log::Space;

/// How much of a disk must be free, in bytes, …
const GIGABYTE: u64 = 1 << 30;
/// … and which part of it.
const TENTH: u64 = 10;
/// How many files must still be possible.
const FILES: u64 = 10_000;

pub fn checks(data: &Path) -> Vec<Check> {
    match Space::of(data) {
        Ok(space) => vec![room(&space), files(&space), writable(&space)],
        Err(error) => {
            vec![Check::warn(
                "disk-space",
                format!("the disk cannot be asked: {error}"),
                "look at it with: df",
            )]
        }
    }
}

fn room(space: &Space) -> Check {
    const CHECK: &str = "disk-space";
    let Space { free_bytes: free, all_bytes: all, log_bytes: log, .. } = *space;
    let says = format!("{} MB of {} MB are free; the log takes {} MB", free >> 20, all >> 20, log >> 20);
    let remedy = "make room before the disk is full: then nothing more can be recorded";
    match free {
        // Twice the log: a backup or a restored log may have to stand beside it.
        _ if free < GIGABYTE / 16 => Check::fail(CHECK, says, remedy),
        _ if free < GIGABYTE || free < all / TENTH || free < 2 * log => Check::warn(CHECK, says, remedy),
        _ => Check::ok(CHECK, says),
    }
}

fn files(space: &Space) -> Check {
    const CHECK: &str = "disk-files";
    match space.free_files {
        None => Check::ok(CHECK, "the file system makes room for files as it goes"),
        Some(free) if free < FILES => Check::warn(
            CHECK,
            format!("only {free} more files can be made on this disk (df -i)"),
            "remove small files that nobody needs, or make a file system with more inodes",
        ),
        Some(free) => Check::ok(CHECK, format!("{free} more files can be made")),
    }
}

fn writable(space: &Space) -> Check {
    const CHECK: &str = "disk-writable";
    if space.read_only {
        let says = "the file system is mounted read-only: a disk with faults is, to save what is on it";
        return Check::fail(
            CHECK,
            says,
            "look into the kernel's journal (journalctl -k), then mount it anew",
        );
    }
    Check::ok(CHECK, "the file system takes writes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;

    #[test]
    fn a_disk_is_told_of_before_it_is_full() {
        let roomy = Space {
            log_bytes: 1 << 20,
            free_bytes: 50 << 30,
            all_bytes: 100 << 30,
            free_files: Some(1 << 20),
            read_only: false,
        };
        let states = |space: Space| [room(&space), files(&space), writable(&space)].map(|check| check.state);
        use State::{Fail, Ok, Warn};
        assert_eq!(states(roomy), [Ok, Ok, Ok]);
        assert_eq!(states(Space { free_bytes: 900 << 20, all_bytes: 2 << 30, ..roomy }), [Warn, Ok, Ok]);
        assert_eq!(states(Space { free_bytes: 9 << 30, ..roomy }), [Warn, Ok, Ok]);
        assert_eq!(states(Space { log_bytes: 30 << 30, ..roomy }), [Warn, Ok, Ok]);
        assert_eq!(states(Space { free_bytes: 9 << 20, ..roomy }), [Fail, Ok, Ok]);
        assert_eq!(states(Space { free_files: Some(9), ..roomy }), [Ok, Warn, Ok]);
        assert_eq!(states(Space { free_files: None, ..roomy }), [Ok, Ok, Ok]);
        assert_eq!(states(Space { read_only: true, ..roomy }), [Ok, Ok, Fail]);
    }
}
