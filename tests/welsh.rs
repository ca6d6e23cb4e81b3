//! Mail in Welsh and in both languages: what its reader gets, every plural form, what falls back, what a check finds.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use stepdown::config::{Config, Fault, Inspection, Source, inspect, locales};
use stepdown::daemon::post;
use stepdown::language::{Argument, Language, Phrases, Said, dates};
use stepdown::mail::{Rendered, proof};
use stepdown::reminders::{
    Capacity, Content, Excuse, Gap, Instead, Part, Planned, Reason, Standings, Step, When, Which, compose,
};
use support::office::Desk;
use support::{CONFIG, Story, date, given_case_opened};

const CSW: &str = "child-social-worker";
/// Numbers of each CLDR category of Welsh, and more of those where nothing changes.
const COUNTS: [i64; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 10, 20, 100];

fn story() -> Story {
    let assigned = |role: &str, person: &str| json!({ "role": role, "person": person });
    given_case_opened("2026-05-01")
        .happened("2026-05-01", "professional-assigned", assigned(CSW, "amara-okafor"))
        .happened("2026-05-01", "professional-assigned", assigned("stability-worker", "sam-pickup"))
        .happened("2026-06-01", "child-moved-in", json!({"changes_school": false}))
}

/// The office where Amara Okafor and Grace Adeyemi read Welsh, and Amara wants entries in her calendar.
fn desk() -> Desk {
    let mut desk = Desk::new(story());
    for id in ["amara-okafor", "grace-adeyemi"] {
        let person = desk.people.persons.get_mut(id).expect("listed");
        (person.language, person.calendar) = (Language::Welsh, id == "amara-okafor");
    }
    desk
}

/// The message whose key starts so, of the morning of `day` after every morning from the 1 June on.
fn message(desk: &mut Desk, day: &str, key: &str) -> Planned {
    let before = date(day).pred_opt().expect("in range");
    desk.pass("2026-06-01", &before.to_string());
    let now = desk.eight(day);
    let found = desk.at(now).into_iter().find(|planned| planned.plan.key.as_str().starts_with(key));
    found.unwrap_or_else(|| panic!("no {key} on {day}"))
}

/// The message as it is rendered under a configuration; in both languages, if that is asked for.
fn rendered(desk: &Desk, planned: &Planned, day: &str, (config, bilingual): (&Config, bool)) -> Rendered {
    let now = desk.eight(day);
    let message = compose(&planned.plan, planned.to.clone(), &desk.world(now), &mut Standings::new());
    let mut post = post(config).expect("its templates hold");
    post.bilingual = bilingual;
    post.render(&message.expect("it still holds"), now).expect("it renders")
}

fn header(rendered: &Rendered, name: &str) -> String {
    let text = String::from_utf8_lossy(&rendered.bytes).replace("\r\n ", " ");
    let line = text.lines().find(|line| line.starts_with(name));
    line.unwrap_or_default().to_owned()
}

/// The calendar entry in a message, unfolded.
fn entry(rendered: &Rendered) -> String {
    let text = String::from_utf8_lossy(&rendered.bytes).into_owned();
    let text = text.replace("=\r\n", "").replace("=3D", "=").replace("=C3=B4", "ô").replace("=C3=A2", "â");
    let (from, to) = (text.find("BEGIN:VCALENDAR"), text.find("END:VCALENDAR"));
    text[from.expect("an entry")..to.expect("its end")].replace("\r\n ", "").replace("\r\n", "\n")
}

/// The starter configuration, edited.
fn edited(edits: &[(&str, &str, &str)]) -> BTreeMap<String, String> {
    let mut files = Source::Starter.files().expect("files");
    for (file, from, to) in edits {
        let text = files.entry((*file).to_owned()).or_default();
        assert!(text.contains(from), "{file} has no {from}");
        *text = if from.is_empty() { (*to).to_owned() } else { text.replacen(from, to, 1) };
    }
    files
}

fn load(files: BTreeMap<String, String>) -> Config {
    let loaded = Config::load(&Source::Given("of a test".to_owned(), files));
    loaded.unwrap_or_else(|error| panic!("{:?}", error.faults))
}

/// What a check finds of mail: file, line, column, severity and words.
fn found(files: BTreeMap<String, String>) -> Vec<String> {
    let source = Source::Given("of a test".to_owned(), files);
    let Inspection { files, mut faults, config } = inspect(&source, date("2026-06-01"));
    faults.extend(proof(&files, config.as_ref()));
    Fault::sort(&mut faults);
    let told = faults.iter().map(|fault| {
        let (line, column) = fault.place();
        let advice = fault.advice().map(|advice| format!(" ({advice})")).unwrap_or_default();
        format!("{}:{line}:{column} {:?}: {}{advice}", fault.file(), fault.severity(), fault.message())
    });
    told.collect()
}

