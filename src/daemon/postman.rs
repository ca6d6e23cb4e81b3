//! The postman carries one message after the other, and reports at each step.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{mpsc, oneshot};

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

impl Postman {
    /// Starts a postman who reports to `requests`.
    #[must_use]
    pub fn start(mut courier: Courier, requests: mpsc::Sender<Request>) -> Self {
        let (parcels, mut waiting) = mpsc::channel::<Parcel>(1);
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        tokio::spawn(async move {
            let mut reports = Reports(requests);
            while let Some(parcel) = waiting.recv().await {
                let outcome = if stop.load(Ordering::Relaxed) {
                    Outcome::Abandoned
                } else {
                    courier.deliver(&parcel, &mut reports).await
                };
                if reports.0.send(Request::Delivered(Box::new(parcel), outcome)).await.is_err() {
                    break;
                }
                if waiting.is_empty() {
                    courier.rest().await;
                }
            }
            courier.rest().await;
        });
        Self { parcels, stopping }
    }

    /// Room for one more message, if the postman has any.
    #[must_use]
    pub fn room(&self) -> Option<mpsc::Permit<'_, Parcel>> {
        self.parcels.try_reserve().ok()
    }

    /// No further message is begun.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}
