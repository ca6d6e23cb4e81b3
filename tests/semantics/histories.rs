//! Random histories of one case that the door admits, around the days that are hard to get right.

use chrono::{Duration, NaiveTime};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use stepdown::calendar::{CivilDate, Instant};
use stepdown::case::{EventKind, Field, types};
use stepdown::programme::{Condition, Matcher, Programme};

use super::oracle::Raw;
use crate::support::{CASE, CONFIG, date, london};

/// The middles of the histories: both clock changes, a leap day, month ends, Easter, Christmas, the bank holidays that
/// only one nation has.
const SEASONS: [&str; 8] = [
    "2024-02-29",
    "2025-03-30",
    "2025-10-26",
    "2025-12-25",
    "2026-04-06",
    "2025-08-31",
    "2026-03-17",
    "2026-07-13",
];

/// Periods that a field may state.
const PERIODS: [&str; 5] = ["1 week", "2 weeks", "1 month", "5 working days", "10 days"];

/// The types that speak of the log, or of who holds a role: the steps below make them, or nothing follows from them.
const ABOUT_THE_LOG: [&str; 5] = [
    types::EVENT_RETRACTED,
    types::EVENT_CORRECTED,
    types::OBLIGATION_WAIVED,
    types::PROFESSIONAL_ASSIGNED,
    types::PROFESSIONAL_UNASSIGNED,
];

/// What may happen in a case of this programme, by its catalogue. What rules start from, and what completes them, comes
/// up more often than the rest.
fn happenings(programme: &Programme) -> Vec<&'static EventKind> {
    let catalogue = &CONFIG.admissions.get(&programme.id).expect("a configured programme").catalogue;
    let kinds = catalogue.kinds().filter(|kind| !ABOUT_THE_LOG.contains(&&*kind.name));
    let weighed = kinds.flat_map(|kind| {
        let named = |matcher: &Matcher| matcher.event == kind.name;
        let starts = programme.rules.iter().filter(|rule| named(&rule.anchor.event)).count();
        let completes = programme.rules.iter().any(|rule| rule.done_by.iter().any(named));
        std::iter::repeat_n(kind, 1 + starts.min(3) + usize::from(completes))
    });
    weighed.collect()
}

/// Data that the schema admits and the rules may ask for: each choice is drawn from `draw`.
fn data(kind: &EventKind, programme: &Programme, day: CivilDate, draw: &mut Draw) -> Value {
    let mut data = serde_json::Map::new();
    for field in kind.described_fields() {
        if !field.required && draw.of(2) == 0 {
            continue;
        }
        let one = |draw: &mut Draw| value(kind, &field, programme, day, draw);
        let value = if field.list { json!([one(draw), one(draw)]) } else { one(draw) };
        data.insert(field.name, value);
    }
    let pairs = kind.schema["x-not-before"].as_object().into_iter().flatten();
    for (later, earlier) in pairs {
        // Days in ISO 8601 sort as text.
        let earlier = earlier.as_str().expect("a field");
        let first = data.get(earlier).and_then(Value::as_str).map(str::to_owned);
        if let (Some(first), Some(second)) = (first, data.get_mut(later)) {
            let second_day = second.as_str().expect("a date").to_owned();
            *second = json!(first.max(second_day));
        }
    }
    Value::Object(data)
}

fn value(kind: &EventKind, field: &Field, programme: &Programme, day: CivilDate, draw: &mut Draw) -> Value {
    if field.name == "programme" {
        return json!(programme.id);
    }
    if !field.values.is_empty() {
        return draw.from(&field.values).clone();
    }
    let wanted = wanted(kind, field, programme);
    if !wanted.is_empty() && draw.of(4) > 0 {
        return draw.from(&wanted).clone();
    }
    let roles: Vec<_> = programme.roles.keys().collect();
    let areas: Vec<_> = programme.areas.keys().collect();
    match (field.format.as_deref(), field.json_type.as_deref()) {
        (Some("role"), _) => json!(draw.from(&roles)),
        (Some("area"), _) => json!(draw.from(&areas)),
        (Some("date"), _) => json!(add(day, i64::try_from(draw.of(70)).expect("few") - 10)),
        (Some("period"), _) => json!(draw.from(&PERIODS)),
        (_, Some("boolean")) => json!(draw.of(2) == 0),
        (_, Some("integer" | "number")) => {
            number(field.minimum.unwrap_or(0.0) + f64::from(u32::try_from(draw.of(4)).expect("few")))
        }
        _ => json!("x"),
    }
}

