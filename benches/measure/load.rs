//! A busy minute: 64 clients append, 16 list what is due, none pauses; the daemon is the release binary on a disk.
//!
//! The clients are on the same machine and take their share of its cores. `LOAD_SECONDS` says how long.

use std::time::Duration;

use crate::clients::{self, APPENDING, EACH, Found, LISTING, Waits};
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
    let warmed = clients::run(daemon.socket(), CASES, "warm", WARMING_UP).await;
    let before = daemon.memory();
    let mut found = clients::run(daemon.socket(), CASES, "load", length).await;
    let after = daemon.memory();
    let held = clients::events(daemon.socket()).await;
    daemon.stop();
    let appended = warmed.appends.count() + found.appends.count();
    found.errors.extend(warmed.errors);
    if held != CASES * EACH + appended {
        found.errors.push(format!("{appended} events were acknowledged, {held} are there in all"));
    }
    let clients = format!("{APPENDING} clients append and {LISTING} list, none pauses");
    let setting = format!("{} s over {CASES} cases of {EACH} events and more", length.as_secs());
    table::plain(&clients, &setting);
    tell(&found, length);
    memory(before, after, found.appends.count());
}

fn tell(found: &Found, length: Duration) {
    for error in found.errors.iter().take(3) {
        eprintln!("{error}");
    }
    let errors = found.errors.len();
    table::at_most("… errors, and events lost", &errors.to_string(), figure(errors), 0.0, "");
    answers("… appending an event", &found.appends, length);
    answers("… listing what one professional has to do, in 20 cases", &found.of_person, length);
    answers("… listing one case", &found.of_case, length);
    let what = format!("… listing all {CASES} cases once a second, half / 99 % / all within");
    table::plain(&what, &waits(&found.whole));
}

fn answers(what: &str, found: &Waits, length: Duration) {
    let rate = figure(found.count()) / length.as_secs_f64();
    let told = format!("{}/s; {}", table::whole(rate), waits(found));
    table::at_most(
        &format!("{what}: half / 99 % / all within"),
        &told,
        found.within(990),
        50.0,
        " ms for 99 %",
    );
}

fn waits(found: &Waits) -> String {
    let [half, most, all] = [500, 990, 1_000].map(|permille| found.within(permille));
    format!("{half:.2} / {most:.2} / {all:.2} ms")
}

/// What is recorded is held in memory, and nothing else stays there.
fn memory(before: Memory, after: Memory, appended: usize) {
    let each = (after.now - before.now) * 1e6 / figure(appended.max(1));
    let found =
        format!("{:.0} MB before, {after} after: {each:.0} bytes for each event appended", before.now);
    table::at_most("… memory of the daemon", &found, each, 200.0, " bytes an event");
}

fn figure(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("fewer than four thousand million"))
}
