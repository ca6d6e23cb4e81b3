//! The socket, with users of this machine who are neither root nor the daemon's own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use stepdown::access::Role;
use stepdown::api::{own_user, routes};

use crate::binary::Ran;
use crate::http::Asker;
use crate::office::{Office, given, office, socket};

const SOCKET: &str = "STEPDOWN_TEST_SOCKET";
/// `nobody`, and their group.
const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    let root = own_user().to_string() == "root";
    if !root {
        eprintln!("not root: what other users may ask on the socket is not tested");
    }
    root
}

/// `program` where everybody may run it.
fn shared(office: &Office, program: &Path, name: &str) -> std::path::PathBuf {
    let copy = office.home.path(name);
    if !copy.exists() {
        fs::copy(program, &copy).expect("room for a copy");
        fs::set_permissions(&copy, PermissionsExt::from_mode(0o755)).expect("our own");
    }
    copy
}

/// The status of each route as the user `uid` finds it: this test binary walks them once more as that user.
fn walked(office: &Office, uid: u32) -> Vec<(String, u16)> {
    let program = shared(office, &std::env::current_exe().expect("a path"), "walker");
    let ran = Command::new(program)
        .args(["others::walk_as_whoever_this_is", "--exact", "--ignored", "--nocapture"])
        .env_clear()
        .env(SOCKET, socket(&office.home))
        .uid(uid)
        .gid(uid)
        .current_dir("/")
        .output();
    let ran = Ran::from(ran.expect("it runs"));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let line = |line: &str| {
        let (route, status) = line.strip_prefix("walked ")?.rsplit_once(' ')?;
        Some((route.to_owned(), status.parse().ok()?))
    };
    ran.stdout.lines().filter_map(line).collect()
}

#[test]
#[ignore = "the tests below run it as another user"]
fn walk_as_whoever_this_is() {
    let socket = std::env::var_os(SOCKET).expect("the tests below set it");
    let asker = Asker::socket(Path::new(&socket));
    println!();
    for route in routes() {
        println!("walked {} {} {}", route.method, route.path, asker.walk(&route));
    }
    println!("walked GET /v1/nothing {}", asker.status("GET", "/v1/nothing"));
}

fn stepdown(office: &Office, uid: u32, args: &[&str]) -> Ran {
    let program = shared(office, Path::new(env!("CARGO_BIN_EXE_stepdown")), "stepdown");
    let mut command = Command::new(program);
    command.env_clear().env("STEPDOWN_SOCKET", socket(&office.home)).uid(uid).gid(uid).current_dir("/");
    command.args(args).output().expect("it runs").into()
}

#[test]
fn another_user_has_the_role_that_the_settings_give_and_by_default_none() {
    if !is_root() {
        return;
    }
    for (lists, held) in [
        ("readers = [\"user:daemon\"]", None),
        ("monitors = [\"user:nobody\"]", Some(Role::Monitor)),
        ("readers = [\"group:nogroup\"]", Some(Role::Reader)),
        ("readers = [\"group:nogroup\"]\nrecorders = [\"user:nobody\"]", Some(Role::Recorder)),
        ("admins = [\"user:nobody\"]", Some(Role::Admin)),
    ] {
        let office = office(lists);
        let found = walked(&office, NOBODY);
        assert_eq!(found.len(), routes().len() + 1);
        for (route, (name, status)) in routes().iter().zip(&found) {
            assert_eq!(*name, format!("{} {}", route.method, route.path));
            assert_eq!(*status == 403, held < Some(route.role), "{name} as {held:?}: {status}");
            assert!(*status < 500 && *status != 401, "{name} as {held:?}: {status}");
        }
        let unknown = found.last().expect("a last one").1;
        assert_eq!(unknown, if held.is_some() { 404 } else { 403 });
    }
}

