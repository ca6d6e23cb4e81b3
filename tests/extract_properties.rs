//! Random extracts: imported twice they add nothing; changed, they correct what is there until it reads as if
//! the changed extract had been the first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use stepdown::calendar::{Instant, Zone};
use stepdown::case::{CaseFile, Cases, EventNumber, RecordedEvent, Sequence, parse_event, rfc3339};
use stepdown::extract::{ExtractError, Prepared, Setting, prepare_files};

const KEYED: &str = r#"
source = "/cases"
case = "Case"
dates = ["%d/%m/%Y", "%d/%m/%Y %H:%M"]
[[event]]
type = "case-opened"
date = "Opened"
[[event]]
type = "visit-made"
date = "Date"
when = { Kind = "Visit" }
key = ["Record"]
[event.data]
by = { column = "By" }
score = { column = "Score", as = "number" }
"#;

const BY_ROW: &str = r#"
source = "/activities"
case = "Case"
row = "Record"
dates = ["%d/%m/%Y", "%d/%m/%Y %H:%M"]
[[event]]
type = "visit-made"
date = "Date"
when = { Kind = "Visit" }
[event.data]
by = { column = "By", values = { "Social Worker" = "worker", IRO = "officer" } }
[[event]]
type = "assessment-recorded"
date = "Date"
when = { Kind = ["Assessment", "Review"] }
[event.data]
score = { column = "Score", as = "number" }
attended = { column = "By", as = "list" }
"#;

/// A row; its record's number is its place among the rows, and says its case.
#[derive(Debug, Clone)]
struct Row {
    kind: &'static str,
    date: String,
    by: &'static str,
    score: String,
}

fn row() -> impl Strategy<Value = Row> {
    let date = prop_oneof![
        1 => Just(String::new()),
        3 => (1..29u32, 1..13u32).prop_map(|(day, month)| format!("{day:02}/{month:02}/2025")),
        1 => (1..29u32, 0..24u32).prop_map(|(day, hour)| format!("{day:02}/06/2025 {hour:02}:30")),
    ];
    let score = prop_oneof![
        Just(String::new()),
        (0..41u32).prop_map(|n| n.to_string()),
        (0..4100u32).prop_map(|n| format!("{}.{:02}", n / 100, n % 100)),
    ];
    let kind = prop_oneof![3 => Just("Visit"), 2 => Just("Assessment"), 1 => Just("Telephone call")];
    (kind, date, prop_oneof![Just("Social Worker"), Just("IRO"), Just("")], score)
        .prop_map(|(kind, date, by, score)| Row { kind, date, by, score })
}

/// Extracts of the same records, one after the other. A record may be missing from one.
fn extracts() -> impl Strategy<Value = Vec<Vec<Option<Row>>>> {
    (1..12usize, 1..5usize).prop_flat_map(|(records, extracts)| {
        let record = prop_oneof![4 => row().prop_map(Some), 1 => Just(None)];
        prop::collection::vec(prop::collection::vec(record, records), extracts)
    })
}

/// The rows as a file. Where only a row's name tells its kind may it change; else it stays what it was.
fn csv(rows: &[Option<Row>], fixed_kind: bool) -> String {
    let mut text = String::from("Record,Case,Child,Kind,Date,By,Score,Opened\r\n");
    for (n, row) in rows.iter().enumerate().filter_map(|(n, row)| Some((n, row.as_ref()?))) {
        let kind = if fixed_kind { ["Visit", "Telephone call"][n % 2] } else { row.kind };
        let Row { date, by, score, .. } = row;
        let opened = if n % 3 == 0 { "01/02/2025" } else { "" };
        let case = n % 3;
        let _ = write!(text, "R{n},SD-{case},\"Vance, Poppy\",{kind},{date},{by},{score},{opened}\r\n");
    }
    text
}

struct Ledger {
    cases: Cases,
    count: u32,
}

fn now() -> Instant {
    "2026-01-01T00:00:00Z".parse().expect("an instant")
}

fn zone() -> Zone {
    "Europe/London".parse().expect("a zone")
}

impl Ledger {
    fn new() -> Self {
        Self { cases: Cases::default(), count: 0 }
    }

