//! The routes about cases as a whole.

use axum::extract::State;

use super::case_wire::{CaseFile, CaseQuery, CaseRow, CasesQuery};
use super::desk::{Desk, Refusal};
use super::given::{Json, Path, Query};
use super::turns::in_turn;
use crate::case::CaseRef;

pub(super) async fn cases(
    State(desk): State<Desk>,
    Query(query): Query<CasesQuery>,
) -> Result<Json<Vec<CaseRow>>, Refusal> {
    let (snapshot, now) = desk.at_hand();
    Ok(Json(in_turn(move || snapshot.answers(now).cases(&query)).await??))
}

pub(super) async fn case(
    State(desk): State<Desk>,
    Path(case): Path<CaseRef>,
    Query(query): Query<CaseQuery>,
) -> Result<Json<CaseFile>, Refusal> {
    let (snapshot, now) = desk.at_hand();
    Ok(Json(in_turn(move || snapshot.answers(now).case(&case, &query)).await??))
}
