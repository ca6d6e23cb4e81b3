//! The release binary that cargo built for this bench, and the daemon it becomes.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub fn binary(config: &Path, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepdown"));
    command.arg("--config").arg(config).arg("--data").arg(data).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

pub fn run(command: &mut Command) {
    let status = command.status().expect("it runs");
    assert!(status.success(), "{command:?}: {status}");
}

pub struct Daemon {
    child: Child,
    socket: PathBuf,
}

impl Daemon {
    /// Starts it; gives how long it took from there to the first answer.
    pub fn start(config: &Path, data: &Path) -> (Self, Duration) {
        let start = Instant::now();
        let child = binary(config, data).arg("run").spawn().expect("it runs");
        let mut daemon = Self { child, socket: data.join("stepdown.sock") };
        while !daemon.answers() {
            assert!(daemon.child.try_wait().expect("a child").is_none(), "the daemon ended at its start");
            std::thread::sleep(Duration::from_micros(200));
        }
        (daemon, start.elapsed())
    }

    fn answers(&self) -> bool {
        let ask = || {
            let mut stream = UnixStream::connect(&self.socket)?;
            stream.write_all(b"GET /v1/status HTTP/1.1\r\nhost: stepdown\r\nconnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok::<_, std::io::Error>(answer)
        };
        ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    pub fn socket(&self) -> &Path {
        &self.socket
    }

    pub fn memory(&self) -> Memory {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let megabytes = |key: &str| -> f64 {
            let line = status.lines().find(|line| line.starts_with(key)).expect("the key");
            let kib: f64 =
                line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number");
            kib * 1_024.0 / 1e6
        };
        Memory { now: megabytes("VmRSS"), highest: megabytes("VmHWM") }
    }

    /// As a service manager stops it.
    pub fn stop(mut self) {
        run(Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh"]).arg(self.child.id().to_string()));
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "the daemon stopped with {status}");
    }

    /// As a power cut does, as far as the process is concerned.
    pub fn kill(&mut self) {
        self.child.kill().expect("it ends");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Where the measure breaks off, its daemon must not stay; an ended one cannot be killed again.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In megabytes of 1,000,000 bytes.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    pub now: f64,
    pub highest: f64,
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0} MB, {:.0} MB at its highest", self.now, self.highest)
    }
}
