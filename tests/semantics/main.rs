//! The engine against the contract: random histories, read by a second, plainer implementation.

#[path = "../support/mod.rs"]
mod support;

mod histories;
mod oracle;

use std::collections::BTreeSet;

use histories::Told;
use oracle::{Question, Raw, Row};
use proptest::prelude::*;
use proptest::test_runner::{Config as Settings, TestCaseError};
use stepdown::api::DueQuery;
use stepdown::calendar::{CivilDate, Instant};
use stepdown::case::admit;
use stepdown::programme::Policy;
use support::{CASE, CONFIG, Story, date, noon};

fn policy(programme: &str) -> &'static Policy {
    CONFIG.policies.get(programme).expect("the starter has it")
}

fn told(log: &[Raw]) -> Story {
    log.iter().fold(Story::default(), |story, raw| {
        story.at(raw.time, raw.recorded, &raw.event_type, raw.data.clone())
    })
}

fn by_engine(story: &Story, on: CivilDate, known_at: Option<Instant>) -> Vec<Row> {
    let query = DueQuery { on: Some(on), known_at, all: true, ..DueQuery::default() };
    let rows = story.due(&query).into_iter();
    let mut rows: Vec<Row> = rows
        .map(|row| (row.occurrence, row.status.name(), row.opens_on, row.deadline, row.due_on, row.done_on))
        .collect();
    rows.sort();
    rows
}

fn by_oracle(told: &Told) -> Vec<Row> {
    let Told { log, on, known_at, .. } = told;
    let policy = policy(told.programme);
    let (programme, calendar) = (policy.newest(), &|area: Option<&str>| policy.calendar(area));
    oracle::evaluate(
        log,
        &Question { programme, calendar, case: CASE, on: *on, known_at: *known_at, horizon: 90 },
    )
}

/// How many histories a run tries; `PROPTEST_CASES` asks for more.
fn settings() -> Settings {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(400);
    Settings { cases, failure_persistence: None, ..Settings::default() }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn the_engine_and_the_plain_reading_agree(case in histories::history()) {
        let story = told(&case.log);
        prop_assert_eq!(by_engine(&story, case.on, case.known_at), by_oracle(&case));
    }

    #[test]
    fn what_the_generator_makes_the_door_admits(Told { log, .. } in histories::history()) {
        let story = told(&log);
        let history = story.cases().iter().next().expect("one case").history();
        let events: Vec<_> = history.events().iter().map(|recorded| &recorded.event).collect();
        let refused = admit(&events, &stepdown::case::Cases::default(), &CONFIG.admissions, noon(date("2027-12-31")));
        prop_assert!(refused.is_empty(), "{:?}", refused);
    }

    #[test]
    fn a_late_record_changes_nothing_for_who_asks_as_of_before(Told { log, on, .. } in histories::history()) {
        let half = log.len() / 2;
        let known_at = Some(log[half].recorded);
        prop_assert_eq!(by_engine(&told(&log), on, known_at), by_engine(&told(&log[..=half]), on, None));
    }

    #[test]
    fn names_and_dates_are_well_formed(Told { programme, log, on, .. } in histories::history()) {
        let rows = by_engine(&told(&log), on, None);
        for (name, status, opens, deadline, act_by, done) in &rows {
            well_formed(programme, name, *opens, *deadline, *act_by).map_err(TestCaseError::fail)?;
            prop_assert_eq!(done.is_some(), status.starts_with("done"), "{}", name);
        }
        let mut names: Vec<_> = rows.iter().map(|row| &row.0).collect();
        names.dedup();
        prop_assert_eq!(names.len(), rows.len(), "a name stands for one occurrence");
    }

    #[test]
    fn an_explanation_ends_in_the_status_that_is_listed(Told { log, on, .. } in histories::history()) {
        let story = told(&log);
        for row in story.due(&DueQuery { on: Some(on), all: true, ..DueQuery::default() }).iter().take(20) {
            let explanation = story.explain(&row.occurrence, &on.to_string());
            prop_assert_eq!(explanation.status, row.status);
            let step = |name: &str| explanation.steps.iter().find(|step| step.step == name && step.date.is_some()).and_then(|step| step.date);
            prop_assert_eq!(step("deadline"), Some(row.deadline));
            prop_assert_eq!(step("due_on"), Some(row.due_on));
            prop_assert_eq!(step("done"), row.done_on);
        }
    }
}

fn well_formed(
    programme: &str,
    name: &str,
    opens: CivilDate,
    deadline: CivilDate,
    act_by: CivilDate,
) -> Result<(), String> {
    name.parse::<stepdown::case::OccurrenceName>().map_err(|error| error.to_string())?;
    let fits = act_by <= deadline && (act_by >= opens || act_by == deadline);
    let works =
        policy(programme).calendars().any(|calendar| calendar.is_working_day(act_by)) || act_by == deadline;
    if fits && works {
        Ok(())
    } else {
        Err(format!("{name}: opens {opens}, act by {act_by}, deadline {deadline}"))
    }
}

/// The generator reaches every rule and every status of every programme, or the properties above say little.
#[test]
fn the_histories_cover_every_rule_and_status() {
    use proptest::strategy::ValueTree as _;
    for (id, policy) in CONFIG.policies.iter() {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut missing: BTreeSet<&str> = policy.newest().rules.iter().map(|rule| rule.id.as_str()).collect();
        let (mut statuses, mut areas) = (BTreeSet::new(), BTreeSet::new());
        for _ in 0..500 {
            let case =
                histories::history_under(id.as_str()).new_tree(&mut runner).expect("a history").current();
            for (name, status, ..) in by_engine(&told(&case.log), case.on, case.known_at) {
                missing.remove(name.split('/').nth(1).unwrap_or_default());
                statuses.insert(status);
            }
            areas.extend(case.log.iter().filter_map(|raw| Some(raw.data["area"].as_str()?.to_owned())));
        }
        assert!(missing.is_empty(), "{id}, never reached: {missing:?}");
        assert_eq!(statuses.len(), 8, "{id}: {statuses:?}");
        assert_eq!(areas.len(), policy.newest().areas.len(), "{id}: {areas:?}");
    }
}
