//! The API under schemathesis: requests made of the OpenAPI document, valid ones and broken ones, against a daemon on
//! loopback. Never a 5xx, never an answer that is not documented; what is broken is refused, what is valid is not.
//!
//! `SCHEMATHESIS=full cargo test --release --test fuzzed_api` makes 5,000 cases or more, `SEED=7` others of them.

#[path = "support/binary.rs"]
mod binary;

use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use binary::{Home, event, sample, wait_for};
use serde_json::json;

/// Made by `tests/run`, which knows the version.
const SCHEMATHESIS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/tools/schemathesis/bin/schemathesis");
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,negative_data_rejection,\
                      positive_data_acceptance,unsupported_method";
/// The name of the token that the requests are made with.
const TOKEN: &str = "schemathesis";
/// Closed cases, so that there is something to erase.
const CLOSED: [&str; 3] = ["SD-101", "SD-102", "SD-103"];

/// How much is done.
struct Measure {
    /// The most cases that are made at random of one operation; others are made of its schema one by one.
    of_each: u32,
    /// The kinds of cases: stateful ones use in one request what another one answered.
    phases: &'static str,
    /// How many there must be in all.
    at_least: u32,
    limit: Duration,
}

fn measure() -> Measure {
    match std::env::var("SCHEMATHESIS") {
        Ok(full) if full == "full" => {
            let phases = "examples,coverage,fuzzing,stateful";
            Measure { of_each: 150, phases, at_least: 5_000, limit: Duration::from_mins(30) }
        }
        _ => {
            let phases = "examples,coverage,fuzzing";
            Measure { of_each: 2, phases, at_least: 600, limit: Duration::from_mins(5) }
        }
    }
}

/// A home that mails nothing and listens on a free port of loopback.
fn home() -> (Home, String) {
    let home = Home::new();
    home.init();
    home.edit("stepdown.toml", "# go_live = 2026-04-01", "go_live = 2099-01-01");
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = free.expect("a port").to_string();
    home.edit("stepdown.toml", "# [access]", "[access]");
    home.edit("stepdown.toml", "# listen = \"127.0.0.1:8410\"", &format!("listen = \"{address}\""));
    home.edit("stepdown.toml", "# requests_per_minute = 6000", "requests_per_minute = 1000000");
    let mut lines = std::fs::read_to_string(sample("journey.jsonl")).expect("the sample");
    let programme = json!({"programme": "lancashire-step-down"});
    for case in CLOSED.into_iter().chain(["SD-1"]) {
        let opened = event(&format!("{case}-1"), case, "case-opened", "2026-01-05T10:00:00Z", &programme);
        let closed = event(&format!("{case}-2"), case, "case-closed", "2026-02-01T10:00:00Z", &json!({}));
        writeln!(lines, "{opened}").expect("memory");
        if case != "SD-1" {
            writeln!(lines, "{closed}").expect("memory");
        }
    }
    let file = home.write("history.jsonl", &lines);
    let ran = home.run(&["import", file.to_str().expect("a path")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (home, address)
}

/// What schemathesis is to know besides the document: who asks, and names that mean something here.
fn settings(token: &str) -> String {
    let names = [
        ("case", vec!["SD-0042", "SD-1", CLOSED[0], CLOSED[1], CLOSED[2]]),
        ("role", vec!["child-social-worker", "stability-worker"]),
        ("rule", vec!["csw-visit-settling", "support-meeting-weekly"]),
        ("person", vec!["amara-okafor", "tom-whitfield"]),
        ("occurrence", vec!["SD-0042/csw-visit-settling/59.3", "SD-0042/support-meeting-weekly/53.1"]),
    ];
    let mut text = format!(
        "[auth.openapi]\nbearer = {{ bearer = \"{token}\" }}\n\
         [checks.positive_data_acceptance]\nexpected-statuses = [\"2xx\", 401, 403, 404, 409, 410, 422, 429]\n\
         [checks.negative_data_rejection]\nexpected-statuses = [400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429]\n"
    );
    for (name, values) in &names {
        write!(text, "[dictionaries.{name}]\nvalues = {values:?}\n").expect("memory");
    }
    text += "[parameters]\n";
    for (name, _) in &names {
        for place in ["query", "path", "body", "body.mend"] {
            writeln!(text, "\"{place}.{name}\" = {{ dictionary = \"{name}\", probability = 0.6 }}")
                .expect("memory");
        }
    }
    text
}

#[test]
fn no_request_that_can_be_made_of_the_document_is_answered_otherwise_than_documented() {
    assert!(
        Path::new(SCHEMATHESIS).exists(),
        "schemathesis is not there: run the tests with tests/run, which installs it"
    );
    let Measure { of_each, phases, at_least, limit } = measure();
    let (home, address) = home();
    let daemon = home.daemon(|_| ());
    let added = home.json(&["token", "add", TOKEN, "--role", "admin"]);
    let token = added["token"].as_str().expect("a token");
    let config = home.write("schemathesis.toml", &settings(token));
    let report = std::fs::File::create(home.path("report")).expect("a file");
    let mut run = Command::new(SCHEMATHESIS)
        .arg("--config-file")
        .arg(config)
        .args(["run", &format!("http://{address}/openapi.json"), "--header"])
        .arg(format!("Authorization: Bearer {token}"))
        .args(["--checks", CHECKS, "--phases", phases])
        .args(["--max-examples", &of_each.to_string(), "--no-shrink", "--continue-on-failure"])
        .args(["--seed", &std::env::var("SEED").unwrap_or_else(|_| "1".to_owned())])
        .args(["--generation-database", "none", "--request-timeout", "20", "--output-truncate", "false"])
        .env("SCHEMATHESIS_HOOKS", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/schemathesis_hooks.py"))
        .env("OWN_TOKEN", TOKEN)
        .env("NO_COLOR", "1")
        .current_dir(home.dir.path())
        .stdout(report.try_clone().expect("a file"))
        .stderr(report)
        .stdin(Stdio::null())
        .spawn()
        .expect("schemathesis runs");
    let began = Instant::now();
    let status = loop {
        if let Some(status) = run.try_wait().expect("a child") {
            break status;
        }
        if began.elapsed() > limit {
            run.kill().expect("it ends");
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    let report = std::fs::read_to_string(home.path("report")).expect("a report");
    if let Some(keep) = std::env::var_os("REPORT") {
        std::fs::write(keep, &report).expect("writable");
    }
    assert!(status.success(), "{report}\n{}", daemon.journal());
    let cases = report.lines().find_map(|line| line.trim().split_once(" generated")?.0.parse::<u32>().ok());
    assert!(cases.is_some_and(|cases| cases >= at_least), "{cases:?} cases, not {at_least}\n{report}");
    // Whatever was recorded meanwhile, the log is whole and adds up.
    assert_eq!(home.json(&["verify"])["whole"], true);
    assert_eq!(home.json(&["replay"])["equal"], true);
    assert_eq!(daemon.stop("-TERM"), Some(0));
    wait_for("the log's lock", || home.run(&["status"]).code == 0);
}
