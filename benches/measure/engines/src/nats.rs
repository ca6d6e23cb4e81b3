//! NATS JetStream: one stream in files, every message synced before its answer.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use async_nats::HeaderMap;
use async_nats::jetstream::{self, Context, stream};
use serde_json::Value;

use crate::rounds::WRITERS;
use crate::server::{Server, User, await_start};
use crate::{Engine, Stored, keys};

/// The first version that knows of `sync_interval: always`.
const LEAST: (u32, u32) = (2, 10);
const LATER: &str = "2.10 or later is needed (sh benches/measure/engines/fetch-nats)";

pub struct Nats {
    clients: Vec<Context>,
    _server: Server,
}

impl Nats {
    pub async fn start(dir: &Path) -> Result<(String, Arc<dyn Engine>), String> {
        let (program, version) = program()?;
        let user = User::find(&["nats", "nobody"]);
        User::directory(user, dir).map_err(|error| error.to_string())?;
        let port = free_port().map_err(|error| error.to_string())?;
        let config = dir.join("nats.conf");
        let text = format!(
            "listen: \"127.0.0.1:{port}\"\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n",
            dir.display()
        );
        std::fs::write(&config, text).map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.arg("-c").arg(&config).current_dir(dir);
        let mut server = Server::start(User::runs(user, &mut command)).map_err(|error| error.to_string())?;
        let first = await_start(&mut server, || connect(port)).await?;
        let stream = stream::Config {
            name: "events".to_owned(),
            // What NATS has for an index by case: a subject for each.
            subjects: vec!["case.*".to_owned()],
            storage: stream::StorageType::File,
            ..stream::Config::default()
        };
        first.create_stream(stream).await.map_err(|error| error.to_string())?;
        let mut clients = Vec::new();
        for _ in 0..WRITERS {
            clients.push(connect(port).await.ok_or("it takes no further client")?);
        }
        Ok((format!("NATS JetStream {version}"), Arc::new(Self { clients, _server: server })))
    }
}

/// The server that is new enough: the one named by `NATS_SERVER`, the one that `fetch-nats` got, or the
/// one of the path.
fn program() -> Result<(PathBuf, String), String> {
    let named = std::env::var_os("NATS_SERVER").map(PathBuf::from);
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target/tools/nats-server");
    let places = named.into_iter().chain([tools, "nats-server".into()]);
    let mut too_old = None;
    for program in places {
        let Ok(output) = Command::new(&program).arg("--version").output() else { continue };
        // As in: nats-server: v2.10.27
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.trim().rsplit('v').next().unwrap_or_default().to_owned();
        let mut numbers = version.split('.').map_while(|number| number.parse().ok());
        match numbers.next().zip(numbers.next()) {
            Some(found) if found >= LEAST => return Ok((program, version)),
            _ => too_old = Some(version),
        }
    }
    Err(match too_old {
        Some(version) => format!("nats-server {version} cannot sync each message, {LATER}"),
        None => format!("nats-server is not installed, {LATER}"),
    })
}

/// A port that nobody listens at now.
fn free_port() -> std::io::Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr().map(|address| address.port())
}

async fn connect(port: u16) -> Option<Context> {
    async_nats::connect(format!("127.0.0.1:{port}")).await.ok().map(jetstream::new)
}

impl Engine for Nats {
    fn append(&self, client: usize, event: Value) -> Stored<'_> {
        let client = &self.clients[client];
        Box::pin(async move {
            let (id, case) = keys(&event);
            let mut headers = HeaderMap::new();
            // What NATS has for a unique id: a second one within two minutes is not stored.
            headers.insert("Nats-Msg-Id", id);
            let publish =
                client.publish_with_headers(format!("case.{case}"), headers, event.to_string().into());
            let stored = publish.await.expect("sent").await.expect("stored");
            assert!(!stored.duplicate, "stored anew");
        })
    }
}
