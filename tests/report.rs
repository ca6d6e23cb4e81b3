//! The report: given what happened, when a period is asked about, then these are its figures.

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use stepdown::api::ReportQuery;
use stepdown::api::answer::Answers;
use stepdown::case::{CaseRef, Data, Erasure, Event, RecordedEvent, Sequence};
use stepdown::daemon::Records;
use stepdown::reminders::MailFact;
use stepdown::report::{KeptRow, ProgrammeReport, Report, csv, html};
use support::{CONFIG, date, noon};

/// Many cases in the making.
#[derive(Default)]
struct Given {
    records: Records,
    count: u64,
}

impl Given {
    /// Something happened in a case at noon of a day.
    fn happened(&mut self, case: &str, day: &str, event_type: &str, data: &Value) -> &mut Self {
        self.count += 1;
        let subject: CaseRef = case.parse().expect("a reference");
        let data: Data = serde_json::from_value(data.clone()).expect("an object");
        let number = self.records.next_number(&subject);
        let event = Event {
            id: format!("e{}", self.count).parse().expect("an id"),
            source: "/test".into(),
            event_type: event_type.into(),
            subject,
            time: noon(date(day)),
            data,
            extensions: None,
        };
        let (sequence, recorded) = (Sequence(self.count), event.time);
        self.records.cases.apply(&RecordedEvent { event, sequence, number, recorded });
        self
    }

    fn opened(&mut self, case: &str, day: &str) -> &mut Self {
        self.happened(case, day, "case-opened", &json!({"programme": "lancashire-step-down"}))
    }

    fn told(&mut self, fact: Value) {
        let fact: MailFact = serde_json::from_value(fact).expect("a fact");
        self.records.ledger.apply(&fact, noon(date("2026-06-01")));
    }

    fn report(&self, from: &str, to: &str, small_numbers: bool) -> Report {
        let query = ReportQuery {
            from: Some(date(from)),
            to: Some(date(to)),
            small_numbers,
            ..ReportQuery::default()
        };
        let answers = Answers { records: &self.records, config: &CONFIG, now: noon(date("2030-01-01")) };
        answers.report(&query).expect("a report")
    }

    /// The programme's part, with small numbers.
    fn of_lancashire(&self, from: &str, to: &str) -> ProgrammeReport {
        lancashire(self.report(from, to, true))
    }
}

fn lancashire(report: Report) -> ProgrammeReport {
    let mut programmes = report.programmes.into_iter();
    programmes.find(|one| one.programme.as_str() == "lancashire-step-down").expect("the programme")
}

fn rule<'r>(report: &'r ProgrammeReport, id: &str) -> &'r KeptRow {
    &report.rules.iter().find(|row| row.rule.as_str() == id).unwrap_or_else(|| panic!("no row of {id}")).kept
}

fn counts(row: &KeptRow) -> [Option<u64>; 7] {
    [row.due, row.on_time, row.late, row.missed, row.overdue, row.open, row.waived]
}

/// Seven matches declined on Monday 1 June: the reasons are due by Monday 8 June. One case of them is erased.
fn declined() -> Given {
    let mut given = Given::default();
    for n in 0..7 {
        let case = format!("SD-{n}");
        given.opened(&case, "2026-05-04").happened(
            &case,
            "2026-06-01",
            "match-declined",
            &json!({"reason": "r"}),
        );
    }
    let nothing = json!({});
    given.happened("SD-0", "2026-06-03", "match-feedback-recorded", &nothing);
    given.happened("SD-1", "2026-06-08", "match-feedback-recorded", &nothing);
    given.happened("SD-2", "2026-06-10", "match-feedback-recorded", &nothing);
    given.happened("SD-4", "2026-06-20", "case-closed", &nothing);
    let waived = json!({"occurrence": "SD-5/match-decline-reasons/2.1", "reason": "r"});
    given.happened("SD-5", "2026-06-04", "obligation-waived", &waived);
    given.happened("SD-6", "2026-06-04", "match-feedback-recorded", &nothing);
    let erased = Erasure { recorded: noon(date("2026-07-01")), sequence: Sequence(1_000) };
    given.records.cases.erase(&"SD-6".parse().expect("a reference"), erased);
    given
}

