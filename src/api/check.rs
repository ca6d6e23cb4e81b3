//! The check of a whole configuration, mails included.

use serde::Serialize;

use crate::calendar::CivilDate;
use crate::config::{self, Config, Fault, Severity, Source};
use crate::mail;

/// What a check found.
#[derive(Debug)]
pub struct Check {
    /// Everything that is wrong or odd, by file, line and column.
    pub faults: Vec<Fault>,
    /// How many files were looked through.
    pub files: usize,
    /// How many rules and notices there are.
    pub rules: usize,
    /// How many event types the programmes know.
    pub event_types: usize,
    /// How many persons are listed.
    pub persons: usize,
}

/// A finding as programs read it.
#[derive(Debug, Serialize)]
pub struct FindingRow<'a> {
    /// The file, by its path within the configuration.
    pub file: &'a str,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: &'a str,
    /// What to do.
    pub help: Option<&'a str>,
}

/// Checks the configuration at `source` as it stands on `today`.
#[must_use]
pub fn check(source: &Source, today: CivilDate) -> Check {
    let config::Inspection { files, mut faults, config } = config::inspect(source, today);
    if !files.is_empty() {
        faults.extend(mail::proof(&files, config.as_ref()));
    }
    // A fault makes examples fail that nothing is wrong with.
    if faults.iter().all(|fault| fault.severity() == Severity::Warning) {
        faults.extend(config.iter().flat_map(config::examples));
    }
    Fault::sort(&mut faults);
    let count = |of: fn(&Config) -> usize| config.as_ref().map_or(0, of);
    Check {
        faults,
        files: files.len(),
        rules: count(|config| {
            let policies = config.policies.values();
            policies.map(|policy| policy.newest().rules.len() + policy.newest().notices.len()).sum()
        }),
        event_types: count(|config| {
            config.admissions.values().map(|admission| admission.catalogue.kinds().count()).sum()
        }),
        persons: count(|config| config.people.persons.len()),
    }
}

impl Check {
    /// How many errors and how many warnings there are.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let errors = self.faults.iter().filter(|fault| fault.severity() == Severity::Error).count();
        (errors, self.faults.len() - errors)
    }
}

impl<'a> From<&'a Fault> for FindingRow<'a> {
    fn from(fault: &'a Fault) -> Self {
        let (line, column) = fault.place();
        Self {
            file: fault.file(),
            line,
            column,
            severity: match fault.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: fault.message(),
            help: fault.advice(),
        }
    }
}
