//! From a planned message to the bytes that leave.

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::page::{DigestPage, NoticePage};
use super::{TemplateError, Templates};
use crate::calendar::Instant;
use crate::reminders::{Content, Message, MessageKey};

/// A message as it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its `Message-ID`: the same for the same message key, for ever.
    pub message_id: String,
    /// Its subject.
    pub subject: String,
    /// The whole message (RFC 5322).
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
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
    /// The templates.
    pub templates: Templates,
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A name fit for a header: no control characters (lettre panics at CR, LF and NUL).
fn clean(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).collect()
}

impl Post {
    /// Renders `message`, dated `now`.
    ///
    /// # Errors
    /// When a template or an address is at fault.
    pub fn render(&self, message: &Message, now: Instant) -> Result<Rendered, RenderError> {
        let (subject, text, html) = self.body(message)?;
        let message_id = self.message_id(&message.key);
        let address = message
            .to
            .email
            .parse()
            .map_err(|error| RenderError::Address { to: message.to.key.clone(), error })?;
        let alternative = MultiPart::alternative()
            .boundary(hex(&Sha256::digest(message.key.as_str().as_bytes())[..12]))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(crlf(&text)))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(crlf(&html)));
        let built = lettre::Message::builder()
            .from(self.from.clone())
            .reply_to(self.reply_to.clone())
            .to(Mailbox::new(Some(clean(&message.to.name)), address))
            .subject(subject.clone())
            .date(now.into())
            .message_id(Some(message_id.clone()))
            .header(AutoSubmitted)
            .multipart(alternative)?;
        let bytes = built.formatted();
        let sha256 = hex(&Sha256::digest(&bytes));
        Ok(Rendered { message_id, subject, bytes, sha256 })
    }

    /// Says nothing of what the message is about: a digest of its key.
    fn message_id(&self, key: &MessageKey) -> String {
        let digest = Sha256::digest(key.as_str().as_bytes());
        format!("<{}@{}>", hex(&digest[..16]), self.from.email.domain())
    }

    fn body(&self, message: &Message) -> Result<(String, String, String), TemplateError> {
        match &message.content {
            Content::Digest(digest) => {
                let page = DigestPage::new(&message.to, message.on, digest);
                let text = self.templates.render("digest.txt.jinja", &page)?;
                let html = self.templates.render("digest.html.jinja", &page)?;
                Ok((page.subject, text, html))
            }
            Content::Notice(notice) => {
                let page = NoticePage::new(&message.to, notice);
                let text = self.templates.render("notice.txt.jinja", &page)?;
                let html = self.templates.render("notice.html.jinja", &page)?;
                Ok((page.subject, text, html))
            }
        }
    }
}
