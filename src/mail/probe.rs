//! A test message, to see whether the way to the relay is open before anybody depends on it.

use lettre::message::header::ContentType;

use super::{Courier, OffTheRecord, Outcome, Parcel, Post, RenderError};
use crate::calendar::{CivilDate, Instant};
use crate::case::{hex, sha256};
use crate::reminders::{MessageKey, MessageKind, Recipient};

/// Sends a test message to `to` by `courier`, at once and off the record; it is no reminder.
///
/// # Errors
/// When `to` is no address.
pub async fn probe(
    post: &Post,
    courier: &mut Courier,
    to: &str,
    now: Instant,
) -> Result<Outcome, RenderError> {
    let id = hex(&sha256(format!("test {to} {now}").as_bytes())[..16]);
    let message_id = format!("<{id}@{}>", post.from.email.domain());
    let address = to.parse().map_err(|error| RenderError::Address { to: to.to_owned(), error })?;
    let text = "This is a test message of stepdown: the way to this mailbox is open.\r\n";
    let message = lettre::Message::builder()
        .from(post.from.clone())
        .reply_to(post.reply_to.clone())
        .to(lettre::message::Mailbox::new(None, address))
        .subject("A test message")
        .date(now.into())
        .message_id(Some(message_id.clone()))
        .header(ContentType::TEXT_PLAIN)
        .body(text.to_owned())?;
    let recipient = Recipient::address(to, to);
    let parcel = Parcel {
        key: MessageKey::of_day("test", CivilDate::default(), &recipient),
        kind: MessageKind::Admin,
        to: to.to_owned(),
        attempt: 1,
        bytes: message.formatted(),
        message_id,
    };
    let outcome = courier.deliver(&parcel, &mut OffTheRecord).await;
    courier.rest().await;
    Ok(outcome)
}
