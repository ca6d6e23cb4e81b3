//! What the policy means, told as stories: given a history, when a day comes, then this is due.

mod support;

use serde_json::json;
use stepdown::api::DueQuery;
use support::{date, given_case_opened, noon};

const CSW: &str = "child-social-worker";

#[test]
fn an_event_a_minute_before_midnight_in_summer_belongs_to_its_london_day() {
    let utc = |text: &str| text.parse().expect("an instant");
    let story = given_case_opened("2026-05-01").at(
        utc("2026-05-31T23:00:00Z"),
        utc("2026-06-01T08:00:00Z"),
        "child-moved-in",
        json!({"changes_school": false}),
    );
    assert_eq!(
        story.of_rule("looked-after-review", "2026-06-02"),
        ["2.1 open 2026-06-01..2026-06-29 act by 2026-06-29"]
    );
}

#[test]
fn weekly_visits_for_four_weeks_are_windows_that_do_not_drift() {
    let story = given_case_opened("2026-05-01")
        .happened("2026-06-01", "child-moved-in", json!({"changes_school": false}))
        .happened("2026-06-01", "visit-made", json!({"by": CSW}))
        .happened("2026-06-16", "visit-made", json!({"by": CSW}))
        .happened("2026-06-17", "visit-made", json!({"by": "supervising-social-worker"}));
    // The move's own day is in the first window; the second window passed without a visit.
    assert_eq!(
        story.of_rule("csw-visit-settling", "2026-06-20"),
        [
            "2.1 done 2026-06-01..2026-06-08 act by 2026-06-08 done 2026-06-01",
            "2.2 missed 2026-06-09..2026-06-15 act by 2026-06-15",
            "2.3 done 2026-06-16..2026-06-22 act by 2026-06-22 done 2026-06-16",
            "2.4 scheduled 2026-06-23..2026-06-29 act by 2026-06-29",
        ]
    );
}

#[test]
fn a_window_is_overdue_until_the_next_one_has_passed_or_been_kept() {
    let story = given_case_opened("2026-05-01").happened(
        "2026-06-01",
        "child-moved-in",
        json!({"changes_school": false}),
    );
    let first = |story: &support::Story, day: &str| story.of_rule("csw-visit-settling", day)[0].clone();
    assert_eq!(first(&story, "2026-06-09"), "2.1 overdue 2026-06-01..2026-06-08 act by 2026-06-08");
    assert_eq!(first(&story, "2026-06-15"), "2.1 overdue 2026-06-01..2026-06-08 act by 2026-06-08");
    assert_eq!(first(&story, "2026-06-16"), "2.1 missed 2026-06-01..2026-06-08 act by 2026-06-08");
    let visited = story.happened("2026-06-10", "visit-made", json!({"by": CSW}));
    assert_eq!(first(&visited, "2026-06-10"), "2.1 missed 2026-06-01..2026-06-08 act by 2026-06-08");
}

#[test]
fn an_interval_counts_from_the_last_completion_and_a_late_one_is_done_late() {
    let needs = json!({"tool": "needs-assessment"});
    let story = given_case_opened("2026-01-05")
        .happened("2026-01-20", "assessment-recorded", needs.clone())
        .happened("2026-03-10", "assessment-recorded", needs);
    assert_eq!(
        story.of_rule("needs-assessment", "2026-03-12"),
        [
            "1.1 done 2026-01-05..2026-02-16 act by 2026-02-16 done 2026-01-20",
            "1.2 done-late 2026-01-20..2026-03-03 act by 2026-03-03 done 2026-03-10",
            "1.3 open 2026-03-10..2026-04-21 act by 2026-04-21",
        ]
    );
}

#[test]
fn the_move_ends_care_planning_and_a_new_move_supersedes_the_old() {
    let story = given_case_opened("2026-01-05")
        .happened("2026-02-02", "child-moved-in", json!({"changes_school": false}))
        .happened("2026-02-20", "placement-ended", json!({"reason": "r"}))
        .happened("2026-03-02", "child-moved-in", json!({"changes_school": false}));
    assert_eq!(
        story.of_rule("care-planning-meeting", "2026-03-03"),
        ["1.1 cancelled 2026-01-05..2026-02-16 act by 2026-02-16"]
    );
    assert_eq!(
        story.of_rule("csw-visit-settling", "2026-03-03")[..3],
        [
            "2.1 missed 2026-02-02..2026-02-09 act by 2026-02-09",
            "2.2 missed 2026-02-10..2026-02-16 act by 2026-02-16",
            "2.3 cancelled 2026-02-17..2026-02-23 act by 2026-02-23",
        ]
    );
    assert_eq!(
        story.of_rule("csw-visit-settling", "2026-03-03")[3],
        "4.1 open 2026-03-02..2026-03-09 act by 2026-03-09"
    );
}

