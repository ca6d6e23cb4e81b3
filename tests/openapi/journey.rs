//! A daemon with the sample journey and a little more is asked everything, in good form and in bad.

use std::fs;

use chrono::Days;
use reqwest::Method;
use serde_json::{Value, json};
use stepdown::daemon::Clock;

use crate::asked::Asked;
use crate::binary::{Daemon, Home, event, sample, wait_for};
use crate::document::operations;

/// What no answer here has, and why.
const NOT_MET: [(&str, &str); 1] =
    [("Scrub", "the log is read through at three in the morning, and then `status` says what was found")];

const PROGRAMME: &str = "programmes/lancashire-step-down.toml";
const TOLD: &str = "SD-0042/csw-visit-settling/59.3";

fn days_ago(days: u64) -> String {
    let day = Clock::System.now().date_naive().checked_sub_days(Days::new(days)).expect("in range");
    format!("{day}T09:00:00Z")
}

/// A home in which mail is held, so that none goes: the sample journey, SD-1 who moved in three weeks ago, SD-2 who is closed, SD-3 who is
/// open, and a digest of last year that told somebody of a visit.
fn home() -> Home {
    let home = Home::new();
    home.init();
    let to = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let backup = format!("[backup]\ndirectory = \"backups\"\nrecipients = [\"{to}\"]\n");
    home.edit("stepdown.toml", "# [backup]\n", &backup);
    let programme = json!({"programme": "lancashire-step-down"});
    let assigned = json!({"role": "child-social-worker", "person": "amara-okafor"});
    let mut lines = vec![fs::read_to_string(sample("journey.jsonl")).expect("the sample").trim().to_owned()];
    for case in ["SD-1", "SD-2", "SD-3"] {
        lines.push(event(&format!("{case}-1"), case, "case-opened", &days_ago(120), &programme));
        lines.push(event(&format!("{case}-2"), case, "professional-assigned", &days_ago(120), &assigned));
    }
    let moved_in = json!({"family": "F-1", "constellation": "C-3", "changes_school": false});
    lines.push(event("SD-1-3", "SD-1", "child-moved-in", &days_ago(21), &moved_in));
    lines.push(event(
        "SD-1-4",
        "SD-1",
        "assessment-recorded",
        &days_ago(20),
        &json!({"tool": "sdq", "score": 15}),
    ));
    lines.push(event("SD-2-3", "SD-2", "case-closed", &days_ago(30), &json!({})));
    let item = json!({
        "occurrence": TOLD, "step": "0", "deadline": "2025-08-10", "overdue": false, "yours": true,
        "reason": "it is due today", "capacity": "your role",
    });
    let matter = json!({"about": "digest", "items": [item], "calendar": []});
    let key = "digest/2025-08-08/person.amara-okafor";
    let planned = json!({"key": key, "to": "person.amara-okafor", "on": "2025-08-08", "matter": matter});
    let accepted = json!({"key": key, "reply": "250 2.0.0 Ok"});
    let held = json!({"author": "irene-castle", "reason": "nothing goes from a test"});
    let facts = [
        ("mail-1", "mail-planned", planned),
        ("mail-2", "mail-accepted", accepted),
        ("mail-3", "mail-held", held),
    ];
    for (id, kind, data) in facts {
        let mut line: Value =
            serde_json::from_str(&event(id, "mail", kind, "2025-08-08T07:00:00Z", &data)).expect("JSON");
        line["source"] = json!("/stepdown/mail");
        line["recordedtime"] = line["time"].clone();
        lines.push(line.to_string());
    }
    let file = home.write("history.jsonl", &(lines.join("\n") + "\n"));
    let ran = home.run(&["import", "--keep-recorded-time", file.to_str().expect("a path")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    home
}

fn started(home: &Home) -> (Daemon, Asked) {
    let daemon = home.daemon(|_| ());
    let asked = Asked::of(&home.data().join("stepdown.sock"));
    (daemon, asked)
}

#[test]
fn a_daemon_answers_as_the_document_says() {
    let home = home();
    let (_daemon, mut asked) = started(&home);
    questions(&mut asked);
    about_mail(&mut asked);
    events(&mut asked);
    mending(&mut asked);
    extracts(&mut asked);
    policy(&home, &mut asked);
    the_log(&mut asked);
    tokens(&mut asked);
    erasing(&mut asked);
    everything_was_met(&asked);
}

fn questions(asked: &mut Asked) {
    let served = asked.get(200, "/openapi.json", "/openapi.json");
    assert_eq!(served, *stepdown::api::openapi::document());
    asked.get(200, "/v1/status", "/v1/status");
    for path in ["/metrics", "/healthz"] {
        asked.get(200, path, path);
    }
    wait_for("the daemon's loop", || asked.is_ready());
    asked.get(200, "/readyz", "/readyz");
    for query in ["", "?all=true", "?overdue=true&on=2025-08-12"] {
        asked.get(200, "/v1/cases", &format!("/v1/cases{query}"));
    }
    for query in ["?on=2200-01-01", "?on=2026-02-30", "?all=yes", "?stage=x"] {
        asked.get(400, "/v1/cases", &format!("/v1/cases{query}"));
    }
    asked.get(200, "/v1/cases/{case}", "/v1/cases/SD-0042?on=2025-08-12&known_at=2025-08-12T12:00:00Z");
    asked.get(404, "/v1/cases/{case}", "/v1/cases/SD-0024");
    asked.get(400, "/v1/cases/{case}", "/v1/cases/a%20b");
    for query in [
        "",
        "?on=2025-08-12&role=child-social-worker&horizon=28",
        "?person=amara-okafor&all=true&case=SD-0042",
    ] {
        asked.get(200, "/v1/due", &format!("/v1/due{query}"));
    }
    for query in
        ["?horizon=65536", "?horizon=-1", "?known_at=yesterday", "?on=%2B262142-12-31", "?role=a%20b"]
    {
        asked.get(400, "/v1/due", &format!("/v1/due{query}"));
    }
    asked.get(404, "/v1/due", "/v1/due?role=gardener");
    for query in ["", "?on=2025-08-12&programme=lancashire-step-down", "?known_at=2025-08-12T12:00:00Z"] {
        asked.get(200, "/v1/limits", &format!("/v1/limits{query}"));
    }
    for query in ["?on=2026-02-30", "?programme=a%20b", "?case=SD-1"] {
        asked.get(400, "/v1/limits", &format!("/v1/limits{query}"));
    }
    asked.get(404, "/v1/limits", "/v1/limits?programme=gardening");
    let report = "/v1/report";
    for query in
        ["", "?from=2025-01-01&to=2025-12-31&small_numbers=true&programme=lancashire-step-down&language=cy"]
    {
        asked.get(200, report, &format!("/v1/report{query}"));
    }
    asked.get(400, report, "/v1/report?language=fr");
    asked.get(404, report, "/v1/report?programme=lancashire");
    asked.get(422, report, "/v1/report?from=2025-12-31&to=2025-01-01");
    asked.get(422, report, "/v1/report?to=2199-12-31");
    asked.get(
        200,
        "/v1/explain",
        &format!("/v1/explain?occurrence={}&on=2025-08-12", TOLD.replace('/', "%2F")),
    );
    asked.get(404, "/v1/explain", "/v1/explain?occurrence=SD-0042%2Fcsw-visit-settling%2F59.999");
    asked.get(400, "/v1/explain", "/v1/explain?occurrence=SD-0042");
    asked.get(400, "/v1/explain", "/v1/explain");
    let rule = "/v1/explain/rule";
    asked.get(200, rule, "/v1/explain/rule?case=SD-0042&rule=csw-visit-settling&on=2025-08-12");
    asked.get(200, rule, "/v1/explain/rule?case=SD-3&rule=csw-visit-settling");
    asked.get(404, rule, "/v1/explain/rule?case=SD-3&rule=nothing");
    asked.get(400, rule, "/v1/explain/rule?case=SD-3");
}

fn about_mail(asked: &mut Asked) {
    for path in ["/v1/reminders/plan", "/v1/reminders/preview"] {
        asked.get(200, path, path);
        asked.get(200, path, &format!("{path}?on=2025-08-12&person=amara-okafor"));
        asked.get(404, path, &format!("{path}?person=nobody"));
        asked.get(422, path, &format!("{path}?on=2199-12-31"));
        asked.get(400, path, &format!("{path}?on=tomorrow"));
    }
    let sent = "/v1/reminders/sent";
    assert_ne!(asked.get(200, sent, sent), json!([]));
    asked.get(200, sent, "/v1/reminders/sent?on=2025-08-08&person=amara-okafor&case=SD-0042");
    asked.get(404, sent, "/v1/reminders/sent?case=SD-404");
    asked.get(400, sent, "/v1/reminders/sent?to=me");
    let simulate = "/v1/simulate";
    let days = |from: &str, to: &str| json!({"from": from, "to": to, "case": "SD-0042"});
    assert_ne!(asked.post(200, simulate, days("2025-08-04", "2025-08-15")), json!([]));
    let meeting = event("s-1", "SD-1", "visit-made", &days_ago(1), &json!({"by": "child-social-worker"}));
    let supposed: Value = serde_json::from_str(&meeting).expect("JSON");
    let with =
        json!({"from": &days_ago(0)[..10], "to": &days_ago(0)[..10], "events": [supposed], "messages": true});
    asked.post(200, simulate, with);
    asked.post(404, simulate, json!({"from": "2025-08-04", "to": "2025-08-05", "case": "SD-404"}));
    asked.post(422, simulate, days("2025-08-05", "2025-08-04"));
    asked.post(422, simulate, days("2199-01-01", "2199-01-02"));
    asked.post(422, simulate, days("1999-01-01", "2200-01-02"));
    asked.post(422, simulate, json!({"from": "2025-08-04", "to": "2025-08-05", "events": [{}]}));
    asked.post(422, simulate, json!([]));

    assert_eq!(asked.post(200, "/v1/mail/test", json!({"to": "you@example.org"}))["accepted"], true);
    asked.post(422, "/v1/mail/test", json!({"to": "nobody"}));
    asked.post(422, "/v1/mail/hold", json!({"author": "irene-castle", "reason": " "}));
    asked.post(422, "/v1/mail/hold", json!({"author": "irene-castle"}));
    asked.post(200, "/v1/mail/release", json!({"author": "irene-castle"}));
    asked.post(409, "/v1/mail/release", json!({}));
    asked.post(200, "/v1/mail/hold", json!({"reason": "the relay moves"}));
    let silence =
        |case: &str| json!({"case": case, "until": "2199-12-31", "reason": "a move", "author": "irene"});
    asked.post(200, "/v1/silences", silence("SD-1"));
    asked.post(404, "/v1/silences", silence("SD-404"));
    asked.post(422, "/v1/silences", json!({"until": "2199-12-31", "reason": "a move", "author": "irene"}));
    asked.post(
        422,
        "/v1/silences",
        json!({"until": "2020-01-01", "case": "SD-1", "reason": "r", "author": "a"}),
    );
    asked.post(
        422,
        "/v1/silences",
        json!({"until": "9999-12-31", "case": "SD-1", "reason": "r", "author": "a"}),
    );
    asked.get(200, "/v1/silences", "/v1/silences");
    let end = "/v1/silences/{id}/end";
    asked.post_to(200, end, "/v1/silences/1/end", json!({"author": "irene-castle"}));
    asked.post_to(404, end, "/v1/silences/1000/end", json!({"author": "irene-castle"}));
    asked.post_to(400, end, "/v1/silences/first/end", json!({"author": "irene-castle"}));
}

fn visit(id: &str) -> Value {
    let data = json!({"by": "child-social-worker"});
    serde_json::from_str(&event(id, "SD-1", "visit-made", &days_ago(2), &data)).expect("JSON")
}

fn events(asked: &mut Asked) {
    let path = "/v1/events";
    let mut first = visit("v-1");
    first["authid"] = json!("case-system");
    first["reason"] = json!("late");
    assert_eq!(asked.post(200, path, first.clone())["appended"], 1);
    assert_eq!(asked.post(200, path, first)["duplicates"], 1);
    assert_eq!(asked.post(200, path, json!([visit("v-2"), visit("v-3")]))["appended"], 2);
    asked.post(200, path, json!([]));
    let kinds = [
        ("application/cloudevents+json", visit("v-4")),
        ("application/cloudevents-batch+json", json!([visit("v-5")])),
        ("application/x-ndjson", json!([visit("v-6"), visit("v-7")])),
    ];
    for (kind, body) in kinds {
        asked.ask(200, (&Method::POST, path), path, Some((kind, body)));
    }
    asked.post_to(200, path, "/v1/events?dry_run=true&expected_version=11", visit("v-8"));
    asked.post_to(409, path, "/v1/events?expected_version=1", visit("v-8"));
    asked.post_to(409, path, "/v1/events?keep_recorded_time=true", visit("v-8"));
    asked.post_to(400, path, "/v1/events?expected_version=-1", visit("v-8"));
    let faults = asked.post(422, path, json!([{}, visit("v 9\n"), json!("an event")]));
    assert!(faults["faults"].as_array().is_some_and(|faults| faults.len() > 6), "{faults}");
    asked.get(200, path, path);
}

fn mending(asked: &mut Asked) {
    let path = "/v1/mend";
    let mend = |mend: Value| json!({"mend": mend, "author": "irene-castle", "reason": "it was mistyped"});
    let corrected =
        asked.post(200, path, mend(json!({"what": "correct", "event": "SD-1/4", "set": {"score": "16"}})));
    let retracted = asked.post(200, path, mend(json!({"what": "retract", "event": "v-2"})));
    for event in [&corrected["event"], &retracted["event"]] {
        asked.post(200, "/v1/events", event.clone());
    }
    let waived = mend(json!({"what": "waive", "occurrence": "SD-1/support-meeting-weekly/3.3"}));
    assert_ne!(asked.post(200, path, waived)["changes"], json!([]));
    let assign = |person: &str| json!({"what": "assign", "case": "SD-1", "role": "child-social-worker", "person": person});
    assert_ne!(asked.post(200, path, mend(assign("tom-whitfield")))["handed_over"], json!([]));
    asked.post(200, path, mend(json!({"what": "unassign", "case": "SD-1", "role": "child-social-worker"})));
    asked.post(200, path, mend(json!({"what": "close", "case": "SD-1"})));
    asked.post(404, path, mend(json!({"what": "close", "case": "SD-404"})));
    asked.post(422, path, mend(assign("nobody")));
    asked.post(422, path, mend(json!({"what": "close", "case": "SD-1", "and": "forget"})));
    asked.post(422, path, mend(json!(["close", "SD-1"])));
    asked.post(422, path, mend(json!({"what": "burn", "case": "SD-1"})));
    asked.post(422, path, mend(json!({"what": "retract", "event": "SD-1/4294967296"})));
    let case = asked.get(200, "/v1/cases/{case}", "/v1/cases/SD-1");
    let events = case["events"].as_array().expect("events");
    assert!(events.iter().any(|event| event["original"].is_object()), "{events:?}");
}

fn extracts(asked: &mut Asked) {
    let path = "/v1/extract";
    let map = fs::read_to_string(sample("extract-visits.toml")).expect("the sample");
    let csv = fs::read_to_string(sample("extract-visits.csv")).expect("the sample");
    let csv = csv.replace(",201,", ",042,").replace(",202,", ",042,");
    let extract = |csv: &str, map: &str, dry_run| json!({"csv": csv, "map": map, "name": "visits.csv", "dry_run": dry_run});
    let rehearsed = asked.post(200, path, extract(&csv, &map, true));
    assert!(rehearsed["changes"].is_array(), "{rehearsed}");
    asked.post(200, path, extract(&csv, &map, false));
    assert!(asked.post(422, path, extract("a,b\n1,2\n", &map, false))["error"].is_string());
    assert!(asked.post(422, path, extract(&csv, "case = 1", false))["faults"].is_array());
    asked.post(422, path, json!({"csv": csv, "map": map}));
}

fn configuration(home: &Home) -> Value {
    let config = home.config();
    let mut files = serde_json::Map::new();
    let mut dirs = vec![config.clone()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                dirs.push(path);
            } else {
                let name = path.strip_prefix(&config).expect("below").to_str().expect("text").to_owned();
                files.insert(name, fs::read_to_string(path).expect("text").into());
            }
        }
    }
    files.into()
}

