//! How soon the daemon is there with 1,000,000 events behind it, what it needs meanwhile, and what its files take.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use stepdown::api::Client;

use crate::daemon::{Daemon, binary, run};
use crate::million::{CASES, EACH, Million};
use crate::rounds::{Rounds, median, milliseconds};
use crate::{support, table};

/// How many events are answered before the daemon is killed, and who appends them.
const BEFORE_THE_KILL: usize = 4_000;
const CLIENTS: usize = 8;

pub fn measure(million: &Million, rounds: Rounds) {
    // The daemon takes its first start to itself: what an import leaves is not what a stop leaves.
    let (daemon, after_import) = Daemon::start(&million.config, &million.data);
    daemon.stop();
    disk(million);
    after_a_stop(million, rounds, after_import);
    after_a_kill(million, rounds);
}

/// Bytes of all files below, as they look and as they lie on the disk.
fn sizes(dir: &Path) -> (f64, f64) {
    let (mut apparent, mut allocated) = (0.0, 0.0);
    for entry in fs::read_dir(dir).expect("a directory") {
        let entry = entry.expect("an entry");
        let data = entry.metadata().expect("a file");
        let (of_apparent, of_allocated) = if data.is_dir() {
            sizes(&entry.path())
        } else {
            (number(data.len()), number(data.blocks()) * 512.0)
        };
        apparent += of_apparent;
        allocated += of_allocated;
    }
    (apparent, allocated)
}

#[expect(clippy::cast_precision_loss, reason = "no file here has 2^53 bytes")]
const fn number(count: u64) -> f64 {
    count as f64
}

fn disk(million: &Million) {
    let mut export =
        binary(&million.config, &million.data).arg("export").stdout(Stdio::piped()).spawn().expect("it runs");
    let mut lines = BufReader::with_capacity(1 << 20, export.stdout.take().expect("a pipe"));
    let (mut count, mut bytes, mut line) = (0, 0, Vec::new());
    while lines.read_until(b'\n', &mut line).expect("readable") > 0 {
        count += 1;
        bytes += line.len() as u64 - 1;
        line.clear();
    }
    assert!(export.wait().expect("it ends").success(), "the export");
    let (count, mean) = (number(count), number(bytes) / number(count));
    let (apparent, allocated) = sizes(&million.data);
    let (apparent, allocated) = (apparent / count, allocated / count);
    let ratio = allocated / mean;
    let found = format!(
        "{allocated:.0} bytes ({apparent:.0} by the files' lengths) beside {mean:.0} bytes: {ratio:.3}"
    );
    let what = "disk that an event takes, indexes and all, beside its line of JSON";
    table::at_most(what, &found, ratio, 0.4, "");
}

fn after_a_stop(million: &Million, rounds: Rounds, after_import: Duration) {
    let mut times = Vec::new();
    let mut memory = None;
    for _ in 0..rounds.count {
        let (daemon, ready) = Daemon::start(&million.config, &million.data);
        times.push(milliseconds(ready));
        if memory.is_none() {
            let when_ready = daemon.memory();
            // A daemon that runs answers for the command.
            run(binary(&million.config, &million.data).args(["due", "--format", "json"]));
            memory = Some((when_ready, daemon.memory()));
        }
        daemon.stop();
    }
    let ready = median(times);
    let found =
        format!("{ready:.0} ms (the first time after the import: {:.0} ms)", milliseconds(after_import));
    let what =
        "from `stepdown run` to the first answer with 1,000,000 events in 10,000 cases, after a clean stop";
    table::at_most(what, &found, ready, 50.0, " ms");
    if let Some((when_ready, after_due)) = memory {
        table::at_most("… memory when ready", &when_ready.to_string(), when_ready.now, 150.0, " MB");
        let what = "… memory after a whole due list";
        table::at_most(what, &after_due.to_string(), after_due.now, 150.0, " MB");
    }
}

fn after_a_kill(million: &Million, rounds: Rounds) {
    let mut times = Vec::new();
    let mut known = CASES * EACH;
    let (mut daemon, _) = Daemon::start(&million.config, &million.data);
    for round in 0..rounds.count {
        known += append_until_killed(&mut daemon, round);
        let ready;
        (daemon, ready) = Daemon::start(&million.config, &million.data);
        times.push(milliseconds(ready));
        let status = Client::find(daemon.socket()).expect("it answers").status().expect("a status");
        assert!(status.events >= known, "{known} events were acknowledged, {} are there", status.events);
        known = status.events;
    }
    daemon.stop();
    let ready = median(times);
    let what = format!("… after `kill -9` amid appends, {BEFORE_THE_KILL} events after its start");
    table::at_most(&what, &format!("{ready:.0} ms"), ready, 1_000.0, " ms");
}

/// Lets clients append one event after the other, and kills the daemon meanwhile. Gives how many were answered.
fn append_until_killed(daemon: &mut Daemon, round: usize) -> usize {
    let answered = AtomicUsize::new(0);
    let socket = daemon.socket().to_owned();
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (answered, socket) = (&answered, &socket);
            scope.spawn(move || {
                let Some(daemon) = Client::find(socket) else { return };
                for n in 0.. {
                    let mut event = support::event((client + n * CLIENTS) % CASES, EACH + round);
                    event["id"] = format!("kill-{round}-{client}-{n}").into();
                    if daemon.append(&event, None).is_err() {
                        break;
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while answered.load(Ordering::Relaxed) < BEFORE_THE_KILL {
            std::thread::sleep(Duration::from_millis(1));
        }
        daemon.kill();
    });
    answered.into_inner()
}