#[test]
fn the_ramp_may_be_done_before_the_plan_that_calls_for_it() {
    let story = given_case_opened("2026-01-05")
        .happened("2026-03-02", "match-approved", json!({"family": "F-1"}))
        .happened("2026-03-10", "assessment-recorded", json!({"tool": "ramp"}))
        .happened(
            "2026-03-12",
            "introductions-planned",
            json!({"starts_on": "2026-05-05", "moves_on": "2026-06-20"}),
        );
    assert_eq!(
        story.of_rule("ramp", "2026-03-12"),
        ["4.1 done 2026-03-24..2026-05-05 act by 2026-05-05 done 2026-03-10"]
    );
    // The final review is due on the planned day of the move, a Saturday: act by the Friday.
    assert_eq!(
        story.of_rule("introductions-review-final-week", "2026-04-01"),
        ["4.1 scheduled 2026-06-13..2026-06-20 act by 2026-06-19"]
    );
}

#[test]
fn no_new_referral_is_asked_for_while_the_first_is_open() {
    let scayt = |purpose: &str| json!({"service": "scayt", "purpose": purpose});
    let open = given_case_opened("2026-01-05")
        .happened("2026-01-12", "referral-made", scayt("preparation"))
        .happened("2026-02-02", "possible-match-identified", json!({"family": "F-1"}));
    assert!(open.of_rule("scayt-matching-referral", "2026-02-03").is_empty());
    let closed = given_case_opened("2026-01-05")
        .happened("2026-01-12", "referral-made", scayt("preparation"))
        .happened("2026-01-26", "referral-closed", json!({"service": "scayt"}))
        .happened("2026-02-02", "possible-match-identified", json!({"family": "F-1"}));
    assert_eq!(
        closed.of_rule("scayt-matching-referral", "2026-02-03"),
        ["4.1 open 2026-02-02..2026-02-09 act by 2026-02-09"]
    );
}

#[test]
fn the_agreed_frequency_comes_from_the_event_and_may_start_earlier() {
    let agreed = json!({"by": CSW, "every": "1 month", "from": "2026-01-31"});
    let story = given_case_opened("2025-10-01")
        .happened("2026-01-01", "child-moved-in", json!({"changes_school": false}))
        .happened("2026-02-02", "visit-frequency-agreed", agreed);
    assert_eq!(
        story.of_rule("csw-visit-agreed", "2026-02-03"),
        ["3.1 open 2026-01-31..2026-02-28 act by 2026-02-27"]
    );
}

#[test]
fn months_of_support_clamp_on_a_leap_day_and_working_days_pass_over_christmas() {
    let story = given_case_opened("2023-06-01").happened(
        "2023-08-18",
        "child-moved-in",
        json!({"changes_school": true}),
    );
    // 18 August + 6 weeks = 29 September; the fifth month ends on 29 February in a leap year.
    assert_eq!(
        story.of_rule("support-review-monthly", "2024-02-01")[4],
        "2.5 open 2024-01-30..2024-02-29 act by 2024-02-29"
    );
    let winter = given_case_opened("2025-10-01").happened("2025-12-15", "suitability-confirmed", json!({}));
    assert_eq!(
        winter.of_rule("advocacy-referral", "2025-12-16"),
        ["2.1 open 2025-12-15..2025-12-22 act by 2025-12-22"]
    );
    let later = given_case_opened("2025-10-01").happened("2025-12-22", "suitability-confirmed", json!({}));
    assert_eq!(
        later.of_rule("advocacy-referral", "2025-12-23"),
        ["2.1 open 2025-12-22..2025-12-31 act by 2025-12-31"]
    );
}

#[test]
fn a_waiver_shows_however_far_ahead_and_keeps_its_name() {
    let story = given_case_opened("2026-01-05")
        .happened("2026-01-12", "child-moved-in", json!({"changes_school": false}))
        .happened(
            "2026-01-13",
            "obligation-waived",
            json!({"occurrence": "SD-0042/csw-visit-unreviewed/2.40", "reason": "r"}),
        );
    let lines = story.of_rule("csw-visit-unreviewed", "2026-01-20");
    assert_eq!(
        lines.last().map(String::as_str),
        Some("2.40 waived 2026-11-10..2026-11-16 act by 2026-11-16")
    );
}

