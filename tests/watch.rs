//! How the daemon is watched: its meters, the alerts and the dashboard that are made of them, its health.

#![expect(clippy::float_cmp, reason = "counts and moments come as whole numbers, which are exact")]

#[path = "support/binary.rs"]
mod binary;
#[path = "support/post.rs"]
mod post;
#[path = "support/relay.rs"]
mod relay;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use binary::{Home, sample, wait_for};
use serde_json::{Value, json};
use stepdown::api::Health;
use stepdown::config::{Config, Source};
use stepdown::daemon::{Alarm, Clerk, Clock, Handle, Manager, Snapshot, Writer};
use tokio::sync::{mpsc, watch};

fn repo(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repo(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const RULES: &str = "deploy/prometheus/stepdown.rules.yml";
const RULE_TESTS: &str = "deploy/prometheus/stepdown.rules.test.yml";

/// Runs promtool in the directory of the rules, and expects it to be content.
fn promtool(args: &[&str], input: &str) {
    let tool = repo("target/tools/promtool");
    assert!(tool.exists(), "promtool is not there: run the tests with tests/run, which fetches it");
    let mut child = Command::new(tool)
        .args(args)
        .current_dir(repo("deploy/prometheus"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "promtool {args:?}: {}", String::from_utf8_lossy(&said));
}

struct Answer {
    code: u16,
    kind: String,
    text: String,
}

/// Asks the daemon of `home`.
fn ask(home: &Home, path: &str) -> Answer {
    let socket = home.data().join("stepdown.sock");
    let client = reqwest::blocking::Client::builder().unix_socket(socket).build().expect("a client");
    let response = client.get(format!("http://stepdown{path}")).send().expect("an answer");
    let kind = response.headers()["content-type"].to_str().expect("a text").to_owned();
    Answer { code: response.status().as_u16(), kind, text: response.text().expect("a text") }
}

/// Every sample of a page: its name with its labels, and its value.
fn samples(page: &str) -> BTreeMap<String, f64> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let read = |line: &str| {
        let (name, value) = line.rsplit_once(' ').expect("a value");
        (name.to_owned(), value.parse().expect("a number"))
    };
    lines.map(read).collect()
}

/// The names of the meters in a page, as they are asked for: without the parts of a histogram.
fn meters(page: &str) -> BTreeSet<String> {
    let names = samples(page).into_keys().map(|name| name.split('{').next().unwrap_or_default().to_owned());
    names.map(|name| base(&name)).collect()
}

fn base(name: &str) -> String {
    let part = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
    part.unwrap_or(name).to_owned()
}

/// Every name of a meter of stepdown's in `text`.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
    words.filter(|word| word.starts_with("stepdown_")).map(base).collect()
}

/// The values of a key in a file of rules.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches("- "));
    lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix(": ")).collect()
}

