//! The same append on a disk that takes a millisecond longer to sync: a library loaded before libc sees to that.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::append::{both, rates};
use crate::rounds::{Rounds, WRITERS, milliseconds};
use crate::table;

const WHAT: &str = "the same on a disk whose syncs take 1 ms longer";
/// The word that picks this part.
pub const PART: &str = "slow";

fn library() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools").join("slow_sync.so")
}

/// Whether this process is the one on the slow disk.
pub fn is_here() -> bool {
    std::env::var_os("LD_PRELOAD").is_some_and(|loaded| loaded == *library())
}

/// Runs this same program once more with slow syncs; it prints its rows itself.
pub fn elsewhere() {
    if let Err(why) = build() {
        return table::plain(WHAT, &format!("skipped: {why}"));
    }
    let this = std::env::current_exe().expect("this program has a path");
    let status = Command::new(this).arg(PART).env("LD_PRELOAD", library()).status().expect("it runs again");
    assert!(status.success(), "on the slow disk: {status}");
}

fn build() -> Result<(), String> {
    fs::create_dir_all(library().with_file_name("")).map_err(|error| error.to_string())?;
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/measure/slow_sync.c");
    let built = Command::new("cc")
        .args(["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o"])
        .arg(library())
        .args([source, "-ldl"])
        .stdout(Stdio::null())
        .status();
    match built {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cc gave {status}")),
        Err(_) => Err("cc is not installed (apt install gcc)".to_owned()),
    }
}

/// The quickest of some syncs by the standard library, in milliseconds.
fn quickest_sync() -> f64 {
    let mut file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR")).expect("a file");
    let sync = |file: &mut File| {
        file.write_all(b"x").expect("written");
        let start = Instant::now();
        file.sync_data().expect("synced");
        milliseconds(start.elapsed())
    };
    (0..10).map(|_| sync(&mut file)).fold(f64::INFINITY, f64::min)
}

pub async fn measure(rounds: Rounds) {
    assert!(quickest_sync() >= 1.0, "std's sync_data does not go through the library that slows it");
    let mut both = both(rounds).await;
    let (found, ratio) = rates(&both);
    let (whole, raw) = (both.whole.waits(), both.raw.waits());
    // Syncing in a way that the library does not see would look like a very good disk.
    assert!(whole.half >= 1.0 && raw.half >= 1.0, "answers came before the slow disk can have synced");
    table::at_least(&format!("{WHAT} ({WRITERS} writers)"), &found, ratio, 0.95, "");
    table::plain("… half / 99 % / all answers within", &format!("{whole} beside {raw}"));
}
