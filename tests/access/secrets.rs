//! Tokens: made, listed, revoked, lapsed; and seen by nobody but whoever they were made for.

use std::fs;
use std::path::Path;

use serde_json::Value;
use stepdown::access::TokenHash;

use crate::binary::needs;
use crate::http::{Asker, said};
use crate::office::{given, office, socket};

fn hash(token: &str) -> String {
    let hash = serde_json::to_value(TokenHash::of(token)).expect("a text");
    hash.as_str().expect("a text").to_owned()
}

/// Every file below `dir`.
fn files(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

#[test]
fn a_token_is_shown_once_and_is_nowhere_afterwards() {
    let office = office("");
    let token = office.token("lcs-feed", "reader");
    let asker = Asker::net(office.port, [127, 0, 11, 1], Some(&token));
    asker.get("/v1/status");
    let listed = office.home.run(&["token", "list", "--format", "json"]).stdout;
    let rows: Vec<Value> = serde_json::from_str(&listed).expect("a list");
    let keys: Vec<_> = rows[0].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["added_at", "author", "name", "revoked_at", "role", "until"]);
    let table = office.home.run(&["token", "list"]).stdout;
    let exported = office.home.run(&["export"]).stdout;
    assert!(exported.contains("token-added") && table.contains("lcs-feed"));
    for (what, text) in [("list", &listed), ("table", &table), ("journal", &office.daemon.journal())] {
        assert!(!text.contains(&token) && !text.contains(&hash(&token)), "{what}");
    }
    assert!(!exported.contains(&token), "an export has the hash, not the token");
    office.daemon.stop("-TERM");
    let mut found = Vec::new();
    files(&office.home.data(), &mut found);
    assert!(found.len() > 3);
    let secret = token.strip_prefix("sdt_").expect("its mark");
    for file in found {
        let bytes = fs::read(&file).expect("readable");
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!has(secret) && !has(&hash(&token)), "{} is sealed", file.display());
    }
}

#[test]
fn a_revoked_token_is_taken_no_more_and_its_name_is_free() {
    let office = office("");
    let first = office.token("lcs-feed", "reader");
    let again = office.home.run(&["token", "add", "lcs-feed", "--role", "admin"]);
    assert!(again.code == 2 && again.stderr.contains("already"), "{}", again.stderr);
    let asker = Asker::net(office.port, [127, 0, 12, 1], Some(&first));
    assert_eq!(asker.status("GET", "/v1/status"), 200);
    let revoked = office.home.run(&["token", "revoke", "lcs-feed", "--author", "priya"]);
    assert_eq!((revoked.code, revoked.stdout.as_str()), (0, "The token lcs-feed is taken no more.\n"));
    let response = asker.request("GET", "/v1/status").send().expect("an answer");
    assert_eq!(response.status(), 401);
    assert!(said(response).contains("was revoked"));
    assert_eq!(office.home.run(&["token", "revoke", "lcs-feed"]).code, 2);
    assert_eq!(office.home.run(&["token", "list"]).stdout, "There is no token: nobody can ask over TCP.\n");
    let second = office.token("lcs-feed", "reader");
    assert_eq!(asker.status("GET", "/v1/status"), 401);
    assert_eq!(Asker::net(office.port, [127, 0, 12, 1], Some(&second)).status("GET", "/v1/status"), 200);
    // A start from the snapshot knows the same as the log.
    office.daemon.stop("-TERM");
    let all = office.home.json(&["token", "list", "--all"]);
    assert_eq!(all.as_array().map(Vec::len), Some(2), "{all}");
    assert!(all[0]["revoked_at"].is_string() && all[1]["revoked_at"].is_null(), "{all}");
    let _daemon = office.home.daemon_at(&socket(&office.home), |_| {});
    assert_eq!(Asker::net(office.port, [127, 0, 12, 1], Some(&second)).status("GET", "/v1/status"), 200);
    assert_eq!(asker.status("GET", "/v1/status"), 401);
}

#[test]
fn a_token_lapses_with_its_day() {
    let (home, port) = given("");
    // In the past, by a command that has the log to itself.
    let long_ago = |args: &[&str]| {
        let mut command = home.command(args);
        command
            .env("LD_PRELOAD", needs("libfaketime.so.1"))
            .env("FAKETIME", "@2026-06-30 12:00:00")
            .env("TZ", "UTC");
        crate::binary::Ran::from(command.output().expect("it runs"))
    };
    fs::remove_dir_all(home.data()).expect("our own");
    let file = home.path("history.jsonl");
    assert_eq!(long_ago(&["import", file.to_str().expect("UTF-8")]).code, 0);
    let past = long_ago(&["token", "add", "old", "--role", "reader", "--until", "2026-06-29"]);
    assert!(past.code == 2 && past.stderr.contains("is past"), "{}", past.stderr);
    let added =
        long_ago(&["token", "add", "old", "--role", "reader", "--until", "2026-06-30", "--format", "json"]);
    assert_eq!(added.code, 0, "{}", added.stderr);
    let new: Value = serde_json::from_str(&added.stdout).expect("JSON");
    let token = new["token"].as_str().expect("a token");
    let daemon = |day: &str| {
        home.daemon_at(&socket(&home), |command| {
            command
                .env("LD_PRELOAD", needs("libfaketime.so.1"))
                .env("FAKETIME", format!("@{day} 12:00:00"))
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .env("TZ", "UTC");
        })
    };
    let asker = Asker::net(port, [127, 0, 13, 1], Some(token));
    let running = daemon("2026-06-30");
    assert_eq!(asker.status("GET", "/v1/status"), 200);
    running.stop("-TERM");
    let running = daemon("2026-07-01");
    let response = asker.request("GET", "/v1/status").send().expect("an answer");
    assert_eq!(response.status(), 401);
    assert!(said(response).contains("good until 2026-06-30"));
    running.stop("-TERM");
}

#[test]
fn a_file_that_is_made_of_a_new_token_holds_nothing_else() {
    let office = office("");
    let told = office.home.run(&["token", "add", "scrape", "--role", "monitor"]);
    assert!(
        told.stdout.starts_with("sdt_") && told.stdout.trim_end().lines().count() == 1,
        "{}",
        told.stdout
    );
    assert!(told.stderr.contains("not shown again"), "{}", told.stderr);
    let asker = Asker::net(office.port, [127, 0, 14, 1], Some(told.stdout.trim_end()));
    assert_eq!(asker.status("GET", "/metrics"), 200);
}
