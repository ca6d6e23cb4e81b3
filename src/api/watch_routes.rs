//! The routes by which the daemon is watched: its meters, whether it lives, whether it serves.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use super::desk::{Desk, Refusal, aside};
use crate::daemon::{Handle, Seen};

/// The media type of the meters' page (OpenMetrics 1.0, "Text format").
pub(super) const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// For how long the loop may not turn, which it does once a minute at least.
const STILL: Duration = Duration::from_mins(2);

/// How the daemon is. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `ok` or `failing`.
    pub status: String,
    /// What is not as it should be; empty where all is.
    pub why: Vec<String>,
}

impl Health {
    fn of(why: Vec<String>) -> Self {
        Self { status: if why.is_empty() { "ok" } else { "failing" }.to_owned(), why }
    }

    fn answer(self) -> Response {
        let code = if self.why.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (code, Json(self)).into_response()
    }
}

pub(super) async fn metrics(State(desk): State<Desk>) -> Result<Response, Refusal> {
    let page = aside(move || {
        let snapshot = desk.handle.snapshot.borrow().clone();
        desk.handle.meters.page(&Seen::of(&snapshot, &desk.data, desk.handle.clock.now()))
    });
    Ok(([(CONTENT_TYPE, OPENMETRICS)], page.await?).into_response())
}

/// Whether it lives: the loop turns, and the log can be written. Where it does not, a start anew is the cure.
pub(super) async fn healthz(State(desk): State<Desk>) -> Response {
    Health::of(ailments(&desk.handle)).answer()
}

/// Whether it serves: it lives, has planned what was due at its start, and is not stopping. That mail is held or
/// paused is no reason against it: questions and events are answered all the same.
pub(super) async fn readyz(State(desk): State<Desk>) -> Response {
    let handle = &desk.handle;
    let mut why = ailments(handle);
    if handle.meters.last_beat().is_none() {
        why.push("it is starting: its loop has not turned yet".to_owned());
    }
    if handle.requests.is_closed() {
        why.push("it is stopping, and takes nothing more".to_owned());
    }
    Health::of(why).answer()
}

fn ailments(handle: &Handle) -> Vec<String> {
    let still = handle.meters.stillness(handle.clock.monotonic());
    let mut why = Vec::new();
    if still >= STILL {
        why.push(format!("its loop has not turned for {} seconds", still.as_secs()));
    }
    if handle.alarm.is_shut() {
        why.push("a write to the log failed, or damage was found in it: nothing more is written".to_owned());
    }
    why
}
