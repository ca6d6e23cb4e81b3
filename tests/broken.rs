//! Broken configurations: each is the starter with a small edit, and what `stepdown check` says of it.
//!
//! The exact words stand in `tests/broken/`, one file a configuration.

#[path = "support/binary.rs"]
mod binary;
#[path = "broken/cases.rs"]
mod cases;

use binary::{Home, Ran};
use cases::{Case, Edit, RULES};
use serde_json::Value;
use stepdown::config::{Config, Source};

/// The day on which every configuration is checked: bank holidays are known for long.
const TODAY: &str = "2026-06-01";

fn broken(edits: &[Edit]) -> Home {
    let home = Home::new();
    home.init();
    for edit in edits {
        match edit {
            Edit::Replace(file, from, to) => home.edit(file, from, to),
            Edit::Remove(file) => std::fs::remove_file(home.config().join(file)).expect("it was there"),
            Edit::Add(file, text) => {
                let path = home.config().join(file);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
                std::fs::write(path, text).expect("writable");
            }
        }
    }
    home
}

fn check(home: &Home, more: &[&str]) -> Ran {
    home.run(&[&["check", "--on", TODAY], more].concat())
}

/// What was said, without the number of files, which changes with every file that the starter gains.
fn trimmed(text: &str) -> String {
    let uncounted = |line: &str| match line.split_once(" files: ") {
        Some((count, rest)) if count.parse::<usize>().is_ok() => format!("… files: {rest}"),
        _ => line.trim_end().to_owned(),
    };
    text.lines().map(|line| uncounted(line) + "\n").collect()
}

fn rows(home: &Home) -> Vec<Value> {
    let ran = check(home, &["--format", "json"]);
    serde_json::from_str(&ran.stdout).expect("a list of findings")
}

/// Checks each case: its words, its JSON, and whether the other commands refuse it.
fn run(cases: &[Case]) {
    for Case { name, edits } in cases {
        let home = broken(edits);
        let ran = check(&home, &[]);
        assert_eq!((ran.code, ran.stderr.as_str()), (2, ""), "{name}: {}", ran.stdout);
        insta::with_settings!({
            snapshot_path => "broken", prepend_module_to_snapshot => false, omit_expression => true,
            description => edits.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        }, { insta::assert_snapshot!(*name, trimmed(&ran.stdout)); });
        let rows = rows(&home);
        let errors = rows.iter().filter(|row| row["severity"] == "error").count();
        let last = format!("{errors} error{}, ", if errors == 1 { "" } else { "s" });
        assert!(ran.stdout.contains(&last), "{name}: {last}");
        for row in &rows {
            assert!(row["line"].as_u64() >= Some(1) && row["column"].as_u64() >= Some(1), "{name}: {row}");
            assert!(row["message"].as_str().is_some_and(|words| !words.is_empty()), "{name}: {row}");
        }
        // Mails are not part of loading; they are tried before any is sent.
        let in_mails = |row: &Value| row["file"].as_str().is_some_and(|file| file.starts_with("templates/"));
        let refused = rows.iter().any(|row| row["severity"] == "error" && !in_mails(row));
        let loads = Config::load(&Source::Directory(home.config())).is_ok();
        assert_eq!(loads, !refused, "{name}: what is an error refuses to load, what is a warning does not");
    }
}

#[test]
fn the_names_are_different_and_there_are_enough() {
    let mut names: Vec<_> = cases::all().iter().map(|case| case.name).collect();
    assert!(names.len() >= 60, "{}", names.len());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), cases::all().len());
}

#[test]
fn settings() {
    run(&cases::settings());
}

#[test]
fn people() {
    run(&cases::people());
}

#[test]
fn bank_holidays() {
    run(&cases::bank_holidays());
}

#[test]
fn syntax_and_keys() {
    run(&cases::syntax_and_keys());
}

#[test]
fn limits() {
    run(&cases::limits());
}

#[test]
fn rules() {
    run(&cases::rules());
}

#[test]
fn conditions() {
    run(&cases::conditions());
}

#[test]
fn ladders_and_roles() {
    run(&cases::ladders_and_roles());
}

#[test]
fn areas() {
    run(&cases::areas());
}

#[test]
fn outcomes() {
    run(&cases::outcomes());
}

#[test]
fn event_types_and_files() {
    run(&cases::event_types_and_files());
}

#[test]
fn templates() {
    run(&cases::templates());
}

