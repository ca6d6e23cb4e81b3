//! Many clients at once against a daemon's socket: some append, some list what is due.

#![allow(dead_code, reason = "the bench uses all of this, the test a part")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use stepdown::daemon::Clock;
use tokio::time::{Interval, MissedTickBehavior, interval_at};

use super::support;

/// How many clients append, one event at a time.
pub const APPENDING: usize = 64;
/// How many clients list what is due.
pub const LISTING: usize = 16;
/// How many people hold a role in the cases; each of them in one case of so many.
pub const PEOPLE: usize = 100;
/// The events that each case has to begin with.
pub const EACH: usize = 24;

/// How often a client asks; it never asks twice at once.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long after the beginning of one append the next one begins, at the soonest.
    pub append: Duration,
    /// The same for a list.
    pub list: Duration,
}

impl Pace {
    /// As soon as there is an answer.
    pub const NONE: Self = Self { append: Duration::ZERO, list: Duration::ZERO };
    /// 640 events and 64 lists a second.
    pub const BUSY: Self = Self { append: Duration::from_millis(100), list: Duration::from_millis(250) };
}

/// How long the answers took, sorted.
#[derive(Debug, Default)]
pub struct Waits(Vec<Duration>);

/// What the clients found.
#[derive(Debug, Default)]
pub struct Found {
    pub appends: Waits,
    /// The lists of one professional over all cases.
    pub of_person: Waits,
    /// The lists of one case.
    pub of_case: Waits,
    /// The lists of everything.
    pub whole: Waits,
    /// Whatever was not answered as it should be.
    pub errors: Vec<String>,
}

impl Waits {
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Within which time so many of a thousand answers came, in milliseconds.
    pub fn within(&self, permille: usize) -> f64 {
        let place = self.0.len().saturating_sub(1) * permille / 1_000;
        self.0.get(place).map_or(0.0, |wait| wait.as_secs_f64() * 1_000.0)
    }

    fn add(&mut self, other: Self) {
        self.0.extend(other.0);
        self.0.sort_unstable();
    }
}

impl Found {
    fn add(&mut self, other: Self) {
        self.appends.add(other.appends);
        self.of_person.add(other.of_person);
        self.of_case.add(other.of_case);
        self.whole.add(other.whole);
        self.errors.extend(other.errors);
    }
}

/// The person who is the social worker of case number `case`.
pub fn worker(case: usize) -> String {
    format!("worker-{}", case % PEOPLE)
}

/// When the `n`-th event of case number `case` happened: the newest of those to begin with a few days ago, each one
/// four days before the next.
fn time(n: usize, case: usize) -> String {
    let hours = |number: usize| TimeDelta::hours(i64::try_from(number).expect("few"));
    let begun: DateTime<Utc> = Clock::System.now() - hours(100 * EACH);
    (begun + hours(96 * n + case % 90)).to_rfc3339()
}

/// The events that `cases` cases have to begin with, a line each.
pub fn history(cases: usize) -> String {
    let mut lines = String::new();
    for (n, case) in (0..EACH).flat_map(|n| (0..cases).map(move |case| (n, case))) {
        let mut event = support::event(case, n);
        event["time"] = time(n, case).into();
        if event["data"]["role"] == "child-social-worker" {
            event["data"]["person"] = worker(case).into();
        }
        lines += &event.to_string();
        lines.push('\n');
    }
    lines
}

/// How many events the daemon says that it holds.
pub async fn events(socket: &Path) -> usize {
    let http = Client::builder().unix_socket(socket.to_owned()).build().expect("a client");
    let answer = http.get("http://stepdown/v1/status").send().await.expect("an answer");
    let status: Value = answer.json().await.expect("JSON");
    usize::try_from(status["events"].as_u64().expect("a number")).expect("few")
}

