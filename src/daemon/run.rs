//! The loop.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant as Moment, sleep, timeout_at};

use super::flight::{Flight, Waiting, land, landing};
use super::{
    Alarm, AppendError, AppendRequest, Clerk, Clock, EraseError, EraseOrder, Erasing, Heartbeat, Meters,
    Order, OrderError, Postman, Receipt, Records, RotateError, TokenError, TokenOrder,
};
use crate::access::{Author, Token};
use crate::calendar::Instant;
use crate::config::{Config, Source};
use crate::log::{Cut, Head, LogError, Rotated};
use crate::mail::{Outcome, Parcel, TemplateError};
use crate::policy::PolicyFact;
use crate::reminders::{ClockReading, MailFact, MessageKey};

/// What the daemon is asked.
pub enum Request {
    /// Append events.
    Append(AppendRequest, oneshot::Sender<Result<Receipt, AppendError>>),
    /// Record that a message is on its way.
    Transmitting(MessageKey, oneshot::Sender<bool>),
    /// Record what came of an attempt.
    Delivered(Box<Parcel>, Outcome),
    /// Take this configuration, and adopt what it changes in the policy.
    Configure(Arc<Config>, oneshot::Sender<Result<Vec<PolicyFact>, TemplateError>>),
    /// Follow the order that somebody gives.
    Order(Order, Author, oneshot::Sender<Result<MailFact, OrderError>>),
    /// Add or revoke a token.
    Token(TokenOrder, Author, oneshot::Sender<Result<Token, TokenError>>),
    /// Erase a case.
    Erase(EraseOrder, oneshot::Sender<Result<Erasing, EraseError>>),
    /// Seal the keyring with a new wrapping key, in this file where one is named; no sync is to be waited for.
    Rotate(Option<PathBuf>, oneshot::Sender<Result<Rotated, RotateError>>),
    /// Give the log as it stands, for a backup, once nothing is on its way to the disk.
    Cut(Answered<Cut>),
}

/// Who waits for something of the log.
type Answered<T> = oneshot::Sender<Result<T, LogError>>;

/// How many requests share one sync at the most.
const GROUP: usize = 1024;
/// How many groups may be on their way to the disk: those that wait for the disk share its next sync.
const FLIGHTS: usize = 64;
/// How long a message under way may take to finish when the daemon stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long the daemon sleeps at the most, so that a clock that was put is noticed.
const NAP: Duration = Duration::from_mins(1);

/// The state after the last sync: what may be shown.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The configuration in force.
    pub config: Arc<Config>,
    /// What the log adds up to.
    pub records: Records,
    /// The end of the log.
    pub head: Head,
    /// When the newest entry of the log was recorded.
    pub newest: Instant,
    /// When digests are planned next.
    pub next_digest: Instant,
    /// Until when sending is paused.
    pub paused_until: Option<Instant>,
    /// What the clock did when it was last looked at.
    pub clock: ClockReading,
}

impl Snapshot {
    /// The state of `clerk` now.
    #[must_use]
    pub fn of(clerk: &Clerk, now: Instant) -> Self {
        let books = clerk.books();
        Self {
            config: Arc::clone(books.config()),
            records: books.records().clone(),
            head: books.head(),
            newest: books.newest(),
            next_digest: clerk.office().next_digest(now),
            paused_until: clerk.paused_until(),
            clock: clerk.clock(),
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
    /// Where the configuration comes from.
    pub source: Source,
    /// The time.
    pub clock: Clock,
    /// What is raised where the log is found to be damaged.
    pub alarm: Alarm,
    /// How many places of the witness were found whole in one copy only, at the start.
    pub mended: usize,
    /// What is counted while it runs.
    pub meters: Meters,
}

impl Handle {
    /// Appends events; answered after the sync. `None`: the daemon is stopping.
    pub async fn append(&self, request: AppendRequest) -> Option<Result<Receipt, AppendError>> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Append(request, answer)).await.ok()?;
        answered.await.ok()
    }

