//! The single writer and its loop; the only clock; the heartbeat; the postman.
//!
//! The loop in one line: a request, a pulse, a delivery's outcome or the shutdown arrives → decide →
//! append and sync → apply → answer → start what the agenda says is due.
//!
//! Invariants: one task owns the state; nothing is answered or mailed before the log has synced it;
//! mail is planned from the projection and the log, never from memory alone.

mod alarm;
mod attention;
mod backup;
mod bring_back;
mod bulletin;
mod clerk;
mod clock;
mod commit;
mod dispatch;
mod enclose;
mod erase;
mod exceeded;
mod flight;
mod gauges;
mod heartbeat;
mod intake;
mod keeper;
mod keys;
mod meters;
mod notify;
mod order;
mod postman;
mod records;
mod restore;
mod run;
mod tokens;
mod unix;
mod watchman;
mod writer;

pub use alarm::Alarm;
pub use backup::Archivist;
pub use bring_back::{Restored, bring_back};
pub use clerk::{Clerk, post};
pub use clock::Clock;
pub use enclose::enclose;
pub use erase::{EraseError, EraseOrder, Erasing, judge_erasure};
pub use exceeded::Exceeded;
pub use gauges::Seen;
pub use heartbeat::{Heartbeat, HeartbeatError};
pub use intake::{AppendError, AppendRequest, Receipt, rehearse};
pub use keys::RotateError;
pub use meters::Meters;
pub use notify::{Manager, Patience, Reloading};
pub use order::{Order, OrderError, SilenceOrder};
pub use postman::Postman;
pub use records::Records;
pub use restore::version as snapshot_version;
pub use run::{Handle, Request, Snapshot, hangups, run, shutdown_signal};
pub use tokens::{TokenError, TokenOrder};
pub use watchman::{Orders, Watchman};
pub use writer::{Writer, admissions};
