//! The routes about the daemon itself: how it stands, and its configuration.

use axum::extract::State;

use super::answer::{self, Running};
use super::desk::{Desk, Refusal, aside};
use super::given::Json;
use super::reload::{ReloadBody, Reloaded, is_meant, reload};
use super::wire::Status;

pub(super) async fn status(State(desk): State<Desk>) -> Result<Json<Status>, Refusal> {
    let answered = aside(move || {
        let (snapshot, now) = (desk.handle.snapshot.borrow().clone(), desk.handle.clock.now());
        let meters = &desk.handle.meters;
        let running = Running { started_at: meters.started(), heartbeat_at: meters.last_beat() };
        answer::status(&snapshot, &desk.data, Some(running), now)
    });
    answered.await.map(Json)
}

pub(super) async fn take_anew(
    State(desk): State<Desk>,
    Json(ReloadBody { config }): Json<ReloadBody>,
) -> Result<Json<Reloaded>, Refusal> {
    let source = desk.handle.source.clone();
    is_meant(&source, config.as_deref())?;
    Ok(Json(reload(&desk.handle, source).await?))
}
