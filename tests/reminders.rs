//! Who is told what, when and why: given a history, when the mornings come, then these messages go.

mod support;

use serde_json::json;
use stepdown::case::PersonId;
use stepdown::reminders::{Absence, Lapse, MailFact, Silence, Withheld};
use support::office::{Desk, about, lines, minutes};
use support::{Story, date, given_case_opened};

const CSW: &str = "child-social-worker";

/// A case opened long ago, with a social worker, whose child moved in on Monday 1 June 2026.
fn moved() -> Story {
    let assigned = |role: &str, person: &str| json!({ "role": role, "person": person });
    given_case_opened("2026-05-25")
        .happened("2026-05-25", "professional-assigned", assigned(CSW, "amara-okafor"))
        .happened(
            "2026-05-25",
            "professional-assigned",
            assigned("supervising-social-worker", "tom-whitfield"),
        )
        .happened("2026-06-01", "child-moved-in", json!({"changes_school": false}))
}

/// A story with one duty that matters here: the referral to advocacy, due by Monday 18 May 2026.
fn confirmed() -> Story {
    given_case_opened("2026-05-04")
        .happened("2026-05-04", "professional-assigned", json!({"role": CSW, "person": "amara-okafor"}))
        .happened("2026-05-11", "suitability-confirmed", json!({}))
}

fn person(id: &str) -> PersonId {
    id.parse().expect("an id")
}

