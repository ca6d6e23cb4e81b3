//! Listening and serving: on the socket, and over TCP where that is asked for.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream as Probe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use thiserror::Error;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;

use super::access::{Gate, Seen};
use super::desk::Desk;
use super::guests::Guests;
use super::routes::router;
use crate::daemon::Handle;
use crate::log::LogReader;

/// How many connections there may be at a time, on the socket and over TCP each; those that come then wait.
const CONNECTIONS: usize = 256;
/// How long a client may take for the head of a request, and be silent between two requests.
const HEAD: Duration = Duration::from_secs(10);

/// Why nobody can be listened to.
#[derive(Debug, Error)]
#[error("{place} cannot be served: {error}")]
pub struct ServeError {
    place: String,
    error: io::Error,
}

/// Listens on the socket at `path`, which every user of the machine may connect to where it is `open`: what they may
/// ask is a matter of who they are. A socket left there by a daemon that is gone is removed.
///
/// # Errors
/// When the socket cannot be made (a path above 107 bytes is the usual cause), when somebody answers there, or when
/// what is there is no socket.
pub fn listen(path: &Path, open: bool) -> Result<UnixListener, ServeError> {
    let fault = |error| ServeError { place: format!("the socket {}", path.display()), error };
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(fault(io::Error::other("there is a file there that is no socket; it is left alone")));
        }
        Ok(_) if Probe::connect(path).is_ok() => {
            return Err(fault(io::Error::other("another process answers there")));
        }
        Ok(_) => fs::remove_file(path).map_err(fault)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(fault(error)),
    }
    let listener = UnixListener::bind(path).map_err(fault)?;
    set_open(path, open)?;
    Ok(listener)
}

/// Lets every user of the machine connect to the socket at `path`, or the daemon's own user and root only.
///
/// # Errors
/// When the mode of the socket cannot be changed.
pub fn set_open(path: &Path, open: bool) -> Result<(), ServeError> {
    let mode = if open { 0o666 } else { 0o600 };
    let fault = |error| ServeError { place: format!("the socket {}", path.display()), error };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(fault)
}

/// Listens for HTTP at `address`.
///
/// # Errors
/// When it cannot: another program listens there, or the machine has no such address.
pub async fn listen_at(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let fault = |error| ServeError { place: format!("[access] listen = \"{address}\""), error };
    TcpListener::bind(address).await.map_err(fault)
}

/// A listener that shows who connects.
pub trait Door: Listener {
    /// What a connection shows; nothing where it has gone already.
    #[doc(hidden)]
    fn seen(io: &Self::Io, address: Self::Addr) -> Option<Shown>;
}

/// What a connection shows.
pub struct Shown(Seen);

impl Door for UnixListener {
    fn seen(io: &Self::Io, _: Self::Addr) -> Option<Shown> {
        let credentials = io.peer_cred().ok()?;
        Some(Shown(Seen::Process(credentials.uid(), credentials.gid())))
    }
}

impl Door for TcpListener {
    fn seen(_: &Self::Io, address: Self::Addr) -> Option<Shown> {
        Some(Shown(Seen::Address(address)))
    }
}

/// The API, ready to be served.
#[derive(Clone)]
pub struct Api {
    answer: TowerToHyperService<Router>,
    guests: Arc<Guests>,
}

impl Api {
    /// Answers by `handle`, from `reader`, of the log in `data`.
    #[must_use]
    pub fn new(handle: Handle, reader: LogReader, data: PathBuf) -> Self {
        let desk = Desk { handle, reader, data, gate: Gate::new() };
        Self { answer: TowerToHyperService::new(router(&desk)), guests: Arc::default() }
    }

    /// Serves whoever comes to `listener` until `shutdown` resolves, and then whoever still waits for an answer.
    pub async fn serve<D: Door>(self, mut listener: D, shutdown: impl Future<Output = ()>) {
        let (room, graceful) = (Arc::new(Semaphore::new(CONNECTIONS)), GracefulShutdown::new());
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = async {
                let place = Arc::clone(&room).acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, (io, address)) = tokio::select! {
                accepted = accepted => accepted,
                () = &mut shutdown => break,
            };
            let Some(Shown(seen)) = D::seen(&io, address) else { continue };
            let (api, watcher) = (self.clone(), graceful.watcher());
            tokio::spawn(async move {
                let _place = place;
                let Some(_guest) = api.guests.welcome(seen.stranger()) else { return };
                let Ok(origin) = tokio::task::spawn_blocking(move || seen.look_up()).await else { return };
                let service = service_fn(|mut request: Request<Incoming>| {
                    request.extensions_mut().insert(origin.clone());
                    api.answer.call(request)
                });
                let mut http = http1::Builder::new();
                http.timer(TokioTimer::new()).header_read_timeout(HEAD);
                // A client who went away, or was too slow, has nothing to hear.
                let _ = watcher.watch(http.serve_connection(TokioIo::new(io), service)).await;
            });
        }
        drop(listener);
        graceful.shutdown().await;
    }
}
