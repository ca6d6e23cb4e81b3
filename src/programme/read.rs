//! From the notation to the model, with every finding tied to the text it is about.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use toml::Spanned;
use toml::value::Datetime;

use super::mention::{Mention, Says};
use super::notation::{RawMatcher, RawProgramme, RawRole, RawStage};
use super::{Draft, Finding, Ladder, Matcher, Owner, Programme, Role, Stage, recover, stands_in};
use crate::calendar::{CivilDate, Division};
use crate::case::{AreaId, RoleId, RuleId, types};
use crate::language::{Language, Wording};

/// Reads a programme file, as far as it can be read.
#[must_use]
pub fn read(text: &str) -> Draft {
    let recovered = recover::<RawProgramme>(text, &[]);
    let mut reader = Reader {
        text: text.to_owned(),
        lossy: !recovered.lost.is_empty(),
        roles_lost: recovered.lost_under("roles"),
        ladders_lost: recovered.lost_under("ladders"),
        ..Reader::default()
    };
    let roles_lost = reader.roles_lost;
    let id = recovered.value.as_ref().and_then(|raw| raw.id.get_ref().parse().ok());
    let programme = recovered.value.and_then(|raw| reader.programme(raw));
    let owners = reader.owners();
    let Reader {
        mut findings,
        mut mentions,
        mut addresses,
        mut untranslated,
        mut divisions_at,
        roles,
        areas,
        ..
    } = reader;
    let is_new = |span: &Range<usize>| !stands_in(span, text);
    findings.retain(|finding| is_new(&finding.span));
    let judged = |mention: &Mention| !(roles_lost && matches!(mention.says, Says::Conditions { .. }));
    mentions.retain(|mention| is_new(&mention.span) && judged(mention));
    addresses.retain(|address| is_new(&address.span()));
    untranslated.retain(is_new);
    divisions_at.retain(|(_, span)| is_new(span));
    findings.extend(recovered.findings);
    Draft {
        id,
        roles,
        roles_lost,
        addresses,
        untranslated,
        divisions_at,
        areas,
        owners,
        programme,
        mentions,
        findings,
    }
}

/// Collects findings and mentions while it builds the model; `None` means a finding was made.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) findings: Vec<Finding>,
    mentions: Vec<Mention>,
    pub(super) addresses: Vec<Spanned<String>>,
    untranslated: Vec<Range<usize>>,
    pub(super) divisions_at: Vec<(Division, Range<usize>)>,
    areas: Vec<AreaId>,
    pub(super) text: String,
    /// Whether something was passed over, so that what is missing may have been there.
    pub(super) lossy: bool,
    /// Whether roles, or ladders, may be lost, so that one which is not there says nothing.
    roles_lost: bool,
    pub(super) ladders_lost: bool,
    roles: Vec<RoleId>,
    roles_at: Vec<(RoleId, Role, Range<usize>)>,
    pub(super) owned: Vec<(RoleId, RuleId)>,
    pub(super) ladders: BTreeMap<String, Arc<Ladder>>,
    /// The ladders that are named, those at fault too.
    pub(super) ladder_names: Vec<String>,
}

impl Reader {
    pub(super) fn parse<T: FromStr<Err: fmt::Display>>(&mut self, text: &Spanned<String>) -> Option<T> {
        text.get_ref()
            .parse()
            .map_err(|error: T::Err| self.findings.push(Finding::new(text.span(), error.to_string())))
            .ok()
    }

    pub(super) fn parse_or<T: FromStr<Err: fmt::Display>>(
        &mut self,
        text: Option<&Spanned<String>>,
        default: T,
    ) -> Option<T> {
        text.map_or(Some(default), |text| self.parse(text))
    }

    /// Parses a text that may be left out; one that is at fault leaves its finding behind.
    pub(super) fn parse_some<T: FromStr<Err: fmt::Display>>(
        &mut self,
        text: Option<&Spanned<String>>,
    ) -> Option<T> {
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
        self.divisions_at.extend(division.map(|division| (division, raw.bank_holidays.span())));
        self.areas = raw.areas.keys().filter_map(|name| name.get_ref().parse().ok()).collect();
        let areas = self.areas(raw.areas);
        self.roles = raw.roles.keys().filter_map(|name| name.get_ref().parse().ok()).collect();
        let roles = self.each(raw.roles.into_iter().collect(), Self::role_entry);
        self.ladder_names = raw.ladders.keys().map(|name| name.get_ref().clone()).collect();
        self.ladders = self.ladders(raw.ladders);
        let ladder = self.ladder(&raw.ladder);
        let ids = raw.rule.iter().map(|rule| &rule.id).chain(raw.notice.iter().map(|notice| &notice.id));
        self.unique(ids.chain(raw.limit.iter().map(|limit| &limit.id)));
        let case_ends = !raw.ends_with.is_empty();
        let ends_with = self.each(raw.ends_with, |reader, matcher| reader.matcher(&matcher));
        let rules = self.each(raw.rule, |reader, rule| reader.rule(rule, ladder.as_ref()));
        let notices = self.each(raw.notice, Self::notice);
        let limits = self.limits(raw.limit, case_ends);
        let stages = self.each(raw.stage, Self::stage);
        let outcomes = self.outcomes(raw.outcomes);
        let examples = self.examples(raw.example, zone);
        let effective_from = raw.effective_from.map(|date| self.date(&date));
        Some(Programme {
            id: id?,
            title: self.wording(raw.title),
            document: raw.document,
            zone: zone?,
            division: division?,
            areas: areas?,
            ends_with: ends_with?,
            roles: roles?.into_iter().collect(),
            rules: rules?,
            notices: notices?,
            limits: limits?,
            stages: stages?,
            outcomes: outcomes?,
            examples: examples?,
            effective_from: match effective_from {
                Some(date) => Some(date?),
                None => None,
            },
            applies_to: raw.applies_to,
        })
    }

