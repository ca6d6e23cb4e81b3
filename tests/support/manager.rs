//! A service manager that only listens: a datagram socket for a daemon's `NOTIFY_SOCKET` (`sd_notify(3)`).

#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::binary::wait_for;

/// What it was told, each with the moment; it listens as long as the test runs.
pub struct Manager {
    pub socket: PathBuf,
    heard: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Manager {
    /// One that listens in `dir`.
    pub fn listen(dir: &Path) -> Self {
        let socket = dir.join("notify");
        let datagrams = UnixDatagram::bind(&socket).expect("a short path");
        let heard = Arc::<Mutex<Vec<_>>>::default();
        let hearing = Arc::clone(&heard);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length) = datagrams.recv(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                hearing.lock().expect("sound").push((Instant::now(), text));
            }
        });
        Self { socket, heard }
    }

    /// The lines heard that start so, in order, each with its moment.
    pub fn lines(&self, prefixes: &[&str]) -> Vec<(Instant, String)> {
        let heard = self.heard.lock().expect("sound").clone();
        let lines = heard
            .into_iter()
            .flat_map(|(at, text)| text.lines().map(|line| (at, line.to_owned())).collect::<Vec<_>>());
        lines.filter(|(_, line)| prefixes.iter().any(|prefix| line.starts_with(prefix))).collect()
    }

    /// Those lines as they were told.
    pub fn said(&self, prefixes: &[&str]) -> Vec<String> {
        self.lines(prefixes).into_iter().map(|(_, line)| line).collect()
    }

    /// Waits until it is told so, `times` times.
    pub fn hears(&self, line: &str, times: usize) {
        wait_for(&format!("{line}, {times} times"), || self.said(&[line]).len() >= times);
    }

    /// How often it was told of progress within the last `span`.
    pub fn fed_within(&self, span: Duration) -> usize {
        self.lines(&["WATCHDOG=1"]).iter().filter(|(at, _)| at.elapsed() < span).count()
    }
}
