//! Whether the log is whole: the full read, checkpoints, the nightly scrub and the doctor.

mod support;

#[path = "support/binary.rs"]
mod binary;

use std::collections::BTreeMap;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use binary::{Home, Ran, event, wait_for};
use serde_json::{Value, json};
use stepdown::config::{Config, Source};
use stepdown::daemon::{Alarm, AppendRequest, Clerk, Orders, Watchman, Writer};
use stepdown::log::{Checkpoints, LogError, Scrub};
use support::{date, london, noon};

/// How many entries the store is given at once, past the witness.
const LONG: usize = 16_000;
const COPY: u64 = 2 << 20;
const FRAMES: u64 = 4096;

/// `count` events of one case, numbered from `first`; the case is opened by number 0.
fn events(first: usize, count: usize) -> Vec<String> {
    let line = |n: usize| match n {
        0 => event(
            "e0",
            "SD-1",
            "case-opened",
            "2026-01-01T10:00:00Z",
            &json!({"programme": "lancashire-step-down"}),
        ),
        n => event(
            &format!("e{n}"),
            "SD-1",
            "visit-made",
            "2026-02-01T10:00:00Z",
            &json!({"by": "child-social-worker"}),
        ),
    };
    (first..first + count).map(line).collect()
}

fn import(home: &Home, first: usize, count: usize) {
    let ran = home.run_with_input(&["import", "-"], &events(first, count).join("\n"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// A log of a few entries, which came in three groups.
fn few() -> Home {
    let home = Home::new();
    (0..3).for_each(|n| import(&home, 2 * n, 2));
    home
}

/// A log too long for the witness: the store has all of it.
fn many() -> Home {
    let home = Home::new();
    import(&home, 0, LONG);
    home
}

fn json_of(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {} {}", ran.stdout, ran.stderr))
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Every file of the data directory but the lock.
fn contents(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = Vec::new();
    files(&home.data(), &mut found);
    found.retain(|path| !path.ends_with("lock"));
    found.into_iter().map(|path| (path.clone(), std::fs::read(path).expect("readable"))).collect()
}

/// Turns a bit of a file around where it is.
fn flip(path: &Path, at: u64) {
    let file = std::fs::File::options().read(true).write(true).open(path).expect("a file");
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).expect("a byte");
    file.write_all_at(&[byte[0] ^ 1], at).expect("written");
}

/// The largest file of the store that holds groups for good.
fn groups(data: &Path) -> PathBuf {
    let mut found = Vec::new();
    files(&data.join("log/fjall"), &mut found);
    let is_final =
        |path: &PathBuf| path.parent().is_some_and(|dir| dir.ends_with("tables") || dir.ends_with("blobs"));
    found
        .into_iter()
        .filter(is_final)
        .max_by_key(|path| path.metadata().expect("a file").len())
        .expect("groups")
}

fn copy(from: &Path, to: &Path) {
    let ran = std::process::Command::new("cp").arg("-a").args([from, to]).status();
    assert!(ran.expect("cp is there").success());
}

#[test]
fn a_whole_log_is_told_of_alike_by_a_command_and_by_the_daemon() {
    let home = few();
    // No mail goes, so that the log stands still.
    home.init();
    home.edit("stepdown.toml", "# go_live = 2026-04-01", "go_live = 2126-06-01");
    let daemon = home.daemon(|_| {});
    let asked = home.json(&["verify"]);
    let signed = home.run(&["checkpoint"]).stdout;
    assert_eq!(daemon.stop("-TERM"), Some(0));
    let alone = home.json(&["verify"]);
    assert_eq!((&asked["daemon"], &alone["daemon"]), (&json!(true), &json!(false)));
    assert_eq!(
        (&alone["whole"], &alone["events"], &alone["erased"], &alone["mended"], &alone["checkpoint"]),
        (&json!(true), &json!(6), &json!(0), &json!(0), &Value::Null)
    );
    assert_eq!((&alone["head"]["sequence"], &alone["ids"]), (&alone["entries"], &alone["entries"]));
    for field in ["entries", "events", "head", "root"] {
        assert_eq!(asked[field], alone[field], "{field}");
    }
    assert_eq!(home.run(&["checkpoint"]).stdout, signed);
    assert_eq!(signed.lines().nth(2), alone["root"].as_str());
    let shown = home.run(&["verify"]);
    assert!(shown.code == 0 && shown.stdout.contains("is whole"), "{}", shown.stdout);
}

#[test]
fn a_witness_damaged_in_one_copy_is_mended_and_in_both_it_is_refused_and_nothing_is_touched() {
    let home = few();
    let witness = home.data().join("log/witness");
    flip(&witness, FRAMES + 80);
    assert_eq!(home.json(&["verify"])["mended"], 1);
    flip(&witness, COPY + FRAMES + 80);
    let before = contents(&home);
    let refused = home.run(&["verify"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("entries 1 to") && refused.stderr.contains("restore"),
        "{}",
        refused.stderr
    );
    let told = home.run(&["verify", "--format", "json"]);
    let found = json_of(&told);
    assert_eq!((told.code, &found["whole"]), (1, &json!(false)));
    assert!(found["damage"].as_str().is_some_and(|damage| damage.contains("entries 1 to")), "{found}");
    assert_eq!(home.run(&["doctor"]).code, 1);
    assert!(contents(&home) == before, "something was changed");
}

#[test]
fn a_changed_byte_of_what_is_stored_is_found_and_the_first_entry_named() {
    let home = many();
    let file = groups(&home.data());
    let size = file.metadata().expect("a file").len();
    flip(&file, size / 3);
    for format in ["table", "json"] {
        let ran = home.run(&["verify", "--format", format]);
        assert_eq!(ran.code, 1, "{}", ran.stdout);
        let told = if format == "json" { ran.stdout } else { ran.stderr };
        assert!(told.contains("damaged at entr") && told.contains("restore"), "{told}");
    }
}

#[test]
fn a_daemon_that_hears_of_damage_says_so_and_stops() {
    let home = many();
    let file = groups(&home.data());
    flip(&file, file.metadata().expect("a file").len() / 3);
    // The snapshot spares the start what is damaged.
    let daemon = home.daemon(|_| {});
    let ran = home.run(&["verify"]);
    assert!(ran.code == 1 && ran.stderr.contains("damaged at entr"), "{}", ran.stderr);
    let socket = home.data().join("stepdown.sock");
    wait_for("the daemon to stop", || !socket.exists());
    let journal = home.path("journal");
    assert_eq!(daemon.stop("-TERM"), Some(1));
    let journal = std::fs::read_to_string(journal).expect("a journal");
    assert!(journal.contains("nothing more is written") && journal.contains("restore"), "{journal}");
    let status = home.json(&["status"]);
    assert_eq!(status["scrub"]["whole"], json!(false));
    let refused = home.run(&["doctor", "--format", "json"]);
    assert!(refused.code == 1 && refused.stdout.contains("damaged at entr"), "{}", refused.stdout);
}

#[test]
fn a_checkpoint_still_fits_when_the_log_has_grown() {
    let home = few();
    let note = home.run(&["checkpoint"]).stdout;
    let file = home.write("2026-11-22.txt", &note);
    import(&home, 6, 3);
    let ran = home.run(&["verify", "--checkpoint", "2026-11-22.txt"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let size = note.lines().nth(1).expect("a size");
    let words = format!("Entries 1 to {size} are those that the checkpoint of 2026-11-22 vouched for.");
    assert!(ran.stdout.contains(&words), "{}", ran.stdout);
    // As a mail program would give it back.
    std::fs::write(&file, format!("\r\n{}\r\n", note.replace('\n', "\r\n"))).expect("writable");
    let _daemon = home.daemon(|_| {});
    let found = home.json(&["verify", "--checkpoint", "2026-11-22.txt"]);
    assert_eq!(found["checkpoint"], json!({"size": size.parse::<u64>().expect("a number"), "matches": true}));
    let key = home.run(&["checkpoint", "--key"]).stdout;
    assert!(key.starts_with("stepdown.example.org/log+"), "{key}");
}

#[test]
fn a_checkpoint_of_another_log_or_one_that_was_altered_proves_nothing() {
    let (home, other) = (few(), few());
    let refused = |name: &str, note: &str, why: &str| {
        home.write(name, note);
        let ran = home.run(&["verify", "--checkpoint", name]);
        assert!(ran.code == 1 && ran.stderr.contains(why), "{name}: {}", ran.stderr);
        let told = home.run(&["verify", "--checkpoint", name, "--format", "json"]);
        assert_eq!((told.code, &json_of(&told)["checkpoint"]["matches"]), (1, &json!(false)));
    };
    let note = home.run(&["checkpoint"]).stdout;
    refused("other", &other.run(&["checkpoint"]).stdout, "signed by another key");
    let size = note.lines().nth(1).expect("a size").to_owned();
    refused("altered", &note.replacen(&format!("\n{size}\n"), "\n1\n", 1), "changed after it was signed");
    refused("no-note", "entries: all\n", "not a signed note");
}

#[test]
fn a_log_rolled_back_to_an_older_copy_is_caught_by_a_later_checkpoint() {
    let home = few();
    copy(&home.data(), &home.path("older"));
    import(&home, 6, 3);
    home.write("kept", &home.run(&["checkpoint"]).stdout);
    std::fs::rename(home.data(), home.path("away")).expect("renamed");
    copy(&home.path("older"), &home.data());
    assert_eq!(home.run(&["verify"]).code, 0, "the copy is whole by itself");
    let ran = home.run(&["verify", "--checkpoint", "kept"]);
    assert!(ran.code == 1 && ran.stderr.contains("entries, and the log has"), "{}", ran.stderr);
    // Another history of the same length has another root.
    import(&home, 16, 3);
    let ran = home.run(&["verify", "--checkpoint", "kept"]);
    assert!(ran.code == 1 && ran.stderr.contains("have another root"), "{}", ran.stderr);
}

#[test]
fn the_doctor_says_of_a_fresh_log_what_to_do() {
    let home = few();
    let states = |ran: &Ran| -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let checks = json_of(ran);
        checks
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| (text(&one["check"]), text(&one["state"])))
            .collect()
    };
    let ran = home.run(&["doctor", "--format", "json"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let found = states(&ran);
    for (check, state) in [
        ("data-directory", "ok"),
        ("wrapping-key", "ok"),
        ("wrapping-key-place", "warn"),
        ("keyring", "ok"),
        ("log", "ok"),
        ("snapshot", "ok"),
        ("checkpoint", "warn"),
        ("scrub", "warn"),
    ] {
        assert_eq!(found.get(check).map(String::as_str), Some(state), "{check}: {}", ran.stdout);
    }
    let daemon = home.daemon(|_| {});
    let asked = home.run(&["doctor", "--format", "json"]);
    assert!(asked.code == 2 && asked.stdout.contains("the daemon has it open"), "{}", asked.stdout);
    assert_eq!(daemon.stop("-TERM"), Some(0));
    let key = home.data().join("wrapping-key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("set");
    let ran = home.run(&["doctor", "--format", "json"]);
    assert_eq!((ran.code, states(&ran).get("wrapping-key").map(String::as_str)), (1, Some("fail")));
    let shown = home.run(&["doctor"]);
    assert!(shown.code == 1 && shown.stdout.contains("chmod 600"), "{}", shown.stdout);
}

/// A writer over an empty log, by the starter configuration.
fn writer(dir: &Path) -> Writer {
    let config = Arc::new(Config::load(&Source::Starter).expect("the starter loads"));
    Writer::open(dir, config, "a test").expect("a log")
}

fn append(writer: &mut Writer, first: usize, count: usize) -> Result<(), LogError> {
    let request = AppendRequest::from_lines(events(first, count).join("\n").as_bytes());
    writer.stage(request, noon(date("2026-11-01"))).expect("taken");
    writer.commit()
}

#[test]
fn the_watchman_takes_a_checkpoint_a_night_and_finds_damage_before_anything_is_appended_to_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut writer = writer(dir.path());
    append(&mut writer, 0, LONG).expect("synced");
    let (checkpoints, alarm) = (Checkpoints::of(dir.path()), Alarm::new(writer.log().poison().clone()));
    let watchman = Watchman::new(writer.log().reader().clone(), checkpoints.clone(), alarm.clone());
    let orders = |writer: &Writer| Orders {
        live: writer.head(),
        origin: writer.config().settings.records.origin.clone(),
        zone: london(),
    };
    let night = noon(date("2026-11-21"));
    assert!(watchman.is_due(night, london()), "the log was never read");
    let scrub = watchman.round(&orders(&writer), night);
    assert_eq!((scrub.damage.as_deref(), scrub.entries), (None, writer.head().sequence.0));
    assert!(!watchman.is_due(night, london()));
    let first = checkpoints.newest().expect("a note");
    let file = dir.path().join("checkpoints/2026-11-21.txt");
    assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    // Nothing happened: there is nothing to sign. Then something does.
    watchman.round(&orders(&writer), noon(date("2026-11-22")));
    assert_eq!(checkpoints.newest().as_ref(), Some(&first));
    append(&mut writer, LONG, 10).expect("synced");
    assert_eq!(watchman.round(&orders(&writer), noon(date("2026-11-23"))).damage, None);
    let second = checkpoints.newest().expect("a note");
    assert_eq!(second.on, date("2026-11-23"));
    // The tree that was kept and the one of the whole log agree.
    let origin = orders(&writer).origin;
    let tree = checkpoints.tree_of(writer.log().reader(), &origin).expect("a whole log");
    assert_eq!(writer.log().reader().sign(&tree, &origin).expect("a note"), second.note);

    // A start that reads the snapshot does not see what is damaged before it.
    writer.close().expect("closed");
    drop((watchman, alarm));
    let stored = groups(dir.path());
    flip(&stored, stored.metadata().expect("a file").len() / 3);
    let mut writer = self::writer(dir.path());
    let alarm = Alarm::new(writer.log().poison().clone());
    let watchman = Watchman::new(writer.log().reader().clone(), checkpoints.clone(), alarm.clone());
    let scrub = watchman.round(&orders(&writer), noon(date("2026-11-24")));
    let damage = scrub.damage.clone().expect("damage");
    assert!(damage.contains("damaged at entr"), "{damage}");
    assert_eq!(alarm.raised(), Some(damage));
    assert_eq!(checkpoints.last_scrub(), Some(scrub));
    assert!(
        watchman.is_due(noon(date("2026-11-24")), london()),
        "damage is looked at again at the next start"
    );
    assert!(matches!(append(&mut writer, LONG + 10, 1), Err(LogError::Poisoned)));
}

#[test]
fn a_log_that_was_found_damaged_is_looked_at_before_it_is_served_again() {
    let home = Home::new();
    home.init();
    let mut writer = writer(&home.data());
    append(&mut writer, 0, LONG).expect("synced");
    writer.close().expect("closed");
    let found = Scrub { at: noon(date("2026-11-24")), entries: 1, damage: Some("something".to_owned()) };
    Checkpoints::of(&home.data()).keep_scrub(&found).expect("kept");
    // What is whole again is served.
    assert_eq!(home.daemon(|_| {}).stop("-TERM"), Some(0));
    assert_eq!(Checkpoints::of(&home.data()).last_scrub().expect("a scrub").damage, None);
    // What is damaged is not, and nobody is answered in between.
    let stored = groups(&home.data());
    flip(&stored, stored.metadata().expect("a file").len() / 3);
    Checkpoints::of(&home.data()).keep_scrub(&found).expect("kept");
    let journal = std::fs::File::create(home.path("said")).expect("a file");
    let mut daemon = home.command(&["run"]).stderr(journal).spawn().expect("the binary runs");
    wait_for("its end", || daemon.try_wait().expect("a child").is_some());
    let said = std::fs::read_to_string(home.path("said")).expect("readable");
    assert_eq!(daemon.wait().expect("it ended").code(), Some(1), "{said}");
    assert!(said.contains("damaged at entr") && !said.contains("ready"), "{said}");
}

#[test]
fn the_watchman_finds_a_log_that_is_not_the_one_he_vouched_for() {
    let dir = tempfile::tempdir().expect("a directory");
    let round = |day: &str| {
        let writer = writer(dir.path());
        let alarm = Alarm::new(writer.log().poison().clone());
        let watchman = Watchman::new(writer.log().reader().clone(), Checkpoints::of(dir.path()), alarm);
        let origin = writer.config().settings.records.origin.clone();
        watchman.round(&Orders { live: writer.head(), origin, zone: london() }, noon(date(day)))
    };
    append(&mut writer(dir.path()), 0, 5).expect("synced");
    let older = tempfile::tempdir().expect("a directory");
    copy(&dir.path().join("log"), &older.path().join("log"));
    append(&mut writer(dir.path()), 5, 5).expect("synced");
    assert_eq!(round("2026-11-21").damage, None);
    std::fs::remove_dir_all(dir.path().join("log")).expect("removed");
    copy(&older.path().join("log"), &dir.path().join("log"));
    let damage = round("2026-11-22").damage.expect("damage");
    assert!(damage.contains("the newest checkpoint vouched for"), "{damage}");
}

#[test]
fn the_weekly_mail_carries_the_newest_checkpoint() {
    let home = Home::new();
    let mut writer = writer(&home.data());
    append(&mut writer, 0, 5).expect("synced");
    let alarm = Alarm::new(writer.log().poison().clone());
    let watchman = Watchman::new(writer.log().reader().clone(), Checkpoints::of(&home.data()), alarm);
    let origin = writer.config().settings.records.origin.clone();
    watchman.round(&Orders { live: writer.head(), origin, zone: london() }, noon(date("2026-11-22")));
    let note = Checkpoints::of(&home.data()).newest().expect("a note").note;
    let mut clerk = Clerk::new(writer).expect("templates");
    let monday = noon(date("2026-11-23"));
    clerk.plan(monday);
    let parcels = clerk.parcels(monday, 100).expect("readable");
    let mail =
        parcels.into_iter().find(|parcel| parcel.key.as_str().starts_with("weekly/")).expect("a weekly mail");
    let text = String::from_utf8(mail.bytes).expect("ASCII");
    let root = note.lines().nth(2).expect("a root");
    assert!(text.contains("CHECKPOINT OF THE RECORDS") && text.replace("=3D", "=").contains(root), "{text}");
}