#[test]
fn a_retracted_anchor_takes_its_series_with_it_and_leaves_other_names_alone() {
    let moved = json!({"changes_school": false});
    let story = given_case_opened("2026-01-05")
        .happened("2026-02-02", "child-moved-in", moved.clone())
        .happened("2026-02-09", "child-moved-in", moved);
    let mended =
        story.clone().happened("2026-02-10", "event-retracted", json!({"event": "e2", "reason": "twice"}));
    assert_eq!(
        mended.of_rule("looked-after-review", "2026-02-11"),
        ["3.1 open 2026-02-09..2026-03-09 act by 2026-03-09"]
    );
    assert_eq!(story.of_rule("looked-after-review", "2026-02-11").len(), 2);
}

#[test]
fn asked_today_about_the_past_the_answer_is_todays_best_and_known_at_gives_the_answer_of_then() {
    let story = given_case_opened("2026-01-05")
        .happened("2026-02-02", "child-moved-in", json!({"changes_school": false}))
        .happened("2026-02-05", "visit-made", json!({"by": CSW}))
        .recorded(
            "2026-03-05",
            "2026-03-05",
            "event-retracted",
            json!({"event": "e3", "reason": "another case"}),
        );
    let status = |known_at: Option<&str>| {
        let on = Some(date("2026-02-10"));
        let query = DueQuery { on, known_at: known_at.map(|day| noon(date(day))), ..DueQuery::default() };
        let rows = story.due(&query);
        rows.into_iter()
            .find(|row| row.occurrence == "SD-0042/csw-visit-settling/2.1")
            .map(|row| row.status.to_string())
    };
    assert_eq!(status(None).as_deref(), Some("overdue"));
    assert_eq!(status(Some("2026-03-04")).as_deref(), Some("done"));
    assert_eq!(status(Some("2026-02-04")).as_deref(), Some("overdue"));
}

#[test]
fn who_holds_a_role_is_the_latest_word_on_it() {
    let assigned = |person: &str| json!({"role": CSW, "person": person});
    let story = given_case_opened("2026-01-05")
        .happened("2026-01-05", "professional-assigned", assigned("p1"))
        .happened("2026-02-02", "professional-unassigned", json!({"role": CSW}))
        .happened("2026-02-09", "professional-assigned", assigned("p2"));
    let owner = |day: &str| story.due_on(day)[0].owner.as_ref().map(ToString::to_string);
    assert_eq!(owner("2026-01-10").as_deref(), Some("p1"));
    assert_eq!(owner("2026-02-03"), None);
    assert_eq!(owner("2026-02-09").as_deref(), Some("p2"));
}

#[test]
fn an_explanation_names_every_step() {
    let story = given_case_opened("2026-03-02")
        .happened("2026-03-27", "suitability-confirmed", json!({}))
        .happened(
            "2026-04-08",
            "event-corrected",
            json!({"event": "e2", "time": "2026-03-30T11:00:00+01:00", "reason": "r"}),
        )
        .happened("2026-04-09", "referral-made", json!({"service": "advocacy"}));
    let explanation = story.explain("SD-0042/advocacy-referral/2.1", "2026-04-10");
    insta::assert_json_snapshot!(explanation, @r#"
    {
      "occurrence": "SD-0042/advocacy-referral/2.1",
      "title": "Referral to advocacy",
      "status": "done-late",
      "on": "2026-04-10",
      "rule": "once, within 5 working days of suitability-confirmed",
      "basis": "local",
      "source": "Stage 1",
      "document": "Step Down Policy and Protocol, Lancashire County Council",
      "reading": "Referral to Advocacy Services to ensure the child fully understands the Step Down journey being planned. The five days are local.",
      "steps": [
        {
          "step": "anchor",
          "date": "2026-03-30",
          "text": "event 2, suitability-confirmed of 2026-03-30 (corrected by event 3)"
        },
        {
          "step": "opens",
          "date": "2026-03-30",
          "text": "the start"
        },
        {
          "step": "deadline",
          "date": "2026-04-08",
          "text": "2026-03-30 + 5 working days = 2026-04-08, passing over 2 weekend days, Good Friday (3 April), Easter Monday (6 April)"
        },
        {
          "step": "due_on",
          "date": "2026-04-08",
          "text": "the deadline is a working day"
        },
        {
          "step": "counts",
          "date": null,
          "text": "referral-made service=advocacy from 2026-03-30"
        },
        {
          "step": "done",
          "date": "2026-04-09",
          "text": "event 4, referral-made of 2026-04-09"
        },
        {
          "step": "status",
          "date": null,
          "text": "done-late on 2026-04-10: completed after its deadline"
        }
      ]
    }
    "#);
}
