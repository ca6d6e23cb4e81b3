//! The admin's workshop on the real binary: a policy changed, seen first, adopted; replayed, simulated, mended.

#[path = "support/binary.rs"]
mod binary;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use binary::{Home, event, wait_for};
use chrono::{Days, NaiveDate, Utc};
use serde_json::{Value, json};
use stepdown::api::{Projection, replay};
use stepdown::case::Cases;
use stepdown::config::{Config, Source};
use stepdown::daemon::{Records, Writer};
use stepdown::log::Ids;

const README: &str = include_str!("../README.md");
const PROGRAMME: &str = "programmes/lancashire-step-down.toml";

#[expect(
    clippy::disallowed_methods,
    reason = "the binary goes by the machine's clock, and so must who judges it"
)]
fn today() -> NaiveDate {
    Utc::now().with_timezone(&chrono_tz::Europe::London).date_naive()
}

fn days_ago(days: u64) -> NaiveDate {
    today().checked_sub_days(Days::new(days)).expect("in range")
}

/// Five children who moved 1, 3, 5, 8 and 20 weeks ago, each with a social worker, and every meeting held so far.
fn children() -> String {
    let mut lines = Vec::new();
    for (child, weeks) in [1_u64, 3, 5, 8, 20].into_iter().enumerate() {
        let case = format!("SD-{child}");
        let moved = weeks * 7 - 2;
        let mut number = 0;
        let mut line = |event_type: &str, days: u64, data: Value| {
            number += 1;
            let time = format!("{}T12:00:00Z", days_ago(days));
            lines.push(event(&format!("{case}-{number}"), &case, event_type, &time, &data));
        };
        line("case-opened", moved + 200, json!({"programme": "lancashire-step-down"}));
        line(
            "professional-assigned",
            moved + 200,
            json!({"role": "child-social-worker", "person": "amara-okafor"}),
        );
        line("child-moved-in", moved, json!({"changes_school": false}));
        for week in 1..weeks.min(7) {
            line("support-meeting-held", moved - week * 7 + 1, json!({"attendees": ["child-social-worker"]}));
        }
    }
    lines.join("\n")
}

/// A home with the children's log and the starter configuration as `my-authority`, the data in `my-data`.
fn authority() -> Home {
    let home = Home::new();
    home.write("children.jsonl", &children());
    stepdown(&home, "init my-authority");
    stepdown(&home, "--config my-authority --data my-data import children.jsonl");
    home
}

/// Runs a command line as an admin would type it, and gives what it printed.
fn stepdown(home: &Home, line: &str) -> String {
    let (code, out, err) = tried(home, line);
    assert_eq!(code, 0, "{line}: {err}");
    out
}

