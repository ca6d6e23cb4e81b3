//! Taking the configuration anew: what it changes in the policy is adopted.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::calendar::CivilDate;
use crate::case::ProgrammeId;
use crate::config::{Config, ConfigError, Fault, Inspection, Severity, Source, inspect};
use crate::daemon::Handle;
use crate::mail::{self, TemplateError};
use crate::policy::PolicyFact;
use crate::programme::AppliesTo;

/// Why the configuration was not taken. The one in force stays.
#[derive(Debug, Error)]
pub enum ReloadError {
    /// It has faults.
    #[error("{}", in_full(.0))]
    Config(#[from] ConfigError),
    /// A mail template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The asker means another configuration than the daemon's.
    #[error("the running daemon takes its configuration {0}; change the files there, then reload")]
    Elsewhere(String),
    /// The daemon is stopping.
    #[error("stepdown is stopping; reload it when it has started")]
    Stopping,
}

fn in_full(error: &ConfigError) -> String {
    error.faults.iter().fold(error.to_string(), |text, fault| text + &format!("\n  {fault}"))
}

/// Which configuration the asker means; the daemon's own, where left out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReloadBody {
    /// Its directory.
    pub config: Option<PathBuf>,
}

/// Whether the directory that the asker means is the one that the daemon reads.
///
/// # Errors
/// When it is another one: taking the daemon's own would not do what was asked.
pub fn is_meant(source: &Source, asked: Option<&Path>) -> Result<(), ReloadError> {
    let own = match source {
        Source::Directory(dir) => dir.canonicalize().ok(),
        Source::Starter | Source::Given(..) => None,
    };
    match asked {
        Some(asked) if own.as_deref() != Some(asked) => Err(ReloadError::Elsewhere(source.to_string())),
        _ => Ok(()),
    }
}

/// What a reload came to. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reloaded {
    /// What was adopted; nothing where the policy is as it was.
    pub adopted: Vec<Adoption>,
    /// What counts from the next start only.
    pub from_next_start: Vec<String>,
}

/// Something that was adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Adoption {
    /// A version of a programme.
    Programme {
        /// Which.
        programme: ProgrammeId,
        /// Its number.
        version: u32,
        /// Its first day; none for the first version, which answers for all time before the second.
        effective_from: Option<CivilDate>,
        /// Which series it governs.
        applies_to: AppliesTo,
    },
    /// Bank holidays.
    BankHolidays {
        /// Their number.
        version: u32,
        /// The new days.
        added: Vec<CivilDate>,
        /// The days that are none any more.
        removed: Vec<CivilDate>,
    },
    /// Who is who.
    People,
    /// The obligations of a case that moved with it.
    Moved {
        /// The case.
        case: String,
        /// How many.
        obligations: usize,
    },
}

impl Adoption {
    /// Whether it is what moved, not what was adopted.
    #[must_use]
    pub const fn is_moved(&self) -> bool {
        matches!(self, Self::Moved { .. })
    }
}

impl From<&PolicyFact> for Adoption {
    fn from(fact: &PolicyFact) -> Self {
        match fact {
            PolicyFact::ProgrammeAdopted { programme, version, effective_from, applies_to, .. } => {
                Self::Programme {
                    programme: programme.clone(),
                    version: *version,
                    effective_from: *effective_from,
                    applies_to: *applies_to,
                }
            }
            PolicyFact::CalendarAdopted { version, added, removed, .. } => Self::BankHolidays {
                version: *version,
                added: added.iter().map(|day| day.date).collect(),
                removed: removed.iter().map(|day| day.date).collect(),
            },
            PolicyFact::PeopleAdopted(_) => Self::People,
            PolicyFact::DatesMoved { case, changes, .. } => {
                Self::Moved { case: case.to_string(), obligations: changes.len() }
            }
        }
    }
}

/// Has the running daemon take the configuration from `source`, once those who asked before are done. The journal
/// hears what came of it, whoever asked.
///
/// # Errors
/// When it cannot be used; nothing has changed then.
pub async fn reload(handle: &Handle, source: Source) -> Result<Reloaded, ReloadError> {
    let _reloading = handle.manager.reloading().await;
    take(handle, source).await.inspect_err(note)
}

/// Notes each fault on a line of its own, with its file, line and column.
fn note(error: &ReloadError) {
    if let ReloadError::Config(error) = error {
        for fault in &error.faults {
            let (file, (line, column)) = (fault.file(), fault.place());
            let advice = fault.advice().map(tracing::field::display);
            tracing::error!(file, line, column, advice, "{fault}");
        }
    }
    let error = match error {
        ReloadError::Config(error) => error.to_string(),
        other => other.to_string(),
    };
    tracing::error!(error, "the configuration was not taken; the one in force stays");
}

async fn take(handle: &Handle, source: Source) -> Result<Reloaded, ReloadError> {
    let today = handle.clock.now().date_naive();
    let loaded = tokio::task::spawn_blocking(move || load(&source, today)).await;
    let config = std::sync::Arc::new(loaded.map_err(|_| ReloadError::Stopping)??);
    let before = std::sync::Arc::clone(&handle.snapshot.borrow().config);
    let from_next_start = from_next_start(&before, &config);
    let facts = handle.configure(config).await.ok_or(ReloadError::Stopping)??;
    tracing::info!(adopted = facts.len(), "the configuration was taken anew");
    Ok(Reloaded { adopted: facts.iter().map(Adoption::from).collect(), from_next_start })
}

/// Loads the configuration at `source`; the error has every fault of it, those of the mail templates too.
fn load(source: &Source, today: CivilDate) -> Result<Config, ConfigError> {
    let Inspection { files, mut faults, config } = inspect(source, today);
    if !files.is_empty() {
        faults.extend(mail::proof(&files, config.as_ref()));
    }
    faults.retain(|fault| fault.severity() == Severity::Error);
    Fault::sort(&mut faults);
    match config {
        Some(config) if faults.is_empty() => Ok(config),
        _ => Err(ConfigError::new(source.to_string(), faults)),
    }
}

/// What is made at the start only, and was changed.
fn from_next_start(before: &Config, after: &Config) -> Vec<String> {
    let (old, new) = (&before.settings.mail, &after.settings.mail);
    let (was, access) = (&before.settings.access, &after.settings.access);
    let changed = [
        ("[mail] transport", old.transport != new.transport),
        ("[mail] smtp", old.smtp != new.smtp),
        ("[mail] directory", old.directory != new.directory),
        ("[access] socket", was.socket != access.socket),
        ("[access] listen", was.listen != access.listen),
    ];
    let changed = changed.into_iter().filter(|(_, changed)| *changed);
    changed.map(|(key, _)| format!("{key}: counts when stepdown is started anew")).collect()
}
