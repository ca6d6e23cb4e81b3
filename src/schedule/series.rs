//! Series: a rule meets an anchor (`semantics` §2 and §3).

use super::shape::once;
use super::{CaseView, Done, End, EndCause};
use crate::calendar::{Calendar, CivilDate, Period};
use crate::case::{EventAsRead, EventNumber};
use crate::programme::{Every, Lineage, Policy, Programme, Rule, Shape, Stretch, Unless};

/// One series of a rule in a case.
pub(super) struct Series<'a, 'p> {
    /// The rule, by the version that governs the series.
    pub rule: &'p Rule,
    pub anchor: EventAsRead<'a>,
    pub anchor_date: CivilDate,
    pub start: CivilDate,
    pub counting_from: CivilDate,
    pub counting_event: Option<EventNumber>,
    pub end: Option<End>,
    /// The completions that count for it, oldest first.
    pub completions: Vec<Done>,
}

impl Series<'_, '_> {
    /// Whether something may still be asked for on `day`: the series has not ended, its time has not run out,
    /// and what it asks for once was not done before.
    fn is_open_on(&self, day: CivilDate, calendar: &Calendar) -> bool {
        let over = match &self.rule.shape {
            Shape::Once { due, opens } => once(*due, *opens, self, calendar)
                .is_none_or(|slot| slot.done.is_some_and(|done| done.on < day)),
            Shape::Windows { for_, .. } | Shape::Interval { for_, .. } => {
                let last = for_.and_then(|for_| calendar.add(self.start, for_, 1));
                last.is_some_and(|last| last < day)
            }
        };
        !over && self.end.is_none_or(|end| end.on >= day)
    }
}

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
            |series: &Series<'_, '_>| stretch.from.is_none_or(|from| series.is_open_on(from, calendar));
        match &series {
            Some(before) if !is_open(before) => {}
            Some(_) => series = build(terms),
            None => series = build(terms).filter(is_open),
        }
    }
    series
}

/// The terms of a rule in one version, and the places of the events in the case that they name.
struct Terms<'p> {
    rule: &'p Rule,
    calendar: &'p Calendar,
    anchors: Vec<usize>,
    endings: Vec<usize>,
    completions: Vec<usize>,
    counted: Vec<usize>,
}

impl<'p> Terms<'p> {
    /// `None` where the version has no such rule.
    fn new(
        rule: Option<(&'p Programme, &'p Rule)>,
        calendar: &'p Calendar,
        view: &CaseView<'_>,
    ) -> Option<Self> {
        let (programme, rule) = rule?;
        let anchors = view.matching([&rule.anchor.event]);
        if anchors.is_empty() {
            return None;
        }
        Some(Self {
            rule,
            calendar,
            anchors,
            endings: view.matching(rule.until.iter().chain(&programme.ends_with)),
            completions: view.matching(&rule.done_by),
            counted: rule.counts_from.as_ref().map(|from| view.matching([from])).unwrap_or_default(),
        })
    }

    /// The series that the event at `place` starts by these terms, superseded by the one at `next`.
    fn series<'a>(&self, place: usize, next: Option<usize>, view: &CaseView<'a>) -> Option<Series<'a, 'p>> {
        let rule = self.rule;
        self.anchors.binary_search(&place).ok()?;
        if rule.unless.as_ref().is_some_and(|unless| suppressed_by(unless, place, view).is_some()) {
            return None;
        }
        let anchor = *view.event(place)?;
        let anchor_date = anchor_date(rule, &anchor);
        let ended_by = self.endings.iter().copied().find(|ending| *ending > place);
        let counting = self.counted.iter().copied().take_while(|from| *from <= place).last();
        let counting = counting.and_then(|place| view.event(place));
        let counting_from = counting.map_or(anchor.date, |event| event.date);
        let end = end(view, next, ended_by);
        let completions = self
            .completions
            .iter()
            .filter(|completion| **completion != place)
            .filter_map(|completion| view.event(*completion))
            .filter(|event| event.date >= counting_from && end.is_none_or(|end| event.date <= end.on))
            .map(|event| Done { event: event.number(), on: event.date })
            .collect();
        Some(Series {
            rule,
            anchor,
            anchor_date,
            start: self.calendar.shift(anchor_date, rule.offset)?,
            counting_from,
            counting_event: counting.map(EventAsRead::number),
            end,
            completions,
        })
    }
}

/// The date field the rule names, where the event has it; else the event's own date.
fn anchor_date(rule: &Rule, anchor: &EventAsRead<'_>) -> CivilDate {
    let field = rule.anchor.date.as_deref().and_then(|field| anchor.data.text(field));
    field.and_then(|text| text.parse().ok()).unwrap_or(anchor.date)
}

/// The event `since`, where it happened before the anchor and `before` not in between (`semantics` §8).
pub(super) fn suppressed_by<'v, 'a>(
    unless: &Unless,
    anchor: usize,
    view: &'v CaseView<'a>,
) -> Option<&'v EventAsRead<'a>> {
    let latest = |matcher| view.matching([matcher]).into_iter().take_while(|place| *place < anchor).last();
    let since = latest(&unless.since)?;
    let lifted = latest(&unless.before).is_some_and(|before| before >= since);
    if lifted { None } else { view.event(since) }
}

/// The earlier of the two ends; where one event is both, it supersedes.
fn end(view: &CaseView<'_>, superseded_by: Option<usize>, ended_by: Option<usize>) -> Option<End> {
    let (place, cause) = match (superseded_by, ended_by) {
        (Some(next), Some(ending)) if ending < next => (ending, EndCause::Ended),
        (Some(next), _) => (next, EndCause::Superseded),
        (None, Some(ending)) => (ending, EndCause::Ended),
        (None, None) => return None,
    };
    view.event(place).map(|event| End { event: event.number(), on: event.date, cause })
}

/// The period P of a series: the rule's, or the one its anchor's data states.
pub(super) fn period(every: &Every, anchor: &EventAsRead<'_>) -> Option<Period> {
    match every {
        Every::Period(period) => Some(*period),
        Every::Field(field) => {
            anchor.data.text(field)?.parse().ok().filter(|period: &Period| !period.is_zero())
        }
    }
}
