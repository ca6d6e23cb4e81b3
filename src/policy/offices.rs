//! The part of `people.toml` that decides who is told: no name and no address.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::calendar::CivilDate;
use crate::case::{PersonId, RoleId};
use crate::reminders::{Absence, People, Person};

/// Who is there, who manages and covers whom, and which roles a team's mailbox stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offices {
    /// The roles with a team's mailbox.
    pub teams: BTreeSet<RoleId>,
    /// The people.
    pub persons: BTreeMap<PersonId, PersonOffice>,
}

/// What of one person decides who is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonOffice {
    /// Who manages them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<PersonId>,
    /// The first day on which they are not there any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_on: Option<CivilDate>,
    /// When they are away, and who covers for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absences: Vec<Absence>,
}

impl Offices {
    /// The offices that `people` hold.
    #[must_use]
    pub fn of(people: &People) -> Self {
        let office = |person: &Person| PersonOffice {
            manager: person.manager.clone(),
            left_on: person.left_on,
            absences: person.absences.clone(),
        };
        Self {
            teams: people.teams.keys().cloned().collect(),
            persons: people.persons.iter().map(|(id, person)| (id.clone(), office(person))).collect(),
        }
    }

    /// `people` with these offices in place of their own: whom a message would have gone to when these were
    /// in force, at the address they have today.
    #[must_use]
    pub fn held_by(&self, people: &People) -> People {
        let mut people = people.clone();
        people.teams.retain(|role, _| self.teams.contains(role));
        people.persons.retain(|id, _| self.persons.contains_key(id));
        for (id, person) in &mut people.persons {
            if let Some(office) = self.persons.get(id) {
                person.manager.clone_from(&office.manager);
                person.left_on = office.left_on;
                person.absences.clone_from(&office.absences);
            }
        }
        people
    }
}
