//! A data directory that an earlier stepdown wrote is read by this one as it was; another format is refused.
//!
//! `tests/samples/format-N` is a frozen sample of each format that was released, and what it tells. That of the
//! present format was made by `SAMPLE=make cargo test --test upgrades`, which overwrites it: do so only for a new
//! format. A sample that was released is never made again.

#[path = "../support/binary.rs"]
mod binary;
mod make;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use binary::{Home, Ran, sample};
use serde_json::Value;
use stepdown::log::{Log, Part, Slot};
use tempfile::TempDir;

/// The data directory after a clean stop: a part of its log is in the store, its newest groups in the witness alone.
const DATA: &str = "data";
const ARCHIVE: &str = "directory.tar.xz";
const EXPORT: &str = "export.jsonl.xz";
const CHECKPOINT: &str = "checkpoint";

/// What the sample is asked, and the file with what it told.
const QUESTIONS: [(&str, &[&str]); 4] = [
    ("due.json", &["due", "--on", "2025-06-10", "--format", "json"]),
    ("sent.json", &["reminders", "sent", "--format", "json"]),
    ("cases.json", &["cases", "--on", "2025-06-10", "--all", "--format", "json"]),
    ("explain.txt", &["explain", "SD-2/preparation-planning-meeting", "--on", "2025-06-10"]),
];

/// Directories in the form of one format.
struct Sample {
    dir: TempDir,
}

impl Sample {
    /// Unpacks a frozen sample.
    fn unpack(from: &Path) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut tar = Command::new("tar");
        run(tar.arg("-xJf").arg(from.join(ARCHIVE)).arg("-C").arg(dir.path()));
        Self { dir }
    }

    /// Packs what is in `dir`; what is zero in it takes no place.
    fn pack(dir: TempDir, to: &Path) -> Self {
        let mut tar = Command::new("tar");
        tar.args(["--sparse", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "-cJf"]);
        run(tar.env("XZ_OPT", "-9e").arg(to.join(ARCHIVE)).arg("-C").arg(dir.path()).args(["config", DATA]));
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepdown"));
        command.env_clear().env("HOME", self.dir.path()).current_dir(self.dir.path());
        let ran = command.args(["--config", "config", "--data", DATA]).args(args).output();
        ran.expect("it runs").into()
    }

    fn ask(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
        ran.stdout
    }

    /// Everything that is pinned, by the name of its file.
    fn tells(&self) -> BTreeMap<&'static str, Vec<u8>> {
        let told = QUESTIONS.map(|(name, question)| (name, self.ask(question).into_bytes()));
        let export = self.path("export.jsonl");
        std::fs::write(&export, self.ask(&["export"])).expect("written");
        let packed = Command::new("xz").args(["-9e", "--stdout"]).arg(&export).output().expect("xz is there");
        told.into_iter().chain([(EXPORT, packed.stdout)]).collect()
    }

    fn keep_checkpoint(&self, to: &Path) {
        std::fs::write(to.join(CHECKPOINT), self.ask(&["checkpoint"])).expect("written");
    }
}

