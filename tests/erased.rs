//! An erased case: it is known that there was one, and nothing is due, told or taken of it any more.

mod support;

use serde_json::json;
use stepdown::api::answer::QueryError;
use stepdown::api::{CaseQuery, CasesQuery, DueQuery};
use stepdown::case::{CaseRef, admit, parse_event};
use support::office::Desk;
use support::{CASE, CONFIG, Story, date, given_case_opened};

fn given_a_case_moved_in() -> Story {
    given_case_opened("2026-05-04")
        .happened(
            "2026-05-04",
            "professional-assigned",
            json!({"role": "child-social-worker", "person": "amara-okafor"}),
        )
        .happened("2026-05-11", "child-moved-in", json!({"family": "F-1", "changes_school": false}))
}

fn case() -> CaseRef {
    CASE.parse().expect("a reference")
}

#[test]
fn nothing_is_due_of_it_and_its_file_says_why() {
    let kept = given_a_case_moved_in();
    assert!(!kept.due_on("2026-06-02").is_empty());
    let story = kept.erased("2026-06-01");
    assert!(story.due_on("2026-06-02").is_empty());
    let one = DueQuery { case: Some(case()), ..DueQuery::default() };
    let gone = QueryError::Erased { case: case(), on: date("2026-06-01") };
    assert_eq!(story.answers().due(&one), Err(gone.clone()));
    let name = "SD-0042/csw-visit-settling/3.1".parse().expect("a name");
    assert_eq!(story.answers().explain(&name, None, None).err(), Some(gone));
    let file = story.answers().case(&case(), &CaseQuery::default()).expect("it is known");
    assert_eq!(file.erased.map(|erased| (erased.on, erased.events)), Some((date("2026-06-01"), 3)));
    assert!(file.events.is_empty() && file.people.is_empty() && file.due.is_empty());
}

#[test]
fn it_is_listed_among_all_cases_only() {
    let story = given_a_case_moved_in().erased("2026-06-01");
    let list = |all| story.answers().cases(&CasesQuery { all, ..CasesQuery::default() }).expect("a list");
    assert!(list(false).is_empty());
    let days: Vec<_> = list(true).into_iter().map(|row| row.erased_on).collect();
    assert_eq!(days, [Some(date("2026-06-01"))]);
}

#[test]
fn no_mail_tells_of_it() {
    let mut desk = Desk::new(given_a_case_moved_in());
    assert!(!desk.clone().morning("2026-06-02").is_empty());
    let told = desk.plan(desk.eight("2026-06-01"));
    desk.story = desk.story.erased("2026-06-01");
    assert!(desk.morning("2026-06-02").iter().all(|line| line.starts_with("admin ")));
    let world = desk.world(desk.eight("2026-06-02"));
    for planned in told.iter().filter(|planned| !planned.plan.matter.items().is_empty()) {
        let mut seen = stepdown::reminders::Standings::new();
        let message = stepdown::reminders::compose(&planned.plan, planned.to.clone(), &world, &mut seen);
        assert!(message.is_none(), "{}", planned.plan.key);
    }
}

#[test]
fn the_door_takes_no_event_of_it() {
    let story = given_a_case_moved_in().erased("2026-11-20");
    let (event, _) = parse_event(json!({
        "specversion": "1.0", "id": "late", "type": "visit-made", "source": "/test", "subject": CASE,
        "time": "2026-05-20T10:00:00Z", "data": {"by": "child-social-worker"},
    }))
    .expect("an event");
    let now = "2026-11-21T09:00:00Z".parse().expect("an instant");
    let refused = admit(&[&event], story.cases(), &CONFIG.admissions, now);
    let words: Vec<_> = refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        ["event 1: subject: case SD-0042 was erased on 2026-11-20; nothing more is recorded of it"]
    );
}
