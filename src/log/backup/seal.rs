//! Encryption to recipients, as <https://age-encryption.org/v1> says: a backup that leaves the house.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, Write};
use std::path::Path;

use age::stream::{StreamReader, StreamWriter};
use age::x25519::Recipient;
use age::{DecryptError, Decryptor, Encryptor, IdentityFile};

use super::BackupError;

/// The first bytes of a file of age.
const MAGIC: &[u8] = b"age-encryption.org/";

/// What is written to it arrives at `out` encrypted; it must be finished.
///
/// # Errors
/// When there is no recipient, or `out` takes nothing.
pub(super) fn encrypted<W: Write>(recipients: &[Recipient], out: W) -> Result<StreamWriter<W>, BackupError> {
    let recipients = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(recipients).map_err(|_| BackupError::NoRecipients)?;
    encryptor.wrap_output(out).map_err(BackupError::Write)
}

/// A backup that can be read.
pub enum Opened {
    /// As it was made.
    Plain(BufReader<File>),
    /// Out of its encryption.
    Encrypted(Box<StreamReader<BufReader<File>>>),
}

impl Opened {
    /// Whether it was encrypted.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        matches!(self, Self::Encrypted(_))
    }
}

impl Read for Opened {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(into),
            Self::Encrypted(stream) => stream.read(into),
        }
    }
}

/// Opens the backup in the file `path`, with the identities in a file of their own where it is encrypted.
///
/// # Errors
/// When a file cannot be read, no identity opens it, or it is damaged at its beginning.
pub fn open(path: &Path, identity: Option<&Path>) -> Result<Opened, BackupError> {
    let io = |error| BackupError::Io { path: path.to_owned(), error };
    let mut file = BufReader::with_capacity(1 << 18, File::open(path).map_err(io)?);
    let mut start = Vec::new();
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut start).map_err(io)?;
    file.rewind().map_err(io)?;
    if start != MAGIC {
        return Ok(Opened::Plain(file));
    }
    let identity = identity.ok_or(BackupError::Encrypted)?;
    let identities = identities(identity)?;
    let damaged = |error: DecryptError| match error {
        DecryptError::NoMatchingKeys => BackupError::NotForThese(identity.to_owned()),
        DecryptError::Io(error) => BackupError::reading(error),
        other => BackupError::Damaged(format!("its encryption cannot be read: {other}")),
    };
    let decryptor = Decryptor::new_buffered(file).map_err(damaged)?;
    let stream = decryptor.decrypt(identities.iter().map(|identity| &**identity as &dyn age::Identity));
    stream.map_err(damaged).map(|stream| Opened::Encrypted(Box::new(stream)))
}

type Identities = Vec<Box<dyn age::Identity + Send + Sync>>;

fn identities(path: &Path) -> Result<Identities, BackupError> {
    let file = File::open(path).map_err(|error| BackupError::Io { path: path.to_owned(), error })?;
    let refused =
        |why: &dyn std::fmt::Display| BackupError::Identity { path: path.to_owned(), why: why.to_string() };
    let read = IdentityFile::from_buffer(BufReader::new(file)).map_err(|error| refused(&error))?;
    let identities = read.into_identities().map_err(|error| refused(&error))?;
    if identities.is_empty() {
        return Err(refused(&"there is no line that begins with AGE-SECRET-KEY-1"));
    }
    Ok(identities)
}
