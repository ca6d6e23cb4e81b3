//! Handing messages over: which now, as they stand now, and what came of it.

use std::sync::Arc;

use chrono::Duration;

use super::{Clerk, enclose};
use crate::calendar::Instant;
use crate::log::{Checkpoints, LastBackup, LogError, OutboxChange};
use crate::mail::{Outcome, Parcel, RenderError, Rendered};
use crate::reminders::{
    BackupNews, Content, Delivery, Lapse, MailFact, MessageKey, Next, Recipient, Stage, State, World,
    backoff, compose,
};

/// How many messages that wait are looked at, for those to give up, when none can be tried.
const GLANCE: usize = 256;

impl Clerk {
    /// Up to `room` messages to try now, each staged as attempted. They may be carried once that is
    /// committed.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn parcels(&mut self, now: Instant, room: usize) -> Result<Vec<Parcel>, LogError> {
        let mut parcels = Vec::new();
        if self.is_held() {
            return Ok(parcels);
        }
        // After a fault of the way to the relay, one message tries it before the others follow.
        let room =
            if self.transport_faults > 0 { room.min(1_usize.saturating_sub(self.under_way())) } else { room };
        loop {
            let due = self.next_due(now, room - parcels.len());
            if due.is_empty() {
                return Ok(parcels);
            }
            for (key, next) in due {
                match next {
                    Next::Lapse(cause, reason) => self.lapse(key, cause, reason, now),
                    _ if self.is_held() => return Ok(parcels),
                    _ => parcels.extend(self.parcel(&key, next == Next::Repeat, now)?),
                }
            }
        }
    }

    /// The first messages that something can be done about now: up to `room` to try, and those to give up.
    fn next_due(&self, now: Instant, room: usize) -> Vec<(MessageKey, Next)> {
        let paused = self.paused_until.is_some_and(|until| until > now);
        let mut room = if paused { 0 } else { room };
        let mut found = Vec::new();
        // A look at each of many that wait is not needed to find the first few.
        for delivery in self.ledger().due(now).take(room + GLANCE) {
            let next = Next::of(delivery, &self.office, now);
            match next {
                Next::Attempt | Next::Repeat if room > 0 => room -= 1,
                Next::Lapse(..) => {}
                _ => continue,
            }
            found.push((delivery.plan.key.clone(), next));
            if room == 0 && !paused {
                break;
            }
        }
        found
    }

    fn parcel(&mut self, key: &MessageKey, repeat: bool, now: Instant) -> Result<Option<Parcel>, LogError> {
        let Some(delivery) = self.ledger().get(key).cloned() else { return Ok(None) };
        let kept = if delivery.message_id.is_some() { self.writer.log().outbox(key.as_str())? } else { None };
        let (to, rendered) = match self.as_it_stands(&delivery, repeat, kept.is_some(), now) {
            Ok(found) => found,
            Err((cause, reason)) => {
                self.lapse(key.clone(), cause, reason, now);
                return Ok(None);
            }
        };
        let rendered = rendered.map(|Rendered { bytes, message_id, .. }| (bytes, message_id));
        let Some((bytes, message_id)) = rendered.or_else(|| kept.zip(delivery.message_id)) else {
            return Ok(None);
        };
        let attempt = delivery.attempts + 1;
        self.writer.stage_fact(MailFact::MailAttempted { key: key.clone(), attempt }, None, now);
        self.in_flight.insert(key.clone());
        let kind = delivery.plan.matter.kind();
        Ok(Some(Parcel { key: key.clone(), kind, to: to.email, attempt, bytes, message_id }))
    }

    /// Looks at what a message tells of once more: its recipient, and the message rendered anew where it
    /// was not rendered yet or says less now. The error says why it is given up.
    fn as_it_stands(
        &mut self,
        delivery: &Delivery,
        repeat: bool,
        kept: bool,
        now: Instant,
    ) -> Result<(Recipient, Option<Rendered>), (Lapse, &'static str)> {
        let config = Arc::clone(&self.config);
        let (cases, policies) = (self.writer.staged_cases().clone(), self.writer.policies());
        let today = self.office.zone.civil_date(now);
        if self.seen_at.replace((cases.events(), today)) != Some((cases.events(), today)) {
            self.seen.clear();
        }
        self.writer.refresh_places();
        let places = self.writer.records().places.clone();
        let (ledger, office, people) = (self.writer.ledger(), &self.office, &config.people);
        let world =
            World { cases: &cases, places: &places, policies: &policies, people, ledger, office, now };
        let plan = &delivery.plan;
        let Some(to) = world.recipient(&plan.to) else {
            return Err((Lapse::NoAddress, "its recipient has no address any more"));
        };
        let Some(mut message) = compose(plan, to.clone(), &world, &mut self.seen) else {
            return Err(if repeat {
                (Lapse::MayHaveArrived, "it may have arrived, and there is nothing to say any more")
            } else {
                (Lapse::NothingLeft, "there is nothing to say any more")
            });
        };
        // The admins keep what the log cannot keep of itself.
        if let Content::Weekly(weekly) = &mut message.content {
            let last = LastBackup::of(self.writer.log().dir());
            weekly.backup = config.settings.backup.directory.as_ref().map(|_| told(&last));
            weekly.checkpoint = Checkpoints::of(self.writer.log().dir()).newest().map(|kept| kept.note);
        }
        if repeat && !kept {
            return Err((
                Lapse::NoText,
                "its text is not kept: the log was imported, or a case it told of was erased",
            ));
        }
        if kept && (repeat || message.left_out.is_empty()) {
            return Ok((to, None));
        }
        if let Err(error) = enclose(&mut message, &world, &config.phrases) {
            self.trip(format!("a report cannot be made: {error}"), now);
            return Ok((to, None));
        }
        let rendered = match self.post.render(&message, now) {
            Ok(rendered) => rendered,
            Err(RenderError::Address { .. }) => {
                return Err((Lapse::NoAddress, "its recipient's address is none"));
            }
            Err(error) => {
                // A template that fails on this message fails on others too: somebody must mend it first.
                self.trip(format!("a message cannot be made: {error}"), now);
                return Ok((to, None));
            }
        };
        let fact = MailFact::MailRendered {
            key: plan.key.clone(),
            message_id: rendered.message_id.clone(),
            sha256: rendered.sha256.clone(),
            left_out: message.left_out,
        };
        let waits = OutboxChange::Put(plan.key.as_str().to_owned(), rendered.bytes.clone());
        self.writer.stage_fact(fact, Some(waits), now);
        Ok((to, Some(rendered)))
    }

    /// Stages that a message is on its way; its first byte may leave once that is committed. Not that of one that
    /// was recalled: whether it may go at all.
    pub fn transmitting(&mut self, key: MessageKey, now: Instant) -> bool {
        let may_go = !self.recalled.contains(&key);
        if may_go {
            self.writer.stage_fact(MailFact::MailTransmitting { key }, None, now);
        }
        may_go
    }

    /// How long after a first failure the next attempt is made.
    pub(super) fn first_wait(&self) -> Duration {
        Duration::from_std(self.config.settings.mail.retry_after_seconds).unwrap_or(Duration::hours(1))
    }

    /// Stages what came of an attempt.
    pub fn delivered(&mut self, parcel: &Parcel, outcome: Outcome, now: Instant) {
        let key = parcel.key.clone();
        self.in_flight.remove(&key);
        let recalled = self.recalled.remove(&key);
        // One that was on its way when it was recalled has an outcome like any other.
        if recalled && self.ledger().get(&key).is_none_or(|delivery| delivery.state != State::Transmitting) {
            if self.ledger().get(&key).is_some_and(|delivery| !delivery.state.is_settled()) {
                let reason = "not sent: a case it told of was erased; it is written anew".to_owned();
                let fact = MailFact::MailNotSent { key, stage: Stage::Connect, reason, retry_at: now };
                self.writer.stage_fact(fact, None, now);
            }
            return;
        }
        let first =
            Duration::from_std(self.config.settings.mail.retry_after_seconds).unwrap_or(Duration::MAX);
        let mut retry_at = now + backoff(first, parcel.attempt);
        if outcome.is_transport() {
            // Those that were under way together meet with one fault, not with many.
            if self.paused_until.is_none_or(|until| until <= now) {
                self.transport_faults += 1;
                self.paused_until = Some(now + backoff(first, self.transport_faults));
            }
            retry_at = self.paused_until.unwrap_or(retry_at);
        } else if outcome != Outcome::Abandoned {
            self.transport_faults = 0;
            self.paused_until = None;
        }
        let fact = match outcome {
            Outcome::Accepted(reply) => MailFact::MailAccepted { key, reply },
            Outcome::Deferred { stage, reason } => MailFact::MailDeferred { key, stage, reason, retry_at },
            Outcome::NotSent { stage, reason } => MailFact::MailNotSent { key, stage, reason, retry_at },
            Outcome::Refused { stage, reason } => MailFact::MailRefused { key, stage, reason },
            Outcome::Ambiguous(reason) => MailFact::MailAmbiguous { key, reason, retry_at },
            Outcome::Abandoned => return,
        };
        self.writer.stage_fact(fact, None, now);
    }
}

/// What became of scheduled backups, as the admins are told.
fn told(last: &LastBackup) -> BackupNews {
    BackupNews {
        made: last.there().map(|made| (made.at, made.entries)),
        failed: last.trouble().map(|failed| (failed.at, failed.error.clone())),
    }
}
