//! Tokens: added and revoked as facts of the log.

use thiserror::Error;
use tokio::sync::oneshot;

use super::{Handle, Request, Writer};
use crate::access::{Author, Role, Standing, Token, TokenAdded, TokenHash, TokenName, TokenRevoked};
use crate::calendar::{CivilDate, Instant};
use crate::log::{Fact, RecordsFact};

/// What is to become of a token.
#[derive(Debug, Clone)]
pub enum TokenOrder {
    /// It is added.
    Add {
        /// Its name.
        name: TokenName,
        /// What its holder may ask.
        role: Role,
        /// Its hash.
        hash: TokenHash,
        /// The last day on which it is taken, local; none where it does not lapse.
        until: Option<CivilDate>,
    },
    /// It is revoked.
    Revoke {
        /// Its name.
        name: TokenName,
    },
}

/// Why a token is not added or revoked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Nobody is said to order it.
    #[error("say who orders it: others will want to know")]
    Anonymous,
    /// The name is taken.
    #[error("there is a token {0} already: revoke that one first, or give this one another name")]
    Taken(TokenName),
    /// It would not be taken for a day.
    #[error("{0} is past: a token lapses today or later")]
    Past(CivilDate),
    /// There is no such token.
    #[error("there is no token {0}, or it was revoked before")]
    Unknown(TokenName),
}

impl Writer {
    /// Stages what `author` orders about a token, and gives the token as it is then.
    ///
    /// # Errors
    /// See [`TokenError`]; nothing is staged then.
    pub fn token(
        &mut self,
        order: TokenOrder,
        author: impl Into<Author>,
        now: Instant,
    ) -> Result<Token, TokenError> {
        let Author { name: author, recorded_by } = author.into();
        if author.trim().is_empty() {
            return Err(TokenError::Anonymous);
        }
        let today = self.config().settings.reminders.time_zone.civil_date(now);
        match order {
            TokenOrder::Add { name, role, hash, until } => {
                // A name whose day is over must be revoked too: whoever still has the token might be meant.
                if self.records().tokens.named(&name).is_some() {
                    return Err(TokenError::Taken(name));
                }
                let added = TokenAdded { name, role, hash, until, author, recorded_by };
                let token = Token { added: added.clone(), added_at: now, revoked_at: None };
                if let Standing::Lapsed(until) = token.standing(today) {
                    return Err(TokenError::Past(until));
                }
                self.stage_own(Fact::Records(RecordsFact::TokenAdded(added)), now);
                Ok(token)
            }
            TokenOrder::Revoke { name } => {
                let Some(token) = self.records().tokens.named(&name).cloned() else {
                    return Err(TokenError::Unknown(name));
                };
                let revoked = TokenRevoked { name, author, recorded_by };
                self.stage_own(Fact::Records(RecordsFact::TokenRevoked(revoked)), now);
                Ok(Token { revoked_at: Some(now), ..token })
            }
        }
    }
}

impl Handle {
    /// Has a token added or revoked; answered after the sync. `None`: the daemon is stopping.
    pub async fn token(&self, order: TokenOrder, author: Author) -> Option<Result<Token, TokenError>> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Token(order, author, answer)).await.ok()?;
        answered.await.ok()
    }
}