#[test]
fn a_user_who_is_refused_is_told_what_to_do_and_a_reload_gives_the_role() {
    if !is_root() {
        return;
    }
    let office = office("readers = [\"user:daemon\"]");
    let due = ["due", "--on", "2026-02-01", "--format", "json"];
    let ran = stepdown(&office, NOBODY, &due);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    for words in ["role reader", "nobody has no role", "user:nobody", "[access]"] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    assert_eq!(stepdown(&office, 1, &due).code, 0, "daemon is listed");
    office.home.edit("stepdown.toml", "readers = [\"user:daemon\"]", "recorders = [\"user:nobody\"]");
    assert_eq!(office.home.run(&["reload"]).code, 0);
    assert_eq!(stepdown(&office, 1, &due).code, 2, "daemon is listed no more");
    assert_eq!(stepdown(&office, NOBODY, &due).code, 0);
    let append = ["append", "--case", "SD-1", "--type", "case-closed", "--on", "2026-02-01", "reason=moved"];
    let ran = stepdown(&office, NOBODY, &append);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let case = office.home.json(&["case", "show", "SD-1"]);
    let last = case["events"].as_array().and_then(|events| events.last()).expect("an event");
    assert_eq!(last["recorded_by"], "nobody");
    // What was recorded elsewhere, tokens too, comes along with recorded times: that is no recorder's to do.
    let import = office.home.write("more.jsonl", &crate::office::history());
    let ran = stepdown(&office, NOBODY, &["import", "--keep-recorded-time", import.to_str().expect("UTF-8")]);
    assert!(ran.code == 2 && ran.stderr.contains("role admin"), "{}", ran.stderr);
}

#[test]
fn the_socket_is_open_to_others_while_the_settings_list_anybody() {
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let office = office("");
    let path = socket(&office.home);
    assert_eq!(mode(&path), 0o600);
    office.home.edit("stepdown.toml", "listen = ", "readers = [\"group:nogroup\"]\nlisten = ");
    assert_eq!(office.home.run(&["reload"]).code, 0);
    crate::binary::wait_for("the socket to open", || mode(&path) == 0o666);
    office.home.edit("stepdown.toml", "readers = [\"group:nogroup\"]\n", "");
    assert_eq!(office.home.run(&["reload"]).code, 0);
    crate::binary::wait_for("the socket to shut", || mode(&path) == 0o600);
}

#[test]
fn a_check_tells_of_users_and_groups_that_this_machine_does_not_know() {
    let (home, _) = given("readers = [\"user:root\", \"user:nobody-here\", \"group:none-here\"]");
    let ran = home.run(&["check", "--on", "2026-06-01", "--format", "json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&ran.stdout).expect("a list");
    let said: Vec<_> = rows.iter().map(|row| (&row["severity"], &row["message"])).collect();
    let unknown = ["this machine knows no user nobody-here", "this machine knows no group none-here"];
    let unknown = unknown.map(|words| (serde_json::json!("warning"), serde_json::json!(words)));
    assert_eq!(said, unknown.iter().map(|(severity, words)| (severity, words)).collect::<Vec<_>>());
    assert_eq!(home.run(&["due", "--on", "2026-02-01"]).code, 0, "others take it as it is");
}

#[test]
fn what_is_no_socket_or_is_served_already_is_left_alone() {
    let (home, _) = given("");
    fs::write(socket(&home), "precious").expect("writable");
    let ran = home.run(&["run"]);
    assert!(ran.code == 1 && ran.stderr.contains("no socket"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(socket(&home)).expect("still there"), "precious");
    fs::remove_file(socket(&home)).expect("our own");
    let _other = std::os::unix::net::UnixListener::bind(socket(&home)).expect("listens");
    let ran = home.run(&["run"]);
    assert!(ran.code == 1 && ran.stderr.contains("another process answers there"), "{}", ran.stderr);
}

#[test]
fn a_socket_that_is_named_is_asked_and_nothing_else() {
    let office = office("");
    let named = socket(&office.home).display().to_string();
    let bare = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepdown"));
        Ran::from(command.args(args).env_clear().current_dir("/").output().expect("it runs"))
    };
    let ran = bare(&["--socket", &named, "status", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let status: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((&status["daemon"], &status["events"]), (&true.into(), &3.into()));
    let ran = bare(&["--socket", "/nowhere/s", "status"]);
    assert!(ran.code == 1 && ran.stderr.contains("/nowhere/s"), "{}", ran.stderr);
    assert!(ran.stderr.contains("is the daemon running"), "{}", ran.stderr);
}
