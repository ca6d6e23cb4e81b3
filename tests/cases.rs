//! Cases as people and programs see them: the list, and one case with its history.

#[path = "support/binary.rs"]
mod binary;

use binary::{Home, event, sample};
use serde_json::{Value, json};

fn trimmed(text: &str) -> String {
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// An event of a case, recorded an hour after it happened.
fn at(case: &str, id: &str, event_type: &str, time: &str, data: &Value) -> String {
    let mut line: Value = serde_json::from_str(&event(id, case, event_type, time, data)).expect("JSON");
    line["recordedtime"] = json!(time.replace("T09", "T10"));
    line.to_string()
}

/// Four cases: one in preparation with mistakes that were mended, one moved in, one closed, and the policy's own.
fn given_four_cases() -> Home {
    let home = Home::new();
    let programme = json!({"programme": "lancashire-step-down"});
    let mut late: Value = serde_json::from_str(&at(
        "SD-1",
        "a8",
        "visit-made",
        "2026-01-20T09:00:00Z",
        &json!({"by": "independent-reviewing-officer"}),
    ))
    .expect("JSON");
    late["recordedtime"] = json!("2026-02-01T10:00:00Z");
    late["authid"] = json!("irene-castle");
    let lines = [
        at("SD-1", "a1", "case-opened", "2026-01-05T09:00:00Z", &programme),
        at(
            "SD-1",
            "a2",
            "professional-assigned",
            "2026-01-05T09:00:00Z",
            &json!({"role": "child-social-worker", "person": "tom-whitfield"}),
        ),
        at(
            "SD-1",
            "a3",
            "professional-assigned",
            "2026-01-12T09:00:00Z",
            &json!({"role": "child-social-worker", "person": "amara-okafor"}),
        ),
        at(
            "SD-1",
            "a4",
            "professional-assigned",
            "2026-01-12T09:00:00Z",
            &json!({"role": "advocate", "person": "someone-else"}),
        ),
        at("SD-1", "a5", "suitability-confirmed", "2026-01-19T09:00:00Z", &Value::Null),
        at("SD-1", "a6", "case-closed", "2026-01-21T09:00:00Z", &json!({"reason": "moved away"})),
        at(
            "SD-1",
            "a7",
            "event-retracted",
            "2026-01-22T09:00:00Z",
            &json!({"event": "a6", "reason": "another case was meant"}),
        ),
        late.to_string(),
        at(
            "SD-1",
            "a9",
            "event-corrected",
            "2026-02-02T09:00:00Z",
            &json!({"event": "a5", "time": "2026-01-26T09:00:00Z", "reason": "the meeting was a week later"}),
        ),
        at(
            "SD-1",
            "a10",
            "event-corrected",
            "2026-02-03T09:00:00Z",
            &json!({"event": "a8", "data": {"by": "advocate"}, "reason": "wrong role"}),
        ),
        at("SD-2", "b1", "case-opened", "2025-11-03T09:00:00Z", &programme),
        at("SD-2", "b2", "child-moved-in", "2026-02-02T09:00:00Z", &json!({"changes_school": false})),
        at("SD-3", "c1", "case-opened", "2025-11-03T09:00:00Z", &programme),
        at("SD-3", "c2", "step-down-not-suitable", "2026-01-12T09:00:00Z", &json!({"reason": "not yet"})),
        at("SD-3", "c3", "case-closed", "2026-01-19T09:00:00Z", &Value::Null),
        at("lancashire-step-down", "p1", "policy-launched", "2025-09-01T09:00:00Z", &Value::Null),
    ];
    let ran = home.run_with_input(&["import", "-", "--keep-recorded-time"], &lines.join("\n"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    home
}

#[test]
fn the_list_tells_stage_and_what_is_next() {
    let home = given_four_cases();
    let list = home.run(&["cases", "--on", "2026-02-10"]);
    assert_eq!(list.code, 0, "{}", list.stderr);
    insta::assert_snapshot!(trimmed(&list.stdout), @"
      Case                   Stage                                Opened       Overdue   Open   Act by       Next
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      SD-1                   Stage 2: Preparation and Family      2026-01-05   4         2      2026-02-02   Referral to advocacy
                             Finding
      SD-2                   Stage 5: Ongoing support and         2025-11-03   4         12     2025-12-15   Needs Assessment Tool completed
                             review
      lancashire-step-down                                        2025-09-01   0         1      2026-02-27   Policy review six months after
                                                                                                             launch
    ");
    let names = |args: &[&str]| {
        let rows = home.json(&[&["cases", "--on", "2026-02-10"], args].concat());
        let rows = rows.as_array().expect("a list").clone();
        rows.iter().map(|row| row["case"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["SD-1", "SD-2", "lancashire-step-down"]);
    assert_eq!(names(&["--all"]), ["SD-1", "SD-2", "SD-3", "lancashire-step-down"]);
    assert_eq!(names(&["--overdue"]), ["SD-1", "SD-2"]);
    let before = home.run(&["cases", "--on", "2020-01-01"]);
    assert_eq!((before.code, before.stdout.as_str()), (0, "There is no such case.\n"));
}

#[test]
fn a_case_passes_through_the_stages_of_the_policy() {
    let home = Home::new();
    home.json(&["import", &sample("journey.jsonl").display().to_string()]);
    let days = [
        ("2025-02-02", "Stage 1: Identification"),
        ("2025-02-03", "Stage 2: Preparation and Family Finding"),
        ("2025-03-24", "Stage 3: Matching"),
        ("2025-05-12", "Stage 4: Introductions and move to foster home"),
        ("2025-07-18", "Stage 5: Ongoing support and review"),
        ("2026-04-17", "Closed"),
    ];
    for (day, stage) in days {
        let rows = home.json(&["cases", "--all", "--on", day]);
        assert_eq!(rows[0]["stage"], json!(stage), "{day}");
    }
}

#[test]
fn the_json_of_cases_has_the_promised_fields() {
    let rows = given_four_cases().json(&["cases", "--on", "2026-02-10", "--all"]);
    insta::assert_json_snapshot!([&rows[0], &rows[2], &rows[3]], @r#"
    [
      {
        "case": "SD-1",
        "closed": false,
        "next_due": "2026-02-02",
        "next_due_occurrence": "SD-1/advocacy-referral/5.1",
        "next_due_title": "Referral to advocacy",
        "open": 2,
        "opened_on": "2026-01-05",
        "overdue": 4,
        "programme": "lancashire-step-down",
        "stage": "Stage 2: Preparation and Family Finding"
      },
      {
        "case": "SD-3",
        "closed": true,
        "next_due": null,
        "next_due_occurrence": null,
        "next_due_title": null,
        "open": 0,
        "opened_on": "2025-11-03",
        "overdue": 0,
        "programme": "lancashire-step-down",
        "stage": "Closed"
      },
      {
        "case": "lancashire-step-down",
        "closed": false,
        "next_due": "2026-02-27",
        "next_due_occurrence": "lancashire-step-down/policy-review-first/1.1",
        "next_due_title": "Policy review six months after launch",
        "open": 1,
        "opened_on": "2025-09-01",
        "overdue": 0,
        "programme": "lancashire-step-down",
        "stage": null
      }
    ]
    "#);
}

#[test]
fn a_case_is_shown_with_what_was_mended_and_by_what() {
    let home = given_four_cases();
    let shown = home.run(&["case", "show", "SD-1", "--on", "2026-02-10"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    insta::assert_snapshot!(trimmed(&shown.stdout), @r#"
    Case SD-1, lancashire-step-down version 1, on 2026-02-10
    Stage 2: Preparation and Family Finding, opened 2026-01-05

    People
      Role                    Who                           Since
    ────────────────────────────────────────────────────────────────────
      Advocate                someone-else                  2026-01-12
      Child's social worker   Amara Okafor (amara-okafor)   2026-01-12

    History
      No   On           What                    Data                                                Notes
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      1    2026-01-05   case-opened             programme=lancashire-step-down
      2    2026-01-05   professional-assigned   person=tom-whitfield role=child-social-worker
      3    2026-01-12   professional-assigned   person=amara-okafor role=child-social-worker
      4    2026-01-12   professional-assigned   person=someone-else role=advocate
      8    2026-01-20   visit-made              by=advocate                                         corrected by 10, was
                                                                                                    by=independent-reviewing-officer; recorded
                                                                                                    2026-02-01; by irene-castle
      6    2026-01-21   case-closed             reason=moved away                                   RETRACTED by 7
      7    2026-01-22   event-retracted         event=a6 reason=another case was meant
      5    2026-01-26   suitability-confirmed                                                       corrected by 9, was 2026-01-19
      9    2026-02-02   event-corrected         event=a5 reason=the meeting was a week later
                                                time=2026-01-26T09:00:00Z
      10   2026-02-03   event-corrected         data={"by":"advocate"} event=a8 reason=wrong role

    Due
      Act by       Deadline     Status    What                                            Who            Occurrence
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      2026-02-02   2026-02-02   overdue   Referral to advocacy                            amara-okafor   SD-1/advocacy-referral/5.1
      2026-02-02   2026-02-02   overdue   My Home, My Place form sent to Family Finding   amara-okafor   SD-1/my-home-my-place/5.1
      2026-02-02   2026-02-02   overdue   SCAYT asked to the Preparation Planning         amara-okafor   SD-1/scayt-preparation-referral/5.1
                                          Meeting
      2026-02-09   2026-02-09   overdue   Preparation Planning Meeting                    amara-okafor   SD-1/preparation-planning-meeting/5.1
      2026-02-16   2026-02-16   open      Care planning meeting                           amara-okafor   SD-1/care-planning-meeting/1.1
      2026-02-16   2026-02-16   open      Needs Assessment Tool completed                 amara-okafor   SD-1/needs-assessment/1.1
    "#);
}

#[test]
fn the_json_of_a_case_has_each_event_as_it_reads_and_as_it_was() {
    let home = given_four_cases();
    let shown = home.json(&["case", "show", "SD-1", "--on", "2026-02-10"]);
    let head = |key: &str| shown[key].clone();
    assert_eq!(
        (head("case"), head("programme"), head("policy_version"), head("stage"), head("closed")),
        (
            json!("SD-1"),
            json!("lancashire-step-down"),
            json!(1),
            json!("Stage 2: Preparation and Family Finding"),
            json!(false)
        )
    );
    let events = shown["events"].as_array().expect("a list");
    let numbered = |number: u32| events.iter().find(|event| event["number"] == number).expect("an event");
    insta::assert_json_snapshot!([numbered(5), numbered(6), numbered(8)], @r#"
    [
      {
        "corrected_by": 9,
        "data": {},
        "id": "a5",
        "number": 5,
        "on": "2026-01-26",
        "original": {
          "data": {},
          "on": "2026-01-19",
          "time": "2026-01-19T09:00:00Z"
        },
        "recorded": "2026-01-19T10:00:00Z",
        "sequence": 5,
        "source": "/test",
        "time": "2026-01-26T09:00:00Z",
        "type": "suitability-confirmed"
      },
      {
        "data": {
          "reason": "moved away"
        },
        "id": "a6",
        "number": 6,
        "on": "2026-01-21",
        "recorded": "2026-01-21T10:00:00Z",
        "retracted_by": 7,
        "sequence": 6,
        "source": "/test",
        "time": "2026-01-21T09:00:00Z",
        "type": "case-closed"
      },
      {
        "corrected_by": 10,
        "data": {
          "by": "advocate"
        },
        "id": "a8",
        "number": 8,
        "on": "2026-01-20",
        "original": {
          "data": {
            "by": "independent-reviewing-officer"
          },
          "on": "2026-01-20",
          "time": "2026-01-20T09:00:00Z"
        },
        "recorded": "2026-02-01T10:00:00Z",
        "recorded_by": "irene-castle",
        "sequence": 8,
        "source": "/test",
        "time": "2026-01-20T09:00:00Z",
        "type": "visit-made"
      }
    ]
    "#);
    insta::assert_json_snapshot!(shown["people"], @r#"
    [
      {
        "name": null,
        "person": "someone-else",
        "role": "advocate",
        "since": "2026-01-12",
        "title": "Advocate"
      },
      {
        "name": "Amara Okafor",
        "person": "amara-okafor",
        "role": "child-social-worker",
        "since": "2026-01-12",
        "title": "Child's social worker"
      }
    ]
    "#);
    let due = shown["due"].as_array().expect("a list");
    let asked = home.json(&["due", "--case", "SD-1", "--on", "2026-02-10"]);
    let wanted = ["overdue", "open", "scheduled"];
    let to_do = asked
        .as_array()
        .expect("a list")
        .iter()
        .filter(|row| wanted.contains(&row["status"].as_str().unwrap_or_default()));
    assert_eq!(due.iter().collect::<Vec<_>>(), to_do.collect::<Vec<_>>());
}

#[test]
fn a_case_is_shown_as_it_was_and_as_it_was_known() {
    let home = given_four_cases();
    let stage = |args: &[&str]| {
        let shown = home.json(&[&["case", "show", "SD-1"], args].concat());
        (shown["stage"].clone(), shown["events"].as_array().map_or(0, Vec::len))
    };
    let one = "Stage 1: Identification";
    // By today's knowledge suitability was confirmed on the 26th: the event itself is not there yet.
    assert_eq!(stage(&["--on", "2026-01-20"]), (json!(one), 6));
    // As known on the 21st, the case was closed, and suitability confirmed on the 19th.
    assert_eq!(stage(&["--on", "2026-01-21", "--known-at", "2026-01-21"]), (json!("Closed"), 6));
    assert_eq!(stage(&["--on", "2026-01-10"]), (json!(one), 2));
}

#[test]
fn a_case_that_is_not_there_is_named_with_one_that_is() {
    let home = given_four_cases();
    for args in [&["case", "show", "SD-11"][..], &["due", "--case", "SD-11"]] {
        let ran = home.run(args);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains("there is no case SD-11; did you mean \"SD-1\"?"), "{}", ran.stderr);
    }
    let far = home.run(&["case", "show", "nothing-like-it"]);
    insta::assert_snapshot!(far.stderr, @"
    × there is no case nothing-like-it
    help: stepdown cases --all lists the cases
    ");
    assert_eq!(home.run(&["case", "show", "SD/1"]).code, 2);
}

#[test]
fn a_daemon_answers_the_same() {
    let home = Home::new();
    home.json(&["import", &sample("journey.jsonl").display().to_string()]);
    let ask = || {
        let on = ["--on", "2025-08-12"];
        let show = home.json(&[&["case", "show", "SD-0042"], &on[..]].concat());
        let known = home.json(&["case", "show", "SD-0042", "--on", "2025-08-12", "--known-at", "2025-08-10"]);
        (home.json(&[&["cases", "--all"], &on[..]].concat()), show, known)
    };
    let alone = ask();
    let daemon = home.daemon(|_| {});
    assert_eq!(ask(), alone);
    let wrong = home.run(&["case", "show", "SD-0043"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("did you mean \"SD-0042\"?"), "{}", wrong.stderr);
    daemon.kill();
}