/// The values of a field that conditions of the programme name, and those beside a limit.
fn wanted(kind: &EventKind, field: &Field, programme: &Programme) -> Vec<Value> {
    let matchers = programme.matchers().filter(|matcher| matcher.event == kind.name);
    let conditions = matchers.flat_map(|matcher| &matcher.conditions).filter(|(name, _)| *name == field.name);
    let values = conditions.flat_map(|(_, condition)| match condition {
        Condition::Equals(value) | Condition::Contains(value) => vec![value.clone()],
        Condition::OneOf(values) => values.clone(),
        Condition::AtLeast(limit) | Condition::AtMost(limit) => {
            vec![number(limit - 1.0), number(*limit), number(limit + 1.0)]
        }
    });
    values.collect()
}

/// A number in JSON, whole where it is.
fn number(of: f64) -> Value {
    of.to_string().parse().expect("a number")
}

/// Choices drawn from one number.
struct Draw(u64);

impl Draw {
    fn of(&mut self, choices: usize) -> usize {
        let choices = choices as u64;
        let chosen = self.0 % choices;
        // What is left may be spent: then it goes on from its own digits.
        self.0 = (self.0 / choices) ^ (self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20);
        usize::try_from(chosen).expect("few")
    }

    fn from<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.of(choices.len())]
    }
}

/// One step of a history before its references are settled.
#[derive(Debug, Clone)]
enum Step {
    Happens(usize, u64),
    Retract(usize),
    Correct(usize, Option<i64>, bool),
    Waive(usize, usize, u32),
}

fn step() -> impl Strategy<Value = Step> {
    let any_place = 0..1000_usize;
    prop_oneof![
        18 => (0..10_000_usize, any::<u64>()).prop_map(|(which, draw)| Step::Happens(which, draw)),
        1 => any_place.clone().prop_map(Step::Retract),
        1 => (any_place.clone(), prop::option::of(-40..40_i64), any::<bool>()).prop_map(|(i, t, d)| Step::Correct(i, t, d)),
        1 => (any_place, 0..60_usize, prop_oneof![2 => 1..4_u32, 1 => 1..60_u32]).prop_map(|(i, rule, n)| Step::Waive(i, rule, n)),
    ]
}

/// The times of day that are hard: around midnight, and around the hours that the clocks skip or repeat.
const TIMES: [(u32, u32); 6] = [(0, 0), (0, 30), (1, 30), (9, 0), (12, 0), (23, 59)];

fn instant(day: CivilDate, time: usize) -> Instant {
    let (hour, minute) = TIMES[time % TIMES.len()];
    london().instant_due(day, NaiveTime::from_hms_opt(hour, minute, 0).expect("a time"))
}

fn add(day: CivilDate, days: i64) -> CivilDate {
    day.checked_add_signed(Duration::days(days)).expect("in range")
}

/// A case under one of the programmes: its history, a day to ask about, and perhaps a moment to ask as of.
#[derive(Debug, Clone)]
pub struct Told {
    pub programme: &'static str,
    pub log: Vec<Raw>,
    pub on: CivilDate,
    pub known_at: Option<Instant>,
}

/// Histories of cases under every programme; under the largest, more.
pub fn history() -> impl Strategy<Value = Told> {
    prop::sample::select(programmes()).prop_flat_map(history_under)
}