    /// Has a configuration taken; answered after the sync. `None`: the daemon is stopping.
    pub async fn configure(&self, config: Arc<Config>) -> Option<Result<Vec<PolicyFact>, TemplateError>> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Configure(config, answer)).await.ok()?;
        answered.await.ok()
    }

    /// Has an order followed; answered after the sync. `None`: the daemon is stopping.
    pub async fn order(&self, order: Order, author: Author) -> Option<Result<MailFact, OrderError>> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Order(order, author, answer)).await.ok()?;
        answered.await.ok()
    }

    /// The log as it stands, for a backup. `None`: the daemon is stopping.
    pub async fn cut(&self) -> Option<Result<Cut, LogError>> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Cut(answer)).await.ok()?;
        answered.await.ok()
    }
}

/// Resolves when the process is asked to stop, by SIGTERM or SIGINT.
///
/// # Errors
/// When the signals cannot be watched.
pub async fn shutdown_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// What resolves each time the process gets SIGHUP: a service manager asks it to reload, or its terminal
/// has gone.
///
/// # Errors
/// When the signal cannot be watched.
pub fn hangups() -> std::io::Result<Signal> {
    signal(SignalKind::hangup())
}

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
) -> Result<(), LogError> {
    let mut shutdown = std::pin::pin!(shutdown);
    clerk.books().meters().start(clock.now());
    clerk.resume(clock.now())?;
    let mut waiting = Waiting::default();
    let mut flights: VecDeque<Flight> = VecDeque::new();
    // Those who wait for a moment at which nothing is on its way; until then no more requests are taken.
    let mut cuts: Vec<Answered<Cut>> = Vec::new();
    loop {
        if !cuts.is_empty() && flights.is_empty() && waiting.is_empty() && !clerk.books().has_staged() {
            cuts.drain(..).for_each(|answer| drop(answer.send(clerk.books().log().cut())));
        }
        let now = clock.now();
        clerk.look_at_clock(now, clock.monotonic());
        clerk.books().meters().beat(now, clock.monotonic());
        clerk.books().log().check()?;
        // Planning a day takes a while: nobody who is done need wait for it. Mail is planned from what is synced.
        let may_plan = flights.is_empty() && (waiting.is_empty() || !clerk.has_a_day_to_plan(now));
        if may_plan || !waiting.is_empty() {
            let mut parcels = Vec::new();
            if may_plan {
                clerk.plan(now);
                parcels = clerk.parcels(now, postman.stock().saturating_sub(clerk.under_way()))?;
            }
            match Flight::start(&mut clerk, std::mem::take(&mut waiting), parcels, now) {
                Ok(flight) => flights.push_back(flight),
                Err(nothing_to_sync) => nothing_to_sync.unload(&postman, &snapshots, clerk.books().meters()),
            }
        }
        let nap = (clerk.wake(now) - now).to_std().unwrap_or_default().clamp(Duration::from_millis(1), NAP);
        // While a group is on its way to the disk, the next one is judged and staged.
        tokio::select! {
            synced = landing(&mut flights) => land(synced, &mut flights, &mut clerk, (&postman, &snapshots))?,
            Some(request) = requests.recv(), if flights.len() < FLIGHTS && cuts.is_empty() => {
                take(request, (&mut waiting, &mut cuts), &mut clerk, &mut requests, &clock);
            }
            () = heartbeat.pulse() => {}
            () = sleep(nap) => {}
            () = &mut shutdown => break,
        }
    }
    tracing::info!("stopping");
    heartbeat.stop().await;
    while !flights.is_empty() {
        let synced = landing(&mut flights).await;
        land(synced, &mut flights, &mut clerk, (&postman, &snapshots))?;
    }
    farewell(clerk, waiting, &clock, requests, postman).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Stages `first` and what else has come, so that one sync serves them all.
fn take(
    first: Request,
    (waiting, cuts): (&mut Waiting, &mut Vec<Answered<Cut>>),
    clerk: &mut Clerk,
    requests: &mut mpsc::Receiver<Request>,
    clock: &Clock,
) {
    let mut next = Some(first);
    while let Some(request) = next {
        let now = clock.now();
        match request {
            Request::Append(request, answer) => {
                let taken = Moment::now();
                let receipt = clerk.writer().stage(request, now);
                waiting.appends.push((taken, (answer, receipt)));
            }
            Request::Order(order, author, answer) => {
                let followed = clerk.order(order, author, now);
                waiting.orders.push((answer, followed));
            }
            Request::Token(order, author, answer) => {
                let done = clerk.writer().token(order, author, now);
                waiting.tokens.push((answer, done));
            }
            Request::Configure(config, answer) => {
                let adopted = clerk.configure(config, now);
                waiting.configures.push((answer, adopted));
            }
            Request::Erase(order, answer) => {
                let erased = clerk.erase(&order, now);
                waiting.erasures.push((answer, erased));
            }
            Request::Rotate(to, answer) => {
                let _ = answer.send(clerk.writer().rotate_key(to.as_deref()));
            }
            Request::Cut(answer) => cuts.push(answer),
            Request::Transmitting(key, answer) => {
                let may_go = clerk.transmitting(key, now);
                waiting.transmitting.push((answer, may_go));
            }
            Request::Delivered(parcel, outcome) => {
                report(&parcel, &outcome);
                clerk.delivered(&parcel, outcome, now);
            }
        }
        next = if waiting.len() < GROUP { requests.try_recv().ok() } else { None };
    }
}

fn report(parcel: &Parcel, outcome: &Outcome) {
    // The message key holds a case reference, so that it stays out of the journal; the id does not.
    let (id, kind) = (&parcel.message_id, parcel.kind.name());
    match outcome {
        Outcome::Accepted(_) => tracing::info!(id, kind, "mail accepted"),
        Outcome::Deferred { stage, reason } => tracing::warn!(id, kind, %stage, reason, "mail deferred"),
        Outcome::NotSent { stage, reason } => tracing::warn!(id, kind, %stage, reason, "mail not sent"),
        Outcome::Refused { stage, reason } => tracing::error!(id, kind, %stage, reason, "mail refused"),
        Outcome::Ambiguous(reason) => tracing::warn!(id, kind, reason, "mail may or may not have arrived"),
        Outcome::Abandoned => tracing::info!(id, kind, "mail left for the next start"),
    }
}

/// Lets a message under way come to its end, and answers what is still asked.
async fn farewell(
    mut clerk: Clerk,
    mut waiting: Waiting,
    clock: &Clock,
    mut requests: mpsc::Receiver<Request>,
    postman: Postman,
) -> Result<(), LogError> {
    let limit = Moment::now() + FAREWELL;
    postman.stop();
    drop(postman);
    commit(&mut clerk, std::mem::take(&mut waiting))?;
    // Nobody waits here for a backup: whoever asks for one hears that the daemon is stopping.
    let mut cuts = Vec::new();
    while clerk.under_way() > 0 {
        match timeout_at(limit, requests.recv()).await {
            Ok(Some(request)) => {
                take(request, (&mut waiting, &mut cuts), &mut clerk, &mut requests, clock);
                commit(&mut clerk, std::mem::take(&mut waiting))?;
            }
            Ok(None) | Err(_) => break,
        }
    }
    requests.close();
    while let Ok(request) = requests.try_recv() {
        take(request, (&mut waiting, &mut cuts), &mut clerk, &mut requests, clock);
        commit(&mut clerk, std::mem::take(&mut waiting))?;
    }
    clerk.close()
}

/// Syncs what is staged, and answers those who wait for it.
fn commit(clerk: &mut Clerk, waiting: Waiting) -> Result<(), LogError> {
    let committed = clerk.writer().commit();
    waiting.answer(committed.is_ok(), clerk.books().meters());
    committed
}
