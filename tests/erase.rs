//! Erasing a case with the real binary: what is refused, what goes, what stays.

#[path = "support/binary.rs"]
mod binary;

use std::fs;
use std::path::Path;

use binary::{Home, event, wait_for};
use serde_json::{Value, json};

const CANARY: &str = "canary-7f3a";
const EVENT: &str = "event-canary-91c2";

/// A closed case SD-1 of a child born in 2011, whose events tell the canary, beside a case SD-2 that goes on.
fn history() -> String {
    let opened = |id, case, born: &str| {
        let data = json!({"programme": "lancashire-step-down", "born_on": born});
        event(id, case, "case-opened", "2026-01-05T10:00:00Z", &data)
    };
    let feedback = json!({"family": CANARY});
    [
        opened("o1", "SD-1", "2011-03-14"),
        opened("o2", "SD-2", "2012-02-29"),
        event(EVENT, "SD-1", "visit-made", "2026-01-12T10:00:00Z", &json!({"by": "child-social-worker"})),
        event("e4", "SD-1", "match-feedback-recorded", "2026-01-13T10:00:00Z", &feedback),
        event("e5", "SD-2", "visit-made", "2026-01-12T10:00:00Z", &json!({"by": "child-social-worker"})),
        event("e6", "SD-1", "case-closed", "2026-02-01T10:00:00Z", &json!({"reason": CANARY})),
    ]
    .join("\n")
        + "\n"
}

