//! Two at once: one has the log, the other is told who, or goes through it.

use std::fs;
use std::time::{Duration, Instant};

use crate::load::{Acknowledged, Line, import, lines};
use crate::stand::{Found, LIMIT, Ran, Running, Stand};
use crate::tally::{Tally, times};
use crate::tree;

/// The commands that need the log. Each is refused, or answered, in its own way.
fn commands() -> Vec<&'static [&'static str]> {
    vec![
        &["export"],
        &["import", "more.jsonl"],
        &["due", "--all", "--format", "json"],
        &["cases"],
        &["verify"],
    ]
}

fn given_a_log(home: &std::path::Path) -> Stand {
    let stand = Stand::new(home, home.join("data"));
    import(&stand, 200, &Acknowledged::default());
    fs::write(stand.home.join("more.jsonl"), lines("SD-4", 10)).expect("a file");
    stand
}

fn given_a_daemon(stand: &Stand) -> Running {
    let mut daemon = stand.daemon(&[]);
    assert!(stand.is_ready(&mut daemon), "the daemon does not start");
    daemon
}

/// Refused in good order, with the name of who has the log.
fn assert_refused(ran: &Ran, by: &str) {
    assert!(ran.code.is_some_and(|code| code != 0) && ran.unseemly().is_none(), "{ran:?}");
    assert!(ran.stderr.contains(by), "{by} is not named: {}", ran.stderr);
}

#[test]
fn a_second_daemon_is_refused_and_the_first_one_goes_on() {
    let home = tempfile::tempdir().expect("a directory");
    let stand = given_a_log(home.path());
    let first = given_a_daemon(&stand);
    let before = tree::marks(&stand.data);
    let second = stand.run(&["run"]);
    assert_refused(&second, &format!("stepdown run (process {})", first.id()));
    assert_eq!(tree::difference(&before, &tree::marks(&stand.data)), Vec::<std::path::PathBuf>::new());
    let mut line = Line::to(&stand.socket()).expect("the first daemon");
    assert!(line.append("SD-6", 0, 1, &Acknowledged::default()).expect("the first daemon"));
    assert!(first.stop().is_ok());
}

#[test]
fn two_daemons_started_at_once_on_an_empty_directory_are_one() {
    let tally = Tally::of("two at once");
    tally.each(times(8, 100), |number, _| {
        let home = tempfile::tempdir().expect("a directory");
        let stand = Stand::new(home.path(), home.path().join("data"));
        let mut two = [stand.daemon(&[]), stand.daemon(&[])];
        let limit = Instant::now() + LIMIT;
        let mut ended = None;
        while ended.is_none() && Instant::now() < limit {
            ended = two.iter_mut().position(Running::has_ended);
            std::thread::sleep(Duration::from_millis(2));
        }
        let [first, second] = two;
        let Some(ended) = ended else {
            tally.wrong(format!("pair {number}: both run"));
            return;
        };
        let (mut lives, gone) = if ended == 0 { (second, first) } else { (first, second) };
        let refusal = gone.end(Duration::ZERO);
        let names = refusal.stderr.contains("is in use by");
        if refusal.is_ok() || refusal.unseemly().is_some() || !names {
            tally.wrong(format!("pair {number}: {refusal:?}"));
        }
        let answers = stand.is_ready(&mut lives);
        let acknowledged = Acknowledged::default();
        let taken = Line::to(&stand.socket()).and_then(|mut line| line.append("SD-4", 0, 1, &acknowledged));
        let stopped = lives.stop();
        if !answers || !taken.is_ok_and(|taken| taken) || !stopped.is_ok() {
            tally.wrong(format!("pair {number}: the one that is left does not work: {stopped:?}"));
        }
        tally.count("pairs", 1);
        tally.count("refused", usize::from(names));
        let is_kept = matches!(stand.export(), Found::Log(log) if acknowledged.lost(&log).is_empty());
        tally.count("lost", usize::from(!is_kept));
        if !is_kept {
            tally.wrong(format!("pair {number}: an event is lost"));
        }
    });
    tally.close();
}

#[test]
fn commands_beside_a_daemon_go_through_it() {
    let home = tempfile::tempdir().expect("a directory");
    let stand = given_a_log(home.path());
    let daemon = given_a_daemon(&stand);
    for command in commands() {
        let ran = stand.run(command);
        assert!(ran.is_ok(), "{command:?}: {ran:?}");
    }
    let Found::Log(log) = stand.export() else { panic!("no export") };
    assert_eq!(log.matches("\"id\":\"SD-4-e").count(), 10);
    assert!(daemon.stop().is_ok());
}

#[test]
fn commands_beside_a_daemon_that_cannot_be_reached_are_refused_and_told_who_has_the_log() {
    let home = tempfile::tempdir().expect("a directory");
    let stand = given_a_log(home.path());
    let daemon = given_a_daemon(&stand);
    fs::remove_file(stand.socket()).expect("a socket");
    let before = tree::marks(&stand.data);
    for command in commands() {
        assert_refused(&stand.run(command), &format!("stepdown run (process {})", daemon.id()));
    }
    assert_eq!(tree::difference(&before, &tree::marks(&stand.data)), Vec::<std::path::PathBuf>::new());
    assert!(daemon.stop().is_ok());
}

#[test]
fn a_daemon_beside_an_import_is_refused_and_the_import_comes_to_its_end() {
    let home = tempfile::tempdir().expect("a directory");
    let stand = given_a_log(home.path());
    fs::write(stand.home.join("large.jsonl"), lines("SD-6", 5_000)).expect("a file");
    // An import that has the lock is held up there.
    let mut import = stand.start_with(stand.command(&["import", "large.jsonl"]));
    let note = format!("stepdown import (process {})", import.id());
    let has_lock = || fs::read_to_string(stand.data.join("lock")).is_ok_and(|found| found.trim() == note);
    while !has_lock() {
        assert!(!import.has_ended(), "the import was too fast to be met");
    }
    import.signal("-STOP");
    assert!(has_lock(), "the import was too fast to be met");
    assert_refused(&stand.run(&["run"]), &note);
    import.signal("-CONT");
    let imported = import.end(LIMIT);
    assert!(imported.is_ok(), "{imported:?}");
    let daemon = given_a_daemon(&stand);
    let Found::Log(log) = stand.export() else { panic!("no export") };
    assert_eq!(log.matches("\"id\":\"SD-6-e").count(), 5_000);
    assert!(daemon.stop().is_ok());
}
