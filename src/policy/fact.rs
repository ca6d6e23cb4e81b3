//! What the log records about policy.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Offices;
use crate::calendar::{BankHolidays, CivilDate};
use crate::case::{CaseRef, ProgrammeId, hex, sha256};
use crate::programme::{AppliesTo, Programme, read};
use crate::schedule::Change;

/// Something that became the policy, or that came of it. Stored in the log as the event's type and data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "kebab-case")]
pub enum PolicyFact {
    /// A version of a programme was adopted.
    ProgrammeAdopted {
        /// The programme.
        programme: ProgrammeId,
        /// Its number: 1 for the first of this programme.
        version: u32,
        /// The SHA-256 of the text, in hexadecimal.
        sha256: String,
        /// Its first day; the first version has none, for it answers for all that came before it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effective_from: Option<CivilDate>,
        /// Which series it governs.
        applies_to: AppliesTo,
        /// The programme file, as the admin wrote it.
        text: ProgrammeText,
    },
    /// The bank holidays changed.
    CalendarAdopted {
        /// Their number: 1 for the first.
        version: u32,
        /// The days that were not bank holidays before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<DayChange>,
        /// The days that are bank holidays no more.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<DayChange>,
        /// All of them, in GOV.UK's form.
        bank_holidays: BankHolidays,
    },
    /// Who is there, who manages and covers whom, and which roles a team's mailbox stands for, changed.
    PeopleAdopted(Offices),
    /// Obligations of a case moved because a programme or the calendar was adopted.
    DatesMoved {
        /// The case.
        case: CaseRef,
        /// What moved them.
        because: Origin,
        /// Each of them, from and to.
        changes: Vec<Change>,
    },
}

/// What moved dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// This version of the case's programme.
    Programme(u32),
    /// This version of the calendar.
    Calendar(u32),
    /// Both, adopted together.
    Both {
        /// The version of the programme.
        programme: u32,
        /// The version of the calendar.
        calendar: u32,
    },
}

/// A day that became a bank holiday, or is none any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayChange {
    /// Whose, as GOV.UK names it.
    pub division: String,
    /// The day.
    pub date: CivilDate,
    /// What it is called.
    pub title: String,
}

/// The text of a programme that can be read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProgrammeText {
    text: Arc<str>,
    programme: Arc<Programme>,
}

impl ProgrammeText {
    /// A text with the programme that was read from it.
    #[must_use]
    pub fn new(text: &str, programme: Arc<Programme>) -> Self {
        Self { text: text.into(), programme }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The SHA-256 of the text, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex(&sha256(self.text.as_bytes()))
    }

    /// The programme.
    #[must_use]
    pub const fn programme(&self) -> &Arc<Programme> {
        &self.programme
    }
}

impl PartialEq for ProgrammeText {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl TryFrom<String> for ProgrammeText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let programme = read(&text).without_catalogue().map_err(|findings| {
            let words: Vec<_> = findings.into_iter().map(|finding| finding.message).collect();
            format!("a programme that was adopted cannot be read any more: {}", words.join("; "))
        })?;
        Ok(Self::new(&text, Arc::new(programme)))
    }
}

impl From<ProgrammeText> for String {
    fn from(text: ProgrammeText) -> Self {
        text.text.to_string()
    }
}
