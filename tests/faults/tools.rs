//! The helpers in C, built where they are needed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The library to preload that makes calls fail; `None` without a C compiler.
pub fn failing_calls() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    BUILT.get_or_init(|| build("failing_calls", &["-shared", "-fPIC"])).as_deref()
}

/// The program that cuts a file system off from its disk.
pub fn cut_power() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    BUILT.get_or_init(|| build("cut_power", &[])).as_deref()
}

fn build(name: &str, flags: &[&str]) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools = root.join("target/tools");
    std::fs::create_dir_all(&tools).expect("a directory");
    let made = tools.join(format!("{name}.{}", std::process::id()));
    let source = root.join("tests/tools").join(name).with_extension("c");
    let cc = Command::new("cc").args(["-O1", "-Wall"]).args(flags).arg("-o").arg(&made).arg(source).output();
    let cc = cc.ok()?;
    assert!(cc.status.success(), "{}", String::from_utf8_lossy(&cc.stderr));
    // Another run of the tests may be using the one before.
    let path = tools.join(name);
    std::fs::rename(made, &path).expect("a file");
    Some(path)
}
