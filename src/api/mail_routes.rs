//! The routes about mail: what would go, what went, and what is ordered about it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use super::access::Caller;
use super::answer::QueryError;
use super::desk::{Desk, Refusal, aside};
use super::given::{Json, Path, Query};
use super::reminders::{MailPlan, MailQuery, MailRoom, Preview, SentMail};
use super::simulate::{SimulateQuery, SimulatedMail};
use super::wire::{AuthorBody, HoldBody, MailTestAnswer, MailTestBody, SilenceBody};
use crate::access::Author;
use crate::daemon::{Order, SilenceOrder, post};
use crate::mail::{Courier, Outcome, probe};
use crate::reminders::{MailFact, Silence};

async fn ask<T: Send + 'static>(
    desk: Desk,
    question: impl FnOnce(&MailRoom<'_>) -> Result<T, QueryError> + Send + 'static,
) -> Result<Json<T>, Refusal> {
    let answered = aside(move || {
        let snapshot = desk.handle.snapshot.borrow().clone();
        let config = &*snapshot.config;
        let post = post(config).map_err(|error| QueryError::Mail(error.to_string()))?;
        let now = desk.handle.clock.now();
        question(&MailRoom { records: &snapshot.records, config, post: &post, now })
    });
    Ok(Json(answered.await??))
}

pub(super) async fn plan(
    State(desk): State<Desk>,
    Query(query): Query<MailQuery>,
) -> Result<Json<MailPlan>, Refusal> {
    ask(desk, move |room| room.plan(&query)).await
}

pub(super) async fn sent(
    State(desk): State<Desk>,
    Query(query): Query<MailQuery>,
) -> Result<Json<Vec<SentMail>>, Refusal> {
    ask(desk, move |room| room.sent(&query)).await
}

pub(super) async fn preview(
    State(desk): State<Desk>,
    Query(query): Query<MailQuery>,
) -> Result<Json<Vec<Preview>>, Refusal> {
    ask(desk, move |room| room.preview(&query)).await
}

pub(super) async fn simulate(
    State(desk): State<Desk>,
    Json(query): Json<SimulateQuery>,
) -> Result<Json<Vec<SimulatedMail>>, Refusal> {
    ask(desk, move |room| room.answers().simulate(&query, room.post, |_| {})).await
}

pub(super) async fn test(
    State(desk): State<Desk>,
    Json(body): Json<MailTestBody>,
) -> Result<Json<MailTestAnswer>, Refusal> {
    let config = Arc::clone(&desk.handle.snapshot.borrow().config);
    let fault =
        |error: &dyn std::fmt::Display| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string());
    let post = post(&config).map_err(|error| fault(&error))?;
    let mut courier = Courier::new(&config.settings.mail, &desk.data).map_err(|error| fault(&error))?;
    let now = desk.handle.clock.now();
    let outcome = probe(&post, &mut courier, &body.to, now).await.map_err(|error| fault(&error))?;
    Ok(Json(outcome.into()))
}

impl From<Outcome> for MailTestAnswer {
    fn from(outcome: Outcome) -> Self {
        let (accepted, stage, words) = match outcome {
            Outcome::Accepted(words) => (true, None, words),
            Outcome::Deferred { stage, reason }
            | Outcome::NotSent { stage, reason }
            | Outcome::Refused { stage, reason } => (false, Some(stage.to_string()), reason),
            Outcome::Ambiguous(reason) => (false, Some("message".to_owned()), reason),
            Outcome::Abandoned => (false, None, "abandoned".to_owned()),
        };
        Self { accepted, stage, words }
    }
}

async fn order(desk: &Desk, order: Order, author: Author) -> Result<Json<MailFact>, Refusal> {
    Ok(Json(desk.handle.order(order, author).await.ok_or_else(Refusal::stopping)??))
}

pub(super) async fn hold(
    State(desk): State<Desk>,
    caller: Caller,
    Json(HoldBody { author, reason }): Json<HoldBody>,
) -> Result<Json<MailFact>, Refusal> {
    order(&desk, Order::Hold { reason }, caller.author(author)).await
}

pub(super) async fn release(
    State(desk): State<Desk>,
    caller: Caller,
    Json(AuthorBody { author }): Json<AuthorBody>,
) -> Result<Json<MailFact>, Refusal> {
    order(&desk, Order::Release, caller.author(author)).await
}

pub(super) async fn silences(State(desk): State<Desk>) -> Json<Vec<Silence>> {
    Json(desk.handle.snapshot.borrow().records.ledger.silences().cloned().collect())
}

pub(super) async fn silence(
    State(desk): State<Desk>,
    caller: Caller,
    Json(body): Json<SilenceBody>,
) -> Result<Json<MailFact>, Refusal> {
    let SilenceBody { case, rule, person, until, reason, author } = body;
    order(&desk, Order::Silence(SilenceOrder { case, rule, person, until, reason }), caller.author(author))
        .await
}

pub(super) async fn end_silence(
    State(desk): State<Desk>,
    caller: Caller,
    Path(id): Path<u32>,
    Json(AuthorBody { author }): Json<AuthorBody>,
) -> Result<Json<MailFact>, Refusal> {
    order(&desk, Order::EndSilence { id }, caller.author(author)).await
}
