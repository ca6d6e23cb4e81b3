//! Mail as files: one `.eml` for each message, so that a newcomer needs no server.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::{Outcome, Parcel};
use crate::reminders::Stage;

/// Writes messages into a directory.
#[derive(Debug)]
pub struct FilesCourier {
    directory: PathBuf,
}

impl FilesCourier {
    /// Writes into `directory`, which is made when the first message comes.
    #[must_use]
    pub const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Writes the message. To write it twice changes nothing, so no attempt is ever ambiguous.
    #[must_use]
    pub fn deliver(&self, parcel: &Parcel) -> Outcome {
        let name = file_name(parcel);
        match write(&self.directory, &name, &parcel.bytes) {
            Ok(()) => Outcome::Accepted(name),
            Err(error) => Outcome::NotSent {
                stage: Stage::Message,
                reason: format!("{}: {error}", self.directory.join(name).display()),
            },
        }
    }
}

/// Kind and `Message-ID`, which say nothing of whom the message is about.
fn file_name(parcel: &Parcel) -> String {
    let id = parcel.message_id.trim_start_matches('<').split('@').next().unwrap_or_default();
    format!("{}-{id}.eml", parcel.kind)
}

/// All of the file or none: written beside, synced, renamed.
fn write(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    // A mail says what is due for a child: it is for the owner's eyes.
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let partial = directory.join(format!(".{name}.partial"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&partial, directory.join(name))?;
    File::open(directory)?.sync_all()
}
