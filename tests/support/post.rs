//! The real daemon with a relay: a home that mails, cases that call for mail, a clock that is set.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::binary::{Daemon, Home, needs, wait_for};
use crate::relay::{Crypt, Relay, Script};

/// A configuration that mails to `port`.
pub fn home_with_relay(port: u16) -> Home {
    home_with("127.0.0.1", port, "tls = \"none\"")
}

/// A configuration that mails to `port` of `host`, with further lines for `[mail.smtp]`.
pub fn home_with(host: &str, port: u16, smtp: &str) -> Home {
    let home = Home::new();
    home.init();
    home.edit("stepdown.toml", "transport = \"files\"", "transport = \"smtp\"");
    home.edit("stepdown.toml", "# retry_after_seconds = 60", "retry_after_seconds = 1");
    let path = home.config().join("stepdown.toml");
    let settings = std::fs::read_to_string(&path).expect("readable");
    let relay = format!(
        "\n[mail.smtp]\nhost = \"{host}\"\nport = {port}\ntimeout_seconds = 1\nfinal_timeout_seconds = 1\nsessions = 1\n{smtp}\n"
    );
    std::fs::write(&path, settings + &relay).expect("writable");
    home
}

/// A home whose relay asks for TLS and a login, as its script has it, and is trusted.
pub fn home_with_login(relay: &Relay, script: &Script) -> Home {
    let tls = match script.crypt {
        Crypt::Plain => "none",
        Crypt::Starttls => "starttls",
        Crypt::Implicit => "implicit",
    };
    let lines = format!(
        "tls = \"{tls}\"\nusername = \"stepdown\"\npassword_file = \"password\"\nca_file = \"ca.pem\""
    );
    let home = home_with("localhost", relay.port, &lines);
    home.write("password", "open sesame\n");
    home.write("ca.pem", &crate::relay::AUTHORITY.pem);
    home
}

pub fn append(home: &Home, event_type: &str, on: &str, fields: &[&str]) {
    let base = ["append", "--case", "SD-7", "--type", event_type, "--on", on];
    let ran = home.run(&[&base[..], fields].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// A case with a social worker, opened over the socket.
pub fn open_case(home: &Home) {
    append(home, "case-opened", "2026-05-18", &["programme=lancashire-step-down"]);
    append(home, "professional-assigned", "2026-05-18", &["role=child-social-worker", "person=amara-okafor"]);
}

pub fn status(home: &Home) -> Value {
    home.json(&["status"])
}

pub fn settled(home: &Home) -> bool {
    status(home)["mail"]["waiting"] == 0
}

/// Ends by pid when dropped.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn smtp_sink(home: &Home, port: u16) -> Process {
    let mails = home.path("sink");
    std::fs::create_dir(&mails).expect("a directory");
    let mut sink = Command::new(needs("smtp-sink"));
    // As root, smtp-sink insists on another user, who must be able to write.
    let as_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if as_root {
        let open = |path: &std::path::Path| {
            Command::new("chmod").arg("a+rwx").arg(path).status().expect("chmod is there");
        };
        open(&mails);
        open(home.dir.path());
        sink.args(["-u", "nobody"]);
    }
    let sink = sink
        .args(["-d", "%M.", &format!("127.0.0.1:{port}"), "100"])
        .current_dir(&mails)
        .stderr(Stdio::null())
        .spawn();
    let sink = Process(sink.expect("smtp-sink starts"));
    wait_for("smtp-sink", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    sink
}

pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

pub fn sunk(home: &Home) -> Vec<String> {
    let mails = std::fs::read_dir(home.path("sink")).expect("a directory");
    mails.map(|mail| std::fs::read_to_string(mail.expect("an entry").path()).expect("readable")).collect()
}

/// The daemon under a clock that starts at `utc` and then runs on.
pub fn daemon_at(home: &Home, utc: &str) -> Daemon {
    home.daemon(|command| set_clock(command, utc))
}

/// Sets the clock that `command` sees. Timers stay real: only the time of day is set.
pub fn set_clock(command: &mut Command, utc: &str) {
    command
        .env("LD_PRELOAD", needs("libfaketime.so.1"))
        .env("FAKETIME", format!("@{utc}"))
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("TZ", "UTC");
}

/// The evening of Tuesday 2 June 2026, after the hours of the digest: what goes now goes at once.
pub fn evening(home: &Home) -> Daemon {
    daemon_at(home, "2026-06-02 19:00:00")
}

/// A quarter of an hour later.
pub fn later(home: &Home) -> Daemon {
    daemon_at(home, "2026-06-02 19:15:00")
}
