//! The postman carries one message after the other, and reports at each step.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::Request;
use crate::mail::{Courier, Outcome, Parcel, Recorder};
use crate::reminders::MessageKey;

/// The daemon's end of the postman.
pub struct Postman {
    parcels: mpsc::Sender<Parcel>,
    stopping: Arc<AtomicBool>,
}

struct Reports(mpsc::Sender<Request>);

impl Recorder for Reports {
    async fn transmitting(&mut self, key: &MessageKey) -> bool {
        let (answer, recorded) = oneshot::channel();
        let sent = self.0.send(Request::Transmitting(key.clone(), answer)).await;
        sent.is_ok() && recorded.await.unwrap_or(false)
    }
}

/// How long a session with the relay is kept for the next message.
const IDLE: Duration = Duration::from_secs(2);

/// The next message; when none comes for a while, the session is ended first.
async fn next(waiting: &mut mpsc::Receiver<Parcel>, courier: &mut Courier) -> Option<Parcel> {
    if let Ok(parcel) = timeout(IDLE, waiting.recv()).await {
        return parcel;
    }
    courier.rest().await;
    waiting.recv().await
}

impl Postman {
    /// Starts a postman who reports to `requests`.
    #[must_use]
    pub fn start(mut courier: Courier, requests: mpsc::Sender<Request>) -> Self {
        let (parcels, mut waiting) = mpsc::channel::<Parcel>(1);
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        tokio::spawn(async move {
            let mut reports = Reports(requests);
            while let Some(parcel) = next(&mut waiting, &mut courier).await {
                let outcome = if stop.load(Ordering::Relaxed) {
                    Outcome::Abandoned
                } else {
                    courier.deliver(&parcel, &mut reports).await
                };
                if reports.0.send(Request::Delivered(Box::new(parcel), outcome)).await.is_err() {
                    break;
                }
            }
            courier.rest().await;
        });
        Self { parcels, stopping }
    }

    /// Gives the postman a message, when no other is under way.
    pub fn carry(&self, parcel: Parcel) {
        if self.parcels.try_send(parcel).is_err() {
            tracing::error!("the postman has no room; the message is left for the next start");
        }
    }

    /// No further message is begun.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}
