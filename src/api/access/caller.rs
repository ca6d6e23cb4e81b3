//! Who asks.

use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use crate::access::{Author, Role, Who};
use crate::api::desk::Refusal;

/// Somebody who asks and was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::api) struct Caller {
    /// Who.
    pub(in crate::api) who: Who,
    /// What they may ask; nothing where nobody gave them a role.
    pub(super) role: Option<Role>,
    /// Whether it is the daemon's own user or root, on the socket.
    pub(super) trusted: bool,
}

impl Caller {
    /// Whether they may ask what is for `role`.
    pub(in crate::api) fn may(&self, role: Role) -> bool {
        self.role >= Some(role)
    }

    /// The author of what they order: by their own word, or by that of whom they name.
    pub(in crate::api) fn author(&self, stated: Option<String>) -> Author {
        Author::stated(stated, &self.who)
    }

    /// That they may not ask what is for `role`, and what an admin can do about it.
    pub(in crate::api) fn refused(&self, role: Role) -> Refusal {
        let Self { who, .. } = self;
        let held = self.role.map_or_else(|| "no role".to_owned(), |held| format!("the role {held}"));
        let remedy = match who {
            Who::User(name) => {
                format!(
                    "list \"user:{name}\" or a group of theirs as {role}s under [access] in stepdown.toml, then reload"
                )
            }
            Who::Token(_) => format!("give another token: stepdown token add NAME --role {role}"),
        };
        let why = format!("this asks for the role {role}, and {who} has {held}; an admin can {remedy}");
        Refusal::new(StatusCode::FORBIDDEN, &why)
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.who.fmt(f)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        // The guard stands before every route; a request that passed it nowhere is nobody's.
        let unknown = || Refusal::new(StatusCode::FORBIDDEN, "it is not known who asks");
        parts.extensions.get::<Self>().cloned().ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_may_ask_for_more_than_their_role() {
        let caller = |role| Caller { who: Who::User("priya".to_owned()), role, trusted: false };
        for asked in Role::ALL {
            assert!(!caller(None).may(asked));
            for held in Role::ALL {
                assert_eq!(caller(Some(held)).may(asked), held >= asked);
            }
        }
    }
}
