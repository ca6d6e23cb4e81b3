//! Outcomes from the notation to the model.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::mention::Says;
use super::notation::RawMatcher;
use super::read::Reader;
use super::{Better, Condition, Finding, Headcount, Matcher, Movement, Outcomes, Support, Transition};
use crate::calendar::Period;
use crate::language::Wording;

type Text = Spanned<String>;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOutcomes {
    transition: Option<RawTransition>,
    support: Option<RawSupport>,
    #[serde(default)]
    movement: Vec<RawMovement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTransition {
    attempted: Spanned<RawMatcher>,
    ended: Spanned<Vec<Spanned<RawMatcher>>>,
    after: Text,
    #[serde(default = "yes")]
    one_at_a_time: bool,
    recorded: Option<RawRecorded>,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecorded {
    event: Spanned<RawMatcher>,
    field: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSupport {
    families: Spanned<RawMatcher>,
    #[serde(default)]
    until: Vec<Spanned<RawMatcher>>,
    people: Option<RawHeadcount>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHeadcount {
    event: Spanned<RawMatcher>,
    adults: Text,
    children: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMovement {
    id: Text,
    title: Spanned<Wording>,
    event: Option<Spanned<RawMatcher>>,
    first: Option<Spanned<RawMatcher>>,
    last: Option<Spanned<RawMatcher>>,
    field: Text,
    order: Option<Spanned<Vec<String>>>,
    better: RawBetter,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum RawBetter {
    Lower,
    Higher,
}

impl Reader {
    pub(super) fn outcomes(&mut self, raw: RawOutcomes) -> Option<Outcomes> {
        let transition = raw.transition.map(|raw| self.transition(raw));
        let support = raw.support.map(|raw| self.support(raw));
        let mut seen = HashSet::new();
        for id in raw.movement.iter().map(|movement| &movement.id) {
            if !seen.insert(id.get_ref().clone()) {
                let message = format!("\"{}\" is already the id of another movement", id.get_ref());
                self.findings.push(Finding::new(id.span(), message).help("give each an id of its own"));
            }
        }
        let movements = self.each(raw.movement, Self::movement);
        Some(Outcomes { transition: sure(transition)?, support: sure(support)?, movements: movements? })
    }

    fn transition(&mut self, raw: RawTransition) -> Option<Transition> {
        let attempted = self.undated(&raw.attempted);
        if raw.ended.get_ref().is_empty() {
            let finding = Finding::new(raw.ended.span(), "nothing ends a transition: ended is empty");
            self.findings.push(finding.help("name the events by which one fails"));
        }
        let ended = self.each(raw.ended.into_inner(), |reader, matcher| reader.undated(&matcher));
        let after: Option<Period> = self.parse(&raw.after);
        if after.is_some_and(Period::is_zero) {
            let finding = Finding::new(raw.after.span(), "nothing lasts for 0 days");
            self.findings.push(finding.help("write how long one must stand, as in \"12 months\""));
        }
        let recorded = raw.recorded.map(|recorded| {
            let matcher = self.undated(&recorded.event)?;
            let yes = vec![Condition::Equals(Value::Bool(true))];
            self.says_of(&matcher, &recorded.field, Some(yes));
            Some((matcher, recorded.field.into_inner()))
        });
        Some(Transition {
            attempted: attempted?,
            ended: ended?,
            after: after?,
            one_at_a_time: raw.one_at_a_time,
            recorded: sure(recorded)?,
        })
    }

    fn support(&mut self, raw: RawSupport) -> Option<Support> {
        let families = self.undated(&raw.families);
        let until = self.each(raw.until, |reader, matcher| reader.undated(&matcher));
        let people = raw.people.map(|people| {
            let event = self.undated(&people.event)?;
            for field in [&people.adults, &people.children] {
                self.says_of(&event, field, Some(vec![Condition::AtLeast(0.0)]));
            }
            let (adults, children) = (people.adults.into_inner(), people.children.into_inner());
            Some(Headcount { event, adults, children })
        });
        Some(Support { families: families?, until: until?, people: sure(people)? })
    }

    fn movement(&mut self, raw: RawMovement) -> Option<Movement> {
        let RawMovement { id, event, first, last, .. } = raw;
        let (first, last) = match (event, first, last) {
            (Some(event), None, None) => {
                let event = self.undated(&event)?;
                (event.clone(), event)
            }
            (None, Some(first), Some(last)) => {
                let (first, last) = (self.undated(&first), self.undated(&last));
                (first?, last?)
            }
            _ => {
                let message = format!("\"{}\" names no events to compare", id.get_ref());
                let help =
                    "write event = \"…\" for the first and the latest of one kind, or both first and last";
                self.findings.push(Finding::new(id.span(), message).help(help));
                return None;
            }
        };
        for matcher in [&first, &last] {
            self.says_of(matcher, &raw.field, None);
            if let Some(order) = &raw.order {
                let values = order.get_ref().iter().map(|value| Value::from(value.as_str())).collect();
                self.says_in(matcher, raw.field.get_ref(), order.span(), vec![Condition::OneOf(values)]);
            }
        }
        Some(Movement {
            id: id.into_inner(),
            title: self.wording(raw.title),
            first,
            last,
            field: raw.field.into_inner(),
            order: raw.order.map(Spanned::into_inner).unwrap_or_default(),
            better: match raw.better {
                RawBetter::Lower => Better::Lower,
                RawBetter::Higher => Better::Higher,
            },
        })
    }

    /// Notes that the events have this field and, where conditions are given, that these may hold of it.
    fn says_of(&mut self, matcher: &Matcher, field: &Text, conditions: Option<Vec<Condition>>) {
        let name = field.get_ref().clone();
        match conditions {
            Some(conditions) => self.says_in(matcher, &name, field.span(), conditions),
            None => self.mention(field.span(), &matcher.event, Says::Known { field: name }),
        }
    }

    fn says_in(
        &mut self,
        matcher: &Matcher,
        field: &str,
        span: std::ops::Range<usize>,
        conditions: Vec<Condition>,
    ) {
        let text = self.text.get(span.clone()).unwrap_or_default().to_owned();
        let says = Says::Conditions { field: field.to_owned(), values: span.clone(), text, conditions };
        self.mention(span, &matcher.event, says);
    }
}

/// What may be left out: nothing where it was at fault.
#[expect(
    clippy::option_option,
    reason = "one says whether it was written, the other whether it could be read"
)]
fn sure<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        Some(read) => read.map(Some),
        None => Some(None),
    }
}
