//! What is wrong with an extract or its map.

use std::fmt;

use thiserror::Error;

use crate::programme::Finding;

/// One thing wrong in an extract: where, what, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The line of the file on which the row starts, from 1.
    pub line: usize,
    /// The column; empty for the row as a whole.
    pub column: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl RowFault {
    /// A fault of the row that starts on `line`, as a whole.
    #[must_use]
    pub fn of_row(line: usize, reason: impl Into<String>) -> Self {
        Self { line, column: String::new(), reason: reason.into() }
    }

    /// A fault of one cell.
    #[must_use]
    pub fn of_cell(line: usize, column: &str, reason: impl Into<String>) -> Self {
        Self { line, column: column.to_owned(), reason: reason.into() }
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, reason } = self;
        if column.is_empty() {
            write!(f, "line {line}: {reason}")
        } else {
            write!(f, "line {line}: {column}: {reason}")
        }
    }
}

/// Why an extract makes no events.
#[derive(Debug, Error)]
pub enum ExtractError {
    /// The map is at fault.
    #[error("the map cannot be used, {} found; nothing was appended", counted(.0.len()))]
    Map(Vec<Finding>),
    /// Rows are at fault.
    #[error("refused, {} found; nothing was appended", counted(.0.len()))]
    Rows(Vec<RowFault>),
}

fn counted(faults: usize) -> String {
    if faults == 1 { "1 fault".to_owned() } else { format!("{faults} faults") }
}

/// A cell as a message shows it: its beginning, on one line.
pub(super) fn shown(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut shown: String = text.chars().take(60).map(plain).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    shown
}
