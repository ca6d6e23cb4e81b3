//! Limits across cases: who holds a place, who is told of one too many, and when it is over.

mod families;
mod office;
mod oracle;

use families::{LIMIT, accepted, event};
use office::Office;
use serde_json::json;
use stepdown::api::{AgainstQuery, LimitsQuery};
use stepdown::daemon::{Order, SilenceOrder};

const TEAM: &str = "team.team-manager";

#[test]
fn a_fifth_family_is_recorded_and_told_at_once_and_once() {
    let mut office = Office::with_four();
    assert_eq!(office.today(), ["C-1: 4 open, room 0, over 0: SD-1 SD-2 SD-3 SD-4"]);
    // A Sunday evening: what goes at once does not wait for an office hour.
    office.at("2026-05-17T21:30:00Z");
    office.accept("SD-5", "C-1", "2026-05-17");
    assert_eq!(office.today(), ["C-1: 5 open, room 0, over 1: SD-1 SD-2 SD-3 SD-4 SD-5"]);
    let mails = office.post();
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    assert_eq!(mail.key.as_str(), "limit/SD-5/families-per-carer/2/07e9a969/team.team-manager");
    let text = String::from_utf8_lossy(&mail.bytes).replace("=\r\n", "");
    for says in
        ["Subject: Case SD-5: a limit is exceeded", "5 cases at one time for carer C-1", "Case SD-2, since"]
    {
        assert!(text.contains(says), "{says}: {text}");
    }
    office.pass(5);
    assert_eq!(office.plan(), [""; 0]);
    office.holds();
}

