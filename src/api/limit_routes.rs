//! The route about limits across cases.

use axum::extract::State;

use super::desk::{Desk, Refusal};
use super::given::{Json, Query};
use super::limits::{LimitRow, LimitsQuery};
use super::turns::in_turn;

pub(super) async fn limits(
    State(desk): State<Desk>,
    Query(query): Query<LimitsQuery>,
) -> Result<Json<Vec<LimitRow>>, Refusal> {
    let (snapshot, now) = desk.at_hand();
    Ok(Json(in_turn(move || snapshot.answers(now).limits(&query)).await??))
}
