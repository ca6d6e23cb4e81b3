//! The table that is printed, a row at a time, so that a run broken off still says what it found.

#![allow(dead_code, reason = "the other engines are measured by a package of their own, which uses a part")]

pub fn heading() {
    println!("| what | found | bar | met? |");
    println!("|---|---|---|---|");
}

/// A figure that no bar is set for.
pub fn plain(what: &str, found: &str) {
    println!("| {what} | {found} | | |");
}

/// `value` should be `bar` or more.
pub fn at_least(what: &str, found: &str, value: f64, bar: f64, unit: &str) {
    judged(what, found, &format!("≥ {}{unit}", short(bar)), value >= bar);
}

/// `value` should be more than `bar`.
pub fn more_than(what: &str, found: &str, value: f64, bar: f64, unit: &str) {
    judged(what, found, &format!("> {}{unit}", short(bar)), value > bar);
}

/// `value` should be `bar` or less.
pub fn at_most(what: &str, found: &str, value: f64, bar: f64, unit: &str) {
    judged(what, found, &format!("≤ {}{unit}", short(bar)), value <= bar);
}

fn judged(what: &str, found: &str, bar: &str, met: bool) {
    println!("| {what} | {found} | {bar} | {} |", if met { "yes" } else { "no" });
}

/// A whole number with commas, as in 12,345.
pub fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

fn short(number: f64) -> String {
    if number < 1_000.0 { number.to_string() } else { whole(number) }
}
