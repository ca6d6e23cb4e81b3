//! The command line as scripts and people use it: the real binary, its output and its exit codes.

#[path = "support/binary.rs"]
mod binary;

use binary::{Home, event, sample};
use serde_json::{Value, json};

fn journey() -> String {
    sample("journey.jsonl").display().to_string()
}

/// A table without its trailing blanks, which are of no meaning.
fn trimmed(text: &str) -> String {
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn import_counts_and_a_second_time_appends_nothing() {
    let home = Home::new();
    assert_eq!(home.json(&["import", &journey()]), json!({"appended": 162, "duplicates": 0}));
    assert_eq!(home.json(&["import", &journey()]), json!({"appended": 0, "duplicates": 162}));
    assert_eq!(home.run(&["import", &journey()]).stdout, "0 appended, 162 duplicates\n");
}

#[test]
fn every_bad_line_is_listed_and_nothing_is_appended() {
    let home = Home::new();
    let opened = event(
        "e1",
        "SD-1",
        "case-opened",
        "2026-01-05T09:00:00Z",
        &json!({"programme": "lancashire-step-down"}),
    );
    let lines = [
        opened.as_str(),
        "{ not json",
        &event("e2", "SD-1", "visit-maed", "2026-01-06T09:00:00Z", &json!({"by": "scayt"})),
        &event(
            "e3",
            "SD-1",
            "assessment-recorded",
            "2026-01-06T09:00:00Z",
            &json!({"tool": "sdq", "score": 41}),
        ),
        &event("e4", "SD-2", "suitability-confirmed", "2026-01-06T09:00:00Z", &Value::Null),
        &event("e5", "SD-1", "suitability-confirmed", "2999-01-06T09:00:00Z", &Value::Null),
        &event(
            "e6",
            "SD-1",
            "event-retracted",
            "2026-01-06T09:00:00Z",
            &json!({"event": "nothing", "reason": "r"}),
        ),
        "",
        &event("e1", "SD-1", "suitability-confirmed", "2026-01-06T09:00:00Z", &Value::Null),
        &event(
            "e7",
            "SD-3",
            "case-opened",
            "2026-01-06T09:00:00Z",
            &json!({"programme": "lancashire-step-dwon"}),
        ),
        "{\"specversion\":\"1.0\"}",
    ];
    let ran = home.run_with_input(&["import", "-"], &lines.join("\n"));
    assert_eq!(ran.code, 2);
    assert_eq!(ran.stdout, "");
    insta::assert_snapshot!(ran.stderr, @r#"
    × refused, 13 faults found; nothing was appended
    │   line 2: is not JSON: key must be a string at column 3
    │   line 3: type: "visit-maed" is not an event type of this programme; did you mean "visit-made"?
    │   line 4: data.score: 41 is greater than the maximum of 40
    │   line 5: subject: "SD-2" is an unknown case: append its case-opened first
    │   line 6: time: 2999-01-06T09:00:00+00:00 is in the future
    │   line 7: data.event: case SD-1 has no event "nothing" before this one
    │   line 9: id: "e1" is the id of another event with other content; give each event an id of its own
    │   line 10: data.programme: "lancashire-step-dwon" is not a configured programme; did you mean "lancashire-step-down"?
    │   line 11: id: is missing
    │   line 11: source: is missing
    │   line 11: type: is missing
    │   line 11: subject: is missing
    │   line 11: time: is missing
    help: nothing was appended; mend what is listed and try again
    "#);
    let due = home.run(&["due"]);
    assert_eq!((due.code, due.stdout.as_str()), (0, "Nothing is due.\n"));
}

#[test]
fn a_refusal_is_json_for_programs() {
    let home = Home::new();
    let line = event("e4", "SD-2", "suitability-confirmed", "2026-01-06T09:00:00Z", &Value::Null);
    let ran = home.run_with_input(&["import", "-", "--format", "json"], &format!("\n{line}\n"));
    let error: Value = serde_json::from_str(&ran.stderr).expect("JSON");
    assert_eq!(
        (ran.code, &error["faults"][0]["line"], &error["faults"][0]["field"]),
        (2, &json!(2), &json!("subject"))
    );
}

#[test]
fn late_records_are_welcome() {
    let home = Home::new();
    let at = |id: &str, event_type: &str, time: &str, data: Value| event(id, "SD-1", event_type, time, &data);
    let lines = [
        // Older than its case's opening, and before it in the file.
        at("e1", "assessment-recorded", "2025-12-01T09:00:00Z", json!({"tool": "sdq", "score": 15})),
        at("e2", "case-opened", "2026-01-05T09:00:00Z", json!({"programme": "lancashire-step-down"})),
        at("e3", "case-closed", "2026-02-05T09:00:00Z", Value::Null),
        // Older than the one before it, and after the case was closed.
        at("e4", "care-planning-meeting-held", "2026-01-12T09:00:00Z", json!({})),
        at("e5", "visit-made", "2026-03-12T09:00:00Z", json!({"by": "child-social-worker"})),
    ];
    let ran = home.run_with_input(&["import", "-"], &lines.join("\n"));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "5 appended, 0 duplicates\n"), "{}", ran.stderr);
    let due = home.json(&["due", "--on", "2026-04-01", "--all", "--case", "SD-1"]);
    let found =
        due.as_array().expect("a list").iter().find(|row| row["obligation"] == "suitability-discussion-sdq");
    assert_eq!(found.map(|row| &row["status"]), Some(&json!("done")));
}

