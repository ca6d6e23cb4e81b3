//! The sent ledger: what became of every message, folded from the facts in the log.

use std::collections::BTreeSet;
use std::ops::Bound;

use chrono::Duration;

use serde::{Deserialize, Serialize};

use super::{Delivery, Lapse, MailFact, Matter, MessageKey, Silence, State, Told};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, EventNumber, RoleId};

/// Messages by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// Why nothing is sent until somebody releases it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Since when.
    pub since: Instant,
    /// Who ordered it; `stepdown` where the breaker tripped.
    pub author: String,
    /// Why.
    pub reason: String,
}

/// Every message that was ever planned, and what else was decided about mail. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    deliveries: imbl::OrdMap<MessageKey, Delivery>,
    /// The messages to be looked at now.
    ready: imbl::OrdSet<MessageKey>,
    /// The messages of which an attempt is under way, or was when a process ended.
    started: imbl::OrdSet<MessageKey>,
    /// The messages to be tried again, by when.
    deferred: imbl::OrdSet<(Instant, MessageKey)>,
    counts: Counts,
    digests_planned: Option<CivilDate>,
    told: Told,
    vacancies: imbl::HashSet<(CaseRef, RoleId, String)>,
    silences: imbl::Vector<Silence>,
    hold: Option<Hold>,
    released: bool,
    /// The messages that were refused or given up since the admins were last told.
    undelivered: imbl::OrdSet<MessageKey>,
}

impl Hold {
    /// The author of a hold that no person ordered.
    pub const BREAKER: &str = "stepdown";
}

impl Ledger {
    /// Takes one more fact, recorded at `at`. One about a message that was never planned changes nothing.
    pub fn apply(&mut self, fact: &MailFact, at: Instant) {
        match fact {
            MailFact::MailPlanned(plan) if !self.has(&plan.key) => {
                self.told.take(plan);
                self.note(&plan.matter, true);
                self.released = false;
                let before = self.deliveries.insert(plan.key.clone(), Delivery::new(plan.clone(), at));
                if let Some(before) = before {
                    self.unfile(&plan.key, before.state);
                }
                self.file(&plan.key, State::Planned);
            }
            MailFact::DigestsPlanned { on, .. } => self.digests_planned = self.digests_planned.max(Some(*on)),
            MailFact::MailHeld { author, reason, .. } => {
                self.hold = Some(Hold { since: at, author: author.clone(), reason: reason.clone() });
            }
            MailFact::MailReleased { .. } => {
                // Only what the breaker held may pass it.
                self.released = self.hold.take().is_some_and(|hold| hold.author == Hold::BREAKER);
                self.mend_times(at);
            }
            MailFact::SilenceAdded(silence) => self.silences.push_back(silence.clone()),
            MailFact::SilenceEnded { id, on, .. } => {
                let last = on.pred_opt().unwrap_or(*on);
                for silence in self.silences.iter_mut().filter(|silence| silence.id == *id) {
                    silence.until = silence.until.min(last);
                }
            }
            about => self.deliver(about, at),
        }
    }

    /// What had been told when `day` began; for asking what would go on a day that is past.
    #[must_use]
    pub fn at_start_of(&self, day: CivilDate) -> Self {
        let mut then = Self { silences: self.silences.clone(), ..Self::default() };
        let mut earlier: Vec<_> =
            self.deliveries.values().filter(|delivery| delivery.plan.on < day).collect();
        earlier.sort_by_key(|delivery| (delivery.planned_at, &delivery.plan.key));
        for delivery in earlier {
            then.apply(&MailFact::MailPlanned(delivery.plan.clone()), delivery.planned_at);
            let key = delivery.plan.key.clone();
            let reply = delivery.words.clone();
            match delivery.state {
                State::Lapsed(cause) => {
                    then.apply(&MailFact::MailLapsed { key, cause, reason: reply }, delivery.since);
                }
                _ => then.apply(&MailFact::MailAccepted { key, reply }, delivery.since),
            }
        }
        then
    }

    /// Whoever releases mail vouches for the clock: what was booked by a clock that ran ahead is brought back.
    fn mend_times(&mut self, at: Instant) {
        self.digests_planned = self.digests_planned.map(|planned| planned.min(at.date_naive()));
        let ahead = |(retry_at, _): &&(Instant, MessageKey)| *retry_at > at + Duration::hours(1);
        let ahead: Vec<_> = self.deferred.iter().filter(ahead).cloned().collect();
        for (retry_at, key) in ahead {
            self.deferred.remove(&(retry_at, key.clone()));
            if let Some(delivery) = self.deliveries.get_mut(&key) {
                delivery.try_at(at);
            }
            self.deferred.insert((at, key));
        }
    }

    fn deliver(&mut self, fact: &MailFact, at: Instant) {
        let Some(key) = fact.key() else { return };
        let Some(delivery) = self.deliveries.get_mut(key) else { return };
        let before = delivery.state;
        delivery.apply(fact, at);
        let after = delivery.state;
        match fact {
            MailFact::MailRendered { left_out, .. } if !left_out.is_empty() => {
                let kept = delivery.plan.matter.clone().keeping(|item| !left_out.contains(&item.occurrence));
                delivery.plan.matter = kept.unwrap_or_else(|| delivery.plan.matter.clone());
                for occurrence in left_out {
                    self.told.leave_out(key, occurrence);
                }
            }
            MailFact::MailLapsed { .. } => {
                self.told.forget(&delivery.plan);
                let matter = delivery.plan.matter.clone();
                self.note(&matter, false);
            }
            _ => {}
        }
        self.unfile(key, before);
        self.file(key, after);
    }

