//! Invented cases for measuring, the same at every run.

#![allow(dead_code, reason = "each bench uses its own part of this")]

use chrono::Duration;
use serde_json::{Value, json};
use stepdown::calendar::Instant;
use stepdown::case::{CaseRef, rfc3339};

const CSW: &str = "child-social-worker";
const SSW: &str = "supervising-social-worker";
const STW: &str = "stability-worker";

/// What happens in a case, over and over: the start of a journey, then visits, checks and meetings.
fn happening(n: usize) -> (&'static str, Value) {
    let start = [
        ("case-opened", json!({"programme": "lancashire-step-down"})),
        ("professional-assigned", json!({"role": CSW, "person": "amara-okafor"})),
        ("professional-assigned", json!({"role": SSW, "person": "tom-whitfield"})),
        ("assessment-recorded", json!({"tool": "needs-assessment", "level": "2.2"})),
        ("assessment-recorded", json!({"tool": "sdq", "score": 15})),
        ("suitability-confirmed", json!({})),
        ("my-home-my-place-submitted", json!({"version": "initial"})),
        ("referral-made", json!({"service": "scayt", "purpose": "preparation"})),
        ("preparation-planning-meeting-held", json!({"attendees": [CSW, "scayt"]})),
        ("readiness-confirmed", json!({})),
        ("my-home-my-place-submitted", json!({"version": "updated"})),
        ("possible-match-identified", json!({"family": "F-1"})),
        ("match-approved", json!({"family": "F-1"})),
        ("introductions-planned", json!({"starts_on": "2025-05-01", "moves_on": "2025-06-20"})),
        ("introductions-started", json!({})),
        ("child-moved-in", json!({"family": "F-1", "changes_school": true})),
        ("visit-frequency-agreed", json!({"by": CSW, "every": "2 weeks"})),
    ];
    let rest = [
        ("visit-made", json!({"by": CSW})),
        ("visit-made", json!({"by": SSW})),
        ("check-in-made", json!({"by": CSW})),
        ("support-meeting-held", json!({"attendees": [CSW, SSW, STW]})),
        ("visit-made", json!({"by": STW})),
        ("care-planning-meeting-held", json!({"attendees": [CSW]})),
        ("scayt-session-held", json!({})),
        ("assessment-recorded", json!({"tool": "needs-assessment", "level": "2.1"})),
    ];
    start.get(n).cloned().unwrap_or_else(|| rest[n % rest.len()].clone())
}

/// The reference of case number `case`.
pub fn reference(case: usize) -> CaseRef {
    format!("SD-{case:05}").parse().expect("a reference")
}

/// The `n`-th event of case number `case`.
pub fn event(case: usize, n: usize) -> Value {
    let (event_type, data) = happening(n);
    let start: Instant = "2025-01-06T09:00:00Z".parse().expect("an instant");
    let time =
        start + Duration::hours(i64::try_from(n).expect("few") * 96 + i64::try_from(case % 90).expect("few"));
    json!({
        "specversion": "1.0", "id": format!("{case}-{n}"), "source": "https://case-system.example.org/",
        "type": event_type, "subject": reference(case).as_str(), "time": rfc3339(time),
        "datacontenttype": "application/json", "data": data,
    })
}

/// `cases` cases of `each` events, interleaved as a year's log would be.
pub fn log(cases: usize, each: usize) -> Vec<Value> {
    (0..each).flat_map(|n| (0..cases).map(move |case| event(case, n))).collect()
}

pub fn now() -> Instant {
    "2026-11-02T09:00:00Z".parse().expect("an instant")
}
