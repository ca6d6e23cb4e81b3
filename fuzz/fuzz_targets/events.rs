//! Events, one a line: what the door admits is projected and explained, what it does not is refused.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use stepdown::api::DueQuery;
use stepdown::api::answer::Answers;
use stepdown::calendar::Instant;
use stepdown::case::{Cases, EventNumber, RecordedEvent, Sequence, admit, parse_event};
use stepdown::config::{Config, Source};
use stepdown::daemon::Records;

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::load(&Source::Starter).expect("the starter"));

fuzz_target!(|text: &str| {
    let now: Instant = "2026-11-02T09:00:00Z".parse().expect("an instant");
    let read = text.lines().filter_map(|line| parse_event(serde_json::from_str(line).ok()?).ok());
    let events: Vec<_> = read.map(|(event, _)| event).collect();
    let refused = admit(&events.iter().collect::<Vec<_>>(), &Cases::default(), &CONFIG.admissions, now);
    if events.is_empty() || !refused.is_empty() {
        return;
    }
    let mut records = Records::default();
    for event in events {
        let number = records.cases.get(&event.subject).map_or(0, |file| file.version().0);
        let (sequence, recorded) = (Sequence(1), event.time);
        records.cases.apply(&RecordedEvent { event, sequence, number: EventNumber(number + 1), recorded });
    }
    let answers = Answers { records: &records, config: &CONFIG, now };
    let Ok(rows) = answers.due(&DueQuery { all: true, ..DueQuery::default() }) else { return };
    for row in rows.into_iter().take(5) {
        let name = row.occurrence.parse().expect("a name");
        assert!(answers.explain(&name, None, None).is_ok(), "{name} is listed and cannot be explained");
    }
});
