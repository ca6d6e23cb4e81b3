//! Another wrapping key for the keyring of the open log.

use std::path::{Path, PathBuf};

use thiserror::Error;
use tokio::sync::oneshot;

use super::{Handle, Request, Writer};
use crate::log::{LogError, NewKey, Rotated};

/// Why the wrapping key is not changed.
#[derive(Debug, Error)]
pub enum RotateError {
    /// It comes from systemd, whose credentials cannot be written.
    #[error(
        "the wrapping key is the systemd credential \"{0}\", which cannot be replaced from here: name a new file for the new key with --to FILE, then install that as the credential before the next start"
    )]
    Credential(String),
    /// It comes from a file, which is replaced.
    #[error("the wrapping key is a file of its own and is replaced in its place: leave out --to")]
    InPlace,
    /// The disk or the keyring is at fault.
    #[error(
        "the wrapping key was not changed, or not wholly; keep every key file that is there, and do it again: {0}"
    )]
    Log(LogError),
}

impl Writer {
    /// Seals the keyring with a new wrapping key: in the place of the one before or, where that is a credential, in
    /// the new file `to`.
    ///
    /// # Errors
    /// See [`RotateError`].
    pub fn rotate_key(&mut self, to: Option<&Path>) -> Result<Rotated, RotateError> {
        let place = match (&self.config().settings.records.wrapping_key_credential, to) {
            (Some(name), None) => return Err(RotateError::Credential(name.clone())),
            (None, Some(_)) => return Err(RotateError::InPlace),
            (Some(_), Some(file)) => NewKey::At(file),
            (None, None) => NewKey::InPlace,
        };
        let rotated = self.log().rotate(place).map_err(RotateError::Log)?;
        tracing::info!(key = rotated.fingerprint, before = rotated.before, "the wrapping key was changed");
        Ok(rotated)
    }
}

impl Handle {
    /// Has the wrapping key changed. `None`: the daemon is stopping.
    pub async fn rotate(&self, to: Option<PathBuf>) -> Option<Result<Rotated, RotateError>> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Rotate(to, answer)).await.ok()?;
        answered.await.ok()
    }
}