    fn prepare(&self, map: &str, csv: &str) -> Result<Prepared, ExtractError> {
        let setting = Setting { name: "extract.csv", cases: &self.cases, zone: zone(), now: now() };
        prepare_files(map.as_bytes(), csv.as_bytes(), &setting)
    }

    fn import(&mut self, map: &str, csv: &str) -> Prepared {
        let prepared = self.prepare(map, csv).unwrap_or_else(|error| panic!("{error:?}"));
        for json in prepared.events() {
            self.count += 1;
            let (event, _) = parse_event(json).expect("an event");
            assert!(
                self.cases.iter().all(|file| file.find(event.id.as_str()).is_none()),
                "{} is new",
                event.id
            );
            let (sequence, number) = (Sequence(self.count.into()), EventNumber(self.count));
            self.cases.apply(&RecordedEvent { event, sequence, number, recorded: now() });
        }
        prepared
    }

    /// What stands today, by the record's identity: an id without its generation.
    fn reading(&self) -> BTreeMap<String, String> {
        let histories: Vec<_> = self.cases.iter().map(CaseFile::history).collect();
        let read = histories.iter().flat_map(|history| history.read(None, zone()));
        let events =
            read.filter(|event| !matches!(event.event_type(), "event-corrected" | "event-retracted"));
        events
            .map(|event| {
                let id = event.recorded.event.id.as_str();
                let identity = id.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
                let fields: Vec<_> = ["by", "score", "attended"]
                    .iter()
                    .filter_map(|field| Some(format!("{field}={}", event.data.get(field)?)))
                    .collect();
                (identity, format!("{} {}", rfc3339(event.time), fields.join(" ")))
            })
            .collect()
    }
}

proptest! {
    #[test]
    fn a_second_time_adds_nothing(extracts in extracts(), by_row: bool) {
        let map = if by_row { BY_ROW } else { KEYED };
        let mut ledger = Ledger::new();
        for rows in &extracts {
            let text = csv(rows, !by_row);
            let first = ledger.import(map, &text);
            let again = ledger.import(map, &text);
            prop_assert!(again.changes.is_empty(), "{:?}", again.changes);
            prop_assert_eq!(again.mended, Vec::<usize>::new());
            prop_assert_eq!(again.absent, first.absent);
        }
    }

    #[test]
    fn a_changed_extract_reads_as_if_it_had_been_the_first(extracts in extracts(), by_row: bool) {
        let map = if by_row { BY_ROW } else { KEYED };
        let mut ledger = Ledger::new();
        let records = extracts.first().map_or(0, Vec::len);
        let mut newest: Vec<Option<Row>> = vec![None; records];
        for rows in &extracts {
            let prepared = ledger.import(map, &csv(rows, !by_row));
            for (newest, row) in newest.iter_mut().zip(rows) {
                // A record that is missing from an extract stays as the one before said.
                *newest = row.clone().or(newest.take());
            }
            let standing = ledger.reading().len();
            let told = prepared.unchanged + prepared.absent + prepared.changes.iter().filter(|change| change.kind.name() != "retracted").count();
            prop_assert_eq!(standing, told);
        }
        let mut fresh = Ledger::new();
        fresh.import(map, &csv(&newest, !by_row));
        prop_assert_eq!(ledger.reading(), fresh.reading());
    }

    #[test]
    fn nothing_makes_it_panic(map in ".{0,200}", csv in prop::collection::vec(any::<u8>(), 0..200), cut in 0..KEYED.len()) {
        let cases = Cases::default();
        let setting = Setting { name: "x", cases: &cases, zone: zone(), now: now() };
        let _ = prepare_files(map.as_bytes(), &csv, &setting);
        let _ = prepare_files(KEYED.as_bytes(), &csv, &setting);
        let _ = prepare_files(KEYED.get(..cut).unwrap_or_default().as_bytes(), &csv, &setting);
        let text = [b"Record,Case,Kind,Date,By,Score,Opened\n1,SD-1,Visit,".as_slice(), &csv].concat();
        let _ = prepare_files(KEYED.as_bytes(), &text, &setting);
    }
}