#[test]
fn each_obligation_is_counted_once_by_its_status_on_the_last_day() {
    let report = declined().of_lancashire("2026-06-08", "2026-06-30");
    let row = rule(&report, "match-decline-reasons");
    assert_eq!(counts(row), [6, 2, 1, 1, 1, 0, 1].map(Some));
    // 2 of 5: what was waived is not judged. Done 5 days early, on the day, and 2 days late.
    assert_eq!((row.on_time_rate, row.median_days), (Some(40.0), Some(0.0)));
    assert_eq!(row.withheld, <[String; 0]>::default());
}

#[test]
fn on_an_earlier_last_day_it_is_seen_as_it_stood_and_known_now() {
    let given = declined();
    let row = |to: &str| counts(rule(&given.of_lancashire("2026-06-01", to), "match-decline-reasons"));
    assert_eq!(row("2026-06-08"), [6, 2, 0, 0, 0, 3, 1].map(Some));
    assert_eq!(row("2026-06-09"), [6, 2, 0, 0, 3, 0, 1].map(Some));
    let before = given.of_lancashire("2026-06-01", "2026-06-07");
    assert!(before.rules.iter().all(|row| row.rule.as_str() != "match-decline-reasons"), "due later");
}

#[test]
fn reminders_are_counted_of_what_was_done_and_escalations_of_everything() {
    let mut given = declined();
    let item = |case: &str, step: &str| json!({"occurrence": format!("{case}/match-decline-reasons/2.1"), "step": step, "deadline": "2026-06-08", "reason": "r", "capacity": "c"});
    let mut n = 0;
    let mut plan = |key: &str, matter: Value| {
        n += 1;
        given.told(json!({"type": "mail-planned", "data": {"key": format!("{key}/{n}"), "to": "team.family-finding", "on": "2026-06-01", "matter": matter}}));
    };
    plan(
        "digest",
        json!({"about": "digest", "items": [item("SD-0", "-5wd"), item("SD-2", "-5wd"), item("SD-3", "-5wd")]}),
    );
    plan("digest", json!({"about": "digest", "items": [item("SD-2", "+1wd")]}));
    plan("escalation", json!({"about": "escalation", "item": item("SD-2", "+5wd")}));
    plan("escalation", json!({"about": "escalation", "item": item("SD-3", "+5wd")}));
    let report = given.of_lancashire("2026-06-01", "2026-06-30");
    let row = rule(&report, "match-decline-reasons");
    // Of the three that were done, one was told once and one three times.
    assert_eq!((row.reminders_per_completed, row.escalations), (Some(1.3), Some(2)));
}

#[test]
fn a_transition_is_judged_when_its_year_is_over_and_not_before() {
    let mut given = Given::default();
    let moved = json!({"changes_school": false});
    for (case, day) in [
        ("A", "2025-03-03"),
        ("B", "2025-04-01"),
        ("C", "2025-06-30"),
        ("D", "2025-12-01"),
        ("E", "2024-12-31"),
        ("F", "2025-05-05"),
    ] {
        given.opened(case, "2024-11-04").happened(case, day, "child-moved-in", &moved);
    }
    let ended = json!({"reason": "r"});
    given.happened("B", "2026-04-02", "placement-ended", &ended); // a day after its year
    given.happened("C", "2025-09-01", "placement-ended", &ended);
    given.happened("D", "2026-02-01", "placement-ended", &ended); // its year is not over
    given.happened("F", "2025-06-01", "child-moved-in", &moved); // the second move ends the first
    let row = given.of_lancashire("2026-01-01", "2026-06-30").transition.expect("it says what one is");
    // E was decided the day before the period. A, B and F's second stand; C and F's first do not.
    assert_eq!((row.attempted, row.not_yet_known, row.decided), (Some(6), Some(1), Some(5)));
    assert_eq!((row.standing, row.ended, row.success_rate), (Some(3), Some(2), Some(60.0)));
}

