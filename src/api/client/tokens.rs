//! What is asked about tokens.

use super::{Client, ClientError};
use crate::access::TokenName;
use crate::api::{NewToken, RevokeQuery, TokenBody, TokenRow};

impl Client {
    /// Every token there ever was.
    ///
    /// # Errors
    /// When the daemon gives no answer.
    pub fn tokens(&self) -> Result<Vec<TokenRow>, ClientError> {
        self.get("/v1/tokens", &())
    }

    /// Adds a token; the answer alone has it.
    ///
    /// # Errors
    /// When the daemon refuses it or gives no answer.
    pub fn add_token(&self, body: &TokenBody) -> Result<NewToken, ClientError> {
        self.post("/v1/tokens", body)
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// When the daemon refuses it or gives no answer.
    pub fn revoke_token(&self, name: &TokenName, query: &RevokeQuery) -> Result<TokenRow, ClientError> {
        let request = self.http.delete(format!("http://stepdown/v1/tokens/{name}")).query(query);
        let response = self.ask(request)?;
        response.json().map_err(|error| ClientError::Unreachable { socket: self.socket.clone(), error })
    }
}
