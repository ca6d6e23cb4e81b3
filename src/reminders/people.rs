//! Who is who: persons, their absences and managers, and a mailbox per role where nobody holds it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::calendar::CivilDate;
use crate::case::{PersonId, RoleId};
use crate::language::Language;

/// A professional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id by which case events name them.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub email: String,
    /// Who is told when their work is overdue.
    pub manager: Option<PersonId>,
    /// The first day on which they are not there any more.
    pub left_on: Option<CivilDate>,
    /// When they are away.
    pub absences: Vec<Absence>,
    /// Whether their mail comes with calendar entries.
    pub calendar: bool,
    /// The language of their mail.
    pub language: Language,
}

/// Days on which a person is away, the first and the last included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// The first day.
    pub from: CivilDate,
    /// The last day.
    pub to: CivilDate,
    /// Who does their work meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<PersonId>,
}

/// Everybody who may get mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// Persons by id.
    pub persons: BTreeMap<PersonId, Person>,
    /// A mailbox for each role that has one.
    pub teams: BTreeMap<RoleId, String>,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recipient {
    /// `person.ID`, `team.ROLE` or `address.ADDRESS`: what the log records.
    pub key: Arc<str>,
    /// The name to greet.
    pub name: String,
    /// The address.
    pub email: String,
    /// The language to write in: a person's own, English to a team or a plain address.
    pub language: Language,
}

/// Why a person cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Away<'a> {
    /// `people.toml` does not list them.
    Unknown,
    /// They have left.
    Left(CivilDate),
    /// They are absent.
    Absent(&'a Absence),
}

impl Recipient {
    /// The first part of a person's key.
    pub const PERSON: &str = "person";
    /// The first part of a team's key.
    pub const TEAM: &str = "team";
    /// The first part of the key of a plain address.
    pub const ADDRESS: &str = "address";

    /// A person.
    #[must_use]
    pub fn person(person: &Person) -> Self {
        let key = format!("{}.{}", Self::PERSON, person.id).into();
        Self { key, name: person.name.clone(), email: person.email.clone(), language: person.language }
    }

    /// The team that holds `role`, greeted with the role's title.
    #[must_use]
    pub fn team(role: &RoleId, title: &str, email: &str) -> Self {
        let key = format!("{}.{role}", Self::TEAM).into();
        Self { key, name: title.to_owned(), email: email.to_owned(), language: Language::English }
    }

    /// An address that the configuration names.
    #[must_use]
    pub fn address(email: &str, name: &str) -> Self {
        let key = format!("{}.{email}", Self::ADDRESS).into();
        Self { key, name: name.to_owned(), email: email.to_owned(), language: Language::English }
    }

    /// The person's id, where it is a person.
    #[must_use]
    pub fn person_of(key: &str) -> Option<&str> {
        key.strip_prefix(Self::PERSON)?.strip_prefix('.')
    }
}

impl People {
    /// The person, if they can be told on `on`.
    ///
    /// # Errors
    /// Why they cannot.
    pub fn present(&self, id: &PersonId, on: CivilDate) -> Result<&Person, Away<'_>> {
        let person = self.persons.get(id).ok_or(Away::Unknown)?;
        if let Some(left) = person.left_on.filter(|left| *left <= on) {
            return Err(Away::Left(left));
        }
        match person.absences.iter().find(|absence| (absence.from..=absence.to).contains(&on)) {
            Some(absence) => Err(Away::Absent(absence)),
            None => Ok(person),
        }
    }

    /// Who covers for `id` on `on`: the cover, or the cover's cover.
    #[must_use]
    pub fn cover(&self, id: &PersonId, on: CivilDate) -> Option<&Person> {
        let mut id = id;
        // A chain of covers is short; one that runs in a circle leads nowhere.
        for _ in 0..4 {
            match self.present(id, on) {
                Ok(person) => return Some(person),
                Err(Away::Absent(absence)) => id = absence.cover.as_ref()?,
                Err(_) => return None,
            }
        }
        None
    }

    /// A person's name; the id where the person is not listed.
    #[must_use]
    pub fn name<'a>(&'a self, id: &'a PersonId) -> &'a str {
        self.persons.get(id).map_or(id.as_str(), |person| &person.name)
    }

    /// Where the key of a recipient leads today, looked up anew; `title` names the roles of teams.
    #[must_use]
    pub fn find(&self, key: &str, title: impl Fn(&RoleId) -> String) -> Option<Recipient> {
        match key.split_once('.')? {
            (Recipient::PERSON, id) => self.persons.get(id).map(Recipient::person),
            (Recipient::TEAM, role) => {
                let role: RoleId = role.parse().ok()?;
                self.teams.get(&role).map(|email| Recipient::team(&role, &title(&role), email))
            }
            (Recipient::ADDRESS, email) => Some(Recipient::address(email, email)),
            _ => None,
        }
    }
}
