//! A call to the system fails: the disk is full, or broken, or there are too many files. The daemon says so
//! and stops, and what it acknowledged is there when it is started again.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use crate::kill::{Judged, judge};
use crate::load::{Acknowledged, Line};
use crate::stand::{Found, Ran, Stand};
use crate::tally::{Tally, is_full};
use crate::tools::failing_calls;
use crate::tree;

/// Calls of one kind, and how they fail.
struct Series {
    calls: &'static str,
    error: i32,
    said: &'static str,
    /// Whether only calls on files of the data directory are meant.
    on_data: bool,
}

const fn series(calls: &'static str, error: i32, said: &'static str, on_data: bool) -> Series {
    Series { calls, error, said, on_data }
}

const FULL: &str = "No space left on device";
const BROKEN: &str = "Input/output error";
const MANY: &str = "Too many open files";

const SERIES: [Series; 7] = [
    series("write", 28, FULL, true),
    series("write", 5, BROKEN, true),
    series("truncate", 28, FULL, true),
    series("rename", 28, FULL, true),
    series("sync", 5, BROKEN, true),
    series("open", 24, MANY, false),
    series("socket", 24, MANY, false),
];

/// The directory the daemon finds: none, or one with a log.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Given {
    New,
    Old,
}

#[test]
fn a_call_that_fails_is_told_of_and_costs_nothing_acknowledged() {
    let tally = Tally::of("failing calls");
    let Some(library) = failing_calls() else {
        crate::tally::say("skipped: calls cannot be made to fail without a C compiler (cc)");
        return;
    };
    let home = tempfile::tempdir().expect("a directory");
    let old = Old::make(home.path());
    let numbers: Vec<usize> = if is_full() { (1..=400).collect() } else { vec![1, 4, 13, 40, 120] };
    let mut tries = Vec::new();
    for number in numbers {
        for kind in 0..SERIES.len() {
            tries.extend([Given::New, Given::Old].map(|given| (kind, given, number)));
        }
    }
    // The first number that was not reached, of each series: there is no use in greater ones.
    let ends = Mutex::new([[usize::MAX; 2]; SERIES.len()]);
    tally.each(tries.len(), |number, _| {
        let (kind, given, at) = tries[number];
        let place = usize::from(given == Given::Old);
        if at > ends.lock().expect("unpoisoned")[kind][place] {
            return;
        }
        let dir = tempfile::tempdir().expect("a directory");
        let trial = Trial::of(&SERIES[kind], at, given, dir.path());
        let acknowledged = Acknowledged::default();
        if given == Given::Old {
            tree::copy(&old.data, &trial.stand.data);
            old.fill(&acknowledged);
        }
        let (ran, refused) = trial.run(library, &acknowledged);
        let Some(hit) = trial.hit() else {
            let end = &mut ends.lock().expect("unpoisoned")[kind][place];
            *end = at.min(*end);
            return;
        };
        tally.count("calls failed", 1);
        tally.count(if ran.is_ok() { "harmless" } else { "stopped" }, 1);
        let mut faults = trial.judge(&ran, refused, &hit);
        if let Err((class, what)) = trial.look_again(&acknowledged) {
            tally.count(class, 1);
            faults.push(format!("{class}: {what}"));
        }
        tally.count("acknowledged", acknowledged.len());
        for fault in faults {
            let Series { calls, said, .. } = SERIES[kind];
            tally.wrong(format!("{calls} number {at}, {given:?} log, {said:?}, on {hit}: {fault}"));
        }
    });
    for class in ["lost", "refused", "not started again"] {
        tally.count(class, 0);
    }
    tally.close();
}

/// A log that was killed once and stopped once, to be copied.
struct Old {
    data: PathBuf,
}

const OLD: usize = 50;

impl Old {
    fn make(home: &Path) -> Self {
        let stand = Stand::new(&home.join("old"), home.join("old/data"));
        for from in [0, OLD / 2] {
            let mut daemon = stand.daemon(&[]);
            assert!(stand.is_ready(&mut daemon), "the daemon does not start");
            let mut line = Line::to(&stand.socket()).expect("a daemon");
            for k in from..from + OLD / 2 {
                assert!(line.append("SD-8", k, 1, &Acknowledged::default()).expect("a daemon"));
            }
            if from == 0 {
                daemon.kill();
            } else {
                assert!(daemon.stop().is_ok(), "it stops");
            }
        }
        Self { data: stand.data }
    }

    /// What was acknowledged before the trial.
    fn fill(&self, acknowledged: &Acknowledged) {
        let copy = tempfile::tempdir().expect("a directory");
        let stand = Stand::new(copy.path(), copy.path().join("data"));
        tree::copy(&self.data, &stand.data);
        let Found::Log(log) = stand.export() else { panic!("the log does not open") };
        acknowledged.note_case("SD-8", OLD, &log);
    }
}

/// One daemon, one call of which fails.
struct Trial<'a> {
    stand: Stand,
    series: &'a Series,
    at: usize,
    imported: usize,
    note: PathBuf,
}

