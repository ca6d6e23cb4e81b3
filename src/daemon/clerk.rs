//! The clerk plans mail and keeps its books.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration as Span;

use chrono::Duration;

use super::{EraseError, EraseOrder, Erasing, Order, OrderError, Writer};
use crate::access::Author;
use crate::calendar::{CivilDate, Instant};
use crate::config::Config;
use crate::log::LogError;
use crate::mail::{Post, TemplateError, Templates};
use crate::policy::PolicyFact;
use crate::reminders::{
    ClockReading, ClockWatch, Hold, Lapse, Ledger, Looked, MailFact, MessageKey, Office, Planned, Stage,
    Standings, State, World, plan,
};

/// Plans mail from the writer's state and records what becomes of it.
pub struct Clerk {
    pub(super) writer: Writer,
    pub(super) config: Arc<Config>,
    pub(super) post: Post,
    pub(super) office: Office,
    watch: ClockWatch,
    clock: ClockReading,
    pub(super) in_flight: HashSet<MessageKey>,
    /// Of those, the messages whose first byte must not leave any more: they tell of an erased case.
    pub(super) recalled: HashSet<MessageKey>,
    pub(super) paused_until: Option<Instant>,
    /// How often in a row the way to the relay was at fault.
    pub(super) transport_faults: u32,
    /// The day, and whether its steps might go, when every case was last looked at.
    looked: Option<(CivilDate, bool)>,
    /// When the cases were last looked at in which something happened that no notice hears.
    stirred: Option<Instant>,
    /// How obligations stood when they were last looked at to compose a message.
    pub(super) seen: Standings,
    /// What that holds for: the number of events, and the day.
    pub(super) seen_at: Option<(usize, CivilDate)>,
}

/// How long a case may wait for a look after an event that no notice hears.
const STIR: Duration = Duration::seconds(30);

/// What messages are made with, by the configuration.
///
/// # Errors
/// When a mail template cannot be used.
pub fn post(config: &Config) -> Result<Post, TemplateError> {
    let mail = &config.settings.mail;
    Ok(Post {
        from: mail.from.clone(),
        reply_to: mail.reply_to.clone(),
        marking: mail.marking.clone(),
        templates: Templates::new(&config.templates, &config.phrases, config.settings.reminders.bilingual)?,
        bilingual: config.settings.reminders.bilingual,
    })
}

impl Clerk {
    /// A clerk over `writer`, by its configuration.
    ///
    /// # Errors
    /// When a mail template cannot be used.
    pub fn new(writer: Writer) -> Result<Self, TemplateError> {
        let config = Arc::clone(writer.config());
        Ok(Self {
            post: post(&config)?,
            office: config.office(),
            watch: ClockWatch::new(writer.newest()),
            clock: ClockReading::Steady,
            writer,
            config,
            in_flight: HashSet::new(),
            recalled: HashSet::new(),
            paused_until: None,
            transport_faults: 0,
            looked: None,
            stirred: None,
            seen: Standings::new(),
            seen_at: None,
        })
    }

    /// Takes another configuration, and adopts what it changes in the policy; gives the facts of that.
    ///
    /// # Errors
    /// When a mail template cannot be used; nothing has changed then.
    pub fn configure(&mut self, config: Arc<Config>, now: Instant) -> Result<Vec<PolicyFact>, TemplateError> {
        self.post = post(&config)?;
        self.office = config.office();
        self.config = Arc::clone(&config);
        self.looked = None;
        self.seen_at = None;
        Ok(self.writer.configure(config, now))
    }

    /// The writer, to append with.
    pub const fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// Ends the work: leaves a snapshot for the next start.
    ///
    /// # Errors
    /// When something was not written that was to be.
    pub fn close(self) -> Result<(), LogError> {
        self.writer.close()
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

    /// How many attempts are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.in_flight.len()
    }

    /// Until when no message is tried, because the way to the server is at fault.
    #[must_use]
    pub const fn paused_until(&self) -> Option<Instant> {
        self.paused_until
    }

    /// What the clock did when it was last looked at.
    #[must_use]
    pub const fn clock(&self) -> ClockReading {
        self.clock
    }

    /// Books what an earlier process left open. Once, before anything else.
    ///
    /// # Errors
    /// When the log fails.
    pub fn resume(&mut self, now: Instant) -> Result<(), LogError> {
        let open: Vec<_> =
            self.ledger().started().map(|delivery| (delivery.plan.key.clone(), delivery.state)).collect();
        for (key, state) in open {
            let fact = if state == State::Transmitting {
                let reason = "stepdown ended while the message was on its way".to_owned();
                MailFact::MailAmbiguous { key, reason, retry_at: now + self.first_wait() }
            } else {
                let reason = "stepdown ended before the message was on its way".to_owned();
                MailFact::MailNotSent { key, stage: Stage::Connect, reason, retry_at: now }
            };
            self.writer.stage_fact(fact, None, now);
        }
        self.writer.commit()
    }

    pub(super) const fn ledger(&self) -> &Ledger {
        self.writer.ledger()
    }

    /// Looks at the clock, which may have been put, before anything is decided by it. `monotonic` comes
    /// from a clock that only runs forward.
    pub fn look_at_clock(&mut self, now: Instant, monotonic: Span) {
        let before = self.clock;
        self.clock = self.watch.look(now, monotonic);
        match self.clock {
            ClockReading::Behind { until } if self.clock != before => {
                tracing::error!(%until, "the clock was set back; no mail goes until it has caught up");
            }
            ClockReading::Steady if matches!(before, ClockReading::Behind { .. }) => {
                tracing::info!("the clock has caught up; mail goes again");
            }
            ClockReading::Jumped(by) => {
                let hours = by.num_hours();
                self.trip(format!("the clock jumped forward by {hours} hours"), now);
            }
            _ => {}
        }
    }