    /// Keeps the books of what admins and managers are told.
    fn note(&mut self, matter: &Matter, told: bool) {
        match matter {
            Matter::Vacancies { vacancies } => {
                for vacancy in vacancies {
                    let key = (vacancy.case.clone(), vacancy.role.clone(), vacancy.cause.clone());
                    if told {
                        self.vacancies.insert(key)
                    } else {
                        self.vacancies.remove(&key)
                    };
                }
            }
            Matter::Undelivered { messages } => {
                for message in messages {
                    if told {
                        self.undelivered.remove(message);
                    } else {
                        self.undelivered.insert(message.clone());
                    }
                }
            }
            _ => {}
        }
    }

    fn file(&mut self, key: &MessageKey, state: State) {
        *self.count(state) += 1;
        match state {
            State::Deferred { retry_at } | State::Ambiguous { retry_at } => {
                self.deferred.insert((retry_at, key.clone()));
            }
            State::Refused => self.trouble(key),
            State::Lapsed(lapse) if lapse.is_trouble() => self.trouble(key),
            State::Accepted | State::Lapsed(_) => {}
            State::Attempted | State::Transmitting => {
                self.started.insert(key.clone());
            }
            State::Planned => {
                self.ready.insert(key.clone());
            }
        }
    }

    fn trouble(&mut self, key: &MessageKey) {
        if self.deliveries.get(key).is_some_and(Delivery::is_trouble) {
            self.undelivered.insert(key.clone());
        }
    }

    fn unfile(&mut self, key: &MessageKey, state: State) {
        *self.count(state) -= 1;
        match state {
            State::Deferred { retry_at } | State::Ambiguous { retry_at } => {
                self.deferred.remove(&(retry_at, key.clone()));
            }
            State::Attempted | State::Transmitting => {
                self.started.remove(key);
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
            State::Lapsed(_) => &mut self.counts.lapsed,
            _ => &mut self.counts.waiting,
        }
    }

    /// The messages to be looked at by `now`, those to be tried again first.
    pub fn due(&self, now: Instant) -> impl Iterator<Item = &Delivery> {
        let retries = self.deferred.iter().take_while(move |(at, _)| *at <= now).map(|(_, key)| key);
        retries.chain(&self.ready).filter_map(|key| self.deliveries.get(key))
    }

    /// The next moment at which a message is to be tried again.
    #[must_use]
    pub fn next_retry(&self) -> Option<Instant> {
        self.deferred.get_min().map(|(at, _)| *at)
    }

    /// The messages of which an attempt is under way, or was when a process ended.
    pub fn started(&self) -> impl Iterator<Item = &Delivery> {
        self.started.iter().filter_map(|key| self.deliveries.get(key))
    }

    /// The messages that are not settled yet.
    pub fn waiting(&self) -> impl Iterator<Item = &Delivery> {
        let keys = self.deferred.iter().map(|(_, key)| key).chain(&self.ready).chain(&self.started);
        keys.filter_map(|key| self.deliveries.get(key))
    }

    /// Every message, by key.
    pub fn deliveries(&self) -> impl Iterator<Item = &Delivery> {
        self.deliveries.values()
    }

    /// Messages by what became of them.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether the message was planned already, whatever became of it; but one that had nothing left to
    /// say before anybody saw it may be planned again.
    #[must_use]
    pub fn has(&self, key: &MessageKey) -> bool {
        let nothing_left = |delivery: &Delivery| delivery.state == State::Lapsed(Lapse::NothingLeft);
        self.deliveries.get(key).is_some_and(|delivery| !nothing_left(delivery))
    }

    /// Whether the notice about this event was planned, for anybody.
    #[must_use]
    pub fn has_notice(&self, case: &CaseRef, notice: &str, event: EventNumber) -> bool {
        let prefix = MessageKey::notice_prefix(case, notice, event);
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        self.deliveries.range::<_, str>(from).next().is_some_and(|(key, _)| key.as_str().starts_with(&prefix))
    }

    /// Whether that this event exceeded the limit for this value was planned to be told to anybody, and not called off since.
    #[must_use]
    pub fn has_limit(&self, case: &CaseRef, limit: &str, event: EventNumber, value: &str) -> bool {
        let prefix = MessageKey::limit_prefix(case, limit, event, value);
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        let mut told = self.deliveries.range::<_, str>(from);
        told.by_ref().take_while(|(key, _)| key.as_str().starts_with(&prefix)).any(|(key, _)| self.has(key))
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

    /// What was told about each obligation.
    #[must_use]
    pub const fn told(&self) -> &Told {
        &self.told
    }

    /// Whether somebody was told of this vacancy.
    #[must_use]
    pub fn knows_vacancy(&self, case: &CaseRef, role: &RoleId, cause: &str) -> bool {
        self.vacancies.contains(&(case.clone(), role.clone(), cause.to_owned()))
    }

    /// Every silence there ever was, oldest first; one that was ended early shows its true last day.
    pub fn silences(&self) -> impl Iterator<Item = &Silence> {
        self.silences.iter()
    }

    /// Why nothing is sent, if nothing is.
    #[must_use]
    pub const fn hold(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }

    /// Whether mail was released and none was planned since: what tripped the breaker may go.
    #[must_use]
    pub const fn is_released(&self) -> bool {
        self.released
    }

    /// The messages that were refused, or given up after a day, and that the admins were not told of.
    #[must_use]
    pub fn undelivered(&self) -> BTreeSet<MessageKey> {
        self.undelivered.iter().cloned().collect()
    }
}
