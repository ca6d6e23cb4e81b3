//! HTTP on a unix socket: wire types to and from requests to the daemon.
//!
//! [`answer`] holds the questions that need no daemon: the command line asks them of the log itself
//! when no daemon runs, and gets the same answers.
//!
//! Invariant: nothing is decided here; a route turns a request into a question or an append, no more.

pub mod answer;
mod case_answers;
mod case_routes;
mod case_wire;
mod client;
mod desk;
mod mail_routes;
mod reload;
pub mod reminders;
mod server;
mod wire;

pub use case_wire::{CaseFile, CaseQuery, CaseRow, CasesQuery, EventRow, HolderRow, Original};
pub use client::{Client, ClientError};
pub use reload::{Adoption, ReloadError, Reloaded, reload};
pub use server::{ServeError, listen, serve};
pub use wire::{
    AppendReceipt, AuthorBody, DueQuery, ErrorBody, FaultBody, HoldBody, MailTestAnswer, MailTestBody,
    ObligationRow, SilenceBody, Status,
};
