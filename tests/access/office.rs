//! A daemon that listens on a socket all may reach and on a port, with two cases in its log.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::binary::{Daemon, Home, event};

pub struct Office {
    pub home: Home,
    pub daemon: Daemon,
    pub port: u16,
}

/// Two cases: enough for every route to have something to tell.
pub fn history() -> String {
    let opened = json!({"programme": "lancashire-step-down"});
    let lines = [
        event("a1", "SD-1", "case-opened", "2026-01-05T09:00:00Z", &opened),
        event("a2", "SD-1", "suitability-confirmed", "2026-01-19T09:00:00Z", &Value::Null),
        event("b1", "SD-2", "case-opened", "2026-01-06T09:00:00Z", &opened),
    ];
    lines.join("\n") + "\n"
}

/// The socket, in a directory that every user can enter.
pub fn socket(home: &Home) -> PathBuf {
    home.path("open").join("s")
}

/// A configuration that mails nothing, with these lines in `[access]`.
pub fn given(lines: &str) -> (Home, u16) {
    let home = Home::new();
    std::fs::set_permissions(home.dir.path(), PermissionsExt::from_mode(0o755)).expect("our own");
    std::fs::create_dir(home.path("open")).expect("writable");
    home.init();
    home.edit("stepdown.toml", "# go_live = 2026-04-01", "go_live = 2099-01-01");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let socket = socket(&home).display().to_string();
    let access = format!("[access]\nsocket = \"{socket}\"\nlisten = \"127.0.0.1:{port}\"\n{lines}");
    home.edit("stepdown.toml", "# [access]", &access);
    let file = home.write("history.jsonl", &history());
    let ran = home.run(&["import", file.to_str().expect("UTF-8")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (home, port)
}

pub fn office(lines: &str) -> Office {
    let (home, port) = given(lines);
    let daemon = home.daemon_at(&socket(&home), |_| {});
    Office { home, daemon, port }
}

impl Office {
    /// A new token for `role`.
    pub fn token(&self, name: &str, role: &str) -> String {
        let new = self.home.json(&["token", "add", name, "--role", role]);
        new["token"].as_str().expect("a token").to_owned()
    }
}
