//! What became of a message, as facts for the log.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{MessageKey, MessageKind};
use crate::calendar::{CivilDate, Instant};

/// A stage of handing a message over. For files, everything happens at `Message`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Connecting, greeting, EHLO.
    Connect,
    /// STARTTLS or implicit TLS.
    Tls,
    /// Logging in.
    Auth,
    /// `MAIL FROM`.
    MailFrom,
    /// `RCPT TO`.
    RcptTo,
    /// `DATA`, before the message.
    Data,
    /// The message up to and with the final dot.
    Message,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::MailFrom => "mail-from",
            Self::RcptTo => "rcpt-to",
            Self::Data => "data",
            Self::Message => "message",
        })
    }
}

/// A fact about mail. Together they are the sent ledger; none is ever changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "kebab-case", deny_unknown_fields)]
pub enum MailFact {
    /// A message was planned and rendered; its bytes wait in the log's outbox.
    MailPlanned {
        /// Which message.
        key: MessageKey,
        /// Its kind.
        kind: MessageKind,
        /// `person.ID` or `team.ROLE`.
        to: String,
        /// The local day it is of.
        on: CivilDate,
        /// Its `Message-ID`.
        message_id: String,
        /// SHA-256 of its bytes, in hexadecimal.
        sha256: String,
        /// The occurrences it reminds of.
        items: Vec<String>,
    },
    /// An attempt begins; recorded before the network is touched.
    MailAttempted {
        /// Which message.
        key: MessageKey,
        /// The number of the attempt, from 1.
        attempt: u32,
    },
    /// The server said 354: from here on, an interruption leaves open whether the message arrived.
    MailTransmitting {
        /// Which message.
        key: MessageKey,
    },
    /// The server took the message over (250), or the file is on the disk.
    MailAccepted {
        /// Which message.
        key: MessageKey,
        /// The server's words, or the file's name.
        reply: String,
    },
    /// It did not go, and will be tried again.
    MailDeferred {
        /// Which message.
        key: MessageKey,
        /// Where the attempt ended.
        stage: Stage,
        /// The server's words, or what went wrong on the way to it.
        reason: String,
        /// When it is tried again.
        retry_at: Instant,
    },
    /// The server refused it for good (5xx).
    MailRefused {
        /// Which message.
        key: MessageKey,
        /// Where.
        stage: Stage,
        /// The server's words.
        reason: String,
    },
    /// The conversation broke after the message was on its way: it may or may not have arrived.
    MailAmbiguous {
        /// Which message.
        key: MessageKey,
        /// What happened.
        reason: String,
    },
    /// It is given up: a later message says what it would have said.
    MailLapsed {
        /// Which message.
        key: MessageKey,
        /// Why.
        reason: String,
    },
    /// The digests of a day were planned: all that were not empty.
    DigestsPlanned {
        /// The day.
        on: CivilDate,
        /// How many.
        count: usize,
    },
}

impl MailFact {
    /// The message it is about; none for a day's planning.
    #[must_use]
    pub const fn key(&self) -> Option<&MessageKey> {
        match self {
            Self::MailPlanned { key, .. }
            | Self::MailAttempted { key, .. }
            | Self::MailTransmitting { key }
            | Self::MailAccepted { key, .. }
            | Self::MailDeferred { key, .. }
            | Self::MailRefused { key, .. }
            | Self::MailAmbiguous { key, .. }
            | Self::MailLapsed { key, .. } => Some(key),
            Self::DigestsPlanned { .. } => None,
        }
    }

    /// Whether nothing more will be done for its message, so that its bytes need not wait longer.
    #[must_use]
    pub const fn settles(&self) -> bool {
        matches!(self, Self::MailAccepted { .. } | Self::MailRefused { .. } | Self::MailLapsed { .. })
    }
}
