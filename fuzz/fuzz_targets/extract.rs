//! A map and a CSV extract, parted by a line of dashes: events, or faults; never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stepdown::case::Cases;
use stepdown::extract::{Setting, prepare_files};

fuzz_target!(|data: &[u8]| {
    let parted = data.windows(5).position(|window| window == b"\n---\n");
    let (map, csv) = parted.map_or((data, &b""[..]), |at| (&data[..at], &data[at + 5..]));
    let cases = Cases::default();
    let zone = "Europe/London".parse().expect("a zone");
    let now = "2026-11-02T09:00:00Z".parse().expect("an instant");
    let _ = prepare_files(map, csv, &Setting { name: "extract.csv", cases: &cases, zone, now });
});
