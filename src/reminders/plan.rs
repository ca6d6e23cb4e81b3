//! A message as it is planned and recorded: to whom, about what, and why.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Capacity, Reason, Recipient, Recorded, Vacancy};
use crate::calendar::CivilDate;
use crate::case::{CaseRef, EventNumber, OccurrenceName, RuleId, hex, sha256};

/// What makes a message the same message: never two accepted under one key.
///
/// `digest/DATE/TO`, `escalation/OCCURRENCE/STEP/DEADLINE/TO`, `notice/CASE/NOTICE/EVENT/TO`,
/// `limit/CASE/LIMIT/EVENT/TO`,
/// `vacancy/DATE/TO/CASE/ROLE/CAUSE`, `correction/DATE/TO`, `weekly/DATE/TO` or `delivery/DATE/TO`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageKey(String);

impl MessageKey {
    /// The key of what goes to one recipient once on a day.
    #[must_use]
    pub fn of_day(what: &str, on: CivilDate, to: &Recipient) -> Self {
        Self(format!("{what}/{on}/{}", to.key))
    }

    /// The key of an escalation: its occurrence, step, deadline as it stood, and recipient.
    #[must_use]
    pub fn escalation(item: &PlannedItem, to: &Recipient) -> Self {
        let PlannedItem { occurrence, step, deadline, .. } = item;
        Self(format!("escalation/{occurrence}/{step}/{deadline}/{}", to.key))
    }

    /// The key of a message about vacancies: there may be another one on the same day.
    #[must_use]
    pub fn vacancy(vacancies: &[Vacancy], on: CivilDate, to: &Recipient) -> Self {
        let Self(key) = Self::of_day("vacancy", on, to);
        let first = vacancies.first().map(|first| format!("/{}/{}/{}", first.case, first.role, first.cause));
        Self(key + &first.unwrap_or_default())
    }

    /// The key of a notice about one event.
    #[must_use]
    pub fn notice(case: &CaseRef, notice: &str, event: EventNumber, to: &Recipient) -> Self {
        Self(format!("{}{}", Self::notice_prefix(case, notice, event), to.key))
    }

    /// What the keys of one notice about one event start with, whoever it goes to.
    #[must_use]
    pub fn notice_prefix(case: &CaseRef, notice: &str, event: EventNumber) -> String {
        format!("notice/{case}/{notice}/{event}/")
    }

    /// The key of a message about the event that exceeded a limit.
    #[must_use]
    pub fn limit(case: &CaseRef, limit: &str, event: EventNumber, value: &str, to: &Recipient) -> Self {
        Self(format!("{}{}", Self::limit_prefix(case, limit, event, value), to.key))
    }

    /// What the keys of such messages start with, whoever they go to. An event that is corrected may exceed the limit
    /// for another value, which is told anew; the value itself is data of the case, and stays out of keys.
    #[must_use]
    pub fn limit_prefix(case: &CaseRef, limit: &str, event: EventNumber, value: &str) -> String {
        format!("limit/{case}/{limit}/{event}/{}/", hex(&sha256(value.as_bytes())[..4]))
    }

    /// Whether it is that of an escalation.
    #[must_use]
    pub fn is_escalation(&self) -> bool {
        self.0.starts_with("escalation/")
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for MessageKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// One person's reminders of a working day.
    Digest,
    /// Something has happened, a limit is exceeded, or somebody is missing.
    Notice,
    /// Something is overdue, told at once.
    Escalation,
    /// Something told as overdue was not.
    Correction,
    /// How stepdown itself stands.
    Admin,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Digest, Self::Notice, Self::Escalation, Self::Correction, Self::Admin];

