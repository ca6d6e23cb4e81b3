//! The routes about events: appending them, mending them, the whole log.

use std::io;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::access::Caller;
use super::desk::{Desk, Refusal, aside};
use super::given::{Bytes, Json, Query};
use super::mend::{MendRequest, Mending};
use super::stream::{LINES, stream};
use super::wire::AppendReceipt;
use crate::access::Role;
use crate::case::{EventNumber, Interner};
use crate::daemon::AppendRequest;
use crate::log::Stored;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AppendQuery {
    expected_version: Option<EventNumber>,
    #[serde(default)]
    keep_recorded_time: bool,
    #[serde(default)]
    dry_run: bool,
}

/// A body up to so many bytes is read where it arrives.
const SHORT: usize = 1 << 15;

/// One event as an object, several as an array (`application/cloudevents-batch+json`), or one a line
/// (`application/x-ndjson`).
pub(super) async fn append(
    State(desk): State<Desk>,
    caller: Caller,
    Query(query): Query<AppendQuery>,
    headers: HeaderMap,
    Bytes(body): Bytes,
) -> Result<Json<AppendReceipt>, Refusal> {
    let lines = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == LINES);
    let AppendQuery { expected_version, keep_recorded_time, dry_run } = query;
    // What stepdown itself recorded elsewhere comes along with recorded times, tokens too.
    if keep_recorded_time && !caller.may(Role::Admin) {
        return Err(caller.refused(Role::Admin));
    }
    if keep_recorded_time {
        tracing::info!(caller = %caller, "an import that keeps recorded times");
    }
    let short = body.len() <= SHORT;
    let read = move || {
        let request = if lines {
            AppendRequest::from_lines(&body)
        } else {
            AppendRequest::new(match serde_json::from_slice(&body)? {
                Value::Array(events) => events,
                event => vec![event],
            })
        };
        Ok(if keep_recorded_time { request } else { request.sent_by(&caller.who) })
    };
    let not_json = |error: serde_json::Error| {
        Refusal::new(StatusCode::BAD_REQUEST, &format!("the body is not JSON: {error}"))
    };
    // An event is read sooner than another thread would wake; each that does keeps memory of its own.
    let request = if short { read() } else { aside(read).await? }.map_err(not_json)?;
    let request =
        request.expecting(expected_version).keeping_recorded_time(keep_recorded_time).rehearsing(dry_run);
    let receipt = desk.handle.append(request).await.ok_or_else(Refusal::stopping)??;
    Ok(Json(receipt.into()))
}

pub(super) async fn mend(
    State(desk): State<Desk>,
    caller: Caller,
    Json(mut request): Json<MendRequest>,
) -> Result<Json<Mending>, Refusal> {
    request.author = Some(caller.author(request.author).name);
    let (snapshot, now) = desk.at_hand();
    Ok(Json(snapshot.answers(now).mend(&request)?))
}

/// The whole log, one CloudEvent a line. Damage cuts the answer short, and the client says so.
pub(super) async fn export(State(desk): State<Desk>) -> Response {
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
