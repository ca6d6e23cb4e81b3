//! The log's promises: order, chain, indexes, idempotence, one process at a time.

mod support;

#[path = "support/binary.rs"]
mod binary;

use std::sync::Arc;

use binary::{Home, sample};
use serde_json::{Value, json};
use stepdown::case::{EventNumber, Sequence};
use stepdown::config::{Config, Source};
use stepdown::daemon::{AppendError, AppendRequest, Writer};
use stepdown::log::{Hash, Log};
use support::{date, noon};
use tempfile::TempDir;

fn writer(dir: &TempDir) -> Writer {
    let config = Arc::new(Config::load(&Source::Starter).expect("the starter loads"));
    Writer::open(dir.path(), config, "a test").expect("a log")
}

fn visit(id: &str, case: &str) -> Value {
    let data = json!({"by": "child-social-worker"});
    json!({"specversion": "1.0", "id": id, "source": "/test", "type": "visit-made", "subject": case,
           "time": "2026-02-01T10:00:00Z", "data": data})
}

fn opened(id: &str, case: &str) -> Value {
    let data = json!({"programme": "lancashire-step-down"});
    json!({"specversion": "1.0", "id": id, "source": "/test", "type": "case-opened", "subject": case,
           "time": "2026-01-01T10:00:00Z", "data": data})
}

fn append(writer: &mut Writer, events: Vec<Value>) -> Result<(usize, usize), AppendError> {
    let request = AppendRequest::new(events);
    let receipt = writer.stage(request, noon(date("2026-11-01")))?;
    writer.commit()?;
    Ok((receipt.appended, receipt.duplicates))
}

#[test]
fn entries_are_numbered_without_gaps_and_found_by_their_place() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut writer = writer(&dir);
    append(&mut writer, vec![opened("a1", "SD-1"), opened("b1", "SD-10"), visit("a2", "SD-1")])
        .expect("taken");
    append(&mut writer, vec![visit("b2", "SD-10"), visit("a3", "SD-1")]).expect("taken");
    let reader = writer.log().reader();
    let mut sequences = Vec::new();
    reader.replay(|stored| sequences.push(stored.sequence.0)).expect("a whole log");
    assert_eq!(sequences, [1, 2, 3, 4, 5]);
    let at = |place: u64| reader.at(Sequence(place)).expect("readable");
    let id = |place: u64| at(place).and_then(|stored| stored.content.id());
    assert_eq!(id(4), Some("b2".parse().expect("an id")));
    assert_eq!(at(6), None);
}

#[test]
fn reopening_gives_the_same_state_and_the_same_chain() {
    let dir = tempfile::tempdir().expect("a directory");
    let (head, events) = {
        let mut writer = writer(&dir);
        append(&mut writer, vec![opened("a1", "SD-1"), visit("a2", "SD-1")]).expect("taken");
        (writer.head(), writer.cases().events())
    };
    assert_ne!(head.hash, Hash::ORIGIN);
    let again = writer(&dir);
    assert_eq!((again.head(), again.cases().events()), (head, events));
}

#[test]
fn the_same_id_and_content_is_a_duplicate_other_content_is_refused_with_the_whole_batch() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut writer = writer(&dir);
    append(&mut writer, vec![opened("a1", "SD-1"), visit("a2", "SD-1")]).expect("taken");
    // The same instant written in another way is the same content.
    let mut same = visit("a2", "SD-1");
    same["time"] = json!("2026-02-01T11:00:00+01:00");
    assert_eq!(
        append(&mut writer, vec![same, visit("a3", "SD-1"), visit("a3", "SD-1")]).expect("taken"),
        (1, 2)
    );
    let mut other = visit("a2", "SD-1");
    other["data"]["by"] = json!("scayt");
    let refused = append(&mut writer, vec![visit("a4", "SD-1"), other]);
    assert!(
        matches!(refused, Err(AppendError::Rejected(faults)) if faults.len() == 1 && faults[0].index == 1)
    );
    assert_eq!(writer.head().sequence, Sequence(3));
}

#[test]
fn what_the_witness_alone_has_is_found_behind_what_the_store_has() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut writer = writer(&dir);
    let mut events = vec![opened("a0", "SD-1")];
    events.extend((1..16_000).map(|n| visit(&format!("a{n}"), "SD-1")));
    append(&mut writer, events).expect("taken");
    append(&mut writer, vec![visit("b1", "SD-1")]).expect("taken");
    assert_eq!(append(&mut writer, vec![visit("b1", "SD-1")]).expect("taken"), (0, 1));
    let found = writer.log().reader().at(Sequence(16_001)).expect("readable").expect("an entry");
    assert_eq!(found.content.id(), Some("b1".parse().expect("an id")));
    assert!(writer.log().reader().stands_at(writer.head()));
}

#[test]
fn an_expected_version_guards_against_what_came_in_between() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut writer = writer(&dir);
    append(&mut writer, vec![opened("a1", "SD-1"), visit("a2", "SD-1")]).expect("taken");
    let mut stage = |expected: u32, id: &str| {
        let expected_version = Some(EventNumber(expected));
        let request = AppendRequest::new(vec![visit(id, "SD-1")]).expecting(expected_version);
        writer.stage(request, noon(date("2026-11-01"))).map(|receipt| receipt.case_version)
    };
    assert!(matches!(stage(1, "a3"), Err(AppendError::Version { found: EventNumber(2), .. })));
    assert_eq!(stage(2, "a3").expect("taken"), Some(EventNumber(3)));
    // What is staged counts, though it is not yet synced.
    assert!(matches!(stage(2, "a4"), Err(AppendError::Version { found: EventNumber(3), .. })));
}