    /// Its name in JSON and listings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Notice => "notice",
            Self::Escalation => "escalation",
            Self::Correction => "correction",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One obligation that a message tells of, as it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedItem {
    /// Its stable name.
    pub occurrence: OccurrenceName,
    /// The step of its ladder.
    pub step: String,
    /// Its deadline as it stood.
    pub deadline: CivilDate,
    /// Whether it was told as overdue.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
    /// Whether the recipient must do it, or is only concerned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub yours: bool,
    /// Why it is told.
    pub reason: Recorded<Reason>,
    /// In which capacity the recipient is told.
    pub capacity: Recorded<Capacity>,
    /// Earlier steps that this one takes the place of, unsent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<String>,
}

/// An entry in the recipient's calendar (RFC 5545): set, moved or taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarEntry {
    /// The obligation.
    pub occurrence: OccurrenceName,
    /// Rises with each change.
    pub sequence: u32,
    /// The day to act by.
    pub on: CivilDate,
    /// Whether the work has gone away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancelled: bool,
}

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Matter {
    /// A working day's reminders.
    Digest {
        /// The obligations.
        items: Vec<PlannedItem>,
        /// What changes in the recipient's calendar.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        calendar: Vec<CalendarEntry>,
    },
    /// One obligation whose urgent step has come.
    Escalation {
        /// The obligation.
        item: Box<PlannedItem>,
    },
    /// Something has happened.
    Notice {
        /// The case.
        case: CaseRef,
        /// Which notice of the programme.
        notice: RuleId,
        /// What happened.
        event: EventNumber,
        /// In which capacity the recipient is told.
        capacity: Recorded<Capacity>,
    },
    /// A limit across cases was exceeded.
    Limit {
        /// The case whose event exceeded it.
        case: CaseRef,
        /// Which limit of the programme.
        limit: RuleId,
        /// That event.
        event: EventNumber,
        /// The cases that held a place then, this one among them: the message names no others.
        cases: Vec<CaseRef>,
        /// In which capacity the recipient is told.
        capacity: Recorded<Capacity>,
    },
    /// Roles that nobody answers for.
    Vacancies {
        /// Which.
        vacancies: Vec<Vacancy>,
    },
    /// What was told as overdue and was not.
    Correction {
        /// The obligations, each with why it was not overdue.
        items: Vec<PlannedItem>,
    },
    /// The weekly proof of life.
    Weekly {
        /// How many cases there are.
        cases: usize,
        /// How many obligations are open.
        open: usize,
        /// How many of them are overdue.
        overdue: usize,
        /// How many of those have no step of their ladder left.
        exhausted: usize,
    },
    /// Messages that could not be delivered.
    Undelivered {
        /// Which.
        messages: Vec<MessageKey>,
    },
}

impl Matter {
    /// The kind of message that it makes.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Digest { .. } => MessageKind::Digest,
            Self::Escalation { .. } => MessageKind::Escalation,
            Self::Notice { .. } | Self::Limit { .. } | Self::Vacancies { .. } => MessageKind::Notice,
            Self::Correction { .. } => MessageKind::Correction,
            Self::Weekly { .. } | Self::Undelivered { .. } => MessageKind::Admin,
        }
    }

    /// The obligations it tells of.
    #[must_use]
    pub fn items(&self) -> &[PlannedItem] {
        match self {
            Self::Digest { items, .. } | Self::Correction { items } => items,
            Self::Escalation { item } => std::slice::from_ref(&**item),
            _ => &[],
        }
    }

    /// Whether it tells of this case.
    #[must_use]
    pub fn concerns(&self, case: &CaseRef) -> bool {
        match self {
            Self::Notice { case: of, .. } => of == case,
            Self::Limit { case: of, cases, .. } => of == case || cases.contains(case),
            Self::Vacancies { vacancies } => vacancies.iter().any(|vacancy| vacancy.case == *case),
            Self::Digest { items, calendar } => {
                items.iter().any(|item| item.occurrence.case == *case)
                    || calendar.iter().any(|entry| entry.occurrence.case == *case)
            }
            other => other.items().iter().any(|item| item.occurrence.case == *case),
        }
    }

    /// Whether it tells of this case and of nothing else.
    #[must_use]
    pub fn concerns_only(&self, case: &CaseRef) -> bool {
        self.concerns(case)
            && match self {
                Self::Limit { cases, .. } => cases.iter().all(|of| of == case),
                Self::Vacancies { vacancies } => vacancies.iter().all(|vacancy| vacancy.case == *case),
                Self::Digest { items, calendar } => {
                    items.iter().all(|item| item.occurrence.case == *case)
                        && calendar.iter().all(|entry| entry.occurrence.case == *case)
                }
                other => other.items().iter().all(|item| item.occurrence.case == *case),
            }
    }

    /// The same without the items that `keep` does not keep; `None` where it has nothing left to say.
    #[must_use]
    pub fn keeping(self, keep: impl Fn(&PlannedItem) -> bool) -> Option<Self> {
        match self {
            Self::Digest { mut items, calendar } => {
                items.retain(keep);
                (!items.is_empty() || !calendar.is_empty()).then_some(Self::Digest { items, calendar })
            }
            Self::Escalation { item } => keep(&item).then_some(Self::Escalation { item }),
            other => Some(other),
        }
    }
}

/// A message as the log records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What makes it this message.
    pub key: MessageKey,
    /// The key of the recipient: `person.ID`, `team.ROLE` or `address.ADDRESS`.
    pub to: String,
    /// The local day it is of.
    pub on: CivilDate,
    /// What it is about.
    pub matter: Matter,
}
