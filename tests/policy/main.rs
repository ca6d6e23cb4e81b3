//! Policy in the log: random histories with adoptions in between, and what a version may change.

#[path = "../semantics/histories.rs"]
mod histories;
#[path = "../semantics/oracle.rs"]
#[expect(dead_code, reason = "the histories are made of its events; it judges elsewhere")]
mod oracle;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use histories::Told;
use oracle::Raw;
use proptest::prelude::*;
use proptest::test_runner::{Config as Settings, TestCaseError};
use serde_json::{Value, json};
use stepdown::api::answer::Answers;
use stepdown::api::{DueQuery, ObligationRow};
use stepdown::calendar::{CivilDate, Instant};
use stepdown::case::{Interner, rfc3339};
use stepdown::config::{Config, Source};
use stepdown::daemon::{AppendRequest, Records, Writer};
use support::{CASE, date, noon};

const LARGEST: &str = "lancashire-step-down";
const PROGRAMME: &str = "programmes/lancashire-step-down.toml";
const WITH_AREAS: &str = "programmes/step-up-step-down.toml";
const HOLIDAYS: &str = "bank-holidays.json";

/// The starter with texts changed: file, from, to.
fn edited(changes: &[(&str, &str, &str)]) -> Arc<Config> {
    let mut files: BTreeMap<String, String> = Source::Starter.files().expect("the starter");
    for (file, from, to) in changes {
        let text = files.get_mut(*file).expect("the file is there");
        assert!(text.contains(from), "{file} has no {from}");
        *text = text.replacen(from, to, 1);
    }
    let loaded = Config::load(&Source::Given("edited".to_owned(), files));
    Arc::new(loaded.unwrap_or_else(|error| panic!("{:?}", error.faults)))
}

/// The text of one rule, for a change inside it.
fn rule(id: &str) -> String {
    let files = Source::Starter.files().expect("the starter");
    let text = &files[PROGRAMME];
    let start = text.find(&format!("[[rule]]\nid = \"{id}\"")).expect("the rule is there");
    let end = text[start + 1..].find("\n[[").map_or(text.len(), |end| start + 1 + end);
    text[start..end].to_owned()
}

fn within(id: &str, from: &str, to: &str) -> (String, String) {
    let before = rule(id);
    assert!(before.contains(from), "{id} has no {from}");
    (before.clone(), before.replacen(from, to, 1))
}

const HEAD: &str = "ends_with = ";

/// The place of the variant that drops a rule.
const LACKS_A_RULE: usize = 5;

/// Configurations that an admin might adopt one after the other, the starter first.
static VARIANTS: LazyLock<Vec<Arc<Config>>> = LazyLock::new(|| {
    let longer = within("support-meeting-weekly", "for = \"6 weeks\"", "for = \"12 weeks\"");
    let rarer = within("csw-visit-settling", "every = \"1 week\"", "every = \"2 weeks\"");
    let owner =
        within("stability-visit", "owner = \"stability-worker\"", "owner = \"supervising-social-worker\"");
    let dropped = (rule("advocacy-referral"), String::new());
    let anchor =
        within("my-home-my-place", "anchor = \"suitability-confirmed\"", "anchor = \"readiness-confirmed\"");
    let titled = within("looked-after-review", "title = { en = \"", "title = { en = \"Statutory: ");
    let from = |text: &str| format!("{text}\n{HEAD}");
    let open = from("applies_to = \"open\"");
    let later = from("effective_from = 2025-12-01");
    let both = from("effective_from = 2025-06-01\napplies_to = \"open\"");
    let change = |pair: &(String, String), head: &str| {
        edited(&[(PROGRAMME, &pair.0, &pair.1), (PROGRAMME, HEAD, head)])
    };
    vec![
        edited(&[]),
        change(&longer, HEAD),
        change(&longer, &open),
        change(&rarer, &later),
        change(&owner, &both),
        change(&dropped, &open),
        change(&anchor, &both),
        change(&titled, HEAD),
        edited(&[(HOLIDAYS, "\"date\": \"2025-12-25\"", "\"date\": \"2025-12-24\"")]),
        edited(&[(
            WITH_AREAS,
            "[areas.wales]\nbank_holidays = \"england-and-wales\"",
            "[areas.wales]\nbank_holidays = \"scotland\"",
        )]),
        edited(&[("people.toml", "id = \"amara-okafor\"", "left_on = 2027-01-01\nid = \"amara-okafor\"")]),
    ]
});

