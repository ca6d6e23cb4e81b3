//! English and Welsh: which of the two, texts in both, phrases with plurals, and dates.
//!
//! Public bodies in Wales treat Welsh no less favourably than English (Welsh Language (Wales) Measure 2011), so a
//! language here is a person's, not the machine's. Whatever is missing in Welsh is said in English, and marked.
//!
//! Invariant: pure; nothing here decides who is told what. What is said in no language is an error, never an empty text.

pub mod dates;
mod phrases;
mod said;
mod wording;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use phrases::{Argument, PhraseFault, Phrases, UnknownPhrase};
pub use said::Said;
pub use wording::Wording;

/// A language of people and pages; `en` and `cy` (ISO 639-1) in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Language {
    /// British English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Welsh.
    #[serde(rename = "cy")]
    Welsh,
}

impl Language {
    /// Every language, the one that everything is written in first.
    pub const ALL: [Self; 2] = [Self::English, Self::Welsh];

    /// Its code in files: `en` or `cy` (ISO 639-1).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Welsh => "cy",
        }
    }

    /// Its tag in mail and pages: `en-GB` or `cy` (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en-GB",
            Self::Welsh => "cy",
        }
    }

    /// The language of this code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::English => "English",
            Self::Welsh => "Welsh",
        })
    }
}
