//! The command line: one file for each subcommand, and the only place that prints.
//!
//! Invariant: stdout is data, stderr is talk; exit 0 is fine, 1 failed, 2 refused input.

mod append;
mod backup;
mod case;
mod cases;
mod check;
mod checkpoint;
mod context;
mod demo;
mod describe;
mod doctor;
mod due;
mod erase;
mod events;
mod explain;
mod export;
mod failure;
mod import;
mod import_csv;
mod import_files;
mod init;
mod keys;
mod limits;
mod logging;
mod mail;
mod mend;
mod output;
mod reload;
mod reminders;
mod replay;
mod report;
mod restore;
mod run;
mod silence;
mod simulate;
mod status;
mod token;
mod verify;
mod when;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use context::Context;
pub use failure::{Failure, report_panics};
use logging::LogFormat;
pub use output::Format;

/// Knows what is due for a child who moves from residential care to a foster family, and tells the
/// professionals in time.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    /// The configuration directory; the starter built into the program, where left out
    #[arg(long, global = true, env = "STEPDOWN_CONFIG", value_name = "DIR")]
    config: Option<PathBuf>,
    /// The data directory, which holds the log [default: stepdown in the user's data directory]
    #[arg(long, global = true, env = "STEPDOWN_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// The socket of the daemon to ask, which then needs neither --config nor --data
    #[arg(long, global = true, env = "STEPDOWN_SOCKET", value_name = "PATH")]
    socket: Option<PathBuf>,
    /// How to print: for people or for programs
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// How log lines are written; which, STEPDOWN_LOG says, such as info or stepdown=debug
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Auto, env = "STEPDOWN_LOG_FORMAT")]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the starter configuration, with notes, to start your own from
    Init(init::Args),
    /// Check the whole configuration: every finding, with its place and a hint
    Check(check::Args),
    /// Append events from a file, all or none: CloudEvents, one JSON object a line, or a case system's CSV
    Import(import::Args),
    /// Append one event
    Append(append::Args),
    /// List what is due
    Due(due::Args),
    /// List the limits across cases: how many count, how much room is left, what is exceeded
    Limits(limits::Args),
    /// List the cases: stage, what is due next, how much is overdue
    Cases(cases::Args),
    /// Show a case: its history with corrections, who holds which role, what is due
    #[command(subcommand)]
    Case(case::Command),
    /// Read the event catalogue: which types there are, their data, what they set off
    #[command(subcommand)]
    Events(events::Command),
    /// Tell why a date is what it is
    Explain(explain::Args),
    /// Take back an event that never happened
    Retract(mend::RetractArgs),
    /// Set right when or how an event happened
    Correct(mend::CorrectArgs),
    /// Record that an obligation need not be done
    Waive(mend::WaiveArgs),
    /// Give a role in a case to a person
    Assign(mend::AssignArgs),
    /// Record that nobody holds a role in a case any more
    Unassign(mend::UnassignArgs),
    /// Close a case: every series of it ends
    Close(mend::CloseArgs),
    /// Destroy the key of a closed case: nobody can read its record any more
    Erase(erase::Args),
    /// Look after the wrapping key, which seals the keys of all cases
    #[command(subcommand)]
    Keys(keys::Command),
    /// Print the log as lines that `import --keep-recorded-time` reads
    Export,
    /// Show how it stands
    Status,
    /// Show what would be mailed and why, what was, and how it looks
    #[command(subcommand)]
    Reminders(reminders::Command),
    /// Rebuild every projection from the log and compare; or show what another configuration would change
    Replay(replay::Args),
    /// Read the whole log and check every entry, also against a checkpoint that was kept elsewhere
    Verify(verify::Args),
    /// Print a signed note of what the log holds now, to be kept elsewhere
    Checkpoint(checkpoint::Args),
    /// Write the log as it stands now into one file, also while the daemon runs
    Backup(backup::Args),
    /// Bring a backup back, into an empty data directory
    Restore(restore::Args),
    /// Look the log and its keys over: what is in order, what is not, and what to do
    Doctor,
    /// Let days pass on a virtual clock, and show every mail that would be sent; nothing is
    Simulate(simulate::Args),
    /// Tell how well the policy is kept, and what it achieves: --format table, csv, json or html
    Report(report::Args),
    /// Test the way mail leaves; hold all mail, and release it
    #[command(subcommand)]
    Mail(mail::Command),
    /// Hold reminders back for a while, by case, rule or person
    #[command(subcommand)]
    Silence(silence::Command),
    /// Say who may ask over TCP: make, list and revoke tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Take the changed configuration, and adopt its policy, in the running daemon or in the log
    Reload,
    /// Run the daemon: take events, send reminders
    Run,
    /// Show the whole story on a sample journey, mails and all, in a directory of its own
    Demo(demo::Args),
}

