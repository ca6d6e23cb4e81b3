//! The arrows between the rooms, and what the pure rooms never name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use stepdown::case::types;
use stepdown::config::{Config, Source};

/// Each room with the rooms it may use, nearest first.
const ARROWS: [(&str, &[&str]); 17] = [
    ("calendar", &[]),
    ("language", &["calendar"]),
    ("case", &["calendar"]),
    ("access", &["case", "calendar"]),
    ("programme", &["case", "calendar", "language"]),
    ("schedule", &["programme", "case", "calendar", "language"]),
    ("reminders", &["schedule", "programme", "case", "calendar", "language"]),
    ("policy", &["reminders", "schedule", "programme", "case", "calendar", "language"]),
    ("report", &["reminders", "schedule", "programme", "case", "calendar", "language"]),
    ("extract", &["programme", "case", "calendar", "language"]),
    ("log", &["access", "policy", "reminders", "case", "calendar"]),
    (
        "config",
        &["access", "policy", "report", "reminders", "schedule", "programme", "case", "calendar", "language"],
    ),
    ("mail", &["config", "reminders", "schedule", "case", "calendar", "language"]),
    (
        "daemon",
        &[
            "extract",
            "log",
            "mail",
            "config",
            "access",
            "report",
            "policy",
            "reminders",
            "schedule",
            "programme",
            "case",
            "calendar",
            "language",
        ],
    ),
    (
        "api",
        &[
            "daemon",
            "extract",
            "log",
            "mail",
            "config",
            "access",
            "report",
            "policy",
            "reminders",
            "schedule",
            "programme",
            "case",
            "calendar",
            "language",
        ],
    ),
    (
        "cli",
        &[
            "api",
            "daemon",
            "extract",
            "log",
            "mail",
            "config",
            "access",
            "report",
            "policy",
            "reminders",
            "schedule",
            "programme",
            "case",
            "calendar",
            "language",
        ],
    ),
    ("main.rs", &["cli"]),
];

const PURE: [&str; 10] = [
    "access",
    "language",
    "calendar",
    "case",
    "programme",
    "schedule",
    "reminders",
    "report",
    "policy",
    "extract",
];

/// What would let a pure room touch a disk, a socket, a clock, the environment or chance.
const IMPURE: [&str; 14] = [
    "tokio",
    "fjall",
    "lettre",
    "reqwest",
    "axum",
    "tracing",
    "uuid",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "Utc::now",
    "SystemTime",
    "Instant::now",
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a readable directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The code of each room: comments and unit tests left out.
fn rooms() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut rooms: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a readable file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code =
            code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        let inside = file.strip_prefix(&src).expect("under src");
        let room = inside.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
        rooms.entry(room).or_default().push((inside.to_owned(), code));
    }
    rooms
}

#[test]
fn arrows_run_one_way() {
    let rooms = rooms();
    let names: Vec<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    for room in rooms.keys().filter(|room| *room != "lib.rs") {
        assert!(names.contains(&room.as_str()), "{room} is not on the map");
    }
    let mut wrong = Vec::new();
    for (room, allowed) in ARROWS {
        for (file, code) in rooms.get(room).into_iter().flatten() {
            for other in names.iter().filter(|other| **other != room && !allowed.contains(other)) {
                let uses = [
                    format!("crate::{other}::"),
                    format!("stepdown::{other}::"),
                    format!("crate::{{{other}"),
                ];
                if uses.iter().any(|text| code.contains(text.as_str())) {
                    wrong.push(format!("{} uses {other}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pure_rooms_touch_nothing() {
    let rooms = rooms();
    let mut wrong = Vec::new();
    for room in PURE {
        let files = rooms.get(room).expect("the room is there");
        for (file, code) in files {
            wrong.extend(
                IMPURE
                    .iter()
                    .filter(|word| code.contains(**word))
                    .map(|word| format!("{}: {word}", file.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_command_line_prints() {
    let printing = ["println!", "print!(", "eprintln!", "eprint!("];
    for (room, files) in rooms().iter().filter(|(room, _)| *room != "cli") {
        for (file, code) in files {
            assert!(!printing.iter().any(|word| code.contains(word)), "{room}: {} prints", file.display());
        }
    }
}

/// No name of any programme that comes with it: its id, its roles, rules, areas and event types.
#[test]
fn the_engine_knows_nothing_of_any_one_programme() {
    let config = Config::load(&Source::Starter).expect("the starter loads");
    let mut words = BTreeSet::new();
    for (id, policy) in config.policies.iter() {
        let programme = policy.newest();
        let types = config.admissions[id].catalogue.kinds().map(|kind| kind.name.to_string());
        words.extend(types.filter(|name| !types::ALL.contains(&&**name) && name != types::CASE_CLOSED));
        words.extend(programme.roles.keys().map(ToString::to_string));
        words.extend(programme.rules.iter().map(|rule| rule.id.to_string()));
        words.extend(programme.areas.keys().map(ToString::to_string));
        words.insert(id.to_string());
    }
    // A division of the United Kingdom is called as an area may be; a school is a word.
    words.retain(|word| !["northern-ireland", "school"].contains(&word.as_str()));
    assert!(words.len() > 150, "{words:?}");
    for (room, files) in rooms().iter().filter(|(room, _)| *room != "cli") {
        for (file, code) in files {
            let code = code.to_lowercase();
            let named = words.iter().find(|word| code.contains(&format!("\"{word}\"")));
            assert_eq!(named, None, "{room}: {} names it", file.display());
            let spoken =
                ["lancashire", "scayt", "child-social-worker"].iter().find(|word| code.contains(**word));
            assert_eq!(spoken, None, "{room}: {} names it", file.display());
        }
    }
}
