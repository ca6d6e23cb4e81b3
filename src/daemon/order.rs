//! What an operator or an admin orders about mail: hold, release, silence.

use thiserror::Error;

use super::Writer;
use crate::access::Author;
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, PersonId, RuleId, nearest};
use crate::programme::Policy;
use crate::reminders::{MailFact, Silence};

/// An order.
#[derive(Debug, Clone)]
pub enum Order {
    /// Send nothing until it is released.
    Hold {
        /// Why.
        reason: String,
    },
    /// Send again.
    Release,
    /// Hold reminders back for a while.
    Silence(SilenceOrder),
    /// End a silence before its day.
    EndSilence {
        /// Its number.
        id: u32,
    },
}

/// What is to be silent, until when, and why.
#[derive(Debug, Clone, Default)]
pub struct SilenceOrder {
    /// Of this case only.
    pub case: Option<CaseRef>,
    /// Of this rule, notice or limit only.
    pub rule: Option<RuleId>,
    /// To this person only.
    pub person: Option<PersonId>,
    /// The last day.
    pub until: CivilDate,
    /// Why.
    pub reason: String,
}

/// Why an order is not followed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OrderError {
    /// A text is missing.
    #[error("say {0}: others will want to know")]
    Missing(&'static str),
    /// Everything would be silent.
    #[error("a silence names a case, a rule or a person; to send nothing at all, use: stepdown mail hold")]
    Boundless,
    /// It is over already.
    #[error("{0} is past: a silence ends today or later")]
    Past(CivilDate),
    /// There is no such thing.
    #[error("there is no {what} {name}{}", near.as_ref().map(|near| format!(": did you mean {near}?")).unwrap_or_default())]
    Unknown {
        /// `case`, `rule`, `person` or `silence in force`.
        what: &'static str,
        /// Its name.
        name: String,
        /// What is there and nearly called that.
        near: Option<String>,
    },
    /// Mail is not held.
    #[error("mail is not held")]
    NotHeld,
}

impl Writer {
    /// Stages what `author` orders. `behind`: mail waits for the clock, and so may be released.
    ///
    /// # Errors
    /// When the order makes no sense; nothing is staged then.
    pub fn order(
        &mut self,
        order: Order,
        author: impl Into<Author>,
        behind: bool,
        now: Instant,
    ) -> Result<MailFact, OrderError> {
        let Author { name: author, recorded_by } = author.into();
        if author.trim().is_empty() {
            return Err(OrderError::Missing("who orders it"));
        }
        let today = self.config().settings.reminders.time_zone.civil_date(now);
        let fact = match order {
            Order::Hold { reason } if reason.trim().is_empty() => return Err(OrderError::Missing("why")),
            Order::Hold { reason } => MailFact::MailHeld { author, reason, recorded_by },
            Order::Release if self.ledger().hold().is_none() && !behind => return Err(OrderError::NotHeld),
            Order::Release => MailFact::MailReleased { author, recorded_by },
            Order::Silence(order) => {
                MailFact::SilenceAdded(self.silence(order, Author { name: author, recorded_by }, today)?)
            }
            Order::EndSilence { id } => {
                let running =
                    self.ledger().silences().any(|silence| silence.id == id && silence.until >= today);
                if !running {
                    return Err(unknown("silence in force", &id.to_string(), []));
                }
                MailFact::SilenceEnded { id, on: today, author, recorded_by }
            }
        };
        self.stage_fact(fact.clone(), None, now);
        Ok(fact)
    }

    fn silence(&self, order: SilenceOrder, author: Author, today: CivilDate) -> Result<Silence, OrderError> {
        let SilenceOrder { case, rule, person, until, reason } = order;
        if reason.trim().is_empty() {
            return Err(OrderError::Missing("why"));
        }
        if case.is_none() && rule.is_none() && person.is_none() {
            return Err(OrderError::Boundless);
        }
        if until < today {
            return Err(OrderError::Past(until));
        }
        if let Some(case) = case.as_ref().filter(|case| self.cases().get(case).is_none()) {
            return Err(unknown("case", case.as_str(), []));
        }
        let policies = self.policies();
        let programmes = || policies.values().map(Policy::newest);
        let rules = programmes().flat_map(|programme| programme.rules.iter().map(|rule| rule.id.as_str()));
        let notices =
            programmes().flat_map(|programme| programme.notices.iter().map(|notice| notice.id.as_str()));
        let limits =
            programmes().flat_map(|programme| programme.limits.iter().map(|limit| limit.id.as_str()));
        let rules: Vec<_> = rules.chain(notices).chain(limits).collect();
        if let Some(rule) = rule.as_ref().filter(|rule| !rules.contains(&rule.as_str())) {
            return Err(unknown("rule", rule.as_str(), rules));
        }
        let persons = &self.config().people.persons;
        if let Some(person) = person.as_ref().filter(|person| !persons.contains_key(*person)) {
            return Err(unknown("person", person.as_str(), persons.keys().map(PersonId::as_str)));
        }
        let id = self.ledger().silences().map(|silence| silence.id).max().unwrap_or_default() + 1;
        let Author { name: author, recorded_by } = author;
        Ok(Silence { id, case, rule, person, from: today, until, reason, author, recorded_by })
    }
}

fn unknown<'a>(what: &'static str, name: &str, known: impl IntoIterator<Item = &'a str>) -> OrderError {
    let near = nearest(name, known).map(str::to_owned);
    OrderError::Unknown { what, name: name.to_owned(), near }
}
