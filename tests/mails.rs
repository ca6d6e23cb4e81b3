//! Every kind of mail as its reader gets it.

mod support;

use serde_json::json;
use stepdown::daemon::post;
use stepdown::reminders::{Content, MailFact, Planned, Stage, Standings, compose};
use support::office::Desk;
use support::{CONFIG, Story, date, given_case_opened};

/// A checkpoint as the daemon keeps it.
const NOTE: &str = "stepdown.example.org/log\n7\nqtFC2kbGsyXZbYmWjYO7yn0Uol1fOaBwJnQYZSdYGUE=\n\n\
                    \u{2014} stepdown.example.org/log kDjYvvpB0Jr0Gx0=\n";
const CSW: &str = "child-social-worker";

fn story() -> Story {
    let assigned = |role: &str, person: &str| json!({ "role": role, "person": person });
    given_case_opened("2026-05-01")
        .happened("2026-05-01", "professional-assigned", assigned(CSW, "amara-okafor"))
        .happened("2026-05-01", "professional-assigned", assigned("stability-worker", "sam-pickup"))
        .happened("2026-06-01", "child-moved-in", json!({"changes_school": false}))
}

/// The message whose key starts so, of the morning of `day` after every morning from the 1 June on.
fn message(desk: &mut Desk, day: &str, key: &str) -> Planned {
    let before = date(day).pred_opt().expect("in range");
    desk.pass("2026-06-01", &before.to_string());
    let now = desk.eight(day);
    let found = desk.at(now).into_iter().find(|planned| planned.plan.key.as_str().starts_with(key));
    found.unwrap_or_else(|| panic!("no {key} on {day}"))
}

/// The headers that matter to a reader, and the text part as it is shown.
fn shown(desk: &Desk, planned: &Planned, day: &str) -> String {
    let rendered = desk.render(planned, desk.eight(day));
    assert!(rendered.bytes.is_ascii());
    let text = String::from_utf8(rendered.bytes).expect("ASCII");
    let unfolded = text.replace("\r\n\t", " ").replace("\r\n ", " ");
    let headers = unfolded.lines().take_while(|line| !line.is_empty());
    let wanted = ["To:", "Auto-Submitted:", "In-Reply-To:", "References:"];
    let headers: Vec<_> = headers.filter(|line| wanted.iter().any(|name| line.starts_with(name))).collect();
    format!("Subject: {}\n{}\n\n{}", rendered.subject, headers.join("\n"), rendered.text)
}