#[test]
fn a_success_that_was_recorded_before_the_placement_ended_is_none() {
    let mut given = Given::default();
    let success = json!({"successful": true});
    for (case, ended) in [("T-1", Some("2026-01-20")), ("T-2", Some("2025-12-01")), ("T-3", None)] {
        given.happened(case, "2025-01-06", "case-opened", &json!({"programme": "bridge-to-foster"}));
        given.happened(case, "2025-02-03", "child-moved-in", &json!({}));
        given.happened(case, "2026-01-12", "transition-outcome-recorded", &success);
        if let Some(day) = ended {
            given.happened(case, day, "placement-ended", &json!({"reason": "r"}));
        }
    }
    let report = given.report("2026-01-01", "2026-06-30", true).programmes.into_iter();
    let mut row =
        report.filter(|one| one.programme.as_str() == "bridge-to-foster").filter_map(|one| one.transition);
    let row = row.next().expect("it says what one is");
    // Of the second the end was known when its success was recorded: somebody has looked at it.
    assert_eq!((row.decided, row.standing, row.ended), (Some(3), Some(2), Some(1)));
}

#[test]
fn a_family_whose_case_is_closed_is_supported_no_more() {
    let mut given = Given::default();
    given.happened("F-1", "2025-01-06", "case-opened", &json!({"programme": "step-up-step-down"}));
    given.happened("F-1", "2025-01-13", "family-accepted", &json!({"carer": "C-1"}));
    given.happened("F-1", "2025-03-03", "case-closed", &json!({}));
    let families = |from: &str, to: &str| {
        let mut programmes = given.report(from, to, true).programmes.into_iter();
        let one =
            programmes.find(|one| one.programme.as_str() == "step-up-step-down").expect("the programme");
        one.support.expect("it says what support is").families
    };
    assert_eq!(
        (families("2025-01-01", "2025-12-31"), families("2026-01-01", "2026-12-31")),
        (Some(1), Some(0))
    );
}

#[test]
fn the_sum_over_programmes_gives_none_of_them_away() {
    let mut given = Given::default();
    for n in 0..23 {
        let (programme, case) = if n < 20 {
            ("stepdown-agency", format!("A-{n}"))
        } else {
            ("bridge-to-foster", format!("B-{n}"))
        };
        given.happened(&case, "2026-01-05", "case-opened", &json!({"programme": programme}));
        let (begun, data) = if n < 20 {
            ("interest-registered", json!({"experience": "fostering"}))
        } else {
            ("match-approved", json!({}))
        };
        given.happened(&case, "2026-02-02", begun, &data);
    }
    let (all, shown) =
        (given.report("2026-01-01", "2026-06-30", true), given.report("2026-01-01", "2026-06-30", false));
    assert!(all.total.is_some() && shown.total.is_none());
    let bridge =
        shown.programmes.iter().find(|one| one.programme.as_str() == "bridge-to-foster").expect("it");
    assert_eq!(counts(&bridge.kept), [None; 7], "noughts would tell what became of each of the three");
}

#[test]
fn where_few_failed_the_rate_is_told_as_far_as_that_says_nothing_of_them() {
    let mut given = Given::default();
    for n in 0..20 {
        let case = format!("SD-{n}");
        given.opened(&case, "2025-01-06").happened(
            &case,
            "2025-03-03",
            "child-moved-in",
            &json!({"changes_school": false}),
        );
        if n < 3 {
            given.happened(&case, "2025-07-01", "placement-ended", &json!({"reason": "r"}));
        }
    }
    let row =
        lancashire(given.report("2026-01-01", "2026-06-30", false)).transition.expect("it says what one is");
    assert_eq!((row.decided, row.standing, row.ended, row.success_rate), (Some(20), None, None, None));
    assert_eq!(row.success_rate_at_least, Some(80.0));
    assert_eq!(row.withheld, ["standing", "ended", "success_rate"]);
}

