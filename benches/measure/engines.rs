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
    let status = Command::new(cargo)
        .args(["run", "--release", "--locked", "--quiet", "--manifest-path", manifest, "--target-dir"])
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
