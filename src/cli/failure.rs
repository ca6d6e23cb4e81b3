//! What went wrong, as a person reads it, and the exit code for it.

use std::fmt;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use miette::{Diagnostic, GraphicalReportHandler, MietteDiagnostic};
use serde_json::json;

use crate::api::answer::QueryError;
use crate::api::{ClientError, FaultBody, MendError, ServeError};
use crate::config::{ConfigError, InitError};
use crate::daemon::{AppendError, EraseError, HeartbeatError, OrderError, RotateError, TokenError};
use crate::log::{LOOK_THREAD, LogError};
use crate::mail::{RenderError, SmtpSetupError, TemplateError};

/// Has a panic told as ever, but for one of the thread that looks at damaged files: that is told as damage.
pub fn report_panics() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(LOOK_THREAD) {
            report(panic);
        }
    }));
}

/// Why a command did not do what was asked.
pub struct Failure {
    /// Whether all was said on stdout already.
    told: bool,
    exit: u8,
    absent: bool,
    damage: Option<String>,
    report: Box<dyn Diagnostic + Send + Sync>,
    faults: Vec<serde_json::Value>,
}

const FAILED: u8 = 1;
const REFUSED: u8 = 2;

impl Failure {
    fn new(exit: u8, message: &(impl ToString + ?Sized), help: Option<&str>) -> Self {
        let mut report = MietteDiagnostic::new(message.to_string());
        report.help = help.map(str::to_owned);
        Self { told: false, exit, absent: false, damage: None, report: Box::new(report), faults: Vec::new() }
    }

    /// Something failed that was rightly asked.
    pub fn failed(message: &(impl ToString + ?Sized)) -> Self {
        Self::new(FAILED, message, None)
    }

    /// What was given is at fault; `help` says what to do.
    pub fn refused(message: &(impl ToString + ?Sized), help: &str) -> Self {
        Self::new(REFUSED, message, Some(help))
    }

    /// Whether there was no log to read.
    pub const fn is_absent(&self) -> bool {
        self.absent
    }

    /// What is damaged of the log, where that is why.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// What to do about it, where that is known.
    pub fn help(&self) -> Option<String> {
        self.report.help().map(|help| help.to_string())
    }

    /// What was given is at fault, and what is wrong with it was the answer.
    pub fn told() -> Self {
        Self { told: true, ..Self::new(REFUSED, "there are findings", None) }
    }

    /// What was looked at is not as it should be, and that was the answer.
    pub fn told_failed() -> Self {
        Self { told: true, ..Self::new(FAILED, "there is a fault", None) }
    }

    /// Something failed that was rightly asked; `help` says what to do.
    pub fn failed_with(message: &(impl ToString + ?Sized), help: &str) -> Self {
        Self::new(FAILED, message, Some(help))
    }

    /// A file that cannot be read or written.
    pub fn io(path: &Path, error: &io::Error) -> Self {
        Self::failed(&format!("{}: {error}", path.display()))
    }

    /// A socket that was named and that nobody can be asked at.
    pub fn socket(path: &Path, error: &io::Error) -> Self {
        let help = match error.kind() {
            io::ErrorKind::PermissionDenied => {
                "only the daemon's own user and root may connect, until [access] in its stepdown.toml lists others"
            }
            _ => "is the daemon running, and is this its [access] socket?",
        };
        Self::failed_with(&format!("nobody can be asked at {}: {error}", path.display()), help)
    }

    /// Events that were refused; each fault has its place, such as "line 3", and the whole a word of advice.
    pub fn events(message: &str, faults: &[(usize, String, FaultBody)], unit: &str) -> Self {
        let shown = faults.iter().take(100).map(|(_, place, fault)| {
            let field = if fault.field.is_empty() { String::new() } else { format!("{}: ", fault.field) };
            format!("\n  {place}{}{field}{}", if place.is_empty() { "" } else { ": " }, fault.reason)
        });
        let mut text = message.to_owned();
        text.extend(shown);
        if faults.len() > 100 {
            text.extend([format!("\n  … and {} more", faults.len() - 100)]);
        }
        let mut failure =
            Self::new(REFUSED, &text, Some("nothing was appended; mend what is listed and try again"));
        failure.faults = faults
            .iter()
            .map(|(number, _, fault)| json!({ unit: number, "field": fault.field, "reason": fault.reason }))
            .collect();
        failure
    }

