//! What happened: case events in the CloudEvents envelope, the catalogue that says which there are,
//! and a case's history with the corrections applied.
//!
//! A case is kept as its [`CaseFile`], a few dozen bytes an event, and read into a [`CaseHistory`] by whoever looks
//! into it: one case at a time.
//!
//! Invariants: pure; an event that was admitted can always be read again; a case event keeps its
//! number within its case for ever, retracted or not (`semantics` §2).

mod bytes;
mod cases;
mod catalogue;
mod data;
mod door;
mod envelope;
mod event;
mod field;
mod file;
mod hash;
mod history;
mod ids;
mod packed;
mod packed_id;
mod possible;
mod retention;
mod value;
mod words;

pub use bytes::PackError;
pub use cases::{Cases, Interner};
pub use catalogue::{Catalogue, CatalogueError, EventKind};
pub(crate) use catalogue::{hint, nearest};
pub use data::{Data, Fields};
pub use door::{Admission, Rejection, admit};
pub use envelope::{Fault, parse_event};
pub use event::{CloudEvent, Event, RecordedEvent, rfc3339};
pub use field::Field;
pub use file::{CaseFile, Erasure, Sought};
pub(crate) use hash::{hex, sha256};
pub use history::{CaseHistory, EventAsRead, EventInFull};
pub use ids::{
    AreaId, CaseRef, EventId, EventNumber, IdError, OccurrenceName, PersonId, ProgrammeId, RoleId, RuleId,
    Sequence,
};
pub use packed::{Packed, unpack};
pub use possible::Never;
pub use retention::{CountedFrom, Retention};

/// The event types that speak about the log or the case itself; every programme has them (`semantics` §7).
pub mod types {
    /// A case comes under a programme.
    pub const CASE_OPENED: &str = "case-opened";
    /// The work with a case is over.
    pub const CASE_CLOSED: &str = "case-closed";
    /// The named event is treated as never having happened.
    pub const EVENT_RETRACTED: &str = "event-retracted";
    /// The named event is read with another time or other data.
    pub const EVENT_CORRECTED: &str = "event-corrected";
    /// The named occurrence need not be done.
    pub const OBLIGATION_WAIVED: &str = "obligation-waived";
    /// A person takes a role in the case.
    pub const PROFESSIONAL_ASSIGNED: &str = "professional-assigned";
    /// A role in the case falls empty.
    pub const PROFESSIONAL_UNASSIGNED: &str = "professional-unassigned";
    /// The field of a case-opened that names the area of the case, and the format of such a field.
    pub const AREA: &str = "area";
    /// All types.
    pub const ALL: [&str; 6] = [
        CASE_OPENED,
        EVENT_RETRACTED,
        EVENT_CORRECTED,
        OBLIGATION_WAIVED,
        PROFESSIONAL_ASSIGNED,
        PROFESSIONAL_UNASSIGNED,
    ];
}
