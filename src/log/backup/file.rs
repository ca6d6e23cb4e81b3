//! A file that is there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::BackupError;
use super::hashing::HashingWriter;
use crate::case::hex;
use crate::log::keyring::durable;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// Writes a new file `path` for its owner only: beside, synced, read back, then given its name. Where `write` fails
/// nothing is left.
///
/// # Errors
/// When there is such a file, the disk fails, or `write` does.
pub fn write_beside<T, E: From<BackupError>>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<(T, WrittenFile), E> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(BackupError::Exists(path.to_owned()).into());
    }
    let beside = durable::beside(path);
    let written = written(&beside, write).and_then(|(said, written)| {
        read_back(&beside, &written)?;
        if fs::symlink_metadata(path).is_ok() {
            return Err(BackupError::Exists(path.to_owned()).into());
        }
        let named = fs::rename(&beside, path).and_then(|()| durable::sync_parent(path));
        named.map_err(|error| io_at(path, error))?;
        Ok((said, written))
    });
    if written.is_err() {
        // Best effort: the error that led here is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn io_at(path: &Path, error: io::Error) -> BackupError {
    BackupError::Io { path: path.to_owned(), error }
}

fn written<T, E: From<BackupError>>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<(T, WrittenFile), E> {
    let io = |error| io_at(path, error);
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error).into()),
        _ => {}
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
    let mut out = HashingWriter::new(BufWriter::with_capacity(1 << 18, file));
    let said = write(&mut out)?;
    let (sha256, bytes) = out.so_far();
    let file = out.into_inner().into_inner().map_err(|error| io(error.into_error()))?;
    file.sync_all().map_err(io)?;
    Ok((said, WrittenFile { bytes, sha256: hex(&sha256) }))
}

/// Reads a file and compares it with what was written there.
///
/// # Errors
/// When the disk fails, or other bytes come back.
pub fn read_back(path: &Path, written: &WrittenFile) -> Result<(), BackupError> {
    let io = |error| io_at(path, error);
    let mut file = File::open(path).map_err(io)?;
    // What is read should come from the disk, not from memory; where the system does not do that, it is no fault.
    let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    let (mut hasher, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; 1 << 18]);
    loop {
        match file.read(&mut chunk).map_err(io)? {
            0 => break,
            read => {
                hasher.update(chunk.get(..read).unwrap_or_default());
                bytes += read as u64;
            }
        }
    }
    if (bytes, hex(&hasher.finalize())) == (written.bytes, written.sha256.clone()) {
        Ok(())
    } else {
        Err(BackupError::ReadBack { path: PathBuf::from(path) })
    }
}