fn event(raw: &Raw) -> Value {
    json!({
        "specversion": "1.0", "id": raw.id, "source": "/test", "type": raw.event_type, "subject": CASE,
        "time": rfc3339(raw.time), "data": raw.data,
    })
}

/// The same history, each event recorded when it and all it speaks of had happened: nobody records the future.
fn recorded_in_time(mut log: Vec<Raw>) -> Vec<Raw> {
    let mut last = Instant::default();
    for raw in &mut log {
        let said: Option<Instant> = raw.data["time"].as_str().and_then(|text| text.parse().ok());
        let next = last + chrono::Duration::seconds(1);
        last = [raw.recorded, raw.time].into_iter().chain(said).fold(next, Instant::max);
        raw.recorded = last;
    }
    log
}

fn open(dir: &Path, config: &Arc<Config>) -> Writer {
    Writer::open(dir, Arc::clone(config), "a test").expect("a log")
}

/// Appends a history, and at the places named adopts the variants named.
fn lived(dir: &Path, log: &[Raw], adoptions: &[(usize, usize)]) -> Writer {
    let mut writer = open(dir, &VARIANTS[0]);
    for (place, raw) in log.iter().enumerate() {
        let request = AppendRequest::new(vec![event(raw)]);
        writer.stage(request, raw.recorded).unwrap_or_else(|error| panic!("{error:?} of {}", event(raw)));
        for (_, variant) in adoptions.iter().filter(|(at, _)| at % log.len() == place) {
            // A rule that the first policy lacks never was one: the door refuses to waive what it asks for.
            let first_lacks_a_rule = writer.adopted().is_empty() && *variant == LACKS_A_RULE;
            let variant = if first_lacks_a_rule { 0 } else { *variant };
            writer.configure(Arc::clone(&VARIANTS[variant]), raw.recorded);
        }
        writer.commit().expect("synced");
    }
    writer
}

fn rows(records: &Records, config: &Config, on: CivilDate, known_at: Option<Instant>) -> Vec<ObligationRow> {
    let query = DueQuery { on: Some(on), known_at, all: true, ..DueQuery::default() };
    Answers { records, config, now: noon(date("2027-12-31")) }.due(&query).expect("the case is known")
}

/// The export of a log, and what it adds up to when it is imported anew.
fn imported(writer: &Writer) -> (tempfile::TempDir, Writer) {
    let mut lines = Vec::new();
    let mut words = Interner::default();
    writer.log().reader().replay(|stored| stored.write_line(&mut words, &mut lines)).expect("readable");
    let dir = tempfile::tempdir().expect("a directory");
    // Under the newest of all variants: what was admitted under an older one must still be.
    let mut again = open(dir.path(), VARIANTS.last().expect("some"));
    let request = AppendRequest::from_lines(&lines).keeping_recorded_time(true);
    again.stage(request, noon(date("2027-12-31"))).unwrap_or_else(|error| panic!("{error:?}"));
    again.commit().expect("synced");
    (dir, again)
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(48)
}

fn same(one: &Records, other: &Records) -> Result<(), TestCaseError> {
    prop_assert!(one.cases == other.cases, "the cases differ");
    prop_assert!(one.adopted == other.adopted, "what was adopted differs");
    prop_assert!(one.ledger == other.ledger, "the ledgers differ");
    Ok(())
}

