//! Mail that waits when a case is erased, on a virtual clock; and a snapshot that tells of the case.

mod support;

use std::sync::Arc;

use serde_json::{Value, json};
use stepdown::calendar::Instant;
use stepdown::config::{Config, Source};
use stepdown::daemon::{AppendRequest, Clerk, EraseOrder, Records, Writer};
use stepdown::mail::{Outcome, Parcel};
use stepdown::reminders::{Lapse, Stage, State};
use support::{date, noon};
use tempfile::TempDir;

fn config() -> Arc<Config> {
    Arc::new(Config::load(&Source::Starter).expect("the starter loads"))
}

fn event(id: &str, case: &str, event_type: &str, day: &str, data: &Value) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "/test", "type": event_type, "subject": case,
           "time": format!("{day}T10:00:00Z"), "data": data})
}

/// Two cases in which the same social worker has something to do, the first of them closed.
fn two_cases() -> Vec<Value> {
    let mut events = Vec::new();
    for case in ["SD-1", "SD-2"] {
        let id = |n: u32| format!("{case}-{n}");
        events.extend([
            event(&id(1), case, "case-opened", "2026-05-04", &json!({"programme": "lancashire-step-down"})),
            event(
                &id(2),
                case,
                "professional-assigned",
                "2026-05-04",
                &json!({"role": "child-social-worker", "person": "amara-okafor"}),
            ),
            event(
                &id(3),
                case,
                "child-moved-in",
                "2026-05-11",
                &json!({"family": "F-1", "changes_school": false}),
            ),
        ]);
    }
    events
}

fn clerk(dir: &TempDir, now: Instant) -> Clerk {
    let mut writer = Writer::open(dir.path(), config(), "a test").expect("a log");
    writer.stage(AppendRequest::new(two_cases()), now).expect("taken");
    writer.commit().expect("synced");
    Clerk::new(writer).expect("templates")
}

fn at(moment: &str) -> Instant {
    moment.parse().expect("an instant")
}

/// Plans, and takes what is to go now.
fn parcels(clerk: &mut Clerk, now: Instant) -> Vec<Parcel> {
    clerk.look_at_clock(now, std::time::Duration::ZERO);
    clerk.plan(now);
    let parcels = clerk.parcels(now, 100).expect("a log");
    clerk.writer().commit().expect("synced");
    parcels
}

fn close_and_erase(clerk: &mut Clerk, now: Instant) -> usize {
    let closed = event("closed", "SD-1", "case-closed", "2026-05-11", &json!({}));
    clerk.writer().stage(AppendRequest::new(vec![closed]), now).expect("taken");
    clerk.writer().commit().expect("synced");
    let order = EraseOrder {
        case: "SD-1".parse().expect("a reference"),
        author: "priya".to_owned(),
        recorded_by: None,
        reason: "request 17".to_owned(),
        before_retention: true,
        events: Some(4),
    };
    let erasing = clerk.erase(&order, now).expect("it is closed");
    clerk.writer().commit().expect("synced");
    erasing.messages
}

fn text(parcel: &Parcel) -> String {
    String::from_utf8_lossy(&parcel.bytes).into_owned()
}

fn live_is_what_the_log_says(clerk: &Clerk) {
    let books = clerk.books();
    let rebuilt =
        Records::replay(books.log().reader(), books.head().sequence, |_, _| {}).expect("a whole log");
    assert!(rebuilt.cases == books.records().cases, "cases");
    assert!(rebuilt.ledger == books.records().ledger, "mail");
    assert!(rebuilt.adopted == books.records().adopted, "policy");
    assert!(rebuilt.ids == books.records().ids, "ids");
}