    /// Stages what `author` orders. Whoever releases mail vouches for the clock, too.
    ///
    /// # Errors
    /// When the order makes no sense; nothing is staged then.
    pub fn order(
        &mut self,
        order: Order,
        author: impl Into<Author>,
        now: Instant,
    ) -> Result<MailFact, OrderError> {
        let behind = matches!(self.clock, ClockReading::Behind { .. });
        let fact = self.writer.order(order, author, behind, now)?;
        if matches!(fact, MailFact::MailReleased { .. }) {
            self.watch = ClockWatch::new(now);
        }
        Ok(fact)
    }

    /// Stages the erasure of a case, and recalls what is with the postman and tells of it.
    ///
    /// # Errors
    /// See [`EraseError`]; nothing is staged then.
    pub fn erase(&mut self, order: &EraseOrder, now: Instant) -> Result<Erasing, EraseError> {
        let erasing = self.writer.erase(order, now)?;
        self.seen.remove(&erasing.case);
        let tells = |key: &&MessageKey| {
            self.ledger().get(key).is_some_and(|delivery| delivery.plan.matter.concerns(&erasing.case))
        };
        let recalled: Vec<_> = self.in_flight.iter().filter(tells).cloned().collect();
        self.recalled.extend(recalled);
        Ok(erasing)
    }

    /// Whether nothing is sent now.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.ledger().hold().is_some() || matches!(self.clock, ClockReading::Behind { .. })
    }

    /// Whether the work of a whole day is to be planned now, which takes a while.
    #[must_use]
    pub fn has_a_day_to_plan(&self, now: Instant) -> bool {
        !self.is_held() && self.office.digest_day(self.ledger(), now).is_some()
    }

    /// Plans what is to be sent by now and was never planned; stages it, and gives what it planned.
    ///
    /// Every case is looked at at the start, when a day's steps may go, and with the day's digests; at other
    /// times those in which something has happened.
    pub fn plan(&mut self, now: Instant) -> Vec<Planned> {
        let today = self.office.zone.civil_date(now);
        let round = (today, self.office.opens(today) <= now);
        if self.is_held() {
            // What was missed meanwhile is looked for when mail goes again.
            self.looked = None;
            return Vec::new();
        }
        // Readers are to find them read, whether or not anything goes.
        if !self.writer.records().places.is_read() {
            self.writer.refresh_places();
        }
        let day = self.office.digest_day(self.ledger(), now);
        let all = day.is_some() || self.looked != Some(round);
        let config = Arc::clone(&self.config);
        let (cases, policies) = (self.writer.staged_cases().clone(), self.writer.policies());
        let looked_at: Vec<Looked<'_>> = if all {
            self.writer.take_stirred();
            self.writer.take_touched();
            cases.iter().map(Looked::from).collect()
        } else {
            let mut wanted = self.writer.take_touched();
            if self.stirred.is_none_or(|last| now - last >= STIR) && self.writer.has_stirred() {
                self.stirred = Some(now);
                wanted.extend(self.writer.take_stirred());
            }
            wanted.iter().filter_map(|case| cases.get(case)).map(Looked::from).collect()
        };
        let live = self.office.go_live.is_none_or(|live| live <= today);
        if looked_at.is_empty() && day.is_none() || !live {
            self.looked = Some(round);
            return Vec::new();
        }
        self.writer.refresh_places();
        let places = self.writer.records().places.clone();
        let (ledger, office, people) = (self.writer.ledger(), &self.office, &config.people);
        let world =
            World { cases: &cases, places: &places, policies: &policies, people, ledger, office, now };
        let planning = plan(&world, &looked_at, day);
        let count = planning.messages.len();
        if count > self.office.breaker && !ledger.is_released() {
            let reason = format!("{count} messages would go at one time, more than {}", self.office.breaker);
            self.trip(reason, now);
            self.looked = None;
            return Vec::new();
        }
        self.looked = Some(round);
        if let Some(on) = day {
            self.writer.stage_fact(MailFact::DigestsPlanned { on, count }, None, now);
        }
        for planned in &planning.messages {
            self.writer.stage_fact(MailFact::MailPlanned(planned.plan.clone()), None, now);
        }
        planning.messages
    }

    /// Holds all mail until an operator releases it.
    pub(super) fn trip(&mut self, reason: String, now: Instant) {
        if self.ledger().hold().is_none() {
            tracing::error!(reason, "mail is held; look into it, then: stepdown mail release");
            let author = Hold::BREAKER.to_owned();
            self.writer.stage_fact(MailFact::MailHeld { author, reason, recorded_by: None }, None, now);
        }
    }

    pub(super) fn lapse(&mut self, key: MessageKey, cause: Lapse, reason: &str, now: Instant) {
        let reason = reason.to_owned();
        self.writer.stage_fact(MailFact::MailLapsed { key, cause, reason }, None, now);
    }

    /// When something falls due by itself, after `now`.
    #[must_use]
    pub fn wake(&self, now: Instant) -> Instant {
        let stir = self.writer.has_stirred().then(|| self.stirred.map_or(now, |last| last + STIR));
        let moments = [
            self.ledger().next_retry(),
            self.paused_until,
            stir,
            Some(self.office.next_digest(now)),
            Some(self.office.next_day(now)),
        ];
        moments.into_iter().flatten().filter(|moment| *moment > now).min().unwrap_or(now)
    }
}