impl Command {
    /// The formats in which it prints.
    const fn formats(&self) -> &'static [Format] {
        match self {
            Self::Reminders(reminders::Command::Preview(_)) => {
                &[Format::Table, Format::Text, Format::Html, Format::Eml, Format::Json]
            }
            Self::Report(_) => &[Format::Table, Format::Csv, Format::Json, Format::Html],
            _ => &Format::COMMON,
        }
    }
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// What went wrong, with the exit code for it.
    pub fn execute(self) -> Result<(), Failure> {
        let formats = self.command.formats();
        if !formats.contains(&self.format) {
            let known: Vec<_> = formats.iter().map(|format| format!("--format {}", format.name())).collect();
            let message = format!("this command does not print as {}", self.format.name());
            let others = "text and eml are for: stepdown reminders preview; csv is for: stepdown report; html for both";
            return Err(Failure::refused(&message, &format!("use {} ({others})", known.join(", "))));
        }
        let context = Context::new(self.config, self.data, self.socket, self.format);
        match self.command {
            Command::Init(args) => init::run(&args),
            Command::Check(args) => check::run(&context, &args),
            Command::Import(args) => import::run(&context, &args),
            Command::Append(args) => append::run(&context, args),
            Command::Due(args) => due::run(&context, args),
            Command::Limits(args) => limits::run(&context, args),
            Command::Cases(args) => cases::run(&context, &args),
            Command::Case(command) => case::run(&context, &command),
            Command::Events(command) => events::run(&context, &command),
            Command::Explain(args) => explain::run(&context, &args),
            Command::Retract(args) => mend::retract(&context, args),
            Command::Correct(args) => mend::correct(&context, args),
            Command::Waive(args) => mend::waive(&context, args),
            Command::Assign(args) => mend::assign(&context, args),
            Command::Unassign(args) => mend::unassign(&context, args),
            Command::Close(args) => mend::close(&context, args),
            Command::Erase(args) => erase::run(&context, args),
            Command::Keys(command) => keys::run(&context, command),
            Command::Export => export::run(&context),
            Command::Status => status::run(&context),
            Command::Reminders(command) => reminders::run(&context, command),
            Command::Replay(args) => replay::run(&context, &args),
            Command::Verify(args) => verify::run(&context, &args),
            Command::Checkpoint(args) => checkpoint::run(&context, &args),
            Command::Backup(args) => backup::run(&context, &args),
            Command::Restore(args) => restore::run(&context, &args),
            Command::Doctor => doctor::run(&context),
            Command::Simulate(args) => simulate::run(&context, args),
            Command::Report(args) => report::run(&context, args),
            Command::Mail(command) => mail::run(&context, command),
            Command::Silence(command) => silence::run(&context, command),
            Command::Token(command) => token::run(&context, command),
            Command::Reload => reload::run(&context),
            Command::Run => run::run(&context),
            Command::Demo(args) => demo::run(&context, args),
        }
    }

    /// Starts to write log lines, those that `levels` lets through.
    ///
    /// # Errors
    /// When `levels` cannot be read, or there is nowhere to write to.
    pub fn start_logging(&self, levels: Option<&str>) -> Result<(), Failure> {
        self.log_format.start(levels)
    }

    /// Whether errors are for programs to read.
    #[must_use]
    pub const fn wants_json(&self) -> bool {
        matches!(self.format, Format::Json)
    }
}
