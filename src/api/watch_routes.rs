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

/// The media type of the meters' page (`OpenMetrics` 1.0, "Text format").
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
    /// Whether the daemon lives: its loop turns, and the log can be written. Where not, a start anew is the cure.
    #[must_use]
    pub fn of_life(handle: &Handle) -> Self {
        Self::of(ailments(handle.meters.stillness(handle.clock.monotonic()), handle.alarm.is_shut()))
    }

    /// Whether it serves: it lives, has planned what was due at its start, and is not stopping. That mail is held or
    /// paused is no reason against it: questions and events are answered all the same.
    #[must_use]
    pub fn of_service(handle: &Handle) -> Self {
        let Self { mut why, .. } = Self::of_life(handle);
        if handle.meters.last_beat().is_none() {
            why.push("it is starting: its loop has not turned yet".to_owned());
        }
        if handle.requests.is_closed() {
            why.push("it is stopping, and takes nothing more".to_owned());
        }
        Self::of(why)
    }

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

pub(super) async fn healthz(State(desk): State<Desk>) -> Response {
    Health::of_life(&desk.handle).answer()
}

pub(super) async fn readyz(State(desk): State<Desk>) -> Response {
    Health::of_service(&desk.handle).answer()
}

/// What is wrong where the loop has been `still` for so long, and the log is shut or not.
fn ailments(still: Duration, shut: bool) -> Vec<String> {
    let mut why = Vec::new();
    if still >= STILL {
        why.push(format!("its loop has not turned for {} seconds", still.as_secs()));
    }
    if shut {
        why.push("a write to the log failed, or damage was found in it: nothing more is written".to_owned());
    }
    why
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_that_stands_still_for_two_minutes_is_not_well() {
        let count = |seconds, shut| ailments(Duration::from_secs(seconds), shut).len();
        assert_eq!([count(0, false), count(119, false), count(120, false), count(0, true)], [0, 0, 1, 1]);
        let answer = Health::of(ailments(STILL, true)).answer();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(Health::of(Vec::new()).answer().status(), StatusCode::OK);
    }
}
