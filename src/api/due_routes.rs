//! The routes about what is due, and why.

use std::io;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::desk::{Desk, Refusal};
use super::explain::{Explained, RuleExplained};
use super::given::{Json, Query};
use super::turns::{in_turn, in_turns};
use super::wire::DueQuery;
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, OccurrenceName, RuleId};

pub(super) async fn due(
    State(desk): State<Desk>,
    Query(query): Query<DueQuery>,
) -> Result<Response, Refusal> {
    let (snapshot, now) = desk.at_hand();
    let (snapshot, query) = (Arc::new(snapshot), Arc::new(query));
    let asked = (Arc::clone(&snapshot), Arc::clone(&query));
    // What can be refused is refused before the first byte of a list is on its way.
    let cases = in_turn(move || asked.0.answers(now).cases_of(&asked.1)).await??;
    let policies = snapshot.answers(now).policies(query.known_at);
    let (mut cases, mut first) = (cases.into_iter(), true);
    Ok(in_turns("application/json", move |bytes| {
        let Some(case) = cases.next() else {
            bytes.extend_from_slice(if first { b"[]" } else { b"]" });
            return Ok(false);
        };
        let rows = snapshot.answers(now).due_in(&case, &query, &policies).map_err(io::Error::other)?;
        for row in rows {
            bytes.push(if std::mem::take(&mut first) { b'[' } else { b',' });
            serde_json::to_writer(&mut *bytes, &row)?;
        }
        Ok(true)
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExplainQuery {
    occurrence: String,
    #[serde(default, deserialize_with = "super::days::maybe")]
    on: Option<CivilDate>,
    known_at: Option<Instant>,
}

pub(super) async fn explain(
    State(desk): State<Desk>,
    Query(query): Query<ExplainQuery>,
) -> Result<Json<Explained>, Refusal> {
    let name: OccurrenceName =
        query.occurrence.parse().map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, &error))?;
    let (snapshot, now) = desk.at_hand();
    Ok(Json(snapshot.answers(now).explain(&name, query.on, query.known_at)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleQuery {
    case: CaseRef,
    rule: RuleId,
    #[serde(default, deserialize_with = "super::days::maybe")]
    on: Option<CivilDate>,
    known_at: Option<Instant>,
}

pub(super) async fn explain_rule(
    State(desk): State<Desk>,
    Query(query): Query<RuleQuery>,
) -> Result<Json<RuleExplained>, Refusal> {
    let RuleQuery { case, rule, on, known_at } = query;
    let (snapshot, now) = desk.at_hand();
    Ok(Json(snapshot.answers(now).explain_rule(&case, &rule, on, known_at)?))
}