#[test]
fn nothing_is_shown_before_it_is_synced() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut writer = writer(&dir);
    let request = AppendRequest::new(vec![opened("a1", "SD-1")]);
    writer.stage(request, noon(date("2026-11-01"))).expect("taken");
    assert!(writer.cases().is_empty());
    writer.commit().expect("synced");
    assert_eq!(writer.cases().len(), 1);
}

#[test]
fn a_second_process_is_refused_and_told_who_is_there() {
    let home = Home::new();
    home.json(&["import", &sample("journey.jsonl").display().to_string()]);
    let key = home.data().join("wrapping-key");
    let held = Log::open(&home.data(), &key, "stepdown run").expect("a log");
    let ran = home.run(&["due"]);
    assert_eq!(ran.code, 1);
    let who = format!("is in use by stepdown run (process {})", std::process::id());
    assert!(ran.stderr.contains(&who), "{}", ran.stderr);
    drop(held);
    assert_eq!(home.run(&["due"]).code, 0);
}

#[test]
fn recorded_times_of_the_future_and_mail_facts_are_not_taken_in() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut writer = writer(&dir);
    let mut future = opened("a1", "SD-1");
    future["recordedtime"] = json!("2999-01-01T00:00:00Z");
    let request = AppendRequest::new(vec![future]).keeping_recorded_time(true);
    let refused = writer.stage(request, noon(date("2026-11-01")));
    assert!(matches!(refused, Err(AppendError::Rejected(faults)) if faults[0].fault.field == "recordedtime"));
    let fact = json!({"specversion": "1.0", "id": "m1", "source": "/stepdown/mail", "subject": "mail",
        "type": "mail-accepted", "time": "2026-02-01T10:00:00Z", "recordedtime": "2026-02-01T10:00:00Z",
        "data": {"key": "digest/2026-02-01/person.p", "reply": "250"}});
    assert!(matches!(append(&mut writer, vec![fact]), Err(AppendError::Rejected(_))));
}

#[test]
fn recorded_time_is_set_by_the_log_unless_it_is_kept() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut writer = writer(&dir);
    let mut claimed = opened("a1", "SD-1");
    claimed["recordedtime"] = json!("2020-01-01T00:00:00Z");
    append(&mut writer, vec![claimed]).expect("taken");
    let found = writer.log().reader().at(Sequence(1)).expect("readable").expect("there");
    assert_eq!(found.recorded, noon(date("2026-11-01")));
}

/// A disk of ten megabytes, unmounted when dropped.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    /// `None`, said in a line, where this process may not mount.
    fn mount(at: std::path::PathBuf) -> Option<Self> {
        std::fs::create_dir(&at).expect("a directory");
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=10m", "tmpfs"])
            .arg(&at)
            .output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(at));
        }
        eprintln!("skipped: a full disk cannot be tried without the right to mount one (run as root)");
        None
    }
}

impl SmallDisk {
    /// Somebody makes room.
    fn grow(&self) {
        let mounted =
            std::process::Command::new("mount").args(["-o", "remount,size=100m"]).arg(&self.0).status();
        assert!(mounted.expect("it runs").success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_said_plainly_and_nothing_is_half_done() {
    let home = Home::new();
    let Some(disk) = SmallDisk::mount(home.path("small")) else { return };
    let data = disk.0.join("data").display().to_string();
    let mut lines = vec![opened("a0", "SD-1").to_string()];
    lines.extend((1..60_000).map(|n| visit(&format!("a{n}"), "SD-1").to_string()));
    let ran = home.run_with_input(&["import", "-", "--data", &data], &lines.join("\n"));
    assert!(ran.code == 1 && ran.stderr.contains("is the disk full"), "{}", ran.stderr);
    disk.grow();
    let due = home.run(&["due", "--data", &data]);
    assert_eq!((due.code, due.stdout.as_str()), (0, "Nothing is due.\n"), "{}", due.stderr);
}

#[test]
fn what_belongs_together_and_is_not_whole_is_no_empty_log() {
    for missing in ["log", "log/fjall", "log/witness", "log/keys"] {
        let home = Home::new();
        home.json(&["import", &sample("policy.jsonl").display().to_string()]);
        let path = home.data().join(missing);
        if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) }
            .expect("removable");
        let ran = home.run(&["due"]);
        let said = format!("is not whole: {missing} is missing there");
        assert!(ran.code == 1 && ran.stderr.contains(&said), "{}", ran.stderr);
        let import = home.run(&["import", &sample("policy.jsonl").display().to_string()]);
        assert!(import.code == 1 && import.stderr.contains(&said), "{}", import.stderr);
    }
}

#[test]
fn commands_at_the_same_time_wait_for_one_another() {
    let home = Home::new();
    home.json(&["import", &sample("journey.jsonl").display().to_string()]);
    let append = |n: usize| {
        let on = format!("2026-04-{:02}", n + 1);
        home.command(&["append", "--case", "SD-0042", "--type", "visit-made", "--on", &on, "by=scayt"])
            .spawn()
    };
    let children: Vec<_> = (0..8).map(|n| append(n).expect("it runs")).collect();
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    assert_eq!(home.run(&["export"]).stdout.lines().count(), 170);
}
