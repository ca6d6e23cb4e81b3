//! The words of a report's page: phrases of `locales/LANGUAGE/report.ftl`.

use std::collections::BTreeMap;

use crate::language::{Argument, Language, Phrases, UnknownPhrase};

/// The phrases that take nothing.
const PLAIN: [&str; 53] = [
    "title",
    "showing",
    "all",
    "nothing",
    "kept",
    "kept-by-role",
    "kept-by-rule",
    "kept-chart",
    "programme",
    "role",
    "rule",
    "due",
    "on-time",
    "late",
    "missed",
    "overdue",
    "open",
    "waived",
    "on-time-rate",
    "median-days",
    "reminders-per-completed",
    "escalations",
    "transitions-chart",
    "attempted",
    "not-yet-known",
    "decided",
    "standing",
    "ended",
    "success-rate",
    "support",
    "families",
    "counted",
    "adults",
    "children",
    "movements",
    "movements-chart",
    "measure",
    "compared",
    "better",
    "same",
    "worse",
    "median-first",
    "median-last",
    "stages",
    "stages-chart",
    "stage",
    "left",
    "lower-quartile-days",
    "stage-median-days",
    "upper-quartile-days",
    "still-in",
    "median-days-so-far",
    "notes",
];

/// The notes on how it was counted, in their order.
pub(super) const NOTES: [&str; 6] =
    ["note-kept", "note-transitions", "note-support", "note-movements", "note-stages", "note-erased"];

/// The phrases that something is put into.
const FILLED: [(&str, &[&str]); 7] = [
    ("period", &["from", "to"]),
    ("withholding", &["mark"]),
    ("cases", &["cases"]),
    ("of", &["part", "whole"]),
    ("transitions", &["after"]),
    ("at-least", &["rate"]),
    ("days", &["days"]),
];

/// The words of a page in one language.
#[derive(Clone, Copy)]
pub struct Words<'w> {
    phrases: &'w Phrases,
    language: Language,
}

impl<'w> Words<'w> {
    /// The words in `language`; in English, and marked, where they are not written in it.
    #[must_use]
    pub const fn new(phrases: &'w Phrases, language: Language) -> Self {
        Self { phrases, language }
    }

    /// A phrase, by its id without `report-`.
    ///
    /// # Errors
    /// When no language has it, or it asks for what is not given.
    pub fn say(&self, id: &str, given: &[(&str, String)]) -> Result<String, UnknownPhrase> {
        let given: Vec<_> = given.iter().map(|(name, text)| (*name, Argument::from(text.as_str()))).collect();
        self.phrases.say(self.language, &format!("report-{id}"), &given).map(|said| said.to_string())
    }

    /// The phrase of a figure's name in JSON.
    pub(super) fn measure(&self, name: &str) -> Result<String, UnknownPhrase> {
        self.say(&name.replace('_', "-"), &[])
    }
}

/// What is wrong with the phrases that a report's page is made of, by id: none is there in any language, or one asks
/// for what it is not given.
#[must_use]
pub fn missing_words(phrases: &Phrases) -> BTreeMap<String, String> {
    let mut wrong = BTreeMap::new();
    let plain = PLAIN.iter().chain(&NOTES).map(|id| (*id, &[][..]));
    for (id, names) in plain.chain(FILLED.iter().map(|(id, names)| (*id, *names))) {
        let given: Vec<_> = names.iter().map(|name| (*name, String::new())).collect();
        for language in Language::ALL {
            if let Err(UnknownPhrase { id, reason }) = Words::new(phrases, language).say(id, &given) {
                wrong.insert(id, reason);
            }
        }
    }
    wrong
}
