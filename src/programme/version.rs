//! A policy through time: the versions of a programme that were adopted, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Programme, Rule};
use crate::calendar::{Calendar, Calendars, CivilDate, Instant};
use crate::case::{AreaId, RuleId};

/// Which series a new version of a programme governs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppliesTo {
    /// Those that begin from its first day on; earlier ones keep the version they began under.
    #[default]
    New,
    /// Those too in which something may still be asked for by then: not ended, not run out, not done.
    Open,
}

/// A programme as it was adopted.
#[derive(Debug, Clone)]
pub struct Version {
    /// 1 for the first that was adopted.
    pub number: u32,
    /// The rules.
    pub programme: Arc<Programme>,
    /// Its first day; the first version answers for all that came before it and has none.
    pub effective_from: Option<CivilDate>,
    /// Which series it governs.
    pub applies_to: AppliesTo,
    /// When it was adopted.
    pub adopted: Instant,
    /// The SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}

/// Two versions are equal when they were adopted as the same text in the same way.
impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        let said =
            |version: &Self| (version.number, version.effective_from, version.applies_to, version.adopted);
        said(self) == said(other) && self.sha256 == other.sha256
    }
}

impl Version {
    /// Whether it is in force on `day`.
    #[must_use]
    pub fn is_in_force(&self, day: CivilDate) -> bool {
        self.effective_from.is_none_or(|from| from <= day)
    }
}

/// The versions of a programme with the calendars they run by.
#[derive(Debug, Clone)]
pub struct Policy {
    versions: Vec<Arc<Version>>,
    lineages: Vec<Lineage>,
    calendar: Arc<Calendar>,
    areas: BTreeMap<AreaId, Arc<Calendar>>,
}

/// One rule through the versions: each stretch over which its dates follow from the same terms.
#[derive(Debug, Clone)]
pub(crate) struct Lineage {
    pub(crate) stretches: Vec<Stretch>,
    /// The place of the rule in each version.
    places: Vec<Option<usize>>,
}

/// A rule from one version to the next that changes its terms.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    /// Its first day; from the beginning where there is none.
    pub(crate) from: Option<CivilDate>,
    /// Whether it governs series, too, that had not ended by that day.
    pub(crate) open: bool,
    /// The version, and the place of the rule in it; no place where that version has it no more.
    version: usize,
    rule: Option<usize>,
}

impl Policy {
    /// A policy of one version, which answers for all time; `None` where `calendars` has none for it.
    #[must_use]
    pub fn new(programme: Arc<Programme>, calendars: &Calendars) -> Option<Self> {
        let version = Version {
            number: 1,
            programme,
            effective_from: None,
            applies_to: AppliesTo::New,
            adopted: Instant::default(),
            sha256: String::new(),
        };
        Self::of(vec![Arc::new(version)], calendars)
    }

    /// The policy of these versions, in the order of their adoption; `None` where there is none, or `calendars`
    /// has none for the newest. One that a later one forestalled, from the same day or an earlier one on, was
    /// withdrawn before it was in force.
    #[must_use]
    pub fn of(versions: Vec<Arc<Version>>, calendars: &Calendars) -> Option<Self> {
        let calendar = Arc::clone(calendars.of(versions.last()?.programme.division)?);
        // A case keeps the area it was opened in when a later version has it no more.
        let areas = versions.iter().flat_map(|version| &version.programme.areas);
        let areas =
            areas.filter_map(|(area, division)| Some((area.clone(), Arc::clone(calendars.of(*division)?))));
        let areas = areas.collect();
        let mut standing: Vec<Arc<Version>> = Vec::with_capacity(versions.len());
        for version in versions {
            standing.retain(|before| before.effective_from < version.effective_from);
            standing.push(version);
        }
        let versions = standing;
        Some(Self { lineages: lineages(&versions), versions, calendar, areas })
    }

    /// The same with these rules only.
    #[must_use]
    pub fn only(&self, rules: &BTreeSet<RuleId>) -> Self {
        let mut part = self.clone();
        part.lineages.retain(|lineage| {
            let id =
                lineage.stretches.iter().find_map(|stretch| self.rule_of(stretch)).map(|(_, rule)| &rule.id);
            id.is_some_and(|id| rules.contains(id))
        });
        part
    }

    /// The working days of a case of this area; those of the programme's own division where it is of none, or of
    /// one that no version has.
    #[must_use]
    pub fn calendar(&self, area: Option<&str>) -> &Calendar {
        area.and_then(|area| self.areas.get(area)).unwrap_or(&self.calendar)
    }

    /// Every calendar that it runs by: the programme's own, then each area's.
    pub fn calendars(&self) -> impl Iterator<Item = &Arc<Calendar>> {
        std::iter::once(&self.calendar).chain(self.areas.values())
    }

