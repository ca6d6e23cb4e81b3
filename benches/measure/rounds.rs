//! Rounds of a closed loop: many writers, each of which waits for its answer before it goes on.

#![allow(dead_code, reason = "the other engines are measured by a package of their own, which uses a part")]

use std::str::FromStr;
use std::time::{Duration, Instant};

pub const WRITERS: usize = 64;
/// Over which the appended events are spread.
pub const CASES: usize = 2_000;

/// How much is measured: `ROUNDS` rounds of `ROUND_MS` milliseconds, by the environment.
#[derive(Debug, Clone, Copy)]
pub struct Rounds {
    pub count: usize,
    pub length: Duration,
}

impl Rounds {
    pub fn from_env() -> Self {
        let length = Duration::from_millis(number("ROUND_MS").unwrap_or(2_000));
        Self { count: number("ROUNDS").unwrap_or(7).max(1), length }
    }
}

/// A number that the environment gives.
pub fn number<N: FromStr>(name: &str) -> Option<N> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().ok().unwrap_or_else(|| panic!("{name} is a number, not \"{text}\"")))
}

pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    f64::midpoint(figures[(figures.len() - 1) / 2], figures[figures.len() / 2])
}

/// What one system did in its rounds.
#[derive(Debug, Default)]
pub struct Found {
    /// Answers per second, of each round.
    pub rates: Vec<f64>,
    waits: Vec<Duration>,
}

impl Found {
    pub fn add(&mut self, round: Round) {
        self.rates.push(round.rate);
        self.waits.extend(round.waits);
    }

    pub fn rate(&self) -> f64 {
        median(self.rates.clone())
    }

    /// The median over the rounds of how this one stands to `other`.
    pub fn ratio(&self, other: &Self) -> f64 {
        median(self.rates.iter().zip(&other.rates).map(|(this, other)| this / other).collect())
    }

    /// Over all rounds.
    pub fn waits(&mut self) -> Waits {
        self.waits.sort_unstable();
        let at = |permille| milliseconds(self.waits[(self.waits.len() - 1) * permille / 1_000]);
        Waits { half: at(500), most: at(990), worst: at(1_000) }
    }
}

/// How long an answer took, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// Of each two, one was as quick …
    pub half: f64,
    /// … of each hundred, ninety-nine …
    pub most: f64,
    /// … and all.
    pub worst: f64,
}

impl std::fmt::Display for Waits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} / {:.2} / {:.2} ms", self.half, self.most, self.worst)
    }
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// One round of one system.
pub struct Round {
    rate: f64,
    waits: Vec<Duration>,
}

/// Lets `WRITERS` tasks append for as long as a round is; `append` gets the writer and a number of its own.
pub async fn round<F: Future<Output = ()> + Send>(
    rounds: Rounds,
    append: impl Fn(usize, usize) -> F + Clone + Send + 'static,
) -> Round {
    let start = Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let append = append.clone();
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while start.elapsed() < rounds.length {
                    let asked = Instant::now();
                    append(writer, waits.len()).await;
                    waits.push(asked.elapsed());
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::new();
    for writer in writers {
        waits.extend(writer.await.expect("it ends"));
    }
    let answers = u32::try_from(waits.len()).expect("fewer than four thousand million");
    Round { rate: f64::from(answers) / start.elapsed().as_secs_f64(), waits }
}
