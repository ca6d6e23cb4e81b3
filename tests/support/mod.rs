//! Given / when / then for a case's history: days are given relative to a Monday.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub mod office;

use std::sync::LazyLock;

use chrono::{Days, NaiveTime};
use serde_json::Value;
use stepdown::api::answer::Answers;
use stepdown::api::{DueQuery, ObligationRow};
use stepdown::calendar::{CivilDate, Instant, Zone};
use stepdown::case::{Cases, Data, Erasure, Event, EventNumber, RecordedEvent, Sequence};
use stepdown::config::{Config, Source};
use stepdown::daemon::Records;
use stepdown::schedule::Explanation;

/// The starter configuration.
pub static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::load(&Source::Starter).expect("the starter loads"));

pub const CASE: &str = "SD-0042";

pub fn date(text: &str) -> CivilDate {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub fn london() -> Zone {
    "Europe/London".parse().expect("a zone")
}

/// Noon in London on `day`.
pub fn noon(day: CivilDate) -> Instant {
    london().instant_due(day, NaiveTime::from_hms_opt(12, 0, 0).expect("a time"))
}

/// A case's history in the making.
#[derive(Clone, Default)]
pub struct Story {
    records: Records,
    count: u32,
}

/// Starts a story with the case opened on `day`.
pub fn given_case_opened(day: &str) -> Story {
    Story::default().happened(day, "case-opened", serde_json::json!({"programme": "lancashire-step-down"}))
}

impl Story {
    /// Something happened at noon of `day`, and was recorded at once.
    pub fn happened(self, day: &str, event_type: &str, data: Value) -> Self {
        self.recorded(day, day, event_type, data)
    }

    /// Something happened at noon of `day`, and was recorded at noon of `recorded`.
    pub fn recorded(self, recorded: &str, day: &str, event_type: &str, data: Value) -> Self {
        self.at(noon(date(day)), noon(date(recorded)), event_type, data)
    }

    pub fn at(mut self, time: Instant, recorded: Instant, event_type: &str, data: Value) -> Self {
        self.count += 1;
        let data: Data = serde_json::from_value(data).expect("an object");
        let event = Event {
            id: format!("e{}", self.count).parse().expect("an id"),
            source: "/test".into(),
            event_type: event_type.into(),
            subject: CASE.parse().expect("a reference"),
            time,
            data,
            extensions: None,
        };
        let (sequence, number) = (Sequence(u64::from(self.count)), EventNumber(self.count));
        self.records.cases.apply(&RecordedEvent { event, sequence, number, recorded });
        self
    }

    /// The case was erased at noon of `day`.
    pub fn erased(mut self, day: &str) -> Self {
        self.count += 1;
        let erased = Erasure { recorded: noon(date(day)), sequence: Sequence(u64::from(self.count)) };
        self.records.cases.erase(&CASE.parse().expect("a reference"), erased);
        self
    }

    pub fn cases(&self) -> &Cases {
        &self.records.cases
    }

    /// Every obligation on `day`, cancelled ones too.
    pub fn due_on(&self, day: &str) -> Vec<ObligationRow> {
        self.due(&DueQuery { on: Some(date(day)), all: true, ..DueQuery::default() })
    }

    pub fn due(&self, query: &DueQuery) -> Vec<ObligationRow> {
        self.answers().due(query).expect("the case is known")
    }

    pub fn answers(&self) -> Answers<'_> {
        Answers { records: &self.records, config: &CONFIG, now: noon(date("2026-11-01")) }
    }

    /// The obligations of one rule, as "SERIES.N status opens..deadline `due_on` `done_on`", in order.
    pub fn of_rule(&self, rule: &str, day: &str) -> Vec<String> {
        let mut rows: Vec<_> =
            self.due_on(day).into_iter().filter(|row| row.obligation.as_str() == rule).collect();
        rows.sort_by_key(|row| {
            let (series, n) =
                row.occurrence.rsplit('/').next().and_then(|p| p.split_once('.')).expect("a name");
            (series.parse::<u32>().expect("a number"), n.parse::<u32>().expect("a number"))
        });
        rows.iter().map(line).collect()
    }

    pub fn explain(&self, occurrence: &str, day: &str) -> Explanation {
        let name = occurrence.parse().expect("a name");
        self.answers().explain(&name, Some(date(day)), None).expect("the occurrence is there").explanation
    }
}

fn line(row: &ObligationRow) -> String {
    let place = row.occurrence.rsplit('/').next().unwrap_or_default();
    let done = row.done_on.map(|on| format!(" done {on}")).unwrap_or_default();
    format!("{place} {} {}..{} act by {}{done}", row.status, row.opens_on, row.deadline, row.due_on)
}

/// `day` and the days after it.
pub fn plus(day: &str, days: u64) -> String {
    date(day).checked_add_days(Days::new(days)).expect("in range").to_string()
}
