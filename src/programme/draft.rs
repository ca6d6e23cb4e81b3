//! A programme file that was read, before anybody has compared it with the catalogue.

use std::ops::Range;

use toml::Spanned;

use super::mention::Mention;
use super::{Finding, Programme, Role, Severity};
use crate::calendar::Division;
use crate::case::{AreaId, Catalogue, ProgrammeId, RoleId, RuleId};

/// A programme file as far as it could be read, whose event types are still to be compared with the
/// catalogue.
#[derive(Debug)]
pub struct Draft {
    /// Its id, if it has one.
    pub id: Option<ProgrammeId>,
    /// The roles it names, well or badly described.
    pub roles: Vec<RoleId>,
    /// Whether others may have been named where the text could not be read.
    pub roles_lost: bool,
    /// The mail addresses that ladders name, where they stand, for the judgement of those who know mail.
    pub addresses: Vec<Spanned<String>>,
    /// The texts for people that are in English alone, where they stand, for those who know whether Welsh is asked for.
    pub untranslated: Vec<Range<usize>>,
    /// Each division it names, and where: its own and those of its areas.
    pub divisions_at: Vec<(Division, Range<usize>)>,
    /// The areas it names.
    pub areas: Vec<AreaId>,
    /// Where each role stands that rules or notices are for, for the judgement of those who know people.
    pub owners: Vec<Owner>,
    pub(super) programme: Option<Programme>,
    pub(super) mentions: Vec<Mention>,
    pub(super) findings: Vec<Finding>,
}

/// A role that must act or be told.
#[derive(Debug)]
pub struct Owner {
    /// The role.
    pub id: RoleId,
    /// What the file says of it.
    pub role: Role,
    /// Where it says so.
    pub span: Range<usize>,
    /// The rules it owns, and the notices that are for it.
    pub work: Vec<RuleId>,
}

impl Draft {
    /// Forgets what the file says of event types, if `catalogue` does not know them all; tells whether so.
    pub fn forget_unknown_types(&mut self, catalogue: &Catalogue) -> bool {
        let unknown = self.mentions.iter().any(|mention| catalogue.get(&mention.event).is_none());
        if unknown {
            self.mentions.clear();
        }
        unknown
    }

    /// The programme, whatever the catalogue of today says: for one that was judged when it was adopted.
    ///
    /// # Errors
    /// Every fault of the text.
    pub fn without_catalogue(self) -> Result<Programme, Vec<Finding>> {
        let faults: Vec<_> =
            self.findings.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
        match self.programme {
            Some(programme) if faults.is_empty() => Ok(programme),
            _ => Err(faults),
        }
    }

    /// Everything that is wrong, by `catalogue`; and the programme, if nothing of it was left out.
    #[must_use]
    pub fn check(self, catalogue: &Catalogue) -> (Option<Programme>, Vec<Finding>) {
        let of_examples = self.example_findings(catalogue);
        let mut findings = self.findings;
        let of_rules = self.mentions.iter().flat_map(|mention| mention.findings(catalogue));
        for finding in of_rules.chain(of_examples) {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        (self.programme, findings)
    }
}
