//! From a planned message to the bytes that leave.

use std::fmt;

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use thiserror::Error;

use super::letter::Letter;
use super::voice::Voice;
use super::{TemplateError, Templates, ics};
use crate::calendar::Instant;
use crate::case::{hex, sha256};
use crate::language::{Language, UnknownPhrase};
use crate::reminders::{Enclosed, Message, MessageKey};

/// A message as it leaves. `Debug` shows its id only: what it says is a child's record.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its `Message-ID`: the same for the same message key, for ever.
    pub message_id: String,
    /// Its subject.
    pub subject: String,
    /// What it says, as text and as HTML.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The whole message (RFC 5322).
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// Why a message could not be made.
#[derive(Debug, Error)]
pub enum RenderError {
    /// The template failed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The address of the recipient is none.
    #[error("{to}: {error}")]
    Address {
        /// `person.ID` or `team.ROLE`.
        to: String,
        /// Why.
        error: lettre::address::AddressError,
    },
    /// A phrase is missing.
    #[error(transparent)]
    Phrase(#[from] UnknownPhrase),
    /// The message could not be put together.
    #[error("a message cannot be put together: {0}")]
    Build(#[from] lettre::error::Error),
}

/// Who writes, and how.
#[derive(Debug)]
pub struct Post {
    /// The sender.
    pub from: Mailbox,
    /// Where answers go.
    pub reply_to: Mailbox,
    /// The security marking of every message.
    pub marking: Option<String>,
    /// The templates.
    pub templates: Templates,
    /// Whether every message is in Welsh and in English, whatever its reader's language.
    pub bilingual: bool,
}

/// `Content-Language` (RFC 3282).
#[derive(Clone)]
struct ContentLanguage(String);

impl Header for ContentLanguage {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

fn tags(languages: &[Language]) -> String {
    languages.iter().map(|language| language.tag()).collect::<Vec<_>>().join(", ")
}

/// `Auto-Submitted: auto-generated` (RFC 3834), so that no vacation notice answers.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Line ends as mail has them. lettre would set them one by one, each at the cost of the whole text.
fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

/// A name fit for a header: no control characters (lettre panics at CR, LF and NUL), none that turn the
/// direction of the text around, and of a length that a header bears.
#[must_use]
pub fn clean(name: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let visible = name.chars().filter(|c| !c.is_control() && !turns(*c)).take(100);
    visible.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The files that go with a message.
fn enclosed(message: &Message) -> Vec<SinglePart> {
    let part = |enclosed: &Enclosed| {
        Attachment::new(enclosed.name.clone()).body(crlf(&enclosed.html), ContentType::TEXT_HTML)
    };
    message.enclosed.iter().map(part).collect()
}

impl Post {
    /// Renders `message`, dated `now`.
    ///
    /// # Errors
    /// When a template or an address is at fault.
    pub fn render(&self, message: &Message, now: Instant) -> Result<Rendered, RenderError> {
        let sender = self.from.name.as_deref().unwrap_or("stepdown");
        let languages = self.languages(message);
        let Letter { subject, text, html } =
            self.templates.write(message, &clean(sender), self.marking.as_deref(), languages)?;
        let message_id = self.message_id(&message.key);
        let address = message
            .to
            .email
            .parse()
            .map_err(|error| RenderError::Address { to: message.to.key.to_string(), error })?;
        let alternative = MultiPart::alternative()
            .boundary(self.boundary(&message.key, "alternative"))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(crlf(&text)))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(crlf(&html)));
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .reply_to(self.reply_to.clone())
            .to(Mailbox::new(Some(clean(&message.to.name)), address))
            .subject(subject.clone())
            .date(now.into())
            .message_id(Some(message_id.clone()))
            .header(AutoSubmitted)
            .header(ContentLanguage(tags(languages)));
        if !message.replies_to.is_empty() {
            let ids: Vec<_> = message.replies_to.iter().map(|key| self.message_id(key)).collect();
            builder = builder.in_reply_to(ids.join(" ")).references(ids.join(" "));
        }
        let built = if message.calendar.is_empty() && message.enclosed.is_empty() {
            builder.multipart(alternative)?
        } else {
            let mixed =
                MultiPart::mixed().boundary(self.boundary(&message.key, "mixed")).multipart(alternative);
            let parts = enclosed(message).into_iter().chain(self.entries(message, now)?);
            builder.multipart(parts.fold(mixed, MultiPart::singlepart))?
        };
        let bytes = built.formatted();
        let sha256 = hex(&sha256(&bytes));
        Ok(Rendered { message_id, subject, text, html, bytes, sha256 })
    }

    /// The languages that a message is in: its reader's; or Welsh before English, as the Welsh Language Standards
    /// have it, where every message is in both.
    const fn languages(&self, message: &Message) -> &'static [Language] {
        match message.to.language {
            _ if self.bilingual => &[Language::Welsh, Language::English],
            Language::Welsh => &[Language::Welsh],
            Language::English => &[Language::English],
        }
    }

    /// The calendar entries of a message, each a file whose name says nothing.
    fn entries(&self, message: &Message, now: Instant) -> Result<Vec<SinglePart>, UnknownPhrase> {
        let languages = self.languages(message);
        let voices =
            languages.iter().map(|language| Voice { phrases: self.templates.phrases(), language: *language });
        let voices: Vec<_> = voices.collect();
        let mut parts = Vec::new();
        for (n, (entry, title)) in (1..).zip(&message.calendar) {
            let kind = format!("text/calendar; charset=utf-8; method={}", ics::method(entry));
            let words = ics::Words::new(entry, title, &voices)?;
            let object = ics::object(entry, &words, &message.to, self.from.email.as_ref(), now);
            if let Ok(kind) = ContentType::parse(&kind) {
                parts.push(Attachment::new(format!("entry-{n}.ics")).body(object, kind));
            }
        }
        Ok(parts)
    }

    /// Says nothing of what the message is about: a digest of its key.
    #[must_use]
    pub fn message_id(&self, key: &MessageKey) -> String {
        format!("<{}@{}>", hex(&sha256(key.as_str().as_bytes())[..16]), self.from.email.domain())
    }

    /// The same for the same message, so that its bytes are.
    fn boundary(&self, key: &MessageKey, part: &str) -> String {
        hex(&sha256(format!("{part} {} {key}", self.from.email).as_bytes())[..12])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_becomes_one_plain_line() {
        assert_eq!(clean("Amara\r\nBcc: x@example.org \0 Okafor\u{202e}"), "AmaraBcc: x@example.org Okafor");
        assert_eq!(clean(&"x".repeat(500)).len(), 100);
    }
}
