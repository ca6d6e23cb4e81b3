//! How much is tried, with which luck, by how many at a time, and what came of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Whether the long form was asked for.
pub fn is_full() -> bool {
    std::env::var("FAULTS").is_ok_and(|form| form == "full")
}

/// How often something is tried in the form that was asked for.
pub fn times(short: usize, full: usize) -> usize {
    if is_full() { full } else { short }
}

/// A line on stderr, which the test harness does not swallow.
pub fn say(line: &str) {
    // Nobody to hear it is no fault.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Numbers that look random and come again with the same seed (`SplitMix64`).
pub struct Luck(u64);

impl Luck {
    /// The luck of one try, whatever is tried beside it.
    pub fn of(seed: u64, number: usize) -> Self {
        let mut luck = Self(seed ^ (number as u64).wrapping_mul(0xd134_2543_de82_ef95));
        luck.next();
        luck
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// From 0 to 1.
    pub fn fraction(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).expect("32 bits")) / f64::from(u32::MAX)
    }

    /// Whether one in `n` comes up.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let place = self.below(from.len() as u64);
        &from[usize::try_from(place).expect("an index")]
    }
}

/// One campaign at a time: each uses all the cores there are.
static TURN: Mutex<()> = Mutex::new(());

/// What came of a campaign.
pub struct Tally {
    name: &'static str,
    pub seed: u64,
    since: Instant,
    counts: Mutex<BTreeMap<&'static str, usize>>,
    wrong: Mutex<Vec<String>>,
    _turn: MutexGuard<'static, ()>,
}

impl Tally {
    pub fn of(name: &'static str) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let given = std::env::var("FAULTS_SEED").ok().map(|seed| seed.parse().expect("a number"));
        // The short form is the same every time; the long one looks elsewhere each time.
        let chosen = if is_full() { RandomState::new().hash_one(name) >> 32 } else { 1 };
        Self {
            name,
            seed: given.unwrap_or(chosen),
            since: Instant::now(),
            counts: Mutex::default(),
            wrong: Mutex::default(),
            _turn: turn,
        }
    }

    pub fn count(&self, what: &'static str, by: usize) {
        *self.counts.lock().expect("unpoisoned").entry(what).or_default() += by;
    }

    pub fn counted(&self, what: &str) -> usize {
        self.counts.lock().expect("unpoisoned").get(what).copied().unwrap_or_default()
    }

    pub fn wrong(&self, what: String) {
        self.wrong.lock().expect("unpoisoned").push(what);
    }

    /// Tries `tries` times, on two cores.
    pub fn each(&self, tries: usize, run: impl Fn(usize, Luck) + Sync) {
        let next = AtomicUsize::new(0);
        let lane = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= tries {
                    return;
                }
                run(number, Luck::of(self.seed, number));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(lane);
            }
        });
    }

    /// Says what came of it, and fails if anything was wrong.
    pub fn close(self) {
        let wrong = self.wrong.into_inner().expect("unpoisoned");
        let mut line = format!("faults: {}:", self.name);
        for (what, count) in self.counts.into_inner().expect("unpoisoned") {
            let _ = write!(line, " {count} {what},");
        }
        let _ = write!(line, " {} wrong (seed {}, {:.0?})", wrong.len(), self.seed, self.since.elapsed());
        say(&line);
        let told = format!("{} wrong, FAULTS_SEED={}:\n{}", wrong.len(), self.seed, wrong.join("\n"));
        assert!(wrong.is_empty(), "{}: {told}", self.name);
    }
}
