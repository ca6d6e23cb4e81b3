//! Simulated years: random cases, downtime, clock steps, holds and a fickle relay, across clock changes and
//! holidays. Every step that should be told is told once, on the right local day; nothing goes on a day off
//! but what is urgent.
//!
//! A hundred years a run; `YEARS=500 cargo test --release --test years` is the long form.

#[path = "../support/mod.rs"]
mod support;

mod expected;
mod year;

use std::sync::atomic::{AtomicU64, Ordering};

use year::Year;

/// What went on over all years, so that the test is seen to have tested something.
#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    messages: usize,
    items: usize,
    checked: usize,
    holds: usize,
    restarts: usize,
    late: usize,
}

#[test]
fn every_step_is_told_once_on_its_day_through_downtime_clock_steps_and_a_fickle_relay() {
    let years: u64 = std::env::var("YEARS").map_or(100, |years| years.parse().expect("a number"));
    let first: u64 = std::env::var("FIRST_YEAR").map_or(0, |seed| seed.parse().expect("a number"));
    let next = AtomicU64::new(first);
    let sums: Vec<Sums> = std::thread::scope(|scope| {
        let run = || {
            let mut sums = Sums::default();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= first + years {
                    return sums;
                }
                Year::new(seed).run(&mut sums);
            }
        };
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no year fails")).collect()
    });
    let total = |of: fn(&Sums) -> usize| sums.iter().map(of).sum::<usize>();
    let years = usize::try_from(years).expect("few");
    eprintln!("{years} years: {sums:?}");
    assert!(total(|sums| sums.messages) > 50 * years, "{sums:?}");
    assert!(total(|sums| sums.checked) > 500 * years, "{sums:?}");
    assert!(years < 20 || total(|sums| sums.holds) > 0 && total(|sums| sums.restarts) > years, "{sums:?}");
    assert!(years < 20 || total(|sums| sums.late) > 0, "{sums:?}");
}
