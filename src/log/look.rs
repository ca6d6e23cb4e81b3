//! The look before fjall opens its files: opening cuts off what it cannot read, and with it the evidence.
//!
//! The store is opened in a copy first (its large files are hard links, which nobody writes to), and compared
//! with what the witness says. Only where all that was acknowledged is there are the files themselves opened.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::files::{self, Files};
use super::group::Group;
use super::store::Store;
use super::witness::{Frame, Testimony};
use super::{Head, LogError, Sequence};

/// What was found of a log.
pub(super) struct Found {
    /// Its end.
    pub head: Head,
    /// The groups that only the witness has.
    pub pending: Vec<Frame>,
}

/// Compares the store with the witness, and changes nothing.
pub(super) fn before(files: &Files, testimony: &Testimony) -> Result<(), LogError> {
    let look = files.look();
    files::remove(&look)?;
    copy(&files.store(), &look)?;
    let looked = looked(&look, testimony, files);
    // A look that failed to clean up after itself is cleaned up by the next one.
    let _ = fs::remove_dir_all(&look);
    looked
}

fn looked(look: &Path, testimony: &Testimony, files: &Files) -> Result<(), LogError> {
    let dir = files.dir();
    // fjall panics at some damaged bytes: that is for the thread to end with, and no matter for the process.
    std::thread::scope(|scope| {
        let look = || {
            let store = Store::open(look).map_err(|error| LogError::unreadable(dir, error))?;
            compare(&store, testimony, dir).map(drop)
        };
        let looking = std::thread::Builder::new().name(THREAD.to_owned()).spawn_scoped(scope, look);
        let looking = looking.map_err(|error| LogError::Io { path: dir.to_owned(), error })?;
        looking.join().unwrap_or_else(|_| Err(LogError::Unintelligible { dir: dir.to_owned() }))
    })
}

/// The name of the thread that looks: a panic there is told as damage.
pub const THREAD: &str = "log-look";

/// The end of the log, if the store has all that the witness has not and was acknowledged.
pub(super) fn compare(store: &Store, testimony: &Testimony, dir: &Path) -> Result<Found, LogError> {
    let damaged = |first: Sequence, last: Sequence, what: &str| LogError::Damaged {
        dir: dir.to_owned(),
        first: first.0,
        last: last.0,
        what: what.to_owned(),
    };
    let unreadable = |error| LogError::unreadable(dir, error);
    let mut expected = Sequence(1);
    for key in store.keys() {
        let key = key.map_err(unreadable)?;
        let places = Group::places(&key);
        match places {
            Some((first, last)) if first == expected => expected = Sequence(last.0 + 1),
            Some((first, _)) if first > expected => {
                return Err(damaged(expected, Sequence(first.0 - 1), "they are missing"));
            }
            _ => return Err(damaged(expected, expected, "the groups overlap")),
        }
    }
    let stored = stored_end(store, dir)?;
    let end = testimony.end();
    if stored.sequence < testimony.start().sequence {
        let first = Sequence(stored.sequence.0 + 1);
        return Err(damaged(first, testimony.start().sequence, "they are missing"));
    }
    if stored.sequence > end.sequence {
        chain(store, end, stored, dir)?;
        return Ok(Found { head: stored, pending: Vec::new() });
    }
    let bounds =
        std::iter::once(testimony.start()).chain(testimony.frames.iter().map(|frame| frame.group.after));
    if !bounds.into_iter().any(|bound| bound == stored) {
        return Err(damaged(stored.sequence, stored.sequence, "it is not the one that was appended"));
    }
    let pending = testimony.frames.iter().filter(|frame| frame.group.before.sequence >= stored.sequence);
    Ok(Found { head: end, pending: pending.cloned().collect() })
}

/// The end of what the store has.
fn stored_end(store: &Store, dir: &Path) -> Result<Head, LogError> {
    let Some(last) = store.last() else { return Ok(Head::ORIGIN) };
    let (key, value) = last.map_err(|error| LogError::unreadable(dir, error))?;
    let group = Group::from_stored(&key, &value).map_err(|(at, what)| LogError::damaged(dir, at, what))?;
    Ok(group.after)
}

/// Whether what the store has beyond the witness follows on what the witness says: a large group whose
/// acknowledgement was cut off.
fn chain(store: &Store, from: Head, to: Head, dir: &Path) -> Result<(), LogError> {
    let (mut head, mut met) = (None, false);
    for found in store.groups(Sequence(from.sequence.0.max(1))) {
        let (key, value) = found.map_err(|error| LogError::unreadable(dir, error))?;
        let group =
            Group::from_stored(&key, &value).map_err(|(at, what)| LogError::damaged(dir, at, what))?;
        let joint = head.is_none_or(|head| group.before == head);
        met |= group.before == from || group.after == from;
        if !joint {
            let what = "it does not follow on what the witness says".to_owned();
            return Err(LogError::damaged(dir, Sequence(group.before.sequence.0 + 1), what));
        }
        head = Some(group.after);
    }
    if head == Some(to) && met {
        return Ok(());
    }
    Err(LogError::damaged(dir, to.sequence, "it does not follow on what the witness says".to_owned()))
}

/// Copies a file and leaves its holes: a journal is mostly room for what is to come.
fn copy_sparse(from: &Path, to: &Path) -> io::Result<()> {
    let mut from = File::open(from)?;
    let mut to = File::create_new(to)?;
    let found = from.metadata()?;
    to.set_len(found.len())?;
    // What the file system has in blocks of 512 bytes (stat(2)); the rest is holes.
    let mut left = found.blocks() * 512;
    let mut chunk = vec![0; CHUNK];
    while left > 0 {
        let length = from.read(&mut chunk)?;
        let Some(bytes) = chunk.get(..length).filter(|bytes| !bytes.is_empty()) else { break };
        if bytes.iter().all(|byte| *byte == 0) {
            to.seek_relative(i64::try_from(length).unwrap_or_default())?;
        } else {
            to.write_all(bytes)?;
            left = left.saturating_sub(length as u64);
        }
    }
    Ok(())
}

/// How much is copied at a time.
const CHUNK: usize = 1 << 16;

/// Copies a directory; files that are never written to again are linked.
fn copy(from: &Path, to: &Path) -> Result<(), LogError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |error| LogError::Io { path, error }
    };
    fs::create_dir(to).map_err(io(to))?;
    for entry in fs::read_dir(from).map_err(io(from))? {
        let path = entry.map_err(io(from))?.path();
        let Some(name) = path.file_name() else { continue };
        let target = to.join(name);
        let is_final =
            path.parent().and_then(Path::file_name).is_some_and(|dir| dir == "tables" || dir == "blobs");
        if path.is_dir() {
            copy(&path, &target)?;
        } else if is_final {
            fs::hard_link(&path, &target).map_err(io(&path))?;
        } else {
            copy_sparse(&path, &target).map_err(io(&path))?;
        }
    }
    Ok(())
}
