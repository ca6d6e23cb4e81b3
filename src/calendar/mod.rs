//! Civil dates and the arithmetic on them: periods, working days, bank holidays, time zones.
//!
//! Everything the policy counts is a whole civil date (`semantics` §1); instants appear only at the
//! edges, where [`Zone`] turns one into the other and names its choice at a clock change.
//!
//! Invariant: pure. Nothing here reads a clock, a file or a random number.

mod calendars;
mod days;
mod holidays;
mod period;
mod zone;

pub use calendars::Calendars;
pub use chrono::NaiveDate as CivilDate;
pub use days::{Calendar, DayOff};
pub use holidays::{BankHolidays, BankHolidaysError, Division};
pub use period::{Offset, Period, PeriodError, Unit};
pub use zone::{Instant, LocalTimeError, ZONE_DATA, Zone, ZoneError};