#[test]
fn the_mail_says_what_is_exceeded_by_which_cases_and_what_to_do() {
    let mut office = Office::with_four();
    office.accept("SD-5", "C-1", "2026-05-11");
    let mails = office.post();
    let message = String::from_utf8_lossy(&mails[0].bytes).replace("=\r\n", "").replace("\r\n", "\n");
    let text = message.split("\n\n").skip(2).collect::<Vec<_>>().join("\n\n");
    let text = text.split("\n--").next().expect("the text part");
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_resolved_before_it_is_sent_is_not_told() {
    let ends = json!({"reason": "parents manage"});
    let mut office = Office::with_four();
    office.accept("SD-5", "C-1", "2026-05-11");
    assert_eq!(office.plan(), [format!("SD-5 2 to {TEAM}")]);
    let ended = office.happens("SD-1", "support-ended", "2026-05-11", &ends);
    assert!(office.post().is_empty());
    assert_eq!(office.today(), ["C-1: 4 open, room 0, over 0: SD-2 SD-3 SD-4 SD-5"]);
    // It had not ended: so there are five all the same, and nobody knows yet.
    office.retract("SD-1", &ended);
    assert_eq!(office.post().len(), 1);
    office.holds();
}

#[test]
fn a_retraction_lapses_the_mail_and_its_retraction_brings_it_back() {
    let mut office = Office::with_four();
    office.accept("SD-5", "C-1", "2026-05-11");
    assert_eq!(office.plan(), [format!("SD-5 2 to {TEAM}")]);
    let retracted = office.retract("SD-5", "SD-5-2");
    assert!(office.post().is_empty());
    assert_eq!(office.today(), ["C-1: 4 open, room 0, over 0: SD-1 SD-2 SD-3 SD-4"]);
    office.retract("SD-5", &retracted);
    assert_eq!(office.post().len(), 1);
    office.holds();
}

#[test]
fn a_corrected_carer_frees_one_place_and_takes_another() {
    let mut office = Office::with_four();
    office.accept("SD-5", "C-1", "2026-05-05");
    assert_eq!(office.post().len(), 1);
    let mends = json!({"event": "SD-2-2", "data": {"carer": "C-2"}, "reason": "r"});
    office.happens("SD-2", "event-corrected", "2026-05-11", &mends);
    assert_eq!(office.plan(), [""; 0]);
    assert_eq!(
        office.today(),
        ["C-1: 4 open, room 0, over 0: SD-1 SD-3 SD-4 SD-5", "C-2: 1 open, room 3, over 0: SD-2"]
    );
    let known = LimitsQuery {
        known_at: Some("2026-05-11T11:59:59Z".parse().expect("an instant")),
        ..LimitsQuery::default()
    };
    assert_eq!(office.limits(&known), ["nobody: 0 open, room 4, over 0: "], "nothing was recorded by then");
    office.holds();
}

#[test]
fn a_corrected_carer_who_has_no_room_either_is_told_of_anew() {
    let mut office = Office::with_four();
    for n in 11..15 {
        office.accept(&format!("SD-{n}"), "C-2", "2026-05-05");
    }
    office.accept("SD-5", "C-1", "2026-05-06");
    assert_eq!(office.post().len(), 1);
    let mends = json!({"event": "SD-5-2", "data": {"carer": "C-2"}, "reason": "r"});
    office.happens("SD-5", "event-corrected", "2026-05-11", &mends);
    assert_eq!(office.post().len(), 1, "four of C-2 and this one are too many, too");
}

#[test]
fn another_carer_takes_a_family_over_from_the_day_that_happens() {
    let mut office = Office::with_four();
    office.happens("SD-3", "family-accepted", "2026-05-09", &json!({"carer": "C-2"}));
    let on = |day: &str| LimitsQuery { on: Some(day.parse().expect("a day")), ..LimitsQuery::default() };
    assert_eq!(office.limits(&on("2026-05-08")), ["C-1: 4 open, room 0, over 0: SD-1 SD-2 SD-3 SD-4"]);
    assert_eq!(
        office.limits(&on("2026-05-09")),
        ["C-1: 3 open, room 1, over 0: SD-1 SD-2 SD-4", "C-2: 1 open, room 3, over 0: SD-3"]
    );
    // By a carer whom nobody names, no place is held.
    office.happens("SD-4", "family-accepted", "2026-05-10", &json!({}));
    assert_eq!(office.limits(&on("2026-05-10"))[0], "C-1: 2 open, room 2, over 0: SD-1 SD-2");
    // Named again, it is the same place.
    office.happens("SD-1", "family-accepted", "2026-05-10", &json!({"carer": "C-1"}));
    let rows = office.answers().limits(&on("2026-05-11")).expect("there is such a programme");
    let first = rows.iter().find(|row| row.value.as_deref() == Some("C-1")).expect("it is held");
    assert_eq!(first.cases[0].since.to_string(), "2026-05-01");
    office.holds();
}

#[test]
fn a_sixth_family_and_a_breach_after_a_resolution_are_told_anew() {
    let mut office = Office::with_four();
    office.accept("SD-5", "C-1", "2026-05-11");
    office.accept("SD-6", "C-1", "2026-05-11");
    let told: Vec<_> = office.post().iter().map(|mail| mail.key.to_string()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for case in ["SD-5", "SD-6"] {
        office.happens(case, "case-closed", "2026-05-11", &json!({}));
    }
    office.at("2026-05-12T12:00:00Z");
    assert_eq!(office.today(), ["C-1: 4 open, room 0, over 0: SD-1 SD-2 SD-3 SD-4"]);
    office.accept("SD-7", "C-1", "2026-05-12");
    assert_eq!(office.plan(), [format!("SD-7 2 to {TEAM}")]);
    office.holds();
}

#[test]
fn a_family_accepted_earlier_than_was_known_makes_a_later_one_too_many() {
    let mut office = Office::with_four();
    office.accept("SD-9", "C-1", "2026-04-20");
    // The fifth by time is the last of the four; in its case there is somebody of that role.
    assert_eq!(office.plan(), [format!("SD-4 2 to {TEAM}")]);
    let rows = office.answers().limits(&LimitsQuery::default()).expect("rows");
    assert_eq!(rows[0].breached_by.as_ref().map(|place| place.case.as_str()), Some("SD-4"));
    office.holds();
}

#[test]
fn who_holds_the_role_in_the_case_is_told_and_where_nobody_can_be_the_admins_are() {
    let mut office = Office::with_four();
    office.record(accepted("SD-5", "C-1", "2026-05-11"));
    let holds = json!({"role": "team-manager", "person": "grace-adeyemi"});
    office.happens("SD-5", "professional-assigned", "2026-05-11", &holds);
    assert_eq!(office.plan(), ["SD-5 2 to person.grace-adeyemi"]);

    let dir = tempfile::tempdir().expect("a directory");
    families::write(
        dir.path(),
        &LIMIT.replace("team-manager", "school").replace("at_most = 4", "at_most = 1"),
    );
    let mut office = Office::under(families::config(dir.path()));
    office.accept("SD-1", "C-1", "2026-05-10");
    office.accept("SD-2", "C-1", "2026-05-11");
    assert_eq!(office.plan(), ["SD-2 2 to address.stepdown-admins@example.org"]);
}

#[test]
fn an_erased_case_frees_its_place_and_is_named_by_no_mail() {
    let mut office = Office::with_four();
    office.accept("SD-5", "C-1", "2026-05-11");
    office.accept("SD-6", "C-1", "2026-05-11");
    assert_eq!(office.plan().len(), 2);
    office.happens("SD-1", "case-closed", "2026-05-11", &json!({}));
    office.erase("SD-1");
    assert_eq!(office.today(), ["C-1: 5 open, room 0, over 1: SD-2 SD-3 SD-4 SD-5 SD-6"]);
    let mails = office.post();
    assert_eq!(mails.len(), 1);
    assert!(!String::from_utf8_lossy(&mails[0].bytes).contains("SD-1,"));
    office.holds();
}

#[test]
fn a_silence_and_the_day_before_going_live_keep_it_quiet() {
    let mut office = Office::with_four();
    let silence = SilenceOrder {
        case: None,
        rule: Some("families-per-carer".parse().expect("an id")),
        person: None,
        until: "2026-05-20".parse().expect("a day"),
        reason: "agreed".to_owned(),
    };
    let now = "2026-05-11T12:00:00Z".parse().expect("an instant");
    let author = stepdown::access::Author::from("priya".to_owned());
    office.clerk.order(Order::Silence(silence), author, now).expect("taken");
    office.accept("SD-5", "C-1", "2026-05-11");
    assert_eq!(office.plan(), [""; 0]);

    let dir = tempfile::tempdir().expect("a directory");
    families::write(dir.path(), LIMIT);
    let settings = dir.path().join("stepdown.toml");
    let text = std::fs::read_to_string(&settings).expect("readable");
    let text = text.replace("# go_live = 2026-04-01", "go_live = 2026-05-11");
    std::fs::write(&settings, text).expect("writable");
    let mut office = Office::under(families::config(dir.path()));
    for (n, day) in (1..).zip(["06", "07", "08", "09", "10", "11"]) {
        office.accept(&format!("SD-{n}"), "C-1", &format!("2026-05-{day}"));
    }
    assert_eq!(office.plan(), [format!("SD-6 2 to {TEAM}")], "the fifth came before");
}

#[test]
fn a_start_from_the_snapshot_knows_the_places_and_what_was_told() {
    let mut office = Office::with_four();
    office.accept("SD-5", "C-1", "2026-05-11");
    assert_eq!(office.post().len(), 1);
    let mut office = office.restarted();
    assert_eq!(office.today(), ["C-1: 5 open, room 0, over 1: SD-1 SD-2 SD-3 SD-4 SD-5"]);
    assert_eq!(office.plan(), [""; 0]);
    office.accept("SD-6", "C-1", "2026-05-11");
    assert_eq!(office.plan(), [format!("SD-6 2 to {TEAM}")]);
    office.holds();
}

#[test]
fn another_policy_counts_from_its_first_day_and_says_before_what_it_would_exceed() {
    let mut office = Office::with_four();
    let dir = tempfile::tempdir().expect("a directory");
    let version = format!("{}\n", LIMIT.replace("at_most = 4", "at_most = 3"));
    families::write(dir.path(), &version);
    let other = families::config(dir.path());
    let compared = office.answers().against(&other, &AgainstQuery::default(), || {});
    assert_eq!(
        compared.limits,
        [
            "families, families-per-carer: at_most: 4 → 3; exceeded under 1 values on 2026-05-11, 1 of them newly (0 before)"
        ]
    );
    let now = "2026-05-11T12:00:00Z".parse().expect("an instant");
    office.clerk.configure(other, now).expect("taken");
    assert_eq!(office.today(), ["C-1: 4 open, room 0, over 1: SD-1 SD-2 SD-3 SD-4"]);
    assert_eq!(office.plan(), [format!("SD-4 2 to {TEAM}")]);
}

#[test]
fn a_day_to_come_knows_what_is_recorded_for_it() {
    let mut office = Office::with_four();
    let later = event("f1", "SD-1", "support-ended", "2026-05-20", &json!({"reason": "planned"}));
    let asked = stepdown::daemon::AppendRequest::new(vec![later]);
    // The door takes nothing that lies ahead of the clock; so the clock goes on.
    let then = "2026-05-20T12:00:00Z".parse().expect("an instant");
    office.clerk.writer().stage(asked, then).expect("taken");
    let on = |day: &str| LimitsQuery { on: Some(day.parse().expect("a day")), ..LimitsQuery::default() };
    assert_eq!(office.limits(&on("2026-05-19"))[0], "C-1: 4 open, room 0, over 0: SD-1 SD-2 SD-3 SD-4");
    assert_eq!(office.limits(&on("2026-05-20"))[0], "C-1: 3 open, room 1, over 0: SD-2 SD-3 SD-4");
}
