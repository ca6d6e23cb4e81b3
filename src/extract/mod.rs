//! What a case management system's CSV extract says, and which events it makes.
//!
//! [`read_map`] reads the TOML that says which column means what; [`prepare`] lays rows, map and the cases
//! recorded so far side by side and gives the events to append: new ones, corrections, retractions.
//! An event's id comes of its source, type, case and key, never of its content, so that the next extract
//! finds it again.
//!
//! Invariants: pure; a cell that no column of the map names is never looked at and never shown; the same
//! extract a second time makes no event.

mod archive;
mod cell;
mod changes;
mod check;
mod dates;
mod fault;
mod identity;
mod map;
mod notation;
mod read;
mod statements;
mod table;

pub use changes::{Change, ChangeKind, Prepared};
pub use dates::{DateForm, DateForms};
pub use fault::{ExtractError, RowFault};
pub use map::{CellForm, EventMap, ExtractMap, FieldMap, FieldSource};
pub use read::read_map;
pub use table::as_text;

use crate::calendar::{Instant, Zone};
use crate::case::Cases;

/// What an extract is read against.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// What the extract is called, such as its file's name: the reason of a correction names it.
    pub name: &'a str,
    /// The cases recorded so far.
    pub cases: &'a Cases,
    /// The zone of the local times in it.
    pub zone: Zone,
    /// The time: corrections and retractions happen now.
    pub now: Instant,
}

/// What the extract `csv` changes in the cases recorded so far.
///
/// # Errors
/// Every fault of every row.
pub fn prepare(map: &ExtractMap, csv: &[u8], setting: &Setting<'_>) -> Result<Prepared, Vec<RowFault>> {
    let table = table::read(csv, map)?;
    let archive = archive::Archive::of(setting, map);
    let statements = statements::read(&table, map, setting.zone, &archive)?;
    Ok(changes::compare(&statements, map, setting, &archive))
}

/// The same from the bytes of both files.
///
/// # Errors
/// Every finding in the map; where there is none, every fault of every row.
pub fn prepare_files(map: &[u8], csv: &[u8], setting: &Setting<'_>) -> Result<Prepared, ExtractError> {
    let map = read_map(map).map_err(ExtractError::Map)?;
    prepare(&map, csv, setting).map_err(ExtractError::Rows)
}
