//! What a case adds to the outcomes of its programme.

use std::cmp::Ordering;

use serde_json::Value;

use super::reckon::{Seen, days};
use super::tally::{Moved, Supported, Tally, Transitions};
use crate::calendar::CivilDate;
use crate::case::EventAsRead;
use crate::programme::{Better, Headcount, Matcher, Movement, Programme, Support, Transition};
use crate::schedule::CaseView;

/// Counts the case under everything that its programme wants counted.
pub(super) fn count(seen: &Seen<'_, '_>, tally: &mut Tally<'_>) {
    let programme = seen.policy.on(seen.period.to);
    if let Some(transition) = &programme.outcomes.transition {
        transitions(seen, transition, &mut tally.transition);
    }
    if let Some(support) = &programme.outcomes.support {
        supported(seen, support, &mut tally.support);
    }
    for (movement, moved) in programme.outcomes.movements.iter().zip(&mut tally.movements) {
        movement_of(seen, movement, moved);
    }
    stages(seen, programme, tally);
}

/// The events that `matcher` means, in the order of time, with their places.
fn meant<'v>(
    view: &'v CaseView<'_>,
    matcher: &Matcher,
) -> impl Iterator<Item = (usize, &'v EventAsRead<'v>)> {
    view.matching([matcher]).into_iter().filter_map(|place| Some((place, view.event(place)?)))
}

/// A move, and what became of it.
struct Attempt {
    place: usize,
    on: CivilDate,
    ended_on: Option<CivilDate>,
    said: Option<(CivilDate, bool)>,
}

fn transitions(seen: &Seen<'_, '_>, transition: &Transition, found: &mut Transitions) {
    for attempt in attempts(seen.view, transition) {
        let Some(over) = seen.policy.calendar(seen.view.area()).add(attempt.on, transition.after, 1) else {
            continue;
        };
        // A success that was recorded before the end came is no success any more.
        let ended = attempt.ended_on.filter(|ended| *ended <= over);
        let said = attempt.said.filter(|(on, _)| ended.is_none_or(|ended| *on >= ended));
        let stands = said.map_or(ended.is_none(), |(_, stands)| stands);
        let cell = match () {
            () if over > seen.period.to => &mut found.not_yet_known,
            () if over < seen.period.from => continue,
            () if stands => &mut found.standing,
            () => &mut found.ended,
        };
        cell.add(seen.number);
    }
}

fn attempts(view: &CaseView<'_>, transition: &Transition) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = meant(view, &transition.attempted)
        .map(|(place, event)| Attempt { place, on: event.date, ended_on: None, said: None })
        .collect();
    let again: &[Matcher] =
        if transition.one_at_a_time { std::slice::from_ref(&transition.attempted) } else { &[] };
    for place in view.matching(transition.ended.iter().chain(again)) {
        let Some(on) = view.event(place).map(|event| event.date) else { continue };
        let standing =
            attempts.iter_mut().filter(|attempt| attempt.place < place && attempt.ended_on.is_none());
        if let Some(last) = standing.last() {
            last.ended_on = Some(on);
        }
    }
    if let Some((matcher, field)) = &transition.recorded {
        for (place, event) in meant(view, matcher) {
            let last = attempts.iter_mut().rfind(|attempt| attempt.place < place);
            if let (Some(attempt), Some(stands)) = (last, event.data.get(field).and_then(Value::as_bool)) {
                attempt.said = Some((event.date, stands));
            }
        }
    }
    attempts
}

