//! A text as it is said to somebody, in the language they asked for or not.

use std::borrow::Cow;
use std::fmt;

use super::Language;

/// A text with the language that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<'a> {
    /// The text, without a mark.
    pub text: Cow<'a, str>,
    /// The language asked for.
    pub asked: Language,
    /// The language that it is in.
    pub language: Language,
}

impl Said<'_> {
    /// What stands before a text that is in English although Welsh was asked for: "in English", in Welsh.
    pub const MARK: &'static str = "[Saesneg]";

    /// Whether it is in another language than the one asked for.
    #[must_use]
    pub fn fell_back(&self) -> bool {
        self.asked != self.language
    }
}

/// With the mark, where it is in another language than the one asked for.
impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.fell_back() { write!(f, "{} {}", Self::MARK, self.text) } else { f.write_str(&self.text) }
    }
}