/// Weekly meetings go on twice as long, for children who have moved in already too; and a day is free.
fn policy(home: &Home, asked: &mut Asked) {
    asked.post(200, "/v1/reload", json!({}));
    let text = fs::read_to_string(home.config().join(PROGRAMME)).expect("the programme");
    let (head, tail) = text.split_at(text.find("id = \"support-meeting-weekly\"").expect("the rule"));
    let head = head.replacen("\nends_with", "\napplies_to = \"open\"\nends_with", 1);
    let tail = tail.replacen("for = \"6 weeks\"", "for = \"12 weeks\"", 1);
    fs::write(home.config().join(PROGRAMME), head + &tail).expect("writable");
    home.edit("people.toml", "manager = \"grace-adeyemi\"\n", "");
    home.edit("bank-holidays.json", "2026-12-28", "2026-12-29");
    home.edit("stepdown.toml", "directory = \"mail\"", "directory = \"post\"");
    let far = |days: u32| json!({"from": "/etc/new", "files": configuration(home), "query": {"days": days}});
    let seen = asked.post(200, "/v1/replay", far(28));
    assert_ne!(seen["changes"], json!([]), "{seen}");
    asked.post(422, "/v1/replay", far(3_661));
    asked.post(
        422,
        "/v1/replay",
        json!({"from": "/etc/new", "files": {"stepdown.toml": "a = "}, "query": {}}),
    );
    asked.post(422, "/v1/reload", json!({"config": "/nowhere"}));
    let reloaded = asked.post(200, "/v1/reload", json!({}));
    assert_eq!(reloaded["from_next_start"].as_array().map(Vec::len), Some(1), "{reloaded}");
    let kinds = ["programme", "bank-holidays", "people", "moved"];
    let adopted = reloaded["adopted"].as_array().expect("adoptions");
    for kind in kinds {
        assert!(adopted.iter().any(|adopted| adopted["what"] == kind), "{kind}: {reloaded}");
    }
    let explained =
        asked.get(200, "/v1/explain", "/v1/explain?occurrence=SD-1%2Fsupport-meeting-weekly%2F3.7");
    assert_ne!(explained["moved"], json!([]), "{explained}");
    assert_eq!(asked.get(200, "/v1/replay", "/v1/replay")["equal"], true);
}

