//! What an event type means in a programme: which rules, notices and stages name it, and as what.

use serde::Serialize;

use super::{Limit, Matcher, Notice, Programme, Rule};
use crate::case::{EventKind, Field, ProgrammeId};

/// An event type as a programme uses it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Meaning {
    /// The programme.
    pub programme: ProgrammeId,
    /// The event type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// What happened, in a sentence.
    pub description: String,
    /// Its data.
    pub fields: Vec<Field>,
    /// The rules of which it starts a series.
    pub starts: Vec<Effect>,
    /// The rules of which it completes an occurrence.
    pub completes: Vec<Effect>,
    /// The rules of which it ends the series.
    pub ends: Vec<Effect>,
    /// The rules whose completions count from the latest one.
    pub counts_from: Vec<Effect>,
    /// The rules that start no series after it …
    pub holds_back: Vec<Effect>,
    /// … until this one came.
    pub lets_start: Vec<Effect>,
    /// The notices it sets off.
    pub notices: Vec<Effect>,
    /// The notices it calls off.
    pub calls_off: Vec<Effect>,
    /// The limits of which a case holds a place from it on.
    pub takes_place: Vec<Effect>,
    /// The limits of which it frees the place.
    pub frees_place: Vec<Effect>,
    /// The stages into which it brings a case.
    pub stages: Vec<Effect>,
    /// Whether it ends every series of a case.
    pub ends_case: bool,
}

/// Something that follows from an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// The rule or notice; a stage has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it is called.
    pub title: String,
    /// What must hold of the event's data, where anything must.
    #[serde(rename = "where")]
    pub condition: Option<String>,
}

/// What follows where `matcher` is met, if it means events of the type.
fn effect(event_type: &str, matcher: &Matcher, id: Option<&str>, title: &str) -> Option<Effect> {
    let all = matcher.to_string();
    let condition = all.strip_prefix(&*matcher.event).map(str::trim).unwrap_or_default();
    (*matcher.event == *event_type).then(|| Effect {
        id: id.map(str::to_owned),
        title: title.to_owned(),
        condition: (!condition.is_empty()).then(|| condition.to_owned()),
    })
}

impl Meaning {
    /// What events of `kind` mean in `programme`.
    #[must_use]
    pub fn new(programme: &Programme, kind: &EventKind) -> Self {
        let name = &*kind.name;
        let of_rules = |matchers: fn(&Rule) -> Vec<&Matcher>| {
            let found = programme.rules.iter().flat_map(|rule| {
                let named = matchers(rule).into_iter();
                named
                    .filter_map(|matcher| effect(name, matcher, Some(rule.id.as_str()), rule.title.english()))
            });
            found.collect()
        };
        let of_notices = |matchers: fn(&Notice) -> &Vec<Matcher>| {
            let found = programme.notices.iter().flat_map(|notice| {
                let named = matchers(notice).iter();
                named.filter_map(|matcher| {
                    effect(name, matcher, Some(notice.id.as_str()), notice.title.english())
                })
            });
            found.collect()
        };
        let of_limits = |matchers: fn(&Limit) -> Vec<&Matcher>| {
            let found = programme.limits.iter().flat_map(|limit| {
                let named = matchers(limit).into_iter();
                named.filter_map(|matcher| {
                    effect(name, matcher, Some(limit.id.as_str()), limit.title.english())
                })
            });
            found.collect()
        };
        let stages = programme.stages.iter().flat_map(|stage| {
            stage.from.iter().filter_map(|matcher| effect(name, matcher, None, stage.title.english()))
        });
        Self {
            programme: programme.id.clone(),
            event_type: name.to_owned(),
            description: kind.description().to_owned(),
            fields: kind.described_fields(),
            starts: of_rules(|rule| vec![&rule.anchor.event]),
            completes: of_rules(|rule| rule.done_by.iter().collect()),
            ends: of_rules(|rule| rule.until.iter().collect()),
            counts_from: of_rules(|rule| rule.counts_from.iter().collect()),
            holds_back: of_rules(|rule| rule.unless.iter().map(|unless| &unless.since).collect()),
            lets_start: of_rules(|rule| rule.unless.iter().map(|unless| &unless.before).collect()),
            notices: of_notices(|notice| &notice.on),
            calls_off: of_notices(|notice| &notice.until),
            takes_place: of_limits(|limit| vec![&limit.from]),
            frees_place: of_limits(|limit| limit.until.iter().collect()),
            stages: stages.collect(),
            ends_case: programme.ends_with.iter().any(|matcher| *matcher.event == *name),
        }
    }

    /// Whether nothing follows from such an event by the programme.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let named = [
            &self.starts,
            &self.completes,
            &self.ends,
            &self.counts_from,
            &self.holds_back,
            &self.lets_start,
            &self.notices,
            &self.calls_off,
            &self.takes_place,
            &self.frees_place,
            &self.stages,
        ];
        !self.ends_case && named.iter().all(|effects| effects.is_empty())
    }
}

impl Programme {
    /// Each place where rules, notices and limits name events: what starts, completes, ends and counts.
    pub fn matchers(&self) -> impl Iterator<Item = &Matcher> {
        let rules = self.rules.iter().flat_map(|rule| {
            let unless = rule.unless.iter().flat_map(|unless| [&unless.since, &unless.before]);
            [&rule.anchor.event].into_iter().chain(&rule.done_by).chain(&rule.until).chain(unless)
        });
        let limits = self.limits.iter().flat_map(|limit| limit.until.iter().chain([&limit.from]));
        rules.chain(self.notices.iter().flat_map(|notice| &notice.on)).chain(limits)
    }
}