#[test]
fn the_json_of_due_has_the_promised_fields() {
    let home = Home::new();
    home.json(&["import", &journey()]);
    let due = home.json(&[
        "due",
        "--on",
        "2025-08-12",
        "--role",
        "child-social-worker",
        "--person",
        "amara-okafor",
    ]);
    let row = due
        .as_array()
        .expect("a list")
        .iter()
        .find(|row| row["occurrence"] == "SD-0042/csw-visit-settling/59.4");
    insta::assert_json_snapshot!(row.expect("the fourth window"), @r#"
    {
      "also": [],
      "basis": "policy",
      "case": "SD-0042",
      "deadline": "2025-08-15",
      "done_on": null,
      "due_on": "2025-08-15",
      "kind": "windows",
      "obligation": "csw-visit-settling",
      "occurrence": "SD-0042/csw-visit-settling/59.4",
      "opens_on": "2025-08-09",
      "owner": "amara-okafor",
      "owner_role": "child-social-worker",
      "source": "CSW",
      "status": "open",
      "title": "Weekly visit to the child after the move"
    }
    "#);
    let closed = home.json(&["due", "--on", "2026-04-20", "--role", "child-social-worker"]);
    assert!(closed.as_array().expect("a list").iter().all(|row| row["status"] != "cancelled"));
    let all = home.json(&["due", "--on", "2026-04-20", "--role", "child-social-worker", "--all"]);
    assert!(all.as_array().expect("a list").iter().any(|row| row["status"] == "cancelled"));
    let near = home.json(&["due", "--on", "2025-07-20", "--horizon", "0"]);
    assert!(near.as_array().expect("a list").iter().all(|row| row["status"] != "scheduled"));
}

#[test]
fn due_and_explain_as_a_person_sees_them() {
    let home = Home::new();
    home.json(&["import", &journey(), "--keep-recorded-time"]);
    let due = home.run(&["due", "--on", "2025-05-27", "--horizon", "0", "--role", "child-social-worker"]);
    let open: String = due.stdout.lines().take(8).map(|line| line.trim_end().to_owned() + "\n").collect();
    insta::assert_snapshot!(open, @"
      Act by       Deadline     Status   What                                       Who            Occurrence
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      2025-06-02   2025-06-02   open     RAMP completed before introductions        amara-okafor   SD-0042/ramp/37.1
                                         start
      2025-06-26   2025-06-26   open     Needs Assessment Tool completed            amara-okafor   SD-0042/needs-assessment/1.5
      2025-07-03   2025-07-03   open     Care planning meeting                      amara-okafor   SD-0042/care-planning-meeting/1.5
      2025-02-10   2025-02-10   done     Referral to advocacy (2025-02-06)          amara-okafor   SD-0042/advocacy-referral/11.1
      2025-02-10   2025-02-10   done     My Home, My Place form sent to Family      amara-okafor   SD-0042/my-home-my-place/11.1
    ");
    let explain = home.run(&["explain", "SD-0042/care-planning-meeting/1.3", "--on", "2025-05-01"]);
    insta::assert_snapshot!(explain.stdout, @r#"
    SD-0042/care-planning-meeting/1.3
    Care planning meeting

    Rule      at least every 6 weeks since the last one, from case-opened
    Source    Step Down Policy and Protocol, Lancashire County Council, Stage 1, Stage 5 (basis: policy)
              "The standard 6 weekly care planning meetings offered to all our children in care."

    Anchor    2025-01-06  event 1, case-opened of 2025-01-06
    Opens     2025-03-10  the day of the completion before it
    Deadline  2025-04-21  2025-03-10 + 6 weeks = 2025-04-21
    Act by    2025-04-17  the last working day on or before the deadline, passing over 2 weekend days, Good Friday (18 April), Easter Monday (21 April)
    Counts                care-planning-meeting-held from 2025-01-06
    Done      2025-04-16  event 27, care-planning-meeting-held of 2025-04-16
    Status                done on 2025-05-01: completed by its deadline
    Told                  nobody
    "#);
}

#[test]
fn known_at_answers_as_of_then() {
    let home = Home::new();
    home.json(&["import", &journey(), "--keep-recorded-time"]);
    let status = |known_at: &str| {
        let due = home.json(&["due", "--on", "2025-08-09", "--known-at", known_at, "--case", "SD-0042"]);
        let rows = due.as_array().expect("a list").clone();
        rows.into_iter()
            .find(|row| row["occurrence"] == "SD-0042/csw-visit-settling/59.3")
            .map(|row| row["status"].clone())
    };
    // The visit of 5 August was recorded on the 12th.
    assert_eq!(status("2025-08-12T12:00:00Z"), Some(json!("done")));
    assert_eq!(status("2025-08-12T08:00:00Z"), Some(json!("overdue")));
}

#[test]
fn an_export_reads_back_to_the_same_due_list() {
    let (home, copy) = (Home::new(), Home::new());
    home.json(&["import", &journey(), "--keep-recorded-time"]);
    let export = home.run(&["export"]);
    copy.write("log.jsonl", &export.stdout);
    let again = copy.json(&["import", "log.jsonl", "--keep-recorded-time"]);
    assert_eq!(again["appended"], 162);
    assert_eq!(copy.run(&["export"]).stdout, export.stdout);
    for on in ["2025-03-30", "2025-08-09", "2026-04-20"] {
        let args = ["due", "--all", "--on", on, "--known-at", "2025-08-10"];
        assert_eq!(home.json(&args), copy.json(&args));
    }
    let full = copy.run(&["import", "log.jsonl", "--keep-recorded-time"]);
    assert_eq!(full.code, 2);
    assert!(full.stderr.contains("into an empty log only"), "{}", full.stderr);
}

#[test]
fn append_reads_values_by_the_schema_and_keeps_its_promises() {
    let home = Home::new();
    let append = |on: &str, event_type: &str, more: &[&str]| {
        let base = ["append", "--case", "SD-1", "--on", on, "--type", event_type];
        home.run(&[&base[..], more].concat())
    };
    assert_eq!(
        append("2026-01-05", "case-opened", &["programme=lancashire-step-down"]).stdout,
        "case-opened of 2026-01-05 recorded as event 1 of case SD-1\n"
    );
    assert_eq!(append("2026-01-06", "assessment-recorded", &["tool=needs-assessment", "level=2.3"]).code, 0);
    assert_eq!(
        append("2026-01-06", "assessment-recorded", &["tool=sdq", "score=15", "--at", "14:30"]).code,
        0
    );
    assert_eq!(
        append("2026-01-07", "support-meeting-held", &["attendees=child-social-worker,scayt"]).code,
        0
    );
    assert_eq!(append("2026-01-08", "child-moved-in", &["changes_school=true", "--id", "mine"]).code, 0);
    // The same id and content once more is fine; other content is not.
    assert_eq!(
        append("2026-01-08", "child-moved-in", &["changes_school=true", "--id", "mine"]).stdout,
        "recorded before: a duplicate, nothing to do\n"
    );
    let other = append("2026-01-08", "child-moved-in", &["changes_school=false", "--id", "mine"]);
    assert!(other.code == 2 && other.stderr.contains("is the id of another event"), "{}", other.stderr);
    let stale = append("2026-01-09", "case-closed", &["--expected-version", "4"]);
    assert!(stale.code == 2 && stale.stderr.contains("at version 5, not 4"), "{}", stale.stderr);
    let gap = append("2026-03-29", "case-closed", &["--at", "01:30"]);
    assert!(gap.code == 2 && gap.stderr.contains("does not exist in Europe/London"), "{}", gap.stderr);
    let wrong = append("2026-01-09", "child-moved-in", &["changes_school=maybe"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("data.changes_school"), "{}", wrong.stderr);
    let exported = home.run(&["export"]).stdout;
    assert_eq!(exported.lines().count(), 5);
    assert!(exported.contains(r#""data":{"level":"2.3","tool":"needs-assessment"}"#), "{exported}");
    assert!(exported.contains(r#""data":{"attendees":["child-social-worker","scayt"]}"#), "{exported}");
}

#[test]
fn what_is_not_there_is_named() {
    let home = Home::new();
    let absent = home.run(&["due"]);
    assert!(absent.code == 1 && absent.stderr.contains("there is no log in"), "{}", absent.stderr);
    assert!(!home.data().exists(), "a question makes no log");
    home.json(&["import", &journey()]);
    let no_case = home.run(&["due", "--case", "SD-9999"]);
    assert!(no_case.code == 2 && no_case.stderr.contains("there is no case SD-9999"), "{}", no_case.stderr);
    let no_rule = home.run(&["explain", "SD-0042/no-such-rule/1.1"]);
    assert!(no_rule.code == 2 && no_rule.stderr.contains("has no rule no-such-rule"), "{}", no_rule.stderr);
    let not_yet = home.run(&["explain", "SD-0042/advocacy-referral/11.1", "--on", "2025-01-10"]);
    assert!(not_yet.code == 2 && not_yet.stderr.contains("had not happened"), "{}", not_yet.stderr);
    assert_eq!(home.run(&["explain", "nonsense"]).code, 2);
    assert_eq!(home.run(&["import", "no-such-file"]).code, 1);
}

#[test]
fn init_writes_a_configuration_that_works_and_overwrites_nothing() {
    let home = Home::new();
    home.init();
    home.json(&["import", &journey()]);
    let starter = Home::new();
    starter.json(&["import", &journey()]);
    let args = ["due", "--all", "--on", "2025-08-12"];
    assert_eq!(home.json(&args), starter.json(&args));
    let again = home.run(&["init", "config"]);
    assert!(again.code == 2 && again.stderr.contains("is there already"), "{}", again.stderr);
}

#[test]
fn one_edited_rule_is_all_it_takes() {
    let home = Home::new();
    home.init();
    home.edit(
        "programmes/lancashire-step-down.toml",
        "every = \"1 week\"\nfor = \"6 weeks\"",
        "every = \"1 week\"\nfor = \"12 weeks\"",
    );
    home.json(&["import", &journey()]);
    let due = home.json(&["due", "--on", "2025-09-20", "--horizon", "90"]);
    let weekly =
        due.as_array().expect("a list").iter().filter(|row| row["obligation"] == "support-meeting-weekly");
    assert_eq!(weekly.count(), 12);
}

#[test]
fn a_broken_configuration_is_shown_where_it_is_broken() {
    let home = Home::new();
    home.init();
    let rules = "programmes/lancashire-step-down.toml";
    home.edit(rules, "due = \"2 weeks\"", "due = \"a fortnight\"");
    home.edit("stepdown.toml", "digest_at = \"08:00\"", "digest_at = \"8 o'clock\"");
    home.edit("people.toml", "tom.whitfield@example.org", "tom.whitfield");
    let ran = home.run(&["due"]);
    assert_eq!(ran.code, 2);
    let shown = trimmed(&ran.stderr).replace(&home.config().display().to_string(), "DIR");
    insta::assert_snapshot!(shown, @r#"
      × the configuration in DIR cannot be used: 3 faults found
      help: nothing was changed; mend what is named above and try again

    Error:
      × people.toml:43:9: "tom.whitfield" is not a mail address: Missing domain or user
        ╭─[people.toml:43:9]
     42 │ name = "Tom Whitfield"
     43 │ email = "tom.whitfield"
        ·         ───────┬───────
        ·                ╰── here
     44 │ absent = [{ from = 2025-08-04, to = 2025-08-15, cover = "nadia-rahman" }]
        ╰────
      help: write it without a name: "somebody@example.org"

    Error:
      × programmes/lancashire-step-down.toml:200:7: "a fortnight" is not a period: write a whole number up to 9999 and days, weeks, months or working days, such as "6 weeks"
         ╭─[programmes/lancashire-step-down.toml:200:7]
     199 │ anchor = "suitability-confirmed"
     200 │ due = "a fortnight"
         ·       ──────┬──────
         ·             ╰── here
     201 │ until = ["step-down-not-suitable", "child-moved-in"]
         ╰────

    Error:
      × stepdown.toml:8:13: "8 o'clock" is not a time of day, such as "08:00"
       ╭─[stepdown.toml:8:13]
     7 │ # Each professional gets one digest on a working day at this time, if there is anything to say.
     8 │ digest_at = "8 o'clock"
       ·             ─────┬─────
       ·                  ╰── here
     9 │ # A digest that could not go in time (the machine was down) still goes until this time of the day.
       ╰────
    "#);
    let misspelt = Home::new();
    misspelt.init();
    misspelt.edit(rules, "anchor = \"suitability-confirmed\"", "anchor = \"suitability-confrimed\"");
    misspelt.edit(rules, "tool = \"ramp\"", "tol = \"ramp\"");
    let shown = misspelt.run(&["due"]).stderr;
    assert!(shown.contains("did you mean \"suitability-confirmed\"?"), "{shown}");
    assert!(shown.contains("did you mean \"tool\"?"), "{shown}");
    let missing = Home::new();
    std::fs::create_dir(missing.config()).expect("a directory");
    let ran = missing.run(&["import", &journey()]);
    assert!(ran.code == 2 && ran.stderr.contains("stepdown.toml: is missing"), "{}", ran.stderr);
}

#[test]
fn an_unreadable_template_is_named_with_its_line() {
    let home = Home::new();
    home.init();
    home.edit("templates/notice.txt.jinja", "{{ title }}", "{{ titel }}");
    let ran = home.run(&["run"]);
    assert!(ran.code == 2 && ran.stderr.contains("templates/notice.txt.jinja:3"), "{}", ran.stderr);
}

#[test]
fn the_demo_tells_the_whole_story() {
    let home = Home::new();
    let ran = home.run(&["demo", "--into", "demo"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = trimmed(&ran.stdout);
    // Something of each programme, by its case.
    for (case, what) in [
        ("SD-0042", "The move has taken place"),
        ("SD-0042", "12-week support review"),
        ("SU-0107", "Family in crisis"),
        ("BF-0031", "Enhanced fee agreed by the move"),
        ("SA-0012", "Household recommended"),
    ] {
        let row = |line: &str| line.contains(case) && line.contains(&what[..what.len().min(24)]);
        assert!(told.lines().any(row), "{case}: {what}");
    }
    let mails = std::fs::read_dir(home.path("demo/mail")).expect("mails").count();
    assert!(told.contains(&format!("{mails} mails were sent along these journeys")));
    let again = home.run(&["demo", "--into", "demo"]);
    assert!(again.code == 2 && again.stderr.contains("there is a log in"), "{}", again.stderr);
    // What the demo says to try next works.
    let data = home.path("demo").display().to_string();
    let looks =
        told.lines().filter_map(|line| line.trim().strip_prefix("stepdown ")?.split_once(" explain "));
    let mut explained = 0;
    for (_, rest) in looks {
        let mut words: Vec<_> = rest.split(' ').collect();
        words.extend(["--data", &data]);
        let explain = home.run(&[&["explain"], &words[..]].concat());
        assert_eq!(explain.code, 0, "{rest}: {}", explain.stderr);
        explained += 1;
    }
    assert_eq!(explained, 4);
}

/// The samples of every programme in one command.
#[test]
fn several_files_are_imported_as_one_batch_in_the_order_of_recording() {
    let sample = |name: &str| format!("{}/events/samples/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let files =
        ["journey", "step-up-step-down", "bridge-to-foster", "stepdown-agency", "constellation"].map(sample);
    let import: Vec<_> =
        ["import", "--keep-recorded-time"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let home = Home::new();
    let ran = home.run(&import);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "368 appended, 0 duplicates\n"), "{}", ran.stderr);
    let exported = home.run(&["export"]).stdout;
    let events = exported.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let recorded: Vec<_> = events
        .filter(|event| event["source"] == "https://case-system.example.org/")
        .map(|event| event["recordedtime"].as_str().expect("a text").to_owned())
        .collect();
    assert_eq!(recorded.len(), 368);
    assert!(recorded.is_sorted());
    let cases = home.json(&["cases", "--all"]);
    let programmes: std::collections::BTreeSet<_> = cases
        .as_array()
        .expect("a list")
        .iter()
        .map(|case| case["programme"].as_str().expect("a text"))
        .collect();
    assert_eq!(programmes.len(), 4);
    // All or none, and a fault is told with its file.
    home.write("wrong.jsonl", "\n{\"specversion\": \"1.0\"}\n");
    let wrong = home.path("wrong.jsonl").display().to_string();
    let other = Home::new();
    let ran = other.run(&["import", &files[2], &wrong]);
    assert!(ran.code == 2 && ran.stderr.contains("wrong.jsonl, line 2: "), "{}", ran.stderr);
    let ran = other.run(&["import", &files[2], &wrong, "--format", "json"]);
    assert!(ran.stderr.contains("\"file\"") && ran.stderr.contains("wrong.jsonl"), "{}", ran.stderr);
    assert_eq!(other.run(&["import", &files[2]]).stdout, "34 appended, 0 duplicates\n");
}

#[test]
fn a_read_only_directory_is_said_so() {
    let home = Home::new();
    home.write("data", "a file where a directory should be");
    let ran = home.run(&["import", &journey()]);
    assert!(ran.code == 1 && ran.stderr.contains("data"), "{}", ran.stderr);
}

#[test]
fn a_mistyped_role_or_year_is_not_good_news() {
    let home = Home::new();
    home.json(&["import", &journey()]);
    let role = home.run(&["due", "--role", "social-worker"]);
    assert!(role.code == 2 && role.stderr.contains("is not a role of any programme"), "{}", role.stderr);
    let year =
        home.run(&["append", "--case", "SD-0042", "--type", "visit-made", "--on", "0202-05-04", "by=scayt"]);
    assert!(year.code == 2 && year.stderr.contains("is the year mistyped?"), "{}", year.stderr);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_read_over() {
    let home = Home::new();
    let text = std::fs::read_to_string(journey()).expect("readable").replace('\n', "\r\n");
    let ran = home.run_with_input(&["import", "-"], &format!("\u{feff}{text}"));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "162 appended, 0 duplicates\n"), "{}", ran.stderr);
}
