//! Who is told, and when? From obligations, people and what was sent already to mail to send.
//!
//! [`digests`] and [`notices`] plan messages; the [`Ledger`] folds what became of them from the facts
//! in the log; [`Next`] says what to do with a message now, [`Office`] when digests go.
//!
//! Invariants: pure; a message's [`MessageKey`] is sent once; nothing is remembered but in the log.

mod agenda;
mod digest;
mod fact;
mod ledger;
mod message;
mod notice;
mod people;

pub use agenda::{Next, Office, backoff};
pub use digest::{CaseOnDay, digests};
pub use fact::{MailFact, Stage};
pub use ledger::{Counts, Delivery, Ledger, State};
pub use message::{Content, DigestContent, Item, Message, MessageKey, MessageKind, NoticeContent};
pub use notice::notices;
pub use people::{People, Person, Recipient};
