//! A simulation is what the daemon would do: given a story, when the days go by, then both plan the same.

mod support;

use serde_json::json;
use stepdown::api::answer::Answers;
use stepdown::api::{DueQuery, SimulateQuery};
use stepdown::daemon::{Records, post};
use support::office::Desk;
use support::{CONFIG, Story, date, given_case_opened, noon};

fn story() -> Story {
    given_case_opened("2026-01-05")
        .happened(
            "2026-01-05",
            "professional-assigned",
            json!({"role": "child-social-worker", "person": "amara-okafor"}),
        )
        .happened(
            "2026-01-06",
            "professional-assigned",
            json!({"role": "supervising-social-worker", "person": "tom-whitfield"}),
        )
        .happened("2026-02-02", "suitability-confirmed", json!({}))
        .happened("2026-02-20", "match-approved", json!({"family": "F-1"}))
        .happened("2026-03-02", "introductions-started", json!({}))
        .happened("2026-04-13", "child-moved-in", json!({"changes_school": true}))
}

/// What a simulation says, as the lines of the desk.
fn simulated(records: &Records, from: &str, to: &str, now: &str) -> Vec<String> {
    let answers = Answers { records, config: &CONFIG, now: noon(date(now)) };
    let query =
        SimulateQuery { from: date(from), to: date(to), case: None, events: Vec::new(), messages: false };
    let mails =
        answers.simulate(&query, &post(&CONFIG).expect("templates"), |_| {}).expect("it can be simulated");
    let mut lines = Vec::new();
    for simulated in mails {
        let mail = simulated.mail;
        let head = format!("{} {} {}", mail.on, mail.kind, mail.to);
        lines.extend(
            mail.items
                .iter()
                .map(|item| format!("{head}: {} {} {}", item.occurrence, item.step, item.reason)),
        );
        if mail.items.is_empty() {
            lines.push(format!("{head}: {}", mail.subject));
        }
    }
    lines
}

#[test]
fn what_is_simulated_for_days_to_come_is_what_the_days_bring() {
    let (from, to) = ("2026-04-14", "2026-07-31");
    let records = Records { cases: story().cases().clone(), ..Records::default() };
    // Whoever starts on this day has told everything before it.
    let mut desk = Desk::new(story());
    desk.at(noon(date("2026-04-13")));
    let ledger = desk.ledger.clone();
    let records = Records { ledger, ..records };
    let mut expected = Vec::new();
    for day in date(from).iter_days().take_while(|day| *day <= date(to)) {
        let now = desk.office.opens(day);
        let planned = desk.at(now);
        for one in &planned {
            let items = one.plan.matter.items();
            let head = format!("{day} {} {}", one.plan.matter.kind(), one.to.email);
            expected.extend(
                items.iter().map(|item| format!("{head}: {} {} {}", item.occurrence, item.step, item.reason)),
            );
            if items.is_empty() {
                expected.push(format!("{head}: {}", desk.render(one, now).subject));
            }
        }
    }
    assert!(expected.len() > 100, "{}", expected.len());
    assert_eq!(simulated(&records, from, to, "2026-04-13"), expected);
}

#[test]
fn an_event_of_the_afternoon_is_not_known_in_the_morning() {
    let reminded = |lines: &[String]| {
        lines
            .iter()
            .any(|line| line.starts_with("2026-04-20 digest") && line.contains("csw-visit-settling/7.1 0"))
    };
    let visit = |time: &str| {
        let time = format!("2026-04-20T{time}Z").parse().expect("an instant");
        story().at(time, noon(date("2026-04-20")), "visit-made", json!({"by": "child-social-worker"}))
    };
    let told = |story: Story| {
        let records = Records { cases: story.cases().clone(), ..Records::default() };
        simulated(&records, "2026-04-14", "2026-04-20", "2026-08-01")
    };
    assert!(reminded(&told(visit("14:00:00"))), "it had not happened by eight");
    assert!(!reminded(&told(visit("05:00:00"))), "it had happened");
    let rows = story().due(&DueQuery { on: Some(date("2026-04-20")), ..DueQuery::default() });
    assert!(rows.iter().any(|row| row.occurrence.ends_with("csw-visit-settling/7.1")));
}
