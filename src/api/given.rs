//! What a request gives: its path, its query, its body. What cannot be read is refused as everything else is.

use axum::body;
use axum::extract::{self, FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::desk::Refusal;
use super::object::Object;

/// A body, read from JSON or written as such.
pub(super) struct Json<T>(pub(super) T);

/// The query of the address.
pub(super) struct Query<T>(pub(super) T);

/// The variable parts of the path.
pub(super) struct Path<T>(pub(super) T);

/// A body as it came.
pub(super) struct Bytes(pub(super) body::Bytes);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(Object(body))) => Ok(Self(body)),
            Err(rejection) => Err(refused("body", rejection.status(), &rejection.body_text())),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Bytes {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match body::Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Self(bytes)),
            Err(rejection) => Err(refused("body", rejection.status(), &rejection.body_text())),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match extract::Query::from_request_parts(parts, state).await {
            Ok(extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(refused("query", rejection.status(), &rejection.body_text())),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match extract::Path::from_request_parts(parts, state).await {
            Ok(extract::Path(path)) => Ok(Self(path)),
            Err(rejection) => Err(refused("path", rejection.status(), &rejection.body_text())),
        }
    }
}

/// A refusal that says which part of the request is at fault, and why.
fn refused(part: &str, code: StatusCode, reason: &str) -> Refusal {
    match code {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::new(code, "the body is too large for this request; only events and extracts may be long")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Refusal::new(code, "the body must be JSON, with the header: content-type: application/json")
        }
        _ => {
            // The framework says first that it failed, then at what.
            let reason = reason.split_once(": ").map_or(reason, |(_, reason)| reason);
            Refusal::new(code, &format!("the {part} of the request cannot be read: {reason}"))
        }
    }
}
