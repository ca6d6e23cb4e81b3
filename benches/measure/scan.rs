//! How this measure reaches into the log: all that has to follow when the log is stored in another way.

use std::path::Path;

use stepdown::daemon::Records;
use stepdown::log::{Log, LogReader, Stored};

/// Opens the log and gives `each` of its entries, verified and opened, in order.
pub fn whole(data: &Path, mut each: impl FnMut(Stored)) {
    let log = open(data);
    log.reader().replay(&mut each).expect("a sound log");
}

/// Opens the log, verifies and opens all of it, and applies every entry.
pub fn records(data: &Path) -> Records {
    let log = open(data);
    Records::replay(log.reader(), log.head().sequence, |_, _| {}).expect("a sound log")
}

/// The log, for its groups as they are stored and what opens them.
pub fn open(data: &Path) -> Log {
    Log::open_existing(data, &data.join("wrapping-key"), "a bench").expect("a log")
}

/// Verifies and opens a group as it is stored: the very work of the log.
pub fn group(reader: &LogReader, key: &[u8], value: &[u8]) -> Vec<Stored> {
    reader.read_group(key, value).expect("a sound group")
}
