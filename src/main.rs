//! `stepdown`: arguments, tracing, exit code; nothing else.

use std::process::ExitCode;

use clap::Parser as _;
use stepdown::cli::{Cli, report_panics};

/// Events are many small allocations: this allocator is quicker at them than the system's and wastes less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    report_panics();
    let cli = Cli::parse();
    let as_json = cli.wants_json();
    let levels = std::env::var("STEPDOWN_LOG").ok();
    match cli.start_logging(levels.as_deref()).and_then(|()| cli.execute()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(as_json),
    }
}