fn the_log(asked: &mut Asked) {
    let signed = asked.get(200, "/v1/checkpoint", "/v1/checkpoint");
    let note = signed["note"].as_str().expect("a note");
    let note = note.replace('+', "%2B").replace('=', "%3D").replace('\n', "%0A").replace(' ', "%20");
    let verified = asked.get(200, "/v1/verify", &format!("/v1/verify?checkpoint={note}"));
    assert_eq!((&verified["whole"], &verified["checkpoint"]["matches"]), (&json!(true), &json!(true)));
    let doubted = asked.get(200, "/v1/verify", "/v1/verify?checkpoint=nothing");
    assert_eq!(doubted["checkpoint"]["matches"], false);
    asked.get(200, "/v1/verify", "/v1/verify");
    asked.get(400, "/v1/verify", "/v1/verify?since=1");
    asked.get(200, "/v1/backup", "/v1/backup");
    asked.get(200, "/v1/backup", "/v1/backup?encrypt=true");
    asked.get(400, "/v1/backup", "/v1/backup?to=me");
    asked.get(200, "/v1/keys", "/v1/keys");
    asked.post(422, "/v1/keys/rotate", json!({"to": "/tmp/key"}));
    asked.post(422, "/v1/keys/rotate", json!([null]));
    asked.post(200, "/v1/keys/rotate", json!({}));
}

