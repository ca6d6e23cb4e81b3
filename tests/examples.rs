//! Golden examples: what a programme's author expects is what the engine gives, or a check says where not.

mod support;

use std::ops::RangeInclusive;

use stepdown::config::{Config, Fault, Source, examples, init};
use support::CONFIG;

const PROGRAMME: &str = "programmes/lancashire-step-down.toml";

/// What comes of the starter with one text of its programme changed; the lines on which the change stands.
fn with(from: &str, to: &str) -> (Result<Config, String>, RangeInclusive<usize>) {
    let dir = tempfile::tempdir().expect("a directory");
    init(dir.path()).expect("written");
    let file = dir.path().join(PROGRAMME);
    let text = std::fs::read_to_string(&file).expect("readable");
    let at = text.find(from).unwrap_or_else(|| panic!("the programme has no {from}"));
    std::fs::write(&file, text.replacen(from, to, 1)).expect("writable");
    let first = text[..at].matches('\n').count() + 1;
    let loaded = Config::load(&Source::Directory(dir.path().to_owned()));
    (loaded.map_err(|error| told(&error.faults)), first..=first + to.matches('\n').count())
}

/// Each fault and its advice.
fn told(faults: &[Fault]) -> String {
    let advice = |fault: &Fault| miette::Diagnostic::help(fault).map(|help| format!("\n{help}"));
    let told = faults.iter().map(|fault| format!("{fault}{}", advice(fault).unwrap_or_default()));
    told.collect::<Vec<_>>().join("\n")
}

/// The same told without the number of its line, which must be one of `lines`.
fn placed(told: &str, lines: &RangeInclusive<usize>) -> String {
    let rest = told.strip_prefix(PROGRAMME).and_then(|rest| rest.strip_prefix(':')).expect("a place");
    let (line, rest) = rest.split_once(':').expect("a line");
    assert!(lines.contains(&line.parse().expect("a number")), "{line} is not of {lines:?}");
    rest.to_owned()
}

/// What the examples find, once the programme is changed.
fn found(from: &str, to: &str) -> String {
    let (config, lines) = with(from, to);
    placed(&told(&examples(&config.expect("a wrong expectation stops nobody"))), &lines)
}

#[test]
fn every_example_of_the_policy_holds() {
    assert_eq!(told(&examples(&CONFIG)), "");
}

