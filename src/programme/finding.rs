//! Something wrong in a configuration text, tied to the text it is about.

use std::ops::Range;

use crate::case::nearest;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// It can be used, and does not do what was probably meant; only a check tells it.
    Warning,
}

/// Something wrong in a configuration text: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// The bytes of the text it is about.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Finding {
    /// An error at `span`.
    #[must_use]
    pub fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, span, message: message.into(), help: None }
    }

    /// A warning about `span`.
    #[must_use]
    pub fn warning(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::new(span, message) }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with the known name that is nearest to the one `wanted`, or with all that are known.
    #[must_use]
    pub fn suggest<'a>(self, wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<_> = known.into_iter().collect();
        match nearest(wanted, known.iter().copied()) {
            Some(near) => self.help(format!("did you mean \"{near}\"?")),
            None if known.is_empty() => self,
            None => self.help(format!("known: {}", listed(&known))),
        }
    }
}

/// The names, as many as one reads.
fn listed(names: &[&str]) -> String {
    const MANY: usize = 16;
    let shown = names.iter().take(MANY).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MANY) {
        0 => shown,
        more => format!("{shown} … and {more} more"),
    }
}
