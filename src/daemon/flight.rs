//! Groups on their way to the disk, and those who wait for them.

use std::collections::VecDeque;

use tokio::sync::{oneshot, watch};
use tokio::time::Instant as Moment;

use super::{
    AppendError, Clerk, EraseError, Erasing, Meters, OrderError, Postman, Receipt, Snapshot, TokenError,
};
use crate::access::Token;
use crate::calendar::Instant;
use crate::log::LogError;
use crate::mail::{Parcel, TemplateError};
use crate::policy::PolicyFact;
use crate::reminders::MailFact;

/// Somebody who waits, and what they will hear.
pub(super) type Answer<T, E> = (oneshot::Sender<Result<T, E>>, Result<T, E>);

/// What waits for the sync: each is answered when it is done.
#[derive(Default)]
pub(super) struct Waiting {
    /// With the moment at which each was taken.
    pub(super) appends: Vec<(Moment, Answer<Receipt, AppendError>)>,
    pub(super) orders: Vec<Answer<MailFact, OrderError>>,
    pub(super) tokens: Vec<Answer<Token, TokenError>>,
    pub(super) erasures: Vec<Answer<Erasing, EraseError>>,
    pub(super) configures: Vec<Answer<Vec<PolicyFact>, TemplateError>>,
    /// Those who carry, and whether their message may go.
    pub(super) transmitting: Vec<(oneshot::Sender<bool>, bool)>,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn len(&self) -> usize {
        let orders = self.orders.len() + self.tokens.len() + self.erasures.len();
        self.appends.len() + orders + self.configures.len() + self.transmitting.len()
    }

    /// Answers all; whoever went away has nothing to hear.
    pub(super) fn answer(self, synced: bool, meters: &Meters) {
        for (taken, (answer, receipt)) in self.appends {
            let failed = !synced && receipt.is_ok();
            if synced && receipt.is_ok() {
                meters.appended(taken.elapsed());
            }
            let _ = answer.send(if failed { Err(AppendError::Log(LogError::Poisoned)) } else { receipt });
        }
        // Where the sync failed, an order has no answer: the daemon is stopping.
        for (answer, followed) in self.orders.into_iter().filter(|_| synced) {
            let _ = answer.send(followed);
        }
        for (answer, token) in self.tokens.into_iter().filter(|_| synced) {
            let _ = answer.send(token);
        }
        for (answer, erased) in self.erasures.into_iter().filter(|_| synced) {
            let _ = answer.send(erased);
        }
        for (answer, adopted) in self.configures.into_iter().filter(|_| synced) {
            let _ = answer.send(adopted);
        }
        for (answer, may_go) in self.transmitting {
            let _ = answer.send(synced && may_go);
        }
    }
}

/// A group on its way to the disk, with those who wait for it.
pub(super) struct Flight {
    synced: oneshot::Receiver<Result<(), LogError>>,
    cargo: Box<Cargo>,
}

/// What is to be done once a group is synced.
pub(super) struct Cargo {
    waiting: Waiting,
    parcels: Vec<Parcel>,
    /// The state with that group.
    shown: Snapshot,
}

impl Flight {
    /// Begins to sync what is staged; where that is nothing, what waited for it is ready at once.
    pub(super) fn start(
        clerk: &mut Clerk,
        waiting: Waiting,
        parcels: Vec<Parcel>,
        now: Instant,
    ) -> Result<Self, Box<Cargo>> {
        let shown = Snapshot::of(clerk, now);
        let cargo = Box::new(Cargo { waiting, parcels, shown });
        let (done, synced) = oneshot::channel();
        let submitted = clerk.writer().submit(Box::new(move |result| {
            // Whoever waits may have gone; the log itself remembers a failure.
            let _ = done.send(result);
        }));
        if submitted { Ok(Self { synced, cargo }) } else { Err(cargo) }
    }
}

/// Hears what became of the oldest group on its way.
pub(super) fn land(
    synced: Result<(), LogError>,
    flights: &mut VecDeque<Flight>,
    clerk: &mut Clerk,
    (postman, snapshots): (&Postman, &watch::Sender<Snapshot>),
) -> Result<(), LogError> {
    let Some(flight) = flights.pop_front() else { return Ok(()) };
    match synced.and_then(|()| clerk.writer().committed()) {
        Ok(()) => {
            flight.cargo.unload(postman, snapshots, clerk.books().meters());
            Ok(())
        }
        Err(error) => {
            flight.cargo.waiting.answer(false, clerk.books().meters());
            Err(error)
        }
    }
}

impl Cargo {
    /// Shows the state, answers those who waited, sends the mail.
    pub(super) fn unload(self, postman: &Postman, snapshots: &watch::Sender<Snapshot>, meters: &Meters) {
        snapshots.send_replace(self.shown);
        self.waiting.answer(true, meters);
        for parcel in self.parcels {
            postman.carry(parcel);
        }
    }
}

/// Resolves when the oldest group on its way is synced, or could not be; never where there is none.
pub(super) async fn landing(flights: &mut VecDeque<Flight>) -> Result<(), LogError> {
    match flights.front_mut() {
        Some(flight) => (&mut flight.synced).await.unwrap_or(Err(LogError::Poisoned)),
        None => std::future::pending().await,
    }
}
