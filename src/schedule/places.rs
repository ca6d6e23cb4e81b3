//! Places: which cases count towards a limit, under which value, and from which day to which.
//!
//! They are kept along and not reckoned for each question, so that an append need not read every case: whoever files
//! an event says so ([`Places::heard`]), and what it may have changed is read again when somebody asks. A place knows
//! its first and its last day, so that the same places answer for every day. They are a function of the cases and
//! the policies: no snapshot holds them, since the first round of planning reads every case in any event.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};
use serde_json::Value;

use super::Tally;
use crate::calendar::{CivilDate, Instant, Zone};
use crate::case::{
    CaseFile, CaseHistory, CaseRef, Cases, EventAsRead, EventNumber, Fields, ProgrammeId, Sequence, types,
};
use crate::programme::{Limit, Matcher, Policy, Programme};

/// That a case counts towards a limit, under one value. In the order of time, then of the log: the first that are
/// as many as the limit allows keep it, the others exceed it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When the event happened that gave it.
    pub time: Instant,
    /// Where that event stands in the log.
    pub sequence: Sequence,
    /// The case.
    pub case: CaseRef,
    /// That event's number within the case.
    pub event: EventNumber,
    /// The first day.
    pub since: CivilDate,
    /// The first day on which it is held no more; none where nothing has freed it.
    pub until: Option<CivilDate>,
}

impl Place {
    /// Whether it is held on `day`.
    #[must_use]
    pub fn is_held(&self, day: CivilDate) -> bool {
        self.since <= day && self.until.is_none_or(|until| day < until)
    }
}

/// What places follow from: those of one limit in one version of a programme, or in several that say the same.
#[derive(Clone, PartialEq)]
struct Terms {
    programme: ProgrammeId,
    zone: Zone,
    ends_with: Vec<Matcher>,
    limit: Limit,
}

/// Under which terms, and which value.
type Under = (usize, Arc<str>);

/// Every place of every case. Cheap to clone.
#[derive(Clone, Default)]
pub struct Places {
    /// None where no case was read yet.
    terms: Option<Arc<[Terms]>>,
    by_case: imbl::HashMap<CaseRef, Arc<[(Under, Arc<Place>)]>>,
    by_value: imbl::OrdMap<Under, imbl::OrdSet<Arc<Place>>>,
    /// The cases of which something was heard since they were read.
    stale: imbl::HashSet<CaseRef>,
}

/// Values are data of events, and stay out of the journal.
impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Places(of {} cases)", self.by_case.len())
    }
}

impl Places {
    /// The places in `cases` by `policies`, as known at `known_at` (now, if `None`).
    #[must_use]
    pub fn of(cases: &Cases, policies: &HashMap<ProgrammeId, Policy>, known_at: Option<Instant>) -> Self {
        let terms: Arc<[Terms]> = terms(policies).into();
        let mut places = Self { terms: Some(Arc::clone(&terms)), ..Self::default() };
        if !terms.is_empty() {
            let files: Vec<&CaseFile> = cases.iter().collect();
            let read: Vec<_> =
                files.par_iter().map(|file| (file.case(), held(file, &terms, known_at))).collect();
            read.into_iter().for_each(|(case, held)| places.take(case, held));
        }
        places
    }

    /// Whether any case was read yet.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        self.terms.is_some()
    }

    /// Notes that an event of this type was filed in `case`.
    pub fn heard(&mut self, case: &CaseRef, event_type: &str) {
        let speaks = [types::CASE_OPENED, types::EVENT_RETRACTED, types::EVENT_CORRECTED];
        let named = |terms: &Terms| terms.matchers().any(|matcher| *matcher.event == *event_type);
        if let Some(terms) = &self.terms
            && !terms.is_empty()
            && (speaks.contains(&event_type) || terms.iter().any(named))
        {
            self.stale.insert(case.clone());
        }
    }

    /// Notes that `case` was erased.
    pub fn erased(&mut self, case: &CaseRef) {
        self.take(case, Vec::new());
        self.stale.remove(case);
    }

    /// Reads again what was heard of, or everything where another policy counts otherwise or nothing was read yet.
    pub fn refresh(&mut self, cases: &Cases, policies: &HashMap<ProgrammeId, Policy>) {
        let Some(terms) = self.terms.clone().filter(|known| **known == *terms(policies)) else {
            *self = Self::of(cases, policies, None);
            return;
        };
        let stale: Vec<_> = std::mem::take(&mut self.stale).into_iter().collect();
        let read = stale.into_par_iter().map(|case| {
            let held = cases.get(&case).map(|file| held(file, &terms, None)).unwrap_or_default();
            (case, held)
        });
        let read: Vec<_> = read.collect();
        read.into_iter().for_each(|(case, held)| self.take(&case, held));
    }

    /// Every value under which a case of `programme` holds a place on `day`, by limit and value.
    #[must_use]
    pub fn tallies<'p>(&self, programme: &'p Programme, day: CivilDate) -> Vec<Tally<'p>> {
        let mut tallies = Vec::new();
        for limit in &programme.limits {
            let Some(index) = self.index(programme, limit) else { continue };
            let from = (index, Arc::from(""));
            let of_limit = self.by_value.range(from..).take_while(|((found, _), _)| *found == index);
            tallies.extend(of_limit.filter_map(|((_, value), places)| tally(limit, value, places, day)));
        }
        tallies
    }

    /// The same, of those values only under which one of `cases` holds a place on `day`.
    #[must_use]
    pub fn tallies_of<'p, 'c>(
        &self,
        cases: impl IntoIterator<Item = &'c CaseRef>,
        programme: &'p Programme,
        day: CivilDate,
    ) -> Vec<Tally<'p>> {
        let held = cases.into_iter().filter_map(|case| self.by_case.get(case)).flat_map(|held| held.iter());
        let wanted: BTreeSet<&Under> =
            held.filter(|(_, place)| place.is_held(day)).map(|(under, _)| under).collect();
        let limits: Vec<_> =
            programme.limits.iter().map(|limit| (self.index(programme, limit), limit)).collect();
        let found = wanted.into_iter().filter_map(|under| {
            let (_, limit) = limits.iter().find(|(index, _)| *index == Some(under.0))?;
            tally(limit, &under.1, self.by_value.get(under)?, day)
        });
        found.collect()
    }

    fn index(&self, programme: &Programme, limit: &Limit) -> Option<usize> {
        let is = |terms: &Terms| {
            terms.are_of(programme) && terms.limit.id == limit.id && terms.limit.counts_as(limit)
        };
        self.terms.as_ref()?.iter().position(is)
    }

    /// Puts what a case holds in the place of what it held.
    fn take(&mut self, case: &CaseRef, held: Vec<(Under, Arc<Place>)>) {
        for (under, place) in self.by_case.remove(case).iter().flat_map(|held| held.iter()) {
            if let Some(places) = self.by_value.get_mut(under) {
                places.remove(place);
                if places.is_empty() {
                    self.by_value.remove(under);
                }
            }
        }
        if held.is_empty() {
            return;
        }
        for (under, place) in &held {
            self.by_value.entry(under.clone()).or_default().insert(Arc::clone(place));
        }
        self.by_case.insert(case.clone(), held.into());
    }
}

