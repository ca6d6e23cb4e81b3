//! The binary on its stand: run with a limit, started, stopped, killed.

use std::fs::{self, File};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use stepdown::config::init;
use tempfile::TempDir;

/// What takes longer hangs.
pub const LIMIT: Duration = Duration::from_secs(20);

/// What became of a command.
#[derive(Debug)]
pub struct Ran {
    /// `None`: a signal ended it, or the limit did.
    pub code: Option<i32>,
    pub hung: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn is_ok(&self) -> bool {
        self.code == Some(0)
    }

    /// Why this is no way to end, whatever the reason was.
    pub fn unseemly(&self) -> Option<&'static str> {
        let shouted = self.stderr.contains("panicked at");
        match self.code {
            _ if self.hung => Some("it hung"),
            _ if shouted => Some("it panicked"),
            Some(101) => Some("it ended with the exit code of a panic"),
            None => Some("a signal ended it"),
            Some(code) if code != 0 && self.stderr.trim().is_empty() => Some("it failed without a word"),
            Some(_) => None,
        }
    }
}

/// What a directory says when its log is asked for.
pub enum Found {
    /// The lines of the whole log.
    Log(String),
    /// There is none yet.
    Absent,
    Refused(Ran),
}

/// The starter's configuration, by which no mail goes: what the log holds depends on no hour of the day.
fn quiet() -> &'static Path {
    static DIR: OnceLock<TempDir> = OnceLock::new();
    let made = DIR.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a directory");
        init(dir.path()).expect("written");
        let path = dir.path().join("stepdown.toml");
        let settings = fs::read_to_string(&path).expect("readable");
        let quiet = settings.replace("# go_live = 2026-04-01", "go_live = 2099-01-01");
        assert_ne!(settings, quiet, "the starter has another go_live");
        fs::write(&path, quiet).expect("written");
        dir
    });
    made.path()
}

/// A data directory, and beside it a home for what else the binary and the tests write.
pub struct Stand {
    pub home: PathBuf,
    pub data: PathBuf,
}

impl Stand {
    pub fn new(home: &Path, data: PathBuf) -> Self {
        fs::create_dir_all(home).expect("a directory");
        Self { home: home.to_owned(), data }
    }

    pub fn socket(&self) -> PathBuf {
        self.data.join("stepdown.sock")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepdown"));
        command
            .env_clear()
            .env("HOME", &self.home)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .arg("--config")
            .arg(quiet())
            .arg("--data")
            .arg(&self.data)
            .args(args)
            .current_dir(&self.home)
            .stdin(Stdio::null());
        command
    }

    fn scratch(&self, name: &str) -> PathBuf {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        self.home.join(format!("{name}.{}", NUMBER.fetch_add(1, Ordering::Relaxed)))
    }

    /// Runs to the end, or to the limit.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.start_with(self.command(args)).end(LIMIT)
    }

    /// Starts the daemon and waits for nothing.
    pub fn daemon(&self, env: &[(&str, String)]) -> Running {
        let mut command = self.command(&["run"]);
        command.envs(env.iter().map(|(name, value)| (*name, value)));
        self.start_with(command)
    }

    pub fn start_with(&self, mut command: Command) -> Running {
        let (stdout, stderr) = (self.scratch("stdout"), self.scratch("stderr"));
        command.stdout(File::create(&stdout).expect("a file")).stderr(File::create(&stderr).expect("a file"));
        Running { child: command.spawn().expect("the binary runs"), stdout, stderr }
    }

    /// The whole log, from whoever has it.
    pub fn export(&self) -> Found {
        let ran = self.run(&["export"]);
        match ran {
            Ran { code: Some(0), stdout, .. } => Found::Log(stdout),
            ran if ran.unseemly().is_none() && ran.stderr.contains("there is no log in") => Found::Absent,
            ran => Found::Refused(ran),
        }
    }

    /// Whether every event is whole, as the log itself judges.
    pub fn verify(&self) -> Ran {
        self.run(&["verify"])
    }

    /// Waits until the daemon answers. Whether it does.
    pub fn is_ready(&self, daemon: &mut Running) -> bool {
        let limit = Instant::now() + LIMIT;
        while Instant::now() < limit {
            if UnixStream::connect(self.socket()).is_ok() {
                return true;
            }
            if daemon.has_ended() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        false
    }
}

/// A process of the binary, killed when dropped.
pub struct Running {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Running {
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    pub fn signal(&self, signal: &str) {
        // One that is gone already needs none.
        let _ =
            Command::new("kill").arg(signal).arg(self.child.id().to_string()).stderr(Stdio::null()).status();
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, and waits until its files are closed.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop, and waits.
    pub fn stop(self) -> Ran {
        self.signal("-TERM");
        self.end(LIMIT)
    }

    /// Waits for its end.
    pub fn end(mut self, patience: Duration) -> Ran {
        let limit = Instant::now() + patience;
        while !self.has_ended() && Instant::now() < limit {
            std::thread::sleep(Duration::from_millis(2));
        }
        let status = self.child.try_wait().expect("a child");
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        Ran {
            code: status.and_then(|status| status.code()),
            hung: status.is_none(),
            stdout: read(&self.stdout),
            stderr: read(&self.stderr),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.stdout);
        let _ = fs::remove_file(&self.stderr);
    }
}
