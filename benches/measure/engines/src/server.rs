//! A server that lives as long as its rounds.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to end before it is made to.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Server(Child);

impl Server {
    pub fn start(command: &mut Command) -> io::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(Self)
    }

    pub fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT: PostgreSQL ends its sessions, NATS its connections.
        let pid = self.0.id().to_string();
        let _ = Command::new("sh").args(["-c", "kill -INT \"$1\"", "sh", &pid]).status();
        let start = Instant::now();
        while start.elapsed() < PATIENCE && !self.has_ended() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A user who may run a server where root may not or need not.
#[derive(Debug, Clone, Copy)]
pub struct User {
    uid: u32,
    gid: u32,
}

impl User {
    /// The first of `names` that there is; `None` where this process cannot be anybody else.
    pub fn find(names: &[&str]) -> Option<Self> {
        let own = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").ok()?);
        let users = std::fs::read_to_string("/etc/passwd").ok()?;
        let find = |name: &&str| {
            let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut numbers = line.split(':').skip(2).map(str::parse);
            Some(Self { uid: numbers.next()?.ok()?, gid: numbers.next()?.ok()? })
        };
        if own == 0 { names.iter().find_map(find) } else { None }
    }

    /// Makes `command` this user's.
    pub fn runs(user: Option<Self>, command: &mut Command) -> &mut Command {
        match user {
            Some(Self { uid, gid }) => command.gid(gid).uid(uid),
            None => command,
        }
    }

    /// Makes a directory that is this user's.
    pub fn directory(user: Option<Self>, dir: &Path) -> io::Result<()> {
        std::fs::create_dir(dir)?;
        match user {
            Some(Self { uid, gid }) => std::os::unix::fs::chown(dir, Some(uid), Some(gid)),
            None => Ok(()),
        }
    }
}

/// Gives what `attempt` gives as soon as it gives something, while `server` runs.
pub async fn await_start<T, F: Future<Output = Option<T>>>(
    server: &mut Server,
    attempt: impl Fn() -> F,
) -> Result<T, String> {
    let start = Instant::now();
    loop {
        match attempt().await {
            Some(there) => return Ok(there),
            None if server.has_ended() => return Err("it ended at its start".to_owned()),
            None if start.elapsed() > PATIENCE => return Err("it does not answer".to_owned()),
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
