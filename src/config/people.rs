//! `people.toml`: names and addresses of professionals, and a mailbox per role.

use std::collections::BTreeMap;

use lettre::Address;
use serde::Deserialize;
use toml::Spanned;

use crate::case::{PersonId, RoleId};
use crate::programme::Finding;
use crate::reminders::{People, Person};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPeople {
    #[serde(default)]
    teams: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    person: Vec<RawPerson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPerson {
    id: Spanned<String>,
    name: Spanned<String>,
    email: Spanned<String>,
}

/// Reads `people.toml`. Gives the people, and the span of each role that a team is named for.
///
/// # Errors
/// Every finding; a fault of the TOML itself hides those behind it.
pub(super) fn read(text: &str) -> Result<(People, Vec<Spanned<String>>), Vec<Finding>> {
    let raw: RawPeople = toml::from_str(text).map_err(|error| vec![error.into()])?;
    let mut findings = Vec::new();
    let mut people = People::default();
    let mut roles = Vec::new();
    for (role, email) in raw.teams {
        match (role.get_ref().parse::<RoleId>(), address(&email)) {
            (Ok(id), Ok(address)) => {
                people.teams.insert(id, address);
            }
            (id, address) => {
                findings.extend(id.err().map(|error| Finding::new(role.span(), error.to_string())));
                findings.extend(address.err());
            }
        }
        roles.push(role);
    }
    for raw in raw.person {
        match person(&raw) {
            Ok(person) if people.persons.contains_key(&person.id) => {
                findings.push(Finding::new(raw.id.span(), format!("\"{}\" is listed already", person.id)));
            }
            Ok(person) => {
                people.persons.insert(person.id.clone(), person);
            }
            Err(found) => findings.extend(found),
        }
    }
    if findings.is_empty() { Ok((people, roles)) } else { Err(findings) }
}

fn person(raw: &RawPerson) -> Result<Person, Vec<Finding>> {
    let id =
        raw.id.get_ref().parse::<PersonId>().map_err(|error| Finding::new(raw.id.span(), error.to_string()));
    let email = address(&raw.email);
    let name = raw.name.get_ref();
    let name_fault = (name.trim().is_empty() || name.chars().any(char::is_control))
        .then(|| Finding::new(raw.name.span(), "a name is one line of text"));
    match (id, email, name_fault) {
        (Ok(id), Ok(email), None) => Ok(Person { id, name: name.clone(), email }),
        (id, email, name) => Err([id.err(), email.err(), name].into_iter().flatten().collect()),
    }
}

fn address(text: &Spanned<String>) -> Result<String, Finding> {
    let checked: Result<Address, _> = text.get_ref().parse();
    checked.map(|address| address.to_string()).map_err(|error| {
        Finding::new(text.span(), format!("\"{}\" is not a mail address: {error}", text.get_ref()))
    })
}
