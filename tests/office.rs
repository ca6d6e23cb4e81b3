//! What an operator and an admin do about mail: look at it, hold it, silence it; on the real binary.

#[path = "support/binary.rs"]
mod binary;
#[path = "support/post.rs"]
mod post;
#[path = "support/relay.rs"]
mod relay;

use std::time::Duration;

use binary::{Home, wait_for};
use post::{append, daemon_at, evening, home_with_relay, open_case, settled, status};
use relay::{Relay, Script};
use serde_json::{Value, json};

/// A case whose referral to advocacy is due by Monday 18 May 2026, and the log to ask, without a daemon.
fn confirmed() -> Home {
    let home = Home::new();
    home.init();
    let line = |n: u32, event_type: &str, time: &str, data: Value| {
        binary::event(&format!("e{n}"), "SD-7", event_type, time, &data) + "\n"
    };
    let lines = [
        line(1, "case-opened", "2026-05-04T09:00:00+01:00", json!({"programme": "lancashire-step-down"})),
        line(
            2,
            "professional-assigned",
            "2026-05-04T09:00:00+01:00",
            json!({"role": "child-social-worker", "person": "amara-okafor"}),
        ),
        line(3, "suitability-confirmed", "2026-05-11T09:00:00+01:00", json!({})),
    ];
    home.write("events.jsonl", &lines.concat());
    assert_eq!(home.run(&["import", "events.jsonl"]).code, 0);
    home
}

