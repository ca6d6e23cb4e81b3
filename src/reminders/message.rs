//! A message as it is planned, before any rendering.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Recipient;
use crate::calendar::CivilDate;
use crate::case::{CaseRef, EventNumber, OccurrenceName};
use crate::schedule::Status;

/// What makes a message the same message: never two accepted under one key.
///
/// `digest/DATE/RECIPIENT` or `notice/CASE/NOTICE/EVENT/RECIPIENT`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageKey(String);

impl MessageKey {
    /// The key of one day's digest.
    #[must_use]
    pub fn digest(on: CivilDate, to: &Recipient) -> Self {
        Self(format!("digest/{on}/{}", to.key))
    }

    /// The key of a notice about one event.
    #[must_use]
    pub fn notice(case: &CaseRef, notice: &str, event: EventNumber, to: &Recipient) -> Self {
        Self(format!("{}{}", Self::notice_prefix(case, notice, event), to.key))
    }

    /// What the keys of one notice about one event start with, whoever it goes to.
    #[must_use]
    pub fn notice_prefix(case: &CaseRef, notice: &str, event: EventNumber) -> String {
        format!("notice/{case}/{notice}/{event}/")
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for MessageKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// One person's work for a working day.
    Digest,
    /// Something has happened.
    Notice,
}

impl MessageKind {
    /// Its name in JSON and listings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Notice => "notice",
        }
    }
}

/// A message to one recipient.
#[derive(Debug, Clone)]
pub struct Message {
    /// What makes it this message.
    pub key: MessageKey,
    /// To whom.
    pub to: Recipient,
    /// The local day it is of.
    pub on: CivilDate,
    /// What it says.
    pub content: Content,
}

/// What a message says.
#[derive(Debug, Clone)]
pub enum Content {
    /// A day's work.
    Digest(DigestContent),
    /// A notice.
    Notice(NoticeContent),
}

impl Message {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        match self.content {
            Content::Digest(_) => MessageKind::Digest,
            Content::Notice(_) => MessageKind::Notice,
        }
    }

    /// The occurrences it reminds of.
    #[must_use]
    pub fn occurrences(&self) -> Vec<String> {
        match &self.content {
            Content::Digest(digest) => digest.items().map(|item| item.occurrence.to_string()).collect(),
            Content::Notice(_) => Vec::new(),
        }
    }
}

/// A digest, most pressing first; each list by date.
#[derive(Debug, Clone, Default)]
pub struct DigestContent {
    /// Past the deadline.
    pub overdue: Vec<Item>,
    /// To be done today.
    pub today: Vec<Item>,
    /// To be done soon.
    pub coming: Vec<Item>,
}

impl DigestContent {
    /// Every item.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.overdue.iter().chain(&self.today).chain(&self.coming)
    }
}

/// One obligation in a digest.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its stable name.
    pub occurrence: OccurrenceName,
    /// What is to be done.
    pub title: String,
    /// Whether it is overdue or open.
    pub status: Status,
    /// The day to act by.
    pub due_on: CivilDate,
    /// The policy's limit.
    pub deadline: CivilDate,
    /// Whether the recipient must do it, or is only concerned.
    pub yours: bool,
    /// The owning role's title, and its holder's name where there is one.
    pub owner: String,
    /// Why it is in this digest, in plain words.
    pub reason: String,
    /// In which capacity the recipient is told, in plain words.
    pub capacity: String,
    /// Where the rule comes from, in plain words.
    pub rule: String,
}

/// What a notice tells.
#[derive(Debug, Clone)]
pub struct NoticeContent {
    /// The notice's id.
    pub notice: String,
    /// The case.
    pub case: CaseRef,
    /// Its title.
    pub title: String,
    /// What the recipient should know or do.
    pub text: String,
    /// The day of what happened.
    pub happened_on: CivilDate,
    /// Where in the document.
    pub source: String,
    /// In which capacity the recipient is told, in plain words.
    pub capacity: String,
}
