//! `stepdown`: arguments, tracing, exit code; nothing else.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use stepdown::cli::{Cli, report_panics};
use tracing_subscriber::EnvFilter;

/// Events are many small allocations: this allocator is quicker at them than the system's and wastes less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    report_panics();
    let filter = std::env::var("STEPDOWN_LOG")
        .unwrap_or_else(|_| "warn,stepdown=info,fjall=off,fjall::worker_pool=error,lsm_tree=off".to_owned());
    // lettre writes message bodies and AUTH lines at debug level: never let them through.
    let filter = EnvFilter::new(format!("{filter},lettre=off"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let cli = Cli::parse();
    let as_json = cli.wants_json();
    match cli.execute() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(as_json),
    }
}
