//! The routes about whether the log is whole.

use axum::extract::State;
use axum::http::StatusCode;

use super::desk::{Desk, Refusal, aside};
use super::given::{Json, Query};
use super::verify::{Signed, Verification, Verifier, VerifyQuery, checkpoint};
use crate::log::{Checkpoints, LogError, Scrub};

pub(super) async fn verified(
    State(desk): State<Desk>,
    Query(query): Query<VerifyQuery>,
) -> Result<Json<Verification>, Refusal> {
    let answered = aside(move || {
        let (config, live) = {
            let snapshot = desk.handle.snapshot.borrow();
            (snapshot.config.clone(), snapshot.head)
        };
        let (origin, mended) = (&*config.settings.records.origin, desk.handle.mended);
        let verifier = Verifier { origin, mended, daemon: true };
        verifier.verify(&desk.reader, live, &query, |_| {}).or_else(|error| told(&desk, error))
    });
    answered.await?.map(Json).map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, &error))
}

/// Damage is an answer, and the daemon's last.
fn told(desk: &Desk, error: LogError) -> Result<Verification, LogError> {
    if error.is_damage() {
        let entries = desk.handle.snapshot.borrow().head.sequence.0;
        let scrub =
            Scrub { at: desk.handle.clock.now(), entries, damage: Some(desk.handle.alarm.raise(&error)) };
        Checkpoints::of(&desk.data).keep_scrub(&scrub)?;
        return Ok(Verification::damaged(error.to_string(), true));
    }
    Err(error)
}

pub(super) async fn signed(State(desk): State<Desk>) -> Result<Json<Signed>, Refusal> {
    let answered = aside(move || {
        let config = desk.handle.snapshot.borrow().config.clone();
        checkpoint(&desk.reader, &Checkpoints::of(&desk.data), &config.settings.records.origin)
    });
    answered.await?.map(Json).map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, &error))
}
