//! The server's side of the socket.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use thiserror::Error;
use tokio::net::UnixListener;

use super::desk::Desk;
use super::routes::router;
use crate::daemon::Handle;
use crate::log::LogReader;

/// Why the socket cannot be served.
#[derive(Debug, Error)]
#[error("the socket {path} cannot be served: {error}")]
pub struct ServeError {
    path: PathBuf,
    error: io::Error,
}

/// Listens on the socket at `path`. The caller holds the lock of the data directory, so that a socket
/// left there belongs to nobody.
///
/// # Errors
/// When the socket cannot be made: a path above 107 bytes is the usual cause.
pub fn listen(path: &Path) -> Result<UnixListener, ServeError> {
    let fault = |error| ServeError { path: path.to_owned(), error };
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fault(error)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(fault)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(fault)?;
    Ok(listener)
}

/// Serves the API on `listener` until `shutdown` resolves.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: UnixListener,
    handle: Handle,
    reader: LogReader,
    data: PathBuf,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let path = data.clone();
    let router = router(Desk { handle, reader, data });
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await
        .map_err(|error| ServeError { path, error })
}
