//! The sent ledger: what became of every message, folded from the facts in the log.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::{MailFact, MessageKey, MessageKind};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, EventNumber};

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Planned and rendered; not tried yet.
    Planned,
    /// An attempt is under way, or was when the process ended; the message was not on its way.
    Attempted,
    /// The message was on its way; whether it arrived is open until the next fact.
    Transmitting,
    /// Not gone; to be tried again then.
    Deferred {
        /// When.
        retry_at: Instant,
    },
    /// It may or may not have arrived.
    Ambiguous,
    /// Taken over by the server.
    Accepted,
    /// Refused by the server for good.
    Refused,
    /// Given up.
    Lapsed,
}

impl State {
    /// Whether nothing more will be done for the message.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Accepted | Self::Refused | Self::Lapsed)
    }
}

/// What is known of one message.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its kind.
    pub kind: MessageKind,
    /// The local day it is of.
    pub on: CivilDate,
    /// `person.ID` or `team.ROLE`.
    pub to: String,
    /// Its `Message-ID`.
    pub message_id: String,
    /// How often it was tried.
    pub attempts: u32,
    /// How often it was left open whether it arrived.
    pub ambiguous: u32,
    /// Where it stands.
    pub state: State,
}

/// Messages by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Taken over.
    pub accepted: usize,
    /// Planned, or to be tried again.
    pub waiting: usize,
    /// Refused for good.
    pub refused: usize,
    /// Given up.
    pub lapsed: usize,
}

/// Every message that was ever planned, and the days whose digests were.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    deliveries: BTreeMap<MessageKey, Delivery>,
    /// The messages to be looked at now.
    ready: BTreeSet<MessageKey>,
    /// The messages to be tried again, by when.
    deferred: BTreeSet<(Instant, MessageKey)>,
    counts: Counts,
    digests_planned: Option<CivilDate>,
}

impl Ledger {
    /// Takes one more fact. A fact about a message that was never planned changes nothing.
    pub fn apply(&mut self, fact: &MailFact) {
        match fact {
            MailFact::DigestsPlanned { on, .. } => self.digests_planned = self.digests_planned.max(Some(*on)),
            MailFact::MailPlanned { key, kind, to, on, message_id, .. } if !self.has(key) => {
                let delivery = Delivery {
                    kind: *kind,
                    on: *on,
                    to: to.clone(),
                    message_id: message_id.clone(),
                    attempts: 0,
                    ambiguous: 0,
                    state: State::Planned,
                };
                self.deliveries.insert(key.clone(), delivery);
                self.file(key, State::Planned);
            }
            other => {
                let Some(key) = other.key() else { return };
                let Some(delivery) = self.deliveries.get_mut(key) else { return };
                let before = delivery.state;
                delivery.apply(other);
                let after = delivery.state;
                self.unfile(key, before);
                self.file(key, after);
            }
        }
    }

    fn file(&mut self, key: &MessageKey, state: State) {
        *self.count(state) += 1;
        match state {
            State::Deferred { retry_at } => {
                self.deferred.insert((retry_at, key.clone()));
            }
            state if !state.is_settled() => {
                self.ready.insert(key.clone());
            }
            _ => {}
        }
    }

    fn unfile(&mut self, key: &MessageKey, state: State) {
        *self.count(state) -= 1;
        match state {
            State::Deferred { retry_at } => {
                self.deferred.remove(&(retry_at, key.clone()));
            }
            _ => {
                self.ready.remove(key);
            }
        }
    }

    const fn count(&mut self, state: State) -> &mut usize {
        match state {
            State::Accepted => &mut self.counts.accepted,
            State::Refused => &mut self.counts.refused,
            State::Lapsed => &mut self.counts.lapsed,
            _ => &mut self.counts.waiting,
        }
    }

    /// The messages to be looked at by `now`, those to be tried again first.
    pub fn due(&self, now: Instant) -> impl Iterator<Item = (&MessageKey, &Delivery)> {
        let retries = self.deferred.iter().take_while(move |(at, _)| *at <= now).map(|(_, key)| key);
        retries.chain(&self.ready).filter_map(|key| self.deliveries.get_key_value(key))
    }

    /// The next moment at which a message is to be tried again.
    #[must_use]
    pub fn next_retry(&self) -> Option<Instant> {
        self.deferred.first().map(|(at, _)| *at)
    }

    /// Messages by what became of them.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether the message was planned already, whatever became of it.
    #[must_use]
    pub fn has(&self, key: &MessageKey) -> bool {
        self.deliveries.contains_key(key)
    }

    /// Whether the notice about this event was planned, for anybody.
    #[must_use]
    pub fn has_notice(&self, case: &CaseRef, notice: &str, event: EventNumber) -> bool {
        let prefix = MessageKey::notice_prefix(case, notice, event);
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        self.deliveries.range::<str, _>(from).next().is_some_and(|(key, _)| key.as_str().starts_with(&prefix))
    }

    /// What is known of a message.
    #[must_use]
    pub fn get(&self, key: &MessageKey) -> Option<&Delivery> {
        self.deliveries.get(key)
    }

    /// Whether the digests of `on`, or of a later day, were planned.
    #[must_use]
    pub fn digests_planned(&self, on: CivilDate) -> bool {
        self.digests_planned.is_some_and(|planned| planned >= on)
    }
}

impl Delivery {
    fn apply(&mut self, fact: &MailFact) {
        match fact {
            MailFact::MailAttempted { attempt, .. } => {
                self.attempts = *attempt;
                self.state = State::Attempted;
            }
            MailFact::MailTransmitting { .. } => self.state = State::Transmitting,
            MailFact::MailAccepted { .. } => self.state = State::Accepted,
            MailFact::MailDeferred { retry_at, .. } => self.state = State::Deferred { retry_at: *retry_at },
            MailFact::MailRefused { .. } => self.state = State::Refused,
            MailFact::MailAmbiguous { .. } => {
                self.ambiguous += 1;
                self.state = State::Ambiguous;
            }
            MailFact::MailLapsed { .. } => self.state = State::Lapsed,
            MailFact::MailPlanned { .. } | MailFact::DigestsPlanned { .. } => {}
        }
    }
}
