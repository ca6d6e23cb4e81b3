//! Golden examples from the notation to the model.

use chrono::{DateTime, NaiveTime};
use serde_json::Value;
use toml::Spanned;
use toml::value::Datetime;

use super::example::{EXAMPLE_CASE, Example, ExampleEvent, Expectation};
use super::notation::{RawExample, RawExampleEvent, RawExpectation};
use super::read::Reader;
use super::{Draft, Finding};
use crate::calendar::{CivilDate, Instant, Zone};
use crate::case::{Catalogue, Fault, OccurrenceName, types};

/// When an event of an example that gives a day only is taken to have happened.
const NOON: NaiveTime = match NaiveTime::from_hms_opt(12, 0, 0) {
    Some(noon) => noon,
    None => NaiveTime::MIN,
};

impl Draft {
    /// What the catalogue has against the events of the examples.
    pub(super) fn example_findings(&self, catalogue: &Catalogue) -> Vec<Finding> {
        let examples = self.programme.iter().flat_map(|programme| &programme.examples);
        let events = examples.flat_map(|example| &example.events);
        events.flat_map(|event| faults(event, catalogue)).collect()
    }
}

fn faults(event: &ExampleEvent, catalogue: &Catalogue) -> Vec<Finding> {
    if catalogue.is_broken(&event.event) {
        return Vec::new();
    }
    let known = catalogue.get(&event.event).is_some();
    let at = if known { &event.data_at } else { &event.event_at };
    let faults = catalogue.faults(&event.event, &Value::Object(event.data.clone()), "data");
    let words = |fault: Fault| if known { fault.to_string() } else { fault.reason };
    faults.into_iter().map(|fault| Finding::new(at.clone(), words(fault))).collect()
}

impl Reader {
    /// Every example of a programme. Whether there is such a rule is a matter of what the example finds: who
    /// drops a rule must not be stopped by an example of it.
    pub(super) fn examples(&mut self, raw: Vec<RawExample>, zone: Option<Zone>) -> Option<Vec<Example>> {
        self.each(raw, |reader, raw| reader.example(raw, zone))
    }

    fn example(&mut self, raw: RawExample, zone: Option<Zone>) -> Option<Example> {
        if raw.expect.is_empty() {
            let finding = Finding::new(raw.name.span(), "this example expects nothing");
            self.findings.push(finding.help("add expect = [{ occurrence = \"RULE/1.1\", deadline = … }]"));
        }
        let on = self.date(&raw.on);
        self.mends(&raw.events);
        let events = self.each(raw.events, |reader, event| reader.example_event(event, zone?));
        let expect = self.each(raw.expect, |reader, expected| reader.expectation(&expected));
        Some(Example { name: raw.name.into_inner(), on: on?, events: events?, expect: expect? })
    }

    /// An event that retracts or corrects another names it by its number, and stands after it.
    fn mends(&mut self, events: &[RawExampleEvent]) {
        for (number, event) in (1..).zip(events) {
            if ![types::EVENT_RETRACTED, types::EVENT_CORRECTED].contains(&event.event.get_ref().as_str()) {
                continue;
            }
            let Some(data) = &event.data else { continue };
            let named = data.get_ref().get("event").and_then(toml::Value::as_str);
            if !named.and_then(|text| text.parse().ok()).is_some_and(|named| (1..number).contains(&named)) {
                let finding = Finding::new(data.span(), "names no event of the example before this one");
                self.findings.push(finding.help("an event's id is its number here: write event = \"1\""));
            }
        }
    }

    fn example_event(&mut self, raw: RawExampleEvent, zone: Zone) -> Option<ExampleEvent> {
        let time = self.moment(&raw.on, zone);
        let event_at = raw.event.span();
        let data_at = raw.data.as_ref().map_or_else(|| event_at.clone(), Spanned::span);
        let data = raw.data.map(Spanned::into_inner).unwrap_or_default();
        let data = data.iter().map(|(field, value)| (field.clone(), json(value))).collect();
        Some(ExampleEvent { time: time?, event: raw.event.into_inner().into(), data, event_at, data_at })
    }

    /// A day, which means its noon, or an instant.
    fn moment(&mut self, raw: &Spanned<Datetime>, zone: Zone) -> Option<Instant> {
        let text = raw.get_ref().to_string();
        if let Ok(day) = text.parse::<CivilDate>() {
            return Some(zone.instant_due(day, NOON));
        }
        let instant = DateTime::parse_from_rfc3339(&text).ok();
        if instant.is_none() {
            let finding = Finding::new(raw.span(), format!("{text} is neither a day nor an instant"));
            self.findings.push(finding.help("write 2026-03-29, or 2026-03-29T00:30:00Z with its offset"));
        }
        instant.map(|instant| instant.to_utc())
    }

    fn expectation(&mut self, raw: &Spanned<RawExpectation>) -> Option<Expectation> {
        let RawExpectation { occurrence, absent, status, opens_on, deadline, due_on, done_on } =
            raw.get_ref();
        let name = self.example_occurrence(occurrence);
        let mut dates = [opens_on, deadline, due_on, done_on].map(|date| {
            let date = date.as_ref()?;
            self.date(date)
        });
        if *absent && (status.is_some() || dates.iter().any(Option::is_some)) {
            let finding = Finding::new(raw.span(), "what is absent has neither dates nor a status");
            self.findings.push(finding.help("remove \"absent\", or the rest"));
        }
        Some(Expectation {
            name: name?,
            absent: *absent,
            status: status.clone(),
            opens_on: dates[0].take(),
            deadline: dates[1].take(),
            due_on: dates[2].take(),
            done_on: dates[3].take(),
            span: raw.span(),
        })
    }

    fn example_occurrence(&mut self, text: &Spanned<String>) -> Option<OccurrenceName> {
        let name = format!("{EXAMPLE_CASE}/{}", text.get_ref()).parse().ok();
        if name.is_none() {
            let finding = Finding::new(text.span(), format!("\"{}\" names no occurrence", text.get_ref()));
            self.findings.push(finding.help("write RULE/SERIES.N; SERIES is the number of an event above"));
        }
        name
    }
}

/// A value of the file as event data has it: dates are texts there.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(items) => items.iter().map(json).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(key, value)| (key.clone(), json(value))).collect())
        }
        plain => serde_json::to_value(plain).unwrap_or_default(),
    }
}