fn run(command: &mut Command) {
    let ran = command.output().expect("it runs");
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

/// The samples of all released formats, oldest first, by the number of the format.
fn formats() -> BTreeMap<u32, PathBuf> {
    let entries =
        std::fs::read_dir(samples()).expect("a directory").map(|entry| entry.expect("an entry").path());
    let number = |path: &Path| path.file_name()?.to_str()?.strip_prefix("format-")?.parse().ok();
    entries.filter_map(|path| Some((number(&path)?, path))).collect()
}

/// The format that this program writes.
fn present() -> u32 {
    let home = Home::new();
    home.json(&["import", sample("policy.jsonl").to_str().expect("a path")]);
    let format = std::fs::read_to_string(home.data().join("format")).expect("a format");
    format.trim().strip_prefix("stepdown log ").and_then(|number| number.parse().ok()).expect("a number")
}

fn unxz(file: &Path) -> String {
    let read = Command::new("xz").args(["--decompress", "--stdout"]).arg(file).output().expect("xz is there");
    assert!(read.status.success(), "{}", file.display());
    String::from_utf8(read.stdout).expect("text")
}

/// Fails at the first line that differs.
fn assert_same(what: &str, told: &str, pinned: &str) {
    for (n, (told, pinned)) in told.lines().zip(pinned.lines()).enumerate() {
        assert_eq!(told, pinned, "{what}, line {}", n + 1);
    }
    assert_eq!(told.lines().count(), pinned.lines().count(), "the lines of {what}");
}

#[test]
fn every_released_format_tells_what_it_told() {
    if std::env::var("SAMPLE").is_ok_and(|what| what == "make") {
        make::make(&samples().join(format!("format-{}", present())));
    }
    let formats = formats();
    assert!(formats.contains_key(&present()), "the format that is written has a frozen sample");
    for (number, frozen) in formats {
        let sample = Sample::unpack(&frozen);
        let about = |what: &str| format!("format {number}: {what}");
        for (name, question) in QUESTIONS {
            let pinned = std::fs::read_to_string(frozen.join(name)).expect("what it told");
            assert_same(&about(name), &sample.ask(question), &pinned);
        }
        assert_same(&about("export"), &sample.ask(&["export"]), &unxz(&frozen.join(EXPORT)));
    }
}

#[test]
fn every_released_format_is_whole_and_rebuilt_as_it_is_live() {
    for (number, frozen) in formats() {
        let sample = Sample::unpack(&frozen);
        let note = frozen.join(CHECKPOINT);
        let args = ["verify", "--checkpoint", note.to_str().expect("a path"), "--format", "json"];
        let verified: Value = serde_json::from_str(&sample.ask(&args)).expect("JSON");
        assert_eq!(verified["whole"], true, "format {number}: {verified}");
        assert_eq!(verified["checkpoint"]["matches"], true, "format {number}: {verified}");
        assert!(verified["erased"].as_u64() > Some(0), "a case is erased: {verified}");
        let replayed: Value =
            serde_json::from_str(&sample.ask(&["replay", "--format", "json"])).expect("JSON");
        assert_eq!(replayed["equal"], true, "format {number}");
    }
}

#[test]
fn every_released_format_is_written_on_and_its_configuration_holds() {
    for (number, frozen) in formats() {
        let sample = Sample::unpack(&frozen);
        let before = sample.ask(&["export"]).lines().count();
        let visit = ["append", "--case", "SD-2", "--type", "readiness-confirmed", "--on", "2025-06-03"];
        let ran = sample.run(&visit);
        assert_eq!(ran.code, 0, "format {number}: {}", ran.stderr);
        let export = sample.ask(&["export"]);
        let added: Vec<_> = export.lines().skip(before).collect();
        assert!(added.iter().any(|line| line.contains("readiness-confirmed")), "{added:?}");
    }
}

/// Every file of a directory but the lock, with its content.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else if !path.ends_with("lock") {
            found.insert(path.clone(), std::fs::read(&path).expect("readable"));
        }
    }
    found
}

/// What is said of a data directory in another format, on one line; nothing in it is touched.
fn refusal(format: &str) -> String {
    let home = Home::new();
    home.json(&["import", sample("policy.jsonl").to_str().expect("a path")]);
    std::fs::write(home.data().join("format"), format).expect("writable");
    let before = contents(&home.data());
    let mut said = Vec::new();
    for args in [&["due"][..], &["run"], &["export"], &["verify"]] {
        let ran = home.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}: {}", ran.stderr);
        let words = ran.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        said.push(words.replace(home.dir.path().to_str().expect("a path"), "HOME"));
    }
    assert!(contents(&home.data()) == before, "something was changed");
    said.dedup();
    assert_eq!(said.len(), 1, "every command says the same: {said:#?}");
    said.remove(0)
}

#[test]
fn a_newer_format_is_refused_untouched_and_both_versions_are_named() {
    let newer = present() + 1;
    let said = refusal(&format!("stepdown log {newer}\nand something that is not known yet\n"));
    for words in
        [format!("in format {newer}"), format!("format {}", present()), env!("CARGO_PKG_VERSION").into()]
    {
        assert!(said.contains(&words), "{words}: {said}");
    }
    insta::assert_snapshot!(said);
}

#[test]
fn an_older_format_is_explained_with_the_way_to_bring_it_along() {
    insta::assert_snapshot!(refusal("stepdown log 1\n"));
}

#[test]
fn a_format_file_that_names_none_is_told_as_damage() {
    insta::assert_snapshot!(refusal("#!/bin/sh\n"));
}

#[test]
fn a_snapshot_of_another_version_is_passed_over_without_a_word() {
    let sample = Sample::unpack(&formats().remove(&present()).expect("a sample"));
    let data = sample.path(DATA);
    let due = sample.ask(&["due", "--on", "2025-06-10"]);
    {
        let log = Log::open(&data, &data.join("wrapping-key"), "a test").expect("a log");
        let part = Part { slot: Slot::OFFICE, events: 0, bytes: b"nothing that this program reads".to_vec() };
        log.snapshotter().write("0.0.9 with projections 1", [part].into_iter()).expect("written");
    }
    assert!(data.join("log/snapshot").exists());
    // `ask` takes no word on stderr.
    assert_same("due", &sample.ask(&["due", "--on", "2025-06-10"]), &due);
}
