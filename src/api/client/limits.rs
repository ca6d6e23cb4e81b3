//! What is asked about limits across cases.

use super::{Client, ClientError};
use crate::api::{LimitRow, LimitsQuery};

impl Client {
    /// How limits across cases stand.
    ///
    /// # Errors
    /// When the daemon refuses the question or gives no answer.
    pub fn limits(&self, query: &LimitsQuery) -> Result<Vec<LimitRow>, ClientError> {
        self.get("/v1/limits", query)
    }
}