fn tried(home: &Home, line: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_stepdown"))
        .args(line.split(' '))
        .current_dir(home.dir.path())
        .env_clear()
        .env("HOME", home.dir.path())
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn json_of(home: &Home, line: &str) -> Value {
    let out = stepdown(home, &format!("{line} --format json"));
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

/// What the README tells the newcomer to write: twice as long, for children who have moved in already too.
fn make_it_twice_as_long(changed: &Path) {
    let path = changed.join(PROGRAMME);
    let text = std::fs::read_to_string(&path).expect("the programme");
    let at = text.find("id = \"support-meeting-weekly\"").expect("the rule");
    let (head, tail) = text.split_at(at);
    let head = head.replacen("\nends_with", "\napplies_to = \"open\"\nends_with", 1);
    let tail = tail.replacen("for = \"6 weeks\"", "for = \"12 weeks\"", 1);
    std::fs::write(path, head + &tail).expect("writable");
}

fn section(heading: &str) -> Vec<String> {
    let start = README.find(heading).expect("the section is there");
    let section = README[start + heading.len()..].split("\n## ").next().unwrap_or_default();
    let blocks = section.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n"));
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

#[test]
fn a_newcomer_with_the_readme_makes_weekly_meetings_last_twice_as_long() {
    let home = authority();
    let commands = section("## Change the policy, and see first what it would do");
    let yesterday = days_ago(1);
    let due = format!("--config my-authority --data my-data due --all --on {yesterday}");
    let known = format!("{due} --known-at {yesterday}T22:00:00Z");
    let before = (json_of(&home, &due), json_of(&home, &known));
    let mut printed = Vec::new();
    for command in commands.iter().take_while(|command| !command.contains("simulate")) {
        let Some(line) = command.strip_prefix("stepdown ") else {
            let copied = Command::new("sh").args(["-c", command]).current_dir(home.dir.path()).status();
            assert!(copied.is_ok_and(|status| status.success()));
            if command.ends_with(" changed") {
                make_it_twice_as_long(&home.path("changed"));
            }
            continue;
        };
        let (code, out, err) = tried(&home, line);
        // The check tells of the golden example that still expects six weeks, and of nothing else.
        assert_eq!(code, if line.ends_with("check") { 2 } else { 0 }, "{line}: {out}{err}");
        printed.push(out);
    }
    let [first, check, seen, details, adopted] = &printed[..] else { panic!("{printed:#?}") };
    assert!(first.contains("lancashire-step-down, version 1, for all time"), "{first}");
    assert!(check.contains("0 errors") && check.contains("support-meeting-weekly"), "{check}");
    assert!(seen.starts_with("support-meeting-weekly: for: 6 weeks → 12 weeks\n"), "{seen}");
    // Those who moved 1, 3 and 5 weeks ago; for the others, the six weeks are over.
    assert!(seen.contains(&format!("On {}: 3 of 5 cases touched", today())), "{seen}");
    assert!(
        details.contains("SD-0/support-meeting-weekly/3.7") && details.contains("amara.okafor@example.org"),
        "{details}"
    );
    assert!(!details.contains("SD-3/support-meeting-weekly"), "{details}");
    assert!(adopted.contains("version 2") && adopted.contains("for open series too"), "{adopted}");
    // What was seen is what is.
    let now = json_of(&home, "--config changed --data my-data due --all --case SD-2");
    let weekly: Vec<_> = now
        .as_array()
        .expect("a list")
        .iter()
        .filter(|row| row["obligation"] == "support-meeting-weekly")
        .map(|row| row["occurrence"].as_str().expect("a name").rsplit('.').next().expect("n").to_owned())
        .collect();
    assert_eq!(weekly.len(), 12, "{weekly:?}");
    // And yesterday's answers are what they were, whatever the configuration says by now.
    for config in ["my-authority", "changed"] {
        let again = |line: &str| json_of(&home, &line.replace("my-authority", config));
        assert_eq!((again(&due), again(&known)), before);
    }
    let explained = stepdown(&home, "--data my-data explain SD-2/support-meeting-weekly/3.7");
    assert!(explained.contains("by version 2 of the programme"), "{explained}");
    assert!(explained.contains("version 2 of the programme was adopted"), "{explained}");
    assert_eq!(json_of(&home, "--data my-data replay")["equal"], true);
    // Nothing more to adopt.
    assert_eq!(stepdown(&home, "--config changed --data my-data reload"), "The policy is as it was.\n");
}

#[test]
fn without_open_the_change_touches_nobody_yet_and_the_hint_says_so() {
    let home = authority();
    stepdown(&home, "--config my-authority --data my-data reload");
    stepdown(&home, "init changed");
    let path = home.path("changed").join(PROGRAMME);
    make_it_twice_as_long(&home.path("changed"));
    let text = std::fs::read_to_string(&path).expect("readable").replace("applies_to = \"open\"\n", "");
    std::fs::write(&path, text).expect("writable");
    let seen = json_of(&home, "--data my-data replay --against changed");
    assert_eq!((&seen["touched"], &seen["changes"]), (&json!(0), &json!([])));
    let hint = seen["hint"].as_str().expect("a hint");
    assert!(hint.contains("applies_to = \"open\"") && hint.contains("touch 3 of 5 cases"), "{hint}");
    // As if it had always been so, everybody is touched.
    let always = json_of(&home, "--data my-data replay --against changed --from-the-start");
    assert_eq!(always["touched"], 5);
}

#[test]
fn the_same_answers_come_from_the_daemon_and_from_the_log() {
    let home = authority();
    stepdown(&home, "init changed");
    make_it_twice_as_long(&home.path("changed"));
    let from = today();
    let to = from.checked_add_days(Days::new(7)).expect("in range");
    let questions = [
        "--config my-authority --data my-data replay --against changed".to_owned(),
        format!("--config my-authority --data my-data simulate --from {from} --to {to} --case SD-1"),
        "--config my-authority --data my-data explain SD-1/looked-after-review/3.1".to_owned(),
        "--config my-authority --data my-data explain SD-1/education-plan".to_owned(),
        "--config my-authority --data my-data waive SD-1/stability-review/3.1 --reason r --author a --dry-run".to_owned(),
    ];
    let ask = || -> Vec<Value> {
        let strip = |mut answer: Value| {
            // A rehearsed event has an id and a time of its own.
            answer["mending"]["event"].take();
            answer
        };
        questions
            .iter()
            .map(|question| strip_times(strip_if_object(json_of(&home, question), strip)))
            .collect()
    };
    stepdown(&home, "--config my-authority --data my-data reload");
    let by_log = ask();
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_stepdown"))
        .args(["--config", "my-authority", "--data", "my-data", "run"])
        .current_dir(home.dir.path())
        .env("STEPDOWN_LOG", "off")
        .spawn()
        .expect("it runs");
    let socket = home.path("my-data/stepdown.sock");
    wait_for("the socket", || std::os::unix::net::UnixStream::connect(&socket).is_ok());
    let by_daemon = ask();
    let live = json_of(&home, "--data my-data replay");
    let _ = daemon.kill();
    let _ = daemon.wait();
    assert_eq!((&live["equal"], &live["daemon"]), (&json!(true), &json!(true)));
    for (one, other) in by_log.iter().zip(&by_daemon) {
        assert_eq!(one["changes"], other["changes"]);
        assert_eq!(one["rules"], other["rules"]);
        assert_eq!(one["steps"], other["steps"]);
        assert_eq!(one["why_not"], other["why_not"]);
    }
    // What the daemon has planned meanwhile is not planned again.
    assert_eq!(by_log[0], by_daemon[0].clone(), "{}", by_daemon[0]);
}

fn strip_if_object(answer: Value, strip: impl Fn(Value) -> Value) -> Value {
    if answer.get("mending").is_some() { strip(answer) } else { answer }
}

/// Mails depend on what the daemon has sent by the second question.
fn strip_times(mut answer: Value) -> Value {
    if let Some(object) = answer.as_object_mut() {
        for key in ["mails", "by_person", "by_rule", "touched", "told"] {
            object.remove(key);
        }
    }
    answer
}

#[test]
fn a_reload_refuses_faults_and_keeps_the_policy_in_force() {
    let home = Home::new();
    home.init();
    home.write("children.jsonl", &children());
    assert_eq!(home.run(&["import", "children.jsonl"]).code, 0);
    let daemon = home.daemon(|_| {});
    home.edit(PROGRAMME, "owner = \"child-social-worker\"", "owner = \"child-social-wroker\"");
    let refused = home.run(&["reload"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("did you mean \"child-social-worker\"?")
            || refused.stderr.contains("child-social-wroker"),
        "{}",
        refused.stderr
    );
    let before = home.json(&["due"]);
    home.edit(PROGRAMME, "owner = \"child-social-wroker\"", "owner = \"child-social-worker\"");
    home.edit(PROGRAMME, "en = \"Weekly support meeting\"", "en = \"Support meeting of the week\"");
    // A service manager reloads by SIGHUP.
    let sent = Command::new("kill").args(["-HUP", &daemon.id().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()));
    wait_for("the new wording", || home.run(&["due"]).stdout.contains("Support meeting of the week"));
    let dates = |rows: &Value| -> Vec<Value> {
        let rows = rows.as_array().expect("a list").iter();
        rows.map(|row| json!([row["occurrence"], row["deadline"], row["due_on"], row["status"]])).collect()
    };
    assert_eq!(dates(&home.json(&["due"])), dates(&before));
    let shown = home.json(&["case", "show", "SD-0"]);
    assert_eq!(shown["policy_version"], 2);
    // Whoever means another directory is told so: the daemon would take its own.
    stepdown(&home, "init other");
    let (code, _, err) = tried(&home, "--config other --data data reload");
    assert!(
        code == 2 && err.contains("takes its configuration in") && err.contains("change the files there"),
        "{err}"
    );
    assert_eq!(home.json(&["replay"])["equal"], true);
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[test]
fn a_new_bank_holiday_moves_what_it_must_and_the_reason_is_recorded() {
    let home = authority();
    stepdown(&home, "--config my-authority --data my-data reload");
    stepdown(&home, "init changed");
    let due = json_of(&home, "--data my-data due --horizon 400");
    // A day to act by that is to become a bank holiday.
    let row = due.as_array().expect("a list").iter().find(|row| {
        row["due_on"] == row["deadline"]
            && row["due_on"].as_str().expect("a date") > today().to_string().as_str()
    });
    let row = row.expect("something ahead is due on its deadline").clone();
    let (name, day) = (row["occurrence"].as_str().expect("a name"), row["due_on"].as_str().expect("a date"));
    let path = home.path("changed/bank-holidays.json");
    let text = std::fs::read_to_string(&path).expect("readable");
    let added = format!(
        "\"events\": [\n{{\"title\": \"A holiday for all\", \"date\": \"{day}\", \"notes\": \"\", \"bunting\": true}},"
    );
    std::fs::write(&path, text.replacen("\"events\": [", &added, 1)).expect("writable");
    let seen = json_of(&home, "--data my-data replay --against changed --horizon 400");
    let change =
        seen["changes"].as_array().expect("a list").iter().find(|change| change["occurrence"] == name);
    let change = change.expect("it moves");
    // The mails that go or do not go are the difference of two simulations.
    let (from, to) = (today(), seen["mails_until"].as_str().expect("a day").to_owned());
    let simulated = |config: &str, data: &str| -> std::collections::BTreeSet<String> {
        let mails =
            json_of(&home, &format!("--config {config} --data {data} simulate --from {from} --to {to}"));
        let mails = mails.as_array().expect("a list").iter();
        let items = mails.flat_map(|mail| {
            let items = mail["items"].as_array().expect("items").iter();
            items
                .map(|item| format!("{} {} {} {}", mail["on"], mail["to"], item["occurrence"], item["step"]))
                .collect::<Vec<_>>()
        });
        items.collect()
    };
    let copied =
        Command::new("cp").args(["-r", "my-data", "other-data"]).current_dir(home.dir.path()).status();
    assert!(copied.is_ok_and(|status| status.success()));
    stepdown(&home, "--config changed --data other-data reload");
    let (old, new) = (simulated("my-authority", "my-data"), simulated("changed", "other-data"));
    let by_comparison = |goes: bool| -> std::collections::BTreeSet<String> {
        let mails = seen["mails"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|mail| mail["goes"] == goes && !mail["occurrence"].is_null());
        mails
            .map(|mail| format!("{} {} {} {}", mail["on"], mail["to"], mail["occurrence"], mail["step"]))
            .collect()
    };
    assert_eq!(by_comparison(true), new.difference(&old).cloned().collect());
    assert_eq!(by_comparison(false), old.difference(&new).cloned().collect());
    assert!(!by_comparison(true).is_empty());
    assert_eq!(change["change"], "moves");
    assert!(change["why"].as_str().expect("why").contains("A holiday for all"), "{change}");
    let said = stepdown(&home, "--config changed --data my-data reload");
    assert!(said.contains("bank holidays, version 2, 1 added"), "{said}");
    let explained = json_of(&home, &format!("--data my-data explain {name}"));
    if row["deadline"].as_str().expect("a date")
        <= today().checked_add_days(Days::new(90)).expect("in range").to_string().as_str()
    {
        assert_eq!(explained["moved"][0]["because"], json!({"calendar": 2}), "{explained}");
    }
    let now = json_of(&home, "--data my-data due --horizon 400");
    let moved = now.as_array().expect("a list").iter().find(|row| row["occurrence"] == name).expect("there");
    assert!(moved["due_on"].as_str() < row["due_on"].as_str(), "{moved}");
}

#[test]
fn a_mend_shows_its_consequence_first_and_asks() {
    let home = authority();
    let log = |what: &str| format!("--config my-authority --data my-data {what}");
    let count = || json_of(&home, &log("status"))["events"].as_u64().expect("a count");
    let before = count();
    let (code, out, err) = tried(&home, &log("retract SD-1/4 --reason mistaken --author priya"));
    assert_eq!(code, 2);
    assert!(out.contains("Retracts event 4 of case SD-1: support-meeting-held"), "{out}");
    assert!(out.contains("SD-1/support-meeting-weekly/3.1"), "{out}");
    assert!(err.contains("--yes"), "{err}");
    stepdown(&home, &log("retract SD-1/4 --reason mistaken --author priya --dry-run"));
    assert_eq!(count(), before);
    stepdown(&home, &log("retract SD-1/4 --reason mistaken --author priya --yes"));
    assert_eq!(count(), before + 1);
    let nonsense = [
        ("retract SD-1/4 --reason again --author priya --yes", "retracted already"),
        ("retract SD-1/400 --reason no --author priya --yes", "there is no event"),
        ("retract SD-1/3 --author priya --yes", "say why"),
        ("correct SD-1/3 changes_school=false --reason no --author priya --yes", "reads so already"),
        ("correct SD-1/3 changes_school=perhaps --reason no --author priya --yes", "changes_school"),
        ("waive SD-1/support-meeting-weekly/3.2 --reason no --author priya --yes", "is done already"),
        ("waive SD-1/support-meeting-weekly/3.99 --reason no --author priya --yes", "has no number 99"),
        (
            "assign SD-1 child-social-worker amara-okafor --author priya --yes",
            "holds child-social-worker in case SD-1 already",
        ),
        ("assign SD-1 child-social-worker amara-okafr --author priya --yes", "did you mean amara-okafor?"),
        (
            "assign SD-1 child-social-wroker tom-whitfield --author priya --yes",
            "did you mean \"child-social-worker\"?",
        ),
        ("unassign SD-1 school --author priya --yes", "nobody holds school"),
        ("close SD-9 --author priya --yes", "there is no case SD-9"),
    ];
    for (line, words) in nonsense {
        let (code, _, err) = tried(&home, &log(line));
        assert!(code == 2 && err.contains(words), "{line}: {code} {err}");
    }
    assert_eq!(count(), before + 1);
    // A field is read by the schema of the event's own type: attendees are a list.
    let mended =
        json_of(&home, &log("correct SD-1/5 attendees=scayt,school --reason more --author priya --dry-run"));
    assert_eq!(mended["mending"]["event"]["data"]["data"]["attendees"], json!(["scayt", "school"]));
    // Why it is not there: as known then, the event had not been retracted.
    let (_, _, err) = tried(&home, &log("explain SD-1/support-meeting-weekly/4.1"));
    assert!(err.contains("event 4 was retracted by event"), "{err}");
    let (_, _, err) = tried(&home, &log("explain SD-1/support-meeting-weekly/4.1 --known-at 2020-01-01"));
    assert!(err.contains("no event 4, or it was not recorded yet"), "{err}");
    let handed = json_of(&home, &log("assign SD-1 child-social-worker tom-whitfield --author priya --yes"));
    let names = handed["mending"]["handed_over"].as_array().expect("a list");
    assert!(names.iter().any(|name| name == "SD-1/csw-visit-frequency/3.1"), "{handed}");
}

#[test]
fn the_readme_mends_as_written() {
    let home = Home::new();
    stepdown(&home, "init my-authority");
    let first = README.split("## The first ten minutes of an admin").nth(1).expect("the section");
    for line in
        first.split("\n## ").next().expect("a section").lines().filter(|line| line.contains(" append --case"))
    {
        stepdown(&home, line.strip_prefix("stepdown ").expect("a command"));
    }
    for line in section("## Mend what was recorded wrongly") {
        stepdown(&home, line.strip_prefix("stepdown ").expect("a command"));
    }
    let shown = json_of(&home, "--config my-authority --data my-data case show SD-0101");
    assert_eq!(shown["closed"], true);
    let authors: Vec<_> = shown["events"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|event| event["author"] == "priya")
        .collect();
    assert_eq!(authors.len(), 6, "{shown}");
    for line in section("## Keep the keys, erase a record") {
        stepdown(&home, line.strip_prefix("stepdown ").expect("a command"));
    }
    let shown = json_of(&home, "--config my-authority --data my-data case show SD-0101");
    assert!(shown["erased"]["events"].as_u64() > Some(6), "{shown}");
}

#[test]
fn a_simulation_sends_nothing_and_needs_no_log_for_a_supposed_history() {
    let home = Home::new();
    let journey = concat!(env!("CARGO_MANIFEST_DIR"), "/events/samples/journey.jsonl");
    let line =
        format!("--data my-data simulate --from 2025-02-03 --to 2025-02-14 --events {journey} --eml mails");
    let mails = json_of(&home, &line);
    let mails = mails.as_array().expect("a list");
    assert!(!mails.is_empty());
    let keys: Vec<_> = mails[0].as_object().expect("an object").keys().cloned().collect();
    assert_eq!(keys, ["items", "kind", "on", "subject", "to"]);
    let written: Vec<_> = std::fs::read_dir(home.path("mails")).expect("a directory").collect();
    assert_eq!(written.len(), mails.len());
    for mail in mails {
        let (on, kind) = (mail["on"].as_str().expect("a day"), mail["kind"].as_str().expect("a kind"));
        assert!(("2025-02-03".."2025-02-15").contains(&on), "{mail}");
        assert!(["digest", "notice", "escalation", "correction", "admin"].contains(&kind), "{mail}");
        assert!(!mail["items"].as_array().expect("items").is_empty() || kind == "notice", "{mail}");
    }
    assert!(!home.path("my-data").exists(), "nothing is written");
    let (code, _, err) = tried(
        &home,
        &format!("--data my-data simulate --from 2025-02-14 --to 2025-02-03 --events {journey}"),
    );
    assert!(code == 2 && err.contains("must not come after"), "{err}");
    home.write("bad.jsonl", &event("x", "SD-1", "child-moved-inn", "2026-01-05T09:00:00Z", &json!({})));
    let (code, _, err) =
        tried(&home, "--data my-data simulate --from 2026-01-01 --to 2026-01-09 --events bad.jsonl");
    assert!(code == 2 && err.contains("event 1"), "{err}");
}

#[test]
fn a_replay_finds_what_the_live_state_has_lost() {
    let home = authority();
    assert_eq!(json_of(&home, "--data my-data replay")["equal"], true);
    let config = Arc::new(Config::load(&Source::Starter).expect("the starter loads"));
    let writer = Writer::open(&home.path("my-data"), Arc::clone(&config), "a test").expect("a log");
    let found = |live: &Records| {
        let now = "2026-06-30T09:00:00Z".parse().expect("an instant");
        let replayed = replay(writer.log().reader(), writer.head(), (live, &config), false, now, |_| {});
        let differing = |projection: &Projection| !projection.equal;
        replayed.expect("readable").projections.into_iter().find(differing).map(|found| found.projection)
    };
    let live = writer.records().clone();
    assert_eq!(found(&live), None);
    assert_eq!(found(&Records { ids: Ids::default(), ..live.clone() }).as_deref(), Some("ids"));
    assert_eq!(found(&Records { cases: Cases::default(), ..live }).as_deref(), Some("cases"));
}
