//! What is wrong with a configuration, shown where it is wrong.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use thiserror::Error;

use crate::programme::{Finding, Severity};

/// One fault of one configuration file.
#[derive(Debug, Error)]
#[error("{file}{}: {message}", place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default())]
pub struct Fault {
    file: String,
    severity: Severity,
    /// Line and column, from 1; `None` where the fault is of the file as a whole.
    place: Option<(usize, usize)>,
    message: String,
    text: Option<NamedSource<String>>,
    /// Start and length of what it is about, in the text.
    span: (usize, usize),
    help: Option<String>,
}

impl Fault {
    /// A fault of `file` as a whole: missing, unreadable, not of its form.
    #[must_use]
    pub fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            severity: Severity::Error,
            place: None,
            message: message.into(),
            text: None,
            span: (0, 0),
            help: None,
        }
    }

    /// A fault at a place in `text`, the content of `file`.
    #[must_use]
    pub fn at(file: &str, text: &str, finding: Finding) -> Self {
        let start = text.floor_char_boundary(finding.span.start);
        let before = text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Self {
            file: file.to_owned(),
            severity: finding.severity,
            place: Some((line, column)),
            message: finding.message,
            text: Some(NamedSource::new(file, text.to_owned())),
            span: (start, finding.span.len().min(text.len() - start)),
            help: finding.help,
        }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The file, by its path within the configuration.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// How grave it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// Line and column, from 1; of a file as a whole, its first.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        self.place.unwrap_or((1, 1))
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Puts `faults` in the order of files, lines and columns, each once.
    pub fn sort(faults: &mut Vec<Self>) {
        faults.sort_by(|a, b| (&a.file, a.place, &a.message).cmp(&(&b.file, b.place, &b.message)));
        faults.dedup_by(|a, b| (&a.file, a.place, &a.message) == (&b.file, b.place, &b.message));
    }
}

impl Diagnostic for Fault {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.as_ref().map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.text.as_ref()?;
        let (start, length) = self.span;
        Some(Box::new(std::iter::once(LabeledSpan::new(Some("here".to_owned()), start, length))))
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
