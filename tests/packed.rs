//! Events and cases as bytes: what was packed is read as it was, and bytes that nobody packed do no harm.

#[path = "../benches/support/mod.rs"]
mod bench;

use std::fmt::Write as _;

use chrono::DateTime;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use stepdown::calendar::Instant;
use stepdown::case::{
    CaseFile, CaseHistory, CaseRef, Cases, Data, Erasure, Event, EventNumber, Interner, PackError, Packed,
    RecordedEvent, Sequence, Sought, parse_event, unpack,
};

fn case() -> CaseRef {
    "SD-0042".parse().expect("a reference")
}

fn read_back(event: &Event) -> Event {
    let (packed, mut words) = (Packed::of(event), Interner::default());
    assert_eq!(Packed::read(packed.bytes(), &mut words).as_ref(), Ok(&packed), "it is judged as it was made");
    unpack(packed.bytes(), &event.subject, &mut words).expect("it was packed")
}

fn instant() -> impl Strategy<Value = Instant> {
    let seconds = prop_oneof![
        (1_000_000_000..2_000_000_000_i64),
        (0..40_000_000_i64).prop_map(|minutes| minutes * 60),
        (-8_000_000_000_000..8_000_000_000_000_i64)
    ];
    let nanos = prop_oneof![
        3 => Just(0),
        1 => (0..1_000_u32).prop_map(|milli| milli * 1_000_000),
        1 => (0..1_000_000_u32).prop_map(|micro| micro * 1_000),
        2 => 0..1_000_000_000_u32,
    ];
    let leap =
        (0..30_000_000_i64, 1_000_000_000..2_000_000_000_u32).prop_map(|(n, nanos)| (n * 60 + 59, nanos));
    prop_oneof![6 => (seconds, nanos), 1 => leap]
        .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).expect("in range"))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec!["visit-made", "by", "child-social-worker", "initial", "lancashire-step-down"])
            .prop_map(str::to_owned),
        2 => ".{0,40}",
        1 => "[0-9]{4}-[01][0-9]-[0-3][0-9]",
        1 => "[a-z ]{100,400}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-5..25_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..12).prop_map(Value::from),
            prop::collection::btree_map(text(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn fields(most: usize) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(text(), value(), 0..most).prop_map(|fields| fields.into_iter().collect())
}

fn id() -> impl Strategy<Value = String> {
    let hex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    prop_oneof![
        hex.prop_map(|id| id),
        hex.prop_map(|id| id.to_uppercase()),
        "SD-0042/[a-z-]{0,30}/[0-9a-f]{32}(/[0-9]|/c[0-9])?",
        "SD-0042/visit-made/[0-9a-f]{30,33}",
        "SD-0042/[a-z]{180,220}/[0-9a-f]{32}".prop_map(|id| id[..id.len().min(256)].to_owned()),
        "[^\\p{C}]{1,60}",
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let types = prop_oneof![
        text(),
        prop::sample::select(vec!["case-opened", "event-retracted", "event-corrected"])
            .prop_map(str::to_owned),
    ];
    let rest = (instant(), fields(6), prop::option::of(fields(3)));
    (id(), types, text(), rest).prop_map(|(id, event_type, source, (time, data, extensions))| Event {
        id: id.parse().expect("an id"),
        source: source.into(),
        event_type: event_type.into(),
        subject: case(),
        time,
        data: Data::from(data),
        extensions: extensions.map(Box::new),
    })
}

/// Whether two events are the same to the bit: equality takes 0.0 and -0.0 for the same.
fn exactly(one: &Event, other: &Event) -> bool {
    let data = |event: &Event| serde_json::to_string(&(&event.data, &event.extensions)).expect("JSON");
    one == other && data(one) == data(other)
}

/// The texts that are values in `json`, however deep.
fn all_texts(json: &Value, texts: &mut Vec<String>) {
    match json {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| all_texts(item, texts)),
        Value::Object(fields) => fields.values().for_each(|value| all_texts(value, texts)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn what_was_packed_is_unpacked_as_it_was(event in event()) {
        prop_assert!(exactly(&read_back(&event), &event));
    }

    #[test]
    fn bytes_are_judged_as_they_are_unpacked(event in event(), at in any::<prop::sample::Index>(), byte: u8, cut: bool) {
        let mut bytes = Packed::of(&event).bytes().to_vec();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let mut words = Interner::default();
        let judged = Packed::read(&bytes, &mut words).map(|_| ());
        prop_assert_eq!(judged, unpack(&bytes, &case(), &mut words).map(|_| ()));
    }

    #[test]
    fn bytes_that_nobody_packed_do_no_harm(rest in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut words = Interner::default();
        for head in [&[][..], &[1][..], &[1, 0][..], &[1, 4, 0, 0, 1, b'x', 0, 1, 0][..], &[1, 1][..], &[1, 2][..]] {
            let bytes = [head, &rest].concat();
            let judged = Packed::read(&bytes, &mut words).map(|_| ());
            prop_assert_eq!(judged, unpack(&bytes, &case(), &mut words).map(|_| ()));
            let _ = CaseFile::from_bytes(case(), bytes.clone());
        }
    }

    #[test]
    fn a_file_can_hold_each_text_in_the_data_of_its_events(events in prop::collection::vec(event(), 1..6)) {
        let mut file = CaseFile::new(case());
        for (event, sequence) in events.iter().zip(1..) {
            file.push(Sequence(sequence), event.time, &Packed::of(event));
        }
        for event in &events {
            let mut texts = Vec::new();
            all_texts(&event.data.to_json(), &mut texts);
            for text in texts {
                prop_assert!(file.can_hold(&Sought::new(&text)), "{text:?}");
            }
        }
        prop_assert!(!file.can_hold(&Sought::new("a text that is in none of them")));
    }

    #[test]
    fn a_file_reads_as_the_history_it_was_made_of(
        events in prop::collection::vec((event(), instant(), 1..1_000_u64), 0..12),
    ) {
        let (mut history, mut cases) = (CaseHistory::new(case()), Cases::default());
        let mut sequence = 0;
        for (number, (event, recorded, more)) in (1..).zip(events) {
            sequence += more;
            let (sequence, number) = (Sequence(sequence), EventNumber(number));
            let event = RecordedEvent { event, sequence, number, recorded };
            cases.apply(&event);
            history.apply(event);
        }
        let empty = CaseFile::new(case());
        let file = cases.get(&case()).unwrap_or(&empty);
        prop_assert!(file.history() == history);
        prop_assert_eq!(file.is_unopened(), history.is_unopened());
        prop_assert_eq!(file.version(), history.version());
        let first = history.events().first();
        prop_assert_eq!(first.and_then(|first| file.find(first.event.id.as_str())), first.map(|_| EventNumber(1)));
        let mut bytes = Vec::new();
        file.to_bytes(&mut bytes);
        prop_assert_eq!(&CaseFile::from_bytes(case(), bytes.clone()).expect("a file"), file);
    }
}

fn parsed(json: Value) -> Event {
    parse_event(json).expect("an event").0
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[test]
fn the_bytes_of_form_1_stay_as_they_are() {
    let event = parsed(json!({
        "specversion": "1.0", "id": "0198c0de-0000-7000-8000-00000000002a", "type": "visit-made",
        "source": "https://case-system.example.org/", "subject": "SD-0042", "time": "2026-06-01T14:30:00+01:00",
        "data": {"by": "child-social-worker", "on": "2026-06-01", "score": 40, "less": -1.5, "was": [null, true, 7, -300]},
        "authid": "a.okafor",
    }));
    insta::assert_snapshot!(hex(Packed::of(&event).bytes()), @"01052f6f0198c0de00007000800000000000002ad0e8ef0c053e60ca6c657373ebbff8000000000000c86f6ec4507d3be928c9776173ec04e6e8f5eaab020176ce612e6f6b61666f72");
    let marked = parsed(json!({
        "specversion": "1.0", "id": "SD-0042/visit-made/5e921fd0b1c37dd7a4f46fd2e4ae1331/c1", "type": "visit-made",
        "source": "/elsewhere", "subject": "SD-0042", "time": "2026-06-01T14:30:00.000000001Z",
    }));
    insta::assert_snapshot!(hex(Packed::of(&marked).bytes()), @"01022fd02f656c736577686572652f5e921fd0b1c37dd7a4f46fd2e4ae1331032f6331c3e6b684060100");
    assert!(read_back(&event) == event && read_back(&marked) == marked);
}

#[test]
fn an_event_takes_few_bytes() {
    let mut cases = Cases::default();
    for (sequence, json) in (1..).zip(bench::log(20, 100)) {
        let event = parsed(json);
        let recorded = event.time + chrono::Duration::nanoseconds(1_234_567_891);
        cases.apply(&RecordedEvent { event, sequence: Sequence(sequence), number: EventNumber(0), recorded });
    }
    let mut bytes = Vec::new();
    cases.iter().for_each(|file| file.to_bytes(&mut bytes));
    let each = bytes.len() / cases.events();
    assert!(each < 60, "{each} bytes an event");
}

#[test]
fn what_is_too_new_or_too_deep_is_refused() {
    let mut words = Interner::default();
    assert_eq!(Packed::read(&[2], &mut words), Err(PackError::TooNew(2)));
    assert_eq!(CaseFile::from_bytes(case(), vec![2]), Err(PackError::TooNew(2)));
    let nested = |depth: usize| {
        let value = (0..depth).fold(Value::Null, |inner, _| json!([inner]));
        parsed(json!({
            "specversion": "1.0", "id": "e", "type": "t", "source": "/s", "subject": "SD-0042",
            "time": "2026-06-01T14:30:00Z", "data": {"deep": value},
        }))
    };
    let deep = nested(128);
    assert!(read_back(&deep) == deep);
    let deeper = Packed::of(&nested(129));
    assert!(Packed::read(deeper.bytes(), &mut words).is_err());
    assert!(unpack(deeper.bytes(), &case(), &mut words).is_err());
}

#[test]
fn of_an_erased_case_only_the_number_of_its_events_is_kept() {
    let mut cases = Cases::default();
    for (sequence, json) in (1..).zip(bench::log(1, 5)) {
        let event = parsed(json);
        let recorded = event.time;
        cases.apply(&RecordedEvent { event, sequence: Sequence(sequence), number: EventNumber(0), recorded });
    }
    let case: CaseRef = "SD-00000".parse().expect("a reference");
    let before = cases.clone();
    let erased = Erasure { recorded: bench::now(), sequence: Sequence(6) };
    cases.erase(&case, erased);
    let file = cases.get(&case).expect("it is known");
    assert_eq!((file.erased(), file.version()), (Some(&erased), EventNumber(5)));
    assert!(file.history().events().is_empty() && file.find("0-0").is_none());
    assert_eq!((cases.len(), cases.events()), (1, 5));
    assert_eq!(before.get(&case).map(|file| file.history().events().len()), Some(5), "who reads goes on");
    let mut bytes = Vec::new();
    file.to_bytes(&mut bytes);
    assert_eq!(CaseFile::from_bytes(case, bytes.clone()).as_ref(), Ok(file));
}
