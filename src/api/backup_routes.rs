//! The route that gives a backup.

use std::io::{self, Write};

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::desk::{Desk, Refusal};
use super::given::Query;
use crate::log::BackupError;

/// The header that says of what the backup is that follows: its manifest, as JSON.
pub(super) const MANIFEST: &str = "stepdown-manifest";

/// How a backup is wanted.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupQuery {
    /// Whether it is encrypted to the recipients of the settings.
    #[serde(default)]
    pub encrypt: bool,
}

/// How much goes out at a time.
const CHUNK: usize = 1 << 18;

/// A backup of this moment. What goes wrong on the way cuts the answer short, and the client hears of it.
pub(super) async fn backup(
    State(desk): State<Desk>,
    Query(BackupQuery { encrypt }): Query<BackupQuery>,
) -> Result<Response, Refusal> {
    let config = desk.handle.snapshot.borrow().config.clone();
    if encrypt && config.settings.backup.recipients.is_empty() {
        return Err(Refusal::new(StatusCode::CONFLICT, &BackupError::NoRecipients));
    }
    let fault =
        |error: &dyn std::fmt::Display| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string());
    let cut = desk.handle.cut().await.ok_or_else(Refusal::stopping)?.map_err(|error| fault(&error))?;
    let manifest = cut.manifest(&config.settings.records.origin, desk.handle.clock.now());
    let said = serde_json::to_vec(&manifest).map_err(|error| fault(&error))?;
    let said = HeaderValue::from_bytes(&said).map_err(|error| fault(&error))?;
    let (sender, receiver) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        let recipients = encrypt.then_some(&*config.settings.backup.recipients);
        let mut out = Outgoing { sender, waiting: Vec::with_capacity(CHUNK) };
        if let Err(error) = cut.write_for(recipients, &manifest, &mut out, |_| {}) {
            tracing::error!(%error, "a backup broke off");
            if let BackupError::Log(damage) = &error
                && damage.is_damage()
            {
                desk.handle.alarm.raise(damage);
            }
            // A client who went away has nothing to hear.
            let _ = out.sender.blocking_send(Err(io::Error::other(error.to_string())));
        }
    });
    let kind =
        HeaderValue::from_static(if encrypt { "application/octet-stream" } else { "application/x-tar" });
    let headers = [(CONTENT_TYPE, kind), (HeaderName::from_static(MANIFEST), said)];
    Ok((headers, Body::from_stream(ReceiverStream::new(receiver))).into_response())
}

/// What is written goes to the client, as fast as the client takes it.
struct Outgoing {
    sender: mpsc::Sender<io::Result<Vec<u8>>>,
    waiting: Vec<u8>,
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let full = std::mem::replace(&mut self.waiting, Vec::with_capacity(CHUNK));
        self.sender.blocking_send(Ok(full)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
