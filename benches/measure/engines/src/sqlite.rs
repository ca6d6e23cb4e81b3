//! SQLite: one thread that has the database, a transaction an event.

use std::path::Path;
use std::sync::{Arc, mpsc};

use rusqlite::{Connection, params};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::{Engine, Stored, keys};

const TABLE: &str = "create table events (id text primary key, case_ref text not null, recorded text not null, \
                     body text not null); \
                     create index events_by_case on events (case_ref)";
const INSERT: &str = "insert into events (id, case_ref, recorded, body) values (?1, ?2, datetime('now'), ?3)";

/// An event, and who waits for it.
type Request = (Value, oneshot::Sender<()>);

pub struct Sqlite(mpsc::Sender<Request>);

impl Sqlite {
    pub fn start(dir: &Path) -> (String, Arc<dyn Engine>) {
        std::fs::create_dir(dir).expect("a directory");
        let database = Connection::open(dir.join("events.db")).expect("a database");
        let mode: String = database
            .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
            .expect("a journal mode");
        assert_eq!(mode, "wal", "the journal mode");
        database.pragma_update(None, "synchronous", "full").expect("synchronous");
        database.execute_batch(TABLE).expect("a table");
        let (requests, waiting) = mpsc::channel();
        std::thread::spawn(move || serve(&database, &waiting));
        (format!("SQLite {}", rusqlite::version()), Arc::new(Self(requests)))
    }
}

fn serve(database: &Connection, waiting: &mpsc::Receiver<Request>) {
    let mut insert = database.prepare(INSERT).expect("prepared");
    while let Ok((event, answer)) = waiting.recv() {
        let (id, case) = keys(&event);
        // A statement by itself is a transaction by itself.
        insert.execute(params![id, case, event.to_string()]).expect("stored");
        let _ = answer.send(());
    }
}

impl Engine for Sqlite {
    fn append(&self, _client: usize, event: Value) -> Stored<'_> {
        let (answer, answered) = oneshot::channel();
        self.0.send((event, answer)).expect("it listens");
        Box::pin(async move { answered.await.expect("it answers") })
    }
}
