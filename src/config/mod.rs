//! Files in, one validated value out: settings, people, programmes, event catalogue, templates.
//!
//! A configuration that was loaded is complete and free of contradictions; one that was not is
//! answered with the file, the line and the text at fault.
//!
//! Invariant: nothing here falls back in silence; what is missing is named.

mod access;
mod backup;
mod diagnostics;
mod events;
mod examples;
mod inspect;
mod load;
mod people;
pub mod phrasebook;
mod place;
mod programmes;
mod records;
mod settings;
mod source;

pub use crate::programme::{Finding, Severity};
pub use access::AccessSettings;
pub use backup::BackupSettings;
pub use diagnostics::{ConfigError, Fault};
pub use examples::examples;
pub use inspect::{Inspection, inspect};
pub use load::{Config, locales, templates};
pub use records::RecordsSettings;
pub use settings::{MailSettings, RemindersSettings, Settings, SmtpSettings, Tls, Transport};
pub use source::{InitError, Source, init, sample};
