//! Limits from the notation to the model.

use serde::Deserialize;
use toml::Spanned;

use super::mention::Says;
use super::notation::{RawBasis, RawMatcher};
use super::read::Reader;
use super::{Basis, Finding, Limit};
use crate::language::Wording;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimit {
    pub id: Spanned<String>,
    pub title: Spanned<Wording>,
    pub from: Spanned<RawMatcher>,
    pub per: Spanned<String>,
    #[serde(default)]
    pub until: Vec<Spanned<RawMatcher>>,
    pub at_most: Spanned<u32>,
    pub to: Spanned<Vec<Spanned<String>>>,
    pub basis: RawBasis,
    pub source: String,
    pub reading: Option<String>,
}

impl From<RawBasis> for Basis {
    fn from(raw: RawBasis) -> Self {
        match raw {
            RawBasis::Policy => Self::Policy,
            RawBasis::Local => Self::Local,
        }
    }
}

impl Reader {
    /// Every limit of a programme; `case_ends`: whether it names events that end a case.
    pub(super) fn limits(&mut self, raw: Vec<RawLimit>, case_ends: bool) -> Option<Vec<Limit>> {
        self.each(raw, |reader, raw| reader.limit(raw, case_ends))
    }

    fn limit(&mut self, raw: RawLimit, case_ends: bool) -> Option<Limit> {
        let id = self.parse(&raw.id);
        let at_most = self.at_most(&raw.at_most);
        if raw.to.get_ref().is_empty() {
            let finding = Finding::new(raw.to.span(), "this limit tells nobody: to is empty");
            self.findings.push(finding.help("name the roles that are told when it is exceeded"));
        }
        if raw.until.is_empty() && !case_ends {
            let finding = Finding::new(raw.id.span(), "nothing frees a place: until and ends_with are empty");
            self.findings
                .push(finding.help("add until = [\"EVENT\"], the event by which a case gives it up"));
        }
        let event = raw.from.get_ref().event.clone();
        let from = self.undated(&raw.from);
        let per = raw.per.get_ref().clone();
        self.mention(raw.per.span(), &event, Says::Value { field: per.clone() });
        let at: Vec<_> = raw.until.iter().map(Spanned::span).collect();
        let until = self.each(raw.until, |reader, matcher| reader.undated(&matcher));
        for (_, span) in until.iter().flatten().zip(at).filter(|(ending, _)| Some(*ending) == from.as_ref()) {
            let message = "this is the limit's own \"from\": it gives a place, and so frees none";
            self.findings.push(Finding::warning(span, message).help("take it out of until"));
        }
        let to = self.each(raw.to.into_inner(), |reader, role| reader.role(&role));
        for role in to.iter().flatten() {
            self.works_for(role, id.as_ref());
        }
        Some(Limit {
            id: id?,
            title: self.wording(raw.title),
            from: from?,
            per,
            until: until?,
            at_most: at_most?,
            to: to?,
            basis: raw.basis.into(),
            source: raw.source,
            reading: raw.reading,
        })
    }

    fn at_most(&mut self, raw: &Spanned<u32>) -> Option<u32> {
        let found = Some(*raw.get_ref()).filter(|at_most| *at_most > 0);
        if found.is_none() {
            let finding = Finding::new(raw.span(), "a limit of 0 would be exceeded by the first case");
            self.findings.push(finding.help("write at_most = 1 or more, or take the limit out"));
        }
        found
    }
}
