//! What the operator reads while stepdown works: in the journal, on a terminal, or as JSON.
//!
//! Invariant: of libraries only warnings and errors are ever written, and of lettre nothing: in detail they tell
//! requests, addresses and whole messages.

use std::io::{self, IsTerminal as _};

use clap::ValueEnum;
use rustix::fs::fstat;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::Failure;

/// What is written unless `STEPDOWN_LOG` says otherwise: `LEVEL` or `TARGET=LEVEL`, with commas.
const DEFAULT: &str = "warn,stepdown=info,fjall=off,fjall::worker_pool=error,lsm_tree=off";

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// To the journal where systemd connected us with it, else as text
    Auto,
    /// To systemd's journal, each field on its own (systemd.journal-fields(7))
    Journal,
    /// As text, for people
    Text,
    /// One JSON object a line
    Json,
}

impl LogFormat {
    /// Starts to write what `levels` lets through.
    ///
    /// # Errors
    /// When `levels` cannot be read, or there is no journal to write to.
    pub fn start(self, levels: Option<&str>) -> Result<(), Failure> {
        let levels = EnvFilter::try_new(levels.unwrap_or(DEFAULT)).map_err(|error| {
            let help = "such as \"info\", \"stepdown=debug\" or \"warn,stepdown::daemon=trace\"";
            Failure::refused(&format!("STEPDOWN_LOG: {error}"), help)
        })?;
        let filter = levels.and(filter_fn(is_ours_to_tell));
        let to_journal = match self {
            Self::Auto => goes_to_journal(),
            wanted => wanted == Self::Journal,
        };
        if to_journal {
            return match tracing_journald::layer() {
                Ok(journal) => {
                    let journal = journal
                        .with_field_prefix(Some("STEPDOWN".to_owned()))
                        .with_syslog_identifier("stepdown".to_owned());
                    begin(journal.with_filter(filter));
                    Ok(())
                }
                Err(error) => Err(Failure::failed(&format!(
                    "there is no journal to write to ({error}): use --log-format text or json"
                ))),
            };
        }
        let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
        match self {
            Self::Json => begin(lines.json().flatten_event(true).with_filter(filter)),
            _ => begin(lines.with_ansi(io::stderr().is_terminal()).with_filter(filter)),
        }
        Ok(())
    }
}

fn begin(layer: impl Layer<Registry> + Send + Sync + 'static) {
    tracing_subscriber::registry().with(layer).init();
}

fn is_ours_to_tell(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let is_of =
        |name: &str| target.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    is_of("stepdown") || (*metadata.level() <= Level::WARN && !is_of("lettre"))
}

/// Whether standard error is the connection with the journal that systemd made: `$JOURNAL_STREAM` has its device
/// and inode (systemd.exec(5)).
fn goes_to_journal() -> bool {
    let Some(stream) = std::env::var("JOURNAL_STREAM").ok() else { return false };
    fstat(io::stderr()).is_ok_and(|stat| stream == format!("{}:{}", stat.st_dev, stat.st_ino))
}
