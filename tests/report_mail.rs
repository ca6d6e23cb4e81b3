//! The report goes with what reminds of a policy review: on the real binary, by the clock.

#[path = "support/binary.rs"]
mod binary;
#[path = "support/post.rs"]
mod post;
#[path = "support/relay.rs"]
mod relay;

use binary::{Home, wait_for};
use post::{daemon_at, home_with_relay};
use relay::{Relay, Script};

/// What happened in the case that is the programme itself.
fn append(home: &Home, event_type: &str, on: &str, fields: &[&str]) {
    let base = ["append", "--case", "lancashire-step-down", "--type", event_type, "--on", on];
    let ran = home.run(&[&base[..], fields].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// Soft line breaks of quoted-printable taken out.
fn unfolded(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
}

/// Launched on 1 December 2025: the first review is due on 1 June 2026, and its reminders begin on 15 May.
#[test]
fn the_reviewer_gets_the_report_with_the_reminder() {
    let relay = Relay::start(Script::friendly());
    let home = home_with_relay(relay.port);
    let daemon = daemon_at(&home, "2026-05-14 19:00:00");
    append(&home, "policy-launched", "2025-12-01", &[]);
    append(
        &home,
        "professional-assigned",
        "2025-12-01",
        &["role=fostering-team-manager", "person=amara-okafor"],
    );
    daemon.kill();
    let daemon = daemon_at(&home, "2026-05-18 07:30:00");
    let about = |mail: &String| mail.contains("policy-review-first");
    wait_for("the digest", || relay.received().iter().any(|mail| about(&unfolded(&mail.text()))));
    daemon.kill();
    let mails: Vec<_> = relay.received().iter().map(|mail| unfolded(&mail.text())).filter(about).collect();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let mail = &mails[0];
    assert!(mail.contains("amara.okafor@example.org"), "{mail}");
    assert!(mail.contains("The report on the programme is attached (report.html)"), "{mail}");
    assert!(mail.contains("Content-Disposition: attachment; filename=\"report.html\""), "{mail}");
    assert!(mail.contains("From 1 December 2025 to 18 May 2026"), "{mail}");
    let shown = home.run(&[
        "reminders",
        "preview",
        "--person",
        "amara-okafor",
        "--on",
        "2026-05-18",
        "--format",
        "eml",
    ]);
    assert!(shown.code == 2 || shown.stdout.contains("report.html"), "{}{}", shown.stdout, shown.stderr);
}

/// The second report begins where the first review was.
#[test]
fn the_next_report_begins_with_the_review_before() {
    let home = Home::new();
    home.init();
    append(&home, "policy-launched", "2025-04-01", &[]);
    append(
        &home,
        "professional-assigned",
        "2025-04-01",
        &["role=fostering-team-manager", "person=amara-okafor"],
    );
    append(&home, "policy-reviewed", "2025-09-24", &[]);
    let args = ["reminders", "preview", "--person", "amara-okafor", "--on", "2026-03-18", "--format", "eml"];
    let shown = home.run(&args);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    let mail = unfolded(&shown.stdout);
    assert!(mail.contains("policy-review-second") && !mail.contains("policy-review-first"), "{mail}");
    assert!(mail.contains("From 24 September 2025 to 18 March 2026"), "{mail}");
}

#[test]
fn the_report_is_printed_in_four_formats_and_others_are_refused() {
    let home = Home::new();
    home.init();
    append(&home, "policy-launched", "2025-04-01", &[]);
    append(&home, "policy-reviewed", "2025-09-24", &[]);
    let report = |format: &str| {
        home.run(&["report", "--from", "2025-04-01", "--to", "2025-12-31", "--format", format])
    };
    insta::assert_snapshot!(report("table").stdout);
    assert!(
        report("csv")
            .stdout
            .contains("rule,lancashire-step-down,policy-review-first,fostering-team-manager,on_time,1\n")
    );
    assert!(report("html").stdout.starts_with("<!DOCTYPE html>\n<html lang=\"en-GB\">"));
    let offline = report("json").stdout;
    let eml = report("eml");
    assert!(
        eml.code == 2 && eml.stderr.contains("--format csv, --format json, --format html"),
        "{}",
        eml.stderr
    );
    let due = home.run(&["due", "--format", "csv"]);
    assert!(due.code == 2 && due.stderr.contains("csv is for: stepdown report"), "{}", due.stderr);
    let daemon = home.daemon(|_| ());
    assert_eq!(report("json").stdout, offline);
    let early = home.run(&["report", "--from", "2025-04-01", "--to", "2099-01-01"]);
    assert!(early.code == 2 && early.stderr.contains("is still to come"), "{}", early.stderr);
    daemon.kill();
}
