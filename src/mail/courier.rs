//! The two ways for a message to leave, and what may come of it.

use std::future::Future;

use super::{FilesCourier, SmtpCourier};
use crate::reminders::{MessageKey, Stage};

/// A rendered message on its way.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Which message.
    pub key: MessageKey,
    /// `digest` or `notice`, for a file's name.
    pub kind: &'static str,
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
    /// It did not go; another attempt may succeed.
    Deferred {
        /// Where the attempt ended.
        stage: Stage,
        /// Why.
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
        matches!(
            self,
            Self::Deferred { stage: Stage::Connect | Stage::Tls | Stage::Auth | Stage::MailFrom, .. }
        )
    }
}

/// Records that a message is on its way, durably, before its first byte leaves.
pub trait Recorder: Send {
    /// Returns whether it was recorded; if not, nothing is sent.
    fn transmitting(&mut self, key: &MessageKey) -> impl Future<Output = bool> + Send;
}

/// A way for mail to leave.
pub enum Courier {
    /// To files.
    Files(FilesCourier),
    /// To a relay.
    Smtp(Box<SmtpCourier>),
}

impl Courier {
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
