//! PostgreSQL: a cluster of its own, as it comes, on a unix socket.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;
use tokio_postgres::types::Json;
use tokio_postgres::{Client, Config, NoTls, Statement};

use crate::rounds::WRITERS;
use crate::server::{Server, User, await_start};
use crate::{Engine, Stored, keys};

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
const SETTINGS: [&str; 5] = [
    "listen_addresses=",
    "synchronous_commit=on",
    "fsync=on",
    "wal_sync_method=fdatasync",
    "max_connections=100",
];
const TABLE: &str = "create table events (id text primary key, case_ref text not null, \
                     recorded timestamptz not null, body jsonb not null); \
                     create index events_by_case on events (case_ref)";
const INSERT: &str = "insert into events (id, case_ref, recorded, body) values ($1, $2, now(), $3)";

pub struct Postgres {
    sessions: Vec<(Client, Statement)>,
    _server: Server,
}

impl Postgres {
    pub async fn start(dir: &Path) -> Result<(String, Arc<dyn Engine>), String> {
        let programs = std::env::var_os("POSTGRES_BIN").map_or_else(|| PROGRAMS.into(), PathBuf::from);
        if !programs.join("initdb").exists() {
            return Err("PostgreSQL 15 is not installed (apt install postgresql-15)".to_owned());
        }
        let user = User::find(&["postgres", "nobody"]);
        let data = dir.join("data");
        User::directory(user, dir).map_err(|error| error.to_string())?;
        let mut initdb = Command::new(programs.join("initdb"));
        initdb.arg("-D").arg(&data).args(["-U", "bench", "--auth=trust", "--no-locale", "--encoding=UTF8"]);
        let made = User::runs(user, &mut initdb)
            .current_dir(dir)
            .stdout(Stdio::null())
            .status()
            .map_err(|error| error.to_string())?;
        if !made.success() {
            return Err(format!("initdb gave {made}"));
        }
        let mut postgres = Command::new(programs.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(dir).current_dir(dir);
        for setting in SETTINGS {
            postgres.args(["-c", setting]);
        }
        let mut server = Server::start(User::runs(user, &mut postgres)).map_err(|error| error.to_string())?;
        let first = await_start(&mut server, || connect(dir)).await?;
        let name = prepare(&first).await.map_err(|error| error.to_string())?;
        let mut sessions = Vec::new();
        for _ in 0..WRITERS {
            let session = connect(dir).await.ok_or("it takes no further session")?;
            let insert = session.prepare(INSERT).await.map_err(|error| error.to_string())?;
            sessions.push((session, insert));
        }
        Ok((name, Arc::new(Self { sessions, _server: server })))
    }
}

async fn connect(dir: &Path) -> Option<Client> {
    let mut config = Config::new();
    config.host_path(dir).user("bench").dbname("postgres");
    let (client, connection) = config.connect(NoTls).await.ok()?;
    tokio::spawn(connection);
    Some(client)
}

/// Makes the table; gives the name and version.
async fn prepare(client: &Client) -> Result<String, tokio_postgres::Error> {
    client.batch_execute(TABLE).await?;
    let version: String = client.query_one("show server_version", &[]).await?.get(0);
    let number = version.split(' ').next().unwrap_or_default();
    Ok(format!("PostgreSQL {number}"))
}

impl Engine for Postgres {
    fn append(&self, client: usize, event: Value) -> Stored<'_> {
        let (session, insert) = &self.sessions[client];
        Box::pin(async move {
            let (id, case) = keys(&event);
            let stored = session.execute(insert, &[&id, &case, &Json(&event)]).await.expect("stored");
            assert_eq!(stored, 1, "one row");
        })
    }
}