impl Terms {
    fn are_of(&self, programme: &Programme) -> bool {
        self.programme == programme.id && self.zone == programme.zone && self.ends_with == programme.ends_with
    }

    fn matchers(&self) -> impl Iterator<Item = &Matcher> {
        self.limit.until.iter().chain(&self.ends_with).chain([&self.limit.from])
    }

    /// The places of a case by these terms: the value of each, and it.
    fn places(&self, history: &CaseHistory, known_at: Option<Instant>) -> Vec<(Arc<str>, Place)> {
        let is = |matcher: &Matcher, event: &EventAsRead<'_>| {
            *matcher.event == *event.event_type() && matcher.holds(event.data)
        };
        let mut places: Vec<(Arc<str>, Place)> = Vec::new();
        for event in history.read(known_at, self.zone) {
            let gives = is(&self.limit.from, &event);
            if !gives && !self.limit.until.iter().chain(&self.ends_with).any(|ending| is(ending, &event)) {
                continue;
            }
            let value = value(event.data, &self.limit.per).filter(|_| gives);
            let last = places.last_mut().filter(|(_, place)| place.until.is_none());
            match (last, value) {
                // Named again, the place goes on.
                (Some((before, _)), Some(value)) if **before == *value => {}
                (last, value) => {
                    if let Some((_, last)) = last {
                        last.until = Some(event.date);
                    }
                    places.extend(value.map(|value| (value.into(), place(history.case(), &event))));
                }
            }
        }
        // What was freed on its first day was held on none.
        places.retain(|(_, place)| place.until != Some(place.since));
        places
    }
}

fn place(case: &CaseRef, event: &EventAsRead<'_>) -> Place {
    Place {
        time: event.time,
        sequence: event.recorded.sequence,
        case: case.clone(),
        event: event.number(),
        since: event.date,
        until: None,
    }
}

/// The value of a field as text; none of a list or an object.
fn value(data: Fields<'_>, field: &str) -> Option<String> {
    match data.get(field)? {
        Value::String(text) => Some(text.clone()),
        value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
        _ => None,
    }
}

/// The terms of every limit of every version, each once.
fn terms(policies: &HashMap<ProgrammeId, Policy>) -> Vec<Terms> {
    let mut found: Vec<Terms> = Vec::new();
    for version in policies.values().flat_map(Policy::versions) {
        let programme = &version.programme;
        for limit in &programme.limits {
            let known = |terms: &Terms| {
                terms.are_of(programme) && terms.limit.id == limit.id && terms.limit.counts_as(limit)
            };
            if !found.iter().any(known) {
                let (zone, ends_with) = (programme.zone, programme.ends_with.clone());
                found.push(Terms { programme: programme.id.clone(), zone, ends_with, limit: limit.clone() });
            }
        }
    }
    found.sort_by(|a, b| a.programme.cmp(&b.programme));
    found
}

/// What a case holds.
fn held(file: &CaseFile, terms: &[Terms], known_at: Option<Instant>) -> Vec<(Under, Arc<Place>)> {
    let ours: Vec<_> =
        terms.iter().enumerate().filter(|(_, terms)| terms.programme == *file.programme()).collect();
    if ours.is_empty() || file.erased().is_some() {
        return Vec::new();
    }
    let history = file.history();
    let held = ours.into_iter().flat_map(|(index, terms)| {
        let places = terms.places(&history, known_at);
        places.into_iter().map(move |(value, place)| ((index, value), Arc::new(place)))
    });
    held.collect()
}

fn tally<'p>(
    limit: &'p Limit,
    value: &Arc<str>,
    places: &imbl::OrdSet<Arc<Place>>,
    day: CivilDate,
) -> Option<Tally<'p>> {
    let places: Vec<_> = places.iter().filter(|place| place.is_held(day)).cloned().collect();
    (!places.is_empty()).then(|| Tally { limit, value: Arc::clone(value), places })
}