/// Lets all clients ask for as long as `length`; the ids of what they append begin with `name`.
pub async fn run(socket: &Path, cases: usize, name: &'static str, pace: Pace, length: Duration) -> Found {
    let (end, appended) = (Instant::now() + length, Arc::new(AtomicU64::new(0)));
    let mut clients = Vec::new();
    for number in 0..APPENDING + LISTING {
        let (socket, appended) = (socket.to_owned(), Arc::clone(&appended));
        let client = One { socket, cases, name, pace, end, number, appended };
        clients.push(tokio::spawn(async move {
            if client.number < APPENDING { client.append().await } else { client.list().await }
        }));
    }
    let mut found = Found::default();
    for client in clients {
        found.add(client.await.expect("a client ends"));
    }
    found
}

struct One {
    socket: PathBuf,
    cases: usize,
    name: &'static str,
    pace: Pace,
    end: Instant,
    number: usize,
    appended: Arc<AtomicU64>,
}

impl One {
    /// With a connection of its own.
    fn http(&self) -> Client {
        let http = Client::builder().unix_socket(self.socket.clone()).timeout(Duration::from_secs(30));
        http.build().expect("a client")
    }

    /// The client's pace, where it keeps one; each client begins at another moment.
    fn beat(&self, pace: Duration) -> Option<Interval> {
        let places = u32::try_from(self.number % LISTING).expect("few");
        let begin = tokio::time::Instant::now() + pace * places / u32::try_from(LISTING).expect("few");
        let mut beat = (!pace.is_zero()).then(|| interval_at(begin, pace))?;
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Some(beat)
    }

    /// Waits until it is time to ask; says whether there is time left.
    async fn goes_on(&self, beat: &mut Option<Interval>) -> bool {
        if let Some(beat) = beat {
            beat.tick().await;
        }
        Instant::now() < self.end
    }

    async fn append(self) -> Found {
        let (http, mut found) = (self.http(), Found::default());
        let mut beat = self.beat(self.pace.append);
        while self.goes_on(&mut beat).await {
            let n = usize::try_from(self.appended.fetch_add(1, Ordering::Relaxed)).expect("few");
            let mut event = support::event(n % self.cases, 17 + n % 8);
            event["id"] = format!("{}-{n}", self.name).into();
            event["time"] = time(EACH, n).into();
            let request = http.post("http://stepdown/v1/events").json(&event);
            let right = |answer: &[u8]| answer.starts_with(br#"{"appended":1,"#);
            found.errors.extend(ask(request, right, &mut found.appends).await);
        }
        found
    }

    /// Three times what one professional has to do, then what is to be done in one case; and one of these clients
    /// once a second everything.
    async fn list(self) -> Found {
        let (http, mut found) = (self.http(), Found::default());
        let (mut n, mut whole_at) = (self.number, Instant::now());
        let mut beat = self.beat(self.pace.list);
        while self.goes_on(&mut beat).await {
            n += 1;
            let (query, waits) = if self.number == APPENDING && Instant::now() >= whole_at {
                whole_at = Instant::now() + Duration::from_secs(1);
                (String::new(), &mut found.whole)
            } else if n.is_multiple_of(4) {
                (format!("?case={}", support::reference(n * 7 % self.cases)), &mut found.of_case)
            } else {
                (format!("?person={}", worker(n * 7)), &mut found.of_person)
            };
            let request = http.get(format!("http://stepdown/v1/due{query}"));
            // Reading all of it would take more of the machine than making it does.
            let right = |answer: &[u8]| answer.starts_with(b"[{") && answer.ends_with(b"}]");
            found.errors.extend(ask(request, right, waits).await);
        }
        found
    }
}

/// Asks, and notes how long the whole answer took; gives what was wrong with it.
async fn ask(request: RequestBuilder, right: impl Fn(&[u8]) -> bool, waits: &mut Waits) -> Option<String> {
    let asked = Instant::now();
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return Some(format!("{error:?}")),
    };
    let status = answer.status();
    let text = match answer.bytes().await {
        Ok(text) => text,
        Err(error) => return Some(format!("{error:?}")),
    };
    waits.0.push(asked.elapsed());
    let as_it_should = status.is_success() && right(&text);
    (!as_it_should).then(|| format!("{status}: {}", String::from_utf8_lossy(&text)))
}
