//! What became of a message, and what an operator ordered, as facts for the log.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{MessageKey, Plan, Silence};
use crate::calendar::{CivilDate, Instant};
use crate::case::OccurrenceName;

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

impl Stage {
    /// Whether a fault here is with the way to the relay, so that other messages would fare no better.
    #[must_use]
    pub const fn is_transport(self) -> bool {
        matches!(self, Self::Connect | Self::Tls | Self::Auth | Self::MailFrom)
    }
}

/// Why a message is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lapse {
    /// Nothing it was to say holds any more; should it hold again, it may be planned anew.
    NothingLeft,
    /// It is a digest whose day is over; the next one covers it.
    DayOver,
    /// It may have arrived, and is not sent again.
    MayHaveArrived,
    /// It was sent twice, and it is open both times whether it arrived.
    Unclear,
    /// The server did not take it for a day.
    GivenUp,
    /// Its recipient has no address any more.
    NoAddress,
    /// Its text is not kept: it did not come with an imported log, or told of a case that was erased.
    NoText,
}

impl Lapse {
    /// Whether somebody should look into it, where the message was tried at all.
    #[must_use]
    pub const fn is_trouble(self) -> bool {
        !matches!(self, Self::NothingLeft | Self::NoText)
    }
}

/// A fact about mail. Together they are the sent ledger; none is ever changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "kebab-case", deny_unknown_fields)]
pub enum MailFact {
    /// A message was planned.
    MailPlanned(Plan),
    /// It was rendered as it stands now; its bytes wait in the log's outbox.
    MailRendered {
        /// Which message.
        key: MessageKey,
        /// Its `Message-ID`.
        message_id: String,
        /// SHA-256 of its bytes, in hexadecimal.
        sha256: String,
        /// What was planned and is left out, since there was nothing to remind of any more.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left_out: Vec<OccurrenceName>,
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
    /// The server asked to try again later (4xx).
    MailDeferred {
        /// Which message.
        key: MessageKey,
        /// Where the attempt ended.
        stage: Stage,
        /// The server's words.
        reason: String,
        /// When it is tried again.
        retry_at: Instant,
    },
    /// The attempt broke off before the final dot, without an answer: nothing was sent.
    MailNotSent {
        /// Which message.
        key: MessageKey,
        /// Where the attempt ended.
        stage: Stage,
        /// What went wrong.
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
    /// The conversation broke after the final dot was on its way: it may or may not have arrived.
    MailAmbiguous {
        /// Which message.
        key: MessageKey,
        /// What happened.
        reason: String,
        /// When it is looked at again.
        retry_at: Instant,
    },
    /// It is given up.
    MailLapsed {
        /// Which message.
        key: MessageKey,
        /// Why.
        cause: Lapse,
        /// The same in plain words.
        reason: String,
    },
    /// The messages of a day were planned: digests, corrections, what the admins are told.
    DigestsPlanned {
        /// The day.
        on: CivilDate,
        /// How many.
        count: usize,
    },
    /// Nothing is sent until somebody releases it.
    MailHeld {
        /// Who ordered it; `stepdown` where the breaker tripped.
        author: String,
        /// Why.
        reason: String,
        /// Who was recognised as giving the order, where that is somebody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recorded_by: Option<String>,
    },
    /// Mail is sent again; what the breaker held back may go.
    MailReleased {
        /// Who ordered it.
        author: String,
        /// Who was recognised as giving the order, where that is somebody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recorded_by: Option<String>,
    },
    /// Reminders are held back for a while.
    SilenceAdded(Silence),
    /// A silence ends before its day.
    SilenceEnded {
        /// Its number.
        id: u32,
        /// The first day on which it holds no more.
        on: CivilDate,
        /// Who ended it.
        author: String,
        /// Who was recognised as giving the order, where that is somebody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recorded_by: Option<String>,
    },
}

impl MailFact {
    /// The message it is about; none for what is about mail as a whole.
    #[must_use]
    pub const fn key(&self) -> Option<&MessageKey> {
        match self {
            Self::MailPlanned(Plan { key, .. })
            | Self::MailRendered { key, .. }
            | Self::MailAttempted { key, .. }
            | Self::MailTransmitting { key }
            | Self::MailAccepted { key, .. }
            | Self::MailDeferred { key, .. }
            | Self::MailNotSent { key, .. }
            | Self::MailRefused { key, .. }
            | Self::MailAmbiguous { key, .. }
            | Self::MailLapsed { key, .. } => Some(key),
            Self::DigestsPlanned { .. }
            | Self::MailHeld { .. }
            | Self::MailReleased { .. }
            | Self::SilenceAdded(_)
            | Self::SilenceEnded { .. } => None,
        }
    }

    /// Whether nothing more will be done for its message, so that its bytes need not wait longer.
    #[must_use]
    pub const fn settles(&self) -> bool {
        matches!(self, Self::MailAccepted { .. } | Self::MailRefused { .. } | Self::MailLapsed { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The facts as the log holds them: others' scripts read them, and so will every later version.
    #[test]
    fn facts_keep_the_form_in_which_they_are_stored() {
        let stored = [
            r#"{"type":"mail-planned","data":{"key":"digest/2026-06-01/person.p","to":"person.p","on":"2026-06-01","matter":{"about":"digest","items":[{"occurrence":"SD-7/rule/3.1","step":"+1wd.2","deadline":"2026-05-28","overdue":true,"yours":true,"reason":{"step":{"which":{"chaser-of":{"nth":2,"of":5}},"late":"2026-05-29","when":{"passed":4}}},"capacity":{"part":{"role":"r"},"instead":{"cover":{"absent":{"role":"r","person":"p","until":"2026-06-05"}}}},"superseded":["+1wd"]}],"calendar":[{"occurrence":"SD-7/rule/3.1","sequence":0,"on":"2026-05-28"}]}}}"#,
            r#"{"type":"mail-planned","data":{"key":"k","to":"team.r","on":"2026-06-01","matter":{"about":"notice","case":"SD-7","notice":"n","event":4,"capacity":{"part":{"notice":"r"}}}}}"#,
            r#"{"type":"mail-planned","data":{"key":"k","to":"team.r","on":"2026-06-01","matter":{"about":"vacancies","vacancies":[{"case":"SD-7","role":"r","cause":"left:p","words":{"left":{"role":"r","person":"p"}}}]}}}"#,
            // As it was stored before there were values.
            r#"{"type":"mail-planned","data":{"key":"correction/2026-06-01/person.p","to":"person.p","on":"2026-06-01","matter":{"about":"correction","items":[{"occurrence":"SD-7/rule/3.1","step":"+1wd","deadline":"2026-05-28","reason":"it had been done","capacity":"you were told on 29 May"}]}}}"#,
            r#"{"type":"mail-planned","data":{"key":"correction/2026-06-01/person.p","to":"person.p","on":"2026-06-01","matter":{"about":"correction","items":[{"occurrence":"SD-7/rule/3.1","step":"+1wd","deadline":"2026-05-28","reason":{"excuse":"waived"},"capacity":{"part":{"told":"2026-05-29"}}}]}}}"#,
            r#"{"type":"mail-planned","data":{"key":"k","to":"address.a@example.org","on":"2026-06-01","matter":{"about":"weekly","cases":1,"open":2,"overdue":1,"exhausted":0}}}"#,
            r#"{"type":"mail-planned","data":{"key":"k","to":"address.a@example.org","on":"2026-06-01","matter":{"about":"undelivered","messages":["digest/2026-06-01/person.p"]}}}"#,
            r#"{"type":"mail-rendered","data":{"key":"k","message_id":"<m@example.org>","sha256":"00","left_out":["SD-7/rule/3.1"]}}"#,
            r#"{"type":"mail-attempted","data":{"key":"k","attempt":1}}"#,
            r#"{"type":"mail-transmitting","data":{"key":"k"}}"#,
            r#"{"type":"mail-accepted","data":{"key":"k","reply":"250 ok"}}"#,
            r#"{"type":"mail-deferred","data":{"key":"k","stage":"rcpt-to","reason":"451","retry_at":"2026-06-01T07:01:00Z"}}"#,
            r#"{"type":"mail-not-sent","data":{"key":"k","stage":"connect","reason":"refused","retry_at":"2026-06-01T07:01:00Z"}}"#,
            r#"{"type":"mail-refused","data":{"key":"k","stage":"mail-from","reason":"550"}}"#,
            r#"{"type":"mail-ambiguous","data":{"key":"k","reason":"no answer","retry_at":"2026-06-01T07:01:00Z"}}"#,
            r#"{"type":"mail-lapsed","data":{"key":"k","cause":"given-up","reason":"r"}}"#,
            r#"{"type":"digests-planned","data":{"on":"2026-06-01","count":3}}"#,
            r#"{"type":"mail-held","data":{"author":"ops","reason":"r"}}"#,
            r#"{"type":"mail-released","data":{"author":"ops"}}"#,
            r#"{"type":"mail-held","data":{"author":"ops","reason":"r","recorded_by":"root"}}"#,
            r#"{"type":"mail-released","data":{"author":"ops","recorded_by":"root"}}"#,
            r#"{"type":"silence-ended","data":{"id":1,"on":"2026-06-03","author":"a","recorded_by":"root"}}"#,
            r#"{"type":"silence-added","data":{"id":1,"case":"SD-7","from":"2026-06-01","until":"2026-06-05","reason":"r","author":"a"}}"#,
            r#"{"type":"silence-ended","data":{"id":1,"on":"2026-06-03","author":"a"}}"#,
        ];
        for text in stored {
            let fact: MailFact = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert_eq!(serde_json::to_string(&fact).expect("JSON"), text);
        }
    }
}
