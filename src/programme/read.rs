//! From the notation to the model, with every finding tied to the text it is about.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use toml::Spanned;
use toml::value::Datetime;

use super::notation::{
    RawBasis, RawEvery, RawKind, RawMatcher, RawNotice, RawProgramme, RawRole, RawRule, RawStage,
};
use super::{
    Anchor, Basis, Condition, Every, Finding, Ladder, Matcher, Notice, Programme, Role, Rule, Shape, Stage,
    Unless,
};
use crate::calendar::{CivilDate, Offset, Period};
use crate::case::{Catalogue, RoleId};

/// A programme whose event types are still to be compared with the catalogue.
#[derive(Debug)]
pub struct Draft {
    programme: Programme,
    mentions: Vec<Mention>,
    addresses: Vec<Spanned<String>>,
}

/// An event type, or a field of its data, that the file names.
#[derive(Debug)]
struct Mention {
    span: Range<usize>,
    event: String,
    field: Option<String>,
}

impl Draft {
    /// The programme so far, for its id and roles.
    #[must_use]
    pub const fn programme(&self) -> &Programme {
        &self.programme
    }

    /// The mail addresses that ladders name, where they stand, for the judgement of those who know mail.
    #[must_use]
    pub fn addresses(&self) -> &[Spanned<String>] {
        &self.addresses
    }

    /// The programme, if the catalogue has every event type and field it names.
    ///
    /// # Errors
    /// A finding for every name that the catalogue does not have.
    pub fn check(self, catalogue: &Catalogue) -> Result<Programme, Vec<Finding>> {
        let mentioned = self.mentions.iter().filter_map(|mention| mention.finding(catalogue));
        let findings: Vec<_> = mentioned.chain(self.example_findings(catalogue)).collect();
        if findings.is_empty() { Ok(self.programme) } else { Err(findings) }
    }
}

impl Mention {
    fn finding(&self, catalogue: &Catalogue) -> Option<Finding> {
        let Some(kind) = catalogue.get(&self.event) else {
            let message = format!("\"{}\" is not an event type of this programme", self.event);
            let names = catalogue.kinds().map(|kind| &*kind.name);
            return Some(Finding::new(self.span.clone(), message).suggest(&self.event, names));
        };
        let field = self.field.as_deref()?;
        let known = kind.fields();
        if known.contains(&field) {
            return None;
        }
        let message = format!("\"{field}\" is not a field of {}", self.event);
        Some(Finding::new(self.span.clone(), message).suggest(field, known))
    }
}

/// Reads a programme file.
///
/// # Errors
/// Every finding; a fault of the TOML itself hides those behind it.
pub fn read(text: &str) -> Result<Draft, Vec<Finding>> {
    let raw: RawProgramme = toml::from_str(text).map_err(|error| vec![error.into()])?;
    let mut reader = Reader::default();
    let programme = reader.programme(raw);
    let Reader { findings, mentions, addresses, .. } = reader;
    match programme {
        Some(programme) if findings.is_empty() => Ok(Draft { programme, mentions, addresses }),
        _ => Err(findings),
    }
}

/// Collects findings and mentions while it builds the model; `None` means a finding was made.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) findings: Vec<Finding>,
    mentions: Vec<Mention>,
    pub(super) addresses: Vec<Spanned<String>>,
    roles: Vec<RoleId>,
    pub(super) ladders: BTreeMap<String, Arc<Ladder>>,
}

impl Reader {
    pub(super) fn parse<T: FromStr<Err: fmt::Display>>(&mut self, text: &Spanned<String>) -> Option<T> {
        text.get_ref()
            .parse()
            .map_err(|error: T::Err| self.findings.push(Finding::new(text.span(), error.to_string())))
            .ok()
    }

    fn parse_or<T: FromStr<Err: fmt::Display>>(
        &mut self,
        text: Option<&Spanned<String>>,
        default: T,
    ) -> Option<T> {
        text.map_or(Some(default), |text| self.parse(text))
    }

