//! Series: a rule meets an anchor (`semantics` §2 and §3).

use super::{CaseView, Done, End, EndCause};
use crate::calendar::{Calendar, CivilDate, Period};
use crate::case::{EventAsRead, EventNumber};
use crate::programme::{Every, Programme, Rule, Unless};

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

/// The terms of a rule in one version, and the places of the events in the case that they name.
pub(super) struct Terms<'p> {
    rule: &'p Rule,
    calendar: &'p Calendar,
    /// The places of the events that start a series.
    pub anchors: Vec<usize>,
    endings: Vec<usize>,
    completions: Vec<usize>,
    counted: Vec<usize>,
}

impl<'p> Terms<'p> {
    /// `None` where the version has no such rule.
    pub(super) fn new(
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
    pub(super) fn series<'a>(
        &self,
        place: usize,
        next: Option<usize>,
        view: &CaseView<'a>,
    ) -> Option<Series<'a, 'p>> {
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
