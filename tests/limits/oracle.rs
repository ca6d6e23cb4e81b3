//! Random histories of many cases, read by a second, plainer implementation: sets of open cases by value.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config as Settings;
use serde_json::{Value, json};
use stepdown::calendar::{CivilDate, Instant};
use stepdown::case::{Cases, Data, Event, EventNumber, RecordedEvent, Sequence};
use stepdown::schedule::Places;

use crate::families::CONFIG;

/// What happens: in which of six cases, what, on which day, with which carer or about which earlier event.
type Happening = (u8, u8, u64, u8, prop::sample::Index);

#[derive(Clone)]
struct Raw {
    case: String,
    event_type: &'static str,
    day: CivilDate,
    data: Value,
}

fn day(offset: u64) -> CivilDate {
    let first: CivilDate = "2026-03-20".parse().expect("a date");
    first.checked_add_days(Days::new(offset)).expect("in range")
}

fn raws(happenings: &[Happening]) -> Vec<Raw> {
    let mut log: Vec<Raw> = (0..6)
        .map(|n| Raw {
            case: format!("SD-{n}"),
            event_type: "case-opened",
            day: day(0),
            data: json!({"programme": "families"}),
        })
        .collect();
    for (case, what, offset, carer, about) in happenings {
        let case = format!("SD-{}", case % 6);
        let carer = ["C-1", "C-2", "C-3"].get(usize::from(carer % 4)).map(|carer| json!({ "carer": carer }));
        let carer = carer.unwrap_or_else(|| json!({}));
        let earlier: Vec<usize> = (0..log.len()).filter(|place| log[*place].case == case).skip(1).collect();
        let target = (!earlier.is_empty()).then(|| format!("e{}", earlier[about.index(earlier.len())]));
        let (event_type, data) = match (what % 10, target) {
            (0..=4, _) => ("family-accepted", carer),
            (5 | 6, _) => ("support-ended", json!({})),
            (7, _) => ("case-closed", json!({})),
            (8, Some(id)) => ("event-retracted", json!({"event": id, "reason": "r"})),
            (_, Some(id)) => {
                let time = format!("{}T10:00:00Z", day((offset + 3) % 20));
                ("event-corrected", json!({"event": id, "time": time, "data": carer, "reason": "r"}))
            }
            _ => ("support-ended", json!({})),
        };
        log.push(Raw { case, event_type, day: day(*offset % 20), data });
    }
    log
}

fn time(day: CivilDate) -> Instant {
    format!("{day}T10:00:00Z").parse().expect("an instant")
}

/// The open cases by carer on `on`: each case's events as they read, gone through one after the other.
fn plainly(log: &[Raw], on: CivilDate) -> BTreeMap<String, BTreeSet<String>> {
    let mut read: Vec<(usize, &Raw, Instant, Value)> = Vec::new();
    let mut gone = BTreeSet::new();
    let mut mended: BTreeMap<usize, (Option<Instant>, Option<Value>)> = BTreeMap::new();
    for (place, raw) in log.iter().enumerate().rev() {
        // Nobody corrects a correction here but what it says is read as it is corrected.
        let (moved, data) = mended.get(&place).cloned().unwrap_or_default();
        let data = data.unwrap_or_else(|| raw.data.clone());
        if gone.contains(&place) {
            continue;
        }
        let about = data["event"].as_str().and_then(|id| id[1..].parse::<usize>().ok());
        match (raw.event_type, about) {
            ("event-retracted", Some(about)) => drop(gone.insert(about)),
            ("event-corrected", Some(about)) => {
                let known = mended.entry(about).or_default();
                known.0 = known.0.or_else(|| data["time"].as_str().and_then(|text| text.parse().ok()));
                known.1 = known.1.take().or_else(|| Some(data["data"].clone()));
            }
            _ => {}
        }
        read.push((place, raw, moved.unwrap_or_else(|| time(raw.day)), data));
    }
    read.sort_by_key(|(place, _, time, _)| (*time, *place));
    let mut holds: BTreeMap<String, String> = BTreeMap::new();
    for (_, raw, time, data) in read.iter().filter(|(_, _, time, _)| time.date_naive() <= on) {
        assert!(time.date_naive() <= on);
        let frees = ["family-accepted", "support-ended", "case-closed"].contains(&raw.event_type);
        if frees {
            holds.remove(&raw.case);
        }
        if let (true, Some(carer)) = (raw.event_type == "family-accepted", data["carer"].as_str()) {
            holds.insert(raw.case.clone(), carer.to_owned());
        }
    }
    let mut by_carer: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (case, carer) in holds {
        by_carer.entry(carer).or_default().insert(case);
    }
    by_carer
}

fn by_engine(places: &Places, on: CivilDate) -> BTreeMap<String, BTreeSet<String>> {
    let programme = CONFIG.policies["families"].newest();
    let tallies = places.tallies(programme, on);
    for tally in &tallies {
        assert_eq!(tally.open(), 4 + tally.over() - tally.room(), "room and excess add up");
        assert_eq!(tally.beyond().len(), tally.over());
        assert!(tally.places.is_sorted_by_key(|place| (place.time, place.sequence)));
        let of_first = places.tallies_of([&tally.places[0].case], programme, on);
        assert!(of_first.iter().any(|other| other.value == tally.value && other.places == tally.places));
    }
    let cases = |places: &[std::sync::Arc<stepdown::schedule::Place>]| {
        places.iter().map(|place| place.case.to_string()).collect()
    };
    tallies.iter().map(|tally| (tally.value.to_string(), cases(&tally.places))).collect()
}

fn filed(cases: &mut Cases, numbers: &mut BTreeMap<String, u32>, place: usize, raw: &Raw) {
    let number = numbers.entry(raw.case.clone()).or_default();
    *number += 1;
    let data: Data = serde_json::from_value(raw.data.clone()).expect("an object");
    let event = Event {
        id: format!("e{place}").parse().expect("an id"),
        source: "/test".into(),
        event_type: raw.event_type.into(),
        subject: raw.case.parse().expect("a reference"),
        time: time(raw.day),
        data,
        extensions: None,
    };
    let (sequence, recorded) = (Sequence(place as u64 + 1), time(day(20)));
    cases.apply(&RecordedEvent { event, sequence, number: EventNumber(*number), recorded });
}

/// How many histories a run tries; `PROPTEST_CASES` asks for more.
fn settings() -> Settings {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    Settings { cases, failure_persistence: None, ..Settings::default() }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn the_places_are_the_sets_of_open_cases_however_they_were_come_by(
        happenings in vec(any::<Happening>(), 0..60),
        looks in vec(any::<bool>(), 66),
        on in 0..22_u64,
    ) {
        let log = raws(&happenings);
        let (mut cases, mut numbers, mut kept) = (Cases::default(), BTreeMap::new(), Places::default());
        kept.refresh(&cases, &CONFIG.policies);
        for (place, raw) in log.iter().enumerate() {
            filed(&mut cases, &mut numbers, place, raw);
            kept.heard(&raw.case.parse().expect("a reference"), raw.event_type);
            if looks[place % looks.len()] {
                kept.refresh(&cases, &CONFIG.policies);
            }
        }
        kept.refresh(&cases, &CONFIG.policies);
        let expected = plainly(&log, day(on));
        prop_assert_eq!(by_engine(&Places::of(&cases, &CONFIG.policies, None), day(on)), expected.clone());
        prop_assert_eq!(by_engine(&kept, day(on)), expected);
    }
}