    /// Parses a text that may be left out; one that is at fault leaves its finding behind.
    fn parse_some<T: FromStr<Err: fmt::Display>>(&mut self, text: Option<&Spanned<String>>) -> Option<T> {
        text.and_then(|text| self.parse(text))
    }

    /// Builds each item and goes on past one that fails, so that every finding is made.
    pub(super) fn each<T, U>(
        &mut self,
        items: Vec<T>,
        build: impl Fn(&mut Self, T) -> Option<U>,
    ) -> Option<Vec<U>> {
        let built: Vec<_> = items.into_iter().map(|item| build(self, item)).collect();
        built.into_iter().collect()
    }

    fn programme(&mut self, raw: RawProgramme) -> Option<Programme> {
        let id = self.parse(&raw.id);
        let zone = self.parse(&raw.time_zone);
        let division = self.parse(&raw.bank_holidays);
        self.roles = raw.roles.keys().filter_map(|name| name.get_ref().parse().ok()).collect();
        let roles = self.each(raw.roles.into_iter().collect(), Self::role_entry);
        self.ladders = self.ladders(raw.ladders);
        let ladder = self.ladder(&raw.ladder);
        self.unique(raw.rule.iter().map(|rule| &rule.id).chain(raw.notice.iter().map(|notice| &notice.id)));
        let ends_with = self.each(raw.ends_with, |reader, matcher| reader.matcher(&matcher));
        let rules = self.each(raw.rule, |reader, rule| reader.rule(rule, ladder.as_ref()));
        let notices = self.each(raw.notice, Self::notice);
        let stages = self.each(raw.stage, Self::stage);
        let examples = self.examples(raw.example, zone);
        let effective_from = raw.effective_from.map(|date| self.date(&date));
        Some(Programme {
            id: id?,
            title: raw.title,
            document: raw.document,
            zone: zone?,
            division: division?,
            ends_with: ends_with?,
            roles: roles?.into_iter().collect(),
            rules: rules?,
            notices: notices?,
            stages: stages?,
            examples: examples?,
            effective_from: match effective_from {
                Some(date) => Some(date?),
                None => None,
            },
            applies_to: raw.applies_to,
        })
    }

    pub(super) fn date(&mut self, date: &Spanned<Datetime>) -> Option<CivilDate> {
        let text = date.get_ref().to_string();
        let parsed = text.parse().ok();
        if parsed.is_none() {
            let message = format!("{text} is not a date");
            self.findings.push(Finding::new(date.span(), message).help("write it as 2027-04-01"));
        }
        parsed
    }

    fn stage(&mut self, raw: RawStage) -> Option<Stage> {
        let from = self.each(raw.from, |reader, matcher| reader.undated(&matcher));
        Some(Stage { title: raw.title, from: from? })
    }

    fn role_entry(&mut self, (name, raw): (Spanned<String>, RawRole)) -> Option<(RoleId, Role)> {
        let manager = raw.manager.as_ref().and_then(|manager| self.role(manager));
        Some((self.parse(&name)?, Role { title: raw.title, team: raw.team, manager }))
    }

