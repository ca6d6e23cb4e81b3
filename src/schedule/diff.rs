//! What changed: the obligations of a case by two readings, compared by name.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Occurrence, Status};
use crate::calendar::CivilDate;
use crate::case::{CaseRef, EventNumber, OccurrenceName, RoleId};

/// How an obligation stands, as far as a change can touch it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// The first day it can be done.
    pub opens_on: CivilDate,
    /// The policy's limit.
    pub deadline: CivilDate,
    /// The day to act by.
    pub due_on: CivilDate,
    /// Its status.
    pub status: Status,
    /// The role that must do it.
    pub owner_role: RoleId,
}

/// What became of an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It was not there before.
    Appears,
    /// One of its dates is another.
    Moves,
    /// It is not there any more.
    Vanishes,
    /// Another role must do it.
    ChangesOwner,
    /// Its dates are the same, its status is another.
    ChangesStatus,
}

impl ChangeKind {
    /// Its name in JSON and listings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Appears => "appears",
            Self::Moves => "moves",
            Self::Vanishes => "vanishes",
            Self::ChangesOwner => "changes-owner",
            Self::ChangesStatus => "changes-status",
        }
    }
}

/// An obligation that one reading gives otherwise than the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The obligation.
    pub occurrence: OccurrenceName,
    /// What is to be done.
    pub title: String,
    /// What became of it.
    pub change: ChangeKind,
    /// How it stood.
    pub from: Option<Dates>,
    /// How it stands.
    pub to: Option<Dates>,
}

impl Dates {
    fn of(occurrence: &Occurrence<'_>) -> Self {
        Self {
            opens_on: occurrence.opens_on,
            deadline: occurrence.deadline,
            due_on: occurrence.due_on,
            status: occurrence.status,
            owner_role: occurrence.rule.owner.clone(),
        }
    }
}

/// What tells an obligation from the others of its case.
fn key<'o>(occurrence: &'o Occurrence<'_>) -> (&'o str, EventNumber, u32) {
    (occurrence.rule.id.as_str(), occurrence.why.anchor, occurrence.n)
}

/// What the obligations `after` have otherwise than those `before`, cancelled ones taken as not there.
#[must_use]
pub fn diff(case: &CaseRef, before: &[Occurrence<'_>], after: &[Occurrence<'_>]) -> Vec<Change> {
    let stands = |occurrence: &&Occurrence<'_>| occurrence.status != Status::Cancelled;
    let mut old: HashMap<_, _> = before.iter().filter(stands).map(|found| (key(found), found)).collect();
    let mut changes = Vec::new();
    for now in after.iter().filter(stands) {
        let then = old.remove(&key(now));
        if let Some(change) = kind(then, now) {
            changes.push(of(case, change, then, Some(now)));
        }
    }
    let gone = before.iter().filter(stands).filter(|then| old.contains_key(&key(then)));
    changes.extend(gone.map(|then| of(case, ChangeKind::Vanishes, Some(then), None)));
    changes
}

fn kind(then: Option<&Occurrence<'_>>, now: &Occurrence<'_>) -> Option<ChangeKind> {
    let Some(then) = then else { return Some(ChangeKind::Appears) };
    let dates = |found: &Occurrence<'_>| (found.opens_on, found.deadline, found.due_on);
    if dates(then) != dates(now) {
        Some(ChangeKind::Moves)
    } else if then.rule.owner != now.rule.owner {
        Some(ChangeKind::ChangesOwner)
    } else {
        (then.status != now.status).then_some(ChangeKind::ChangesStatus)
    }
}

fn of(
    case: &CaseRef,
    change: ChangeKind,
    from: Option<&Occurrence<'_>>,
    to: Option<&Occurrence<'_>>,
) -> Change {
    let either = to.or(from).unwrap_or_else(|| unreachable!("a change is of something"));
    Change {
        occurrence: either.name(case),
        title: either.worded.title.to_string(),
        change,
        from: from.map(Dates::of),
        to: to.map(Dates::of),
    }
}
