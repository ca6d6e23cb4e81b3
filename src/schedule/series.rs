//! Series: a rule meets an anchor (`semantics` §2 and §3).

use super::{CaseView, Done, End, EndCause};
use crate::calendar::{Calendar, CivilDate, Period};
use crate::case::{EventAsRead, EventNumber};
use crate::programme::{Every, Programme, Rule, Unless};

/// One series of a rule in a case.
pub(super) struct Series<'a> {
    pub anchor: EventAsRead<'a>,
    pub anchor_date: CivilDate,
    pub start: CivilDate,
    pub counting_from: CivilDate,
    pub counting_event: Option<EventNumber>,
    pub end: Option<End>,
    /// The completions that count for it, oldest first.
    pub completions: Vec<Done>,
}

/// The series of `rule` in the case, one for each anchor event.
pub(super) fn series<'a>(
    rule: &Rule,
    programme: &Programme,
    calendar: &Calendar,
    view: &CaseView<'a>,
) -> Vec<Series<'a>> {
    let anchors = view.matching([&rule.anchor.event]);
    if anchors.is_empty() {
        return Vec::new();
    }
    let endings = view.matching(rule.until.iter().chain(&programme.ends_with));
    let completions = view.matching(&rule.done_by);
    let counted = rule.counts_from.as_ref().map(|from| view.matching([from])).unwrap_or_default();
    let next = anchors.iter().skip(1).map(|place| Some(*place)).chain([None]);
    anchors
        .iter()
        .zip(next)
        .filter(|(place, _)| !rule.unless.as_ref().is_some_and(|unless| suppressed(unless, **place, view)))
        .filter_map(|(&place, superseded_by)| {
            let anchor = *view.event(place)?;
            let anchor_date = anchor_date(rule, &anchor);
            let ended_by = endings.iter().copied().find(|ending| *ending > place);
            let counting =
                counted.iter().copied().take_while(|from| *from <= place).last().and_then(|p| view.event(p));
            let counting_from = counting.map_or(anchor.date, |event| event.date);
            let end = end(view, superseded_by, ended_by);
            let completions = completions
                .iter()
                .filter(|completion| **completion != place)
                .filter_map(|completion| view.event(*completion))
                .filter(|event| event.date >= counting_from && end.is_none_or(|end| event.date <= end.on))
                .map(|event| Done { event: event.number(), on: event.date })
                .collect();
            Some(Series {
                anchor,
                anchor_date,
                start: calendar.shift(anchor_date, rule.offset)?,
                counting_from,
                counting_event: counting.map(EventAsRead::number),
                end,
                completions,
            })
        })
        .collect()
}

/// The date field the rule names, where the event has it; else the event's own date.
fn anchor_date(rule: &Rule, anchor: &EventAsRead<'_>) -> CivilDate {
    let field = rule.anchor.date.as_deref().and_then(|field| anchor.data.text(field));
    field.and_then(|text| text.parse().ok()).unwrap_or(anchor.date)
}

/// Whether `since` happened before the anchor and `before` not in between (`semantics` §8).
fn suppressed(unless: &Unless, anchor: usize, view: &CaseView<'_>) -> bool {
    let latest = |matcher| view.matching([matcher]).into_iter().take_while(|place| *place < anchor).last();
    match (latest(&unless.since), latest(&unless.before)) {
        (Some(since), Some(before)) => before < since,
        (since, _) => since.is_some(),
    }
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
