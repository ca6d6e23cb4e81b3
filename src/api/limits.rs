//! Questions about limits across cases: what is held, how much room is left, what is exceeded.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answer::{Answers, QueryError};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, EventNumber, ProgrammeId, RuleId, hint};
use crate::policy::Policies;
use crate::programme::{Limit, Policy};
use crate::schedule::{Place, Places, Tally};

/// Which limits are asked about.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsQuery {
    /// Of this programme only.
    pub programme: Option<ProgrammeId>,
    /// The date they are looked at; today, where left out.
    #[serde(default, deserialize_with = "super::days::maybe")]
    pub on: Option<CivilDate>,
    /// As known at this moment; now, where left out.
    pub known_at: Option<Instant>,
}

/// How a limit stands under one value. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitRow {
    /// The programme.
    pub programme: ProgrammeId,
    /// The limit.
    pub limit: RuleId,
    /// What it limits, in a few words.
    pub title: String,
    /// The field that names what is limited, such as `carer`.
    pub field: String,
    /// Its value; none in the one row of a limit towards which no case counts.
    pub value: Option<String>,
    /// How many cases may count at one time.
    pub at_most: u32,
    /// How many do.
    pub open: usize,
    /// How many more may.
    pub room: usize,
    /// How many too many do.
    pub over: usize,
    /// The cases that count, in the order in which they came.
    pub cases: Vec<PlaceRow>,
    /// The first of them that exceeded the limit; left out where none does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub breached_by: Option<PlaceRow>,
}

/// A case that counts towards a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRow {
    /// The case.
    pub case: CaseRef,
    /// Since which day.
    pub since: CivilDate,
    /// The number of the event by which it does.
    pub event: EventNumber,
}

impl From<&Place> for PlaceRow {
    fn from(place: &Place) -> Self {
        Self { case: place.case.clone(), since: place.since, event: place.event }
    }
}

impl LimitRow {
    fn of(programme: &ProgrammeId, limit: &Limit) -> Self {
        Self {
            programme: programme.clone(),
            limit: limit.id.clone(),
            title: limit.title.to_string(),
            field: limit.per.clone(),
            value: None,
            at_most: limit.at_most,
            open: 0,
            room: usize::try_from(limit.at_most).unwrap_or(usize::MAX),
            over: 0,
            cases: Vec::new(),
            breached_by: None,
        }
    }

    fn of_value(programme: &ProgrammeId, tally: &Tally<'_>) -> Self {
        Self {
            value: Some(tally.value.to_string()),
            open: tally.open(),
            room: tally.room(),
            over: tally.over(),
            cases: tally.places.iter().map(|place| PlaceRow::from(&**place)).collect(),
            breached_by: tally.beyond().first().map(|place| PlaceRow::from(&**place)),
            ..Self::of(programme, tally.limit)
        }
    }
}

impl Answers<'_> {
    /// Which cases count towards which limit, as known at `known_at` (now, if `None`).
    #[must_use]
    pub fn places(&self, policies: &Policies, known_at: Option<Instant>) -> Places {
        match known_at {
            None => self.records.places_by(policies),
            Some(_) => Places::of(&self.records.cases, policies, known_at),
        }
    }

    /// How the limits asked for stand, value by value: those that are exceeded first, by how much.
    ///
    /// # Errors
    /// When there is no such programme.
    pub fn limits(&self, query: &LimitsQuery) -> Result<Vec<LimitRow>, QueryError> {
        let policies = self.policies(query.known_at);
        if let Some(programme) = query.programme.as_ref().filter(|asked| !policies.contains_key(*asked)) {
            let known: Vec<_> = policies.keys().map(ProgrammeId::as_str).collect();
            let hint = hint(programme.as_str(), known.iter().copied());
            return Err(QueryError::NoProgramme { programme: programme.clone(), hint });
        }
        let places = self.places(&policies, query.known_at);
        let mut rows = Vec::new();
        let wanted =
            policies.iter().filter(|(id, _)| query.programme.as_ref().is_none_or(|asked| asked == *id));
        for (id, policy) in wanted.collect::<BTreeMap<_, _>>() {
            let on = query.on.unwrap_or_else(|| policy.newest().zone.civil_date(self.now));
            let programme = policy.on(on);
            let tallies = places.tallies(programme, on);
            for limit in &programme.limits {
                let mut of_limit: Vec<_> =
                    tallies.iter().filter(|tally| tally.limit.id == limit.id).collect();
                of_limit.sort_by_key(|tally| Reverse(tally.open()));
                if of_limit.is_empty() {
                    rows.push(LimitRow::of(id, limit));
                }
                rows.extend(of_limit.into_iter().map(|tally| LimitRow::of_value(id, tally)));
            }
        }
        rows.sort_by_key(|row| Reverse(row.over));
        Ok(rows)
    }

    /// Under how many values limits are exceeded today.
    #[must_use]
    pub fn limits_exceeded(&self) -> usize {
        self.records.exceeded(self.config, self.now).iter().map(|exceeded| exceeded.values).sum()
    }

    /// What becomes of limits from one policy to another: a line for each that changes, with how often it would be
    /// exceeded on `on`.
    pub(super) fn limits_against(&self, before: &Policies, after: &Policies, on: CivilDate) -> Vec<String> {
        let (places_before, places_after) = (self.places(before, None), self.records.places_by(after));
        let over = |places: &Places, policy: Option<&Policy>| {
            let programme = policy.map(|policy| policy.on(on));
            let tallies = programme.map(|programme| places.tallies(programme, on)).unwrap_or_default();
            let over = tallies.into_iter().filter(|tally| tally.over() > 0);
            over.map(|tally| (tally.limit.id.clone(), tally.value)).collect::<Vec<_>>()
        };
        let limits = |policy: Option<&Policy>| {
            let limits = policy.map(|policy| policy.newest().limits.clone()).unwrap_or_default();
            limits.into_iter().map(|limit| (limit.id.clone(), limit)).collect::<BTreeMap<_, _>>()
        };
        let mut lines = Vec::new();
        for id in before.keys().chain(after.keys()).collect::<std::collections::BTreeSet<_>>() {
            let (old, new) = (limits(before.get(id)), limits(after.get(id)));
            let (was, is) = (over(&places_before, before.get(id)), over(&places_after, after.get(id)));
            for limit in old.keys().chain(new.keys()).collect::<std::collections::BTreeSet<_>>() {
                if old.get(limit) == new.get(limit) {
                    continue;
                }
                let of = |all: &[(RuleId, _)]| all.iter().filter(|(found, _)| found == limit).count();
                let newly = is.iter().filter(|found| found.0 == *limit && !was.contains(found)).count();
                let words = match (old.get(limit), new.get(limit)) {
                    (None, _) => "new".to_owned(),
                    (_, None) => "gone".to_owned(),
                    (Some(old), Some(new)) if old.at_most != new.at_most => {
                        format!("at_most: {} → {}", old.at_most, new.at_most)
                    }
                    _ => "another wording, or other events".to_owned(),
                };
                let (was, is) = (of(&was), of(&is));
                lines.push(format!(
                    "{id}, {limit}: {words}; exceeded under {is} values on {on}, {newly} of them newly ({was} before)"
                ));
            }
        }
        lines
    }
}