    fn unique<'a>(&mut self, ids: impl Iterator<Item = &'a Spanned<String>>) {
        let mut seen = HashSet::new();
        for id in ids {
            if !seen.insert(id.get_ref()) {
                let message = format!("\"{}\" is already the id of another rule or notice", id.get_ref());
                self.findings.push(Finding::new(id.span(), message).help("give each an id of its own"));
            }
        }
    }

    pub(super) fn role(&mut self, text: &Spanned<String>) -> Option<RoleId> {
        let role = self.parse::<RoleId>(text)?;
        if self.roles.contains(&role) {
            return Some(role);
        }
        let finding = Finding::new(text.span(), format!("\"{role}\" is not a role of this programme"));
        self.findings.push(finding.suggest(role.as_str(), self.roles.iter().map(RoleId::as_str)));
        None
    }

    fn matcher(&mut self, raw: &Spanned<RawMatcher>) -> Option<Matcher> {
        let RawMatcher { event, where_, date } = raw.get_ref();
        self.mentions.push(Mention { span: raw.span(), event: event.clone(), field: None });
        if let Some(date) = date {
            self.mentions.push(Mention {
                span: date.span(),
                event: event.clone(),
                field: Some(date.get_ref().clone()),
            });
        }
        let mut conditions = Vec::new();
        for (field, value) in where_ {
            let name = field.get_ref().clone();
            self.mentions.push(Mention {
                span: field.span(),
                event: event.clone(),
                field: Some(name.clone()),
            });
            for condition in self.conditions(value)? {
                conditions.push((name.clone(), condition));
            }
        }
        Some(Matcher { event: event.as_str().into(), conditions })
    }

    /// A matcher where a date field would mean nothing.
    fn undated(&mut self, raw: &Spanned<RawMatcher>) -> Option<Matcher> {
        if let Some(date) = &raw.get_ref().date {
            self.findings.push(
                Finding::new(date.span(), "only an anchor takes a date field").help("remove \"date\" here"),
            );
            return None;
        }
        self.matcher(raw)
    }

    fn conditions(&mut self, value: &Spanned<toml::Value>) -> Option<Vec<Condition>> {
        let json = |value: &toml::Value| serde_json::to_value(value).unwrap_or_default();
        let found = match value.get_ref() {
            toml::Value::Array(values) => Some(vec![Condition::OneOf(values.iter().map(json).collect())]),
            toml::Value::Table(table) => table
                .iter()
                .map(|(word, value)| operator(word, value, json(value)))
                .collect::<Option<Vec<_>>>(),
            plain => Some(vec![Condition::Equals(json(plain))]),
        };
        if found.as_ref().is_none_or(Vec::is_empty) {
            let help = "write a value, a list of values, { at_least = 14 }, { at_most = 13 } or { contains = \"…\" }";
            self.findings.push(Finding::new(value.span(), "is not a condition").help(help));
            return None;
        }
        found
    }

    fn rule(&mut self, raw: RawRule, default: Option<&Arc<Ladder>>) -> Option<Rule> {
        let shape = self.shape(&raw);
        let id = self.parse(&raw.id);
        let anchor = self.matcher(&raw.anchor);
        let offset: Option<Offset> = self.parse_or(raw.offset.as_ref(), Offset::ZERO);
        if let (Some(text), Some(Offset { back: true, .. })) = (&raw.offset, offset)
            && raw.kind.get_ref() != &RawKind::Once
        {
            self.findings
                .push(Finding::new(text.span(), "only a rule of kind \"once\" may start before its anchor"));
        }
        if raw.done_by.is_empty() {
            let finding = Finding::new(raw.id.span(), "nothing completes this rule: done_by is empty");
            self.findings.push(finding.help("name the event that does, or make it a [[notice]]"));
        }
        let until = self.each(raw.until, |reader, matcher| reader.undated(&matcher));
        let done_by = self.each(raw.done_by, |reader, matcher| reader.undated(&matcher));
        let counts_from = raw.counts_from.and_then(|matcher| self.undated(&matcher));
        let unless = raw.unless.and_then(|unless| {
            let (since, before) = (self.undated(&unless.since), self.undated(&unless.before));
            Some(Unless { since: since?, before: before? })
        });
        let owner = self.role(&raw.owner);
        let also = self.each(raw.also, |reader, role| reader.role(&role));
        let ladder = raw.ladder.as_ref().map_or(default.cloned(), |name| self.ladder(name));
        Some(Rule {
            id: id?,
            title: raw.title,
            shape: shape?,
            anchor: Anchor { event: anchor?, date: raw.anchor.into_inner().date.map(Spanned::into_inner) },
            offset: offset?,
            until: until?,
            done_by: done_by?,
            counts_from,
            unless,
            owner: owner?,
            also: also?,
            basis: match raw.basis {
                RawBasis::Policy => Basis::Policy,
                RawBasis::Local => Basis::Local,
            },
            source: raw.source,
            reading: raw.reading,
            ladder: ladder?,
        })
    }

    fn shape(&mut self, raw: &RawRule) -> Option<Shape> {
        let once = raw.kind.get_ref() == &RawKind::Once;
        let every_span = raw.every.as_ref().map(Spanned::span);
        let misplaced = if once {
            [("every", every_span), ("for", raw.for_.as_ref().map(Spanned::span))]
        } else {
            [("due", raw.due.as_ref().map(Spanned::span)), ("opens", raw.opens.as_ref().map(Spanned::span))]
        };
        let kind = if once { "once" } else { "windows or interval" };
        for (key, span) in misplaced.into_iter().filter_map(|(key, span)| Some((key, span?))) {
            self.findings.push(
                Finding::new(span, format!("a rule of kind {kind} has no \"{key}\""))
                    .help("remove it, or change the kind"),
            );
        }
        let needed =
            if once { raw.due.is_none().then_some("due") } else { raw.every.is_none().then_some("every") };
        if let Some(key) = needed {
            self.findings.push(
                Finding::new(raw.kind.span(), format!("a rule of kind {kind} needs \"{key}\""))
                    .help(format!("add {key} = \"2 weeks\", or as long as it is")),
            );
            return None;
        }
        if once {
            let due = raw.due.as_ref().and_then(|due| self.parse(due));
            let opens = self.parse_some(raw.opens.as_ref());
            return Some(Shape::Once { due: due?, opens });
        }
        let every = raw.every.as_ref().and_then(|every| self.every(every, raw.anchor.get_ref()));
        let for_ = self.parse_some(raw.for_.as_ref());
        let every = every?;
        Some(match raw.kind.get_ref() {
            RawKind::Windows => Shape::Windows { every, for_ },
            _ => Shape::Interval { every, for_ },
        })
    }

    fn every(&mut self, raw: &Spanned<RawEvery>, anchor: &RawMatcher) -> Option<Every> {
        match raw.get_ref() {
            RawEvery::Field(field) => {
                let name = field.get_ref().clone();
                self.mentions.push(Mention {
                    span: field.span(),
                    event: anchor.event.clone(),
                    field: Some(name.clone()),
                });
                Some(Every::Field(name))
            }
            RawEvery::Period(text) => match text.parse::<Period>() {
                Ok(period) if !period.is_zero() => Some(Every::Period(period)),
                Ok(_) => {
                    self.findings.push(Finding::new(raw.span(), "nothing can be due every 0 days"));
                    None
                }
                Err(error) => {
                    self.findings.push(Finding::new(raw.span(), error.to_string()));
                    None
                }
            },
        }
    }

    fn notice(&mut self, raw: RawNotice) -> Option<Notice> {
        let id = self.parse(&raw.id);
        let after = self.parse_or(raw.after.as_ref(), Period::ZERO);
        let on = self.each(raw.on, |reader, matcher| reader.undated(&matcher));
        let until = self.each(raw.until, |reader, matcher| reader.undated(&matcher));
        let to = self.each(raw.to, |reader, role| reader.role(&role));
        Some(Notice {
            id: id?,
            title: raw.title,
            text: raw.text,
            on: on?,
            after: after?,
            until: until?,
            to: to?,
            source: raw.source,
        })
    }
}

fn operator(word: &str, value: &toml::Value, json: serde_json::Value) -> Option<Condition> {
    match word {
        "equals" => Some(Condition::Equals(json)),
        "one_of" => json.as_array().cloned().map(Condition::OneOf),
        "contains" => Some(Condition::Contains(json)),
        "at_least" | "at_most" if value.is_integer() || value.is_float() => {
            let limit = json.as_f64()?;
            Some(if word == "at_least" { Condition::AtLeast(limit) } else { Condition::AtMost(limit) })
        }
        _ => None,
    }
}
