//! Golden examples: a history, and what its author expects of it.

use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::calendar::{CivilDate, Instant};
use crate::case::OccurrenceName;

/// The case that an example tells of, as its occurrences are named in full: `EXAMPLE/RULE/SERIES.N`.
pub const EXAMPLE_CASE: &str = "EXAMPLE";

/// A case as it might have been, and the dates that must follow.
#[derive(Debug, Clone)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The day on which the dates are looked at.
    pub on: CivilDate,
    /// What happened, in the order of the log: the first has the number 1.
    pub events: Vec<ExampleEvent>,
    /// What is expected.
    pub expect: Vec<Expectation>,
}

/// Something that happened in an example. Its id is its number.
#[derive(Debug, Clone)]
pub struct ExampleEvent {
    /// When.
    pub time: Instant,
    /// The event type.
    pub event: Arc<str>,
    /// The data.
    pub data: Map<String, Value>,
    /// Where the file names the type.
    pub event_at: Range<usize>,
    /// Where the data stands; the type, where there is none.
    pub data_at: Range<usize>,
}

/// What is expected of one occurrence; what is left out may be as it is.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// Which, with [`EXAMPLE_CASE`] as its case.
    pub name: OccurrenceName,
    /// That there is none of this name.
    pub absent: bool,
    /// Its status.
    pub status: Option<String>,
    /// The first day it can be done.
    pub opens_on: Option<CivilDate>,
    /// The limit.
    pub deadline: Option<CivilDate>,
    /// The day to act by.
    pub due_on: Option<CivilDate>,
    /// The day it was done.
    pub done_on: Option<CivilDate>,
    /// Where the file says so.
    pub span: Range<usize>,
}
