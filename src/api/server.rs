//! The server's side of the socket.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;
use tokio::net::UnixListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::answer;
use super::case_routes;
use super::desk::{Desk, Refusal, aside};
use super::explain::RuleExplained;
use super::mend::{MendRequest, Mending};
use super::reload::{ReloadBody, Reloaded, is_meant, reload};
use super::wire::{AppendReceipt, DueQuery};
use super::{backup_routes, erase_routes, extract, mail_routes, replay_routes, verify_routes};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, EventNumber, Interner, OccurrenceName, RuleId};
use crate::daemon::{AppendRequest, Handle};
use crate::log::{LogReader, Stored};

/// Why the socket cannot be served.
#[derive(Debug, Error)]
#[error("the socket {path} cannot be served: {error}")]
pub struct ServeError {
    path: PathBuf,
    error: io::Error,
}

/// One JSON object a line.
pub(super) const LINES: &str = "application/x-ndjson";

/// Listens on the socket at `path`. The caller holds the lock of the data directory, so that a socket
/// left there belongs to nobody.
///
/// # Errors
/// When the socket cannot be made: a path above 107 bytes is the usual cause.
pub fn listen(path: &Path) -> Result<UnixListener, ServeError> {
    let fault = |error| ServeError { path: path.to_owned(), error };
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fault(error)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(fault)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(fault)?;
    Ok(listener)
}

/// Serves the API on `listener` until `shutdown` resolves.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: UnixListener,
    handle: Handle,
    reader: LogReader,
    data: PathBuf,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let path = data.clone();
    let router = Router::new()
        .route("/v1/events", get(export).post(append))
        .route("/v1/extract", post(extract::import))
        .route("/v1/due", get(due))
        .route("/v1/explain", get(explain))
        .route("/v1/explain/rule", get(explain_rule))
        .route("/v1/mend", post(mend))
        .route("/v1/cases", get(case_routes::cases))
        .route("/v1/cases/{case}", get(case_routes::case))
        .route("/v1/cases/{case}/erase", post(erase_routes::erase))
        .route("/v1/keys", get(erase_routes::keys))
        .route("/v1/keys/rotate", post(erase_routes::rotate))
        .route("/v1/status", get(status))
        .route("/v1/reload", post(take_anew))
        .route("/v1/replay", get(replay_routes::replayed).post(replay_routes::compared))
        .route("/v1/verify", get(verify_routes::verified))
        .route("/v1/checkpoint", get(verify_routes::signed))
        .route("/v1/backup", get(backup_routes::backup))
        .route("/v1/reminders/plan", get(mail_routes::plan))
        .route("/v1/reminders/sent", get(mail_routes::sent))
        .route("/v1/reminders/preview", get(mail_routes::preview))
        .route("/v1/simulate", post(mail_routes::simulate))
        .route("/v1/mail/test", post(mail_routes::test))
        .route("/v1/mail/hold", post(mail_routes::hold))
        .route("/v1/mail/release", post(mail_routes::release))
        .route("/v1/silences", get(mail_routes::silences).post(mail_routes::silence))
        .route("/v1/silences/{id}/end", post(mail_routes::end_silence))
        // A history of years comes in one request, all or nothing.
        .layer(DefaultBodyLimit::disable())
        .with_state(Desk { handle, reader, data });
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await
        .map_err(|error| ServeError { path, error })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppendQuery {
    expected_version: Option<EventNumber>,
    #[serde(default)]
    keep_recorded_time: bool,
    #[serde(default)]
    dry_run: bool,
}

/// One event as an object, several as an array (`application/cloudevents-batch+json`), or one a line
/// (`application/x-ndjson`).
async fn append(
    State(desk): State<Desk>,
    Query(query): Query<AppendQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<AppendReceipt>, Refusal> {
    let lines = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == LINES);
    let read = move || {
        if lines {
            return Ok(AppendRequest::from_lines(&body));
        }
        Ok(AppendRequest::new(match serde_json::from_slice(&body)? {
            Value::Array(events) => events,
            event => vec![event],
        }))
    };
    let not_json = |error: serde_json::Error| {
        Refusal::new(StatusCode::BAD_REQUEST, &format!("the body is not JSON: {error}"))
    };
    let AppendQuery { expected_version, keep_recorded_time, dry_run } = query;
    let request = aside(read).await?.map_err(not_json)?;
    let request =
        request.expecting(expected_version).keeping_recorded_time(keep_recorded_time).rehearsing(dry_run);
    let receipt = desk.handle.append(request).await.ok_or_else(Refusal::stopping)??;
    Ok(Json(receipt.into()))
}

