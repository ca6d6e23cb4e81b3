//! Who is who: persons, and a mailbox per role where nobody holds it.

use std::collections::BTreeMap;

use crate::case::{PersonId, RoleId};

/// A professional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id by which case events name them.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub email: String,
}

/// Everybody who may get mail.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// Persons by id.
    pub persons: BTreeMap<PersonId, Person>,
    /// A mailbox for each role that has one.
    pub teams: BTreeMap<RoleId, String>,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recipient {
    /// `person.ID` or `team.ROLE`: what the log records, so that it holds no address.
    pub key: String,
    /// The name to greet.
    pub name: String,
    /// The address.
    pub email: String,
}

impl Recipient {
    /// The first part of a person's key.
    pub const PERSON: &str = "person";
    /// The first part of a team's key.
    pub const TEAM: &str = "team";
}

impl People {
    /// Who is mailed for `role`: the person who holds it in the case, else the role's team mailbox.
    /// `None`: nobody can be told. `title` is the role's name, to greet a team with.
    #[must_use]
    pub fn recipient(&self, role: &RoleId, title: &str, holder: Option<&PersonId>) -> Option<Recipient> {
        let person = holder.and_then(|id| self.persons.get(id)).map(|person| Recipient {
            key: format!("{}.{}", Recipient::PERSON, person.id),
            name: person.name.clone(),
            email: person.email.clone(),
        });
        person.or_else(|| {
            self.teams.get(role).map(|email| Recipient {
                key: format!("{}.{role}", Recipient::TEAM),
                name: title.to_owned(),
                email: email.clone(),
            })
        })
    }

    /// A person's name; the id where the person is not listed.
    #[must_use]
    pub fn name<'a>(&'a self, id: &'a PersonId) -> &'a str {
        self.persons.get(id).map_or(id.as_str(), |person| &person.name)
    }
}
