//! What policy is in force: programmes, the calendar and who holds which office, as they were adopted.
//!
//! The log records each adoption, so that it alone answers for the past: [`Adopted`] is what these
//! [`PolicyFact`]s add up to, and [`adopt`] tells which of them a changed configuration calls for.
//!
//! Invariant: pure; what was adopted stays as it was, and a later version never speaks for a day before
//! its own.

mod adopt;
mod adopted;
mod example;
mod fact;
mod offices;

pub use adopt::{Configured, adopt, changes};
pub use adopted::{Adopted, Moved, Policies};
pub use example::{Mismatch, example_findings, run_example};
pub use fact::{DayChange, Origin, PolicyFact, ProgrammeText};
pub use offices::{Offices, PersonOffice};
