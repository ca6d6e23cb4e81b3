//! A long answer in pieces.

use std::io;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// One JSON object a line.
pub(super) const LINES: &str = "application/x-ndjson";

const CHUNK: usize = 1 << 16;

/// A long answer in pieces, made beside the threads that answer as fast as the client takes it.
pub(super) fn stream(content_type: &'static str, work: impl FnOnce(Chunks) + Send + 'static) -> Response {
    let (sender, receiver) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || work(Chunks { sender, waiting: Vec::with_capacity(CHUNK) }));
    ([("content-type", content_type)], Body::from_stream(ReceiverStream::new(receiver))).into_response()
}

/// Where the pieces are put.
pub(super) struct Chunks {
    sender: mpsc::Sender<io::Result<Vec<u8>>>,
    waiting: Vec<u8>,
}

impl Chunks {
    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK {
            let full = std::mem::replace(&mut self.waiting, Vec::with_capacity(CHUNK));
            // A client who went away has nothing to hear.
            let _ = self.sender.blocking_send(Ok(full));
        }
    }

    /// Cuts the answer short, which the client notices.
    pub(super) fn fail(&mut self, error: io::Error) {
        let _ = self.sender.blocking_send(Err(error));
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        let _ = self.sender.blocking_send(Ok(std::mem::take(&mut self.waiting)));
    }
}
