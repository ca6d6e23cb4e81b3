//! The routes about replaying the log.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::against::{AgainstQuery, Comparison};
use super::answer::Answers;
use super::days::MOST_DAYS;
use super::desk::{Desk, Refusal, aside};
use super::given::Json;
use super::object::object;
use super::reload::ReloadError;
use super::replay::{Replayed, replay};
use crate::config::{Config, Source};

/// Another configuration, and how far to look. Its files come along: the daemon may not be able to read them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Against {
    /// Where they come from, for messages.
    pub from: String,
    /// Each file by its path within the configuration.
    pub files: BTreeMap<String, String>,
    /// How far to look.
    #[serde(deserialize_with = "object")]
    pub query: AgainstQuery,
}

pub(super) async fn replayed(State(desk): State<Desk>) -> Result<Json<Replayed>, Refusal> {
    let answered = aside(move || {
        let snapshot = desk.handle.snapshot.borrow().clone();
        let now = desk.handle.clock.now();
        let live = (&snapshot.records, &*snapshot.config);
        replay(&desk.reader, snapshot.head, live, true, now, |_| {})
    });
    let answered = answered.await?;
    answered.map(Json).map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, &error))
}

pub(super) async fn compared(
    State(desk): State<Desk>,
    Json(Against { from, files, query }): Json<Against>,
) -> Result<Json<Comparison>, Refusal> {
    if query.days.is_some_and(|days| i64::from(days) > MOST_DAYS) {
        let why = format!("query.days: mails are compared for at most {MOST_DAYS} days");
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, &why));
    }
    let answered = aside(move || {
        let snapshot = desk.handle.snapshot.borrow().clone();
        let other = Config::load(&Source::Given(from, files)).map_err(ReloadError::from)?;
        let (records, config) = (&snapshot.records, &*snapshot.config);
        let answers = Answers { records, config, now: desk.handle.clock.now() };
        Ok::<_, Refusal>(Json(answers.against(&other, &query, || {})))
    });
    answered.await?
}
