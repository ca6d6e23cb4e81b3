//! A busy minute: 64 clients append, 16 list what is due; the daemon is the release binary on a disk.
//!
//! First at a pace, 640 events and 64 lists a second, which is what the bars are for; then as fast as there are answers,
//! which only shows where the end is: with 2 cores, lists and appends then wait for one another. The clients are on the
//! same machine and take their share of its cores. `LOAD_SECONDS` says how long each takes.

use std::time::Duration;

use crate::clients::{self, APPENDING, EACH, Found, LISTING, Pace, Waits};
use crate::daemon::{Daemon, Memory, binary, run};
use crate::million::quiet_config;
use crate::{rounds, table};

pub const PART: &str = "load";
const CASES: usize = 2_000;
/// In this time the daemon comes to its working size.
const WARMING_UP: Duration = Duration::from_secs(5);

pub async fn measure() {
    let length = Duration::from_secs(rounds::number("LOAD_SECONDS").unwrap_or(60));
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let (config, data) = (dir.path().join("config"), dir.path().join("data"));
    quiet_config(&config);
    let file = dir.path().join("events.jsonl");
    std::fs::write(&file, clients::history(CASES)).expect("written");
    run(binary(&config, &data).arg("import").arg(&file));
    let (daemon, _) = Daemon::start(&config, &data);
    // With one at least of everything, so that what is made once is made.
    let warmed = clients::run(daemon.socket(), CASES, "warm", Pace::NONE, WARMING_UP).await;
    let clients = format!("{APPENDING} clients append, {LISTING} list");
    table::plain(&clients, &format!("{CASES} cases of {EACH} events and more; {} s each", length.as_secs()));
    let before = daemon.memory();
    let busy = clients::run(daemon.socket(), CASES, "busy", Pace::BUSY, length).await;
    let after = daemon.memory();
    tell("640 events and 64 lists a second", &busy, length, true);
    memory(before, after);
    let racing = clients::run(daemon.socket(), CASES, "racing", Pace::NONE, length).await;
    tell("without a pause", &racing, length, false);
    table::plain("… memory of the daemon", &daemon.memory().to_string());
    let held = clients::events(daemon.socket()).await;
    daemon.stop();
    let rounds = [&warmed, &busy, &racing];
    let acknowledged: usize = rounds.iter().map(|found| found.appends.count()).sum();
    let errors = rounds.iter().flat_map(|found| &found.errors).collect::<Vec<_>>();
    for error in errors.iter().take(3) {
        eprintln!("{error}");
    }
    table::at_most("errors", &errors.len().to_string(), figure(errors.len()), 0.0, "");
    let lost = (CASES * EACH + acknowledged).abs_diff(held);
    table::at_most("events acknowledged and not there", &lost.to_string(), figure(lost), 0.0, "");
}

fn tell(how: &str, found: &Found, length: Duration, judged: bool) {
    answers(&format!("{how}: appending an event"), &found.appends, length, judged);
    answers("… listing what one professional has to do, in 20 cases", &found.of_person, length, judged);
    answers("… listing one case", &found.of_case, length, judged);
    let what = format!("… listing all {CASES} cases once a second, half / 99 % / all within");
    table::plain(&what, &waits(&found.whole));
}

fn answers(what: &str, found: &Waits, length: Duration, judged: bool) {
    let rate = figure(found.count()) / length.as_secs_f64();
    let told = format!("{}/s; {}", table::whole(rate), waits(found));
    let what = format!("{what}: half / 99 % / all within");
    if judged {
        table::at_most(&what, &told, found.within(990), 50.0, " ms for 99 %");
    } else {
        table::plain(&what, &told);
    }
}

fn waits(found: &Waits) -> String {
    let [half, most, all] = [500, 990, 1_000].map(|permille| found.within(permille));
    format!("{half:.2} / {most:.2} / {all:.2} ms")
}

/// What is recorded is held in memory, a few dozen bytes an event, and nothing else stays there.
fn memory(before: Memory, after: Memory) {
    let found = format!("{:.0} MB before, {after} after", before.now);
    table::at_most("… memory of the daemon", &found, after.now - before.now, 20.0, " MB more");
}

fn figure(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("fewer than four thousand million"))
}
