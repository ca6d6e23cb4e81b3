//! What was adopted, as the log's facts add up.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Offices, Origin, PolicyFact};
use crate::calendar::{BankHolidays, Calendars, Instant};
use crate::case::{CaseRef, ProgrammeId};
use crate::programme::{Policy, Version};
use crate::schedule::Change;

/// Each programme's policy.
pub type Policies = HashMap<ProgrammeId, Policy>;

/// Every version that was ever adopted, cheap to clone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Adopted {
    books: Arc<Books>,
    moved: imbl::HashMap<CaseRef, imbl::Vector<Arc<Moved>>>,
    /// Every fact as it came, but what was said of erased cases.
    facts: imbl::Vector<(Instant, Arc<PolicyFact>)>,
    current: Current,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Books {
    programmes: BTreeMap<ProgrammeId, Vec<Arc<Version>>>,
    calendars: Vec<(Instant, Arc<BankHolidays>)>,
    offices: Vec<(Instant, Arc<Offices>)>,
}

/// What follows from the books, kept because it is asked for all the time.
#[derive(Debug, Clone, Default)]
struct Current(Arc<Policies>);

impl PartialEq for Current {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Obligations of a case that an adoption moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// When.
    pub recorded: Instant,
    /// By what.
    pub because: Origin,
    /// Which, from and to.
    pub changes: Vec<Change>,
}

/// Whether something was recorded by `known_at`.
fn known(recorded: Instant, known_at: Option<Instant>) -> bool {
    known_at.is_none_or(|limit| recorded <= limit)
}

/// The newest of `all` that was known; the first answers for what came before it.
fn as_known<T>(all: &[(Instant, Arc<T>)], known_at: Option<Instant>) -> Option<&Arc<T>> {
    all.iter().rfind(|(recorded, _)| known(*recorded, known_at)).or(all.first()).map(|(_, found)| found)
}

impl Adopted {
    /// Takes one more fact. Cannot fail: what was adopted can be read.
    pub fn apply(&mut self, fact: &PolicyFact, recorded: Instant) {
        self.facts.push_back((recorded, Arc::new(fact.clone())));
        match fact {
            PolicyFact::ProgrammeAdopted { programme, version, effective_from, applies_to, text, sha256 } => {
                let version = Version {
                    number: *version,
                    programme: Arc::clone(text.programme()),
                    effective_from: *effective_from,
                    applies_to: *applies_to,
                    adopted: recorded,
                    sha256: sha256.clone(),
                };
                let books = Arc::make_mut(&mut self.books);
                books.programmes.entry(programme.clone()).or_default().push(Arc::new(version));
            }
            PolicyFact::CalendarAdopted { bank_holidays, .. } => {
                let books = Arc::make_mut(&mut self.books);
                books.calendars.push((recorded, Arc::new(bank_holidays.clone())));
            }
            PolicyFact::PeopleAdopted(offices) => {
                Arc::make_mut(&mut self.books).offices.push((recorded, Arc::new(offices.clone())));
                return;
            }
            PolicyFact::DatesMoved { case, because, changes } => {
                let moved = Moved { recorded, because: because.clone(), changes: changes.clone() };
                self.moved.entry(case.clone()).or_default().push_back(Arc::new(moved));
                return;
            }
        }
        self.current = Current(Arc::new(self.reckon(None)));
    }

    /// Every fact with the moment it was recorded, but what was said of erased cases.
    pub fn facts(&self) -> impl Iterator<Item = (Instant, &PolicyFact)> {
        self.facts.iter().map(|(recorded, fact)| (*recorded, &**fact))
    }

    /// Forgets what was said of a case.
    pub fn erase(&mut self, case: &CaseRef) {
        self.moved.remove(case);
        self.facts
            .retain(|(_, fact)| !matches!(&**fact, PolicyFact::DatesMoved { case: of, .. } if of == case));
    }

    /// Whether nothing was adopted yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.books.programmes.is_empty()
    }

    /// Every programme's policy, as known at `known_at` (now, if `None`).
    #[must_use]
    pub fn policies(&self, known_at: Option<Instant>) -> Arc<Policies> {
        match known_at {
            None => Arc::clone(&self.current.0),
            Some(_) => Arc::new(self.reckon(known_at)),
        }
    }

    fn reckon(&self, known_at: Option<Instant>) -> Policies {
        let Some(holidays) = as_known(&self.books.calendars, known_at) else { return Policies::new() };
        let calendars = Calendars::new(holidays);
        let policies = self.books.programmes.iter().filter_map(|(id, versions)| {
            let (first, rest) = versions.split_first()?;
            let later = rest.iter().filter(|version| known(version.adopted, known_at));
            let versions: Vec<_> = [first].into_iter().chain(later).cloned().collect();
            Some((id.clone(), Policy::of(versions, &calendars)?))
        });
        policies.collect()
    }

    /// The versions of every programme, in the order of adoption.
    pub fn versions(&self) -> impl Iterator<Item = (&ProgrammeId, &[Arc<Version>])> {
        self.books.programmes.iter().map(|(id, versions)| (id, versions.as_slice()))
    }

    /// The newest version of a programme.
    #[must_use]
    pub fn newest(&self, programme: &ProgrammeId) -> Option<&Version> {
        self.books.programmes.get(programme)?.last().map(|version| &**version)
    }

    /// The bank holidays in force, and how often they were adopted.
    #[must_use]
    pub fn bank_holidays(&self) -> Option<(&BankHolidays, usize)> {
        self.books.calendars.last().map(|(_, holidays)| (&**holidays, self.books.calendars.len()))
    }

    /// Who held which office, as known at `known_at` (now, if `None`).
    #[must_use]
    pub fn offices(&self, known_at: Option<Instant>) -> Option<&Offices> {
        as_known(&self.books.offices, known_at).map(|offices| &**offices)
    }

    /// What adoptions moved in a case, oldest first.
    pub fn moved(&self, case: &CaseRef) -> impl Iterator<Item = &Moved> {
        self.moved.get(case).into_iter().flatten().map(|moved| &**moved)
    }
}
