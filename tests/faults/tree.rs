//! A directory as it is, to copy it and to see whether anything in it has changed.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A regular file of a tree.
#[derive(Debug, Clone)]
pub struct Leaf {
    pub path: PathBuf,
    pub length: u64,
    /// How much of it is on the disk: fjall's journals are mostly holes.
    pub held: u64,
}

/// The regular files below `dir`, in order.
pub fn leaves(dir: &Path) -> Vec<Leaf> {
    let mut found = Vec::new();
    walk(dir, &mut |path, data| {
        if data.is_file() {
            let length = data.len();
            found.push(Leaf { path: path.to_owned(), length, held: length.min(data.blocks() * 512) });
        }
    });
    found
}

/// A mark of each file's content, and of each directory's being there. Locks and sockets are left out: who
/// looks at a log takes its lock, and the note in it is no part of it.
pub fn marks(dir: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    walk(dir, &mut |path, data| {
        let is_lock = path.file_name().is_some_and(|name| name == "lock");
        if data.is_file() && !is_lock {
            let bytes = fs::read(path).expect("readable");
            found.insert(path.to_owned(), BuildHasherDefault::<DefaultHasher>::default().hash_one(bytes));
        } else if data.is_dir() {
            found.insert(path.to_owned(), 0);
        }
    });
    found
}

/// What is not in both.
pub fn difference(before: &BTreeMap<PathBuf, u64>, after: &BTreeMap<PathBuf, u64>) -> Vec<PathBuf> {
    let paths = before.keys().chain(after.keys().filter(|path| !before.contains_key(*path)));
    paths.filter(|path| before.get(*path) != after.get(*path)).cloned().collect()
}

/// Copies a tree with everything in it, holes too.
pub fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").args(["-a", "--sparse=always"]).arg(from).arg(to).status();
    assert!(copied.expect("cp is there").success());
}

fn walk(dir: &Path, each: &mut impl FnMut(&Path, &fs::Metadata)) {
    let mut paths: Vec<_> =
        fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let data = fs::symlink_metadata(&path).expect("readable");
        each(&path, &data);
        if data.is_dir() {
            walk(&path, each);
        }
    }
}
