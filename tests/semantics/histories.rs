//! Random histories of one case that the door admits, around the days that are hard to get right.

use chrono::{Days, Duration, NaiveTime};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use stepdown::calendar::{CivilDate, Instant};

use super::oracle::Raw;
use crate::support::{CASE, date, london};

/// The middles of the histories: both clock changes, a leap day, month ends, Easter, Christmas.
const SEASONS: [&str; 6] =
    ["2024-02-29", "2025-03-30", "2025-10-26", "2025-12-25", "2026-04-06", "2025-08-31"];

const CSW: &str = "child-social-worker";
const SSW: &str = "supervising-social-worker";
const IRO: &str = "independent-reviewing-officer";
const STW: &str = "stability-worker";

/// What may happen, by type and data. The moving parts of a case come up more often than the rest.
fn happenings() -> Vec<(&'static str, Value)> {
    let role = |by: &str| json!({ "by": by });
    let mut all = vec![
        ("suitability-confirmed", json!({})),
        ("my-home-my-place-submitted", json!({"version": "initial"})),
        ("my-home-my-place-submitted", json!({"version": "updated"})),
        ("referral-made", json!({"service": "advocacy"})),
        ("referral-made", json!({"service": "scayt", "purpose": "preparation"})),
        ("referral-made", json!({"service": "scayt", "purpose": "matching"})),
        ("referral-closed", json!({"service": "scayt"})),
        ("referral-made", json!({"service": "stability"})),
        ("preparation-planning-meeting-held", json!({})),
        ("care-planning-meeting-held", json!({})),
        ("readiness-confirmed", json!({})),
        ("step-down-not-suitable", json!({"reason": "r"})),
        ("possible-match-identified", json!({"family": "F"})),
        ("key-criteria-completed", json!({})),
        ("scayt-consultation-held", json!({})),
        ("scayt-formulation-held", json!({})),
        ("match-approved", json!({"family": "F"})),
        ("match-declined", json!({"family": "F"})),
        ("match-feedback-recorded", json!({"family": "F"})),
        ("carer-availability-updated", json!({})),
        ("training-completed", json!({"course": "breaking-the-cyclone"})),
        ("introductions-meeting-held", json!({})),
        ("introductions-started", json!({})),
        ("introductions-ended", json!({"reason": "r"})),
        ("visit-requested", json!({"of": IRO, "by": "child"})),
        ("child-moved-in", json!({"changes_school": true})),
        ("looked-after-review-held", json!({})),
        ("education-plan-completed", json!({})),
        ("scayt-session-held", json!({})),
        ("development-group-attended", json!({})),
        ("planned-break-carer-identified", json!({})),
        ("placement-ended", json!({"reason": "r"})),
        ("case-closed", json!({})),
        ("case-opened", json!({"programme": "lancashire-step-down"})),
        ("policy-launched", json!({})),
        ("policy-reviewed", json!({})),
        ("support-meeting-held", json!({"attendees": [CSW, STW]})),
        ("support-meeting-held", json!({"attendees": ["residential-key-worker"]})),
    ];
    for tool in ["needs-assessment", "ramp"] {
        all.push(("assessment-recorded", json!({ "tool": tool, "level": "2.3" })));
    }
    for score in [13, 14, 40] {
        all.push(("assessment-recorded", json!({ "tool": "sdq", "score": score })));
    }
    for point in ["first-week", "mid-point", "final-week"] {
        all.push(("introductions-review-held", json!({ "point": point })));
    }
    for outcome in ["continue", "end"] {
        all.push(("stability-review-held", json!({ "outcome": outcome })));
        all.push(("scayt-review-held", json!({ "outcome": outcome })));
    }
    for outcome in ["continue", "standard"] {
        all.push(("support-period-reviewed", json!({ "outcome": outcome })));
    }
    for by in [CSW, SSW, IRO, STW] {
        all.extend([("visit-made", role(by)), ("visit-made", role(by)), ("check-in-made", role(by))]);
    }
    for _ in 0..3 {
        all.extend([
            ("child-moved-in", json!({"changes_school": false})),
            ("introductions-started", json!({})),
        ]);
    }
    all
}

/// One step of a history before its references are settled.
#[derive(Debug, Clone)]
enum Step {
    Happens(usize),
    Planned(u64, u64),
    Agreed(bool, &'static str, Option<i64>),
    Retract(usize),
    Correct(usize, Option<i64>, bool),
    Waive(usize, usize, u32),
}

fn step() -> impl Strategy<Value = Step> {
    let any_place = 0..1000_usize;
    let periods = prop::sample::select(vec!["1 week", "2 weeks", "1 month", "5 working days", "10 days"]);
    prop_oneof![
        16 => (0..happenings().len()).prop_map(Step::Happens),
        1 => (0..60_u64, 0..60_u64).prop_map(|(starts, moves)| Step::Planned(starts, starts + moves)),
        1 => (any::<bool>(), periods, prop::option::of(-10..10_i64)).prop_map(|(csw, every, from)| Step::Agreed(csw, every, from)),
        1 => any_place.clone().prop_map(Step::Retract),
        1 => (any_place.clone(), prop::option::of(-40..40_i64), any::<bool>()).prop_map(|(i, t, d)| Step::Correct(i, t, d)),
        1 => (any_place, 0..60_usize, 1..60_u32).prop_map(|(i, rule, n)| Step::Waive(i, rule, n)),
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

/// A history, a day to ask about, and perhaps a moment to ask as of.
pub fn history(rules: Vec<String>) -> impl Strategy<Value = (Vec<Raw>, CivilDate, Option<Instant>)> {
    let steps = vec((step(), -150..150_i64, 0..TIMES.len()), 4..60);
    (0..SEASONS.len(), steps, -160..240_i64, prop::option::of(0..70_u64)).prop_map(
        move |(season, steps, on, known)| {
            let middle = date(SEASONS[season]);
            let recorded = |place: usize| {
                instant(add(middle, -60), 4) + Duration::days(2 * i64::try_from(place).expect("few"))
            };
            let mut log = vec![Raw {
                id: "e1".to_owned(),
                event_type: "case-opened".to_owned(),
                time: instant(add(middle, -120), 3),
                recorded: recorded(0),
                data: json!({"programme": "lancashire-step-down"}),
            }];
            for (step, day, time) in steps {
                let place = log.len();
                let (event_type, data) = settle(&step, &log, add(middle, day), &rules);
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
            (log, add(middle, on), known_at)
        },
    )
}

fn settle(step: &Step, log: &[Raw], day: CivilDate, rules: &[String]) -> (String, Value) {
    let target = |place: usize| &log[place % log.len()];
    let (event_type, data) = match step {
        Step::Happens(index) => {
            let (event_type, data) = happenings().swap_remove(*index);
            (event_type, data)
        }
        Step::Planned(starts, moves) => {
            let at = |days: u64| day.checked_add_days(Days::new(days)).expect("in range");
            ("introductions-planned", json!({"starts_on": at(*starts), "moves_on": at(*moves)}))
        }
        Step::Agreed(csw, every, from) => {
            let mut data = json!({"by": if *csw { CSW } else { SSW }, "every": every});
            if let Some(from) = from {
                data["from"] = json!(add(day, *from));
            }
            ("visit-frequency-agreed", data)
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
            let series = place % log.len() + 1;
            let rule = &rules[rule % rules.len()];
            ("obligation-waived", json!({"occurrence": format!("{CASE}/{rule}/{series}.{n}"), "reason": "r"}))
        }
    };
    (event_type.to_owned(), data)
}
