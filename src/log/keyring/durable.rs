//! Small secret files, written so that a crash leaves the old one or the new one, whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A new file `path` with `bytes`, for its owner only, synced with its directory.
///
/// Fails when there is one already. After a failed write, or a crash in it, there is none: it is written beside and
/// then given its name.
pub(super) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    remove(&beside)?;
    write_new(&beside, bytes)?;
    fs::hard_link(&beside, path).inspect_err(|_| discard(&beside))?;
    remove(&beside)?;
    sync_parent(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Puts `bytes` in the place of the file `path`: written beside, synced, renamed, the directory synced.
pub(in crate::log) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    // What a crash left there may hold a key that is to be destroyed: it goes first.
    remove(&beside)?;
    write_new(&beside, bytes)?;
    fs::rename(&beside, path).inspect_err(|_| discard(&beside))?;
    sync_parent(path)
}

/// Where the next content of `path` is written; always the same place, so that nothing piles up.
pub(in crate::log) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| discard(path))
}

/// Best effort: the error that led here is the one to tell.
fn discard(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Syncs the name of `path` in its directory.
pub(in crate::log) fn sync_parent(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}
