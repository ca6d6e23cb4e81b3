//! The wrapping key: shown, changed, and a change that was cut off.

#[path = "support/binary.rs"]
mod binary;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use binary::{Home, sample};
use serde_json::Value;

fn home() -> Home {
    let home = Home::new();
    home.init();
    let ran = home.run(&["import", sample("journey.jsonl").to_str().expect("a path")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    home
}

fn key(home: &Home) -> PathBuf {
    home.data().join("wrapping-key")
}

fn next(home: &Home) -> PathBuf {
    home.data().join("wrapping-key.new")
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect("a text")
}

#[test]
fn after_a_rotation_everything_opens_and_the_key_before_is_refused_by_name() {
    let home = home();
    let (before, export) = (home.json(&["keys", "show"]), home.run(&["export"]).stdout);
    let old = fs::read(key(&home)).expect("the key");
    let rotated = home.json(&["keys", "rotate"]);
    assert_eq!(rotated["before"], before["fingerprint"]);
    let after = home.json(&["keys", "show"]);
    assert_eq!(after["fingerprint"], rotated["fingerprint"]);
    assert_ne!(after["fingerprint"], before["fingerprint"]);
    assert_eq!((&after["cases"], &after["slots"]), (&before["cases"], &before["slots"]));
    assert_eq!(fs::metadata(key(&home)).expect("the key").permissions().mode() & 0o777, 0o600);
    assert!(!next(&home).exists());
    assert_eq!(home.run(&["export"]).stdout, export);
    fs::write(key(&home), old).expect("writable");
    let ran = home.run(&["export"]);
    assert_eq!(ran.code, 1);
    for name in [text(&before, "fingerprint"), text(&after, "fingerprint")] {
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
    }
}

#[test]
fn a_rotation_that_was_cut_off_leaves_a_key_that_opens() {
    let home = home();
    let (export, old) = (home.run(&["export"]).stdout, fs::read(key(&home)).expect("the key"));
    // Before the keyring was sealed with it, the new key is of no use yet, …
    fs::write(next(&home), format!("{}\n", "ab".repeat(32))).expect("writable");
    assert_eq!(home.run(&["export"]).stdout, export);
    assert!(next(&home).exists());
    // … and is taken by the next attempt.
    home.json(&["keys", "rotate"]);
    assert_eq!(fs::read_to_string(key(&home)).expect("the key").trim(), "ab".repeat(32));
    // After it was, and before the rename: the old key is in its place still.
    fs::rename(key(&home), next(&home)).expect("renamed");
    fs::write(key(&home), &old).expect("writable");
    assert_eq!(home.run(&["export"]).stdout, export);
    assert!(!next(&home).exists());
    assert_eq!(fs::read_to_string(key(&home)).expect("the key").trim(), "ab".repeat(32));
    // A new key that was cut off while it was written is made anew.
    fs::write(next(&home), "abab").expect("writable");
    home.json(&["keys", "rotate"]);
    assert_eq!(home.run(&["export"]).stdout, export);
    // A key that has nothing to do with it changes nothing.
    fs::write(key(&home), &old).expect("writable");
    fs::write(next(&home), format!("{}\n", "cd".repeat(32))).expect("writable");
    assert_eq!(home.run(&["export"]).code, 1);
    assert_eq!(fs::read(key(&home)).expect("the key"), old);
}

#[test]
fn a_running_daemon_seals_with_the_new_key_and_goes_on() {
    let home = home();
    let daemon = home.daemon(|_| {});
    let rotated = home.json(&["keys", "rotate"]);
    assert_eq!(home.json(&["keys", "show"])["fingerprint"], rotated["fingerprint"]);
    let visit = [
        "append",
        "--case",
        "SD-9",
        "--type",
        "case-opened",
        "--on",
        "2026-01-05",
        "programme=lancashire-step-down",
    ];
    assert_eq!(home.run(&visit).code, 0);
    assert_eq!(daemon.stop("-TERM"), Some(0));
    assert!(home.run(&["export"]).stdout.contains("SD-9"));
    assert_eq!(home.json(&["replay"])["equal"], true);
}

#[test]
fn a_credential_cannot_be_replaced_and_the_new_key_is_written_elsewhere() {
    let home = home();
    home.edit("stepdown.toml", "# [records]", "[records]\nwrapping_key_credential = \"wrapping-key\"");
    let credentials = home.path("credentials");
    fs::create_dir(&credentials).expect("a directory");
    fs::rename(key(&home), credentials.join("wrapping-key")).expect("moved");
    let run = |args: &[&str]| -> binary::Ran {
        home.command(args).env("CREDENTIALS_DIRECTORY", &credentials).output().expect("it runs").into()
    };
    let ran = run(&["keys", "rotate"]);
    assert!(ran.code == 2 && ran.stderr.contains("--to FILE"), "{}", ran.stderr);
    let ran = run(&["keys", "rotate", "--to", "new-key"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("Install it as the credential"), "{}", ran.stdout);
    assert_eq!(run(&["export"]).code, 1);
    fs::copy(home.path("new-key"), credentials.join("wrapping-key")).expect("installed");
    assert_eq!(run(&["export"]).code, 0);
    assert_eq!(
        run(&["keys", "rotate", "--to", "new-key"]).code,
        1,
        "a file that is there is not overwritten"
    );
    assert_eq!(run(&["export"]).code, 0);
}

#[test]
fn what_is_in_use_is_shown() {
    let home = home();
    let shown = home.json(&["keys", "show"]);
    let words = home.run(&["keys", "show"]).stdout;
    assert!(words.contains(text(&shown, "fingerprint")) && words.contains("wrapping-key"), "{words}");
    let ran = home.run(&["keys", "rotate", "--to", "new-key"]);
    assert!(ran.code == 2 && ran.stderr.contains("leave out --to"), "{}", ran.stderr);
}
