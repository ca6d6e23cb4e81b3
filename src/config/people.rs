//! `people.toml`: names and addresses of professionals, their absences, and a mailbox per role.

use std::collections::BTreeMap;

use lettre::Address;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::calendar::CivilDate;
use crate::case::{PersonId, RoleId};
use crate::language::Language;
use crate::programme::{Finding, recover, stands_in};
use crate::reminders::{Absence, People, Person};

#[derive(Default, Deserialize)]
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
    #[serde(default)]
    language: Language,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAbsence {
    from: Spanned<Datetime>,
    to: Spanned<Datetime>,
    cover: Option<Spanned<String>>,
}

/// What `people.toml` says, as far as it could be read.
pub(super) struct Listing {
    /// The people, those at fault left out.
    pub people: People,
    /// The roles that a team is named for, where they stand.
    pub teams: Vec<Spanned<String>>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Whether names may be lost.
    pub lossy: bool,
}

/// Reads `people.toml`.
pub(super) fn read(text: &str) -> Listing {
    let recovered = recover::<RawPeople>(text, &[]);
    let mut reader = Reader { findings: Vec::new(), mentions: Vec::new() };
    let mut people = People::default();
    let mut teams = Vec::new();
    let lossy = !recovered.lost.is_empty();
    let raw = recovered.value.unwrap_or_default();
    for (role, email) in raw.teams {
        if let (Some(id), Some(address)) = (reader.id::<RoleId>(&role), reader.address(&email)) {
            people.teams.insert(id, address);
        }
        teams.push(role);
    }
    let ids: Vec<_> = raw.person.iter().map(|raw| raw.id.clone()).collect();
    for raw in raw.person {
        if let Some(person) = reader.person(raw) {
            people.persons.insert(person.id.clone(), person);
        }
    }
    reader.twice(&ids);
    if !lossy {
        reader.strangers(&ids);
    }
    let mut findings = reader.findings;
    findings.retain(|finding| !stands_in(&finding.span, text));
    findings.extend(recovered.findings);
    Listing { people, teams, findings, lossy }
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

    fn twice(&mut self, ids: &[Spanned<String>]) {
        for (number, id) in ids.iter().enumerate() {
            if ids.iter().take(number).any(|other| other.get_ref() == id.get_ref()) {
                let finding = Finding::new(id.span(), format!("\"{}\" is listed already", id.get_ref()));
                self.findings.push(finding.help("give each person an id of their own"));
            }
        }
    }

    /// Those who are named and not listed.
    fn strangers(&mut self, ids: &[Spanned<String>]) {
        for mention in std::mem::take(&mut self.mentions) {
            let id = mention.get_ref();
            if !ids.iter().any(|known| known.get_ref() == id) {
                let finding = Finding::new(mention.span(), format!("nobody is listed as \"{id}\""));
                self.findings.push(finding.suggest(id, ids.iter().map(|known| known.get_ref().as_str())));
            }
        }
    }

    /// Nobody stands in for themselves.
    fn other(&mut self, who: &Spanned<String>, of: &Spanned<String>, what: &str) {
        if who.get_ref() == of.get_ref() {
            let message = format!("\"{}\" {what} themselves", who.get_ref());
            self.findings.push(Finding::new(who.span(), message).help("name somebody else, or leave it out"));
        }
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
        if text.get_ref().trim().is_empty() {
            let finding = Finding::new(text.span(), "there is no address here");
            self.findings.push(finding.help("write one, such as \"amara.okafor@example.org\""));
            return None;
        }
        let checked: Result<Address, _> = text.get_ref().parse();
        let fault = |error| {
            let message = format!("\"{}\" is not a mail address: {error}", text.get_ref());
            self.findings.push(
                Finding::new(text.span(), message).help("write it without a name: \"somebody@example.org\""),
            );
        };
        checked.map_err(fault).map(|address| address.to_string()).ok()
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
            let finding = Finding::new(raw.name.span(), "a name is one line of text");
            self.findings.push(finding.help("mails greet the person by it"));
        }
        if let Some(manager) = &raw.manager {
            self.other(manager, &raw.id, "manages");
        }
        for cover in raw.absent.iter().filter_map(|absence| absence.cover.as_ref()) {
            self.other(cover, &raw.id, "covers for");
        }
        let manager = raw.manager.and_then(|manager| self.mention(manager));
        let left_on = raw.left_on.and_then(|date| self.date(&date));
        let absences = raw.absent.into_iter().filter_map(|absence| self.absence(absence)).collect();
        let (name, calendar, language) = (raw.name.into_inner(), raw.calendar, raw.language);
        Some(Person { id: id?, name, email: email?, manager, left_on, absences, calendar, language })
    }

    fn absence(&mut self, raw: RawAbsence) -> Option<Absence> {
        let (from, to) = (self.date(&raw.from), self.date(&raw.to));
        let cover = raw.cover.and_then(|cover| self.mention(cover));
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            let finding = Finding::new(raw.to.span(), "the absence ends before it begins");
            self.findings.push(finding.help("from is the first day away, to the last"));
        }
        Some(Absence { from: from?, to: to?, cover })
    }
}
