//! `events describe`: one event type in words, and a command line that records one.

use std::fmt::Write as _;

use chrono::SecondsFormat;
use serde_json::Value;

use crate::calendar::Instant;
use crate::case::{EventKind, Field, types};
use crate::config::Config;
use crate::programme::{Condition, Effect, Meaning, Programme};

/// The event types that the program itself understands, named by a rule or not.
const OF_EVERY_PROGRAMME: [&str; 6] = [
    types::CASE_OPENED,
    types::EVENT_RETRACTED,
    types::EVENT_CORRECTED,
    types::OBLIGATION_WAIVED,
    types::PROFESSIONAL_ASSIGNED,
    types::PROFESSIONAL_UNASSIGNED,
];

/// An event type in words.
pub fn prose(meaning: &Meaning, programme: &Programme, example: &str) -> String {
    let mut text = format!("{}\n{}\n\nData\n", meaning.event_type, meaning.description);
    let width = meaning.fields.iter().map(|field| field.name.len()).max().unwrap_or_default();
    for field in &meaning.fields {
        let need = if field.required { "required" } else { "may be left out" };
        let said = field.description.as_ref().map(|said| format!(". {said}")).unwrap_or_default();
        let _ = writeln!(text, "  {:<width$}  {}; {need}{said}", field.name, kind(field));
    }
    if meaning.fields.is_empty() {
        text.push_str("  none\n");
    }
    let _ = write!(
        text,
        "\nWhat follows from it in {} ({})\n{}",
        programme.title,
        programme.id,
        follows(meaning)
    );
    let _ = write!(text, "\nTo record one\n  {example}\n");
    text
}

/// The values of a field in words.
fn kind(field: &Field) -> String {
    if !field.values.is_empty() {
        let values: Vec<_> = field.values.iter().map(plain).collect();
        return format!("{}{}", if field.list { "a list of: " } else { "one of: " }, values.join(", "));
    }
    let (one, many) = match (field.format.as_deref(), field.json_type.as_deref()) {
        (Some("role"), _) => ("a role", "roles"),
        (Some("date"), _) => ("a date, YYYY-MM-DD", "dates"),
        (Some("date-time"), _) => ("a time, such as 2026-06-01T14:30:00+01:00", "times"),
        (Some("period"), _) => ("a period, such as \"2 weeks\"", "periods"),
        (Some("person"), _) => ("a person's id in people.toml", "persons"),
        (Some("event-id"), _) => ("an event's id, as case show --format json has it", "event ids"),
        (Some("occurrence"), _) => ("an occurrence, CASE/RULE/SERIES.N", "occurrences"),
        (_, Some("boolean")) => ("true or false", "truths"),
        (_, Some("integer")) => ("a whole number", "whole numbers"),
        (_, Some("number")) => ("a number", "numbers"),
        (_, Some("object")) => ("a JSON object", "JSON objects"),
        _ => ("text", "texts"),
    };
    let range = match (field.minimum, field.maximum) {
        (Some(from), Some(to)) => format!(" from {from} to {to}"),
        (Some(from), None) => format!(" from {from}"),
        (None, Some(to)) => format!(" up to {to}"),
        (None, None) => String::new(),
    };
    if field.list { format!("a list of {many}{range}") } else { format!("{one}{range}") }
}

fn follows(meaning: &Meaning) -> String {
    let mut text = String::new();
    if meaning.ends_case {
        text.push_str("  Ends every obligation of the case.\n");
    }
    let groups: [(&str, &[Effect]); 11] = [
        ("Brings the case into", &meaning.stages),
        ("Starts", &meaning.starts),
        ("Completes", &meaning.completes),
        ("Ends", &meaning.ends),
        ("What is done counts from it for", &meaning.counts_from),
        ("After it, these do not start", &meaning.holds_back),
        ("After it, these start again", &meaning.lets_start),
        ("Sets off the notice", &meaning.notices),
        ("Calls off the notice", &meaning.calls_off),
        ("From it on, the case counts towards the limit", &meaning.takes_place),
        ("After it, the case counts no more towards the limit", &meaning.frees_place),
    ];
    for (heading, effects) in groups.iter().filter(|(_, effects)| !effects.is_empty()) {
        let _ = writeln!(text, "  {heading}");
        for Effect { id, title, condition } in *effects {
            let id = id.as_ref().map(|id| format!("{id}: ")).unwrap_or_default();
            let only = condition.as_ref().map(|only| format!(", if {only}")).unwrap_or_default();
            let _ = writeln!(text, "    {id}{title}{only}");
        }
    }
    if meaning.is_idle() {
        let same = OF_EVERY_PROGRAMME.contains(&meaning.event_type.as_str());
        let same = if same { "; what it does is the same in every programme" } else { "" };
        let _ = writeln!(text, "  No rule, notice, limit or stage names it{same}.");
    }
    text
}

