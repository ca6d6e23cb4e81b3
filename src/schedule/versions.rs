//! Which version of a programme governs which series.

use super::CaseView;
use super::series::{Series, Terms};
use super::shape::once;
use crate::calendar::{Calendar, CivilDate};
use crate::programme::{Lineage, Policy, Shape, Stretch};

/// The series of one rule in the case, one for each anchor event, each by the version that governs it on
/// the day of the view.
pub(super) fn series<'a, 'p>(
    lineage: &'p Lineage,
    policy: &'p Policy,
    view: &CaseView<'a>,
) -> Vec<Series<'a, 'p>> {
    let calendar = policy.calendar(view.area());
    let begun = |stretch: &&Stretch| stretch.from.is_none_or(|from| from <= view.on());
    let stretches = lineage.stretches.iter().filter(begun);
    let versions: Vec<_> =
        stretches.map(|stretch| (stretch, Terms::new(policy.rule_of(stretch), calendar, view))).collect();
    let anchors = anchors(&versions, view);
    anchors.iter().filter_map(|place| governed(&versions, *place, &anchors, calendar, view)).collect()
}

/// A version of a rule, and what its terms find in the case; nothing where it was dropped.
type InVersion<'p> = (&'p Stretch, Option<Terms<'p>>);

/// The events that start a series of the rule under any version that could govern it.
fn anchors(versions: &[InVersion<'_>], view: &CaseView<'_>) -> Vec<usize> {
    if let [(_, only)] = versions {
        return only.as_ref().map(|terms| terms.anchors.clone()).unwrap_or_default();
    }
    let mut all = Vec::new();
    for (index, (stretch, terms)) in versions.iter().enumerate() {
        let reached = |place: &usize| stretch.open || begins_under(versions, *place, view) == index;
        all.extend(terms.iter().flat_map(|terms| terms.anchors.iter().copied()).filter(reached));
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The version under which a series of this anchor event begins: the last adopted that was in force by its
/// date; the first answers for what came before it.
fn begins_under(versions: &[InVersion<'_>], place: usize, view: &CaseView<'_>) -> usize {
    let date = view.event(place).map(|event| event.date);
    versions.iter().rposition(|(stretch, _)| stretch.from.is_none_or(|from| date >= Some(from))).unwrap_or(0)
}

/// The series of the anchor event at `place`, by the version it began under and by each later one that
/// also governs what had not ended when it came into force.
fn governed<'a, 'p>(
    versions: &[InVersion<'p>],
    place: usize,
    anchors: &[usize],
    calendar: &Calendar,
    view: &CaseView<'a>,
) -> Option<Series<'a, 'p>> {
    let base = begins_under(versions, place, view);
    let build = |index: usize| {
        let (_, terms) = versions.get(index)?;
        terms.as_ref()?.series(place, superseded_at(versions, index, place, anchors, view), view)
    };
    let mut series = build(base);
    let later = versions.iter().enumerate().skip(base + 1);
    for (index, (stretch, _)) in later.filter(|(_, (stretch, _))| stretch.open) {
        let is_open =
            |series: &Series<'_, '_>| stretch.from.is_none_or(|from| is_open_on(series, from, calendar));
        match &series {
            Some(before) if !is_open(before) => {}
            Some(_) => series = build(index),
            None => series = build(index).filter(is_open),
        }
    }
    series
}

/// The next later anchor event of a series that the version at `index` governs: by that version as long as it
/// is in force, by a later one from its first day on.
fn superseded_at(
    versions: &[InVersion<'_>],
    index: usize,
    place: usize,
    anchors: &[usize],
    view: &CaseView<'_>,
) -> Option<usize> {
    let anchors_by = |index: usize, place: usize| {
        let terms = versions.get(index).and_then(|(_, terms)| terms.as_ref());
        terms.is_some_and(|terms| terms.anchors.binary_search(&place).is_ok())
    };
    let later = anchors.iter().copied().filter(|later| *later > place);
    later.into_iter().find(|later| anchors_by(begins_under(versions, *later, view).max(index), *later))
}

/// Whether something may still be asked for on `day`: the series has not ended, its time has not run out, and
/// what it asks for once was not done before.
fn is_open_on(series: &Series<'_, '_>, day: CivilDate, calendar: &Calendar) -> bool {
    let over = match &series.rule.shape {
        Shape::Once { due, opens } => once(*due, *opens, series, calendar)
            .is_none_or(|slot| slot.done.is_some_and(|done| done.on < day)),
        Shape::Windows { for_, .. } | Shape::Interval { for_, .. } => {
            let last = for_.and_then(|for_| calendar.add(series.start, for_, 1));
            last.is_some_and(|last| last < day)
        }
    };
    !over && series.end.is_none_or(|end| end.on >= day)
}