#[test]
fn a_measure_moves_from_its_first_value_to_its_last() {
    let mut given = Given::default();
    let mut scores = |case: &str, scores: &[(&str, u32)]| {
        given.opened(case, "2025-01-06");
        for (day, score) in scores {
            given.happened(case, day, "assessment-recorded", &json!({"tool": "sdq", "score": score}));
        }
    };
    scores("A", &[("2025-02-03", 18), ("2025-08-04", 20), ("2026-02-02", 12)]);
    scores("B", &[("2025-02-03", 10), ("2026-02-02", 10)]);
    scores("C", &[("2025-02-03", 14), ("2026-02-02", 16)]);
    scores("D", &[("2026-02-02", 16)]);
    scores("E", &[("2025-02-03", 14), ("2025-08-04", 13)]);
    given.happened(
        "A",
        "2025-02-03",
        "assessment-recorded",
        &json!({"tool": "needs-assessment", "level": "2.3"}),
    );
    given.happened(
        "A",
        "2026-02-03",
        "assessment-recorded",
        &json!({"tool": "needs-assessment", "level": "2.1"}),
    );
    let report = given.of_lancashire("2026-01-01", "2026-06-30");
    let [sdq, needs] = &report.movements[..] else { panic!("{:?}", report.movements) };
    assert_eq!((sdq.compared, sdq.better, sdq.same, sdq.worse), (Some(3), Some(1), Some(1), Some(1)));
    assert_eq!((sdq.median_first, sdq.median_last), (Some(14.0), Some(12.0)));
    assert_eq!((needs.compared, needs.better, needs.median_first), (Some(1), Some(1), None));
}

#[test]
fn a_stage_is_left_for_another_and_not_for_itself() {
    let mut given = Given::default();
    given.opened("A", "2026-01-05").happened("A", "2026-02-04", "suitability-confirmed", &json!({}));
    given.happened("A", "2026-03-06", "suitability-confirmed", &json!({}));
    given.happened("A", "2026-04-05", "readiness-confirmed", &json!({}));
    given.opened("B", "2026-03-01");
    let report = given.of_lancashire("2026-02-01", "2026-04-30");
    let stage = |n: usize| &report.stages[n];
    assert_eq!((stage(0).left, stage(0).median_days, stage(0).still_in), (Some(1), Some(30.0), Some(1)));
    assert_eq!((stage(0).median_days_so_far, stage(1).median_days), (Some(60.0), Some(60.0)));
    assert_eq!(
        (stage(2).left, stage(2).still_in, stage(2).median_days_so_far),
        (Some(0), Some(1), Some(25.0))
    );
    assert_eq!(report.cases, Some(2));
}

#[test]
fn a_report_on_one_case_withholds_it_and_one_on_the_policy_itself_does_not() {
    let mut given = declined();
    given.happened("lancashire-step-down", "2025-12-15", "policy-launched", &json!({}));
    given.happened("lancashire-step-down", "2026-06-10", "policy-reviewed", &json!({}));
    let report = lancashire(given.report("2026-06-01", "2026-06-30", false));
    let row = rule(&report, "match-decline-reasons");
    assert_eq!((row.on_time, row.late, row.missed, row.overdue, row.waived), (None, None, None, None, None));
    assert_eq!((row.due, row.on_time_rate, row.median_days), (None, None, None));
    let review = rule(&report, "policy-review-first");
    assert_eq!((review.on_time, review.on_time_rate, review.median_days), (Some(1), Some(100.0), Some(-5.0)));
    assert_eq!(report.cases, Some(6), "the policy is no case of anybody");
}