#[test]
fn a_wrong_expectation_is_told_with_what_was_found_and_why() {
    let from =
        r#""csw-visit-settling/3.1", opens_on = 2026-03-30, deadline = 2026-04-06, due_on = 2026-04-02"#;
    let to = r#""csw-visit-settling/3.1", opens_on = 2026-03-30, deadline = 2026-04-05, due_on = 2026-04-03"#;
    insta::assert_snapshot!(found(from, to), @r#"
    5: csw-visit-settling/3.1 on 2026-04-07: expected deadline 2026-04-05, due_on 2026-04-03; found deadline 2026-04-06, due_on 2026-04-02 (example "Spring: the clocks go forward on 29 March 2026, and half past midnight on the 30th is the 29th in UTC")
    rule: every 1 week for 4 weeks from child-moved-in
    anchor 2026-03-30: event 3, child-moved-in of 2026-03-30
    opens 2026-03-30: the start
    deadline 2026-04-06: 2026-03-30 + 1 week = 2026-04-06
    due_on 2026-04-02: the last working day on or before the deadline, passing over 2 weekend days, Good Friday (3 April), Easter Monday (6 April)
    counts: visit-made by=child-social-worker from 2026-03-30
    done 2026-04-06: event 4, visit-made of 2026-04-06
    status: done on 2026-04-07: completed by its deadline
    "#);
}

#[test]
fn what_is_expected_to_be_there_and_is_not_and_the_other_way_round_is_told() {
    let absent = r#"{ occurrence = "support-meeting-weekly/2.7", absent = true }"#;
    let there = r#"{ occurrence = "support-meeting-weekly/2.7", deadline = 2026-08-03 }"#;
    insta::assert_snapshot!(found(absent, there), @r#"
    5: support-meeting-weekly/2.7 on 2026-07-08: expected one; found none (example "Stage 5: weekly meetings that are held or missed, visits, and the reviews after the move")
    event 2, child-moved-in of 2026-06-15, starts a series of support-meeting-weekly that has no number 7 on 2026-07-08
    "#);
    let absent = r#"{ occurrence = "support-meeting-weekly/2.6", absent = true }"#;
    let there =
        r#"{ occurrence = "support-meeting-weekly/2.6", deadline = 2026-07-27, status = "scheduled" }"#;
    insta::assert_snapshot!(found(there, absent), @r#"
    5: support-meeting-weekly/2.6 on 2026-07-08: expected none; found scheduled from 2026-07-21 to 2026-07-27 (example "Stage 5: weekly meetings that are held or missed, visits, and the reviews after the move")
    rule: every 1 week for 6 weeks from child-moved-in
    anchor 2026-06-15: event 2, child-moved-in of 2026-06-15
    opens 2026-07-21: the day after the window before it
    deadline 2026-07-27: 2026-06-15 + 6 × 1 week = 2026-07-27
    due_on 2026-07-27: the deadline is a working day
    counts: support-meeting-held from 2026-06-15
    status: scheduled on 2026-07-08: it opens on 2026-07-21
    "#);
    let unknown = r#"{ occurrence = "support-meeting-weekly/2.6", status = "shceduled" }"#;
    let told = found(there, unknown);
    assert!(told.contains("\"shceduled\" is not a status; did you mean \"scheduled\"?"), "{told}");
}

/// Who drops a rule, or an event, is told of the examples that go on about it, and is not stopped by them.
#[test]
fn what_no_history_could_have_is_told_even_where_it_is_expected_to_be_absent() {
    let of = r#""csw-visit-settling/2.5", absent = true"#;
    let told = [r#""csw-visit-setling/2.5", absent = true"#, r#""csw-visit-settling/7.5", absent = true"#];
    insta::assert_snapshot!(told.map(|to| found(of, to)).join("\n"), @r#"
    5: csw-visit-setling/2.5 on 2026-07-08: expected there to be such a series; found none (example "Stage 5: weekly meetings that are held or missed, visits, and the reviews after the move")
    "csw-visit-setling" is not a rule of this programme; did you mean "csw-visit-settling"?
    5: csw-visit-settling/7.5 on 2026-07-08: expected there to be such a series; found none (example "Stage 5: weekly meetings that are held or missed, visits, and the reviews after the move")
    the example has 4 events, and none with the number 7
    "#);
}

#[test]
fn a_rule_that_is_changed_breaks_the_examples_that_rely_on_it() {
    let rule = "id = \"looked-after-review\"\ntitle = { en = \"Looked After Review\", cy = \"Adolygiad plentyn sy'n derbyn gofal\" }\nkind = \"once\"\nanchor = \"child-moved-in\"\ndue = ";
    let (config, _) = with(&format!("{rule}\"4 weeks\""), &format!("{rule}\"3 weeks\""));
    let told = told(&examples(&config.expect("it can be used")));
    let lines: Vec<_> = told.lines().filter(|line| line.starts_with("programmes/")).collect();
    assert_eq!(lines.len(), 7, "{lines:#?}");
    assert!(lines.iter().all(|line| line.contains("looked-after-review/")), "{lines:#?}");
}

/// What is wrong with an example itself is a fault of the file.
#[test]
fn an_example_that_cannot_be_read_is_named_with_the_way_out() {
    let table = [
        (
            r#"event = "my-home-my-place-submitted", data = { version = "initial" }"#,
            r#"event = "my-home-my-place-submited""#,
        ),
        (r#"data = { version = "initial" }"#, r#"data = { version = "first" }"#),
        (
            r#"event = "visit-made", data = { by = "child-social-worker" } },"#,
            r#"event = "visit-made", data = { by = "child-social-wroker" } },"#,
        ),
        ("on = 2026-03-28T23:30:00Z", "on = 2026-03-28T23:30:00"),
        ("name = \"A move on leap day\"\non = 2028-03-07", "name = \"A move on leap day\"\non = 12:00:00"),
        (r#"occurrence = "ramp/4.1""#, r#"occurrence = "ramp/4""#),
        (
            r#""csw-visit-settling/2.5", absent = true"#,
            r#""csw-visit-settling/2.5", absent = true, status = "open""#,
        ),
        (r#"data = { event = "3", reason"#, r#"data = { event = "5", reason"#),
        (r#""csw-visit-settling/2.5", absent = true"#, r#""csw-visit-settling/2.5", deadlin = 2026-07-13"#),
    ];
    let fault = |(from, to): &(&str, &str)| {
        let (config, lines) = with(from, to);
        placed(&config.expect_err("a fault"), &lines)
    };
    let told: Vec<_> = table.iter().map(fault).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    32: "my-home-my-place-submited" is not an event type of this programme; did you mean "my-home-my-place-submitted"?
    69: data.version: "first" is not one of "initial" or "updated"
    53: data.by: "child-social-wroker" is not a role of this programme; did you mean "child-social-worker"?
    12: 2026-03-28T23:30:00 is neither a day nor an instant
    write 2026-03-29, or 2026-03-29T00:30:00Z with its offset
    6: 12:00:00 is not a date
    write it as 2027-04-01
    20: "ramp/4" names no occurrence
    write RULE/SERIES.N; SERIES is the number of an event above
    5: what is absent has neither dates nor a status
    remove "absent", or the rest
    58: names no event of the example before this one
    an event's id is its number here: write event = "1"
    46: unknown key "deadlin"
    did you mean "deadline"?
    "#);
}