proptest! {
    #![proptest_config(Settings { cases: cases(), failure_persistence: None, ..Settings::default() })]

    #[test]
    fn live_is_replayed_is_imported(
        Told { log, on, known_at, .. } in histories::history(),
        adoptions in prop::collection::vec((0..1000_usize, 0..11_usize), 0..5),
    ) {
        let log = recorded_in_time(log);
        let dir = tempfile::tempdir().expect("a directory");
        let writer = lived(dir.path(), &log, &adoptions);
        let replayed = Records::replay(writer.log().reader(), writer.head().sequence, |_, _| {}).expect("readable");
        same(writer.records(), &replayed)?;
        let (_dir, again) = imported(&writer);
        same(writer.records(), again.records())?;
        // The log alone answers, whatever the configuration says by now.
        let other = &VARIANTS[6];
        for known_at in [None, known_at] {
            let live = rows(writer.records(), writer.config(), on, known_at);
            prop_assert_eq!(&live, &rows(&replayed, if adoptions.is_empty() { writer.config() } else { other }, on, known_at));
            prop_assert_eq!(&live, &rows(again.records(), if adoptions.is_empty() { writer.config() } else { other }, on, known_at));
        }
    }

    #[test]
    fn what_was_answered_before_an_adoption_is_answered_as_of_then(
        Told { log, on, .. } in histories::history(),
        (place, variant) in (0..1000_usize, 1..11_usize),
    ) {
        let log = recorded_in_time(log);
        let dir = tempfile::tempdir().expect("a directory");
        let place = place % log.len();
        let before = lived(dir.path(), &log[..=place], &[(0, 0)]);
        let known_at = log[place].recorded;
        let then = rows(before.records(), before.config(), on, Some(known_at));
        drop(before);
        let dir = tempfile::tempdir().expect("a directory");
        let mut after = lived(dir.path(), &log, &[(0, 0)]);
        after.configure(Arc::clone(&VARIANTS[variant]), noon(date("2027-12-31")));
        prop_assert_eq!(rows(after.records(), after.config(), on, Some(known_at)), then);
    }

    #[test]
    fn a_version_changes_no_day_before_its_own(
        Told { programme, log, on, .. } in histories::history(),
        variant in 1..8_usize,
    ) {
        let log = recorded_in_time(log);
        let dir = tempfile::tempdir().expect("a directory");
        let mut writer = lived(dir.path(), &log, &[(0, 0)]);
        let then = rows(writer.records(), writer.config(), on, None);
        let adopted_on = date("2027-12-31");
        writer.configure(Arc::clone(&VARIANTS[variant]), noon(adopted_on));
        let programme = VARIANTS[variant].policies.get(programme).expect("there").newest().clone();
        if on < programme.effective_from.unwrap_or(adopted_on) {
            prop_assert_eq!(rows(writer.records(), writer.config(), on, None), then);
        }
    }

    #[test]
    fn wording_and_ladders_move_no_date(Told { log, on, .. } in histories::history()) {
        let log = recorded_in_time(log);
        let dir = tempfile::tempdir().expect("a directory");
        let mut writer = lived(dir.path(), &log, &[(0, 0)]);
        let dates = |writer: &Writer| -> Vec<_> {
            let rows = rows(writer.records(), writer.config(), on, None).into_iter();
            rows.map(|row| (row.occurrence, row.status, row.opens_on, row.deadline, row.due_on, row.owner_role)).collect()
        };
        let before = dates(&writer);
        let first = log[0].recorded;
        for text in ["", "effective_from = 2024-01-01\n", "applies_to = \"open\"\n", "effective_from = 2024-01-01\napplies_to = \"open\"\n"] {
            let titled = within("looked-after-review", "title = { en = \"", "title = { en = \"Statutory: ");
            let head = format!("{text}{HEAD}");
            let config = edited(&[
                (PROGRAMME, &titled.0, &titled.1),
                (PROGRAMME, "to = [\"owner\"]", "to = [\"owner\", \"also\"]"),
                (PROGRAMME, HEAD, &head),
            ]);
            writer.configure(config, first);
            prop_assert_eq!(dates(&writer), before.clone());
        }
    }

    #[test]
    fn a_series_keeps_the_version_it_began_under(Told { log, on, .. } in histories::history_under(LARGEST), variant in 1..4_usize) {
        let log = recorded_in_time(log);
        let dir = tempfile::tempdir().expect("a directory");
        let mut writer = lived(dir.path(), &log, &[(0, 0)]);
        let variant = if variant == 2 { 3 } else { variant };
        let adopted_on = date("2025-11-01");
        writer.configure(Arc::clone(&VARIANTS[variant]), noon(adopted_on));
        let policy = &VARIANTS[variant].policies["lancashire-step-down"];
        let begins = policy.newest().effective_from.unwrap_or(adopted_on);
        let found = rows(writer.records(), writer.config(), on, None);
        // These variants change how long and how often, not what starts a series: each series is that of the
        // version in force when it began.
        let alone = |variant: usize| {
            let records = Records { cases: writer.cases().clone(), ..Records::default() };
            rows(&records, &VARIANTS[variant], on, None)
        };
        let history = writer.cases().get(&CASE.parse().expect("a reference")).expect("the case").history();
        let read = history.read(None, support::london());
        let began = |row: &ObligationRow| {
            let place = row.occurrence.rsplit('/').next().and_then(|place| place.split('.').next());
            let number: u32 = place.expect("a series").parse().expect("a number");
            read.iter().find(|event| event.number().0 == number).expect("its anchor").date
        };
        let mut expected: Vec<_> = alone(0).into_iter().filter(|row| began(row) < begins || on < begins).collect();
        expected.extend(alone(variant).into_iter().filter(|row| began(row) >= begins && on >= begins));
        let sorted = |mut rows: Vec<ObligationRow>| {
            rows.sort_by(|a, b| a.occurrence.cmp(&b.occurrence));
            rows
        };
        prop_assert_eq!(sorted(found), sorted(expected));
    }
}