#[test]
fn a_ladder_climbs_from_the_first_word_to_the_manager() {
    let mut desk = Desk::new(confirmed());
    let told = about(desk.mornings("2026-05-11", "2026-06-05"), "advocacy-referral");
    insta::assert_snapshot!(told.join("\n"), @"
    Tue 12 digest person.amara-okafor: advocacy-referral/3.1 -5wd first: it is due in 6 days
    Thu 14 digest person.amara-okafor: advocacy-referral/3.1 -2wd reminder: it is due in 4 days
    Mon 18 digest person.amara-okafor: advocacy-referral/3.1 0 reminder: its deadline is today
    Tue 19 digest person.amara-okafor: advocacy-referral/3.1 +1wd chaser 1 of 5: its deadline was yesterday
    Thu 21 digest person.amara-okafor: advocacy-referral/3.1 +1wd.2 chaser 2 of 5: its deadline passed 3 days ago
    Tue 26 digest person.amara-okafor: advocacy-referral/3.1 +1wd.3 chaser 3 of 5: its deadline passed 8 days ago
    Tue 26 escalation person.grace-adeyemi: advocacy-referral/3.1 +5wd escalated: its deadline passed 8 days ago
    Thu 28 digest person.amara-okafor: advocacy-referral/3.1 +1wd.4 chaser 4 of 5: its deadline passed 10 days ago
    Mon 1 digest person.amara-okafor: advocacy-referral/3.1 +1wd.5 chaser 5 of 5: its deadline passed 14 days ago
    ");
}

#[test]
fn weekly_work_has_a_short_ladder_and_overdue_mutes_due_soon() {
    let mut desk = Desk::new(moved());
    let told = about(desk.mornings("2026-06-01", "2026-06-19"), "csw-visit-settling");
    insta::assert_snapshot!(told.join("\n"), @"
    Thu 4 digest person.amara-okafor: csw-visit-settling/4.1 -2wd first: it is due in 4 days
    Mon 8 digest person.amara-okafor: csw-visit-settling/4.1 0 reminder: its deadline is today
    Tue 9 digest person.amara-okafor: csw-visit-settling/4.1 +1wd chaser 1 of 2: its deadline was yesterday
    Thu 11 digest person.amara-okafor: csw-visit-settling/4.1 +1wd.2 chaser 2 of 2: its deadline passed 3 days ago
    Fri 12 escalation person.grace-adeyemi: csw-visit-settling/4.1 +4wd escalated: its deadline passed 4 days ago
    Tue 16 digest person.amara-okafor: csw-visit-settling/4.2 +1wd chaser 1 of 2: its deadline was yesterday
    Thu 18 digest person.amara-okafor: csw-visit-settling/4.2 +1wd.2 chaser 2 of 2: its deadline passed 3 days ago
    Fri 19 escalation person.grace-adeyemi: csw-visit-settling/4.2 +4wd escalated: its deadline passed 4 days ago
    ");
}

#[test]
fn what_is_done_is_not_reminded_of_and_an_ended_placement_mutes_all_its_work() {
    let mut desk = Desk::new(moved());
    desk.pass("2026-06-01", "2026-06-03");
    desk.story = desk.story.happened("2026-06-03", "visit-made", json!({"by": CSW}));
    assert!(about(desk.mornings("2026-06-04", "2026-06-10"), "csw-visit-settling/4.1").is_empty());
    desk.story = desk.story.happened("2026-06-10", "placement-ended", json!({"reason": "r"}));
    let after = desk.mornings("2026-06-11", "2026-07-31");
    assert!(!after.is_empty() && about(after, "/4.").is_empty());
}

#[test]
fn a_person_gets_one_digest_a_working_day_and_none_when_there_is_nothing_to_say() {
    let mut desk = Desk::new(moved());
    let mornings = desk.mornings("2026-06-01", "2026-07-31");
    let mut days: Vec<_> = mornings
        .iter()
        .filter(|line| line.contains("digest person.amara-okafor"))
        .map(|line| line.split(" digest").next().unwrap_or_default().to_owned())
        .collect();
    assert!(days.iter().all(|day| !day.starts_with("Sat") && !day.starts_with("Sun")), "{days:?}");
    days.dedup();
    assert!(days.len() > 10 && days.len() < 45, "{}", days.len());
    // Asked again on the same day, nothing is planned again.
    assert!(desk.at(desk.eight("2026-07-31") + minutes(5)).is_empty());
}

#[test]
fn after_downtime_the_most_severe_step_goes_once_and_the_rest_are_superseded() {
    let mut desk = Desk::new(confirmed());
    desk.pass("2026-05-11", "2026-05-13");
    // Down from the 14th to the 20th: the reminder of two days before, of the day, and the first chaser.
    let now = desk.eight("2026-05-21") + minutes(135);
    let planned = desk.at(now);
    assert_eq!(
        about(lines(&planned), "advocacy-referral"),
        [
            "digest person.amara-okafor: advocacy-referral/3.1 +1wd.2 chaser 2 of 5: its deadline passed 3 days ago"
        ]
    );
    let item = planned.iter().flat_map(|one| one.plan.matter.items()).find(|item| item.step == "+1wd.2");
    assert_eq!(item.expect("it").superseded, ["-2wd", "0", "+1wd"]);
    assert!(about(desk.morning("2026-05-22"), "advocacy-referral").is_empty());
}

#[test]
fn a_step_whose_day_went_by_says_so() {
    let mut desk = Desk::new(confirmed());
    desk.pass("2026-05-11", "2026-05-13");
    assert_eq!(
        about(desk.morning("2026-05-15"), "advocacy-referral"),
        [
            "digest person.amara-okafor: advocacy-referral/3.1 -2wd reminder, late (its day was 14 May): it is due in 3 days"
        ]
    );
}

#[test]
fn a_deadline_that_moves_arms_its_steps_anew_and_says_so() {
    let mut desk = Desk::new(confirmed());
    desk.pass("2026-05-11", "2026-05-14");
    desk.story = desk.story.happened(
        "2026-05-14",
        "event-corrected",
        json!({"event": "e3", "time": "2026-05-13T10:00:00Z", "reason": "r"}),
    );
    let told = about(desk.mornings("2026-05-15", "2026-05-20"), "advocacy-referral");
    insta::assert_snapshot!(told.join("\n"), @"
    Fri 15 digest person.amara-okafor: advocacy-referral/3.1 -5wd again, since the deadline moved from 18 May, late (its day was 14 May): it is due in 5 days
    Mon 18 digest person.amara-okafor: advocacy-referral/3.1 -2wd reminder: it is due in 2 days
    Wed 20 digest person.amara-okafor: advocacy-referral/3.1 0 reminder: its deadline is today
    ");
}

#[test]
fn a_go_live_date_keeps_the_past_quiet_and_lets_what_follows_speak() {
    let mut desk = Desk::new(confirmed());
    desk.office.go_live = Some(date("2026-05-20"));
    let told = about(desk.mornings("2026-05-11", "2026-05-22"), "advocacy-referral");
    assert_eq!(
        told,
        [
            "Thu 21 digest person.amara-okafor: advocacy-referral/3.1 +1wd.2 chaser 2 of 5: its deadline passed 3 days ago"
        ]
    );
    let mut early = Desk::new(confirmed());
    early.office.go_live = Some(date("2026-06-01"));
    early.pass("2026-05-11", "2026-05-13");
    assert!(early.held.iter().any(|held| held.why == Withheld::BeforeGoLive(date("2026-06-01"))));
}

#[test]
fn an_urgent_step_goes_at_eight_on_its_own_and_at_once_when_it_is_learnt_of_late() {
    let mut desk = Desk::new(confirmed());
    desk.pass("2026-05-11", "2026-05-22");
    // The fifth working day after the deadline, past the spring bank holiday: Tuesday 26 May.
    let before = desk.eight("2026-05-26") - minutes(1);
    assert!(about(lines(&desk.at(before)), "escalation").is_empty());
    let told = about(desk.morning("2026-05-26"), "escalation");
    assert!(told[0].starts_with("escalation person.grace-adeyemi:"), "{told:?}");
    // Recorded on a Saturday: the escalation does not wait for Monday, the rest does.
    let mut late = Desk::new(confirmed());
    let saturday = late.eight("2026-05-30") + minutes(200);
    let kinds: Vec<_> = late.at(saturday).iter().map(|planned| planned.plan.matter.kind().name()).collect();
    assert!(kinds.contains(&"escalation") && !kinds.contains(&"digest"), "{kinds:?}");
}

#[test]
fn an_absent_professional_is_covered_and_told_again_when_back() {
    let mut desk = Desk::new(confirmed());
    let amara = desk.people.persons.get_mut(&person("amara-okafor")).expect("she is listed");
    let (from, to) = (date("2026-05-13"), date("2026-05-19"));
    amara.absences.push(Absence { from, to, cover: Some(person("tom-whitfield")) });
    let told = desk.mornings("2026-05-12", "2026-05-20");
    let told: Vec<_> = told
        .into_iter()
        .filter(|line| line.contains("advocacy-referral") || line.contains("vacancy"))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    Tue 12 digest person.amara-okafor: advocacy-referral/3.1 -5wd first: it is due in 6 days
    Wed 13 digest person.tom-whitfield: advocacy-referral/3.1 -5wd first: it is due in 5 days
    Wed 13 notice person.grace-adeyemi: vacancy
    Thu 14 digest person.tom-whitfield: advocacy-referral/3.1 -2wd reminder: it is due in 4 days
    Mon 18 digest person.tom-whitfield: advocacy-referral/3.1 0 reminder: its deadline is today
    Tue 19 digest person.tom-whitfield: advocacy-referral/3.1 +1wd chaser 1 of 5: its deadline was yesterday
    Wed 20 digest person.amara-okafor: advocacy-referral/3.1 +1wd chaser 1 of 5: its deadline passed 2 days ago
    ");
}

#[test]
fn nobody_to_tell_goes_to_the_team_then_the_manager_then_the_admins_and_never_nowhere() {
    let story = || given_case_opened("2026-05-04").happened("2026-05-11", "suitability-confirmed", json!({}));
    let to = |desk: &mut Desk| {
        let told = about(desk.mornings("2026-05-12", "2026-05-12"), "advocacy-referral");
        told.first().and_then(|line| line.split(' ').nth(3)).unwrap_or_default().to_owned()
    };
    let mut desk = Desk::new(story());
    assert_eq!(to(&mut desk), "team.child-social-worker:");
    desk = Desk::new(story());
    desk.people.teams.remove(CSW);
    assert_eq!(to(&mut desk), "team.team-manager:");
    desk = Desk::new(story());
    desk.people.teams.clear();
    assert_eq!(to(&mut desk), "address.stepdown-admins@example.org:");
    // A vacancy is told once, to the manager.
    let mut desk = Desk::new(story());
    let told = about(desk.mornings("2026-05-12", "2026-05-29"), "vacancy");
    assert_eq!(told, ["Tue 12 notice team.team-manager: vacancy"]);
}

#[test]
fn who_has_left_is_not_mailed_and_their_manager_hears_of_it() {
    let mut desk = Desk::new(confirmed());
    let amara = desk.people.persons.get_mut(&person("amara-okafor")).expect("she is listed");
    amara.left_on = Some(date("2026-05-12"));
    let told = desk.mornings("2026-05-12", "2026-05-20");
    assert!(about(told.clone(), "amara").is_empty());
    assert_eq!(about(told.clone(), "vacancy"), ["Tue 12 notice person.grace-adeyemi: vacancy"]);
    assert!(!about(told, "digest team.child-social-worker").is_empty());
}

#[test]
fn a_late_record_takes_back_what_was_told_as_overdue_once() {
    let mut desk = Desk::new(confirmed());
    desk.pass("2026-05-11", "2026-05-20");
    desk.story =
        desk.story.recorded("2026-05-20", "2026-05-15", "referral-made", json!({"service": "advocacy"}));
    let told = desk.mornings("2026-05-21", "2026-06-12");
    assert_eq!(
        about(told, "correction"),
        ["Thu 21 correction person.amara-okafor: advocacy-referral/3.1 +1wd it had been done on 15 May 2026"]
    );
}

#[test]
fn what_was_truly_overdue_is_not_taken_back() {
    let mut desk = Desk::new(confirmed());
    desk.pass("2026-05-11", "2026-05-19");
    // Told at eight, done at noon.
    desk.story = desk.story.happened("2026-05-19", "referral-made", json!({"service": "advocacy"}));
    assert!(about(desk.mornings("2026-05-20", "2026-06-12"), "correction").is_empty());
}

#[test]
fn a_retracted_event_takes_back_all_that_came_of_it() {
    let mut desk = Desk::new(confirmed());
    desk.pass("2026-05-11", "2026-05-20");
    desk.story = desk.story.happened(
        "2026-05-20",
        "event-retracted",
        json!({"event": "e3", "reason": "another case"}),
    );
    let told = about(desk.mornings("2026-05-21", "2026-05-29"), "correction");
    assert!(told.iter().all(|line| line.ends_with("it was not called for")), "{told:?}");
    assert!(told.len() >= 3, "{told:?}");
}

#[test]
fn a_silence_holds_back_what_fits_it_until_it_ends() {
    let silence = |case: Option<&str>, rule: Option<&str>, to: Option<&str>| Silence {
        id: 1,
        case: case.map(|case| case.parse().expect("a reference")),
        rule: rule.map(|rule| rule.parse().expect("a rule")),
        person: to.map(person),
        from: date("2026-05-11"),
        until: date("2026-05-15"),
        reason: "the court decides on Friday".to_owned(),
        author: "grace-adeyemi".to_owned(),
        recorded_by: None,
    };
    let told = |silence: Silence| {
        let mut desk = Desk::new(confirmed());
        desk.silence(silence);
        about(desk.mornings("2026-05-12", "2026-05-18"), "amara-okafor: advocacy-referral")
    };
    let after = ["Mon 18 digest person.amara-okafor: advocacy-referral/3.1 0 first: its deadline is today"];
    assert_eq!(told(silence(Some("SD-0042"), None, None)), after);
    assert_eq!(told(silence(None, Some("advocacy-referral"), None)), after);
    assert_eq!(told(silence(None, None, Some("amara-okafor"))), after);
    assert_eq!(told(silence(None, Some("scayt-review"), Some("amara-okafor"))).len(), 3);
    // A notice whose day was silent is not sent later either.
    let mut desk = Desk::new(confirmed());
    desk.silence(silence(Some("SD-0042"), None, None));
    assert!(
        about(desk.mornings("2026-05-11", "2026-05-18"), "notice")
            .iter()
            .all(|line| line.contains("vacancy"))
    );
}

#[test]
fn the_admins_hear_every_week_that_all_is_in_order_and_soon_what_did_not_arrive() {
    let mut desk = Desk::new(moved());
    let weekly = about(desk.mornings("2026-06-01", "2026-06-30"), ": weekly");
    let days: Vec<_> = weekly.iter().map(|line| line.split(" admin").next().unwrap_or_default()).collect();
    assert_eq!(days, ["Mon 1", "Mon 8", "Mon 15", "Mon 22", "Mon 29"]);
    // The Monday is a bank holiday: on the Tuesday.
    let mut easter = Desk::new(moved());
    assert_eq!(about(easter.mornings("2026-08-31", "2026-09-04"), ": weekly").len(), 1);
    let key = desk.plan(desk.eight("2026-07-02"))[0].plan.key.clone();
    let reason = "the server did not take it for a day".to_owned();
    desk.ledger.apply(&MailFact::MailLapsed { key, cause: Lapse::GivenUp, reason }, desk.eight("2026-07-03"));
    let told = about(desk.mornings("2026-07-03", "2026-07-10"), "undelivered");
    assert_eq!(told, ["Fri 3 admin address.stepdown-admins@example.org: undelivered"]);
}

#[test]
fn a_new_holder_of_a_role_is_told_where_things_stand() {
    let mut desk = Desk::new(confirmed());
    desk.pass("2026-05-11", "2026-05-19");
    desk.story = desk.story.happened(
        "2026-05-19",
        "professional-assigned",
        json!({"role": CSW, "person": "joe-halliwell"}),
    );
    assert_eq!(
        about(desk.morning("2026-05-20"), "advocacy-referral"),
        [
            "digest person.joe-halliwell: advocacy-referral/3.1 +1wd chaser 1 of 5: its deadline passed 2 days ago"
        ]
    );
}

#[test]
fn a_digest_that_may_not_have_arrived_is_covered_by_the_next() {
    let mut desk = Desk::new(confirmed());
    desk.pass("2026-05-11", "2026-05-13");
    let planned = desk.plan(desk.eight("2026-05-14"));
    let digest = planned.iter().find(|one| one.plan.key.as_str().starts_with("digest/")).expect("a digest");
    let (key, reason) = (digest.plan.key.clone(), "it may have arrived".to_owned());
    let cause = Lapse::MayHaveArrived;
    desk.ledger.apply(&MailFact::MailLapsed { key, cause, reason }, desk.eight("2026-05-14") + minutes(5));
    assert_eq!(
        about(desk.morning("2026-05-15"), "advocacy-referral"),
        [
            "digest person.amara-okafor: advocacy-referral/3.1 -2wd reminder, late (its day was 14 May): it is due in 3 days"
        ]
    );
}

#[test]
fn a_ladder_may_skip_what_is_late_or_fold_it_into_the_digest() {
    // Down from the 14th to the 25th: the escalation of the 26th is on time, chasers are late.
    let told = |late: &str, until: &str| {
        let mut desk = Desk::with(confirmed(), &[("late = \"send\"", &format!("late = \"{late}\""))]);
        desk.pass("2026-05-11", "2026-05-13");
        (about(desk.morning(until), "advocacy-referral"), desk.held)
    };
    let (sent, _) = told("send", "2026-05-22");
    assert!(sent[0].contains("+1wd.2 chaser 2 of 5, late (its day was 21 May)"), "{sent:?}");
    let (skipped, held) = told("skip", "2026-05-22");
    assert!(skipped.is_empty(), "{skipped:?}");
    assert!(held.iter().any(|held| held.why == Withheld::Skipped(date("2026-05-21"))), "{held:?}");
    // A day after the escalation's own: it goes late on its own, or into the manager's digest.
    let (alone, _) = told("send", "2026-05-27");
    assert!(alone.iter().any(|line| line.starts_with("escalation person.grace-adeyemi")), "{alone:?}");
    let (folded, _) = told("digest", "2026-05-27");
    assert!(folded.iter().any(|line| line.starts_with("digest person.grace-adeyemi")), "{folded:?}");
    assert!(!folded.iter().any(|line| line.starts_with("escalation")), "{folded:?}");
}

#[test]
fn a_step_may_tell_a_role_or_an_address() {
    let first = r#"{ at = "-5 working days", to = ["owner"] }"#;
    let wider =
        r#"{ at = "-5 working days", to = ["owner", "independent-reviewing-officer", "duty@example.org"] }"#;
    let mut desk = Desk::with(confirmed(), &[(first, wider)]);
    let told = about(desk.mornings("2026-05-12", "2026-05-12"), "advocacy-referral");
    let to: Vec<_> = told.iter().filter_map(|line| line.split(' ').nth(3)).collect();
    assert_eq!(
        to,
        ["address.duty@example.org:", "person.amara-okafor:", "team.independent-reviewing-officer:"]
    );
}

#[test]
fn an_old_escalation_is_no_alarm_to_whoever_comes_new() {
    let mut desk = Desk::new(confirmed());
    desk.pass("2026-05-11", "2026-06-05");
    // Grace was told on 26 May; from Saturday 6 June Nadia stands in for her.
    let grace = desk.people.persons.get_mut("grace-adeyemi").expect("she is listed");
    let (from, to) = (date("2026-06-06"), date("2026-06-30"));
    grace.absences.push(Absence { from, to, cover: Some(person("nadia-rahman")) });
    let told = about(desk.mornings("2026-06-06", "2026-06-08"), "nadia-rahman: advocacy-referral");
    assert_eq!(
        told,
        [
            "Mon 8 digest person.nadia-rahman: advocacy-referral/3.1 +5wd escalated: its deadline passed 21 days ago"
        ]
    );
}

#[test]
fn a_rule_that_is_gone_takes_nothing_back_and_stands_in_no_correction_s_way() {
    let mut desk = Desk::new(confirmed());
    desk.pass("2026-05-11", "2026-05-20");
    let ledger = desk.ledger.clone();
    let story =
        desk.story.recorded("2026-05-20", "2026-05-15", "referral-made", json!({"service": "advocacy"}));
    let mut desk = Desk::with(story, &[("id = \"my-home-my-place\"", "id = \"my-home-my-place-form\"")]);
    desk.ledger = ledger;
    let told = about(desk.mornings("2026-05-21", "2026-05-29"), "correction");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("advocacy-referral/3.1"), "{told:?}");
}

#[test]
fn who_leaves_a_role_anew_leaves_a_new_vacancy() {
    let unassigned = json!({"role": CSW});
    let mut desk =
        Desk::new(confirmed().happened("2026-05-12", "professional-unassigned", unassigned.clone()));
    let first = about(desk.mornings("2026-05-13", "2026-05-14"), "vacancy");
    assert_eq!(first.len(), 1, "{first:?}");
    desk.story = desk.story.happened(
        "2026-05-14",
        "professional-assigned",
        json!({"role": CSW, "person": "amara-okafor"}),
    );
    desk.pass("2026-05-15", "2026-05-18");
    desk.story = desk.story.happened("2026-05-18", "professional-unassigned", unassigned);
    let second = about(desk.mornings("2026-05-19", "2026-05-22"), "vacancy");
    assert_eq!(second.len(), 1, "{second:?}");
}
