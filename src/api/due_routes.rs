//! The routes about what is due, and why.

use std::io;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::desk::{Desk, Refusal};
use super::explain::{Explained, RuleExplained};
use super::given::{Json, Query};
use super::stream::stream;
use super::wire::DueQuery;
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, OccurrenceName, RuleId};

pub(super) async fn due(
    State(desk): State<Desk>,
    Query(query): Query<DueQuery>,
) -> Result<Response, Refusal> {
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