/// A daemon with the sample journey, whose mails have gone.
fn journey() -> (Home, binary::Daemon) {
    let home = Home::new();
    let daemon = home.daemon(|_| {});
    let ran = home.run(&["import", &sample("journey.jsonl").display().to_string()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    wait_for("the mails", || {
        let mail = home.json(&["status"])["mail"].clone();
        mail["waiting"] == 0 && mail["accepted"].as_u64() > Some(0)
    });
    (home, daemon)
}

#[test]
fn the_rules_the_tests_of_them_and_the_example_hold() {
    promtool(&["check", "rules", "stepdown.rules.yml"], "");
    promtool(&["test", "rules", "stepdown.rules.test.yml"], "");
    promtool(&["check", "config", "--syntax-only", "prometheus.yml"], "");
}

#[test]
fn each_alert_says_what_to_do_and_is_tried_firing_and_quiet() {
    let (rules, tests) = (read(RULES), read(RULE_TESTS));
    let alerts = values(&rules, "alert");
    assert!(alerts.len() >= 12, "{alerts:?}");
    for key in ["expr", "summary", "runbook"] {
        assert_eq!(values(&rules, key).len(), alerts.len(), "an alert has no {key}");
    }
    assert_eq!(rules.matches("labels: {severity: ").count(), alerts.len());
    let blocks: Vec<_> = tests.split("alertname: ").skip(1).collect();
    for alert in alerts {
        let of_it = blocks.iter().filter(|block| block.split_whitespace().next() == Some(alert));
        let (quiet, firing): (Vec<&str>, Vec<&str>) =
            of_it.copied().partition(|block: &&str| block.contains("exp_alerts: []"));
        assert!(
            !quiet.is_empty() && !firing.is_empty(),
            "{alert}: quiet {}, firing {}",
            quiet.len(),
            firing.len()
        );
    }
}

#[test]
fn every_meter_is_shown_explained_and_there() {
    let (home, _daemon) = journey();
    let answer = ask(&home, "/metrics");
    assert_eq!(
        (answer.code, answer.kind.as_str()),
        (200, "application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    assert!(answer.text.ends_with("# EOF\n"), "{}", answer.text);
    let there = meters(&answer.text);
    assert!(there.iter().all(|name| name.starts_with("stepdown_")), "{there:?}");
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/stepdown.json")).expect("JSON");
    let shown: BTreeSet<_> = expressions(&dashboard).iter().flat_map(|(_, text)| named(text)).collect();
    let explained: BTreeSet<_> = read("deploy/prometheus/README.md")
        .lines()
        .filter(|line| line.starts_with("| `stepdown_"))
        .flat_map(named)
        .collect();
    assert_eq!(shown, there, "what the dashboard shows, and what there is");
    assert_eq!(explained, there, "what the table explains, and what there is");
    let asked: BTreeSet<_> = values(&read(RULES), "expr").into_iter().flat_map(named).collect();
    assert!(asked.is_subset(&there), "{:?}", asked.difference(&there));
    lint(&answer.text);
}

/// promtool reads the text format that came before `OpenMetrics`: there, a counter's own name ends in `_total`.
fn lint(page: &str) {
    let older = page.lines().filter(|line| !line.starts_with("# UNIT") && *line != "# EOF").map(|line| {
        let of_counter =
            line.starts_with("# HELP stepdown_mails ") || line == "# TYPE stepdown_mails counter";
        let line = if of_counter {
            line.replacen("stepdown_mails", "stepdown_mails_total", 1)
        } else {
            line.to_owned()
        };
        line + "\n"
    });
    promtool(&["check", "metrics"], &older.collect::<String>());
}

/// The expressions of a dashboard, each with the title of its panel.
fn expressions(dashboard: &Value) -> Vec<(String, String)> {
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let targets = panels.flat_map(|panel| {
        let title = panel["title"].as_str().expect("a title").to_owned();
        let targets = panel["targets"].as_array().cloned().unwrap_or_default();
        targets
            .into_iter()
            .map(move |target| (title.clone(), target["expr"].as_str().expect("a text").to_owned()))
    });
    targets.collect()
}

#[test]
fn the_dashboard_can_be_imported_and_its_questions_asked() {
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/stepdown.json")).expect("JSON");
    assert!(dashboard["schemaVersion"].as_u64() >= Some(36) && dashboard["id"].is_null());
    let variables = dashboard["templating"]["list"].as_array().expect("variables");
    assert!(variables.iter().any(|one| one["name"] == "datasource" && one["query"] == "prometheus"));
    let mut ids = BTreeSet::new();
    for panel in dashboard["panels"].as_array().expect("panels") {
        assert!(ids.insert(panel["id"].as_u64()), "two panels with one id: {panel}");
        if panel["type"] == "row" {
            continue;
        }
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
        assert!(panel["description"].as_str().is_some_and(|text| text.len() > 20), "{}", panel["title"]);
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{}", panel["title"]);
    }
    let rules = expressions(&dashboard).into_iter().enumerate().map(|(n, (_, expression))| {
        let expression = expression.replace("$instance", ".*");
        format!("      - record: panel:{n}\n        expr: {}\n", Value::from(expression))
    });
    let file = tempfile::NamedTempFile::with_suffix(".yml").expect("a file");
    let text = "groups:\n  - name: dashboard\n    rules:\n".to_owned() + &rules.collect::<String>();
    std::fs::write(file.path(), text).expect("written");
    promtool(&["check", "rules", &file.path().display().to_string()], "");
}

#[test]
fn no_label_and_no_text_tells_of_a_case_or_a_person() {
    let (home, _daemon) = journey();
    let page = ask(&home, "/metrics").text;
    let config = Config::load(&Source::Starter).expect("the starter loads");
    let mut canaries: Vec<String> =
        vec!["SD-".to_owned(), "@example.org".to_owned(), "constellation=".to_owned(), "C-3".to_owned()];
    for (id, person) in &config.people.persons {
        canaries.extend([id.to_string(), person.name.clone()]);
        canaries.extend(person.name.split_whitespace().map(str::to_owned));
    }
    assert!(canaries.len() > 10, "{canaries:?}");
    for canary in &canaries {
        assert!(!page.contains(canary.as_str()), "the page tells of {canary}");
    }
    let labels = samples(&page).into_keys().filter_map(|name| Some(name.split_once('{')?.1.to_owned()));
    let keys: BTreeSet<_> = labels
        .flat_map(|labels| {
            let pairs = labels.trim_end_matches('}').split(',').map(str::to_owned).collect::<Vec<_>>();
            pairs.into_iter().map(|pair| pair.split('=').next().unwrap_or_default().to_owned())
        })
        .collect();
    assert_eq!(keys, ["kind", "le", "limit", "outcome", "programme", "version"].map(str::to_owned).into());
}

#[test]
fn the_meters_say_what_the_status_says() {
    let (home, _daemon) = journey();
    let (status, page) = (home.json(&["status"]), samples(&ask(&home, "/metrics").text));
    let accepted: f64 =
        page.iter().filter(|(name, _)| name.contains("outcome=\"accepted\"")).map(|(_, value)| value).sum();
    assert_eq!(Some(accepted), status["mail"]["accepted"].as_f64());
    for (meter, field) in [
        ("stepdown_log_entries", &status["sequence"]),
        ("stepdown_mail_waiting", &status["mail"]["waiting"]),
        ("stepdown_log_bytes", &status["log_bytes"]),
        (
            "stepdown_limits_exceeded{programme=\"lancashire-step-down\",limit=\"arrangements-per-constellation\"}",
            &status["limits_exceeded"],
        ),
    ] {
        assert_eq!(Some(page[meter]), field.as_f64(), "{meter}");
    }
    assert_eq!(page["stepdown_append_seconds_count"], 1.0, "the import was one request");
    assert!(page["stepdown_sync_seconds_count"] >= 2.0 && page["stepdown_sync_seconds_sum"] > 0.0);
    let seconds = |field: &str| {
        let at = status[field].as_str().unwrap_or_else(|| panic!("no {field}: {status}"));
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in an f64")]
        let seconds = at.parse::<stepdown::calendar::Instant>().expect("an instant").timestamp() as f64;
        seconds
    };
    assert!((page["stepdown_start_timestamp_seconds"] - seconds("started_at")).abs() < 1.0);
    assert!(page["stepdown_heartbeat_timestamp_seconds"] >= seconds("started_at"));
    assert!(
        page["stepdown_bank_holidays_until_timestamp_seconds"] > page["stepdown_start_timestamp_seconds"]
    );
    assert!(page["stepdown_disk_free_bytes"] > 0.0);
    assert!(page["stepdown_disk_free_bytes"] <= page["stepdown_disk_size_bytes"]);
    assert_eq!((page["stepdown_mail_held"], page["stepdown_transport_paused"]), (0.0, 0.0));
    let ran = home.run(&["mail", "hold", "--reason", "a test", "--author", "tester"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(samples(&ask(&home, "/metrics").text)["stepdown_mail_held"], 1.0);
    // A reading of the whole log is told; this one by hand, for the daemon makes its own a minute after its start.
    let scrub = json!({"at": "2026-11-22T03:00:00Z", "entries": 1, "damage": "a test"});
    std::fs::create_dir_all(home.data().join("checkpoints")).expect("made");
    std::fs::write(home.data().join("checkpoints/scrub"), scrub.to_string()).expect("written");
    let page = samples(&ask(&home, "/metrics").text);
    assert_eq!(
        (page["stepdown_log_damaged"], page["stepdown_scrub_timestamp_seconds"]),
        (1.0, 1_795_316_400.0)
    );
}

#[test]
fn a_relay_that_is_gone_shows_as_paused_and_as_reminders_that_wait() {
    let port = post::free_port();
    let home = post::home_with_relay(port);
    let _daemon = post::evening(&home);
    post::open_case(&home);
    post::append(&home, "referral-closed", "2026-06-02", &["service=scayt"]);
    let page = || samples(&ask(&home, "/metrics").text);
    wait_for("the pause", || page()["stepdown_transport_paused"] == 1.0);
    let waiting = page();
    assert!(waiting["stepdown_mail_waiting"] >= 1.0 && waiting["stepdown_oldest_due_unsent_seconds"] > 0.0);
    assert!(waiting["stepdown_mails_total{kind=\"notice\",outcome=\"not-sent\"}"] >= 1.0, "{waiting:?}");
    // Held back by nobody and with nothing wrong with itself, it is alive and serves.
    assert_eq!((ask(&home, "/healthz").code, ask(&home, "/readyz").code), (200, 200));
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    let _relay = relay::Relay::listen(listener, relay::Script::friendly());
    wait_for("the mail", || post::settled(&home));
    let after = page();
    assert_eq!((after["stepdown_transport_paused"], after["stepdown_oldest_due_unsent_seconds"]), (0.0, 0.0));
    assert!(after["stepdown_mails_total{kind=\"notice\",outcome=\"accepted\"}"] >= 1.0);
}

#[test]
fn a_running_daemon_is_alive_and_ready() {
    let home = Home::new();
    let _daemon = home.daemon(|_| {});
    wait_for("the loop", || ask(&home, "/readyz").code == 200);
    for path in ["/healthz", "/readyz"] {
        let answer = ask(&home, path);
        assert_eq!((answer.code, answer.text.as_str()), (200, r#"{"status":"ok","why":[]}"#), "{path}");
    }
}

#[tokio::test]
async fn a_daemon_that_starts_stops_or_found_damage_says_so() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = Arc::new(Config::load(&Source::Starter).expect("the starter loads"));
    let writer = Writer::open(dir.path(), config, "a test").expect("a log");
    let (alarm, clock) = (Alarm::new(writer.log().poison().clone()), Clock::System);
    let clerk = Clerk::new(writer).expect("templates");
    let meters = clerk.books().meters().clone();
    let (requests, incoming) = mpsc::channel(1);
    let (_snapshots, snapshot) = watch::channel(Snapshot::of(&clerk, clock.now()));
    let handle = Handle {
        requests,
        snapshot,
        source: Source::Starter,
        clock: clock.clone(),
        alarm,
        manager: Manager::of_this_process(),
        mended: 0,
        meters: meters.clone(),
    };
    let why = |health: Health| (health.status, health.why.join("; "));
    let ok = || ("ok".to_owned(), String::new());
    assert_eq!(why(Health::of_life(&handle)), ok());
    let (status, starting) = why(Health::of_service(&handle));
    assert!(status == "failing" && starting.contains("starting"), "{starting}");
    meters.beat(clock.now(), clock.monotonic());
    assert_eq!(why(Health::of_service(&handle)), ok());
    drop(incoming);
    assert!(why(Health::of_service(&handle)).1.contains("stopping"));
    assert_eq!(why(Health::of_life(&handle)), ok());
    clerk.books().log().poison().set();
    let (status, shut) = why(Health::of_life(&handle));
    assert!(status == "failing" && shut.contains("nothing more is written"), "{shut}");
}
