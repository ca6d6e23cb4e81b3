//! stepdown beside other engines that keep events: each takes the same events, one a commit, from as many clients.
//!
//! Started by `cargo bench --bench measure engines`, whose table its rows belong to; the argument is the directory
//! for everybody's data. stepdown and SQLite are in the process of the clients, the others are reached as they are
//! meant to be: `PostgreSQL` by its unix socket, NATS by the loopback.

mod nats;
mod postgres;
mod server;
mod sqlite;

#[path = "../../rounds.rs"]
mod rounds;
#[path = "../../../support/mod.rs"]
mod support;
#[path = "../../table.rs"]
mod table;
#[path = "../../whole.rs"]
mod whole;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use rounds::{CASES, Found, Round, Rounds, WRITERS, round};
use serde_json::Value;
use whole::Whole;

/// As stepdown itself: the door that its events come in by is in this process, too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What an append waits for: the event is on the disk.
type Stored<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// What keeps events.
trait Engine: Send + Sync {
    /// Stores `event` for the client of this number.
    fn append(&self, client: usize, event: Value) -> Stored<'_>;
}

impl Engine for Whole {
    fn append(&self, _client: usize, event: Value) -> Stored<'_> {
        Box::pin(Self::append(self, event))
    }
}

/// An engine beside stepdown, and how many times its rate stepdown should have.
struct Other {
    name: String,
    bar: f64,
    engine: Arc<dyn Engine>,
    found: Found,
    ours: Found,
}

#[tokio::main]
async fn main() {
    let parent = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::tempdir_in(parent).expect("a directory");
    // Servers run as users of their own, who have to get to their part of it.
    std::fs::set_permissions(dir.path(), Permissions::from_mode(0o711)).expect("permissions");
    let others = others(dir.path()).await;
    if others.is_empty() {
        return;
    }
    let whole: Arc<dyn Engine> = Arc::new(Whole::start(&dir.path().join("stepdown")).await);
    measure(&whole, others).await;
}

/// Those that are there; of each other, a row says what is missing.
async fn others(dir: &Path) -> Vec<Other> {
    let mut others = Vec::new();
    let mut add = |what: &str, bar, started: Result<(String, Arc<dyn Engine>), String>| match started {
        Ok((name, engine)) => {
            others.push(Other { name, bar, engine, found: Found::default(), ours: Found::default() });
        }
        Err(why) => table::plain(&format!("beside {what}"), &format!("skipped: {why}")),
    };
    add("PostgreSQL", 8.0, postgres::Postgres::start(&dir.join("postgres")).await);
    add("SQLite", 1.0, Ok(sqlite::Sqlite::start(&dir.join("sqlite"))));
    add("NATS JetStream", 12.0, nats::Nats::start(&dir.join("nats")).await);
    others
}

async fn measure(whole: &Arc<dyn Engine>, mut others: Vec<Other>) {
    let rounds = Rounds::from_env();
    let events: Arc<Vec<_>> = Arc::new((0..CASES).map(|case| support::event(case, 24)).collect());
    for number in 0..=rounds.count {
        for (place, other) in others.iter_mut().enumerate() {
            // stepdown takes its turn before each other, so that either had the same machine.
            let ours = turn(rounds, whole, &events, format!("{number}-{place}")).await;
            let theirs = turn(rounds, &other.engine, &events, format!("{number}")).await;
            // The first round warms up and is not counted.
            if number > 0 {
                other.ours.add(ours);
                other.found.add(theirs);
            }
        }
    }
    for Other { name, bar, mut found, mut ours, .. } in others {
        let ratio = ours.ratio(&found);
        let rates = format!("{}/s beside {}/s", table::whole(ours.rate()), table::whole(found.rate()));
        let what = format!("durable append, {WRITERS} clients, an event a commit, in process, beside {name}");
        let met = if bar > 1.0 { table::at_least } else { table::more_than };
        met(&what, &format!("{rates}: {ratio:.1} ×"), ratio, bar, " ×");
        table::plain(
            "… half / 99 % / all answers within",
            &format!("{} beside {}", ours.waits(), found.waits()),
        );
    }
}

async fn turn(rounds: Rounds, engine: &Arc<dyn Engine>, events: &Arc<Vec<Value>>, name: String) -> Round {
    let (engine, events) = (Arc::clone(engine), Arc::clone(events));
    round(rounds, move |client, n| {
        let (engine, events) = (Arc::clone(&engine), Arc::clone(&events));
        let id = format!("{name}-{client}-{n}");
        async move {
            let mut event = events[(client + n * WRITERS) % CASES].clone();
            event["id"] = id.into();
            engine.append(client, event).await;
        }
    })
    .await
}

/// The texts that other engines keep beside the event itself: its id and its case.
fn keys(event: &Value) -> (&str, &str) {
    let text = |name: &str| event[name].as_str().expect("a text");
    (text("id"), text("subject"))
}
