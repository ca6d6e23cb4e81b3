//! The words of a report's page: phrases of `locales/LANGUAGE/report.ftl`.

use crate::calendar::{Period, Unit};
use crate::language::{Argument, Language, Phrases, UnknownPhrase};

/// The notes on how it was counted, in their order.
pub(super) const NOTES: [&str; 6] =
    ["note-kept", "note-transitions", "note-support", "note-movements", "note-stages", "note-erased"];

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

    /// A phrase that counts, by its id without `report-`: `{ $count }` chooses the plural form.
    ///
    /// # Errors
    /// When no language has it, or it asks for what is not given.
    pub fn count(&self, id: &str, count: f64) -> Result<String, UnknownPhrase> {
        let given = [("count", Argument::from(count))];
        self.phrases.say(self.language, &format!("report-{id}"), &given).map(|said| said.to_string())
    }

    /// A period, such as "12 months", from its notation.
    pub(super) fn period(&self, notation: &str) -> Result<String, UnknownPhrase> {
        let Ok(period) = notation.parse::<Period>() else { return Ok(notation.to_owned()) };
        let id = match period.unit() {
            Unit::Days => "days",
            Unit::Weeks => "weeks",
            Unit::Months => "months",
            Unit::WorkingDays => "working-days",
        };
        self.count(id, f64::from(period.count()))
    }

    /// The phrase of a figure's name in JSON.
    pub(super) fn measure(&self, name: &str) -> Result<String, UnknownPhrase> {
        self.say(&name.replace('_', "-"), &[])
    }
}
