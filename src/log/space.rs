//! The room that the log takes, and the room that is left for it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{StatVfsMountFlags, statvfs};

/// What a block counts in `stat(2)`, whatever the file system.
const BLOCK: u64 = 512;

/// The disk under a data directory, as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes on the disk that the log takes; what was only set aside in a sparse file does not count.
    pub log_bytes: u64,
    /// Bytes that are left to whoever is not root.
    pub free_bytes: u64,
    /// Bytes there are in all.
    pub all_bytes: u64,
    /// Files that can still be made; none where the file system makes room for them as it goes.
    pub free_files: Option<u64>,
    /// Whether nothing can be written there at all.
    pub read_only: bool,
}

impl Space {
    /// Looks at the disk under the data directory `dir`.
    ///
    /// # Errors
    /// When the file system or the log's directory cannot be looked at.
    pub fn of(dir: &Path) -> io::Result<Self> {
        let disk = statvfs(dir)?;
        let log = dir.join("log");
        Ok(Self {
            log_bytes: if log.exists() { on_disk(&log)? } else { 0 },
            free_bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
            all_bytes: disk.f_blocks.saturating_mul(disk.f_frsize),
            free_files: (disk.f_files > 0).then_some(disk.f_favail),
            read_only: disk.f_flag.contains(StatVfsMountFlags::RDONLY),
        })
    }
}

/// The bytes on the disk under `dir`. Files come and go meanwhile: one that went takes no room.
fn on_disk(dir: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let found = match entry.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            found => found?,
        };
        bytes += found.blocks() * BLOCK;
        if found.is_dir() {
            bytes += match on_disk(&entry.path()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
                inside => inside?,
            };
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_sparse_file_counts_with_what_is_in_it() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(dir.path().join("log/fjall")).expect("made");
        let empty = Space::of(dir.path()).expect("a disk").log_bytes;
        let mut file = File::create(dir.path().join("log/fjall/table")).expect("made");
        file.set_len(1 << 30).expect("set");
        file.write_all(&[1; 100_000]).expect("written");
        file.sync_all().expect("synced");
        let space = Space::of(dir.path()).expect("a disk");
        assert!((100_000..1_000_000).contains(&(space.log_bytes - empty)), "{space:?}");
        assert!(space.free_bytes > 0 && space.free_bytes <= space.all_bytes && !space.read_only, "{space:?}");
        assert!(Space::of(&dir.path().join("none")).is_err());
    }
}