/// Every programme, and the one with the most rules once more.
fn programmes() -> Vec<&'static str> {
    let mut all: Vec<_> =
        CONFIG.policies.iter().map(|(id, policy)| (policy.newest().rules.len(), id.as_str())).collect();
    all.sort_unstable();
    all.extend(all.last().copied());
    all.into_iter().map(|(_, id)| id).collect()
}

/// Histories of cases under this programme.
pub fn history_under(id: &'static str) -> impl Strategy<Value = Told> {
    let programme = CONFIG.policies.get(id).expect("a configured programme").newest();
    let steps = vec((step(), -150..150_i64, 0..TIMES.len()), 4..60);
    let opened = any::<u64>();
    (0..SEASONS.len(), opened, steps, -160..240_i64, prop::option::of(0..70_u64)).prop_map(
        move |(season, opened, steps, on, known)| {
            let middle = date(SEASONS[season]);
            let recorded = |place: usize| {
                instant(add(middle, -60), 4) + Duration::days(2 * i64::try_from(place).expect("few"))
            };
            let mut log = vec![Raw {
                id: "e1".to_owned(),
                event_type: "case-opened".to_owned(),
                time: instant(add(middle, -120), 3),
                recorded: recorded(0),
                data: opening(programme, middle, opened),
            }];
            for (step, day, time) in steps {
                let place = log.len();
                let (event_type, data) = settle(&step, &log, add(middle, day), programme);
                log.push(Raw {
                    id: format!("e{}", place + 1),
                    event_type,
                    time: instant(add(middle, day), time),
                    recorded: recorded(place),
                    data,
                });
            }
            let known_at = known.map(|place| {
                recorded(0) + Duration::days(2 * i64::try_from(place).expect("few")) + Duration::hours(1)
            });
            Told { programme: id, log, on: add(middle, on), known_at }
        },
    )
}

/// How a case comes under the programme, in an area or in none.
fn opening(programme: &Programme, day: CivilDate, draw: u64) -> Value {
    let mut kinds = happenings(programme).into_iter();
    let kind = kinds.find(|kind| &*kind.name == types::CASE_OPENED).expect("every programme has it");
    data(kind, programme, day, &mut Draw(draw))
}

fn settle(step: &Step, log: &[Raw], day: CivilDate, programme: &Programme) -> (String, Value) {
    let target = |place: usize| &log[place % log.len()];
    let (event_type, data) = match step {
        Step::Happens(which, draw) => {
            let kinds = happenings(programme);
            let kind = kinds[which % kinds.len()];
            (&*kind.name, data(kind, programme, day, &mut Draw(*draw)))
        }
        Step::Retract(place) => ("event-retracted", json!({"event": target(*place).id, "reason": "r"})),
        Step::Correct(place, days, with_data) => {
            let target = target(*place);
            let mut data = json!({"event": target.id, "reason": "r"});
            // Data of another event of the same type is data the schema admits.
            let twin =
                log.iter().rev().find(|raw| raw.event_type == target.event_type).expect("itself at least");
            if *with_data || days.is_none() {
                data["data"] = twin.data.clone();
            }
            if let Some(days) = days {
                data["time"] = json!((target.time + Duration::days(*days)).to_rfc3339());
            }
            ("event-corrected", data)
        }
        Step::Waive(place, rule, n) => {
            let rule = &programme.rules[rule % programme.rules.len()];
            // Mostly of a series that there may be: any other waives nothing.
            let may_start = |raw: &&Raw| *raw.event_type == *rule.anchor.event.event;
            let anchor = log.iter().rfind(may_start).filter(|_| place % 4 > 0).unwrap_or(target(*place));
            let series = log.iter().position(|raw| raw.id == anchor.id).expect("of this log") + 1;
            let rule = &rule.id;
            ("obligation-waived", json!({"occurrence": format!("{CASE}/{rule}/{series}.{n}"), "reason": "r"}))
        }
    };
    (event_type.to_owned(), data)
}
