//! Who is said to have done it, whatever they say themselves.

use serde_json::{Value, json};
use stepdown::api::own_user;

use crate::binary::event;
use crate::http::Asker;
use crate::office::{office, socket};

fn visit(id: &str, more: &Value) -> Value {
    let text = event(id, "SD-1", "case-closed", "2026-02-01T09:00:00Z", &json!({"reason": "moved"}));
    let mut event: Value = serde_json::from_str(&text).expect("JSON");
    for (name, value) in more.as_object().into_iter().flatten() {
        event[name] = value.clone();
    }
    event
}

#[test]
fn an_event_says_who_sent_it_in_and_nobody_says_it_for_another() {
    let office = office("");
    let (one, other) = (office.token("lcs-feed", "recorder"), office.token("other", "recorder"));
    let asker = Asker::net(office.port, [127, 0, 9, 1], Some(&one));
    let claims = json!({"authtype": "user", "authid": "root", "authdata": "{}", "author": "priya"});
    let send = |asker: &Asker, event: &Value| {
        let response = asker.request("POST", "/v1/events").json(event).send().expect("an answer");
        let status = response.status().as_u16();
        (status, response.json::<Value>().expect("JSON"))
    };
    let (status, receipt) = send(&asker, &visit("v1", &claims));
    assert_eq!((status, &receipt["appended"]), (200, &1.into()), "{receipt}");
    let case = office.home.json(&["case", "show", "SD-1"]);
    let shown = case["events"].as_array().and_then(|events| events.last()).expect("an event").clone();
    assert_eq!((&shown["recorded_by"], &shown["author"]), (&"token lcs-feed".into(), &"priya".into()));
    // The same event again is the same, be it sent by another or without any claim.
    for (asker, event) in [
        (&asker, visit("v1", &claims)),
        (&Asker::net(office.port, [127, 0, 9, 2], Some(&other)), visit("v1", &json!({"author": "priya"}))),
        (&Asker::socket(&socket(&office.home)), visit("v1", &claims)),
    ] {
        let (status, receipt) = send(asker, &event);
        assert_eq!((status, &receipt["duplicates"]), (200, &1.into()), "{receipt}");
    }
    // Another word of whose it is makes it another event.
    assert_eq!(send(&asker, &visit("v1", &json!({}))).0, 422);
    let exported = office.home.run(&["export"]).stdout;
    let line = exported.lines().find(|line| line.contains("\"v1\"")).expect("it is exported");
    let stored: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!((&stored["authtype"], &stored["authid"]), (&"service_account".into(), &"lcs-feed".into()));
    assert_eq!(stored["authdata"], Value::Null);
    let who = own_user().to_string();
    let shown = office.home.run(&["case", "show", "SD-1"]).stdout;
    assert!(shown.contains("by priya"), "{shown}");
    // By the socket, and by a command that has the log to itself.
    let append = ["append", "--case", "SD-2", "--type", "case-closed", "--on", "2026-02-01", "reason=moved"];
    assert_eq!(office.home.run(&append).code, 0);
    office.daemon.stop("-TERM");
    assert_eq!(office.home.run(&[&append[..], &["--id", "later"]].concat()).code, 0);
    let case = office.home.json(&["case", "show", "SD-2"]);
    let by: Vec<_> =
        case["events"].as_array().expect("a list").iter().map(|event| &event["recorded_by"]).collect();
    assert_eq!(by, [&Value::Null, &who.as_str().into(), &who.as_str().into()], "{case}");
}

#[test]
fn an_order_says_by_whose_word_and_who_gave_it() {
    let office = office("");
    let admin = office.token("ops", "admin");
    let asker = Asker::net(office.port, [127, 0, 10, 1], Some(&admin));
    let post = |path: &str, body: Value| {
        let response = asker.request("POST", path).json(&body).send().expect("an answer");
        assert!(response.status().is_success(), "{path}");
        response.json::<Value>().expect("JSON")
    };
    let held = post("/v1/mail/hold", json!({"reason": "a test"}));
    assert_eq!((&held["data"]["author"], &held["data"]["recorded_by"]), (&"token ops".into(), &Value::Null));
    let released = post("/v1/mail/release", json!({"author": "priya"}));
    assert_eq!(released["data"], json!({"author": "priya", "recorded_by": "token ops"}));
    let silence = json!({"case": "SD-1", "until": "2099-01-01", "reason": "a test", "author": "priya"});
    assert_eq!(post("/v1/silences", silence)["data"]["recorded_by"], "token ops");
    assert_eq!(post("/v1/silences/1/end", json!({}))["data"]["author"], "token ops");
    let closed = visit("closed", &json!({}));
    post("/v1/events", closed);
    let erase = json!({"reason": "a test", "author": "priya", "before_retention": true});
    let erased = post("/v1/cases/SD-1/erase", erase);
    assert_eq!((&erased["author"], &erased["recorded_by"]), (&"priya".into(), &"token ops".into()));
    let mend = json!({"mend": {"what": "close", "case": "SD-2"}});
    assert_eq!(post("/v1/mend", mend)["event"]["author"], "token ops");
    let exported = office.home.run(&["export"]).stdout;
    for kind in ["mail-released", "silence-added", "case-erased"] {
        let line = exported.lines().find(|line| line.contains(kind)).expect("it is recorded");
        let fact: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(fact["data"]["recorded_by"], "token ops", "{line}");
    }
    let journal = office.daemon.journal();
    for path in ["/v1/mail/hold", "/v1/cases/{case}/erase", "/v1/tokens"] {
        assert!(
            journal.lines().any(|line| line.contains("an order") && line.contains(path)),
            "{path}: {journal}"
        );
    }
    assert!(journal.contains("token ops") && !journal.contains("SD-1"), "{journal}");
    // All that the log adds up to is rebuilt from it.
    let replayed = office.home.json(&["replay"]);
    assert_eq!(replayed["equal"], true, "{replayed}");
}
