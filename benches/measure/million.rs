//! A large authority's years: 1,000,000 invented events in 10,000 cases, imported by the binary.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use stepdown::config::init;
use tempfile::TempDir;

use crate::daemon::{binary, run};
use crate::support;

pub const CASES: usize = 10_000;
/// In each case.
pub const EACH: usize = 100;

pub struct Million {
    pub dir: TempDir,
    pub config: PathBuf,
    pub data: PathBuf,
}

impl Million {
    pub fn build() -> Self {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        let (config, data) = (dir.path().join("config"), dir.path().join("data"));
        quiet_config(&config);
        let file = dir.path().join("events.jsonl");
        write_events(&file, CASES, EACH);
        run(binary(&config, &data).arg("import").arg(&file));
        std::fs::remove_file(file).expect("removed");
        Self { dir, config, data }
    }
}

/// The starter's configuration, by which no mail goes yet.
pub fn quiet_config(dir: &Path) {
    init(dir).expect("written");
    let path = dir.join("stepdown.toml");
    let settings = std::fs::read_to_string(&path).expect("readable");
    let quiet = settings.replace("# go_live = 2026-04-01", "go_live = 2027-01-01");
    assert_ne!(settings, quiet, "the starter has another go_live");
    std::fs::write(path, quiet).expect("written");
}

/// A line for each event, as a year's log would be interleaved.
pub fn write_events(path: &Path, cases: usize, each: usize) {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    for (n, case) in (0..each).flat_map(|n| (0..cases).map(move |case| (n, case))) {
        writeln!(file, "{}", support::event(case, n)).expect("written");
    }
    file.flush().expect("written");
}
