//! How long the record of a child must be kept.

use chrono::Months;
use serde::{Deserialize, Serialize};

use super::{CaseHistory, types};
use crate::calendar::{CivilDate, Zone};

/// Until when a record must be kept, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// The last day for which it must be kept.
    pub until: CivilDate,
    /// What the years are counted from.
    pub counted_from: CountedFrom,
}

/// What the years of a retention are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountedFrom {
    /// The day of birth: `born_on` of `case-opened`.
    Birth,
    /// The day the case was opened, where no birth is recorded: a child is born before that, so that the record
    /// is never erased too early.
    Opening,
}

impl Retention {
    /// The retention of a case for `years` after the child's birth (in England 75: regulation 50 of the Care
    /// Planning, Placement and Case Review (England) Regulations 2010), as its events read today; `None` where
    /// none of them stands. Where the year has no 29 February it is the 28th.
    #[must_use]
    pub fn of(history: &CaseHistory, zone: Zone, years: u32) -> Option<Self> {
        let read = history.read(None, zone);
        let opened = || read.iter().filter(|event| event.event_type() == types::CASE_OPENED);
        let born = opened().filter_map(|event| event.data.text("born_on")?.parse().ok()).next_back();
        let first = || opened().chain(&read).next().map(|event| event.date);
        let (from, counted_from): (CivilDate, _) = match born {
            Some(born) => (born, CountedFrom::Birth),
            None => (first()?, CountedFrom::Opening),
        };
        // Beyond the calendar there is no end.
        let until = from.checked_add_months(Months::new(years.saturating_mul(12))).unwrap_or(CivilDate::MAX);
        Some(Self { until, counted_from })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::case::{EventNumber, RecordedEvent, Sequence, parse_event};

    fn retention(events: &[(&str, &str, Value)]) -> Option<(String, CountedFrom)> {
        let mut history = CaseHistory::new("SD-1".parse().expect("a reference"));
        for (number, (day, event_type, data)) in (1..).zip(events) {
            let (event, _) = parse_event(json!({
                "specversion": "1.0", "id": format!("e{number}"), "source": "/test", "type": event_type,
                "subject": "SD-1", "time": format!("{day}T12:00:00Z"), "data": data,
            }))
            .expect("an event");
            let recorded = event.time;
            let (sequence, number) = (Sequence(number), EventNumber(u32::try_from(number).expect("few")));
            history.apply(RecordedEvent { event, sequence, number, recorded });
        }
        let zone = "Europe/London".parse().expect("a zone");
        Retention::of(&history, zone, 75).map(|found| (found.until.to_string(), found.counted_from))
    }

    #[test]
    fn it_is_counted_from_the_birth_and_else_from_the_opening() {
        let opened = |born: &str| ("2026-01-05", "case-opened", json!({"programme": "p", "born_on": born}));
        let unborn = ("2026-01-05", "case-opened", json!({"programme": "p"}));
        let until = |day: &str, from| Some((day.to_owned(), from));
        assert_eq!(retention(&[opened("2013-03-09")]), until("2088-03-09", CountedFrom::Birth));
        assert_eq!(retention(&[opened("2012-02-29")]), until("2087-02-28", CountedFrom::Birth));
        assert_eq!(retention(std::slice::from_ref(&unborn)), until("2101-01-05", CountedFrom::Opening));
        let visit = ("2025-12-01", "visit-made", json!({}));
        assert_eq!(retention(&[visit.clone(), unborn]), until("2101-01-05", CountedFrom::Opening));
        assert_eq!(retention(&[visit]), until("2100-12-01", CountedFrom::Opening));
        assert_eq!(retention(&[]), None);
    }

    #[test]
    fn a_birth_that_was_corrected_counts_as_corrected() {
        let opened = ("2026-01-05", "case-opened", json!({"programme": "p", "born_on": "2013-03-09"}));
        let corrected =
            json!({"event": "e1", "data": {"programme": "p", "born_on": "2014-03-09"}, "reason": "mistyped"});
        assert_eq!(
            retention(&[opened, ("2026-01-06", "event-corrected", corrected)]),
            Some(("2089-03-09".to_owned(), CountedFrom::Birth))
        );
    }
}