    /// The same, with the file that each fault is in, in the same order.
    #[must_use]
    pub fn in_files<'f>(mut self, files: impl Iterator<Item = &'f str>) -> Self {
        for (fault, file) in self.faults.iter_mut().zip(files) {
            fault["file"] = json!(file);
        }
        self
    }

    /// Prints the report to stderr and gives the exit code.
    #[expect(clippy::print_stderr, reason = "this is where talk goes")]
    pub fn report(&self, as_json: bool) -> ExitCode {
        if self.told {
            return ExitCode::from(self.exit);
        }
        if as_json {
            let help = self.report.help().map(|help| help.to_string());
            let related: Vec<_> =
                self.report.related().into_iter().flatten().map(ToString::to_string).collect();
            eprintln!(
                "{}",
                json!({ "error": self.report.to_string(), "help": help, "findings": related, "faults": self.faults })
            );
        } else {
            let mut text = String::new();
            match graphical(shows_colour(&io::stderr())).render_report(&mut text, &*self.report) {
                Ok(()) => eprint!("{text}"),
                Err(_) => eprintln!("{}", self.report),
            }
        }
        ExitCode::from(self.exit)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)
    }
}

/// Colour on a terminal only, and only where it is wanted.
pub fn shows_colour(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// How reports are drawn.
pub fn graphical(colour: bool) -> GraphicalReportHandler {
    let theme =
        if colour { miette::GraphicalTheme::unicode() } else { miette::GraphicalTheme::unicode_nocolor() };
    GraphicalReportHandler::new_themed(theme).with_width(100).with_wrap_lines(false)
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self {
            told: false,
            exit: REFUSED,
            absent: false,
            damage: None,
            report: Box::new(error),
            faults: Vec::new(),
        }
    }
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        Self::refused(&error, "mend the template; stepdown init DIR writes the ones it started from")
    }
}

impl From<SmtpSetupError> for Failure {
    fn from(error: SmtpSetupError) -> Self {
        Self::refused(&error, "look at [mail.smtp] in stepdown.toml")
    }
}