#[test]
fn the_plan_of_a_day_says_to_whom_what_and_why() {
    let home = confirmed();
    let plan = home.json(&["reminders", "plan", "--on", "2026-05-12", "--person", "amara-okafor"]);
    let item = |rule: &str, step: &str, reason: &str| json!({"occurrence": format!("SD-7/{rule}"), "step": step, "reason": reason});
    assert_eq!(
        plan,
        json!([{
            "on": "2026-05-12",
            "to": "amara.okafor@example.org",
            "kind": "digest",
            "subject": "Your reminders for Tuesday 12 May 2026: 3 coming up",
            "items": [
                item("my-home-my-place/3.1", "-5wd", "first: it is due in 6 days"),
                item("advocacy-referral/3.1", "-5wd", "first: it is due in 6 days"),
                item("scayt-preparation-referral/3.1", "-5wd", "first: it is due in 6 days"),
            ]
        }])
    );
    let table = home.run(&["reminders", "plan", "--on", "2026-05-12", "--person", "amara-okafor"]);
    insta::assert_snapshot!(table.stdout, @"
      To                         Kind     Subject                      Step   Why                          Occurrence                           
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      amara.okafor@example.org   digest   Your reminders for Tuesday   -5wd   first: it is due in 6 days   SD-7/my-home-my-place/3.1            
                                          12 May 2026: 3 coming up                                                                              
                                                                       -5wd   first: it is due in 6 days   SD-7/advocacy-referral/3.1           
                                                                       -5wd   first: it is due in 6 days   SD-7/scayt-preparation-referral/3.1  

    1 on Tuesday 12 May 2026.
    ");
    let kinds = |on: &str| -> Vec<String> {
        let plan = home.json(&["reminders", "plan", "--on", on]);
        plan.as_array().expect("a list").iter().map(|mail| mail["kind"].to_string()).collect()
    };
    assert!(kinds("2026-05-26").contains(&"\"escalation\"".to_owned()));
    // A Saturday: nothing but what is urgent.
    assert!(!kinds("2026-05-16").contains(&"\"digest\"".to_owned()));
    let withheld = home.run(&["reminders", "plan", "--on", "2026-05-19", "--withheld"]);
    assert!(withheld.stdout.contains("superseded by +1wd"), "{}", withheld.stdout);
    let nobody = home.run(&["reminders", "plan", "--person", "nobody"]);
    assert!(
        nobody.code == 2 && nobody.stderr.contains("nobody is listed as \"nobody\""),
        "{}",
        nobody.stderr
    );
}

#[test]
fn a_preview_is_the_mail_as_it_would_go() {
    let home = confirmed();
    let preview = |format: &str| {
        let args =
            ["reminders", "preview", "--person", "amara-okafor", "--on", "2026-05-12", "--format", format];
        home.run(&args)
    };
    let text = preview("text").stdout;
    assert!(
        text.starts_with("To: amara.okafor@example.org\nSubject: Your reminders for Tuesday 12 May 2026"),
        "{text}"
    );
    assert!(text.contains("Why now: first: it is due in 6 days."), "{text}");
    assert!(preview("html").stdout.starts_with("<!DOCTYPE html>\n<html lang=\"en-GB\">"));
    let eml = preview("eml").stdout;
    assert!(
        eml.contains("\r\nAuto-Submitted: auto-generated\r\n") && eml.contains("\r\nMessage-ID: <"),
        "{eml}"
    );
    let none = home.run(&["reminders", "preview", "--person", "tom-whitfield", "--on", "2026-05-12"]);
    assert!(none.code == 2 && none.stderr.contains("nothing would go to tom-whitfield"), "{}", none.stderr);
    let due = home.run(&["due", "--format", "eml"]);
    assert!(due.code == 2 && due.stderr.contains("reminders preview"), "{}", due.stderr);
}

#[test]
fn what_was_sent_is_told_with_its_reasons_by_the_daemon_and_without_it() {
    let relay = Relay::start(Script::friendly());
    let home = home_with_relay(relay.port);
    let daemon = evening(&home);
    open_case(&home);
    append(&home, "referral-closed", "2026-06-02", &["service=scayt"]);
    wait_for("the notices", || relay.received().len() == 2 && settled(&home));
    let by_daemon = home.json(&["reminders", "sent", "--case", "SD-7"]);
    daemon.kill();
    let sent = home.json(&["reminders", "sent", "--case", "SD-7"]);
    assert_eq!(sent, by_daemon);
    let mine = home.json(&["reminders", "sent", "--person", "amara-okafor"]);
    assert_eq!(mine.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&mine[0]["kind"], &mine[0]["state"], &mine[0]["to"], &mine[0]["words"]),
        (&"notice".into(), &"accepted".into(), &"amara.okafor@example.org".into(), &"250 2.0.0 taken".into())
    );
    let unknown = home.run(&["reminders", "sent", "--case", "SD-8"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("there is no case SD-8"), "{}", unknown.stderr);
}

#[test]
fn mail_is_held_and_released_and_what_fell_due_meanwhile_goes_then() {
    let relay = Relay::start(Script::friendly());
    let home = home_with_relay(relay.port);
    let daemon = evening(&home);
    open_case(&home);
    let hold = home.run(&["mail", "hold", "--reason", "the relay is moved", "--author", "ops"]);
    assert_eq!(hold.code, 0, "{}", hold.stderr);
    append(&home, "referral-closed", "2026-06-02", &["service=scayt"]);
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(relay.received().len(), 0);
    let held = status(&home)["mail_held"].to_string();
    assert!(held.contains("by ops since 2026-06-02") && held.contains("the relay is moved"), "{held}");
    // A restart forgets nothing.
    daemon.kill();
    let daemon = post::later(&home);
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(relay.received().len(), 0);
    assert_eq!(home.run(&["mail", "release", "--author", "ops"]).code, 0);
    wait_for("the notices", || relay.received().len() == 2 && settled(&home));
    let again = home.run(&["mail", "release", "--author", "ops"]);
    assert!(again.code == 2 && again.stderr.contains("mail is not held"), "{}", again.stderr);
    drop(daemon);
}

#[test]
fn more_mail_than_usual_trips_the_breaker_and_waits_for_an_operator() {
    let relay = Relay::start(Script::friendly());
    let home = home_with_relay(relay.port);
    home.edit("stepdown.toml", "breaker = 500", "breaker = 3");
    let daemon = evening(&home);
    open_case(&home);
    append(&home, "stability-concern-raised", "2026-06-02", &[]);
    wait_for("the breaker", || !status(&home)["mail_held"].is_null());
    let held = status(&home)["mail_held"].to_string();
    assert!(held.contains("5 messages would go at one time, more than 3"), "{held}");
    assert_eq!(relay.received().len(), 0);
    assert!(daemon.journal().contains("stepdown mail release"), "{}", daemon.journal());
    assert_eq!(home.run(&["mail", "release", "--author", "ops"]).code, 0);
    wait_for("all five", || relay.received().len() == 5 && settled(&home));
}

#[test]
fn a_clock_that_was_set_back_holds_mail_and_says_so() {
    let relay = Relay::start(Script::friendly());
    let home = home_with_relay(relay.port);
    let daemon = evening(&home);
    open_case(&home);
    daemon.kill();
    let daemon = daemon_at(&home, "2026-06-02 12:00:00");
    append(&home, "referral-closed", "2026-06-01", &["service=scayt"]);
    std::thread::sleep(Duration::from_millis(400));
    let held = status(&home)["mail_held"].to_string();
    assert!(held.contains("the clock was set back") && relay.received().is_empty(), "{held}");
    // Somebody who has looked at the clock vouches for it.
    assert_eq!(home.run(&["mail", "release", "--author", "ops"]).code, 0);
    wait_for("the notices", || relay.received().len() >= 2 && settled(&home));
    drop(daemon);
}

#[test]
fn silences_are_added_listed_and_ended_with_a_reason_and_an_author() {
    let home = confirmed();
    let add = |args: &[&str]| home.run(&[&["silence", "add", "--author", "grace-adeyemi"], args].concat());
    let wrong: [(&[&str], &str); 6] = [
        (&["--until", "2099-01-01", "--reason", "r"], "names a case, a rule or a person"),
        (&["--case", "SD-7", "--until", "2020-01-01", "--reason", "r"], "is past"),
        (&["--case", "SD-8", "--until", "2099-01-01", "--reason", "r"], "there is no case SD-8"),
        (
            &["--rule", "advocacy-referal", "--until", "2099-01-01", "--reason", "r"],
            "did you mean advocacy-referral?",
        ),
        (&["--person", "amara", "--until", "2099-01-01", "--reason", "r"], "there is no person amara"),
        (&["--case", "SD-7", "--until", "2099-01-01", "--reason", " "], "say why"),
    ];
    for (args, what) in wrong {
        let ran = add(args);
        assert!(ran.code == 2 && ran.stderr.contains(what), "{args:?}: {}", ran.stderr);
    }
    let ran = add(&["--case", "SD-7", "--until", "2099-01-01", "--reason", "before the court"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "Silence 1 until 2099-01-01.\n"), "{}", ran.stderr);
    let list = home.json(&["silence", "list"]);
    assert_eq!((&list[0]["case"], &list[0]["author"]), (&"SD-7".into(), &"grace-adeyemi".into()));
    let ended = home.run(&["silence", "end", "1", "--author", "grace-adeyemi"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "Silence 1 has ended.\n"), "{}", ended.stderr);
    assert_eq!(home.run(&["silence", "list"]).stdout, "No silence is in force.\n");
    assert_eq!(home.json(&["silence", "list", "--all"]).as_array().map(Vec::len), Some(1));
    let twice = home.run(&["silence", "end", "1", "--author", "x"]);
    assert!(twice.code == 2 && twice.stderr.contains("there is no silence in force 1"), "{}", twice.stderr);
}

#[test]
fn a_template_that_fails_on_a_real_message_holds_mail_and_nothing_else() {
    let relay = Relay::start(Script::friendly());
    let home = home_with_relay(relay.port);
    // The sample that templates are tried on is another case.
    home.edit(
        "templates/notice.txt.jinja",
        "{{ text }}",
        "{% if case == \"SD-7\" %}{{ nonsense }}{% endif %}{{ text }}",
    );
    let daemon = evening(&home);
    open_case(&home);
    append(&home, "referral-closed", "2026-06-02", &["service=scayt"]);
    wait_for("the hold", || !status(&home)["mail_held"].is_null());
    let held = status(&home)["mail_held"].to_string();
    assert!(held.contains("templates/notice.txt.jinja") && held.contains("nonsense"), "{held}");
    // Events are taken all the same, and after the template is mended the mail goes.
    append(&home, "carer-availability-updated", "2026-06-02", &[]);
    daemon.kill();
    home.edit("templates/notice.txt.jinja", "{{ nonsense }}", "");
    let daemon = post::later(&home);
    assert_eq!(home.run(&["mail", "release", "--author", "ops"]).code, 0);
    wait_for("the notices", || relay.received().len() == 2 && settled(&home));
    drop(daemon);
}