    /// A text for people, which is to be there in every language.
    pub(super) fn wording(&mut self, text: Spanned<Wording>) -> Wording {
        if !text.get_ref().is_in(Language::Welsh) {
            self.untranslated.push(text.span());
        }
        text.into_inner()
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
        Some(Stage { title: self.wording(raw.title), from: from? })
    }

    fn role_entry(&mut self, (name, raw): (Spanned<String>, RawRole)) -> Option<(RoleId, Role)> {
        let manager = raw.manager.as_ref().and_then(|manager| self.role(manager));
        let id: RoleId = self.parse(&name)?;
        if raw.manager.is_some_and(|manager| manager.get_ref() == id.as_str()) {
            let finding = Finding::new(name.span(), format!("\"{id}\" is its own manager"));
            self.findings.push(finding.help("name another role, or leave manager out"));
        }
        let role = Role { title: self.wording(raw.title), team: raw.team, manager };
        self.roles_at.push((id.clone(), role.clone(), name.span()));
        Some((id, role))
    }

    fn owners(&mut self) -> Vec<Owner> {
        let roles = std::mem::take(&mut self.roles_at).into_iter();
        let owners = roles.map(|(id, role, span)| {
            let work = self.owned.iter().filter(|(owner, _)| *owner == id).map(|(_, rule)| rule.clone());
            Owner { work: work.collect(), id, role, span }
        });
        owners.filter(|owner| !owner.work.is_empty()).collect()
    }

    fn unique<'a>(&mut self, ids: impl Iterator<Item = &'a Spanned<String>>) {
        let mut seen = HashSet::new();
        for id in ids {
            if !seen.insert(id.get_ref()) {
                let message =
                    format!("\"{}\" is already the id of another rule, notice or limit", id.get_ref());
                self.findings.push(Finding::new(id.span(), message).help("give each an id of its own"));
            }
        }
    }

    pub(super) fn role(&mut self, text: &Spanned<String>) -> Option<RoleId> {
        let name = text.get_ref();
        if let Some(role) = self.roles.iter().find(|role| role.as_str() == name) {
            return Some(role.clone());
        }
        if !self.roles_lost {
            let finding = Finding::new(text.span(), format!("\"{name}\" is not a role of this programme"));
            self.findings.push(finding.suggest(name, self.roles.iter().map(RoleId::as_str)));
        }
        None
    }

    /// That a role has to do with a rule, a notice or a limit.
    pub(super) fn works_for(&mut self, role: &RoleId, work: Option<&RuleId>) {
        self.owned.extend(work.map(|work| (role.clone(), work.clone())));
    }

    pub(super) fn mention(&mut self, span: Range<usize>, event: &str, says: Says) {
        self.mentions.push(Mention { span, event: event.to_owned(), says });
    }

    pub(super) fn matcher(&mut self, raw: &Spanned<RawMatcher>) -> Option<Matcher> {
        let RawMatcher { event, event_at, where_, date } = raw.get_ref();
        let event_at = event_at.clone().unwrap_or_else(|| raw.span());
        if [types::EVENT_RETRACTED, types::EVENT_CORRECTED].contains(&event.as_str()) {
            let message =
                format!("\"{event}\" speaks of another event: it is nothing that happens in a case");
            let finding = Finding::new(event_at.clone(), message);
            self.findings.push(finding.help("name the event it would retract or correct"));
        }
        self.mention(event_at, event, Says::Type);
        if let Some(date) = date {
            let says = Says::Field { field: date.get_ref().clone(), format: "date" };
            self.mention(date.span(), event, says);
        }
        let mut conditions = Vec::new();
        for (field, value) in where_ {
            let found = self.conditions(value)?;
            let says = Says::Conditions {
                field: field.get_ref().clone(),
                values: value.span(),
                text: self.text.get(value.span()).unwrap_or_default().to_owned(),
                conditions: found.clone(),
            };
            self.mention(field.span(), event, says);
            conditions.extend(found.into_iter().map(|condition| (field.get_ref().clone(), condition)));
        }
        Some(Matcher { event: event.as_str().into(), conditions })
    }

    /// A matcher where a date field would mean nothing.
    pub(super) fn undated(&mut self, raw: &Spanned<RawMatcher>) -> Option<Matcher> {
        if let Some(date) = &raw.get_ref().date {
            self.findings.push(
                Finding::new(date.span(), "only an anchor takes a date field").help("remove \"date\" here"),
            );
            return None;
        }
        self.matcher(raw)
    }
}