async fn due(State(desk): State<Desk>, Query(query): Query<DueQuery>) -> Result<Response, Refusal> {
    let (snapshot, now) = desk.at_hand();
    // What can be refused is refused before the first byte of a list is on its way.
    snapshot.answers(now).can_answer(&query)?;
    Ok(stream("application/json", move |mut chunks| {
        chunks.write(b"[");
        let mut first = true;
        let answered = snapshot.answers(now).due_by_case(&query, |rows| {
            for row in rows {
                chunks.write(if std::mem::take(&mut first) { b"" } else { b"," });
                chunks.write(&serde_json::to_vec(&row).unwrap_or_default());
            }
        });
        match answered {
            Ok(()) => chunks.write(b"]"),
            Err(error) => chunks.fail(io::Error::other(error.to_string())),
        }
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExplainQuery {
    occurrence: String,
    on: Option<CivilDate>,
    known_at: Option<Instant>,
}

async fn explain(State(desk): State<Desk>, Query(query): Query<ExplainQuery>) -> Result<Response, Refusal> {
    let name: OccurrenceName =
        query.occurrence.parse().map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, &error))?;
    let (snapshot, now) = desk.at_hand();
    let explanation = snapshot.answers(now).explain(&name, query.on, query.known_at)?;
    Ok(Json(explanation).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleQuery {
    case: CaseRef,
    rule: RuleId,
    on: Option<CivilDate>,
    known_at: Option<Instant>,
}

async fn explain_rule(
    State(desk): State<Desk>,
    Query(query): Query<RuleQuery>,
) -> Result<Json<RuleExplained>, Refusal> {
    let RuleQuery { case, rule, on, known_at } = query;
    let (snapshot, now) = desk.at_hand();
    Ok(Json(snapshot.answers(now).explain_rule(&case, &rule, on, known_at)?))
}

async fn mend(State(desk): State<Desk>, Json(request): Json<MendRequest>) -> Result<Json<Mending>, Refusal> {
    let (snapshot, now) = desk.at_hand();
    Ok(Json(snapshot.answers(now).mend(&request)?))
}

async fn take_anew(
    State(desk): State<Desk>,
    Json(ReloadBody { config }): Json<ReloadBody>,
) -> Result<Json<Reloaded>, Refusal> {
    let source = desk.handle.source.clone();
    is_meant(&source, config.as_deref())?;
    Ok(Json(reload(&desk.handle, source).await?))
}

async fn status(State(desk): State<Desk>) -> Response {
    let snapshot = desk.handle.snapshot.borrow().clone();
    Json(answer::status(&snapshot, &desk.data, true)).into_response()
}

/// The whole log, one CloudEvent a line. Damage cuts the answer short, and the client says so.
async fn export(State(desk): State<Desk>) -> Response {
    stream(LINES, move |mut chunks| {
        let (mut line, mut words) = (Vec::new(), Interner::default());
        let read = desk.reader.replay(|stored: Stored| {
            line.clear();
            stored.write_line(&mut words, &mut line);
            chunks.write(&line);
        });
        if let Err(error) = read {
            tracing::error!(%error, "the export broke off");
            chunks.fail(io::Error::other(error.to_string()));
        }
    })
}

/// A long answer in pieces, made beside the threads that answer as fast as the client takes it.
fn stream(content_type: &'static str, work: impl FnOnce(Chunks) + Send + 'static) -> Response {
    let (sender, receiver) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || work(Chunks { sender, waiting: Vec::with_capacity(CHUNK) }));
    ([("content-type", content_type)], Body::from_stream(ReceiverStream::new(receiver))).into_response()
}

const CHUNK: usize = 1 << 16;

struct Chunks {
    sender: mpsc::Sender<io::Result<Vec<u8>>>,
    waiting: Vec<u8>,
}

impl Chunks {
    fn write(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK {
            let full = std::mem::replace(&mut self.waiting, Vec::with_capacity(CHUNK));
            // A client who went away has nothing to hear.
            let _ = self.sender.blocking_send(Ok(full));
        }
    }

    fn fail(&mut self, error: io::Error) {
        let _ = self.sender.blocking_send(Err(error));
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        let _ = self.sender.blocking_send(Ok(std::mem::take(&mut self.waiting)));
    }
}
