//! Canaries: words that must not get out, put wherever a record holds something personal, and looked for in the
//! journal at its most talkative, in the subjects of mails, in metrics, and in core dumps.

#[path = "support/binary.rs"]
mod binary;
#[path = "support/post.rs"]
mod post;
#[path = "support/relay.rs"]
mod relay;

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use binary::{Daemon, Home, sample, wait_for};
use post::{home_with_login, set_clock, settled};
use relay::{Crypt, Kind, Place, Relay, Script};
use stepdown::case::{Event, Packed, parse_event};

/// What must not get out. Each is a part of something that a record holds, so that no paraphrase hides it.
const CANARIES: [&str; 7] = [
    "SD-CANARY-1",   // the case
    "canary-family", // what happened
    "canary-reason", // why it was mended
    "canary-extra",  // what the producer added
    "canary-id",     // the event's id
    "canary.worker", // the address of a professional
    "Canary Worker", // the name of a professional
];
const PASSWORD: &str = "open sesame";
/// The same as a relay is told it (RFC 4616, in base64).
const LOGIN: &str = "AHN0ZXBkb3duAG9wZW4gc2VzYW1l";

fn assert_silent(what: &str, text: &str) {
    for canary in CANARIES.into_iter().chain([PASSWORD, LOGIN]) {
        let line = text.lines().find(|line| line.contains(canary));
        assert!(line.is_none(), "{what} tells {canary}: {}", line.unwrap_or_default());
    }
}

/// A home with a person of canaries, whose relay asks for a login and refuses who it is written to, by name.
fn home(relay: &Relay, script: &Script) -> Home {
    let home = home_with_login(relay, script);
    home.edit("people.toml", "name = \"Amara Okafor\"", "name = \"Canary Worker\"");
    home.edit("people.toml", "amara.okafor@example.org", "canary.worker@example.org");
    home
}

/// Everything that a case can go through, right and wrong, told to the daemon.
fn live(home: &Home) {
    let append = |event_type: &str, on: &str, id: &str, rest: &[&str]| {
        let base = ["append", "--case", "SD-CANARY-1", "--type", event_type, "--on", on, "--id", id];
        home.run(&[&base[..], rest].concat()).code
    };
    assert_eq!(append("case-opened", "2026-05-18", "o", &["programme=lancashire-step-down"]), 0);
    let worker = ["role=child-social-worker", "person=amara-okafor"];
    assert_eq!(append("professional-assigned", "2026-05-18", "p", &worker), 0);
    assert_eq!(append("match-approved", "2026-06-01", "canary-id-1", &["family=canary-family"]), 0);
    assert_eq!(append("stability-concern-raised", "2026-06-01", "s", &[]), 0);
    // Refused: a field that is not there, a date that cannot be, another content under the same id.
    assert_eq!(append("match-approved", "2026-06-01", "canary-id-2", &["canary-extra=canary-family"]), 2);
    assert_eq!(append("match-approved", "2126-06-01", "canary-id-3", &["family=canary-family"]), 2);
    assert_eq!(append("match-approved", "2026-06-01", "canary-id-1", &["family=canary-family-2"]), 2);
    let extended = home.write(
        "events.jsonl",
        r#"{"specversion":"1.0","id":"canary-id-4","source":"/canary-extra","type":"visit-made","subject":"SD-CANARY-1","time":"2026-06-01T10:00:00Z","canaryextra":"canary-extra","data":{"by":"child-social-worker"}}"#,
    );
    for args in [
        &["import", extended.to_str().expect("a path")][..],
        &["import", sample("journey.jsonl").to_str().expect("a path")],
        &[
            "correct",
            "canary-id-1",
            "family=canary-family-3",
            "--reason",
            "canary-reason",
            "--author",
            "o",
            "--yes",
        ],
        &["retract", "s", "--reason", "canary-reason", "--author", "o", "--yes"],
        &["due", "--case", "SD-CANARY-1", "--all"],
        &["case", "show", "SD-CANARY-1"],
        &["reminders", "sent", "--case", "SD-CANARY-1"],
        &["simulate", "--from", "2026-06-03", "--to", "2026-06-05", "--case", "SD-CANARY-1"],
        &[
            "silence",
            "add",
            "--case",
            "SD-CANARY-1",
            "--until",
            "2026-07-01",
            "--reason",
            "canary-reason",
            "--author",
            "o",
        ],
        &["mail", "hold", "--reason", "canary-reason", "--author", "o"],
        &["mail", "release", "--author", "o"],
        &["close", "SD-CANARY-1", "--author", "o", "--yes"],
        &[
            "erase",
            "SD-CANARY-1",
            "--reason",
            "canary-reason",
            "--author",
            "o",
            "--before-retention",
            "--yes",
        ],
        &["replay"],
        &["verify"],
    ] {
        let ran = home.run(args);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
    }
    for args in [
        &["explain", "SD-CANARY-1/advocacy-referral/9.9"][..],
        &["erase", "SD-CANARY-9", "--reason", "canary-reason", "--author", "o", "--yes"],
        &["append", "--case", "canary family name!", "--type", "visit-made", "--on", "2026-06-01"],
    ] {
        assert_ne!(home.run(args).code, 0, "{args:?}");
    }
}

