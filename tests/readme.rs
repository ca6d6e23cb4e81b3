//! What the README tells an admin to type works, and prints what it shows.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const README: &str = include_str!("../README.md");

/// The fenced blocks of one language in the section that starts with `heading`.
fn blocks(heading: &str, language: &str) -> Vec<String> {
    let start = README.find(heading).expect("the section is there");
    let section = &README[start + heading.len()..];
    let section = section.split("\n## ").next().unwrap_or_default();
    let fences = section.split("```").skip(1).step_by(2);
    let blocks = fences.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    blocks.map(str::to_owned).collect()
}

/// A directory in which the README's commands find the samples.
fn place() -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(root.join("events"), dir.path().join("events")).expect("a link");
    dir
}

/// What the commands print, one after the other.
fn print<'a>(dir: &Path, commands: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let run = |command: &str| {
        let arguments: Vec<_> = command.strip_prefix("stepdown ").expect("a command").split(' ').collect();
        let mut stepdown = Command::new(env!("CARGO_BIN_EXE_stepdown"));
        let ran = stepdown.args(arguments).current_dir(dir).env_clear().env("HOME", dir).output();
        let ran = ran.expect("it runs");
        assert!(ran.status.success(), "{command}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).into_owned()
    };
    commands.into_iter().map(run).collect()
}

#[test]
fn the_first_ten_minutes_go_as_written() {
    let dir = place();
    let commands = blocks("## The first ten minutes of an admin", "sh").concat();
    let printed = print(dir.path(), commands.lines());
    let shown = blocks("## The first ten minutes of an admin", "text");
    assert_eq!(shown.len(), 2);
    assert!(printed.contains(&shown[0]), "{}", shown[0]);
    // The mail is shown as far as its first lines.
    let head = shown[1].split('…').next().unwrap_or_default();
    let last = printed.last().expect("a last command");
    assert!(last.starts_with(head), "{last}");
}

#[test]
fn the_import_from_a_case_system_goes_as_written() {
    let dir = place();
    print(dir.path(), ["stepdown init my-authority"]);
    let commands = blocks("## Import from a case system", "sh").concat();
    assert_eq!(
        print(dir.path(), commands.lines()).concat(),
        blocks("## Import from a case system", "text").concat()
    );
}

#[test]
fn the_log_is_verified_as_written() {
    let dir = place();
    let commands = blocks("## Verify the log", "sh").concat();
    let printed = print(dir.path(), commands.lines());
    assert!(printed.last().is_some_and(|shown| shown.contains("is whole")), "{printed:?}");
}

#[test]
fn every_command_of_the_table_is_one_and_every_one_is_in_the_table() {
    let table =
        README.split("\n## Commands").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    let mut told: Vec<_> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .filter_map(|line| line.split(" | ").next())
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter_map(|command| command.split(' ').next())
        .collect();
    told.sort_unstable();
    told.dedup();
    let help = Command::new(env!("CARGO_BIN_EXE_stepdown")).arg("--help").output().expect("it runs");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let commands =
        help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list");
    let mut known: Vec<_> = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    known.sort_unstable();
    assert_eq!(told, known);
}

#[test]
fn the_policy_has_as_many_rules_and_notices_as_the_readme_says() {
    let programme = include_str!("../config/programmes/lancashire-step-down.toml");
    assert!(README.contains("57 rules and 8 notices"));
    assert_eq!((programme.matches("\n[[rule]]").count(), programme.matches("\n[[notice]]").count()), (57, 8));
}