#[test]
fn a_digest() {
    let mut desk = Desk::new(story());
    let digest = message(&mut desk, "2026-06-09", "digest/2026-06-09/person.amara-okafor");
    insta::assert_snapshot!(shown(&desk, &digest, "2026-06-09"), @r#"
    Subject: Your reminders for Tuesday 9 June 2026: 2 overdue
    To: "Amara Okafor" <amara.okafor@example.org>
    Auto-Submitted: auto-generated
    In-Reply-To: <55e2fe9d76a786fb803d76fe2846e768@example.org>
    References: <55e2fe9d76a786fb803d76fe2846e768@example.org>

    A confidential message from Step Down reminders. Please read it where nobody looks over your shoulder.

    Dear Amara Okafor,

    Your reminders for Tuesday 9 June 2026: 2 overdue.

    OVERDUE

    * Case SD-0042: Weekly visit to the child after the move
      Act by Monday 8 June 2026 (deadline Monday 8 June 2026)
      This is yours to do.
      Why now: chaser 1 of 2: its deadline was yesterday.
      Why you: your role: Child's social worker.
      Source: CSW (policy). Reference: SD-0042/csw-visit-settling/4.1

    * Case SD-0042: Weekly support meeting
      Act by Monday 8 June 2026 (deadline Monday 8 June 2026)
      This is yours to do.
      Why now: chaser 1 of 2: its deadline was yesterday.
      Why you: your role: Child's social worker.
      Source: Stage 5 (policy). Reference: SD-0042/support-meeting-weekly/4.1

    If something here has been done already, please record it in the case: the reminders then stop by
    themselves. If you should not be getting this, please answer this message.
    "#);
}

#[test]
fn a_digest_as_html() {
    let mut desk = Desk::new(story());
    let digest = message(&mut desk, "2026-06-16", "digest/2026-06-16/person.sam-pickup");
    insta::assert_snapshot!(desk.render(&digest, desk.eight("2026-06-16")).html, @r#"
    <!DOCTYPE html>
    <html lang="en-GB">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Your reminders for Tuesday 16 June 2026: 3 overdue</title>
    </head>
    <body style="margin:0;padding:0;background:#ffffff;color:#0b0c0c;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5">
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td style="padding:16px">
    <main style="max-width:640px">
    <p style="color:#484949;font-size:14px;margin:0 0 16px 0">A confidential message from Step Down reminders. Please read it where nobody looks over your shoulder.</p>
    <p>Dear Sam Pickup,</p>
    <h1 style="font-size:22px;margin:16px 0">Your reminders for Tuesday 16 June 2026</h1>
    <p>3 overdue.</p>
    <h2 style="font-size:19px;margin:24px 0 8px 0;color:#a01b10">Overdue</h2>
    <ul style="padding-left:20px;margin:0">
    <li style="margin:0 0 16px 0">
    <strong>Case SD-0042: Stability worker attends the support meeting</strong><br>
    Act by <strong>Monday 15 June 2026</strong> (deadline Monday 15 June 2026)<br>
    This is yours to do.<br>
    <span style="color:#484949">Why now: chaser 1 of 2: its deadline was yesterday. Why you: your role: Stability worker. Source: stability worker (policy). Reference: SD-0042&#x2f;stability-attendance-early&#x2f;4.1</span>
    </li>
    <li style="margin:0 0 16px 0">
    <strong>Case SD-0042: Fortnightly visit by the stability worker</strong><br>
    Act by <strong>Monday 15 June 2026</strong> (deadline Monday 15 June 2026)<br>
    This is yours to do.<br>
    <span style="color:#484949">Why now: chaser 1 of 2: its deadline was yesterday. Why you: your role: Stability worker. Source: stability worker (policy). Reference: SD-0042&#x2f;stability-visit&#x2f;4.1</span>
    </li>
    <li style="margin:0 0 16px 0">
    <strong>Case SD-0042: Weekly support meeting</strong><br>
    Act by <strong>Monday 15 June 2026</strong> (deadline Monday 15 June 2026)<br>
    For your information; it is for: Child&#x27;s social worker, Amara Okafor.<br>
    <span style="color:#484949">Why now: chaser 1 of 2: its deadline was yesterday. Why you: for your information as: Stability worker. Source: Stage 5 (policy). Reference: SD-0042&#x2f;support-meeting-weekly&#x2f;4.2</span>
    </li>
    </ul>
    <p style="border-top:1px solid #b1b4b6;padding-top:12px;color:#484949">If something here has been done already, please record it in the case: the reminders then stop by themselves. If you should not be getting this, please answer this message.</p>
    </main>
    </td></tr></table>
    </body>
    </html>
    "#);
}

#[test]
fn an_escalation_answers_nothing_its_reader_never_got_and_the_next_answers_the_first() {
    let mut desk = Desk::new(story());
    let first = message(&mut desk, "2026-06-12", "escalation/SD-0042/csw-visit-settling/4.1");
    insta::assert_snapshot!(shown(&desk, &first, "2026-06-12"), @r#"
    Subject: Case SD-0042: overdue
    To: "Grace Adeyemi" <grace.adeyemi@example.org>
    Auto-Submitted: auto-generated

    A confidential message from Step Down reminders. Please read it where nobody looks over your shoulder.

    Dear Grace Adeyemi,

    This is overdue:

    * Case SD-0042: Weekly visit to the child after the move
      Act by Monday 8 June 2026 (deadline Monday 8 June 2026)
      For your information; it is for: Child's social worker, Amara Okafor.
      Why now: escalated: its deadline passed 4 days ago.
      Why you: you manage: Child's social worker.
      Source: CSW (policy). Reference: SD-0042/csw-visit-settling/4.1

    If it has been done already, please see that it is recorded in the case. If you should not be getting
    this, please answer this message.
    "#);
    let mut desk = Desk::new(story());
    let chaser = message(&mut desk, "2026-06-11", "digest/2026-06-11/person.amara-okafor");
    let root = format!("In-Reply-To: {}", id_of(&desk, "digest/2026-06-04/person.amara-okafor"));
    assert!(shown(&desk, &chaser, "2026-06-11").contains(&root), "{root}");
}

/// The `Message-ID` that a message of this key has.
fn id_of(desk: &Desk, key: &str) -> String {
    let delivery = desk.ledger.deliveries().find(|delivery| delivery.plan.key.as_str() == key);
    let plan = delivery.expect("it was planned").plan.clone();
    let to = desk.world(desk.eight("2026-06-04")).recipient(&plan.to).expect("known");
    desk.render(&Planned { plan, to }, desk.eight("2026-06-04")).message_id
}

#[test]
fn a_notice() {
    let mut desk = Desk::new(story());
    desk.pass("2026-06-01", "2026-06-09");
    desk.story = desk.story.happened("2026-06-10", "stability-concern-raised", json!({}));
    let notice = message(&mut desk, "2026-06-10", "notice/SD-0042/stability-concern/5/person.amara-okafor");
    insta::assert_snapshot!(shown(&desk, &notice, "2026-06-10"), @r#"
    Subject: Case SD-0042: a notice for you
    To: "Amara Okafor" <amara.okafor@example.org>
    Auto-Submitted: auto-generated

    A confidential message from Step Down reminders. Please read it where nobody looks over your shoulder.

    Dear Amara Okafor,

    Concern about the stability of the home

    Case SD-0042, on Wednesday 10 June 2026.

    A concern has been raised. Outreach is available only by referral of the child's social worker, and once the residential home has ceased its support.

    Why you: your role in the case: Child's social worker.
    Source: Stage 5

    If you should not be getting this, please answer this message.
    "#);
}

#[test]
fn a_vacancy() {
    let mut desk = Desk::new(story());
    let vacancy = message(&mut desk, "2026-06-04", "vacancy/2026-06-04/team.fostering-team-manager");
    insta::assert_snapshot!(shown(&desk, &vacancy, "2026-06-04"), @"
    Subject: Nobody to tell: 1 vacant role
    To: =?utf-8?b?VGVhbSBtYW5hZ2VyLCBmb3N0ZXJpbmc=?= <fostering-managers@example.org>
    Auto-Submitted: auto-generated

    A confidential message from Step Down reminders. Please read it where nobody looks over your shoulder.

    Dear Team manager, fostering,

    There is work to do, and the person to tell is missing. The reminders go to somebody in their stead for
    now.

    * Case SD-0042: nobody holds the role Supervising social worker

    Please have somebody assigned in the case, or the list of people mended. If you should not be getting
    this, please answer this message.
    ");
}

#[test]
fn a_correction() {
    let mut desk = Desk::new(story());
    desk.pass("2026-06-01", "2026-06-10");
    desk.story = desk.story.recorded("2026-06-10", "2026-06-05", "visit-made", json!({"by": CSW}));
    let correction = message(&mut desk, "2026-06-11", "correction/2026-06-11/person.amara-okafor");
    insta::assert_snapshot!(shown(&desk, &correction, "2026-06-11"), @r#"
    Subject: Correction: 1 reminder taken back
    To: "Amara Okafor" <amara.okafor@example.org>
    Auto-Submitted: auto-generated
    In-Reply-To: <55e2fe9d76a786fb803d76fe2846e768@example.org>
    References: <55e2fe9d76a786fb803d76fe2846e768@example.org>

    A confidential message from Step Down reminders. Please read it where nobody looks over your shoulder.

    Dear Amara Okafor,

    You were told that the following was overdue. As we know now, it was not.

    * Case SD-0042: Weekly visit to the child after the move
      Why: it had been done on 5 June 2026; you were told on 9 June.
      There is nothing more to do about it.
      Source: CSW (policy). Reference: SD-0042/csw-visit-settling/4.1

    If you should not be getting this, please answer this message.
    "#);
}

#[test]
fn the_weekly_word_to_the_admins_and_what_did_not_arrive() {
    let mut desk = Desk::new(story());
    let weekly = message(&mut desk, "2026-06-15", "weekly/2026-06-15");
    insta::assert_snapshot!(shown(&desk, &weekly, "2026-06-15"), @r#"
    Subject: Mail is in order: the week of Monday 15 June 2026
    To: "Step Down administrators" <stepdown-admins@example.org>
    Auto-Submitted: auto-generated

    A confidential message from Step Down reminders. Please read it where nobody looks over your shoulder.

    Dear Step Down administrators,

    Mail is in order.

    This comes every week. If it does not come, stepdown does not run or cannot send: please look at once.

    Cases: 1
    Open obligations: 16
    Overdue: 4
    Overdue, and nobody will be reminded again: 3
    Sent in the last seven days: 20 digest, 2 notice, 3 escalation, 2 admin
    Not delivered in the last seven days: 0
    Waiting to be sent: 0
    Oldest unsent: none waits
    Bank holidays are known until: Sunday 31 December 2028

    If you should not be getting this, please answer this message.
    "#);
    let world = desk.world(desk.eight("2026-06-15"));
    let mut composed =
        compose(&weekly.plan, weekly.to.clone(), &world, &mut Standings::new()).expect("it still holds");
    let Content::Weekly(content) = &mut composed.content else { panic!("another content") };
    content.checkpoint = Some(NOTE.to_owned());
    let rendered =
        post(&CONFIG).expect("the starter's templates").render(&composed, world.now).expect("it renders");
    let (_, after) = rendered.text.split_once("2028\n").expect("figures");
    insta::assert_snapshot!(after.trim_start(), @r#"
    CHECKPOINT OF THE RECORDS

    Keep this message: with the lines between the rules in a file, "stepdown verify --checkpoint FILE" proves
    that no record made before it was changed or removed.

    -----
    stepdown.example.org/log
    7
    qtFC2kbGsyXZbYmWjYO7yn0Uol1fOaBwJnQYZSdYGUE=

    — stepdown.example.org/log kDjYvvpB0Jr0Gx0=
    -----

    If you should not be getting this, please answer this message.
    "#);
    assert!(rendered.html.contains("<pre") && rendered.html.contains("stepdown.example.org"));
    let planned = desk.plan(desk.eight("2026-06-16"));
    let digest = planned.iter().find(|one| one.plan.key.as_str().starts_with("digest/")).expect("a digest");
    let (key, reason) = (digest.plan.key.clone(), "550 5.1.1 no such person".to_owned());
    let refused = MailFact::MailRefused { key, stage: Stage::RcptTo, reason };
    desk.ledger.apply(&refused, desk.eight("2026-06-16"));
    let undelivered = message(&mut desk, "2026-06-17", "undelivered/2026-06-17");
    insta::assert_snapshot!(shown(&desk, &undelivered, "2026-06-17"), @r#"
    Subject: 1 message could not be delivered
    To: "Step Down administrators" <stepdown-admins@example.org>
    Auto-Submitted: auto-generated

    A confidential message from Step Down reminders. Please read it where nobody looks over your shoulder.

    Dear Step Down administrators,

    These messages did not reach anybody, or may not have. Please see that the addresses are right, and tell
    the people yourself; what a digest said, the next one says again.

    * digest of Tuesday 16 June 2026 to person.amara-okafor: refused, at rcpt-to: 550 5.1.1 no such person

    If you should not be getting this, please answer this message.
    "#);
}

#[test]
fn a_calendar_entry_is_set_moved_and_taken_out_under_one_uid() {
    let mut desk = Desk::new(story());
    let amara = desk.people.persons.get_mut("amara-okafor").expect("she is listed");
    amara.calendar = true;
    let entry = |desk: &Desk, planned: &Planned, day: &str| {
        let bytes = desk.render(planned, desk.eight(day)).bytes;
        let text = String::from_utf8(bytes).expect("ASCII").replace("=\r\n", "").replace("=3D", "=");
        let from = text.find("BEGIN:VCALENDAR").expect("an entry");
        let to = text.find("END:VCALENDAR").expect("its end");
        text[from..to].replace("\r\n ", "").replace("\r\n", "\n")
    };
    let set = message(&mut desk, "2026-06-04", "digest/2026-06-04/person.amara-okafor");
    insta::assert_snapshot!(entry(&desk, &set, "2026-06-04"), @"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//stepdown//reminders//EN
    CALSCALE:GREGORIAN
    METHOD:REQUEST
    BEGIN:VEVENT
    ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:mailto:amara.okafor@example.org
    CLASS:PRIVATE
    DESCRIPTION:Weekly visit to the child after the move (SD-0042/csw-visit-settling/4.1)
    DTSTAMP:20260604T070000Z
    DTSTART;VALUE=DATE:20260608
    ORGANIZER:mailto:stepdown@example.org
    SEQUENCE:0
    STATUS:CONFIRMED
    SUMMARY:Case SD-0042: act by today
    TRANSP:TRANSPARENT
    UID:922fc81287f735fc24ddfe334bdc7126@example.org
    END:VEVENT
    ");
    let set = entry(&desk, &set, "2026-06-04");
    let uid = |text: &str| text.lines().find(|line| line.starts_with("UID:")).map(str::to_owned);
    // The move was a day later: the weekly duties move with it.
    desk.story = desk.story.happened(
        "2026-06-04",
        "event-corrected",
        json!({"event": "e4", "time": "2026-06-02T10:00:00Z", "reason": "r"}),
    );
    let moved = message(&mut desk, "2026-06-05", "digest/2026-06-05/person.amara-okafor");
    let moved = entry(&desk, &moved, "2026-06-05");
    assert!(
        moved.contains("SEQUENCE:1\n") && moved.contains("METHOD:REQUEST\n") && moved.contains("20260609"),
        "{moved}"
    );
    assert_eq!(uid(&moved), uid(&set));
    desk.story = desk.story.happened("2026-06-05", "placement-ended", json!({"reason": "r"}));
    let gone = message(&mut desk, "2026-06-08", "digest/2026-06-08/person.amara-okafor");
    let gone = entry(&desk, &gone, "2026-06-08");
    assert!(gone.contains("METHOD:CANCEL\n") && gone.contains("STATUS:CANCELLED\n"), "{gone}");
    assert!(gone.contains("SEQUENCE:2\n"), "{gone}");
    assert_eq!(uid(&gone), uid(&moved));
}
