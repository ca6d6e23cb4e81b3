//! What the log holds of a decision: a value, to be put into the reader's language where it is said.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value, or the English words that stand in its place in a log from before there were values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Recorded<T> {
    /// The words. Nothing is written so any more.
    Said(String),
    /// The value.
    Value(T),
}

impl<T> From<T> for Recorded<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T: fmt::Display> fmt::Display for Recorded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(words) => f.pad(words),
            Self::Value(value) => value.fmt(f),
        }
    }
}
