//! The real binary, in a home of its own.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A directory with a configuration and data, and the binary to use them with.
pub struct Home {
    pub dir: TempDir,
}

pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Home {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn config(&self) -> PathBuf {
        self.dir.path().join("config")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a writable directory");
        path
    }

    /// The binary with `args`, in an environment that holds nothing of the person's who runs the tests.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepdown"));
        command
            .env_clear()
            .env("HOME", self.dir.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        if self.config().exists() {
            command.arg("--config").arg(self.config());
        }
        command.arg("--data").arg(self.data()).args(args).current_dir(self.dir.path());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().expect("the binary runs").into()
    }

    pub fn run_with_input(&self, args: &[&str], input: &str) -> Ran {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
        child.wait_with_output().expect("it ends").into()
    }

    /// Runs, expects success, and reads stdout as JSON.
    pub fn json(&self, args: &[&str]) -> Value {
        let ran = self.run(&[args, &["--format", "json"]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
    }

    pub fn init(&self) {
        let ran = Command::new(env!("CARGO_BIN_EXE_stepdown")).arg("init").arg(self.config()).output();
        assert!(ran.expect("the binary runs").status.success());
    }

    /// Changes a file of the configuration.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.config().join(file);
        let text = std::fs::read_to_string(&path).expect("a configuration file");
        assert!(text.contains(from), "{file} has no {from}");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("writable");
    }

    /// Starts the daemon and waits until it answers. `wrapper` may set the environment.
    pub fn daemon(&self, wrapper: impl FnOnce(&mut Command)) -> Daemon {
        self.daemon_at(&self.data().join("stepdown.sock"), wrapper)
    }

    /// The same where its socket is to be elsewhere.
    pub fn daemon_at(&self, socket: &Path, wrapper: impl FnOnce(&mut Command)) -> Daemon {
        let mut command = self.command(&["run"]);
        let journal =
            std::fs::File::options().create(true).append(true).open(self.path("journal")).expect("a file");
        command.stdout(Stdio::null()).stderr(journal);
        wrapper(&mut command);
        let child = command.spawn().expect("the binary runs");
        let daemon = Daemon { child: Some(child), journal: self.path("journal") };
        wait_for("the daemon's socket", || std::os::unix::net::UnixStream::connect(socket).is_ok());
        daemon
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A running daemon, killed when dropped.
pub struct Daemon {
    child: Option<Child>,
    journal: PathBuf,
}

impl Daemon {
    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    pub fn kill(mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("SIGKILL");
        child.wait().expect("it ends");
    }

    /// Sends a signal and gives the exit code.
    pub fn stop(mut self, signal: &str) -> Option<i32> {
        let mut child = self.child.take().expect("it runs");
        let sent = Command::new("kill").arg(signal).arg(child.id().to_string()).status();
        assert!(sent.expect("kill is there").success());
        child.wait().expect("it ends").code()
    }

    pub fn journal(&self) -> String {
        std::fs::read_to_string(&self.journal).unwrap_or_default()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Waits until `ready`, half a minute at most.
pub fn wait_for(what: &str, mut ready: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(30);
    while !ready() {
        assert!(Instant::now() < limit, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The lines of a JSONL history.
pub fn event(id: &str, case: &str, event_type: &str, time: &str, data: &Value) -> String {
    let mut event = serde_json::json!({
        "specversion": "1.0", "id": id, "source": "/test", "type": event_type, "subject": case, "time": time,
    });
    if !data.is_null() {
        event["data"] = data.clone();
    }
    event.to_string()
}

pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("events/samples").join(name)
}

/// Whether a program is there; its absence is a fault of the machine, and the message says the way out.
pub fn needs(program: &str) -> PathBuf {
    let found = [
        "/usr/sbin",
        "/usr/bin",
        "/usr/lib/x86_64-linux-gnu/faketime",
        "/usr/lib/aarch64-linux-gnu/faketime",
    ]
    .iter()
    .map(|dir| Path::new(dir).join(OsStr::new(program)))
    .find(|path| path.exists());
    found.unwrap_or_else(|| {
        panic!("{program} is not installed: run the tests with tests/run, which installs it")
    })
}