#[test]
fn the_starter_is_free_of_findings() {
    let home = Home::new();
    let built_in = check(&home, &[]);
    assert_eq!((built_in.code, built_in.stderr.as_str()), (0, ""), "{}", built_in.stdout);
    assert_eq!(
        built_in.stdout,
        "118 files, 100 rules and notices, 105 event types, 22 persons: no findings\n"
    );
    home.init();
    assert_eq!(check(&home, &[]).stdout, built_in.stdout);
    assert_eq!(check(&home, &["--format", "json"]).stdout, "[]\n");
}

#[test]
fn six_faults_in_different_files_show_at_once() {
    let home = broken(&[
        Edit::Replace("stepdown.toml", "weekly_on", "weekly_no"),
        Edit::Replace("people.toml", "amara.okafor@example.org", "amara.okafor"),
        Edit::Replace(
            RULES,
            "done_by = [\"my-home-my-place-submitted\"]",
            "done_by = [\"my-home-my-place-sent\"]",
        ),
        Edit::Replace(RULES, "tool = \"ramp\"", "tool = \"rampp\""),
        Edit::Replace(
            "events/lancashire-step-down/visit-made.json",
            "\"type\": \"object\"",
            "\"type\": \"objetc\"",
        ),
        Edit::Replace("templates/digest.txt.jinja", "summary=summary", "summary=sumary"),
    ]);
    let told: Vec<_> = rows(&home)
        .iter()
        .map(|row| {
            let words = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            format!(
                "{}:{}:{}: {} ({})",
                words("file"),
                row["line"],
                row["column"],
                words("message"),
                words("help")
            )
        })
        .collect();
    insta::assert_debug_snapshot!(told, @r#"
    [
        "events/lancashire-step-down/visit-made.json:5:11: this is no JSON Schema: \"objetc\" is no type (did you mean \"object\"?)",
        "people.toml:37:9: \"amara.okafor\" is not a mail address: Missing domain or user (write it without a name: \"somebody@example.org\")",
        "programmes/lancashire-step-down.toml:158:12: \"my-home-my-place-sent\" is not an event type of this programme (did you mean \"my-home-my-place-submitted\"?)",
        "programmes/lancashire-step-down.toml:378:62: this never holds: \"rampp\" is not one of needs-assessment, sdq, ramp (did you mean \"ramp\"?)",
        "stepdown.toml:16:1: unknown key \"weekly_no\" (did you mean \"weekly_on\"?)",
        "templates/digest.txt.jinja:3:43: this mail has no \"sumary\" (did you mean \"summary\"?)",
    ]
    "#);
    // Another command refuses it, with all that keeps it from loading.
    let refused = home.run(&["due", "--format", "json"]);
    let body: Value = serde_json::from_str(&refused.stderr).expect("JSON");
    assert_eq!((refused.code, body["findings"].as_array().map(Vec::len)), (2, Some(5)), "{}", refused.stderr);
}

#[test]
fn nothing_there_is_said_so() {
    let home = Home::new();
    let ran = home.run(&["--config", "nowhere", "check"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stdout.contains("cannot be read") && ran.stdout.contains("stepdown init DIR"),
        "{}",
        ran.stdout
    );
    std::fs::create_dir(home.config()).expect("a directory");
    let ran = check(&home, &["--format", "json"]);
    let rows: Vec<Value> = serde_json::from_str(&ran.stdout).expect("a list");
    assert_eq!(ran.code, 2);
    assert!(
        rows.iter().any(|row| row["file"] == "people.toml" && row["message"] == "is missing"),
        "{rows:?}"
    );
}

/// A file that a Windows program saved hides nothing of the others.
#[test]
fn a_file_that_is_no_utf8_is_told_of_where_it_is_none() {
    let home = Home::new();
    home.init();
    home.edit("stepdown.toml", "weekly_on", "weekly_no");
    let path = home.config().join("people.toml");
    let mut bytes = std::fs::read(&path).expect("a file");
    bytes.splice(..0, *b"# caf\xe9\n");
    std::fs::write(&path, bytes).expect("writable");
    let ran = check(&home, &["--format", "json"]);
    let rows: Vec<Value> = serde_json::from_str(&ran.stdout).expect("a list");
    let told: Vec<_> =
        rows.iter().map(|row| format!("{} {} {}", row["file"], row["line"], row["message"])).collect();
    assert_eq!(ran.code, 2);
    assert_eq!(
        told,
        ["\"people.toml\" 1 \"is not UTF-8 here\"", "\"stepdown.toml\" 16 \"unknown key \\\"weekly_no\\\"\""]
    );
}
