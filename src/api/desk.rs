//! What the routes share: the daemon's handle, and how to say no.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::http::header::HeaderName;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::access::Gate;
use super::answer::{Answers, QueryError};
use super::mend::MendError;
use super::reload::ReloadError;
use super::wire::{ErrorBody, FaultBody};
use crate::calendar::Instant;
use crate::daemon::{AppendError, Handle, OrderError, Snapshot};
use crate::log::LogReader;

/// What the routes share.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) handle: Handle,
    pub(super) reader: LogReader,
    pub(super) data: PathBuf,
    pub(super) gate: Arc<Gate>,
}

impl Desk {
    /// The state after the last sync, and the moment.
    pub(super) fn at_hand(&self) -> (AtHand, Instant) {
        (AtHand(self.handle.snapshot.borrow().clone()), self.handle.clock.now())
    }
}

/// A state that questions are answered from.
pub(super) struct AtHand(Snapshot);

impl AtHand {
    pub(super) fn answers(&self, now: Instant) -> Answers<'_> {
        Answers { records: &self.0.records, config: &self.0.config, now }
    }
}

/// An answer that says no.
pub(super) struct Refusal(StatusCode, ErrorBody, Option<Box<(HeaderName, HeaderValue)>>);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.0, Json(self.1)).into_response();
        response.headers_mut().extend(self.2.map(|header| *header));
        response
    }
}

impl Refusal {
    pub(super) fn new(code: StatusCode, error: &(impl ToString + ?Sized)) -> Self {
        Self(code, ErrorBody { error: error.to_string(), faults: Vec::new() }, None)
    }

    pub(super) fn with_faults(code: StatusCode, error: &str, faults: Vec<FaultBody>) -> Self {
        Self(code, ErrorBody { error: error.to_owned(), faults }, None)
    }

    /// The same with a header; a text that cannot stand in one is left out.
    pub(super) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        self.2 = HeaderValue::from_str(value).ok().map(|value| Box::new((name, value)));
        self
    }

    /// A fault of the program. What it says of itself is in the journal, and may tell of a case.
    pub(super) fn fault() -> Self {
        let why = "this is a fault in stepdown; the journal has more (journalctl -u stepdown)";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, why)
    }

    /// Why.
    pub(super) fn why(&self) -> &str {
        &self.1.error
    }

    pub(super) fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stepdown is stopping; ask again when it has started")
    }
}

impl From<QueryError> for Refusal {
    fn from(error: QueryError) -> Self {
        let code = match &error {
            QueryError::Mail(_) => StatusCode::INTERNAL_SERVER_ERROR,
            QueryError::Days { .. } | QueryError::Period(_) | QueryError::Events(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            QueryError::Erased { .. } => StatusCode::GONE,
            _ => StatusCode::NOT_FOUND,
        };
        let mut refusal = Self::new(code, &error);
        if let QueryError::Events(faults) = error {
            refusal.1.faults = faults;
        }
        refusal
    }
}

impl From<MendError> for Refusal {
    fn from(error: MendError) -> Self {
        match error {
            MendError::Query(error) => error.into(),
            other => Self::new(StatusCode::UNPROCESSABLE_ENTITY, &other),
        }
    }
}

impl From<ReloadError> for Refusal {
    fn from(error: ReloadError) -> Self {
        let code = match &error {
            ReloadError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(code, &error)
    }
}

impl From<OrderError> for Refusal {
    fn from(error: OrderError) -> Self {
        let code = match &error {
            OrderError::NotHeld => StatusCode::CONFLICT,
            OrderError::Unknown { .. } => StatusCode::NOT_FOUND,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(code, &error)
    }
}

impl From<AppendError> for Refusal {
    fn from(error: AppendError) -> Self {
        let code = match &error {
            AppendError::Rejected(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AppendError::Version { .. } | AppendError::NotEmpty | AppendError::MovedOn => {
                StatusCode::CONFLICT
            }
            AppendError::Log(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut refusal = Self::new(code, &error);
        if let AppendError::Rejected(rejections) = error {
            refusal.1.faults = rejections.into_iter().map(FaultBody::from).collect();
        }
        refusal
    }
}

/// Long work goes beside the threads that answer.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::fault())
}
