//! The TOML notation of a map, before any meaning: plain tables that remember their place.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMap {
    pub source: Text,
    pub case: Text,
    #[serde(default)]
    pub case_prefix: String,
    pub row: Option<Text>,
    pub delimiter: Option<Text>,
    pub dates: Option<Spanned<Value>>,
    #[serde(default)]
    pub event: Vec<RawEvent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvent {
    #[serde(rename = "type")]
    pub event_type: Text,
    pub name: Option<Text>,
    pub date: Text,
    #[serde(default)]
    pub when: BTreeMap<Text, Spanned<Value>>,
    pub key: Option<Spanned<Vec<Text>>>,
    #[serde(default)]
    pub data: BTreeMap<Text, Spanned<RawField>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawField {
    pub value: Option<Spanned<Value>>,
    pub column: Option<Text>,
    pub values: Option<Spanned<BTreeMap<String, Spanned<Value>>>>,
    #[serde(rename = "as")]
    pub form: Option<Text>,
    pub separator: Option<Text>,
    #[serde(default)]
    pub required: bool,
}
