//! The postman carries messages, a few at a time, and reports at each step.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;

use super::Request;
use crate::mail::{Courier, Outcome, Parcel, Recorder};
use crate::reminders::{MessageKey, Stage};

/// The daemon's end of the postman.
pub struct Postman {
    parcels: mpsc::Sender<Numbered>,
    signs: Arc<Signs>,
    sessions: usize,
}

/// A message with its number in the order in which they were given to him.
type Numbered = (usize, Parcel);

/// What those who carry tell one another.
#[derive(Default)]
struct Signs {
    /// No further message is begun.
    stopping: AtomicBool,
    /// How many messages were given to him.
    given: AtomicUsize,
    /// Messages up to this number are brought back untried: the way to the relay was found at fault.
    barred: AtomicUsize,
}

/// With this many sessions or more, each has messages waiting for it, so that it need not wait for the log.
const MANY: usize = 4;
/// How many messages each of many sessions may have, the one under way included.
const STOCK: usize = 4;

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

type Waiting = Arc<Mutex<mpsc::Receiver<Numbered>>>;

/// The next message; when none comes for a while, the session is ended first.
async fn next(waiting: &Waiting, courier: &mut Courier) -> Option<Numbered> {
    let take = || async { waiting.lock().await.recv().await };
    if let Ok(numbered) = timeout(IDLE, take()).await {
        return numbered;
    }
    courier.rest().await;
    take().await
}

async fn serve(mut courier: Courier, waiting: Waiting, requests: mpsc::Sender<Request>, signs: Arc<Signs>) {
    let mut reports = Reports(requests);
    while let Some((number, parcel)) = next(&waiting, &mut courier).await {
        let outcome = if signs.stopping.load(Ordering::Relaxed) {
            Outcome::Abandoned
        } else if number <= signs.barred.load(Ordering::Relaxed) {
            let reason = "not tried: the way to the relay was at fault a moment before".to_owned();
            Outcome::NotSent { stage: Stage::Connect, reason }
        } else {
            courier.deliver(&parcel, &mut reports).await
        };
        if outcome.is_transport() {
            signs.barred.store(signs.given.load(Ordering::Relaxed), Ordering::Relaxed);
        }
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
        let (parcels, waiting) = mpsc::channel::<Numbered>(stock(sessions).max(1));
        let waiting = Arc::new(Mutex::new(waiting));
        let signs = Arc::<Signs>::default();
        for courier in couriers {
            tokio::spawn(serve(courier, Arc::clone(&waiting), requests.clone(), Arc::clone(&signs)));
        }
        Self { parcels, signs, sessions }
    }

    /// How many messages he may have at a time.
    #[must_use]
    pub const fn stock(&self) -> usize {
        stock(self.sessions)
    }

    /// Gives the postman a message, when he has room for one.
    pub fn carry(&self, parcel: Parcel) {
        let number = self.signs.given.fetch_add(1, Ordering::Relaxed) + 1;
        if self.parcels.try_send((number, parcel)).is_err() {
            tracing::error!("the postman has no room; the message is left for the next start");
        }
    }

    /// No further message is begun.
    pub fn stop(&self) {
        self.signs.stopping.store(true, Ordering::Relaxed);
    }
}

const fn stock(sessions: usize) -> usize {
    if sessions >= MANY { sessions * STOCK } else { sessions }
}