/// A command line that records an event of the type, with values that mean something to the rules.
/// Words in capitals are to be replaced.
pub fn example(programme: &Programme, config: &Config, kind: &EventKind, now: Instant) -> String {
    let today = programme.zone.civil_date(now);
    let sample = Sample { programme, config, kind, now };
    let fields = kind.described_fields();
    let needed = kind.needed_fields();
    let needed = fields.iter().filter(|field| needed.contains(&field.name.as_str()));
    let given = needed.map(|field| format!(" {}={}", field.name, quoted(&sample.value(field))));
    let given: String = given.collect();
    format!("stepdown append --case CASE --type {} --on {today}{given}", kind.name)
}

struct Sample<'s> {
    programme: &'s Programme,
    config: &'s Config,
    kind: &'s EventKind,
    now: Instant,
}

impl Sample<'_> {
    fn value(&self, field: &Field) -> String {
        if &*self.kind.name == types::CASE_OPENED && field.name == "programme" {
            return self.programme.id.to_string();
        }
        let of_schema = || {
            let schema = &self.kind.schema["properties"][&field.name];
            let given = schema.get("const").or(schema.get("default")).or(schema["examples"].get(0));
            given.or(field.values.first()).map(plain)
        };
        self.of_rules(&field.name).or_else(of_schema).unwrap_or_else(|| self.of_format(field))
    }

    /// The value that the first rule with a condition on the field asks for.
    fn of_rules(&self, field: &str) -> Option<String> {
        let named = self.programme.matchers().filter(|matcher| matcher.event == self.kind.name);
        let conditions = named.flat_map(|matcher| &matcher.conditions).filter(|(name, _)| name == field);
        conditions.map(|(_, condition)| condition).find_map(|condition| match condition {
            Condition::Equals(value) | Condition::Contains(value) => Some(plain(value)),
            Condition::OneOf(values) => values.first().map(plain),
            Condition::AtLeast(limit) | Condition::AtMost(limit) => Some(limit.to_string()),
        })
    }

    fn of_format(&self, field: &Field) -> String {
        let capitals = || field.name.to_uppercase().replace('_', "-");
        match (field.format.as_deref(), field.json_type.as_deref()) {
            (Some("role"), _) => {
                self.programme.roles.keys().next().map_or_else(capitals, ToString::to_string)
            }
            (Some("area"), _) => {
                self.programme.areas.keys().next().map_or_else(capitals, ToString::to_string)
            }
            (Some("person"), _) => {
                self.config.people.persons.keys().next().map_or_else(capitals, ToString::to_string)
            }
            (Some("date"), _) => self.programme.zone.civil_date(self.now).to_string(),
            (Some("date-time"), _) => self.now.to_rfc3339_opts(SecondsFormat::Secs, true),
            (Some("period"), _) => "2 weeks".to_owned(),
            (Some("event-id"), _) => "EVENT-ID".to_owned(),
            (Some("occurrence"), _) => {
                let rule = self.programme.rules.first();
                rule.map_or_else(capitals, |rule| format!("CASE/{}/1.1", rule.id))
            }
            (_, Some("boolean")) => "true".to_owned(),
            (_, Some("integer" | "number")) => field.minimum.or(field.maximum).unwrap_or(1.0).to_string(),
            (_, Some("object")) => "{}".to_owned(),
            _ => capitals(),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-._:/,+@".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