/// Counts the family, where it was supported on any day of the period.
fn supported(seen: &Seen<'_, '_>, support: &Support, found: &mut Supported) {
    let begun: Vec<_> = meant(seen.view, &support.families).map(|(place, _)| place).collect();
    let case_ends = &seen.policy.on(seen.period.to).ends_with;
    let endings = seen.view.matching(support.until.iter().chain(case_ends));
    // A support lasts from its beginning to the first ending after it.
    let in_period = begun.iter().any(|place| {
        let ended = endings.iter().find(|ending| *ending > place).and_then(|place| seen.view.event(*place));
        ended.is_none_or(|event| event.date >= seen.period.from)
    });
    if !in_period {
        return;
    }
    match support.people.as_ref().and_then(|people| headcount(seen.view, people)) {
        Some((adults, children)) => {
            found.counted.add(seen.number);
            found.adults += adults;
            found.children += children;
        }
        None => found.uncounted.add(seen.number),
    }
}

/// The adults and children of the family, by the latest word on it.
fn headcount(view: &CaseView<'_>, people: &Headcount) -> Option<(u64, u64)> {
    let said = meant(view, &people.event).filter_map(|(_, event)| {
        let number = |field: &str| event.data.get(field).and_then(Value::as_u64);
        Some((number(&people.adults)?, number(&people.children)?))
    });
    said.last()
}

/// Counts how a measure moved, where it was taken in the period and before that.
fn movement_of(seen: &Seen<'_, '_>, movement: &Movement, moved: &mut Moved) {
    let value = |event: &EventAsRead<'_>| event.data.get(&movement.field).cloned();
    let first = meant(seen.view, &movement.first).find_map(|(place, event)| Some((place, value(event)?)));
    let last = meant(seen.view, &movement.last)
        .filter_map(|(place, event)| Some((place, event.date, value(event)?)));
    let (Some((began, first)), Some((ended, on, last))) = (first, last.last()) else { return };
    let Some(order) = order(&first, &last, &movement.order) else { return };
    if ended <= began || !seen.period.holds(on) {
        return;
    }
    let rises = movement.better == Better::Higher;
    let cell = match order {
        Ordering::Equal => &mut moved.same,
        Ordering::Less if rises => &mut moved.better,
        Ordering::Greater if !rises => &mut moved.better,
        _ => &mut moved.worse,
    };
    cell.add(seen.number);
    if let (Some(first), Some(last)) = (first.as_f64(), last.as_f64()) {
        moved.first.push(first);
        moved.last.push(last);
    }
}

/// How the first value stands to the last one; nothing where the two cannot be compared.
fn order(first: &Value, last: &Value, order: &[String]) -> Option<Ordering> {
    match (first, last) {
        (Value::Bool(first), Value::Bool(last)) => Some(first.cmp(last)),
        (Value::String(first), Value::String(last)) if order.is_empty() => Some(first.cmp(last)),
        (Value::String(first), Value::String(last)) => {
            let place = |value: &String| order.iter().position(|known| known == value);
            Some(place(first)?.cmp(&place(last)?))
        }
        (first, last) => first.as_f64()?.partial_cmp(&last.as_f64()?),
    }
}

/// Counts how long the case stayed in each stage that it left in the period, and in which it still is.
fn stages(seen: &Seen<'_, '_>, programme: &Programme, tally: &mut Tally<'_>) {
    let mut within: Option<(usize, CivilDate)> = None;
    for event in seen.view.events() {
        let means = |matcher: &Matcher| *matcher.event == *event.event_type() && matcher.holds(event.data);
        let entered = programme.stages.iter().position(|stage| stage.from.iter().any(means));
        let Some(entered) = entered.filter(|entered| within.is_none_or(|(stage, _)| stage != *entered))
        else {
            continue;
        };
        if let Some((left, since)) = within.replace((entered, event.date))
            && seen.period.holds(event.date)
            && let Some(stays) = tally.stages.get_mut(left)
        {
            stays.left.add(seen.number);
            stays.days.push(days(since, event.date));
        }
    }
    let stage = within.map_or(programme.stages.len(), |(stage, _)| stage);
    if let Some(stays) = tally.stages.get_mut(stage) {
        stays.still.add(seen.number);
        stays.so_far.extend(within.map(|(_, since)| days(since, seen.period.to)));
    }
}
