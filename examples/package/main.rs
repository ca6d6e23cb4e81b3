//! Makes what the Debian package holds besides the binary and the unit: configuration, man pages, completions,
//! copyright, changelog. `sh deploy/build-deb` runs it.

mod write;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(to) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: cargo run --locked --example package -- DIRECTORY");
        return ExitCode::from(2);
    };
    match write::package(&to) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the package's files cannot be made: {error}");
            ExitCode::FAILURE
        }
    }
}