    /// Every version that is or will be in force, in the order of adoption and of their first days.
    #[must_use]
    pub fn versions(&self) -> &[Arc<Version>] {
        &self.versions
    }

    /// The version in force on `day`: the last adopted of those that have begun by then.
    #[must_use]
    pub fn version_on(&self, day: CivilDate) -> &Version {
        let found = self.versions.get(self.place_on(day));
        found.unwrap_or_else(|| unreachable!("a policy has a version"))
    }

    fn place_on(&self, day: CivilDate) -> usize {
        self.versions.iter().rposition(|version| version.is_in_force(day)).unwrap_or(0)
    }

    /// The programme in force on `day`: its wording, ladders, roles and notices.
    #[must_use]
    pub fn on(&self, day: CivilDate) -> &Programme {
        &self.version_on(day).programme
    }

    /// The programme that was adopted last, be it in force yet or not.
    #[must_use]
    pub fn newest(&self) -> &Programme {
        let newest = self.versions.last().unwrap_or_else(|| unreachable!("a policy has a version"));
        &newest.programme
    }

    /// The rule of this id, by the newest version that has it.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.versions.iter().rev().find_map(|version| version.programme.rule(id))
    }

    /// The version that a rule of this policy stands in; for one whose terms went on unchanged, the first.
    #[must_use]
    pub fn version_of(&self, rule: &Rule) -> Option<&Version> {
        let has =
            |version: &&Arc<Version>| version.programme.rules.iter().any(|known| std::ptr::eq(known, rule));
        self.versions.iter().find(has).map(|version| &**version)
    }

    /// Each rule through the versions: those of the newest in its order, then those it has no more.
    pub(crate) fn lineages(&self) -> &[Lineage] {
        &self.lineages
    }

    /// A rule through the versions.
    pub(crate) fn lineage(&self, rule: &str) -> Option<&Lineage> {
        self.lineages.iter().find(|lineage| {
            let found = lineage.stretches.iter().find_map(|stretch| self.rule_of(stretch));
            found.is_some_and(|(_, found)| found.id.as_str() == rule)
        })
    }

    /// A rule as it is worded on `day`; `None` where the version in force then has it no more.
    pub(crate) fn worded(&self, lineage: &Lineage, day: CivilDate) -> Option<&Rule> {
        let version = self.place_on(day);
        self.versions.get(version)?.programme.rules.get((*lineage.places.get(version)?)?)
    }

    /// The rule of a stretch and the programme it stands in; `None` where it was dropped.
    pub(crate) fn rule_of(&self, stretch: &Stretch) -> Option<(&Programme, &Rule)> {
        let programme = &self.versions.get(stretch.version)?.programme;
        Some((programme, programme.rules.get(stretch.rule?)?))
    }
}

fn lineages<V: std::borrow::Borrow<Version>>(versions: &[V]) -> Vec<Lineage> {
    let mut places: BTreeMap<&RuleId, usize> = BTreeMap::new();
    let mut ids = Vec::new();
    for version in versions.iter().rev() {
        for rule in &version.borrow().programme.rules {
            places.entry(&rule.id).or_insert_with(|| {
                ids.push(&rule.id);
                ids.len()
            });
        }
    }
    ids.into_iter().map(|id| lineage(id, versions)).collect()
}

fn lineage<V: std::borrow::Borrow<Version>>(id: &RuleId, versions: &[V]) -> Lineage {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut places = Vec::new();
    let mut before: Option<(&Programme, Option<&Rule>)> = None;
    for (index, version) in versions.iter().map(std::borrow::Borrow::borrow).enumerate() {
        let programme = &*version.programme;
        let rule = programme.rules.iter().position(|rule| rule.id == *id);
        let found = rule.and_then(|place| programme.rules.get(place));
        places.push(rule);
        let open = version.applies_to == AppliesTo::Open;
        let same = before.is_some_and(|before| same_terms(before, (programme, found)));
        // An edit that changes no term begins nothing, unless it reaches further than the one before it.
        let reaches = stretches.last().is_none_or(|last| open && !last.open && last.from.is_some());
        if !same || reaches {
            stretches.push(Stretch { from: version.effective_from, open, version: index, rule });
        }
        before = Some((programme, found));
    }
    Lineage { stretches, places }
}

/// Whether two versions give a rule the same dates and the same owner, whatever they call it.
fn same_terms(a: (&Programme, Option<&Rule>), b: (&Programme, Option<&Rule>)) -> bool {
    match (a.1, b.1) {
        (None, None) => true,
        (Some(one), Some(two)) => one.has_terms_of(two) && a.0.ends_with == b.0.ends_with,
        _ => false,
    }
}