impl From<InitError> for Failure {
    fn from(error: InitError) -> Self {
        match error {
            InitError::Exists(_) => Self::refused(&error, "stepdown init never overwrites a file"),
            InitError::Io(path, error) => Self::io(&path, &error),
        }
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        let damage = error.is_damage().then(|| error.to_string());
        let help = match &error {
            LogError::InUse { .. } => {
                "wait until it has ended, or stop it; a running daemon answers on its socket"
            }
            LogError::Absent(_) => {
                "name the right directory with --data DIR, or start a log with import or append"
            }
            LogError::Io { .. }
            | LogError::Store { .. }
            | LogError::Engine {
                error: fjall::Error::Io(_) | fjall::Error::Storage(fjall::LsmError::Io(_)),
                ..
            } => "is the disk full, or the directory read-only? What was acknowledged before is safe",
            LogError::Engine { .. } => {
                "the log's files are damaged or are no log; restore the directory from a backup"
            }
            LogError::Unreadable { .. }
            | LogError::Unintelligible { .. }
            | LogError::Witness { .. }
            | LogError::Outbox { .. } => {
                "the log's files were damaged outside stepdown; what a backup holds is whole"
            }
            LogError::Keys(_) => {
                "without its keys nothing in the log can be read: keep a copy of the wrapping key apart"
            }
            // It stays so until somebody acts: a service manager need not try again.
            LogError::Format { found, .. } => return Self::refused(&error, found.way_out()),
            LogError::Incomplete { .. }
            | LogError::Damaged { .. }
            | LogError::Unexplained { .. }
            | LogError::CutOff(_)
            | LogError::NoKey(_)
            | LogError::Checkpoint(_)
            | LogError::Snapshot(_)
            | LogError::Randomness
            | LogError::Poisoned => {
                return Self { damage, ..Self::failed(&error) };
            }
        };
        let absent = matches!(error, LogError::Absent(_));
        Self { absent, damage, ..Self::new(FAILED, &error, Some(help)) }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        let help = match &error {
            QueryError::UnknownCase(_) | QueryError::NearCase { .. } => {
                "stepdown cases --all lists the cases"
            }
            QueryError::Erased { .. } => "stepdown cases --all lists erased cases too, with the day",
            QueryError::Period(_) => "give --from and --to as days up to today, such as 2026-06-01",
            QueryError::NoProgramme { .. } => "stepdown status lists the programmes",
            QueryError::UnknownPerson(_) => "people.toml lists the persons",
            QueryError::Mail(_) => return Self::failed(&error),
            QueryError::Days { .. } => "give --from and --to as days, such as 2026-06-01",
            QueryError::Events(faults) => {
                let placed = faults
                    .iter()
                    .map(|fault| (fault.index + 1, format!("event {}", fault.index + 1), fault.clone()));
                return Self::events(&error.to_string(), &placed.collect::<Vec<_>>(), "event");
            }
            QueryError::UnknownRole(_) => "the programme file lists the roles, such as child-social-worker",
            QueryError::UnknownProgramme { .. } => "name the configuration that has it with --config DIR",
            QueryError::UnknownRule { .. } => {
                "stepdown events describe TYPE tells which rules an event starts"
            }
            QueryError::NoSuchOccurrence { .. } => "stepdown due --all lists the occurrences there are",
        };
        Self::refused(&error, help)
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused { input: true, body, .. } if !body.faults.is_empty() => {
                let places = body
                    .faults
                    .into_iter()
                    .map(|fault| (fault.index + 1, format!("event {}", fault.index + 1), fault));
                Self::events(&body.error, &places.collect::<Vec<_>>(), "event")
            }
            ClientError::Refused { input: true, status, body } => {
                Self::new(REFUSED, &body.error, remedy(status))
            }
            other => Self::failed(&other),
        }
    }
}

/// What whoever was turned away can do.
const fn remedy(status: u16) -> Option<&'static str> {
    match status {
        401 => Some("an admin adds tokens: stepdown token add NAME --role ROLE"),
        403 => Some("nothing was done; ask an admin, or run it as a user who has the role"),
        429 => Some("nothing was done; wait, or have [access] requests_per_minute raised"),
        _ => None,
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::refused(&error, "nothing was changed; stepdown token list shows the tokens")
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Log(error) => error.into(),
            other => Self::new(REFUSED, &other, None),
        }
    }
}

impl From<MendError> for Failure {
    fn from(error: MendError) -> Self {
        match error {
            MendError::Query(error) => error.into(),
            other => Self::new(REFUSED, &other, Some("nothing was recorded")),
        }
    }
}

impl From<OrderError> for Failure {
    fn from(error: OrderError) -> Self {
        Self::new(REFUSED, &error, None)
    }
}

impl From<EraseError> for Failure {
    fn from(error: EraseError) -> Self {
        let help = match &error {
            EraseError::Unknown { .. } | EraseError::Erased { .. } => {
                "nothing was erased; stepdown cases --all lists the cases"
            }
            _ => "nothing was erased",
        };
        Self::refused(&error, help)
    }
}

impl From<RotateError> for Failure {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::Log(_) => Self::failed(&error),
            other => Self::refused(&other, "nothing was changed"),
        }
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        Self::new(REFUSED, &error, None)
    }
}

impl From<HeartbeatError> for Failure {
    fn from(error: HeartbeatError) -> Self {
        Self::failed(&error)
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        Self::new(
            FAILED,
            &error,
            Some(
                "a socket's path has at most 107 bytes, in a directory that is there; see [access] in stepdown.toml",
            ),
        )
    }
}
