//! The routes that destroy: a case's key; and the one that changes the key of all keys.

use std::path::PathBuf;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::access::Caller;
use super::desk::{Desk, Refusal, aside};
use super::given::{Json, Path};
use crate::access::Author;
use crate::case::CaseRef;
use crate::daemon::{EraseError, EraseOrder, Erasing, RotateError};
use crate::log::{KeyUse, Rotated};

/// What is said to have a case erased. The field names are public.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraseBody {
    /// By whose word; the caller's, where left out.
    pub author: Option<String>,
    /// Why.
    pub reason: String,
    /// Even where the record must still be kept.
    #[serde(default)]
    pub before_retention: bool,
    /// How many events of the case were shown to whoever decided; any number, where left out.
    #[serde(default)]
    pub events: Option<u32>,
    /// Say what it would destroy, and destroy nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// Where the new wrapping key goes. The field names are public.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateBody {
    /// A new file, where the key comes as a credential.
    pub to: Option<PathBuf>,
}

/// The wrapping key and what it seals. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysShown {
    /// The file that the wrapping key is read from.
    pub wrapping_key: PathBuf,
    /// The systemd credential that it is, if it is one.
    pub credential: Option<String>,
    /// How the keys are used.
    #[serde(flatten)]
    pub used: KeyUse,
}

pub(super) async fn erase(
    State(desk): State<Desk>,
    caller: Caller,
    Path(case): Path<CaseRef>,
    Json(body): Json<EraseBody>,
) -> Result<Json<Erasing>, Refusal> {
    let EraseBody { author, reason, before_retention, events, dry_run } = body;
    let Author { name: author, recorded_by } = caller.author(author);
    let order = EraseOrder { case, author, recorded_by, reason, before_retention, events };
    if dry_run {
        let (snapshot, now) = desk.at_hand();
        return Ok(Json(aside(move || snapshot.answers(now).erasing(&order)).await??));
    }
    Ok(Json(desk.handle.erase(order).await.ok_or_else(Refusal::stopping)??))
}

pub(super) async fn keys(State(desk): State<Desk>) -> Json<KeysShown> {
    let records = desk.handle.snapshot.borrow().config.settings.records.clone();
    Json(KeysShown {
        wrapping_key: records.wrapping_key(&desk.data),
        credential: records.wrapping_key_credential,
        used: desk.reader.keys(),
    })
}

pub(super) async fn rotate(
    State(desk): State<Desk>,
    Json(RotateBody { to }): Json<RotateBody>,
) -> Result<Json<Rotated>, Refusal> {
    Ok(Json(desk.handle.rotate(to).await.ok_or_else(Refusal::stopping)??))
}

impl From<EraseError> for Refusal {
    fn from(error: EraseError) -> Self {
        let code = match &error {
            EraseError::Missing(_) => StatusCode::UNPROCESSABLE_ENTITY,
            EraseError::Unknown { .. } => StatusCode::NOT_FOUND,
            EraseError::Erased { .. } => StatusCode::GONE,
            EraseError::Open(_) | EraseError::Kept { .. } | EraseError::MovedOn { .. } => {
                StatusCode::CONFLICT
            }
        };
        Self::new(code, &error)
    }
}

impl From<RotateError> for Refusal {
    fn from(error: RotateError) -> Self {
        let code = match &error {
            RotateError::Credential(_) | RotateError::InPlace => StatusCode::UNPROCESSABLE_ENTITY,
            RotateError::Log(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(code, &error)
    }
}
