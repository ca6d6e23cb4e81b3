//! Reminders by mail, end to end: the real binary, its socket, and real SMTP servers, Postfix's
//! smtp-sink and one in this process, across a kill in the middle.

#[path = "support/binary.rs"]
mod binary;
#[path = "support/post.rs"]
mod post;
#[path = "support/relay.rs"]
mod relay;

use std::time::Duration;

use binary::{Home, wait_for};
use post::{
    append, daemon_at, evening, free_port, home_with_relay, later, open_case, settled, smtp_sink, status,
    sunk,
};
use relay::{Kind, Place, Relay, Script};

#[test]
fn a_notice_goes_at_once_to_everybody_concerned_and_to_smtp_sink_once() {
    let port = free_port();
    let home = home_with_relay(port);
    let _sink = smtp_sink(&home, port);
    let daemon = evening(&home);
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
    let again = later(&home);
    append(&home, "carer-availability-updated", "2026-06-02", &[]);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(sunk(&home).len(), 4);
    assert_eq!(status(&home)["mail"]["accepted"], 4);
    assert_eq!(again.stop("-INT"), Some(0));
}

#[test]
fn the_digest_goes_at_eight_on_a_working_day_once_and_says_why() {
    let relay = Relay::start(Script::friendly());
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
    assert!(text.contains("Why now: first, late (its day was 29 May): it is due tomorrow."), "{text}");
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
    let relay = Relay::start(Script::friendly());
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
fn killed_while(script: Script, ready: impl Fn(&Relay) -> bool) -> Vec<relay::Received> {
    let relay = Relay::start(script);
    let home = home_with_relay(relay.port);
    let daemon = evening(&home);
    open_case(&home);
    append(&home, "stability-concern-raised", "2026-06-01", &[]);
    wait_for("the conversation", || ready(&relay));
    daemon.kill();
    relay.set(Script::friendly());
    let again = later(&home);
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
    let received = killed_while(Script::fault(Place::Rcpt, Kind::Silence), |relay| relay.struck() > 0);
    assert_eq!(received.len(), 5);
}

#[test]
fn a_kill_after_the_final_dot_repeats_at_most_once_with_the_same_bytes() {
    let received =
        killed_while(Script::fault(Place::Dot, Kind::Silence), |relay| relay.received().len() == 1);
    assert_eq!(received.len(), 6);
    let twice: Vec<_> = received.iter().filter(|mail| mail.to == received[0].to).collect();
    assert_eq!(twice.len(), 2);
    assert_eq!(twice[0].header("Message-ID"), twice[1].header("Message-ID"));
    assert_eq!(twice[0].bytes, twice[1].bytes);
}

#[test]
fn a_refused_recipient_fails_alone_and_a_busy_server_is_tried_again_later() {
    let relay = Relay::start(Script::fault(Place::Rcpt, Kind::Permanent));
    let home = home_with_relay(relay.port);
    let daemon = evening(&home);
    open_case(&home);
    append(&home, "stability-concern-raised", "2026-06-01", &[]);
    wait_for("the refusals", || status(&home)["mail"]["refused"] == 5);
    assert!(daemon.journal().contains("no such person"), "{}", daemon.journal());
    relay.set(Script::fault(Place::Data, Kind::Temporary));
    append(&home, "stability-concern-raised", "2026-06-02", &[]);
    wait_for("the deferrals", || daemon.journal().matches("mail deferred").count() == 5);
    assert_eq!(status(&home)["mail"]["waiting"], 5);
    assert!(!daemon.journal().contains("SD-7"), "no case reference in the journal: {}", daemon.journal());
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[test]
fn a_server_out_of_step_or_gone_after_the_dot_is_never_believed_and_tried_once_more() {
    for kind in [Kind::WrongCode, Kind::HangUp] {
        let relay = Relay::start(Script::fault(Place::Dot, kind));
        let home = home_with_relay(relay.port);
        let daemon = evening(&home);
        open_case(&home);
        append(&home, "stability-concern-raised", "2026-06-01", &[]);
        wait_for("both attempts at each", || settled(&home));
        let status = status(&home);
        assert_eq!(
            (&status["mail"]["accepted"], &status["mail"]["lapsed"]),
            (&0.into(), &5.into()),
            "{kind:?}"
        );
        assert_eq!(relay.received().len(), 10, "{kind:?}");
        daemon.kill();
    }
}

#[test]
fn a_digest_that_may_have_arrived_is_left_to_tomorrows() {
    let relay = Relay::start(Script::fault(Place::Dot, Kind::Silence));
    let home = home_with_relay(relay.port);
    let evening = daemon_at(&home, "2026-05-31 20:00:00");
    open_case(&home);
    append(&home, "readiness-confirmed", "2026-05-27", &[]);
    evening.kill();
    let daemon = daemon_at(&home, "2026-06-01 07:00:05");
    wait_for("the first digest", || relay.received().len() == 1);
    daemon.kill();
    relay.set(Script::friendly());
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
    let daemon = evening(&home);
    open_case(&home);
    append(&home, "stability-concern-raised", "2026-06-01", &[]);
    wait_for("the pause", || !status(&home)["mail_paused_until"].is_null());
    let status = status(&home);
    assert_eq!((&status["mail"]["waiting"], &status["mail"]["refused"]), (&5.into(), &0.into()));
    assert_eq!(
        daemon.journal().matches("mail not sent").count(),
        1,
        "the others are not tried: {}",
        daemon.journal()
    );
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[test]
fn a_go_live_date_keeps_the_past_quiet() {
    let relay = Relay::start(Script::friendly());
    let home = home_with_relay(relay.port);
    home.edit("stepdown.toml", "# go_live = 2026-04-01", "go_live = 2026-06-02");
    let daemon = evening(&home);
    open_case(&home);
    append(&home, "stability-concern-raised", "2026-06-01", &[]);
    append(&home, "stability-concern-raised", "2026-06-02", &[]);
    wait_for("the notices of the second", || relay.received().len() == 5 && settled(&home));
    daemon.kill();
}

#[test]
fn who_comes_into_the_case_later_is_not_sent_what_happened_before() {
    let relay = Relay::start(Script::friendly());
    let home = home_with_relay(relay.port);
    let daemon = evening(&home);
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
    let daemon = evening(&home);
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
    let _daemon = evening(&home);
    let ran =
        home.run(&["append", "--case", "SD-7", "--type", "visit-made", "--on", "2026-06-01", "by=scayt"]);
    assert!(ran.code == 2 && ran.stderr.contains("\"SD-7\" is an unknown case"), "{}", ran.stderr);
    let unknown = home.run(&["due", "--case", "SD-7"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("there is no case SD-7"), "{}", unknown.stderr);
}
