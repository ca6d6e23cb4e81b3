//! Reminders by mail, end to end: the real binary, its socket, and real SMTP servers, Postfix's
//! smtp-sink and one in this process, across a kill in the middle.

#[path = "support/binary.rs"]
mod binary;
#[path = "support/relay.rs"]
mod relay;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use binary::{Daemon, Home, needs, wait_for};
use relay::{Mood, Relay};
use serde_json::Value;

/// A configuration that mails to `port`.
fn home_with_relay(port: u16) -> Home {
    let home = Home::new();
    home.init();
    home.edit("stepdown.toml", "transport = \"files\"", "transport = \"smtp\"");
    let path = home.config().join("stepdown.toml");
    let settings = std::fs::read_to_string(&path).expect("readable");
    let relay =
        format!("\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\ntimeout_seconds = 2\n");
    std::fs::write(&path, settings + &relay).expect("writable");
    home
}

fn append(home: &Home, event_type: &str, on: &str, fields: &[&str]) {
    let base = ["append", "--case", "SD-7", "--type", event_type, "--on", on];
    let ran = home.run(&[&base[..], fields].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// A case with a social worker, opened over the socket.
fn open_case(home: &Home) {
    append(home, "case-opened", "2026-05-04", &["programme=lancashire-step-down"]);
    append(home, "professional-assigned", "2026-05-04", &["role=child-social-worker", "person=amara-okafor"]);
}

fn status(home: &Home) -> Value {
    home.json(&["status"])
}

fn settled(home: &Home) -> bool {
    status(home)["mail"]["waiting"] == 0
}

/// Ends by pid when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn smtp_sink(home: &Home, port: u16) -> Process {
    let mails = home.path("sink");
    std::fs::create_dir(&mails).expect("a directory");
    let mut sink = Command::new(needs("smtp-sink"));
    // As root, smtp-sink insists on another user, who must be able to write.
    let as_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if as_root {
        let open = |path: &std::path::Path| {
            Command::new("chmod").arg("a+rwx").arg(path).status().expect("chmod is there");
        };
        open(&mails);
        open(home.dir.path());
        sink.args(["-u", "nobody"]);
    }
    let sink = sink
        .args(["-d", "%M.", &format!("127.0.0.1:{port}"), "100"])
        .current_dir(&mails)
        .stderr(Stdio::null())
        .spawn();
    let sink = Process(sink.expect("smtp-sink starts"));
    wait_for("smtp-sink", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    sink
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

fn sunk(home: &Home) -> Vec<String> {
    let mails = std::fs::read_dir(home.path("sink")).expect("a directory");
    mails.map(|mail| std::fs::read_to_string(mail.expect("an entry").path()).expect("readable")).collect()
}

/// The daemon under a clock that starts at `utc` and then runs on.
fn daemon_at(home: &Home, utc: &str) -> Daemon {
    let library = needs("libfaketime.so.1");
    home.daemon(|command| {
        // Timers stay real: only the time of day is set.
        command
            .env("LD_PRELOAD", library)
            .env("FAKETIME", format!("@{utc}"))
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("TZ", "UTC");
    })
}

#[test]
fn a_notice_goes_at_once_to_everybody_concerned_and_to_smtp_sink_once() {
    let port = free_port();
    let home = home_with_relay(port);
    let _sink = smtp_sink(&home, port);
    let daemon = home.daemon(|_| {});
    open_case(&home);
    append(&home, "match-approved", "2026-06-01", &["family=F-1"]);
    wait_for("four mails", || sunk(&home).len() == 4 && settled(&home));
    let mails = sunk(&home);
    let to = |address: &str| {
        mails.iter().filter(|mail| mail.contains(&format!("X-Rcpt-Args: <{address}>"))).count()
    };
    // The person where one holds the role, the team where nobody does, nobody without a mailbox.
    assert_eq!(to("amara.okafor@example.org"), 1);
    assert_eq!(to("children-in-our-care@example.org"), 0);
    assert_eq!(to("fostering-support@example.org"), 1);
    assert_eq!(to("iro-service@example.org"), 1);
    assert_eq!(to("family-finding@example.org"), 1);
    assert!(mails.iter().all(|mail| mail.contains("Subject: Case SD-7: a notice for you\n")), "{mails:?}");
    // A clean stop, a new start: nothing is sent again.
    assert_eq!(daemon.stop("-TERM"), Some(0));
    let again = home.daemon(|_| {});
    append(&home, "carer-availability-updated", "2026-06-02", &[]);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(sunk(&home).len(), 4);
    assert_eq!(status(&home)["mail"]["accepted"], 4);
    assert_eq!(again.stop("-INT"), Some(0));
}

#[test]
fn the_digest_goes_at_eight_on_a_working_day_once_and_says_why() {
    let relay = Relay::start(Mood::Friendly);
    let home = home_with_relay(relay.port);
    // Monday 1 June 2026, two seconds to eight in London, which is seven in UTC.
    let daemon = daemon_at(&home, "2026-06-01 06:59:56");
    open_case(&home);
    append(&home, "suitability-confirmed", "2026-05-26", &[]);
    wait_for("the notices", || relay.received().len() == 3);
    wait_for("the digests", || status(&home)["next_digest"] == "2026-06-02T07:00:00Z" && settled(&home));
    let digests: Vec<_> = relay.received().into_iter().skip(3).collect();
    let mine: Vec<_> = digests.iter().filter(|mail| mail.to == "amara.okafor@example.org").collect();
    assert_eq!(mine.len(), 1);
    let subject = mine[0].header("Subject").expect("a subject");
    assert_eq!(subject, "Your reminders for Monday 1 June 2026: 3 coming up");
    let text = mine[0].text().replace("=\r\n", "");
    assert!(text.contains("Case SD-7: Referral to advocacy"), "{text}");
    assert!(
        text.contains("Why now: it is due tomorrow. Why you: your role: Child's social worker."),
        "{text}"
    );
    let sent = relay.received().len();
    daemon.kill();
    // Later the same morning: nothing again. Late in the evening: nothing either.
    for again in ["2026-06-01 08:30:00", "2026-06-01 20:00:00"] {
        let daemon = daemon_at(&home, again);
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(relay.received().len(), sent, "at {again}");
        daemon.kill();
    }
    // The machine was down at eight: the digest of the next day goes when it is back.
    let late = daemon_at(&home, "2026-06-02 10:15:00");
    wait_for("the late digest", || relay.received().len() > sent && settled(&home));
    let newest = relay.received().last().cloned().expect("a mail");
    assert!(newest.header("Subject").is_some_and(|subject| subject.contains("Tuesday 2 June 2026")));
    late.kill();
}

#[test]
fn no_digest_on_a_weekend_or_a_bank_holiday() {
    let relay = Relay::start(Mood::Friendly);
    let home = home_with_relay(relay.port);
    let daemon = daemon_at(&home, "2026-05-22 20:00:00");
    open_case(&home);
    append(&home, "readiness-confirmed", "2026-05-20", &[]);
    daemon.kill();
    // Saturday, Sunday, and the Monday of the spring bank holiday.
    for day in ["2026-05-23", "2026-05-24", "2026-05-25"] {
        let daemon = daemon_at(&home, &format!("{day} 09:00:00"));
        std::thread::sleep(Duration::from_millis(400));
        assert_eq!(relay.received().len(), 0, "{day}");
        assert_eq!(status(&home)["next_digest"], "2026-05-26T07:00:00Z");
        daemon.kill();
    }
    let tuesday = daemon_at(&home, "2026-05-26 07:00:01");
    wait_for("the digest", || !relay.received().is_empty());
    tuesday.kill();
}

/// Kills the daemon while the server is in `mood`, starts it again with a friendly server, and gives
/// what the server received for one notice to one person.
fn killed_while(mood: Mood, ready: impl Fn(&Relay) -> bool) -> Vec<relay::Received> {
    let relay = Relay::start(mood);
    let home = home_with_relay(relay.port);
    let daemon = home.daemon(|_| {});
    open_case(&home);
    append(&home, "stability-concern-raised", "2026-06-01", &[]);
    wait_for("the conversation", || ready(&relay));
    daemon.kill();
    relay.set(Mood::Friendly);
    let again = home.daemon(|_| {});
    wait_for("the rest", || settled(&home));
    // Five roles are told; everyone got at least one.
    let mut to: Vec<_> = relay.received().into_iter().map(|mail| mail.to).collect();
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 5, "{to:?}");
    assert_eq!(again.stop("-TERM"), Some(0));
    relay.received()
}

#[test]
fn a_kill_before_the_message_left_loses_nothing_and_repeats_nothing() {
    let received = killed_while(Mood::SilentAtRcpt, |relay| relay.commands() >= 3);
    assert_eq!(received.len(), 5);
}

#[test]
fn a_kill_after_the_final_dot_repeats_at_most_once_with_the_same_bytes() {
    let received = killed_while(Mood::SilentAfterDot, |relay| relay.received().len() == 1);
    assert_eq!(received.len(), 6);
    let twice: Vec<_> = received.iter().filter(|mail| mail.to == received[0].to).collect();
    assert_eq!(twice.len(), 2);
    assert_eq!(twice[0].header("Message-ID"), twice[1].header("Message-ID"));
    assert_eq!(twice[0].bytes, twice[1].bytes);
}

#[test]
fn a_refused_recipient_fails_alone_and_a_busy_server_is_tried_again_later() {
    let relay = Relay::start(Mood::RefusesRcpt);
    let home = home_with_relay(relay.port);
    let daemon = home.daemon(|_| {});
    open_case(&home);
    append(&home, "stability-concern-raised", "2026-06-01", &[]);
    wait_for("the refusals", || status(&home)["mail"]["refused"] == 5);
    assert!(daemon.journal().contains("no such person"), "{}", daemon.journal());
    relay.set(Mood::BusyAtData);
    append(&home, "stability-concern-raised", "2026-06-02", &[]);
    wait_for("the deferrals", || daemon.journal().matches("mail deferred").count() == 5);
    assert_eq!(status(&home)["mail"]["waiting"], 5);
    assert!(!daemon.journal().contains("SD-7"), "no case reference in the journal: {}", daemon.journal());
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[test]
fn a_server_out_of_step_or_gone_after_the_dot_is_never_believed_and_tried_once_more() {
    for mood in [Mood::OutOfStep, Mood::HangsUpAfterDot] {
        let relay = Relay::start(mood);
        let home = home_with_relay(relay.port);
        let daemon = home.daemon(|_| {});
        open_case(&home);
        append(&home, "stability-concern-raised", "2026-06-01", &[]);
        wait_for("both attempts at each", || settled(&home));
        let status = status(&home);
        assert_eq!(
            (&status["mail"]["accepted"], &status["mail"]["lapsed"]),
            (&0.into(), &5.into()),
            "{mood:?}"
        );
        assert_eq!(relay.received().len(), 10, "{mood:?}");
        daemon.kill();
    }
}

#[test]
fn a_digest_that_may_have_arrived_is_left_to_tomorrows() {
    let relay = Relay::start(Mood::SilentAfterDot);
    let home = home_with_relay(relay.port);
    let evening = daemon_at(&home, "2026-05-31 20:00:00");
    open_case(&home);
    append(&home, "readiness-confirmed", "2026-05-27", &[]);
    evening.kill();
    let daemon = daemon_at(&home, "2026-06-01 07:00:05");
    wait_for("the first digest", || relay.received().len() == 1);
    daemon.kill();
    relay.set(Mood::Friendly);
    let again = daemon_at(&home, "2026-06-01 07:30:00");
    wait_for("the rest", || settled(&home));
    let first = relay.received()[0].to.clone();
    assert_eq!(relay.received().iter().filter(|mail| mail.to == first).count(), 1);
    assert_eq!(status(&home)["mail"]["lapsed"], 1);
    again.kill();
    let tomorrow = daemon_at(&home, "2026-06-02 07:00:05");
    wait_for("tomorrow's digest", || relay.received().iter().filter(|mail| mail.to == first).count() == 2);
    tomorrow.kill();
}

#[test]
fn a_relay_that_is_away_pauses_the_mail_and_fails_no_reminder() {
    let home = home_with_relay(free_port());
    let daemon = home.daemon(|_| {});
    open_case(&home);
    append(&home, "stability-concern-raised", "2026-06-01", &[]);
    wait_for("the pause", || !status(&home)["mail_paused_until"].is_null());
    let status = status(&home);
    assert_eq!((&status["mail"]["waiting"], &status["mail"]["refused"]), (&5.into(), &0.into()));
    assert_eq!(
        daemon.journal().matches("mail deferred").count(),
        1,
        "the others are not tried: {}",
        daemon.journal()
    );
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[test]
fn a_go_live_date_keeps_the_past_quiet() {
    let relay = Relay::start(Mood::Friendly);
    let home = home_with_relay(relay.port);
    home.edit("stepdown.toml", "# go_live = 2026-04-01", "go_live = 2026-06-15");
    let daemon = home.daemon(|_| {});
    open_case(&home);
    append(&home, "stability-concern-raised", "2026-06-14", &[]);
    append(&home, "stability-concern-raised", "2026-06-15", &[]);
    wait_for("the notices of the second", || relay.received().len() == 5 && settled(&home));
    daemon.kill();
}

#[test]
fn who_comes_into_the_case_later_is_not_sent_what_happened_before() {
    let relay = Relay::start(Mood::Friendly);
    let home = home_with_relay(relay.port);
    let daemon = home.daemon(|_| {});
    open_case(&home);
    append(&home, "stability-concern-raised", "2026-06-01", &[]);
    wait_for("the notices", || relay.received().len() == 5 && settled(&home));
    append(
        &home,
        "professional-assigned",
        "2026-06-02",
        &["role=supervising-social-worker", "person=tom-whitfield"],
    );
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(relay.received().len(), 5);
    daemon.kill();
}

#[test]
fn the_daemon_answers_as_the_log_does() {
    let home = Home::new();
    let journey = binary::sample("journey.jsonl").display().to_string();
    let daemon = home.daemon(|_| {});
    assert_eq!(home.json(&["import", &journey, "--keep-recorded-time"])["appended"], 162);
    let questions: [&[&str]; 4] = [
        &["due", "--all", "--on", "2025-08-12"],
        &["due", "--on", "2025-08-09", "--known-at", "2025-08-10", "--role", "scayt"],
        &["due", "--person", "tom-whitfield", "--on", "2025-09-01", "--horizon", "7"],
        &["explain", "SD-0042/csw-visit-settling/59.3", "--on", "2025-08-12"],
    ];
    let by_daemon: Vec<_> = questions.iter().map(|question| home.json(question)).collect();
    wait_for("the mails", || settled(&home));
    let exported = home.run(&["export"]).stdout;
    assert_eq!(status(&home)["daemon"], true);
    assert_eq!(daemon.stop("-TERM"), Some(0));
    let by_log: Vec<_> = questions.iter().map(|question| home.json(question)).collect();
    assert_eq!(by_daemon, by_log);
    assert_eq!(home.run(&["export"]).stdout, exported);
    assert_eq!(status(&home)["daemon"], false);
    // The mails are entries of the log too, and an import of it does not send them again.
    let copy = Home::new();
    copy.write("log.jsonl", &exported);
    copy.json(&["import", "log.jsonl", "--keep-recorded-time"]);
    assert_eq!(status(&copy)["mail"], status(&home)["mail"]);
}

#[test]
fn a_bad_event_over_the_socket_is_refused_as_offline() {
    let home = Home::new();
    let _daemon = home.daemon(|_| {});
    let ran =
        home.run(&["append", "--case", "SD-7", "--type", "visit-made", "--on", "2026-06-01", "by=scayt"]);
    assert!(ran.code == 2 && ran.stderr.contains("\"SD-7\" is an unknown case"), "{}", ran.stderr);
    let unknown = home.run(&["due", "--case", "SD-7"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("there is no case SD-7"), "{}", unknown.stderr);
}