fn tokens(asked: &mut Asked) {
    let (path, one) = ("/v1/tokens", "/v1/tokens/{name}");
    let token = |name: &str, role: &str| json!({"name": name, "role": role, "author": "irene-castle"});
    let added = asked.post(200, path, json!({"name": "feed", "role": "recorder", "until": "2199-12-31"}));
    assert!(added["token"].is_string(), "{added}");
    asked.post(409, path, token("feed", "reader"));
    asked.post(422, path, token("Feed", "reader"));
    asked.post(422, path, token("mart", "king"));
    asked.post(422, path, json!({"name": "mart", "role": "reader", "until": "2020-01-01"}));
    asked.post(422, path, json!({"name": "mart", "role": "reader", "until": "9999-01-01"}));
    let revoke =
        |asked: &mut Asked, status, question: &str| asked.ask(status, (&Method::DELETE, one), question, None);
    revoke(asked, 422, "/v1/tokens/feed?author=%20");
    revoke(asked, 200, "/v1/tokens/feed?author=irene-castle");
    revoke(asked, 404, "/v1/tokens/feed");
    revoke(asked, 400, "/v1/tokens/a%20b");
    assert_eq!(asked.get(200, path, path).as_array().map(Vec::len), Some(1));
}

fn erasing(asked: &mut Asked) {
    let erase = "/v1/cases/{case}/erase";
    let order = |changes: Value| {
        let mut order = json!({"author": "irene-castle", "reason": "request 17"});
        order.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        order
    };
    let early = json!({"before_retention": true});
    asked.post_to(409, erase, "/v1/cases/SD-2/erase", order(json!({})));
    asked.post_to(409, erase, "/v1/cases/SD-3/erase", order(early.clone()));
    asked.post_to(409, erase, "/v1/cases/SD-2/erase", order(json!({"before_retention": true, "events": 7})));
    asked.post_to(404, erase, "/v1/cases/SD-404/erase", order(early.clone()));
    asked.post_to(400, erase, "/v1/cases/-/erase", order(early.clone()));
    asked.post_to(422, erase, "/v1/cases/SD-2/erase", json!({"author": " ", "reason": "r"}));
    asked.post_to(422, erase, "/v1/cases/SD-2/erase", order(json!({"quickly": true})));
    let rehearsed = json!({"before_retention": true, "dry_run": true, "events": 3});
    asked.post_to(200, erase, "/v1/cases/SD-2/erase", order(rehearsed));
    asked.post_to(200, erase, "/v1/cases/SD-2/erase", order(early.clone()));
    asked.post_to(410, erase, "/v1/cases/SD-2/erase", order(early));
    asked.get(410, "/v1/due", "/v1/due?case=SD-2");
    asked.get(410, "/v1/explain", "/v1/explain?occurrence=SD-2%2Fcsw-visit-settling%2F1.1");
    asked.get(410, "/v1/explain/rule", "/v1/explain/rule?case=SD-2&rule=csw-visit-settling");
    asked.post(410, "/v1/mend", json!({"mend": {"what": "close", "case": "SD-2"}, "author": "irene-castle"}));
    let gone = asked.get(200, "/v1/cases/{case}", "/v1/cases/SD-2");
    assert_eq!(gone["erased"]["events"], 3);
    asked.get(200, "/v1/cases", "/v1/cases?all=true");
    asked.get(200, "/v1/events", "/v1/events");
}

/// Whatever the document says, something here was so: each operation said yes, each one that can refuse something
/// for what it is asked did, and each schema was met.
fn everything_was_met(asked: &Asked) {
    for (path, method, operation) in operations() {
        let name = format!("{} {path}", method.to_uppercase());
        let found = asked.statuses.get(&name).unwrap_or_else(|| panic!("{name} was not asked"));
        assert!(found.contains(&200), "{name}: {found:?}");
        let refuses = operation["responses"].get("400").is_some();
        assert!(!refuses || found.iter().any(|status| (400..500).contains(status)), "{name}: {found:?}");
    }
    let schemas = stepdown::api::openapi::document()["components"]["schemas"].as_object().expect("schemas");
    let left: Vec<_> = schemas.keys().filter(|name| !asked.met.contains(*name)).collect();
    let expected: Vec<_> = NOT_MET.iter().map(|(name, _)| *name).collect();
    assert_eq!(left, expected, "these schemas were not met");
}