#[test]
fn a_digest_of_two_cases_is_written_anew_and_mail_about_the_one_is_given_up() {
    let dir = tempfile::tempdir().expect("a directory");
    let morning = at("2026-06-02T07:00:00Z");
    let mut clerk = clerk(&dir, noon(date("2026-05-11")));
    let first = parcels(&mut clerk, morning);
    let both = |parcel: &Parcel| text(parcel).contains("SD-1") && text(parcel).contains("SD-2");
    assert!(first.iter().any(both), "there is a digest of both cases");
    // The relay is not there: every message waits, its text in the outbox.
    for parcel in &first {
        let reason = "no relay".to_owned();
        clerk.delivered(parcel, Outcome::NotSent { stage: Stage::Connect, reason }, morning);
    }
    clerk.writer().commit().expect("synced");
    let given_up = close_and_erase(&mut clerk, at("2026-06-02T07:00:30Z"));
    assert!(given_up > 0, "a notice tells of the one case only");
    for delivery in clerk.books().ledger().deliveries() {
        let key = delivery.plan.key.as_str();
        let waits = matches!(delivery.state, State::Deferred { .. });
        let tells = delivery.plan.matter.concerns_only(&"SD-1".parse().expect("a reference"));
        assert_eq!(tells, delivery.state == State::Lapsed(Lapse::NothingLeft), "{key}: {:?}", delivery.state);
        assert!(tells || waits, "{key}: {:?}", delivery.state);
        let kept = clerk.books().log().outbox(key).expect("readable");
        let kept = kept.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        assert!(!kept.contains("SD-1"), "{key}");
    }
    let second = parcels(&mut clerk, at("2026-06-02T07:30:00Z"));
    assert!(second.iter().any(|parcel| text(parcel).contains("SD-2")), "the rest goes");
    for parcel in &second {
        assert!(!text(parcel).contains("SD-1"), "{}", parcel.key);
    }
    live_is_what_the_log_says(&clerk);
}

#[test]
fn what_the_postman_has_and_has_not_begun_is_recalled() {
    let dir = tempfile::tempdir().expect("a directory");
    let morning = at("2026-05-12T07:00:00Z");
    let mut clerk = clerk(&dir, noon(date("2026-05-11")));
    let first = parcels(&mut clerk, morning);
    let begun = first.iter().find(|parcel| text(parcel).contains("SD-1")).expect("one that tells of it");
    assert!(clerk.transmitting(begun.key.clone(), morning));
    clerk.writer().commit().expect("synced");
    close_and_erase(&mut clerk, morning);
    for parcel in first.iter().filter(|parcel| parcel.key != begun.key) {
        let may_go = clerk.transmitting(parcel.key.clone(), morning);
        assert_eq!(may_go, !text(parcel).contains("SD-1"), "{}", parcel.key);
        clerk.delivered(
            parcel,
            if may_go { Outcome::Accepted("ok".to_owned()) } else { Outcome::Abandoned },
            morning,
        );
    }
    clerk.delivered(begun, Outcome::Accepted("250 ok".to_owned()), morning);
    clerk.writer().commit().expect("synced");
    let state = |key| clerk.books().ledger().get(key).expect("it was planned").state;
    assert_eq!(state(&begun.key), State::Accepted);
    let second = parcels(&mut clerk, at("2026-05-12T07:01:00Z"));
    assert!(second.iter().all(|parcel| !text(parcel).contains("SD-1")));
    assert_eq!(clerk.books().ledger().started().count(), second.len());
    live_is_what_the_log_says(&clerk);
}

#[test]
fn the_snapshot_goes_and_the_next_one_tells_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let now = noon(date("2026-05-11"));
    let snapshot = dir.path().join("log/snapshot");
    let mut clerk = clerk(&dir, now);
    let visits = |from: u32| -> Vec<Value> {
        let visit = |n| {
            event(&format!("v{n}"), "SD-2", "visit-made", "2026-05-11", &json!({"by": "child-social-worker"}))
        };
        (from..from + 1_100).map(visit).collect()
    };
    clerk.writer().stage(AppendRequest::new(visits(0)), now).expect("taken");
    clerk.writer().commit().expect("synced");
    clerk.close().expect("closed");
    assert!(snapshot.exists());
    let open =
        || Clerk::new(Writer::open(dir.path(), config(), "a test").expect("a log")).expect("templates");
    let mut clerk = open();
    close_and_erase(&mut clerk, now);
    assert!(!snapshot.exists());
    live_is_what_the_log_says(&clerk);
    clerk.close().expect("closed");
    assert!(snapshot.exists(), "without what was erased");
    let mut clerk = open();
    assert!(snapshot.exists(), "it is of use");
    live_is_what_the_log_says(&clerk);
    let again = event("SD-1-9", "SD-1", "visit-made", "2026-05-11", &json!({"by": "child-social-worker"}));
    assert!(clerk.writer().stage(AppendRequest::new(vec![again]), now).is_err());
}
