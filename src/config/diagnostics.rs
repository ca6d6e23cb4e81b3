//! What is wrong with a configuration, shown where it is wrong.

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use crate::programme::Finding;

/// One fault of one configuration file.
#[derive(Debug, Error, Diagnostic)]
#[error("{file}{}: {message}", place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default())]
pub struct Fault {
    file: String,
    /// Line and column, from 1; `None` where the fault is of the file as a whole.
    place: Option<(usize, usize)>,
    message: String,
    #[source_code]
    text: Option<NamedSource<String>>,
    #[label("here")]
    span: Option<SourceSpan>,
    #[help]
    help: Option<String>,
}

impl Fault {
    /// A fault of `file` as a whole: missing, unreadable, not of its form.
    #[must_use]
    pub fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            place: None,
            message: message.into(),
            text: None,
            span: None,
            help: None,
        }
    }

    /// A fault at a place in `text`, the content of `file`.
    #[must_use]
    pub fn at(file: &str, text: &str, finding: Finding) -> Self {
        let before = text.get(..finding.span.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Self {
            file: file.to_owned(),
            place: Some((line, column)),
            message: finding.message,
            text: Some(NamedSource::new(file, text.to_owned())),
            span: Some((finding.span.start, finding.span.len()).into()),
            help: finding.help,
        }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Every fault found in a configuration.
#[derive(Debug, Error, Diagnostic)]
#[error("the configuration {origin} cannot be used: {} found", count(faults.len()))]
#[diagnostic(help("nothing was changed; mend what is named above and try again"))]
pub struct ConfigError {
    origin: String,
    /// The faults, file by file.
    #[related]
    pub faults: Vec<Fault>,
}

fn count(faults: usize) -> String {
    if faults == 1 { "1 fault".to_owned() } else { format!("{faults} faults") }
}

impl ConfigError {
    /// The faults of the configuration at `origin`.
    #[must_use]
    pub const fn new(origin: String, faults: Vec<Fault>) -> Self {
        Self { origin, faults }
    }
}
