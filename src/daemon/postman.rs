//! The postman carries messages, a few at a time, and reports at each step.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;

use super::Request;
use crate::mail::{Courier, Outcome, Parcel, Recorder};
use crate::reminders::MessageKey;

/// The daemon's end of the postman.
pub struct Postman {
    parcels: mpsc::Sender<Parcel>,
    stopping: Arc<AtomicBool>,
    sessions: usize,
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

type Waiting = Arc<Mutex<mpsc::Receiver<Parcel>>>;

/// The next message; when none comes for a while, the session is ended first.
async fn next(waiting: &Waiting, courier: &mut Courier) -> Option<Parcel> {
    let take = || async { waiting.lock().await.recv().await };
    if let Ok(parcel) = timeout(IDLE, take()).await {
        return parcel;
    }
    courier.rest().await;
    take().await
}

async fn serve(
    mut courier: Courier,
    waiting: Waiting,
    requests: mpsc::Sender<Request>,
    stop: Arc<AtomicBool>,
) {
    let mut reports = Reports(requests);
    while let Some(parcel) = next(&waiting, &mut courier).await {
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
}

impl Postman {
    /// Starts a postman who reports to `requests` and carries as many messages at a time as there are
    /// `couriers`.
    #[must_use]
    pub fn start(couriers: Vec<Courier>, requests: &mpsc::Sender<Request>) -> Self {
        let sessions = couriers.len();
        let (parcels, waiting) = mpsc::channel::<Parcel>(sessions.max(1));
        let waiting = Arc::new(Mutex::new(waiting));
        let stopping = Arc::new(AtomicBool::new(false));
        for courier in couriers {
            tokio::spawn(serve(courier, Arc::clone(&waiting), requests.clone(), Arc::clone(&stopping)));
        }
        Self { parcels, stopping, sessions }
    }

    /// How many messages he can carry at a time.
    #[must_use]
    pub const fn sessions(&self) -> usize {
        self.sessions
    }

    /// Gives the postman a message, when he has room for one.
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
