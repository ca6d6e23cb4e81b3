//! The two ways for a message to leave, and what may come of it.

use std::future::Future;
use std::path::Path;

use super::{FilesCourier, SmtpCourier, SmtpSetupError};
use crate::config::{MailSettings, Transport};
use crate::reminders::{MessageKey, MessageKind, Stage};

/// A rendered message on its way. It has no `Debug`: it tells a child's record.
#[derive(Clone)]
pub struct Parcel {
    /// Which message.
    pub key: MessageKey,
    /// Its kind, for a file's name.
    pub kind: MessageKind,
    /// The recipient's address.
    pub to: String,
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// The message.
    pub bytes: Vec<u8>,
    /// Its `Message-ID`.
    pub message_id: String,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken over: the server's words, or the file's name.
    Accepted(String),
    /// The server asked to try again later (4xx).
    Deferred {
        /// Where the attempt ended.
        stage: Stage,
        /// The server's words.
        reason: String,
    },
    /// The attempt broke off without an answer before the message could have been taken.
    NotSent {
        /// Where the attempt ended.
        stage: Stage,
        /// What went wrong.
        reason: String,
    },
    /// It was refused for good.
    Refused {
        /// Where.
        stage: Stage,
        /// The server's words.
        reason: String,
    },
    /// The conversation broke after the message was on its way.
    Ambiguous(String),
    /// The log could not record the step before this one; the attempt was abandoned.
    Abandoned,
}

impl Outcome {
    /// Whether the fault is with the way to the server, so that other messages would fare no better.
    #[must_use]
    pub const fn is_transport(&self) -> bool {
        match self {
            Self::Deferred { stage, .. } | Self::NotSent { stage, .. } => stage.is_transport(),
            _ => false,
        }
    }
}

/// Records that a message is on its way, durably, before its first byte leaves.
pub trait Recorder: Send {
    /// Returns whether it was recorded; if not, nothing is sent.
    fn transmitting(&mut self, key: &MessageKey) -> impl Future<Output = bool> + Send;
}

/// Records nothing: for a message that is no reminder, such as a test.
pub struct OffTheRecord;

impl Recorder for OffTheRecord {
    async fn transmitting(&mut self, _: &MessageKey) -> bool {
        true
    }
}

/// A way for mail to leave.
pub enum Courier {
    /// To files.
    Files(FilesCourier),
    /// To a relay.
    Smtp(Box<SmtpCourier>),
}

impl Courier {
    /// The way that the settings name. Files go in the data directory `data`, unless the settings say where.
    ///
    /// # Errors
    /// When the relay cannot be used at all.
    pub fn new(settings: &MailSettings, data: &Path) -> Result<Self, SmtpSetupError> {
        Ok(match (&settings.transport, &settings.smtp) {
            (Transport::Smtp, Some(smtp)) => {
                Self::Smtp(Box::new(SmtpCourier::new(smtp.clone(), settings.from.email.clone())?))
            }
            _ => Self::Files(FilesCourier::new(data.join(&settings.directory))),
        })
    }

    /// As many as may be under way at a time.
    ///
    /// # Errors
    /// As [`Courier::new`].
    pub fn several(settings: &MailSettings, data: &Path) -> Result<Vec<Self>, SmtpSetupError> {
        let sessions = settings.smtp.as_ref().map_or(1, |smtp| smtp.sessions);
        (0..sessions).map(|_| Self::new(settings, data)).collect()
    }

    /// Hands one message over.
    pub async fn deliver(&mut self, parcel: &Parcel, recorder: &mut impl Recorder) -> Outcome {
        match self {
            Self::Files(files) => files.deliver(parcel),
            Self::Smtp(smtp) => smtp.deliver(parcel, recorder).await,
        }
    }

    /// There is nothing more to hand over for now.
    pub async fn rest(&mut self) {
        if let Self::Smtp(smtp) = self {
            smtp.quit().await;
        }
    }
}