#[test]
fn a_period_that_is_backwards_or_to_come_and_an_unknown_programme_are_refused() {
    let given = declined();
    let answers = Answers { records: &given.records, config: &CONFIG, now: noon(date("2026-06-15")) };
    let refused = |query: ReportQuery| answers.report(&query).expect_err("refused").to_string();
    let to = ReportQuery { to: Some(date("2026-06-16")), ..ReportQuery::default() };
    assert_eq!(
        refused(to),
        "2026-06-16 is still to come: a report tells of what was, up to today, 2026-06-15"
    );
    let from = ReportQuery { from: Some(date("2026-06-16")), ..ReportQuery::default() };
    assert_eq!(refused(from), "the first day, 2026-06-16, comes after the last, 2026-06-15");
    let programme = Some("lancashire-stepdown".parse().expect("an id"));
    let other = refused(ReportQuery { programme, ..ReportQuery::default() });
    assert_eq!(
        other,
        "there is no programme \"lancashire-stepdown\"; did you mean \"lancashire-step-down\"?"
    );
}

/// Forty cases, some of them late: enough to show something and to withhold something.
fn forty() -> Given {
    let mut given = Given::default();
    for n in 0..40_u32 {
        let case = format!("SD-{n}");
        given.opened(&case, "2025-01-06");
        given.happened(
            &case,
            "2025-01-20",
            "assessment-recorded",
            &json!({"tool": "sdq", "score": 10 + n % 9}),
        );
        given.happened(&case, "2025-03-03", "match-declined", &json!({"reason": "r"}));
        let done = format!("2025-03-{:02}", 4 + n % 7 + if n % 13 == 0 { 14 } else { 0 });
        given.happened(&case, &done, "match-feedback-recorded", &json!({}));
        given.happened(&case, "2025-05-05", "child-moved-in", &json!({"changes_school": false}));
        if n % 4 == 0 {
            given.happened(&case, "2025-09-01", "placement-ended", &json!({"reason": "r"}));
        }
        given.happened(
            &case,
            "2026-02-02",
            "assessment-recorded",
            &json!({"tool": "sdq", "score": 8 + n % 11}),
        );
        given.happened(&case, "2026-02-27", "case-closed", &json!({}));
    }
    given
}

