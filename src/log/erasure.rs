//! What stepdown has to say of the records themselves.

use serde::{Deserialize, Serialize};

use crate::access::{TokenAdded, TokenRevoked};
use crate::calendar::CivilDate;
use crate::case::CaseRef;

/// Something became of the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "kebab-case")]
pub enum RecordsFact {
    /// A case was erased: its key was destroyed.
    CaseErased(CaseErased),
    /// A token was added.
    TokenAdded(TokenAdded),
    /// A token was revoked.
    TokenRevoked(TokenRevoked),
}

/// The erasure of a case: what remains of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseErased {
    /// The case.
    pub case: CaseRef,
    /// How many events were recorded of it.
    pub events: u32,
    /// The last day for which the record had to be kept; none where nothing says since when, and none where it is
    /// counted from the child's birth, since that would tell the birthday for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retained_until: Option<CivilDate>,
    /// Whether it was erased before that, by an override.
    pub overridden: bool,
    /// Who ordered it.
    pub author: String,
    /// Who was recognised as giving the order, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
    /// Why.
    pub reason: String,
}