fn home() -> Home {
    let home = Home::new();
    home.init();
    let file = home.write("history.jsonl", &history());
    let ran = home.run(&["import", file.to_str().expect("a path")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    home
}

const ERASE: [&str; 8] =
    ["erase", "SD-1", "--reason", "request 17", "--author", "priya", "--before-retention", "--yes"];

fn erase(home: &Home) -> Value {
    home.json(&ERASE)
}

fn refused(home: &Home, args: &[&str]) -> String {
    let ran = home.run(&[&["erase"], args, &["--author", "priya"]].concat());
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    ran.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

/// The files under `dir` that have one of the texts in them.
fn telling(dir: &Path, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(telling(&path, texts));
        } else if path.is_file() {
            let bytes = fs::read(&path).expect("a file");
            let tells = |text: &&str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
            found.extend(
                texts.iter().filter(|text| tells(text)).map(|text| format!("{}: {text}", path.display())),
            );
        }
    }
    found
}

#[test]
fn what_must_not_be_erased_is_refused_and_the_message_says_the_way() {
    let home = home();
    let why = ["--reason", "request 17", "--yes"];
    let with = |case| refused(&home, &[&[case], &why[..]].concat());
    insta::assert_snapshot!(with("SD-3"), @"× there is no case SD-3: did you mean SD-1? help: nothing was erased; stepdown cases --all lists the cases");
    insta::assert_snapshot!(with("SD-2"), @"× case SD-2 is open, and only a closed case is erased: close it first (stepdown close SD-2) help: nothing was erased");
    insta::assert_snapshot!(with("SD-1"), @"× the record of case SD-1 must be kept until 2086-03-14, 75 years from the child's birth; if it must be erased all the same, give --before-retention, which is recorded help: nothing was erased");
    insta::assert_snapshot!(refused(&home, &["SD-1", "--reason", " ", "--yes"]), @"× say why: it is recorded with the erasure, and others will want to know help: nothing was erased");
    let unasked = refused(&home, &["SD-1", "--reason", "request 17", "--before-retention"]);
    insta::assert_snapshot!(unasked, @"× nothing was erased: nobody is there to be asked help: look at the consequence above, then say it once more with --yes");
    let dry = home.json(&[&ERASE[..7], &["--dry-run"]].concat());
    assert_eq!(dry["erased"], false);
    let all = home.json(&["cases", "--all"]);
    assert!(all.as_array().expect("a list").iter().all(|row| row.get("erased_on").is_none()), "{all}");
    assert_eq!(erase(&home)["erased"], true);
    assert!(with("SD-1").contains("was erased on"), "{}", with("SD-1"));
}

#[test]
fn the_consequence_is_shown_first_and_the_fact_remains() {
    let home = home();
    let ran = home.run(&ERASE);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout, @"
    Erases case SD-1: its key is destroyed, and nobody can read its 4 events any more.
    This cannot be undone, and no backup of the log made later brings it back.
    Its record must still be kept until 2086-03-14, counted from the child's birth.
    That it is erased before is recorded.
    What remains: that there was a case SD-1, how many events it had and when each was recorded; what was mailed to whom about which obligation; and that priya had it erased, and why: request 17.

    Case SD-1 is erased. A backup made before still holds its key: destroy the backups, or wait until they lapse.
    ");
    let export = home.run(&["export"]).stdout;
    let fact: Vec<Value> = export
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .filter(|entry: &Value| entry["type"] == "case-erased")
        .collect();
    let who = stepdown::api::own_user().to_string();
    let expected = json!({
        "case": "SD-1", "events": 4, "overridden": true, "author": "priya", "recorded_by": who,
        "reason": "request 17",
    });
    assert_eq!(fact.iter().map(|fact| &fact["data"]).collect::<Vec<_>>(), [&expected]);
    let shown = home.json(&["case", "show", "SD-1"]);
    assert_eq!((&shown["erased"]["events"], shown["events"].as_array().map(Vec::len)), (&json!(4), Some(0)));
}

#[test]
fn once_it_need_not_be_kept_any_more_nothing_is_overridden() {
    let home = home();
    home.edit("stepdown.toml", "# [records]", "[records]\nretention_years = 10");
    let erased = home.json(&["erase", "SD-1", "--reason", "its time", "--author", "priya", "--yes"]);
    let retention = json!({"until": "2021-03-14", "counted_from": "birth"});
    assert_eq!(
        (&erased["erasing"]["retention"], &erased["erasing"]["overridden"]),
        (&retention, &json!(false))
    );
}

#[test]
fn nothing_of_it_can_be_had_any_more_and_the_rest_stands() {
    let home = home();
    assert_eq!(telling(&home.data(), &[CANARY, EVENT]), Vec::<String>::new(), "it is sealed from the first");
    let due = |home: &Home| home.json(&["due", "--case", "SD-2", "--on", "2026-06-01"]);
    let (before, due_before) = (home.run(&["export"]).stdout, due(&home));
    assert!(before.contains(CANARY) && before.contains(EVENT));
    erase(&home);
    let after = home.run(&["export"]).stdout;
    assert!(!after.contains(CANARY) && !after.contains(EVENT) && !after.contains("2011-03-14"), "{after}");
    assert!(!home.data().join("log/snapshot").exists());
    assert_eq!(telling(&home.data(), &[CANARY, EVENT]), Vec::<String>::new());
    assert_eq!(due(&home), due_before);
    let replayed = home.json(&["replay"]);
    assert_eq!(replayed["equal"], true, "{replayed}");
    let file = home.write("again.jsonl", &history());
    let again = home.run(&["import", file.to_str().expect("a path")]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("case SD-1 was erased on"), "{}", again.stderr);
}

#[test]
fn an_export_brings_the_erasure_along_and_not_what_was_erased() {
    let home = home();
    erase(&home);
    let other = Home::new();
    other.init();
    let file = other.write("export.jsonl", &home.run(&["export"]).stdout);
    let ran = other.run(&["import", file.to_str().expect("a path"), "--keep-recorded-time"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for question in [&["cases", "--all"][..], &["case", "show", "SD-1"], &["due", "--all"]] {
        assert_eq!(home.json(question), other.json(question), "{question:?}");
    }
    assert_eq!(home.run(&["export"]).stdout, other.run(&["export"]).stdout);
    assert_eq!(other.json(&["replay"])["equal"], true);
}

#[test]
fn a_running_daemon_erases_while_it_goes_on() {
    let home = home();
    let daemon = home.daemon(|_| {});
    let ran = home.run(&["erase", "SD-1", "--reason", "r", "--author", "priya", "--yes"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--before-retention"), "{}", ran.stderr);
    assert_eq!(erase(&home)["erasing"]["events"], 4);
    let ran = home.run(&ERASE);
    assert!(ran.code == 2 && ran.stderr.contains("already"), "{}", ran.stderr);
    let export = home.run(&["export"]).stdout;
    assert!(!export.contains(CANARY) && export.contains("case-erased"));
    let replayed = home.json(&["replay"]);
    assert_eq!((&replayed["equal"], &replayed["daemon"]), (&json!(true), &json!(true)), "{replayed}");
    assert_eq!(daemon.stop("-TERM"), Some(0));
    let replayed = home.json(&["replay"]);
    assert_eq!((&replayed["equal"], &replayed["daemon"]), (&json!(true), &json!(false)), "{replayed}");
}

#[test]
fn mail_that_waits_and_tells_of_it_only_is_given_up() {
    let home = home();
    let states = |home: &Home| -> Vec<String> {
        let sent = home.json(&["reminders", "sent", "--case", "SD-7"]);
        let rows = sent.as_array().expect("a list").clone();
        rows.iter().map(|row| row["state"].as_str().expect("a state").to_owned()).collect()
    };
    // A relay that is not there: every message waits to be tried again.
    home.edit("stepdown.toml", "transport = \"files\"", "transport = \"smtp\"");
    home.edit(
        "stepdown.toml",
        "# [mail.smtp]",
        "[mail.smtp]\nhost = \"127.0.0.1\"\nport = 9\ntls = \"none\"",
    );
    let daemon = home.daemon(|_| {});
    #[expect(clippy::disallowed_methods, reason = "the daemon goes by the clock")]
    let now = chrono::Utc::now().to_rfc3339();
    let data = json!({"programme": "lancashire-step-down"});
    let holder = json!({"role": "child-social-worker", "person": "amara-okafor"});
    let lines = [
        event("s1", "SD-7", "case-opened", &now, &data),
        event("s2", "SD-7", "professional-assigned", &now, &holder),
        event("s3", "SD-7", "stability-concern-raised", &now, &json!({})),
    ];
    let file = home.write("seven.jsonl", &(lines.join("\n") + "\n"));
    let ran = home.run(&["import", file.to_str().expect("a path")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // From eight o'clock on, mail about the other cases may be tried before: then this waits for the way to be clear.
    let waits = |state: &String| ["planned", "deferred"].contains(&state.as_str());
    wait_for("messages that wait", || states(&home).iter().any(waits));
    assert_eq!(home.run(&["close", "SD-7", "--author", "p", "--yes"]).code, 0);
    let told = home.json(&[&["erase", "SD-7"], &ERASE[2..]].concat());
    assert!(told["erasing"]["messages"].as_u64() > Some(0), "{told}");
    assert!(states(&home).iter().all(|state| state == "lapsed"), "{:?}", states(&home));
    assert_eq!(daemon.stop("-TERM"), Some(0));
    assert_eq!(home.json(&["replay"])["equal"], true);
}

#[test]
fn an_erasure_that_was_cut_off_is_finished_at_the_next_start() {
    let home = home();
    let kept = home.path("kept");
    let copy = |from: &Path, to: &Path| assert!(fs::copy(from, to).expect("a copy") > 0);
    let (keys, snapshot) = (home.data().join("log/keys"), home.data().join("log/snapshot"));
    copy(&keys, &kept);
    erase(&home);
    // As if the machine had stopped between the fact and the key: the keyring of before, and a snapshot of before.
    copy(&kept, &keys);
    fs::write(&snapshot, "of before").expect("writable");
    fs::write(snapshot.with_extension("new"), "half of one").expect("writable");
    assert!(!home.run(&["export"]).stdout.contains(CANARY));
    assert!(!snapshot.exists() && !snapshot.with_extension("new").exists());
    assert_ne!(fs::read(&keys).expect("keys"), fs::read(&kept).expect("keys"));
    assert_eq!(home.json(&["keys", "show"])["destroyed"], 1);
    assert_eq!(home.json(&["replay"])["equal"], true);
}
