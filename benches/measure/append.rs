//! Durable append by many writers, beside a raw group commit to a file of events of the same size.

use std::sync::Arc;

use crate::raw::Raw;
use crate::rounds::{CASES, Found, Rounds, WRITERS, round};
use crate::whole::Whole;
use crate::{support, table};

/// What either system did, in rounds that take turns.
pub struct Both {
    pub raw: Found,
    pub whole: Found,
}

pub async fn both(rounds: Rounds) -> Both {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let raw = Raw::start(&dir.path().join("raw"));
    let whole = Arc::new(Whole::start(&dir.path().join("log")).await);
    let events: Arc<Vec<_>> = Arc::new((0..CASES).map(|case| support::event(case, 24)).collect());
    let size = serde_json::to_vec(&support::event(0, 21)).expect("JSON").len();
    let mut both = Both { raw: Found::default(), whole: Found::default() };
    for number in 0..=rounds.count {
        let raw = raw.clone();
        let of_raw = round(rounds, move |_, _| {
            let raw = raw.clone();
            async move { raw.append(vec![b'x'; size]).await }
        })
        .await;
        let (whole, events) = (Arc::clone(&whole), Arc::clone(&events));
        let of_whole = round(rounds, move |writer, n| {
            let (whole, events) = (Arc::clone(&whole), Arc::clone(&events));
            async move {
                let mut event = events[(writer + n * WRITERS) % CASES].clone();
                event["id"] = format!("{number}-{writer}-{n}").into();
                whole.append(event).await;
            }
        })
        .await;
        // The first round warms up and is not counted.
        if number > 0 {
            both.raw.add(of_raw);
            both.whole.add(of_whole);
        }
    }
    both
}

/// `rate`/s beside `rate`/s: ratio.
pub fn rates(both: &Both) -> (String, f64) {
    let ratio = both.whole.ratio(&both.raw);
    let (whole, raw) = (table::whole(both.whole.rate()), table::whole(both.raw.rate()));
    (format!("{whole}/s beside {raw}/s: {ratio:.3}"), ratio)
}

pub async fn measure(rounds: Rounds) {
    let mut both = both(rounds).await;
    let (found, ratio) = rates(&both);
    let what = format!(
        "durable append, {WRITERS} writers, everything on, beside a raw group commit to a file in the same run"
    );
    table::at_least(&what, &found, ratio, 0.6, "");
    let (whole, raw) = (both.whole.waits(), both.raw.waits());
    table::plain(
        "the wait for an answer, half / 99 % / all of them within, beside the raw one",
        &format!("{whole} beside {raw}"),
    );
    let most = whole.most / raw.most;
    let found = format!("{:.2} ms beside {:.2} ms: {most:.2} ×", whole.most, raw.most);
    table::at_most("… 99 % within, beside the raw one", &found, most, 2.0, " ×");
    let found = format!("{:.2} ms beside {:.2} ms", whole.worst, raw.worst);
    table::at_most("… the worst", &found, whole.worst, 20.0, " ms");
}
