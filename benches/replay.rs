//! What a policy change would do, over a large authority's years: `replay --against` on the real binary, over
//! 1,000,000 events in 10,000 cases. Bars: 5 s and 1 GB on two cores.
//!
//! `cargo bench --bench replay`; a number takes that many cases: `cargo bench --bench replay -- 1000`.

mod support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use chrono::Duration;
use serde_json::Value;
use stepdown::calendar::Instant as Moment;
use stepdown::case::rfc3339;
use stepdown::config::{Config, Source, init};
use stepdown::daemon::{AppendRequest, Writer};

const EACH: usize = 100;
const RUNS: usize = 5;

/// A change that an admin might make, in the rule of this id: from, to, and whether open series follow.
const CHANGES: [(&str, &str, &str, &str, bool); 3] = [
    (
        "weekly meetings for twice as long, from now on",
        "support-meeting-weekly",
        "for = \"6 weeks\"",
        "for = \"12 weeks\"",
        false,
    ),
    (
        "weekly meetings for twice as long, open series too",
        "support-meeting-weekly",
        "for = \"6 weeks\"",
        "for = \"12 weeks\"",
        true,
    ),
    (
        "needs assessed every eight weeks, open series too",
        "needs-assessment",
        "every = \"6 weeks\"",
        "every = \"8 weeks\"",
        true,
    ),
];

fn main() {
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let cases: usize = asked.unwrap_or(10_000);
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let data = dir.path().join("data");
    fill(&data, cases);
    println!("replay --against over {} events in {cases} cases, median of {RUNS}:", cases * EACH);
    for (number, (name, rule, from, to, open)) in CHANGES.iter().enumerate() {
        let config = dir.path().join(format!("config-{number}"));
        init(&config).expect("written");
        edit(&config, rule, from, to, *open);
        let mut runs: Vec<(f64, u64, usize)> = (0..RUNS).map(|_| run(&data, &config)).collect();
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (seconds, _, touched) = runs[RUNS / 2];
        let memory = runs.iter().map(|(_, memory, _)| *memory).max().unwrap_or_default();
        println!("  {name:<52} {seconds:>5.2} s, {memory:>4} MB at most, {touched:>6} cases touched");
    }
}

fn fill(data: &Path, cases: usize) {
    let config = Arc::new(Config::load(&Source::Starter).expect("the starter loads"));
    let mut writer = Writer::open(data, config, "a bench").expect("a log");
    let events = (0..EACH).flat_map(|n| (0..cases).map(move |case| spread(support::event(case, n), case, n)));
    writer.stage(AppendRequest::new(events.collect()), support::now() + Duration::days(19)).expect("taken");
    writer.commit().expect("synced");
}

/// The event of a case that goes by faster or slower than others, so that one in eight children has moved
/// within the last twelve weeks.
fn spread(mut event: Value, case: usize, n: usize) -> Value {
    let hours = 6 * (1 + case % 8) * (EACH - 1 - n) + case % 5;
    let end: Moment = "2026-11-20T09:00:00Z".parse().expect("an instant");
    event["time"] = rfc3339(end - Duration::hours(i64::try_from(hours).expect("few"))).into();
    event
}

fn edit(config: &Path, rule: &str, from: &str, to: &str, open: bool) {
    let path = config.join("programmes/lancashire-step-down.toml");
    let text = std::fs::read_to_string(&path).expect("the programme");
    let start = text.find(&format!("id = \"{rule}\"")).expect("the rule");
    let (head, tail) = text.split_at(start);
    let reach = if open { "applies_to = \"open\"\n" } else { "" };
    let head = head.replacen("ends_with = ", &format!("{reach}ends_with = "), 1);
    std::fs::write(path, head + &tail.replacen(from, to, 1)).expect("writable");
}

/// Seconds, megabytes at the peak, and how many cases were touched.
fn run(data: &Path, config: &Path) -> (f64, u64, usize) {
    let script = "\"$@\" & child=$!; peak=0; while kill -0 $child 2>/dev/null; do \
                  now=$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$child/status 2>/dev/null); \
                  [ \"${now:-0}\" -gt \"$peak\" ] && peak=$now; sleep 0.02; done; wait $child; echo $peak >&2";
    let start = Instant::now();
    let output = Command::new("sh")
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_stepdown"), "--data"])
        .arg(data)
        .args(["--format", "json", "replay", "--against"])
        .arg(config)
        .output()
        .expect("it runs");
    let seconds = start.elapsed().as_secs_f64();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let peak = String::from_utf8_lossy(&output.stderr).trim().parse::<u64>().expect("a number") / 1024;
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    (seconds, peak, usize::try_from(found["touched"].as_u64().expect("a count")).expect("few"))
}
