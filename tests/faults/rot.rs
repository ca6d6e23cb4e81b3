//! One place of the data directory is damaged: that is told, or nothing is lost; never neither.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::damage::Damage;
use crate::load::{Acknowledged, Line, import, under_load};
use crate::stand::{Found, Ran, Stand};
use crate::tally::{Luck, Tally, times};
use crate::tree;

#[test]
fn a_rotten_place_is_told_of_or_does_no_harm() {
    let tally = Tally::of("rot");
    let home = tempfile::tempdir().expect("a directory");
    // Ten thousand at a time leave the journal at once: those are found in other files.
    let logs = [(20, false), (20, true), (10_000, false), (5_000, true)]
        .map(|(events, killed)| Prepared::make(home.path(), events, killed));
    tally.each(times(60, 1_000), |number, mut luck| {
        let log = &logs[number % logs.len()];
        let dir = tempfile::tempdir().expect("a directory");
        let stand = Stand::new(&dir.path().join("home"), dir.path().join("data"));
        tree::copy(&log.data, &stand.data);
        let damage = Damage::to(&stand.data, &mut luck);
        let (class, faults) = outcome(&stand, log, &mut luck);
        tally.count("trials", 1);
        tally.count(class, 1);
        for fault in faults {
            tally.wrong(format!("trial {number}, {}: {damage}: {fault}", log.name));
        }
    });
    for class in [DETECTED, HARMLESS, SILENT] {
        tally.count(class, 0);
    }
    tally.close();
}

const DETECTED: &str = "detected";
const HARMLESS: &str = "harmless";
const SILENT: &str = "silent";

/// A log to damage, and what it says when it is whole.
struct Prepared {
    name: String,
    data: PathBuf,
    whole: String,
    /// How many of its entries nobody may lose: after a kill the last ones were perhaps not acknowledged.
    promised: usize,
}

impl Prepared {
    fn make(home: &Path, events: usize, killed: bool) -> Self {
        let name = format!("{events} events, {}", if killed { "killed" } else { "stopped" });
        let stand = Stand::new(&home.join(&name), home.join(&name).join("data"));
        let acknowledged = Acknowledged::default();
        if events > 100 {
            import(&stand, events, &acknowledged);
        }
        let mut daemon = stand.daemon(&[]);
        assert!(stand.is_ready(&mut daemon), "the daemon does not start");
        if events > 100 {
            under_load(&stand.socket(), 1, &acknowledged, || {
                std::thread::sleep(Duration::from_millis(100));
                if killed {
                    daemon.signal("-KILL");
                }
            });
        } else {
            let mut line = Line::to(&stand.socket()).expect("a daemon");
            for k in 0..events {
                assert!(line.append("SD-4", k, 1, &acknowledged).expect("a daemon"), "an event was refused");
            }
        }
        if killed {
            daemon.kill();
        } else {
            let stopped = daemon.stop();
            assert!(stopped.is_ok(), "{stopped:?}");
        }
        // What it says is asked of a copy: an open may mend the end of what was killed.
        let asked = Stand::new(&stand.home, stand.home.join("asked"));
        tree::copy(&stand.data, &asked.data);
        let Found::Log(whole) = asked.export() else { panic!("{name}: the log does not open") };
        assert_eq!(acknowledged.lost(&whole), Vec::<String>::new(), "{name}");
        let promised = if killed { acknowledged.last() } else { whole.lines().count() };
        Self { name, data: stand.data, whole, promised }
    }

    /// What is wrong with `found`, which was given out as the log. A daemon may have added to it.
    fn gainsays(&self, found: &str, may_be_longer: bool) -> Option<String> {
        let lines = found.lines().zip(self.whole.lines()).take_while(|(found, whole)| found == whole).count();
        let promised = self.promised;
        if lines < promised {
            return Some(format!("{lines} of {promised} events are there, and it says nothing"));
        }
        (!may_be_longer && lines < found.lines().count()).then(|| format!("event {} is invented", lines + 1))
    }
}

/// Looks at the damaged log in every way, and gives the class of the outcome with all that is wrong about it.
fn outcome(stand: &Stand, log: &Prepared, luck: &mut Luck) -> (&'static str, Vec<String>) {
    let mut faults = Vec::new();
    let before = tree::marks(&stand.data);
    let verified = stand.verify();
    check_refusal("verify", &verified, stand, &before, &mut faults);
    // The log is asked for by a command, or by way of a daemon.
    let before = tree::marks(&stand.data);
    let (asked, by_daemon) = if luck.one_in(2) { (ask_daemon(stand), true) } else { (stand.export(), false) };
    let gainsaid = match &asked {
        Found::Log(found) => log.gainsays(found, by_daemon),
        // An empty directory in the place of a log is one more way to be silent.
        Found::Absent => Some("it says that there never was a log".to_owned()),
        Found::Refused(ran) => {
            check_refusal(if by_daemon { "run" } else { "export" }, ran, stand, &before, &mut faults);
            None
        }
    };
    let class = match (&asked, gainsaid) {
        (_, Some(what)) => {
            let told = if verified.is_ok() { "verify says it is whole" } else { "only verify refuses" };
            faults.push(format!("SILENT: {what} ({told})"));
            SILENT
        }
        (Found::Refused(_), None) => DETECTED,
        _ if !verified.is_ok() => DETECTED,
        _ => HARMLESS,
    };
    (class, faults)
}

/// A refusal says why, and leaves everything as it was.
fn check_refusal(
    who: &str,
    ran: &Ran,
    stand: &Stand,
    before: &BTreeMap<PathBuf, u64>,
    faults: &mut Vec<String>,
) {
    if let Some(what) = ran.unseemly() {
        faults.push(format!("{who}: {what}: {ran:?}"));
    }
    if !ran.is_ok() {
        let touched = tree::difference(before, &tree::marks(&stand.data));
        if !touched.is_empty() {
            let touched: Vec<_> =
                touched.iter().map(|path| path.strip_prefix(&stand.data).unwrap_or(path).display()).collect();
            let (first, all) = (&touched[0], touched.len());
            faults.push(format!(
                "{who} refuses, but has touched {first} ({all} in all): {}",
                ran.stderr.trim()
            ));
        }
    }
}

/// Starts the daemon and exports through it.
fn ask_daemon(stand: &Stand) -> Found {
    let mut daemon = stand.daemon(&[]);
    if !stand.is_ready(&mut daemon) {
        return Found::Refused(daemon.end(Duration::ZERO));
    }
    let found = stand.export();
    let stopped = daemon.stop();
    // How it ends is its own matter, as long as it is in good order.
    if stopped.unseemly().is_some() { Found::Refused(stopped) } else { found }
}
