//! The clerk plans the day's mail and keeps its books: what to send now, and what came of it.

use std::collections::HashSet;
use std::sync::Arc;

use thiserror::Error;

use super::Writer;
use crate::calendar::Instant;
use crate::case::CaseHistory;
use crate::config::Config;
use crate::log::{LogError, OutboxChange};
use crate::mail::{Outcome, Parcel, Post, RenderError, Rendered, TemplateError, Templates};
use crate::reminders::{
    CaseOnDay, MailFact, Message, MessageKey, Next, Office, Recipient, State, backoff, digests, notices,
};
use crate::schedule::CaseView;

/// Plans mail from the writer's state and records what becomes of it.
pub struct Clerk {
    writer: Writer,
    post: Post,
    office: Office,
    in_flight: HashSet<MessageKey>,
    paused_until: Option<Instant>,
    untold: usize,
    looked: bool,
}

/// Why the clerk cannot go on.
#[derive(Debug, Error)]
pub enum ClerkError {
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A message cannot be made.
    #[error(transparent)]
    Render(#[from] RenderError),
}

impl Clerk {
    /// A clerk over `writer`, by its configuration.
    ///
    /// # Errors
    /// When a mail template cannot be used.
    pub fn new(writer: Writer) -> Result<Self, TemplateError> {
        let config = Arc::clone(writer.config());
        let reminders = &config.settings.reminders;
        let post = Post {
            from: config.settings.mail.from.clone(),
            reply_to: config.settings.mail.reply_to.clone(),
            templates: Templates::new(&config.templates)?,
        };
        let office = Office {
            zone: reminders.time_zone,
            calendar: config.calendar.clone(),
            digest_at: reminders.digest_at,
            digest_until: reminders.digest_until,
        };
        Ok(Self {
            writer,
            post,
            office,
            in_flight: HashSet::new(),
            paused_until: None,
            untold: 0,
            looked: false,
        })
    }

    /// The writer, to append with.
    pub const fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// The writer, to look at.
    #[must_use]
    pub const fn books(&self) -> &Writer {
        &self.writer
    }

    /// When reminders go.
    #[must_use]
    pub const fn office(&self) -> &Office {
        &self.office
    }

    /// Whether an attempt is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// How many obligations the last digests found nobody to tell of.
    #[must_use]
    pub const fn untold(&self) -> usize {
        self.untold
    }

    /// Until when no message is tried, because the way to the server is at fault.
    #[must_use]
    pub const fn paused_until(&self) -> Option<Instant> {
        self.paused_until
    }

    /// Books what an earlier process left open. Once, before anything else.
    ///
    /// # Errors
    /// When the log fails.
    pub fn resume(&mut self, now: Instant) -> Result<(), LogError> {
        let open =
            self.writer.ledger().due(now).filter(|(_, delivery)| delivery.state == State::Transmitting);
        let open: Vec<_> = open.map(|(key, _)| key.clone()).collect();
        for key in open {
            let reason = "stepdown ended while the message was on its way".to_owned();
            self.writer.stage_fact(MailFact::MailAmbiguous { key, reason }, None, now);
        }
        self.writer.commit()
    }

    /// Plans and renders what is to be sent by now and was never planned: notices of the cases that
    /// changed, and the day's digests when it is time. Commits, and gives what it planned.
    ///
    /// # Errors
    /// When the log fails or a message cannot be made.
    pub fn plan(&mut self, now: Instant) -> Result<Vec<Message>, ClerkError> {
        let config = Arc::clone(self.writer.config());
        let day = self.office.digest_day(self.writer.ledger(), now);
        let touched = self.writer.take_touched();
        let cases = self.writer.cases().clone();
        // At the start and once a day every case is looked at, for notices whose day has come.
        let all = day.is_some() || !std::mem::replace(&mut self.looked, true);
        let looked_at: Vec<&CaseHistory> = if all {
            cases.iter().collect()
        } else {
            touched.iter().filter_map(|case| cases.get(case)).collect()
        };
        let on_day = looked_at.iter().filter_map(|history| case_on_day(history, &config, now));
        let go_live = config.settings.reminders.go_live;
        let ledger = self.writer.ledger();
        let mut messages: Vec<_> =
            on_day.flat_map(|case| notices(&case, &config.people, ledger, go_live)).collect();
        if let Some(day) = day {
            let on_day = looked_at.iter().filter_map(|history| case_on_day(history, &config, now));
            let (planned, untold) = if go_live.is_none_or(|live| day >= live) {
                digests(on_day, &config.people, day)
            } else {
                (Vec::new(), 0)
            };
            self.untold = untold;
            let count = planned.len();
            messages.extend(planned);
            self.writer.stage_fact(MailFact::DigestsPlanned { on: day, count }, None, now);
        }
        messages.retain(|message| !self.writer.ledger().has(&message.key));
        for message in &messages {
            self.book(message, now)?;
        }
        self.writer.commit()?;
        Ok(messages)
    }

    fn book(&mut self, message: &Message, now: Instant) -> Result<(), RenderError> {
        let Rendered { message_id, bytes, sha256, .. } = self.post.render(message, now)?;
        let fact = MailFact::MailPlanned {
            key: message.key.clone(),
            kind: message.kind(),
            to: message.to.key.clone(),
            on: message.on,
            message_id,
            sha256,
            items: message.occurrences(),
        };
        let waits = OutboxChange::Put(message.key.as_str().to_owned(), bytes);
        self.writer.stage_fact(fact, Some(waits), now);
        Ok(())
    }

