//! Golden examples, run: what an author expects of a programme beside what it gives.

use std::ops::Range;

use crate::calendar::CivilDate;
use crate::case::{
    CaseHistory, CaseRef, Data, Event, EventNumber, OccurrenceName, RecordedEvent, Sequence, nearest,
};
use crate::programme::{EXAMPLE_CASE, Example, ExampleEvent, Expectation, Finding, Policy};
use crate::schedule::{Asked, CaseView, Explanation, Occurrence, Status, obligations};

/// An expectation of an example that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The example, by its name.
    pub example: String,
    /// The day it looks at.
    pub on: CivilDate,
    /// The occurrence it is about.
    pub what: OccurrenceName,
    /// What is expected, where that is not so: "deadline 2026-04-05, status open".
    pub expected: String,
    /// What was found in its place.
    pub found: String,
    /// Why it is as it was found; nothing where it was not.
    pub explanation: Option<Explanation>,
    /// What to do where nothing was found to explain.
    pub hint: Option<String>,
    /// Where the file has the expectation.
    pub span: Range<usize>,
}

/// What `example` expects and `policy`, the programme alone, does not give.
#[must_use]
pub fn run_example(policy: &Policy, example: &Example) -> Vec<Mismatch> {
    let history = history(example);
    let view = CaseView::new(&history, policy.newest().zone, example.on, None);
    let mismatch = |expected: &Expectation| Run { policy, example, view: &view, expected }.mismatch();
    example.expect.iter().filter_map(mismatch).collect()
}

/// Everything that the examples of `policy` expect and it does not give.
#[must_use]
pub fn example_findings(policy: &Policy) -> Vec<Finding> {
    let examples = policy.newest().examples.iter();
    examples.flat_map(|example| run_example(policy, example)).map(Finding::from).collect()
}

impl From<Mismatch> for Finding {
    fn from(mismatch: Mismatch) -> Self {
        let Mismatch { example, on, what, expected, found, explanation, hint, span } = mismatch;
        let what = format!("{}/{}.{}", what.rule, what.series, what.n);
        let message = format!("{what} on {on}: expected {expected}; found {found} (example \"{example}\")");
        let steps = explanation.map(|explanation| in_lines(&explanation));
        let help: Vec<_> = hint.into_iter().chain(steps).collect();
        let finding = Self::warning(span, message);
        if help.is_empty() { finding } else { finding.help(help.join("\n")) }
    }
}

/// The rule and each step of an explanation, one a line.
fn in_lines(explanation: &Explanation) -> String {
    let mut lines = vec![format!("rule: {}", explanation.rule)];
    lines.extend(explanation.steps.iter().map(|step| {
        let date = step.date.map(|date| format!(" {date}")).unwrap_or_default();
        format!("{}{date}: {}", step.step, step.text)
    }));
    lines.join("\n")
}

/// The history that an example tells: each event was recorded when it happened, and its id is its number.
fn history(example: &Example) -> CaseHistory {
    let case: CaseRef =
        EXAMPLE_CASE.parse().unwrap_or_else(|_| unreachable!("the case of an example is well named"));
    let mut history = CaseHistory::new(case.clone());
    for (number, event) in (1..).zip(&example.events) {
        history.apply(recorded(number, event, &case));
    }
    history
}

fn recorded(number: u32, example: &ExampleEvent, case: &CaseRef) -> RecordedEvent {
    let event = Event {
        id: number.to_string().parse().unwrap_or_else(|_| unreachable!("a number is a well-formed id")),
        source: "/example".into(),
        event_type: example.event.clone(),
        subject: case.clone(),
        time: example.time,
        data: Data::from(example.data.clone()),
        extensions: None,
    };
    let (sequence, recorded) = (Sequence(u64::from(number)), example.time);
    RecordedEvent { event, sequence, number: EventNumber(number), recorded }
}

/// One expectation, put to the test.
struct Run<'r> {
    policy: &'r Policy,
    example: &'r Example,
    view: &'r CaseView<'r>,
    expected: &'r Expectation,
}

