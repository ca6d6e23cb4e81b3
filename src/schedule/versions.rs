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
    let begun = |stretch: &&Stretch| stretch.from.is_none_or(|from| from <= view.on());
    let stretches = lineage.stretches.iter().filter(begun);
    let versions: Vec<_> = stretches
        .map(|stretch| (stretch, Terms::new(policy.rule_of(stretch), policy.calendar(), view)))
        .collect();
    let anchors = anchors(&versions, view);
    let next = anchors.iter().skip(1).map(|place| Some(*place)).chain([None]);
    let calendar = policy.calendar();
    let anchors = anchors.iter().copied().zip(next);
    anchors.filter_map(|anchor| governed(&versions, anchor, calendar, view)).collect()
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
    (place, next): (usize, Option<usize>),
    calendar: &Calendar,
    view: &CaseView<'a>,
) -> Option<Series<'a, 'p>> {
    let mut later = versions.iter().skip(begins_under(versions, place, view));
    let build = |terms: &Option<Terms<'p>>| terms.as_ref()?.series(place, next, view);
    let mut series = later.next().and_then(|(_, terms)| build(terms));
    for (stretch, terms) in later.filter(|(stretch, _)| stretch.open) {
        let is_open =
            |series: &Series<'_, '_>| stretch.from.is_none_or(|from| is_open_on(series, from, calendar));
        match &series {
            Some(before) if !is_open(before) => {}
            Some(_) => series = build(terms),
            None => series = build(terms).filter(is_open),
        }
    }
    series
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
