//! Silences: reminders that somebody has asked to hold back for a while, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::calendar::CivilDate;
use crate::case::{CaseRef, PersonId, RuleId};

use super::Recipient;

/// A silence. It covers what fits all that it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// Its number, from 1.
    pub id: u32,
    /// Of this case only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseRef>,
    /// Of this rule or notice only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// To this person only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Its first day.
    pub from: CivilDate,
    /// Its last day.
    pub until: CivilDate,
    /// Why.
    pub reason: String,
    /// Who asked for it.
    pub author: String,
    /// Who was recognised as giving the order, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
}

impl Silence {
    /// Whether it holds back, on `on`, what is said to `to` about `rule` in `case`.
    #[must_use]
    pub fn covers(&self, case: &CaseRef, rule: &str, to: &Recipient, on: CivilDate) -> bool {
        (self.from..=self.until).contains(&on)
            && self.case.as_ref().is_none_or(|silent| silent == case)
            && self.rule.as_ref().is_none_or(|silent| silent.as_str() == rule)
            && self
                .person
                .as_ref()
                .is_none_or(|silent| Recipient::person_of(&to.key) == Some(silent.as_str()))
    }
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "silenced until {} by {}: {}", self.until.format("%-d %B %Y"), self.author, self.reason)
    }
}
