//! Where one message stands, folded from its facts.

use serde::{Deserialize, Serialize};

use super::{Lapse, MailFact, MessageKind, Plan, Stage};
use crate::calendar::Instant;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Planned; not tried yet.
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
    /// It may or may not have arrived; to be looked at again then.
    Ambiguous {
        /// When.
        retry_at: Instant,
    },
    /// Taken over by the server.
    Accepted,
    /// Refused by the server for good.
    Refused,
    /// Given up.
    Lapsed(Lapse),
}

impl State {
    /// Whether nothing more will be done for the message.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Accepted | Self::Refused | Self::Lapsed(_))
    }

    /// Its name in JSON and listings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Attempted => "attempted",
            Self::Transmitting => "transmitting",
            Self::Deferred { .. } => "deferred",
            Self::Ambiguous { .. } => "ambiguous",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Lapsed(_) => "lapsed",
        }
    }
}

/// What is known of one message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// What was planned, without what was left out since.
    pub plan: Plan,
    /// When it was planned.
    pub planned_at: Instant,
    /// Its `Message-ID`, once it was rendered.
    pub message_id: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// How often it was left open whether it arrived.
    pub ambiguous: u32,
    /// Since when the server has not taken this very message; a fault of the way there does not count.
    pub failing_since: Option<Instant>,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub since: Instant,
    /// The last words said about it: the server's, or why it was given up.
    pub words: String,
}

impl Delivery {
    /// A message that was planned at `planned_at`.
    #[must_use]
    pub const fn new(plan: Plan, planned_at: Instant) -> Self {
        Self {
            plan,
            planned_at,
            message_id: None,
            attempts: 0,
            ambiguous: 0,
            failing_since: None,
            state: State::Planned,
            since: planned_at,
            words: String::new(),
        }
    }

    /// Whether it failed in a way that somebody should look into; but not mail to the admins, for mail to them
    /// about mail to them would never end.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        let failed = match self.state {
            State::Refused => true,
            // A digest that was never tried was held, or the machine was down: the next one has it.
            State::Lapsed(lapse) => lapse.is_trouble() && (lapse != Lapse::DayOver || self.attempts > 0),
            _ => false,
        };
        failed && self.plan.matter.kind() != MessageKind::Admin
    }

    /// Has it tried again at `at`.
    pub(super) const fn try_at(&mut self, at: Instant) {
        match &mut self.state {
            State::Deferred { retry_at } | State::Ambiguous { retry_at } => *retry_at = at,
            _ => {}
        }
    }

    /// Takes one more fact about it.
    pub fn apply(&mut self, fact: &MailFact, at: Instant) {
        let before = self.state;
        match fact {
            MailFact::MailRendered { message_id, .. } => self.message_id = Some(message_id.clone()),
            MailFact::MailAttempted { attempt, .. } => {
                self.attempts = *attempt;
                self.state = State::Attempted;
            }
            MailFact::MailTransmitting { .. } => self.state = State::Transmitting,
            MailFact::MailAccepted { reply, .. } => self.settle(State::Accepted, reply),
            MailFact::MailDeferred { stage, reason, retry_at, .. }
            | MailFact::MailNotSent { stage, reason, retry_at, .. } => {
                self.settle(State::Deferred { retry_at: *retry_at }, &at_stage(*stage, reason));
                if !stage.is_transport() {
                    self.failing_since = self.failing_since.or(Some(at));
                }
            }
            MailFact::MailRefused { stage, reason, .. } => {
                self.settle(State::Refused, &at_stage(*stage, reason));
            }
            MailFact::MailAmbiguous { reason, retry_at, .. } => {
                self.ambiguous += 1;
                self.settle(State::Ambiguous { retry_at: *retry_at }, reason);
            }
            MailFact::MailLapsed { cause, reason, .. } => self.settle(State::Lapsed(*cause), reason),
            _ => {}
        }
        if self.state != before {
            self.since = at;
        }
    }

    fn settle(&mut self, state: State, words: &str) {
        self.state = state;
        words.clone_into(&mut self.words);
    }
}

fn at_stage(stage: Stage, reason: &str) -> String {
    format!("at {stage}: {reason}")
}
