//! `stepdown`: arguments, tracing, exit code; nothing else.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use stepdown::cli::Cli;
use stepdown::log::LOOK_THREAD;
use tracing_subscriber::EnvFilter;

/// Events are many small allocations: this allocator is quicker at them than the system's and wastes less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A panic of the thread that looks at damaged files is told as damage, not as a fault of the program.
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(LOOK_THREAD) {
            report(panic);
        }
    }));
    let filter = std::env::var("STEPDOWN_LOG")
        .unwrap_or_else(|_| "warn,stepdown=info,fjall=off,lsm_tree=off".to_owned());
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