impl<'a> Trial<'a> {
    fn of(series: &'a Series, at: usize, given: Given, dir: &Path) -> Self {
        let stand = Stand::new(&dir.join("home"), dir.join("data"));
        // Ten thousand at a time are moved out of the journal at once: other files are written then.
        let imported = if is_full() || given == Given::New { 10_000 } else { 500 };
        Self { note: dir.join("note"), stand, series, at, imported }
    }

    /// The call that failed, and its file.
    fn hit(&self) -> Option<String> {
        std::fs::read_to_string(&self.note).ok().map(|note| note.trim().to_owned())
    }

    /// Given a daemon one call of which fails, when events are appended until it stops or they are all sent.
    /// Gives how it ended, and how many requests it refused.
    fn run(&self, library: &Path, acknowledged: &Acknowledged) -> (Ran, usize) {
        let text = |path: &Path| path.display().to_string();
        let under = if self.series.on_data { text(&self.stand.data) } else { String::new() };
        let mut daemon = self.stand.daemon(&[
            ("LD_PRELOAD", text(library)),
            ("FAULT_CALLS", self.series.calls.to_owned()),
            ("FAULT_AT", self.at.to_string()),
            ("FAULT_ERROR", self.series.error.to_string()),
            ("FAULT_UNDER", under),
            ("FAULT_NOTE", text(&self.note)),
        ]);
        let mut refused = 0;
        if self.stand.is_ready(&mut daemon) {
            // It may be gone at any request, and that is no fault in itself.
            refused = self.append(acknowledged).unwrap_or_else(|_| usize::from(!daemon.has_ended()));
        }
        (daemon.stop(), refused)
    }

    fn append(&self, acknowledged: &Acknowledged) -> std::io::Result<usize> {
        let mut line = Line::to(&self.stand.socket())?;
        let mut refused = 0;
        for (case, imported) in [("SD-4", 0), ("SD-2", self.imported), ("SD-6", 0)] {
            if imported > 0 {
                refused += usize::from(!line.import(case, imported, acknowledged)?);
                continue;
            }
            let mut next = 0;
            for _ in 0..12 {
                let taken = line.append(case, next, 1, acknowledged)?;
                next += usize::from(taken);
                refused += usize::from(!taken);
            }
        }
        Ok(refused)
    }

    /// What is wrong with how it ended.
    fn judge(&self, ran: &Ran, refused: usize, hit: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let told = &ran.stderr;
        if let Some(what) = ran.unseemly() {
            faults.push(format!("{what}: {:?}: {}", ran.code, brief(told)));
            return faults;
        }
        if ran.is_ok() {
            if self.must_stop(hit) {
                faults.push("it stopped as if nothing had been".to_owned());
            }
            if refused > 0 {
                faults.push(format!("{refused} requests were refused, and it stopped with 0"));
            }
            return faults;
        }
        let file = hit.rsplit('/').next().unwrap_or(hit);
        let names = [file, &*self.stand.data.to_string_lossy(), self.series.calls];
        if !told.contains(self.series.said) || !names.iter().any(|name| told.contains(name)) {
            faults.push(format!("it does not say what failed where: {}", brief(told)));
        }
        // Nobody should fetch a backup because a disk was full for a while.
        if told.contains("restore the directory") {
            faults.push(format!("it calls for a backup: {}", brief(told)));
        }
        faults
    }

    /// Whether the call was one that the log depends on: not on a mail, a lock's note or a socket, nor on what is made
    /// anew when it is missing (the copy that is looked at, the snapshot, a checkpoint).
    fn must_stop(&self, hit: &str) -> bool {
        let data = format!(" {}/", self.stand.data.display());
        let is_aside = ["/mail/", "/lock", "stepdown.sock", "/.look", "/log/snapshot", "/checkpoints/"]
            .iter()
            .any(|part| hit.contains(part));
        self.series.on_data && hit.contains(&data) && !is_aside
    }

    /// … then it starts again once all is well, with everything that was acknowledged.
    fn look_again(&self, acknowledged: &Acknowledged) -> Judged {
        let mut daemon = self.stand.daemon(&[]);
        if !self.stand.is_ready(&mut daemon) {
            let ran = daemon.end(Duration::ZERO);
            return Err(("not started again", format!("{:?}: {}", ran.code, brief(&ran.stderr))));
        }
        judge(&self.stand, acknowledged)?;
        let Found::Log(log) = self.stand.export() else { return Ok(()) };
        let imported = log.matches("\"id\":\"SD-2-e").count();
        if imported > 0 && imported < self.imported {
            return Err(("lost", format!("{imported} events of one request are there")));
        }
        Ok(())
    }
}

/// The last lines of what was said.
fn brief(told: &str) -> String {
    let lines: Vec<_> = told.lines().filter(|line| !line.contains(" INFO ")).collect();
    lines[lines.len().saturating_sub(4)..].join(" / ")
}