/// A case that opened in May 2026 and moved in on 1 June, under the starter as its first version.
fn moved_in(dir: &Path, more: &[(&str, &str)]) -> Writer {
    let raw = |n: usize, event_type: &str, day: &str| Raw {
        id: format!("e{n}"),
        event_type: event_type.to_owned(),
        time: noon(date(day)),
        recorded: noon(date(day)),
        data: match event_type {
            "case-opened" => json!({"programme": "lancashire-step-down"}),
            "child-moved-in" => json!({"changes_school": false}),
            _ => json!({}),
        },
    };
    let mut log = vec![raw(1, "case-opened", "2026-05-04"), raw(2, "child-moved-in", "2026-06-01")];
    log.extend((3..).zip(more).map(|(n, (event_type, day))| raw(n, event_type, day)));
    lived(dir, &log, &[(0, 0)])
}

/// The starter with a change in one rule, and with lines at its head.
fn changed(rule: (&str, &str, &str), head: &str) -> Arc<Config> {
    let pair = within(rule.0, rule.1, rule.2);
    edited(&[(PROGRAMME, &pair.0, &pair.1), (PROGRAMME, HEAD, &format!("{head}{HEAD}"))])
}

const TWICE: (&str, &str, &str) = ("support-meeting-weekly", "for = \"6 weeks\"", "for = \"12 weeks\"");

fn weekly(writer: &Writer, on: &str) -> usize {
    let rows = rows(writer.records(), writer.config(), date(on), None);
    rows.iter().filter(|row| row.obligation.as_str() == TWICE.0 && row.status.name() != "cancelled").count()
}

#[test]
fn a_version_that_was_withdrawn_before_its_day_never_takes_force() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut writer = moved_in(dir.path(), &[]);
    let ahead = changed(TWICE, "effective_from = 2026-07-01\napplies_to = \"open\"\n");
    writer.configure(ahead, noon(date("2026-06-10")));
    assert_eq!((weekly(&writer, "2026-06-30"), weekly(&writer, "2026-07-01")), (6, 12));
    writer.configure(Arc::clone(&VARIANTS[0]), noon(date("2026-06-20")));
    assert_eq!((weekly(&writer, "2026-06-30"), weekly(&writer, "2026-07-01")), (6, 6));
}

#[test]
fn a_first_day_left_in_the_file_does_not_date_the_next_change_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut writer = moved_in(dir.path(), &[]);
    let head = "effective_from = 2026-06-10\napplies_to = \"open\"\n";
    let once = ("csw-visit-settling", "for = \"4 weeks\"", "for = \"5 weeks\"");
    writer.configure(changed(once, head), noon(date("2026-06-10")));
    writer.configure(changed(TWICE, head), noon(date("2026-07-05")));
    assert_eq!((weekly(&writer, "2026-07-04"), weekly(&writer, "2026-07-05")), (6, 12));
}

#[test]
fn what_starts_a_series_by_the_new_version_ends_none_that_keeps_the_old_one() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut writer = moved_in(dir.path(), &[("introductions-started", "2026-06-10")]);
    let anchor =
        ("support-meeting-weekly", "anchor = \"child-moved-in\"", "anchor = \"introductions-started\"");
    let before = weekly(&writer, "2026-11-01");
    writer.configure(changed(anchor, "applies_to = \"open\"\n"), noon(date("2026-10-01")));
    // The six weeks are long over: the series is not open, and the old version goes on answering for it.
    assert_eq!((before, weekly(&writer, "2026-11-01")), (6, 6));
}