#[test]
fn a_digest_in_welsh() {
    let mut desk = desk();
    let digest = message(&mut desk, "2026-06-09", "digest/2026-06-09/person.amara-okafor");
    let rendered = rendered(&desk, &digest, "2026-06-09", (&CONFIG, false));
    assert_eq!(header(&rendered, "Content-Language:"), "Content-Language: cy");
    insta::assert_snapshot!(format!("Subject: {}\n\n{}", rendered.subject, rendered.text), @"
    Subject: Eich nodiadau atgoffa ar gyfer dydd Mawrth 9 Mehefin 2026: 2 dasg yn hwyr

    Neges gyfrinachol oddi wrth Step Down reminders. Darllenwch hi lle na all neb edrych dros eich ysgwydd.

    Annwyl Amara Okafor,

    Eich nodiadau atgoffa ar gyfer dydd Mawrth 9 Mehefin 2026: 2 dasg yn hwyr.

    YN HWYR

    * Achos SD-0042: Ymweliad wythnosol â'r plentyn ar ôl y symud
      Gweithredwch erbyn dydd Llun 8 Mehefin 2026 (dyddiad cau: dydd Llun 8 Mehefin 2026)
      Chi sydd i wneud hyn.
      Pam nawr: nodyn dilynol 1 o 2: ddoe oedd y dyddiad cau.
      Pam chi: eich rôl: Gweithiwr cymdeithasol y plentyn.
      Ffynhonnell: CSW (polisi). Cyfeirnod: SD-0042/csw-visit-settling/4.1

    * Achos SD-0042: Cyfarfod cymorth wythnosol
      Gweithredwch erbyn dydd Llun 8 Mehefin 2026 (dyddiad cau: dydd Llun 8 Mehefin 2026)
      Chi sydd i wneud hyn.
      Pam nawr: nodyn dilynol 1 o 2: ddoe oedd y dyddiad cau.
      Pam chi: eich rôl: Gweithiwr cymdeithasol y plentyn.
      Ffynhonnell: Stage 5 (polisi). Cyfeirnod: SD-0042/support-meeting-weekly/4.1

    Os oes rhywbeth yma wedi'i wneud yn barod, cofnodwch hynny yn yr achos: bydd y nodiadau atgoffa wedyn yn
    peidio ohonynt eu hunain. Os na ddylech chi fod yn cael y neges hon, atebwch hi.
    ");
}

#[test]
fn a_digest_in_welsh_as_html() {
    let mut desk = desk();
    let digest = message(&mut desk, "2026-06-09", "digest/2026-06-09/person.amara-okafor");
    insta::assert_snapshot!(rendered(&desk, &digest, "2026-06-09", (&CONFIG, false)).html, @r#"
    <!DOCTYPE html>
    <html lang="cy">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Eich nodiadau atgoffa ar gyfer dydd Mawrth 9 Mehefin 2026: 2 dasg yn hwyr</title>
    </head>
    <body style="margin:0;padding:0;background:#ffffff;color:#0b0c0c;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5">
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td style="padding:16px">
    <main style="max-width:640px">
    <p style="color:#484949;font-size:14px;margin:0 0 16px 0">Neges gyfrinachol oddi wrth Step Down reminders. Darllenwch hi lle na all neb edrych dros eich ysgwydd.</p>
    <p>Annwyl Amara Okafor,</p>
    <h1 style="font-size:22px;margin:16px 0">Eich nodiadau atgoffa ar gyfer dydd Mawrth 9 Mehefin 2026</h1>
    <p>2 dasg yn hwyr.</p>
    <h2 style="font-size:19px;margin:24px 0 8px 0;color:#a01b10">Yn hwyr</h2>
    <ul style="padding-left:20px;margin:0">
    <li style="margin:0 0 16px 0">
    <strong>Achos SD-0042: Ymweliad wythnosol â&#x27;r plentyn ar ôl y symud</strong><br>
    Gweithredwch erbyn <strong>dydd Llun 8 Mehefin 2026</strong> (dyddiad cau: dydd Llun 8 Mehefin 2026)<br>
    Chi sydd i wneud hyn.<br>
    <span style="color:#484949">Pam nawr: nodyn dilynol 1 o 2: ddoe oedd y dyddiad cau. Pam chi: eich rôl: Gweithiwr cymdeithasol y plentyn. Ffynhonnell: CSW (polisi). Cyfeirnod: SD-0042&#x2f;csw-visit-settling&#x2f;4.1</span>
    </li>
    <li style="margin:0 0 16px 0">
    <strong>Achos SD-0042: Cyfarfod cymorth wythnosol</strong><br>
    Gweithredwch erbyn <strong>dydd Llun 8 Mehefin 2026</strong> (dyddiad cau: dydd Llun 8 Mehefin 2026)<br>
    Chi sydd i wneud hyn.<br>
    <span style="color:#484949">Pam nawr: nodyn dilynol 1 o 2: ddoe oedd y dyddiad cau. Pam chi: eich rôl: Gweithiwr cymdeithasol y plentyn. Ffynhonnell: Stage 5 (polisi). Cyfeirnod: SD-0042&#x2f;support-meeting-weekly&#x2f;4.1</span>
    </li>
    </ul>
    <p style="border-top:1px solid #b1b4b6;padding-top:12px;color:#484949">Os oes rhywbeth yma wedi&#x27;i wneud yn barod, cofnodwch hynny yn yr achos: bydd y nodiadau atgoffa wedyn yn peidio ohonynt eu hunain. Os na ddylech chi fod yn cael y neges hon, atebwch hi.</p>
    </main>
    </td></tr></table>
    </body>
    </html>
    "#);
}

#[test]
fn a_calendar_entry_in_welsh_and_in_both_languages() {
    let mut desk = desk();
    let digest = message(&mut desk, "2026-06-04", "digest/2026-06-04/person.amara-okafor");
    insta::assert_snapshot!(entry(&rendered(&desk, &digest, "2026-06-04", (&CONFIG, false))), @"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//stepdown//reminders//EN
    CALSCALE:GREGORIAN
    METHOD:REQUEST
    BEGIN:VEVENT
    ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:mailto:amara.okafor@example.org
    CLASS:PRIVATE
    DESCRIPTION;LANGUAGE=cy:Ymweliad wythnosol â'r plentyn ar ôl y symud (SD-0042/csw-visit-settling/4.1)
    DTSTAMP:20260604T070000Z
    DTSTART;VALUE=DATE:20260608
    ORGANIZER:mailto:stepdown@example.org
    SEQUENCE:0
    STATUS:CONFIRMED
    SUMMARY;LANGUAGE=cy:Achos SD-0042: gweithredwch erbyn heddiw
    TRANSP:TRANSPARENT
    UID:922fc81287f735fc24ddfe334bdc7126@example.org
    END:VEVENT
    ");
    let both = entry(&rendered(&desk, &digest, "2026-06-04", (&CONFIG, true)));
    let summary = "SUMMARY:Achos SD-0042: gweithredwch erbyn heddiw / Case SD-0042: act by today";
    assert!(both.contains(summary), "{both}");
}

#[test]
fn a_digest_in_both_languages_is_one_message_and_welsh_stands_first() {
    let mut desk = desk();
    let digest = message(&mut desk, "2026-06-09", "digest/2026-06-09/person.amara-okafor");
    let rendered = rendered(&desk, &digest, "2026-06-09", (&CONFIG, true));
    assert_eq!(header(&rendered, "Content-Language:"), "Content-Language: cy, en-GB");
    insta::assert_snapshot!(format!("Subject: {}\n\n{}", rendered.subject, rendered.text), @"
    Subject: Eich nodiadau atgoffa ar gyfer dydd Mawrth 9 Mehefin 2026: 2 dasg yn hwyr / Your reminders for Tuesday 9 June 2026: 2 overdue

    Neges gyfrinachol oddi wrth Step Down reminders. Darllenwch hi lle na all neb edrych dros eich ysgwydd.

    Annwyl Amara Okafor,

    Eich nodiadau atgoffa ar gyfer dydd Mawrth 9 Mehefin 2026: 2 dasg yn hwyr.

    YN HWYR

    * Achos SD-0042: Ymweliad wythnosol â'r plentyn ar ôl y symud
      Gweithredwch erbyn dydd Llun 8 Mehefin 2026 (dyddiad cau: dydd Llun 8 Mehefin 2026)
      Chi sydd i wneud hyn.
      Pam nawr: nodyn dilynol 1 o 2: ddoe oedd y dyddiad cau.
      Pam chi: eich rôl: Gweithiwr cymdeithasol y plentyn.
      Ffynhonnell: CSW (polisi). Cyfeirnod: SD-0042/csw-visit-settling/4.1

    * Achos SD-0042: Cyfarfod cymorth wythnosol
      Gweithredwch erbyn dydd Llun 8 Mehefin 2026 (dyddiad cau: dydd Llun 8 Mehefin 2026)
      Chi sydd i wneud hyn.
      Pam nawr: nodyn dilynol 1 o 2: ddoe oedd y dyddiad cau.
      Pam chi: eich rôl: Gweithiwr cymdeithasol y plentyn.
      Ffynhonnell: Stage 5 (polisi). Cyfeirnod: SD-0042/support-meeting-weekly/4.1

    Os oes rhywbeth yma wedi'i wneud yn barod, cofnodwch hynny yn yr achos: bydd y nodiadau atgoffa wedyn yn
    peidio ohonynt eu hunain. Os na ddylech chi fod yn cael y neges hon, atebwch hi.

    ----------------------------------------

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
    ");
    let parts: Vec<_> =
        rendered.html.match_indices("<div lang=").map(|(at, _)| &rendered.html[at..at + 16]).collect();
    assert_eq!(parts, ["<div lang=\"cy\">\n", "<div lang=\"en-GB"]);
    assert!(rendered.html.starts_with("<!DOCTYPE html>\n<html lang=\"cy\">"), "{}", rendered.html);
    assert_eq!(rendered.html.matches("<html").count(), 1);
}

#[test]
fn a_subject_in_both_languages_that_would_be_long_says_less() {
    let mut desk = desk();
    let digest = message(&mut desk, "2026-06-04", "digest/2026-06-04/person.amara-okafor");
    let now = desk.eight("2026-06-04");
    let world = desk.world(now);
    let mut composed =
        compose(&digest.plan, digest.to.clone(), &world, &mut Standings::new()).expect("it holds");
    let Content::Digest(items) = &mut composed.content else { panic!("another content") };
    let mut overdue = items[0].clone();
    overdue.standing.status = stepdown::schedule::Status::Overdue;
    let mut today = items[0].clone();
    today.standing.due_on = composed.on;
    items.extend([overdue, today]);
    let mut post = post(&CONFIG).expect("templates");
    let subject = |post: &stepdown::mail::Post| post.render(&composed, now).expect("it renders").subject;
    let alone = subject(&post);
    assert!(
        alone.starts_with("Eich nodiadau atgoffa ar gyfer dydd Iau 4 Mehefin 2026: 1 dasg yn hwyr, "),
        "{alone}"
    );
    post.bilingual = true;
    assert_eq!(
        subject(&post),
        "Eich nodiadau atgoffa ar gyfer dydd Iau 4 Mehefin 2026 / Your reminders for Thursday 4 June 2026"
    );
}

#[test]
fn an_escalation_and_a_notice_in_welsh() {
    let mut desk = desk();
    let escalation = message(&mut desk, "2026-06-12", "escalation/SD-0042/csw-visit-settling/4.1");
    let escalation = rendered(&desk, &escalation, "2026-06-12", (&CONFIG, false));
    insta::assert_snapshot!(format!("Subject: {}\n\n{}", escalation.subject, escalation.text), @"
    Subject: Achos SD-0042: yn hwyr

    Neges gyfrinachol oddi wrth Step Down reminders. Darllenwch hi lle na all neb edrych dros eich ysgwydd.

    Annwyl Grace Adeyemi,

    Mae hyn yn hwyr:

    * Achos SD-0042: Ymweliad wythnosol â'r plentyn ar ôl y symud
      Gweithredwch erbyn dydd Llun 8 Mehefin 2026 (dyddiad cau: dydd Llun 8 Mehefin 2026)
      Er gwybodaeth i chi; mae'r dasg i: Gweithiwr cymdeithasol y plentyn, Amara Okafor.
      Pam nawr: uwchgyfeiriwyd: aeth y dyddiad cau heibio 4 diwrnod yn ôl.
      Pam chi: rydych chi'n rheoli: Gweithiwr cymdeithasol y plentyn.
      Ffynhonnell: CSW (polisi). Cyfeirnod: SD-0042/csw-visit-settling/4.1

    Os yw wedi'i wneud yn barod, gwnewch yn siŵr bod hynny wedi'i gofnodi yn yr achos. Os na ddylech chi fod
    yn cael y neges hon, atebwch hi.
    ");
    let mut desk = self::desk();
    desk.pass("2026-06-01", "2026-06-09");
    desk.story = desk.story.happened("2026-06-10", "stability-concern-raised", json!({}));
    let notice = message(&mut desk, "2026-06-10", "notice/SD-0042/stability-concern/5/person.amara-okafor");
    let notice = rendered(&desk, &notice, "2026-06-10", (&CONFIG, false));
    insta::assert_snapshot!(format!("Subject: {}\n\n{}", notice.subject, notice.text), @"
    Subject: Achos SD-0042: hysbysiad i chi

    Neges gyfrinachol oddi wrth Step Down reminders. Darllenwch hi lle na all neb edrych dros eich ysgwydd.

    Annwyl Amara Okafor,

    Pryder am sefydlogrwydd y cartref

    Achos SD-0042: dydd Mercher 10 Mehefin 2026.

    Codwyd pryder. Dim ond trwy atgyfeiriad gan weithiwr cymdeithasol y plentyn y mae allgymorth ar gael, ac ar ôl i'r cartref preswyl roi'r gorau i'w gymorth.

    Pam chi: eich rôl yn yr achos: Gweithiwr cymdeithasol y plentyn.
    Ffynhonnell: Stage 5

    Os na ddylech chi fod yn cael y neges hon, atebwch hi.
    ");
}

#[test]
fn a_correction_in_welsh() {
    let mut desk = desk();
    desk.pass("2026-06-01", "2026-06-10");
    desk.story = desk.story.recorded("2026-06-10", "2026-06-05", "visit-made", json!({"by": CSW}));
    let correction = message(&mut desk, "2026-06-11", "correction/2026-06-11/person.amara-okafor");
    let correction = rendered(&desk, &correction, "2026-06-11", (&CONFIG, false));
    insta::assert_snapshot!(format!("Subject: {}\n\n{}", correction.subject, correction.text), @"
    Subject: Cywiriad: 1 neges atgoffa wedi'i thynnu'n ôl

    Neges gyfrinachol oddi wrth Step Down reminders. Darllenwch hi lle na all neb edrych dros eich ysgwydd.

    Annwyl Amara Okafor,

    Dywedwyd wrthych fod y canlynol yn hwyr. Fel y gwyddom bellach, nid oedd.

    * Achos SD-0042: Ymweliad wythnosol â'r plentyn ar ôl y symud
      Pam: roedd wedi'i wneud ar 5 Mehefin 2026; dywedwyd wrthych ar 9 Mehefin.
      Nid oes dim mwy i'w wneud yn ei gylch.
      Ffynhonnell: CSW (polisi). Cyfeirnod: SD-0042/csw-visit-settling/4.1

    Os na ddylech chi fod yn cael y neges hon, atebwch hi.
    ");
}

#[test]
fn the_weekly_word_in_both_languages() {
    let mut desk = desk();
    let weekly = message(&mut desk, "2026-06-15", "weekly/2026-06-15");
    let weekly = rendered(&desk, &weekly, "2026-06-15", (&CONFIG, true));
    insta::assert_snapshot!(format!("Subject: {}\n\n{}", weekly.subject, weekly.text), @"
    Subject: Mae'r post mewn trefn: wythnos dydd Llun 15 Mehefin 2026 / Mail is in order: the week of Monday 15 June 2026

    Neges gyfrinachol oddi wrth Step Down reminders. Darllenwch hi lle na all neb edrych dros eich ysgwydd.

    Annwyl Step Down administrators,

    Mae'r post mewn trefn.

    Daw'r neges hon bob wythnos. Os na ddaw, nid yw stepdown yn rhedeg neu ni all anfon: edrychwch ar unwaith.

    Achosion: 1
    Tasgau agored: 16
    Yn hwyr: 4
    Yn hwyr, ac ni chaiff neb ei atgoffa eto: 3
    Anfonwyd yn y saith diwrnod diwethaf: 20 crynodeb, 2 hysbysiad, 3 uwchgyfeiriad, 2 neges weinyddol
    Heb eu danfon yn y saith diwrnod diwethaf: 0
    Yn aros i'w hanfon: 0
    Yr hynaf heb ei hanfon: dim yn aros
    Gwyliau banc yn hysbys hyd at: dydd Sul 31 Rhagfyr 2028

    Os na ddylech chi fod yn cael y neges hon, atebwch hi.

    ----------------------------------------

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
    ");
}

/// The starter's phrases that count, with the name of the count: each has a plural in the text of either language.
fn counting() -> BTreeMap<String, &'static str> {
    let files = locales(&Source::Starter.files().expect("files"));
    let mut counting = BTreeMap::new();
    for text in files.values() {
        let mut id = "";
        for line in text.lines() {
            if let Some((name, _)) =
                line.split_once(" = ").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                id = name;
            }
            for count in ["count", "days"] {
                if line.contains(&format!("{{ ${count} ->")) {
                    counting.insert(id.to_owned(), count);
                }
            }
        }
    }
    counting
}

/// The phrase with every count, `…` in the place of what else fills it.
fn with_counts(phrases: &Phrases, language: Language, id: &str, name: &str) -> Vec<String> {
    let others = ["summary", "moment", "day", "field", "value", "over", "most"]
        .map(|other| (other, Argument::from("…")));
    let said = COUNTS.map(|count| {
        let mut args = others.to_vec();
        args.push((name, Argument::from(count)));
        let said = phrases.say(language, id, &args).expect("a phrase");
        assert!(!said.fell_back(), "{id} is in {language}");
        said.to_string()
    });
    said.to_vec()
}

#[test]
fn every_phrase_that_counts_has_every_plural_form() {
    let counting = counting();
    assert!(counting.len() >= 10, "{counting:?}");
    let lines = counting.iter().flat_map(|(id, name)| {
        Language::ALL.map(|language| {
            let said = with_counts(&CONFIG.phrases, language, id, name);
            format!("{} {id}\n  {}", language.code(), said.join("\n  "))
        })
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

/// CLDR 48, cardinal rules of Welsh.
fn category(count: i64) -> &'static str {
    match count {
        0 => "zero",
        1 => "one",
        2 => "two",
        3 => "few",
        6 => "many",
        _ => "other",
    }
}

#[test]
fn every_plural_form_of_every_phrase_is_chosen_by_the_rules_of_cldr() {
    // Each form of each plural of Welsh says its own name behind it.
    let mut files = locales(&Source::Starter.files().expect("files"));
    let text = files.get_mut("cy/mail.ftl").expect("Welsh phrases");
    for form in ["zero", "one", "two", "few", "many", "other"] {
        *text = text.replace(&format!("[{form}] "), &format!("[{form}] <{form}> "));
    }
    let (phrases, faults) = Phrases::read(&files);
    assert_eq!(faults, []);
    let mut forms = BTreeSet::new();
    let plural = text_of_plurals(&files["cy/mail.ftl"]);
    for (id, name) in counting().into_iter().filter(|(id, _)| plural.contains(id)) {
        for (said, count) in with_counts(&phrases, Language::Welsh, &id, name).into_iter().zip(COUNTS) {
            assert!(said.contains(&format!("<{}>", category(count))), "{id} with {count}: {said}");
            forms.insert(category(count));
        }
    }
    assert_eq!(forms.len(), 6, "{forms:?}");
}

/// The ids of the phrases of a file that have a plural.
fn text_of_plurals(text: &str) -> BTreeSet<String> {
    let entries = text.split("\n\n").flat_map(|group| {
        let mut entries: Vec<String> = Vec::new();
        for line in group.lines() {
            match entries.last_mut().filter(|_| line.starts_with(' ')) {
                Some(entry) => entry.push_str(line),
                None => entries.push(line.to_owned()),
            }
        }
        entries
    });
    let plural = entries.filter(|entry| entry.contains("->"));
    plural.filter_map(|entry| Some(entry.split_once(" = ")?.0.to_owned())).collect()
}

#[test]
fn a_number_before_a_noun_has_the_mutation_that_welsh_asks_for() {
    let said = |id: &str, name: &str| with_counts(&CONFIG.phrases, Language::Welsh, id, name);
    let tasks = said("digest-count-overdue", "count");
    assert_eq!(tasks[..4], ["0 tasg yn hwyr", "1 dasg yn hwyr", "2 dasg yn hwyr", "3 tasg yn hwyr"]);
    assert_eq!(tasks[6..8], ["6 thasg yn hwyr", "7 tasg yn hwyr"]);
    let digests = said("weekly-count-digest", "count");
    assert_eq!(digests[1..5], ["1 crynodeb", "2 grynodeb", "3 chrynodeb", "4 crynodeb"]);
    let days = said("when-in", "days");
    assert_eq!(
        days[1..4],
        ["i'w wneud erbyn yfory", "i'w wneud ymhen 2 ddiwrnod", "i'w wneud ymhen 3 diwrnod"]
    );
}

#[test]
fn dates_are_written_in_welsh() {
    let days =
        ["2026-01-05", "2026-02-03", "2026-03-04", "2026-05-28", "2026-08-21", "2026-10-31", "2026-12-06"];
    let said: Vec<_> = days.iter().map(|day| dates::long(Language::Welsh, date(day))).collect();
    assert_eq!(
        said,
        [
            "Dydd Llun 5 Ionawr 2026",
            "Dydd Mawrth 3 Chwefror 2026",
            "Dydd Mercher 4 Mawrth 2026",
            "Dydd Iau 28 Mai 2026",
            "Dydd Gwener 21 Awst 2026",
            "Dydd Sadwrn 31 Hydref 2026",
            "Dydd Sul 6 Rhagfyr 2026",
        ]
    );
}

/// Every reason, and what English says of it.
fn reasons() -> Vec<Reason> {
    let day = date("2026-06-05");
    let whens =
        [When::Passed(1), When::Passed(4), When::Today, When::LastWorkingDay, When::In(1), When::In(7)];
    let whiches = [
        Which::Escalated,
        Which::Moved(day),
        Which::First,
        Which::Reminder,
        Which::Chaser,
        Which::ChaserOf { nth: 2, of: 5 },
    ];
    let step = |which, late, when| Reason::Step(Step { which, late, when });
    let mut reasons: Vec<_> = whens.map(|when| step(Which::First, None, when)).to_vec();
    reasons.extend(whiches.map(|which| step(which, Some(day), When::Today)));
    let excuses = [
        Excuse::NotCalledFor,
        Excuse::DoneOn(day),
        Excuse::Done,
        Excuse::Waived,
        Excuse::Ended,
        Excuse::DeadlineIs(day),
    ];
    reasons.extend(excuses.map(Reason::Excuse));
    reasons
}

/// A digest of one obligation for Amara, told for this reason and in this capacity.
fn told(language: Language, reason: Reason, capacity: Capacity) -> String {
    let mut desk = desk();
    desk.people.persons.get_mut("amara-okafor").expect("listed").language = language;
    let mut digest = message(&mut desk, "2026-06-04", "digest/2026-06-04/person.amara-okafor");
    let stepdown::reminders::Matter::Digest { items, .. } = &mut digest.plan.matter else {
        panic!("another matter")
    };
    items.truncate(1);
    (items[0].reason, items[0].capacity) = (reason.into(), capacity.into());
    desk.render(&digest, desk.eight("2026-06-04")).text
}

#[test]
fn every_reason_reads_in_english_as_listings_have_it_and_is_in_welsh() {
    let capacity = || Capacity::from(Part::Address);
    let mut welsh = Vec::new();
    for reason in reasons() {
        let english = told(Language::English, reason.clone(), capacity());
        assert!(english.contains(&format!("Why now: {reason}.")), "{reason}: {english}");
        let text = told(Language::Welsh, reason, capacity());
        welsh.push(
            text.lines().find_map(|line| line.trim().strip_prefix("Pam nawr: ")).expect("why").to_owned(),
        );
    }
    insta::assert_snapshot!(welsh.join("\n"));
}

#[test]
fn every_capacity_is_in_both_languages() {
    let role = || CSW.parse().expect("a role");
    let person = || "sam-pickup".parse().expect("a person");
    let until = date("2026-06-12");
    let parts = [
        Part::Role(role()),
        Part::Also(role()),
        Part::Manager(role()),
        Part::Notice(role()),
        Part::LastResort(role()),
        Part::Address,
        Part::Told(until),
    ];
    let gaps = [
        Gap::Empty { role: role() },
        Gap::Unlisted { role: role(), person: "nobody-here".parse().expect("an id") },
        Gap::Left { role: role(), person: person() },
        Gap::Absent { role: role(), person: person(), until },
    ];
    let mut capacities: Vec<_> = parts.map(Capacity::from).to_vec();
    let role_instead = |instead| Capacity { part: Part::Role(role()), instead: Some(instead) };
    capacities.extend(gaps.clone().map(|gap| role_instead(Instead::Gap(gap))));
    capacities.push(role_instead(Instead::Cover(gaps[3].clone())));
    let mut lines = Vec::new();
    for capacity in capacities {
        for (language, why) in [(Language::English, "Why you: "), (Language::Welsh, "Pam chi: ")] {
            let text = told(language, Reason::Excuse(Excuse::Done), capacity.clone());
            lines.push(text.lines().find_map(|line| line.trim().strip_prefix(why)).expect("why").to_owned());
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_is_not_in_welsh_is_said_in_english_and_marked() {
    let mut desk = desk();
    let digest = message(&mut desk, "2026-06-09", "digest/2026-06-09/person.amara-okafor");
    let files = edited(&[
        ("locales/cy/mail.ftl", "item-yours = Chi sydd i wneud hyn\n", ""),
        ("locales/cy/mail.ftl", "which-chaser-of = nodyn dilynol { $nth } o { $of }\n", ""),
        ("locales/cy/mail.ftl", "escalation-subject = Achos { $case }: yn hwyr\n", ""),
    ]);
    let config = load(files);
    let digest = rendered(&desk, &digest, "2026-06-09", (&config, false));
    assert!(digest.text.contains("  [Saesneg] This is yours to do.\n"), "{}", digest.text);
    assert!(
        digest.text.contains("  Pam nawr: [Saesneg] chaser 1 of 2: ddoe oedd y dyddiad cau.\n"),
        "{}",
        digest.text
    );
    let span = "<span lang=\"en-GB\">[Saesneg] This is yours to do</span>.<br>";
    assert!(digest.html.contains(span), "{}", digest.html);
    let mut desk = self::desk();
    let escalation = message(&mut desk, "2026-06-12", "escalation/SD-0042/csw-visit-settling/4.1");
    let escalation = rendered(&desk, &escalation, "2026-06-12", (&config, false));
    assert_eq!(escalation.subject, format!("{} Case SD-0042: overdue", Said::MARK));
    assert!(
        escalation.html.contains("<title>[Saesneg] Case SD-0042: overdue</title>"),
        "{}",
        escalation.html
    );
    assert!(escalation.bytes.is_ascii());
}

#[test]
fn a_phrase_that_falls_back_is_filled_in_english_too() {
    let mut desk = desk();
    let correction = "excuse-done-on = roedd wedi'i wneud ar { $day }\n";
    let config = load(edited(&[("locales/cy/mail.ftl", correction, "")]));
    desk.pass("2026-06-01", "2026-06-10");
    desk.story = desk.story.recorded("2026-06-10", "2026-06-05", "visit-made", json!({"by": CSW}));
    let correction = message(&mut desk, "2026-06-11", "correction/2026-06-11/person.amara-okafor");
    let text = rendered(&desk, &correction, "2026-06-11", (&config, false)).text;
    assert!(
        text.contains("[Saesneg] it had been done on 5 June 2026; dywedwyd wrthych ar 9 Mehefin"),
        "{text}"
    );
}

#[test]
fn a_check_finds_what_is_missing_or_does_not_fit_in_welsh() {
    let mail = "locales/cy/mail.ftl";
    let files = edited(&[
        (mail, "item-yours = Chi sydd i wneud hyn\n", ""),
        (mail, "dear = Annwyl { $name }", "dear = Annwyl { $nmae }"),
        (mail, "closing = ", "closng = "),
        (mail, "    [two] { $count } dasg yn hwyr\n", ""),
    ]);
    insta::assert_snapshot!(found(files).join("\n"), @r#"
    locales/cy/mail.ftl:1:1 Warning: has no phrase "closing": who reads Welsh gets it in English, marked
    locales/cy/mail.ftl:1:1 Warning: has no phrase "item-yours": who reads Welsh gets it in English, marked
    locales/cy/mail.ftl:7:18 Warning: nothing fills "$nmae" here: it is said in English, marked (did you mean "name"?)
    locales/cy/mail.ftl:8:1 Warning: no phrase "closng" is said in English (did you mean "closing"?)
    locales/cy/mail.ftl:30:27 Warning: has no form for two (Welsh has six plural forms: zero (0), one (1), two (2), few (3), many (6), other)
    "#);
}

#[test]
fn a_check_refuses_english_that_cannot_be_said() {
    let files = edited(&[("locales/en/mail.ftl", "dear = Dear { $name }", "dear = Dear { $nmae }")]);
    insta::assert_snapshot!(found(files.clone()).join("\n"), @r#"
    locales/en/mail.ftl:7:16 Error: nothing fills "$nmae" here (did you mean "name"?)
    templates/layout.html.jinja:5:7 Error: the phrase "dear" is given no "nmae" (the phrases are in locales/en/ and locales/cy/)
    templates/layout.txt.jinja:7:4 Error: the phrase "dear" is given no "nmae" (the phrases are in locales/en/ and locales/cy/)
    "#);
    assert!(Config::load(&Source::Given("of a test".to_owned(), files)).is_err());
}

#[test]
fn what_the_english_file_lacks_is_said_as_the_program_has_it() {
    let yours = ("locales/en/mail.ftl", "item-yours = This is yours to do\n", "");
    let files = edited(&[yours]);
    let warning = "locales/en/mail.ftl:1:1 Warning: has no phrase \"item-yours\": the built-in one is said in its place";
    assert_eq!(found(files.clone()), [warning]);
    let mut desk = Desk::new(story());
    let digest = message(&mut desk, "2026-06-09", "digest/2026-06-09/person.amara-okafor");
    let text = rendered(&desk, &digest, "2026-06-09", (&load(files), false)).text;
    assert!(text.contains("  This is yours to do.\n"), "{text}");
}

#[test]
fn a_configuration_from_before_there_were_phrases_says_the_built_in_ones() {
    let mut files = edited(&[]);
    files.retain(|file, _| !file.starts_with("locales/"));
    insta::assert_snapshot!(found(files.clone()).join("\n"), @"
    locales/cy/mail.ftl:1:1 Warning: is not there: the built-in one is said in its place (copy it from a configuration that stepdown init writes)
    locales/en/mail.ftl:1:1 Warning: is not there: the built-in one is said in its place (copy it from a configuration that stepdown init writes)
    ");
    let mut desk = desk();
    let digest = message(&mut desk, "2026-06-09", "digest/2026-06-09/person.amara-okafor");
    let text = rendered(&desk, &digest, "2026-06-09", (&load(files), false)).text;
    assert!(text.contains("Annwyl Amara Okafor,"), "{text}");
}

/// A programme's own item and notice.
fn own(folder: &str) -> BTreeMap<String, String> {
    let add = |file: &str, text: &str| (format!("templates/{folder}/{file}"), text.to_owned());
    let mut files = edited(&[]);
    files.extend([
        add("item.txt.jinja", "> {{ say(\"item\", case=item.case, title=item.title) }} [{{ item.step }}]\n"),
        add(
            "notice.txt.jinja",
            "{% extends \"layout.txt.jinja\" %}\n{% block body %}\n{{ text }}\n{% endblock %}\n",
        ),
    ]);
    files
}

#[test]
fn a_programme_may_have_templates_of_its_own() {
    let files = own("lancashire-step-down");
    assert_eq!(found(files.clone()), [] as [String; 0]);
    let config = load(files);
    let mut desk = desk();
    let digest = message(&mut desk, "2026-06-09", "digest/2026-06-09/person.amara-okafor");
    let digest = rendered(&desk, &digest, "2026-06-09", (&config, false));
    assert!(digest.text.contains("> Achos SD-0042: "), "{}", digest.text);
    assert!(!digest.text.contains("Pam nawr"), "{}", digest.text);
    assert!(digest.html.contains("Pam nawr"), "its HTML is the general one: {}", digest.html);
    desk.story = desk.story.happened("2026-06-10", "stability-concern-raised", json!({}));
    let notice = message(&mut desk, "2026-06-10", "notice/SD-0042/stability-concern/5/person.amara-okafor");
    let notice = rendered(&desk, &notice, "2026-06-10", (&config, false));
    assert!(!notice.text.contains("10 Mehefin 2026"), "{}", notice.text);
    assert!(notice.html.contains("10 Mehefin 2026"), "{}", notice.html);
}

#[test]
fn templates_of_no_programme_and_files_of_no_mail_are_found() {
    let mut files = own("lancashire-step-dwon");
    files.insert("templates/lancashire-step-down/digset.txt.jinja".to_owned(), "{{ day }}\n".to_owned());
    files
        .insert("templates/lancashire-step-down/item.html.jinja".to_owned(), "{{ item.titel }}\n".to_owned());
    insta::assert_snapshot!(found(files).join("\n"), @r#"
    templates/lancashire-step-down/digset.txt.jinja:1:1 Warning: is no template of a mail: nobody reads it (did you mean "item.txt.jinja"?)
    templates/lancashire-step-down/item.html.jinja:1:4 Error: this mail has no "item.titel" (did you mean "title"?)
    templates/lancashire-step-dwon/:1:1 Warning: no programme is called "lancashire-step-dwon": its templates are not read (did you mean "lancashire-step-down"?)
    "#);
}

#[test]
fn a_template_that_says_a_phrase_that_is_not_there_is_found_where_it_stands() {
    let files = edited(&[
        ("templates/item.txt.jinja", "say(\"item-yours\")", "say(\"item-yuors\")"),
        ("templates/digest.html.jinja", "day=entry.on", "day=entry.no"),
        ("templates/notice.txt.jinja", "source=source", "sauce=source"),
    ]);
    insta::assert_snapshot!(found(files).join("\n"), @r#"
    templates/digest.html.jinja:19:123 Error: this mail has no "entry.no" (did you mean "on"?)
    templates/item.txt.jinja:3:6 Error: the phrase "item-yuors" is in no file of locales/ (did you mean "item-yours"?)
    templates/notice.txt.jinja:11:4 Error: the phrase "notice-source" is given no "source" (the phrases are in locales/en/ and locales/cy/)
    "#);
}