/// The evening of 2 June 2026, with log lines as `levels` and `format` say.
fn talkative(home: &Home, levels: &str, format: &str) -> Daemon {
    home.daemon(|command| {
        set_clock(command, "2026-06-02 19:00:00");
        command.env("STEPDOWN_LOG", levels).env("STEPDOWN_LOG_FORMAT", format);
    })
}

#[test]
fn neither_the_journal_nor_a_subject_tells_what_a_record_holds() {
    let login = Some(("stepdown".to_owned(), PASSWORD.to_owned()));
    let script = Script { crypt: Crypt::Starttls, login, ..Script::friendly() };
    for (levels, format) in [("trace", "json"), ("info", "text"), ("trace,lettre=trace", "text")] {
        let relay = Relay::start(script.clone());
        let home = home(&relay, &script);
        let daemon = talkative(&home, levels, format);
        live(&home);
        wait_for("the mails", || !relay.received().is_empty() && settled(&home));
        for mail in relay.received() {
            let subject = mail.header("Subject").expect("a subject");
            // A subject may name the case, and no more.
            assert_silent("a subject", &subject.replace("SD-CANARY-1", ""));
        }
        let journal = daemon.journal();
        assert!(journal.contains("mail accepted"), "{journal}");
        assert_silent(&format!("the journal ({levels}, {format})"), &journal);
        if format == "json" {
            for line in journal.lines() {
                let line: serde_json::Value = serde_json::from_str(line).expect("a JSON object a line");
                assert!(line["level"].is_string() && line["target"].is_string(), "{line}");
            }
        }
        assert_eq!(daemon.stop("-TERM"), Some(0));
    }
}

#[test]
fn a_relay_that_names_the_recipient_is_not_quoted() {
    let login = Some(("stepdown".to_owned(), PASSWORD.to_owned()));
    let fault = Some((Place::Rcpt, Kind::Permanent));
    let script = Script { crypt: Crypt::Starttls, login, fault, ..Script::friendly() };
    let relay = Relay::start(script.clone());
    let home = home(&relay, &script);
    let daemon = talkative(&home, "trace", "text");
    live(&home);
    wait_for("a refusal", || daemon.journal().contains("mail refused"));
    let journal = daemon.journal();
    assert!(journal.contains("…@example.org"), "{journal}");
    assert_silent("the journal", &journal);
    daemon.kill();
}

#[test]
fn event_data_shows_nothing_of_itself() {
    let event = r#"{"specversion":"1.0","id":"e","source":"/s","type":"match-approved","subject":"SD-1",
        "time":"2026-06-01T10:00:00Z","extra":"canary-extra","data":{"family":"canary-family"}}"#;
    let (event, _): (Event, _) =
        parse_event(serde_json::from_str(event).expect("JSON")).expect("a good event");
    let packed = Packed::of(&event);
    let shown = format!("{event:?} {:?} {packed:?}", event.data);
    assert_silent("Debug", &shown);
    // Bytes as numbers tell it just the same.
    assert!(!shown.contains("99, 97, 110"), "{shown}");
}

#[test]
fn a_crash_leaves_no_core() {
    let home = Home::new();
    home.init();
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    if pattern.starts_with('|') {
        eprintln!("not looked for on the disk: cores go to a program here ({})", pattern.trim());
    }
    let cores = || {
        let names = std::fs::read_dir(home.dir.path()).expect("readable").filter_map(Result::ok);
        names.filter(|entry| entry.file_name().to_string_lossy().starts_with("core")).count()
    };
    // What a process leaves that does nothing about it: without this the rest would show nothing.
    let abort = |child: &mut std::process::Child| {
        let sent = Command::new("kill").args(["-ABRT", &child.id().to_string()]).status();
        assert!(sent.expect("kill is there").success());
        child.wait().expect("it ends")
    };
    let unlimited = ["-c", "ulimit -c unlimited; exec \"$@\"", "sh"];
    let mut plain = Command::new("sh")
        .args(unlimited)
        .args(["sleep", "60"])
        .current_dir(home.dir.path())
        .spawn()
        .expect("sh is there");
    std::thread::sleep(std::time::Duration::from_millis(300));
    let dumps = abort(&mut plain).core_dumped();
    let before = cores();
    let mut daemon = Command::new("sh");
    daemon.args(unlimited).arg(env!("CARGO_BIN_EXE_stepdown"));
    daemon.arg("--config").arg(home.config()).arg("--data").arg(home.data()).arg("run");
    daemon.current_dir(home.dir.path()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut daemon = daemon.spawn().expect("the binary runs");
    let socket = home.data().join("stepdown.sock");
    wait_for("the daemon's socket", || std::os::unix::net::UnixStream::connect(&socket).is_ok());
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", daemon.id())).expect("readable");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    let ended = abort(&mut daemon);
    assert_eq!(ended.signal(), Some(6));
    assert!(!ended.core_dumped());
    assert_eq!(cores(), before);
    if !dumps {
        eprintln!("not shown: no process leaves a core on this machine");
    }
}