impl Run<'_> {
    fn mismatch(&self) -> Option<Mismatch> {
        let Expectation { name, absent, .. } = self.expected;
        if let Some(hint) = self.impossible() {
            let (there, nothing) = ("there to be such a series".to_owned(), "none".to_owned());
            return Some(self.told(there, nothing, None, Some(hint)));
        }
        let asked = Asked { on: self.example.on, horizon: 0, named: Some(name.clone()) };
        let all = obligations(self.policy, self.view, &asked);
        let found = all.iter().find(|occurrence| occurrence.name(self.view.case()) == *name);
        match found {
            Some(found) if *absent => {
                let told = format!("{} from {} to {}", found.status, found.opens_on, found.deadline);
                Some(self.told("none".to_owned(), told, Some(found), None))
            }
            Some(found) => {
                let (expected, given) = self.differences(found);
                let hint = self.status_hint();
                (!expected.is_empty())
                    .then(|| self.told(expected.join(", "), given.join(", "), Some(found), hint))
            }
            None if *absent => None,
            None => {
                let (there, nothing) = ("one".to_owned(), "none".to_owned());
                Some(self.told(there, nothing, None, Some(self.absence(&all))))
            }
        }
    }

    fn told(
        &self,
        expected: String,
        found: String,
        occurrence: Option<&Occurrence<'_>>,
        hint: Option<String>,
    ) -> Mismatch {
        Mismatch {
            example: self.example.name.clone(),
            on: self.example.on,
            what: self.expected.name.clone(),
            expected,
            found,
            explanation: occurrence.map(|found| Explanation::new(found, self.policy, self.view)),
            hint,
            span: self.expected.span.clone(),
        }
    }

    /// Each date and the status where they differ: as expected, and as in `found`.
    fn differences(&self, found: &Occurrence<'_>) -> (Vec<String>, Vec<String>) {
        let expected = self.expected;
        let text = |date: Option<CivilDate>| date.map(|date| date.to_string());
        let compared = [
            ("opens_on", text(expected.opens_on), text(Some(found.opens_on))),
            ("deadline", text(expected.deadline), text(Some(found.deadline))),
            ("due_on", text(expected.due_on), text(Some(found.due_on))),
            ("done_on", text(expected.done_on), text(found.done.map(|done| done.on))),
            ("status", expected.status.clone(), Some(found.status.to_string())),
        ];
        let (mut wanted, mut given) = (Vec::new(), Vec::new());
        for (key, expected, found) in compared {
            if let Some(expected) = expected.as_ref().filter(|_| expected != found) {
                wanted.push(format!("{key} {expected}"));
                given.push(found.map_or_else(|| format!("no {key}"), |found| format!("{key} {found}")));
            }
        }
        (wanted, given)
    }

    /// Advice on a status that there is not.
    fn status_hint(&self) -> Option<String> {
        let wanted = self.expected.status.as_deref()?;
        let names = Status::ALL.map(Status::name);
        if names.contains(&wanted) {
            return None;
        }
        let near = nearest(wanted, names).map(|near| format!("; did you mean \"{near}\"?"));
        let known = || format!("; known: {}", names.join(", "));
        Some(format!("\"{wanted}\" is not a status{}", near.unwrap_or_else(known)))
    }

    /// Why no history at all could have this series: then its absence proves nothing either.
    fn impossible(&self) -> Option<String> {
        let OccurrenceName { rule, series, .. } = &self.expected.name;
        let events = self.example.events.len();
        if usize::try_from(series.0).is_ok_and(|series| series > events) {
            return Some(format!("the example has {events} events, and none with the number {series}"));
        }
        let programme = self.policy.newest();
        if programme.rule(rule.as_str()).is_some() {
            return None;
        }
        let near = nearest(rule.as_str(), programme.rules.iter().map(|rule| rule.id.as_str()));
        let near = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
        Some(format!("\"{rule}\" is not a rule of this programme{near}"))
    }

    /// Why there is no occurrence of the name that is expected.
    fn absence(&self, all: &[Occurrence<'_>]) -> String {
        let OccurrenceName { rule, series, n, .. } = &self.expected.name;
        let Some(event) = self.view.events().iter().find(|event| event.number() == *series) else {
            return format!("event {series} has not happened by {}, or is retracted", self.example.on);
        };
        let event = format!("event {series}, {} of {},", event.event_type(), event.date);
        if all.iter().any(|found| found.rule.id == *rule && found.why.anchor == *series) {
            format!("{event} starts a series of {rule} that has no number {n} on {}", self.example.on)
        } else {
            format!("{event} starts no series of {rule}")
        }
    }
}
