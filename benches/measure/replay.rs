//! From the stored bytes of 1,000,000 events to every due date; and the way up to the events alone, beside the
//! same work on a flat file.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use stepdown::config::{Config, Source};
use stepdown::schedule::{Asked, CaseView, obligations};

use crate::million::{CASES, Million};
use crate::rounds::{Rounds, median};
use crate::{flat, scan, support, table};

pub fn measure(million: &Million, rounds: Rounds) {
    let file = million.dir.path().join("flat");
    flat::write(scan::open(&million.data).reader(), &file);
    let (mut replays, mut scans, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut flats = Vec::new();
    for _ in 0..rounds.count {
        let flat = rate(|| {
            let log = scan::open(&million.data);
            // The cases of the slots, which the log learns as it goes.
            log.restore_slots((0..CASES).map(support::reference).collect());
            let mut events = 0;
            flat::read(log.reader(), &file, |event| {
                black_box(event);
                events += 1;
            });
            events
        });
        let scan = rate(|| {
            let mut entries = 0;
            scan::whole(&million.data, |entry| {
                black_box(entry);
                entries += 1;
            });
            entries
        });
        replays.push(rate(|| due_dates(&million.data, &million.config)));
        ratios.push(scan / flat);
        scans.push(scan);
        flats.push(flat);
    }
    std::fs::remove_file(file).expect("removed");
    let replay = median(replays);
    table::at_least(
        "verified replay of 1,000,000 events in 10,000 cases, from opening the log to every due date",
        &format!("{} events/s", table::whole(replay)),
        replay,
        1_000_000.0,
        " events/s",
    );
    let ratio = median(ratios);
    let (scan, flat) = (table::whole(median(scans)), table::whole(median(flats)));
    let found = format!("{scan}/s beside {flat}/s: {ratio:.3}");
    let what = "the log read, verified and decoded alone, beside the same work on a flat file";
    table::at_least(what, &found, ratio, 0.8, "");
}

/// What `work` counts, per second.
fn rate(work: impl FnOnce() -> u32) -> f64 {
    let start = Instant::now();
    let count = work();
    f64::from(count) / start.elapsed().as_secs_f64()
}

/// Every obligation of every case, on all cores. Gives the number of events.
fn due_dates(data: &Path, config: &Path) -> u32 {
    let config = Config::load(&Source::Directory(config.to_owned())).expect("a configuration");
    let records = scan::records(data);
    let policies = records.policies(&config, None);
    let asked = Asked { on: "2026-11-02".parse().expect("a date"), horizon: 90, named: None };
    let cases: Vec<_> = records.cases.iter().collect();
    let found: usize = cases
        .into_par_iter()
        .map(|file| {
            let (policy, history) = (&policies[file.programme()], file.history());
            let view = CaseView::new(&history, policy.newest().zone, asked.on, None);
            black_box(obligations(policy, &view, &asked)).len()
        })
        .sum();
    assert!(found > 0, "something is due");
    u32::try_from(records.cases.events()).expect("few")
}
