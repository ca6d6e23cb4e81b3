//! Explanations with what the log adds to them: who was told, what an adoption moved, and why a rule asks for
//! nothing.

use serde::{Deserialize, Serialize};

use super::answer::{Answers, QueryError, rows};
use super::wire::{DueQuery, ObligationRow};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, OccurrenceName, RuleId};
use crate::policy::Origin;
use crate::reminders::{Delivery, MessageKind};
use crate::schedule::{Asked, CaseView, Change, Explanation, absence, obligations, why_no_series};

/// An explanation with what the log knows of the obligation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// Why its dates are what they are.
    #[serde(flatten)]
    pub explanation: Explanation,
    /// Who was told of it, and when, oldest first.
    pub told: Vec<ToldOf>,
    /// What adoptions of policy changed about it, oldest first.
    pub moved: Vec<MovedBy>,
}

/// Somebody was told of an obligation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldOf {
    /// The day.
    pub on: CivilDate,
    /// The address, as people.toml has it now; the recipient's key where it has none.
    pub to: String,
    /// The kind of message.
    pub kind: MessageKind,
    /// The step of the ladder.
    pub step: String,
    /// Why it was told.
    pub reason: String,
    /// What became of the message.
    pub state: String,
    /// Since when.
    pub since: Instant,
}

/// An adoption changed an obligation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedBy {
    /// When it was adopted.
    pub recorded: Instant,
    /// What was adopted.
    pub because: Origin,
    /// From and to.
    pub change: Change,
}

/// What a rule asks for in a case, and why it asks for nothing where it does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleExplained {
    /// The case.
    pub case: CaseRef,
    /// The rule.
    pub rule: RuleId,
    /// What is to be done.
    pub title: String,
    /// The day it was asked about.
    pub on: CivilDate,
    /// The event that starts a series.
    pub anchor: String,
    /// How its occurrences follow.
    pub shape: String,
    /// Why there is no series; nothing where there is one.
    pub why_not: Option<String>,
    /// Its occurrences, cancelled ones too, as far ahead as lists look.
    pub occurrences: Vec<ObligationRow>,
}

impl Answers<'_> {
    /// Why the dates of `name` are what they are, on `on` (today, if `None`), as known at `known_at`.
    ///
    /// # Errors
    /// When the case, the rule, the series or the occurrence is not there on that date.
    pub fn explain(
        &self,
        name: &OccurrenceName,
        on: Option<CivilDate>,
        known_at: Option<Instant>,
    ) -> Result<Explained, QueryError> {
        let file = self.kept(&name.case)?;
        let policies = self.policies(known_at);
        let policy = self.policy_of(file, &policies)?;
        let zone = policy.newest().zone;
        let on = on.unwrap_or_else(|| zone.civil_date(self.now));
        let history = &file.history();
        let view = CaseView::new(history, zone, on, known_at);
        let asked = Asked { on, horizon: 0, named: Some(name.clone()) };
        let found = obligations(policy, &view, &asked);
        let occurrence = found.iter().find(|occurrence| occurrence.name(view.case()) == *name);
        let occurrence = occurrence.ok_or_else(|| {
            let why = absence(name, policy, (history, known_at), &view);
            QueryError::NoSuchOccurrence { name: name.clone(), on, why }
        })?;
        Ok(self.explained(Explanation::new(occurrence, policy, &view), name, on, known_at))
    }

    /// Adds to an explanation what was known by `known_at` of messages and adoptions up to `on`.
    fn explained(
        &self,
        explanation: Explanation,
        name: &OccurrenceName,
        on: CivilDate,
        known_at: Option<Instant>,
    ) -> Explained {
        let known = |recorded: Instant| known_at.is_none_or(|limit| recorded <= limit);
        let told_of = |delivery: &Delivery| {
            let items = delivery.plan.matter.items().iter().filter(|item| item.occurrence == *name);
            let told = items.map(|item| ToldOf {
                on: delivery.plan.on,
                to: self.address(&delivery.plan.to),
                kind: delivery.plan.matter.kind(),
                step: item.step.clone(),
                reason: item.reason.to_string(),
                state: delivery.state.name().to_owned(),
                since: delivery.since,
            });
            told.collect::<Vec<_>>()
        };
        let planned = self.records.ledger.deliveries();
        let planned = planned.filter(|delivery| delivery.plan.on <= on && known(delivery.planned_at));
        let mut told: Vec<_> = planned.flat_map(told_of).collect();
        told.sort_by(|a, b| (a.on, &a.to, &a.step).cmp(&(b.on, &b.to, &b.step)));
        let zone = self.config.settings.reminders.time_zone;
        let moved = self.records.adopted.moved(&name.case);
        let moved = moved.filter(|moved| known(moved.recorded) && zone.civil_date(moved.recorded) <= on);
        let moved = moved.flat_map(|moved| {
            let changes = moved.changes.iter().filter(|change| change.occurrence == *name);
            changes.map(|change| MovedBy {
                recorded: moved.recorded,
                because: moved.because.clone(),
                change: change.clone(),
            })
        });
        Explained { explanation, told, moved: moved.collect() }
    }

    /// The address behind a recipient's key, as people.toml has it now; the key where it has none.
    pub(super) fn address(&self, key: &str) -> String {
        let found = self.config.people.find(key, ToString::to_string);
        found.map_or_else(|| key.to_owned(), |recipient| recipient.email)
    }

    /// What a rule asks for in a case on `on` (today, if `None`), as known at `known_at`.
    ///
    /// # Errors
    /// When the case or the rule is not there.
    pub fn explain_rule(
        &self,
        case: &CaseRef,
        rule: &RuleId,
        on: Option<CivilDate>,
        known_at: Option<Instant>,
    ) -> Result<RuleExplained, QueryError> {
        let file = self.kept(case)?;
        let policies = self.policies(known_at);
        let policy = self.policy_of(file, &policies)?;
        let Some(found) = policy.rule(rule.as_str()) else {
            return Err(QueryError::UnknownRule { rule: rule.clone(), programme: file.programme().clone() });
        };
        let zone = policy.newest().zone;
        let on = on.unwrap_or_else(|| zone.civil_date(self.now));
        let history = &file.history();
        let view = CaseView::new(history, zone, on, known_at);
        let query = DueQuery { on: Some(on), known_at, all: true, ..DueQuery::default() };
        let mut occurrences = rows(history, policy, &query, self.now);
        occurrences.retain(|row| row.obligation == *rule);
        Ok(RuleExplained {
            case: case.clone(),
            rule: rule.clone(),
            title: found.title.to_string(),
            on,
            anchor: found.anchor.to_string(),
            shape: found.shape_in_words(),
            why_not: why_no_series(rule.as_str(), policy, &view),
            occurrences,
        })
    }
}