    /// The next message to try now, booked as attempted; `None` when there is nothing to send.
    ///
    /// # Errors
    /// When the log fails.
    pub fn next_parcel(&mut self, now: Instant) -> Result<Option<Parcel>, LogError> {
        while let Some((key, next)) = self.next_due(now) {
            match next {
                Next::Lapse(reason) => {
                    self.writer.stage_fact(
                        MailFact::MailLapsed { key, reason: reason.to_owned() },
                        None,
                        now,
                    );
                }
                _ => {
                    if let Some(parcel) = self.parcel(key, now)? {
                        self.writer.commit()?;
                        return Ok(Some(parcel));
                    }
                }
            }
        }
        self.writer.commit()?;
        Ok(None)
    }

    /// The first message that no attempt is under way for and that something can be done about now.
    fn next_due(&self, now: Instant) -> Option<(MessageKey, Next)> {
        let paused = self.paused_until.is_some_and(|until| until > now);
        let idle = self.writer.ledger().due(now).filter(|(key, _)| !self.in_flight.contains(*key));
        idle.map(|(key, delivery)| (key, Next::of(delivery, &self.office, now)))
            .find(|(_, next)| matches!(next, Next::Lapse(_)) || (*next == Next::Attempt && !paused))
            .map(|(key, next)| (key.clone(), next))
    }

    fn parcel(&mut self, key: MessageKey, now: Instant) -> Result<Option<Parcel>, LogError> {
        let Some(delivery) = self.writer.ledger().get(&key).cloned() else { return Ok(None) };
        let lapse = |reason: &str| MailFact::MailLapsed { key: key.clone(), reason: reason.to_owned() };
        let Some(bytes) = self.writer.log().outbox(key.as_str())? else {
            // Only a log that was imported from an export has messages without their bytes.
            self.writer.stage_fact(lapse("its text did not come with the imported log"), None, now);
            return Ok(None);
        };
        let Some(to) = address_of(&delivery.to, self.writer.config()) else {
            self.writer.stage_fact(lapse("its recipient has no address any more"), None, now);
            return Ok(None);
        };
        let attempt = delivery.attempts + 1;
        self.writer.stage_fact(MailFact::MailAttempted { key: key.clone(), attempt }, None, now);
        self.in_flight.insert(key.clone());
        let (kind, message_id) = (delivery.kind.name(), delivery.message_id);
        Ok(Some(Parcel { key, kind, to, attempt, bytes, message_id }))
    }

    /// Books that a message is on its way; the first byte leaves only after this returned.
    ///
    /// # Errors
    /// When the log fails.
    pub fn transmitting(&mut self, key: MessageKey, now: Instant) -> Result<(), LogError> {
        self.writer.stage_fact(MailFact::MailTransmitting { key }, None, now);
        self.writer.commit()
    }

    /// Books what came of an attempt.
    ///
    /// # Errors
    /// When the log fails.
    pub fn delivered(&mut self, parcel: &Parcel, outcome: Outcome, now: Instant) -> Result<(), LogError> {
        let key = parcel.key.clone();
        self.in_flight.remove(&key);
        let retry_at = now + backoff(parcel.attempt);
        self.paused_until = outcome.is_transport().then_some(retry_at);
        let fact = match outcome {
            Outcome::Accepted(reply) => MailFact::MailAccepted { key, reply },
            Outcome::Deferred { stage, reason } => MailFact::MailDeferred { key, stage, reason, retry_at },
            Outcome::Refused { stage, reason } => MailFact::MailRefused { key, stage, reason },
            Outcome::Ambiguous(reason) => MailFact::MailAmbiguous { key, reason },
            Outcome::Abandoned => return Ok(()),
        };
        self.writer.stage_fact(fact, None, now);
        self.writer.commit()
    }

    /// When something falls due by itself, after `now`.
    #[must_use]
    pub fn wake(&self, now: Instant) -> Instant {
        let moments =
            [self.writer.ledger().next_retry(), self.paused_until, Some(self.office.next_digest(now))];
        moments.into_iter().flatten().filter(|moment| *moment > now).min().unwrap_or(now)
    }
}

/// The case as its programme sees it today; `None` where the programme is not configured any more.
fn case_on_day<'a>(history: &'a CaseHistory, config: &'a Config, now: Instant) -> Option<CaseOnDay<'a>> {
    let policy = config.policy(history.programme())?;
    let (programme, calendar) = (&policy.programme, &policy.calendar);
    let view = CaseView::new(history, programme.zone, programme.zone.civil_date(now), None);
    Some(CaseOnDay { programme, calendar, view })
}

/// The address behind a recipient's key, looked up anew so that the log holds none.
fn address_of(key: &str, config: &Config) -> Option<String> {
    match key.split_once('.')? {
        (Recipient::PERSON, id) => config.people.persons.get(id).map(|person| person.email.clone()),
        (Recipient::TEAM, role) => config.people.teams.get(role).cloned(),
        _ => None,
    }
}
