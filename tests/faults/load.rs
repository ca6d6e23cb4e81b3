//! Events that are appended through the socket, and what was acknowledged of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::ops::Range;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::stand::{Found, LIMIT, Stand};

/// Event number `k` of a case: it is opened, then visited.
pub fn event(case: &str, k: usize) -> Value {
    let (kind, data) = match k {
        0 => ("case-opened", json!({"programme": "lancashire-step-down"})),
        _ => ("visit-made", json!({"by": "child-social-worker"})),
    };
    json!({"specversion": "1.0", "id": format!("{case}-e{k}"), "source": "/faults", "type": kind,
           "subject": case, "time": "2025-02-01T10:00:00Z", "data": data})
}

/// The first `events` events of a case, one a line.
pub fn lines(case: &str, events: usize) -> String {
    (0..events).map(|k| event(case, k).to_string() + "\n").collect()
}

/// What was acknowledged: the id of each event, and its place in the log.
#[derive(Default)]
pub struct Acknowledged(Mutex<BTreeMap<String, usize>>);

impl Acknowledged {
    pub fn len(&self) -> usize {
        self.0.lock().expect("unpoisoned").len()
    }

    /// The place of the last one; 0 where there is none.
    pub fn last(&self) -> usize {
        self.0.lock().expect("unpoisoned").values().max().copied().unwrap_or_default()
    }

    /// Notes the events of one request, the last of which has this place.
    fn note(&self, ids: Vec<String>, last: usize) {
        let first = last + 1 - ids.len();
        self.0.lock().expect("unpoisoned").extend(ids.into_iter().zip(first..));
    }

    /// Notes the events of a case that came by an import into an empty log, after its first facts.
    pub fn note_case(&self, case: &str, events: usize, log: &str) {
        let first = format!("\"id\":\"{case}-e0\"");
        let place = log.lines().position(|line| line.contains(&first)).expect("the import");
        self.note((0..events).map(|k| format!("{case}-e{k}")).collect(), place + events);
    }

    /// The events that are not in their place in `log`.
    pub fn lost(&self, log: &str) -> Vec<String> {
        let lines: Vec<_> = log.lines().collect();
        let acknowledged = self.0.lock().expect("unpoisoned");
        let is_there = |id: &str, place: usize| {
            lines.get(place - 1).is_some_and(|line| line.contains(&format!("\"id\":\"{id}\"")))
        };
        let lost = acknowledged.iter().filter(|(id, place)| !is_there(id, **place));
        lost.map(|(id, place)| format!("{id} at {place}")).collect()
    }
}

/// What is out of order in a log: an id that comes twice, a hole in a case, a request taken by halves.
pub fn disorder(log: &str) -> Option<String> {
    let (mut ids, mut cases) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    for line in log.lines() {
        let event: Value = match serde_json::from_str(line) {
            Ok(event) => event,
            Err(error) => return Some(format!("a line that is no JSON: {error}: {line}")),
        };
        let id = event["id"].as_str().unwrap_or_default().to_owned();
        // What stepdown itself records has ids of another kind.
        if let Some((case, k)) = id.rsplit_once("-e").filter(|_| id.starts_with("SD-")) {
            let next = cases.entry(case.to_owned()).or_default();
            if k.parse() != Ok(*next) {
                return Some(format!("{id} comes where {case}-e{next} should"));
            }
            *next += 1;
        }
        if !ids.insert(id.clone()) {
            return Some(format!("{id} comes twice"));
        }
    }
    let halved = cases.iter().find(|(case, events)| **events % size_of_requests(case) != 0);
    halved.map(|(case, events)| format!("a request of case {case} was taken by halves: {events} events"))
}

