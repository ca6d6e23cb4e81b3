//! Limits across cases: at most so many open cases for one value of a field.

use super::{Basis, Matcher};
use crate::case::{RoleId, RuleId};
use crate::language::Wording;

/// A limit: how many cases of the programme may hold a place at one time under one value of a field, such as the
/// families of one foster carer.
///
/// It refuses no event: what is recorded did happen. A limit that is exceeded is shown and told until it is not.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Its id, which no rule or notice of the programme has.
    pub id: RuleId,
    /// What it limits, in a few words.
    pub title: Wording,
    /// From such an event on a case holds a place …
    pub from: Matcher,
    /// … under the value of this field of its data; it holds none where the event leaves the field out.
    pub per: String,
    /// What frees the place, besides the programme's `ends_with`.
    pub until: Vec<Matcher>,
    /// How many cases may hold a place under one value at one time; at least one.
    pub at_most: u32,
    /// Whom it tells when it is exceeded.
    pub to: Vec<RoleId>,
    /// Whether the document states the limit or we do.
    pub basis: Basis,
    /// The stage or service heading of the document.
    pub source: String,
    /// The document's words, or how they were read.
    pub reading: Option<String>,
}

impl Limit {
    /// Whether the same events give and free the same places: how many there may be, and who is told, aside.
    #[must_use]
    pub fn counts_as(&self, other: &Self) -> bool {
        self.from == other.from && self.per == other.per && self.until == other.until
    }
}
