//! The routes about tokens.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::access::{Caller, new_secret};
use super::desk::{Desk, Refusal};
use super::given::{Json, Path, Query};
use crate::access::{Role, Token, TokenName};
use crate::calendar::{CivilDate, Instant};
use crate::daemon::{TokenError, TokenOrder};

/// A token to add. The field names are public.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenBody {
    /// Its name: who will use it.
    pub name: TokenName,
    /// What its holder may ask.
    pub role: Role,
    /// The last day on which it is taken, local; none where it does not lapse.
    #[serde(default, deserialize_with = "super::days::maybe")]
    pub until: Option<CivilDate>,
    /// By whose word; the caller's, where left out.
    #[serde(default)]
    pub author: Option<String>,
}

/// A token, as it is listed: neither it nor its hash. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// Its name.
    pub name: TokenName,
    /// What its holder may ask.
    pub role: Role,
    /// When it was added.
    pub added_at: Instant,
    /// The last day on which it is taken, local.
    pub until: Option<CivilDate>,
    /// Who ordered it.
    pub author: String,
    /// Who was recognised as giving the order, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Instant>,
}

/// A token that was added: this is the only time that it is shown. The field names are public.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewToken {
    /// The token.
    pub token: String,
    /// What is listed of it.
    #[serde(flatten)]
    pub row: TokenRow,
}

/// By whose word a token is revoked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeQuery {
    /// The caller's, where left out.
    pub author: Option<String>,
}

impl From<&Token> for TokenRow {
    fn from(token: &Token) -> Self {
        let added = token.added.clone();
        Self {
            name: added.name,
            role: added.role,
            added_at: token.added_at,
            until: added.until,
            author: added.author,
            recorded_by: added.recorded_by,
            revoked_at: token.revoked_at,
        }
    }
}

pub(super) async fn tokens(State(desk): State<Desk>) -> Json<Vec<TokenRow>> {
    Json(desk.handle.snapshot.borrow().records.tokens.iter().map(TokenRow::from).collect())
}

pub(super) async fn add(
    State(desk): State<Desk>,
    caller: Caller,
    Json(TokenBody { name, role, until, author }): Json<TokenBody>,
) -> Result<Json<NewToken>, Refusal> {
    let secret = new_secret().map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, &error))?;
    let order = TokenOrder::Add { name, role, hash: secret.hash(), until };
    let added = desk.handle.token(order, caller.author(author)).await.ok_or_else(Refusal::stopping)??;
    Ok(Json(NewToken { token: secret.shown().to_owned(), row: TokenRow::from(&added) }))
}

pub(super) async fn revoke(
    State(desk): State<Desk>,
    caller: Caller,
    Path(name): Path<TokenName>,
    Query(RevokeQuery { author }): Query<RevokeQuery>,
) -> Result<Json<TokenRow>, Refusal> {
    let order = TokenOrder::Revoke { name };
    let revoked = desk.handle.token(order, caller.author(author)).await.ok_or_else(Refusal::stopping)??;
    Ok(Json(TokenRow::from(&revoked)))
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        let code = match &error {
            TokenError::Taken(_) => StatusCode::CONFLICT,
            TokenError::Unknown(_) => StatusCode::NOT_FOUND,
            TokenError::Anonymous | TokenError::Past(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(code, &error)
    }
}