/// Imports the first `events` events of case SD-2 into an empty log, in one go.
pub fn import(stand: &Stand, events: usize, to: &Acknowledged) {
    fs::write(stand.home.join("import.jsonl"), lines("SD-2", events)).expect("a file");
    let ran = stand.run(&["import", "import.jsonl"]);
    assert!(ran.is_ok(), "{ran:?}");
    let Found::Log(log) = stand.export() else { panic!("the import made no log") };
    to.note_case("SD-2", events, &log);
}

/// How many events come in one request: a case whose number is odd has five.
fn size_of_requests(case: &str) -> usize {
    let is_odd = case.bytes().last().is_some_and(|digit| digit % 2 == 1);
    if is_odd { 5 } else { 1 }
}

/// A connection to the daemon that is kept open.
pub struct Line(BufReader<UnixStream>);

impl Line {
    pub fn to(socket: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(LIMIT))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends events and gives the status with the body of the answer.
    pub fn post(&mut self, kind: &str, body: &str) -> io::Result<(u16, String)> {
        let mut request = String::from("POST /v1/events HTTP/1.1\r\nhost: stepdown\r\n");
        let _ = write!(request, "content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        self.0.get_mut().write_all(request.as_bytes())?;
        let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(cut)?;
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            if self.0.read_line(&mut line)? == 0 {
                return Err(cut());
            }
            let header = line.to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(|_| cut())?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    /// Appends the `events` events of a case that come next. Whether they were acknowledged.
    pub fn append(&mut self, case: &str, from: usize, events: usize, to: &Acknowledged) -> io::Result<bool> {
        let all: Vec<_> = (from..from + events).map(|k| event(case, k)).collect();
        let kind = "application/cloudevents-batch+json";
        self.note(kind, &Value::from(all).to_string(), case, from..from + events, to)
    }

    /// Appends the first `events` events of a case, as an import through the daemon does.
    pub fn import(&mut self, case: &str, events: usize, to: &Acknowledged) -> io::Result<bool> {
        self.note("application/x-ndjson", &lines(case, events), case, 0..events, to)
    }

    fn note(
        &mut self,
        kind: &str,
        body: &str,
        case: &str,
        events: Range<usize>,
        to: &Acknowledged,
    ) -> io::Result<bool> {
        let (status, answer) = self.post(kind, body)?;
        if status != 200 {
            return Ok(false);
        }
        let receipt: Value = serde_json::from_str(&answer)?;
        let last = receipt["sequence"].as_u64().and_then(|last| usize::try_from(last).ok());
        to.note(events.map(|k| format!("{case}-e{k}")).collect(), last.expect("a sequence"));
        Ok(true)
    }
}

/// Appends to a case of its own, one request after the other, until `stop`, or until the daemon is gone.
pub fn write(socket: &Path, case: &str, stop: &AtomicBool, to: &Acknowledged) {
    let size = size_of_requests(case);
    let mut line = loop {
        match Line::to(socket) {
            Ok(line) => break line,
            Err(_) if stop.load(Ordering::Relaxed) => return,
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let mut next = 0;
    while !stop.load(Ordering::Relaxed) {
        match line.append(case, next, size, to) {
            Ok(true) => next += size,
            Ok(false) | Err(_) => return,
        }
    }
}

/// So many events at once are moved out of the journal at once, which is work of another kind.
const LARGE: usize = 10_000;

/// Four writers at once while `meanwhile` runs; they end with it, or with the daemon. Now and then a fifth one
/// sends a large import.
pub fn under_load(socket: &Path, run: usize, to: &Acknowledged, meanwhile: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        if run.is_multiple_of(4) {
            scope.spawn(|| {
                // What is not acknowledged was not promised.
                let _ = Line::to(socket).and_then(|mut line| line.import(&format!("SD-{run}8"), LARGE, to));
            });
        }
        for writer in 0..4 {
            let (case, stop) = (format!("SD-{run}{writer}"), &stop);
            scope.spawn(move || write(socket, &case, stop, to));
        }
        meanwhile();
        stop.store(true, Ordering::Relaxed);
    });
}
