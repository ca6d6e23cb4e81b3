//! HTTP on a unix socket and, if asked for, over TCP: wire types to and from requests to the daemon.
//!
//! [`answer`] holds the questions that need no daemon: the command line asks them of the log itself
//! when no daemon runs, and gets the same answers.
//!
//! Invariant: nothing is decided here; a route turns a request into a question or an append, no more.

mod access;
pub mod against;
pub mod answer;
mod backup_routes;
mod case_answers;
mod case_routes;
mod case_wire;
mod check;
mod client;
mod days;
mod desk;
mod due_routes;
mod erase_routes;
mod event_routes;
mod explain;
mod extract;
mod forecast;
mod given;
mod guests;
mod horizon;
mod limit_routes;
mod limits;
mod mail_routes;
mod mend;
mod object;
pub mod openapi;
mod panics;
mod reload;
pub mod reminders;
mod replay;
mod replay_routes;
mod report;
mod route_info;
mod routes;
mod server;
mod service_routes;
mod simulate;
mod stream;
mod token_routes;
mod turns;
mod verify;
mod verify_routes;
mod watch_routes;
mod wire;
mod workload;

pub use access::{Secret, new_secret, own_user};
pub use against::{AgainstQuery, Comparison};
pub use backup_routes::BackupQuery;
pub use case_wire::{CaseFile, CaseQuery, CaseRow, CasesQuery, ErasedRow, EventRow, HolderRow, Original};
pub use check::{Check, FindingRow, check};
pub use client::{Client, ClientError};
pub use erase_routes::{EraseBody, KeysShown, RotateBody};
pub use explain::{Explained, MovedBy, RuleExplained, ToldOf};
pub use extract::{ExtractBody, ExtractChange, ExtractReceipt, map_for, of_rows};
pub use forecast::MailChange;
pub use limits::{LimitRow, LimitsQuery, PlaceRow};
pub use mend::{Mend, MendError, MendRequest, Mending};
pub use reload::{Adoption, ReloadError, Reloaded, reload};
pub use replay::{Projection, Replayed, replay};
pub use replay_routes::Against;
pub use report::ReportQuery;
pub use route_info::RouteInfo;
pub use routes::{LONGEST_BODY, LONGEST_IMPORT, routes};
pub use server::{Api, ServeError, listen, listen_at, set_open};
pub use simulate::{SimulateQuery, SimulatedMail};
pub use token_routes::{NewToken, RevokeQuery, TokenBody, TokenRow};
pub use verify::{End, Held, Signed, Verification, Verifier, VerifyQuery, Vouched, checkpoint};
pub use watch_routes::Health;
pub use wire::{
    AppendReceipt, AuthorBody, BackupRow, ConfigurationRow, DueQuery, ErrorBody, FaultBody, HoldBody,
    MailTestAnswer, MailTestBody, ObligationRow, ScrubRow, SilenceBody, Status, Workload,
};
