//! When is this due? From a case's history, a programme and a date to the case's obligations.
//!
//! The meaning is the contract in `docs` of each part: series (§2), completions (§3), shapes (§4),
//! status (§5), the day to act by (§6). Every [`Occurrence`] carries the values its dates were made
//! of, so that [`Explanation`] tells what was computed, not what might have been.
//!
//! Invariant: pure; the same history, programme, calendar and date give the same obligations.

mod absent;
mod diff;
mod explain;
mod obligations;
mod occurrence;
mod places;
mod series;
mod shape;
mod status;
mod tally;
mod versions;
mod view;

pub use absent::{absence, why_no_series};
pub use diff::{Change, ChangeKind, Dates, diff};
pub use explain::{Explanation, Step};
pub use obligations::{Asked, obligations};
pub use occurrence::{Counted, Done, End, EndCause, Occurrence, Why};
pub use places::{Place, Places};
pub use status::Status;
pub use tally::Tally;
pub use view::CaseView;
