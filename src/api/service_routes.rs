//! The routes about the daemon itself: how it stands, and its configuration.

use axum::extract::State;

use super::answer;
use super::desk::{Desk, Refusal};
use super::given::Json;
use super::reload::{ReloadBody, Reloaded, is_meant, reload};
use super::wire::Status;

pub(super) async fn status(State(desk): State<Desk>) -> Json<Status> {
    let snapshot = desk.handle.snapshot.borrow().clone();
    Json(answer::status(&snapshot, &desk.data, true))
}

pub(super) async fn take_anew(
    State(desk): State<Desk>,
    Json(ReloadBody { config }): Json<ReloadBody>,
) -> Result<Json<Reloaded>, Refusal> {
    let source = desk.handle.source.clone();
    is_meant(&source, config.as_deref())?;
    Ok(Json(reload(&desk.handle, source).await?))
}
