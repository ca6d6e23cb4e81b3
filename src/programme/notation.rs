//! The TOML notation of a programme file, before any meaning: plain tables that remember their place.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::AppliesTo;
use super::read_limit::RawLimit;
use super::read_outcomes::RawOutcomes;
use crate::language::Wording;

type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProgramme {
    pub id: Text,
    pub title: Spanned<Wording>,
    pub document: String,
    pub time_zone: Text,
    pub bank_holidays: Text,
    #[serde(default)]
    pub areas: BTreeMap<Text, RawArea>,
    pub effective_from: Option<Spanned<toml::value::Datetime>>,
    #[serde(default)]
    pub applies_to: AppliesTo,
    pub ends_with: Vec<Spanned<RawMatcher>>,
    pub ladder: Text,
    pub ladders: BTreeMap<Text, RawLadder>,
    pub roles: BTreeMap<Text, RawRole>,
    #[serde(default)]
    pub rule: Vec<RawRule>,
    #[serde(default)]
    pub notice: Vec<RawNotice>,
    #[serde(default)]
    pub limit: Vec<RawLimit>,
    #[serde(default)]
    pub stage: Vec<RawStage>,
    #[serde(default)]
    pub outcomes: RawOutcomes,
    #[serde(default)]
    pub example: Vec<RawExample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawArea {
    pub bank_holidays: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExample {
    pub name: Text,
    pub on: Spanned<toml::value::Datetime>,
    pub events: Vec<RawExampleEvent>,
    pub expect: Vec<Spanned<RawExpectation>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExampleEvent {
    pub on: Spanned<toml::value::Datetime>,
    pub event: Text,
    pub data: Option<Spanned<toml::Table>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExpectation {
    pub occurrence: Text,
    #[serde(default)]
    pub absent: bool,
    pub status: Option<String>,
    pub opens_on: Option<Spanned<toml::value::Datetime>>,
    pub deadline: Option<Spanned<toml::value::Datetime>>,
    pub due_on: Option<Spanned<toml::value::Datetime>>,
    pub done_on: Option<Spanned<toml::value::Datetime>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStage {
    pub title: Spanned<Wording>,
    pub from: Vec<Spanned<RawMatcher>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRole {
    pub title: Spanned<Wording>,
    #[serde(default)]
    pub team: bool,
    pub manager: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLadder {
    #[serde(default)]
    pub late: RawLate,
    pub steps: Spanned<Vec<RawStep>>,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawLate {
    #[default]
    Send,
    Digest,
    Skip,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStep {
    pub at: Text,
    pub every: Option<Text>,
    pub times: Option<Spanned<u16>>,
    pub to: Spanned<Vec<Text>>,
    #[serde(default)]
    pub urgent: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub id: Text,
    pub title: Spanned<Wording>,
    pub kind: Spanned<RawKind>,
    pub anchor: Spanned<RawMatcher>,
    pub offset: Option<Text>,
    pub due: Option<Text>,
    pub opens: Option<Text>,
    pub every: Option<Spanned<RawEvery>>,
    #[serde(rename = "for")]
    pub for_: Option<Text>,
    #[serde(default)]
    pub until: Vec<Spanned<RawMatcher>>,
    pub done_by: Spanned<Vec<Spanned<RawMatcher>>>,
    pub counts_from: Option<Spanned<RawMatcher>>,
    pub unless: Option<RawUnless>,
    pub owner: Text,
    #[serde(default)]
    pub also: Vec<Text>,
    pub basis: RawBasis,
    pub source: String,
    pub reading: Option<String>,
    pub ladder: Option<Text>,
    #[serde(default)]
    pub report: bool,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawKind {
    Once,
    Windows,
    Interval,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawBasis {
    Policy,
    Local,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawUnless {
    pub since: Spanned<RawMatcher>,
    pub before: Spanned<RawMatcher>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNotice {
    pub id: Text,
    pub title: Spanned<Wording>,
    pub text: Spanned<Wording>,
    pub on: Spanned<Vec<Spanned<RawMatcher>>>,
    pub after: Option<Text>,
    #[serde(default)]
    pub until: Vec<Spanned<RawMatcher>>,
    pub to: Spanned<Vec<Text>>,
    pub source: String,
}

/// `"event-type"`, or `{ event = "event-type", where = { field = … }, date = "field" }`.
pub(super) struct RawMatcher {
    pub event: String,
    /// Where the event type stands, in the table form.
    pub event_at: Option<Range<usize>>,
    pub where_: BTreeMap<Text, Spanned<toml::Value>>,
    pub date: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MatcherTable {
    event: Text,
    #[serde(rename = "where", default)]
    where_: BTreeMap<Text, Spanned<toml::Value>>,
    date: Option<Text>,
}

/// `"2 weeks"`, or `{ field = "every" }`.
pub(super) enum RawEvery {
    Period(String),
    Field(Text),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EveryTable {
    field: Text,
}

/// Deserializes a value that is either a text or a table, with one error for anything else.
struct TextOrTable<T> {
    expecting: &'static str,
    text: fn(String) -> T,
}

macro_rules! text_or_table {
    ($raw:ident, $table:ident, $expecting:literal, $from_text:expr, $from_table:expr) => {
        impl<'de> Visitor<'de> for TextOrTable<$raw> {
            type Value = $raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.expecting)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<$raw, E> {
                Ok((self.text)(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$raw, A::Error> {
                $table::deserialize(MapAccessDeserializer::new(map)).map($from_table)
            }
        }

        impl<'de> Deserialize<'de> for $raw {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(TextOrTable { expecting: $expecting, text: $from_text })
            }
        }
    };
}

text_or_table!(
    RawMatcher,
    MatcherTable,
    "an event type, or { event = \"event-type\", where = { … } }",
    |event| RawMatcher { event, event_at: None, where_: BTreeMap::new(), date: None },
    |table: MatcherTable| RawMatcher {
        event_at: Some(table.event.span()),
        event: table.event.into_inner(),
        where_: table.where_,
        date: table.date
    }
);
text_or_table!(
    RawEvery,
    EveryTable,
    "a period such as \"2 weeks\", or { field = \"every\" }",
    RawEvery::Period,
    |table: EveryTable| RawEvery::Field(table.field)
);
