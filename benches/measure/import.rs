//! The import of validated events, the whole process.

use std::time::Instant;

use crate::daemon::{binary, run};
use crate::million::{quiet_config, write_events};
use crate::rounds::{Rounds, median};
use crate::table;

pub fn measure(rounds: Rounds) {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let (config, file) = (dir.path().join("config"), dir.path().join("events.jsonl"));
    quiet_config(&config);
    write_events(&file, 2_000, 100);
    let rates = (0..rounds.count).map(|round| {
        let data = dir.path().join(format!("data-{round}"));
        let start = Instant::now();
        run(binary(&config, &data).arg("import").arg(&file));
        200_000.0 / start.elapsed().as_secs_f64()
    });
    let rate = median(rates.collect());
    let found = format!("{} events/s", table::whole(rate));
    table::at_least(
        "`import` of 200,000 validated events, the whole process",
        &found,
        rate,
        100_000.0,
        " events/s",
    );
}
