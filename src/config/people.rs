//! `people.toml`: names and addresses of professionals, their absences, and a mailbox per role.

use std::collections::BTreeMap;

use lettre::Address;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::calendar::CivilDate;
use crate::case::{PersonId, RoleId};
use crate::programme::Finding;
use crate::reminders::{Absence, People, Person};

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
    manager: Option<Spanned<String>>,
    left_on: Option<Spanned<Datetime>>,
    #[serde(default)]
    absent: Vec<RawAbsence>,
    #[serde(default)]
    calendar: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAbsence {
    from: Spanned<Datetime>,
    to: Spanned<Datetime>,
    cover: Option<Spanned<String>>,
}

/// Reads `people.toml`. Gives the people, and the span of each role that a team is named for.
///
/// # Errors
/// Every finding; a fault of the TOML itself hides those behind it.
pub(super) fn read(text: &str) -> Result<(People, Vec<Spanned<String>>), Vec<Finding>> {
    let raw: RawPeople = toml::from_str(text).map_err(|error| vec![error.into()])?;
    let mut reader = Reader { findings: Vec::new(), mentions: Vec::new() };
    let mut people = People::default();
    let mut roles = Vec::new();
    for (role, email) in raw.teams {
        if let (Some(id), Some(address)) = (reader.id::<RoleId>(&role), reader.address(&email)) {
            people.teams.insert(id, address);
        }
        roles.push(role);
    }
    for raw in raw.person {
        let span = raw.id.span();
        let Some(person) = reader.person(raw) else { continue };
        if people.persons.contains_key(&person.id) {
            reader.note(span, format!("\"{}\" is listed already", person.id));
        }
        people.persons.insert(person.id.clone(), person);
    }
    for mention in std::mem::take(&mut reader.mentions) {
        let id = mention.get_ref();
        if !people.persons.keys().any(|known| known.as_str() == *id) {
            let finding = Finding::new(mention.span(), format!("nobody is listed as \"{id}\""));
            let finding = finding.suggest(id, people.persons.keys().map(PersonId::as_str));
            reader.findings.push(finding);
        }
    }
    if reader.findings.is_empty() { Ok((people, roles)) } else { Err(reader.findings) }
}

/// Collects findings, and the persons that others name, while it reads.
struct Reader {
    findings: Vec<Finding>,
    mentions: Vec<Spanned<String>>,
}

impl Reader {
    fn note(&mut self, span: std::ops::Range<usize>, message: impl Into<String>) {
        self.findings.push(Finding::new(span, message));
    }

    fn id<T: std::str::FromStr<Err: std::fmt::Display>>(&mut self, text: &Spanned<String>) -> Option<T> {
        text.get_ref().parse().map_err(|error: T::Err| self.note(text.span(), error.to_string())).ok()
    }

    fn mention(&mut self, text: Spanned<String>) -> Option<PersonId> {
        let id = self.id(&text);
        self.mentions.push(text);
        id
    }

    fn address(&mut self, text: &Spanned<String>) -> Option<String> {
        let checked: Result<Address, _> = text.get_ref().parse();
        checked
            .map_err(|error| {
                self.note(text.span(), format!("\"{}\" is not a mail address: {error}", text.get_ref()));
            })
            .map(|address| address.to_string())
            .ok()
    }

    fn date(&mut self, date: &Spanned<Datetime>) -> Option<CivilDate> {
        let text = date.get_ref().to_string();
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.note(date.span(), format!("{text} is not a date, such as 2026-04-01"));
        }
        parsed
    }

    fn person(&mut self, raw: RawPerson) -> Option<Person> {
        let id = self.id(&raw.id);
        let email = self.address(&raw.email);
        let name = raw.name.get_ref();
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            self.note(raw.name.span(), "a name is one line of text");
        }
        let manager = raw.manager.and_then(|manager| self.mention(manager));
        let left_on = raw.left_on.and_then(|date| self.date(&date));
        let absences = raw.absent.into_iter().filter_map(|absence| self.absence(absence)).collect();
        let (name, calendar) = (raw.name.into_inner(), raw.calendar);
        Some(Person { id: id?, name, email: email?, manager, left_on, absences, calendar })
    }

    fn absence(&mut self, raw: RawAbsence) -> Option<Absence> {
        let (from, to) = (self.date(&raw.from), self.date(&raw.to));
        let cover = raw.cover.and_then(|cover| self.mention(cover));
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            self.note(raw.to.span(), "ends before it begins");
        }
        Some(Absence { from: from?, to: to?, cover })
    }
}