#[test]
fn a_sheet_has_a_line_for_each_figure() {
    let sheet = String::from_utf8(csv(&forty().report("2025-02-01", "2026-06-30", false)).expect("CSV"))
        .expect("text");
    let about = |line: &&str| !line.starts_with("rule") || line.contains(",match-decline-reasons,");
    let lines: Vec<_> = sheet.lines().filter(about).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_page_stands_alone_and_says_the_same_in_pictures_and_in_tables() {
    let page = html(&forty().report("2025-02-01", "2026-06-30", false), &CONFIG.phrases).expect("a page");
    for elsewhere in ["<script", "http", "url(", "@import", "<link", "<img", "SD-"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    let (images, titles) = (page.matches("role=\"img\"").count(), page.matches("<desc id=").count());
    assert!(images >= 4 && images == titles, "{images} {titles}");
    insta::assert_snapshot!(page);
}

/// The events that random cases are made of.
fn happening() -> impl Strategy<Value = (usize, u32, usize)> {
    (0_usize..9, 0_u32..420, 0_usize..10)
}

fn random(happenings: &[(usize, u32, usize)]) -> Given {
    let kinds = [
        ("match-declined", json!({"reason": "r"})),
        ("match-feedback-recorded", json!({})),
        ("suitability-confirmed", json!({})),
        ("assessment-recorded", json!({"tool": "sdq", "score": 12})),
        ("assessment-recorded", json!({"tool": "needs-assessment", "level": "2.2"})),
        ("child-moved-in", json!({"changes_school": true})),
        ("visit-made", json!({"by": "child-social-worker"})),
        ("placement-ended", json!({"reason": "r"})),
        ("case-closed", json!({})),
        ("match-approved", json!({"family": "F-1"})),
    ];
    let mut given = Given::default();
    let mut by_case: BTreeMap<usize, Vec<(u32, usize)>> = (0..9).map(|case| (case, Vec::new())).collect();
    for (case, day, kind) in happenings {
        by_case.entry(*case).or_default().push((*day, *kind));
    }
    for (case, mut events) in by_case {
        let case = format!("SD-{case}");
        given.opened(&case, "2025-01-06");
        events.sort_unstable();
        for (day, kind) in events {
            let (event_type, data) = &kinds[kind];
            given.happened(&case, &support::plus("2025-01-06", day.into()), event_type, data);
        }
    }
    given
}

/// What each of the seven columns says, and the escalations.
fn columns(row: &KeptRow) -> [Option<u64>; 8] {
    let [due, on_time, late, missed, overdue, open, waived] = counts(row);
    [due, on_time, late, missed, overdue, open, waived, row.escalations]
}

/// Each row of the report with those it is the sum of.
fn sums(report: &ProgrammeReport) -> Vec<(&KeptRow, Vec<&KeptRow>)> {
    let of_role = |role: &stepdown::case::RoleId| {
        report.rules.iter().filter(|row| row.role == *role).map(|row| &row.kept).collect()
    };
    let roles = report.roles.iter().map(|row| (&row.kept, of_role(&row.role)));
    roles.chain([(&report.kept, report.roles.iter().map(|row| &row.kept).collect())]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_agree_and_what_is_withheld_stays_withheld(happenings in proptest::collection::vec(happening(), 0..120)) {
        let given = random(&happenings);
        let (whole, shown) = (given.of_lancashire("2025-01-01", "2026-03-01"), lancashire(given.report("2025-01-01", "2026-03-01", false)));
        for (sum, parts) in sums(&whole) {
            for n in 0..8 {
                let total = parts.iter().map(|part| columns(part)[n].expect("shown")).sum::<u64>();
                prop_assert_eq!(columns(sum)[n], Some(total));
            }
            let [due, rest @ ..] = counts(sum);
            prop_assert_eq!(due, rest.into_iter().sum());
        }
        for ((sum, parts), (all, whole)) in sums(&shown).into_iter().zip(sums(&whole)) {
            for n in 1..8 {
                let (Some(value), true) = (columns(sum)[n], !parts.is_empty()) else { continue };
                prop_assert_eq!(Some(value), columns(all)[n]);
                let parts: Vec<_> = parts.iter().map(|part| columns(part)[n]).collect();
                let known: u64 = parts.iter().flatten().sum();
                // A nought beside what is withheld is withheld with it, and adds nothing to the sum.
                let is_hidden = |(part, whole): &(&Option<u64>, &&KeptRow)| part.is_none() && columns(whole)[n] != Some(0);
                let hidden = parts.iter().zip(&whole).filter(is_hidden).count() as u64;
                // What is withheld is two figures or more, which could each be at least five numbers.
                prop_assert!(hidden == 0 && known == value || hidden > 1 && value - known >= hidden + 4, "{parts:?} of {value}");
            }
        }
        let rows = shown.rules.iter().map(|row| &row.kept).chain(shown.roles.iter().map(|row| &row.kept)).chain([&shown.kept]);
        for row in rows {
            prop_assert!(counts(row)[1..].iter().flatten().all(|count| *count == 0 || *count > 4), "{row:?}");
            let partly = counts(row)[1..5].contains(&None);
            prop_assert!(!partly || row.on_time_rate.is_none() && row.due.is_none(), "{row:?}");
        }
    }
}

#[test]
fn a_report_names_no_case() {
    let report = serde_json::to_string(&declined().report("2026-06-01", "2026-06-30", true)).expect("JSON");
    assert!(!report.contains("SD-"), "{report}");
}
