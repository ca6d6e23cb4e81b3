//! The same events in other engines: a package of its own, so that nobody who builds or tests stepdown has to build
//! the clients of three databases first.

use std::process::Command;

use crate::table;

pub fn elsewhere() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/measure/engines/Cargo.toml");
    let data = env!("CARGO_TARGET_TMPDIR");
    // What cargo built for this bench need not be built again.
    let target = std::path::Path::new(data).with_file_name("");
    let mut command = Command::new(cargo);
    // What cargo told this bench of its own package would have the other's build scripts run anew each time.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_") && name != "CARGO_HOME" {
            command.env_remove(name);
        }
    }
    // The first time this builds for some minutes; cargo says so itself.
    let status = command
        .args(["run", "--release", "--locked", "--manifest-path", manifest, "--target-dir"])
        .arg(target)
        .arg("--")
        .arg(data)
        // Left to itself the bundled SQLite calls fsync; those that systems bring along call fdatasync, as all here do.
        .env("LIBSQLITE3_FLAGS", "-DHAVE_FDATASYNC=1")
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => table::plain("beside other engines", &format!("skipped: cargo gave {status}")),
        Err(error) => table::plain("beside other engines", &format!("skipped: cargo: {error}")),
    }
}
