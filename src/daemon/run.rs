//! The loop.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant as Moment, sleep, timeout_at};

use super::{AppendError, AppendRequest, Clerk, ClerkError, Clock, Heartbeat, Postman, Receipt};
use crate::calendar::Instant;
use crate::case::Cases;
use crate::config::Config;
use crate::log::{Head, LogError};
use crate::mail::{Outcome, Parcel};
use crate::reminders::{Counts, MessageKey};

/// What the daemon is asked.
pub enum Request {
    /// Append events.
    Append(AppendRequest, oneshot::Sender<Result<Receipt, AppendError>>),
    /// Record that a message is on its way.
    Transmitting(MessageKey, oneshot::Sender<bool>),
    /// Record what came of an attempt.
    Delivered(Box<Parcel>, Outcome),
}

/// How many requests share one sync at the most.
const GROUP: usize = 1024;
/// How long a message under way may take to finish when the daemon stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long the daemon sleeps at the most, so that a clock that was put is noticed.
const NAP: Duration = Duration::from_mins(1);

/// The state after the last sync: what may be shown.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Every case.
    pub cases: Cases,
    /// The end of the log.
    pub head: Head,
    /// What became of mail.
    pub mail: Counts,
    /// When digests are planned next.
    pub next_digest: Instant,
    /// Until when sending is paused.
    pub paused_until: Option<Instant>,
    /// Obligations nobody could be told of, at the last digests.
    pub untold: usize,
}

impl Snapshot {
    /// The state of `clerk` now.
    #[must_use]
    pub fn of(clerk: &Clerk, now: Instant) -> Self {
        let books = clerk.books();
        Self {
            cases: books.cases().clone(),
            head: books.head(),
            mail: books.ledger().counts(),
            next_digest: clerk.office().next_digest(now),
            paused_until: clerk.paused_until(),
            untold: clerk.untold(),
        }
    }
}

/// How others reach the running daemon.
#[derive(Clone)]
pub struct Handle {
    /// Requests to the loop.
    pub requests: mpsc::Sender<Request>,
    /// The state after the last sync.
    pub snapshot: watch::Receiver<Snapshot>,
    /// The configuration in force.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Clock,
}

impl Handle {
    /// Appends events; answered after the sync. `None`: the daemon is stopping.
    pub async fn append(&self, request: AppendRequest) -> Option<Result<Receipt, AppendError>> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Append(request, answer)).await.ok()?;
        answered.await.ok()
    }
}

/// Resolves when the process is asked to stop, by SIGTERM, SIGINT, or the
/// end of its terminal (SIGHUP).
///
/// # Errors
/// When the signals cannot be watched.
pub async fn shutdown_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}

/// What an append waits for: the sync.
type Waiting = Vec<(oneshot::Sender<Result<Receipt, AppendError>>, Result<Receipt, AppendError>)>;

/// Runs until `shutdown` resolves. Requests come by `requests`; the state after each sync goes to `snapshots`.
///
/// It waits for the disk where it stands, so that it belongs on a thread of its own
/// (`Runtime::block_on`), not among the tasks of one.
///
/// # Errors
/// When the log fails: nothing more is written then, and the process should end.
pub async fn run(
    mut clerk: Clerk,
    clock: Clock,
    mut requests: mpsc::Receiver<Request>,
    snapshots: watch::Sender<Snapshot>,
    postman: Postman,
    mut heartbeat: Heartbeat,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ClerkError> {
    let mut shutdown = std::pin::pin!(shutdown);
    clerk.resume(clock.now())?;
    loop {
        let now = clock.now();
        work(&mut clerk, &postman, now)?;
        snapshots.send_replace(Snapshot::of(&clerk, now));
        let nap = (clerk.wake(now) - now).to_std().unwrap_or_default().clamp(Duration::from_millis(1), NAP);
        tokio::select! {
            Some(request) = requests.recv() => {
                take(request, &mut clerk, &mut requests, &clock)?;
            }
            () = heartbeat.pulse() => {}
            () = sleep(nap) => {}
            () = &mut shutdown => break,
        }
    }
    tracing::info!("stopping");
    heartbeat.stop().await;
    farewell(clerk, &clock, requests, postman).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Plans what is to be planned, and gives the postman one message when he has none: what became of it may
/// change what is right for the next.
fn work(clerk: &mut Clerk, postman: &Postman, now: Instant) -> Result<(), ClerkError> {
    clerk.plan(now)?;
    if !clerk.is_busy()
        && let Some(parcel) = clerk.next_parcel(now)?
    {
        postman.carry(parcel);
    }
    Ok(())
}

/// Serves `first` and what else is waiting, with one sync for all appends among them.
fn take(
    first: Request,
    clerk: &mut Clerk,
    requests: &mut mpsc::Receiver<Request>,
    clock: &Clock,
) -> Result<(), LogError> {
    let mut waiting: Waiting = Vec::new();
    let mut next = Some(first);
    while let Some(request) = next {
        let now = clock.now();
        match request {
            Request::Append(request, answer) => {
                let receipt = clerk.writer().stage(request, now);
                waiting.push((answer, receipt));
            }
            Request::Transmitting(key, answer) => {
                clerk.transmitting(key, now)?;
                // A postman who went away has nothing to hear.
                let _ = answer.send(true);
            }
            Request::Delivered(parcel, outcome) => {
                report(&parcel, &outcome);
                clerk.delivered(&parcel, outcome, now)?;
            }
        }
        next = if waiting.len() < GROUP { requests.try_recv().ok() } else { None };
    }
    let committed = clerk.writer().commit();
    for (answer, receipt) in waiting {
        let failed = committed.is_err() && receipt.is_ok();
        // A client who went away has nothing to hear.
        let _ = answer.send(if failed { Err(AppendError::Log(LogError::Poisoned)) } else { receipt });
    }
    committed
}

fn report(parcel: &Parcel, outcome: &Outcome) {
    // The message key holds a case reference, so that it stays out of the journal; the id does not.
    let (id, kind) = (&parcel.message_id, parcel.kind);
    match outcome {
        Outcome::Accepted(_) => tracing::info!(id, kind, "mail accepted"),
        Outcome::Deferred { stage, reason } => tracing::warn!(id, kind, %stage, reason, "mail deferred"),
        Outcome::Refused { stage, reason } => tracing::error!(id, kind, %stage, reason, "mail refused"),
        Outcome::Ambiguous(reason) => tracing::warn!(id, kind, reason, "mail may or may not have arrived"),
        Outcome::Abandoned => tracing::info!(id, kind, "mail left for the next start"),
    }
}

/// Lets a message under way come to its end, and answers what is still asked.
async fn farewell(
    mut clerk: Clerk,
    clock: &Clock,
    mut requests: mpsc::Receiver<Request>,
    postman: Postman,
) -> Result<(), LogError> {
    let limit = Moment::now() + FAREWELL;
    postman.stop();
    drop(postman);
    while clerk.is_busy() {
        match timeout_at(limit, requests.recv()).await {
            Ok(Some(request)) => take(request, &mut clerk, &mut requests, clock)?,
            Ok(None) | Err(_) => break,
        }
    }
    requests.close();
    while let Ok(request) = requests.try_recv() {
        take(request, &mut clerk, &mut requests, clock)?;
    }
    Ok(())
}
