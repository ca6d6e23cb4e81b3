//! Why something is not due: no occurrence of that name, or no series of a rule at all.

use super::CaseView;
use super::series::suppressed_by;
use super::versions::series;
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseHistory, EventInFull, EventNumber, OccurrenceName};
use crate::programme::{Policy, Rule};

/// Why the case that `view` shows, as known at `known_at`, has no such occurrence.
#[must_use]
pub fn absence(
    name: &OccurrenceName,
    policy: &Policy,
    (history, known_at): (&CaseHistory, Option<Instant>),
    view: &CaseView<'_>,
) -> String {
    let Some(rule) = policy.rule(name.rule.as_str()) else {
        return format!("the programme has no rule {}", name.rule);
    };
    let found = policy.lineage(name.rule.as_str()).map(|lineage| series(lineage, policy, view));
    let found = found.unwrap_or_default().into_iter().find(|series| series.anchor.number() == name.series);
    if let Some(series) = found {
        let end = series.end.map(|end| format!("; event {} ended it on {}", end.event, end.on));
        return format!(
            "the series that event {} starts has no number {} ({}{}{})",
            name.series,
            name.n,
            series.rule.shape_in_words(),
            end.unwrap_or_default(),
            to_come(policy, view.on())
        );
    }
    let Some(event) = view.events().iter().find(|event| event.number() == name.series) else {
        let full = history.in_full(known_at, policy.newest().zone);
        return unseen(name.series, &full, view.on());
    };
    let is = format!("event {}, {} of {}", name.series, event.event_type(), event.date);
    if *event.event_type() != *rule.anchor.event.event || !rule.anchor.event.holds(event.data) {
        return format!("{is}, does not start {}: that is {}", name.rule, rule.anchor.event);
    }
    let without = || not_in_force(policy, name.rule.as_str(), view.on());
    match not_in_force(policy, name.rule.as_str(), event.date).or_else(without) {
        Some(words) => format!("{is}: {words}"),
        None => suppression(rule, name.series, view).map_or_else(
            || format!("{is}, has no date to count from"),
            |words| format!("{is}, starts nothing: {words}"),
        ),
    }
}

/// Why the rule has no series at all in the case that `view` shows; `None` where it has one.
#[must_use]
pub fn why_no_series(rule: &str, policy: &Policy, view: &CaseView<'_>) -> Option<String> {
    let Some(lineage) = policy.lineage(rule) else {
        return Some(format!("the programme has no rule {rule}"));
    };
    if !series(lineage, policy, view).is_empty() {
        return None;
    }
    let rule = policy.rule(rule)?;
    let anchors = view.matching([&rule.anchor.event]);
    let Some(event) = anchors.last().and_then(|place| view.event(*place)) else {
        let mut others = view.events().iter().filter(|event| *event.event_type() == *rule.anchor.event.event);
        let near = others.next_back().map(|event| {
            format!("; event {} of {} is one, but its data says otherwise", event.number(), event.date)
        });
        return Some(format!(
            "it starts with {}, which has not happened by {}{}",
            rule.anchor.event,
            view.on(),
            near.unwrap_or_default()
        ));
    };
    let why = suppression(rule, event.number(), view)
        .or_else(|| not_in_force(policy, rule.id.as_str(), event.date))
        .or_else(|| not_in_force(policy, rule.id.as_str(), view.on()))
        .unwrap_or_else(|| "it has no date to count from".to_owned());
    Some(format!("event {} of {} starts nothing: {why}", event.number(), event.date))
}

/// Why an event is not seen on the day, as known then.
fn unseen(number: EventNumber, full: &[EventInFull<'_>], on: CivilDate) -> String {
    match full.iter().find(|event| event.as_read.number() == number) {
        None => format!("the case has no event {number}, or it was not recorded yet"),
        Some(EventInFull { retracted_by: Some(by), .. }) => {
            format!("event {number} was retracted by event {by}")
        }
        Some(EventInFull { as_read, .. }) => {
            format!("event {number}, {} of {}, had not happened by {on}", as_read.event_type(), as_read.date)
        }
    }
}

/// The words for a version that will take force later.
fn to_come(policy: &Policy, on: CivilDate) -> String {
    let later = policy.versions().iter().find(|version| !version.is_in_force(on));
    let from = later.and_then(|later| Some((later.number, later.effective_from?)));
    from.map(|(number, from)| format!("; version {number} takes force on {from}")).unwrap_or_default()
}

/// The words for a version that has no such rule for an anchor of that date.
fn not_in_force(policy: &Policy, rule: &str, date: CivilDate) -> Option<String> {
    let version = policy.version_on(date);
    version.programme.rule(rule).is_none().then(|| {
        format!("version {} of the programme, in force on {date}, has no rule {rule}", version.number)
    })
}

fn suppression(rule: &Rule, anchor: EventNumber, view: &CaseView<'_>) -> Option<String> {
    let unless = rule.unless.as_ref()?;
    let place = view.events().iter().position(|event| event.number() == anchor)?;
    let since = suppressed_by(unless, place, view)?;
    Some(format!(
        "{} had happened before it (event {}, {}), and no {} since",
        unless.since,
        since.number(),
        since.date,
        unless.before
    ))
}
