//! The tokens there are and were.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Role, TokenAdded, TokenHash, TokenName, TokenRevoked};
use crate::calendar::{CivilDate, Instant};

/// A token, as it stands. Its hash is not among what is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// What the log says of it.
    #[serde(flatten)]
    pub added: TokenAdded,
    /// When it was added.
    pub added_at: Instant,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Instant>,
}

/// Whether a token is taken on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Good,
    /// Its last day was this one.
    Lapsed(CivilDate),
    /// It was revoked then.
    Revoked(Instant),
}

/// Every token that was ever added, in order. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tokens(Arc<Vec<Token>>);

impl Token {
    /// Whether it is taken on `today`.
    #[must_use]
    pub fn standing(&self, today: CivilDate) -> Standing {
        match (self.revoked_at, self.added.until) {
            (Some(at), _) => Standing::Revoked(at),
            (None, Some(until)) if until < today => Standing::Lapsed(until),
            (None, _) => Standing::Good,
        }
    }

    /// What its holder may ask.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.added.role
    }
}

impl Tokens {
    /// Takes a token that was added.
    pub fn add(&mut self, added: &TokenAdded, added_at: Instant) {
        let token = Token { added: added.clone(), added_at, revoked_at: None };
        Arc::make_mut(&mut self.0).push(token);
    }

    /// Takes that a token was revoked.
    pub fn revoke(&mut self, revoked: &TokenRevoked, at: Instant) {
        let named = |token: &&mut Token| token.added.name == revoked.name && token.revoked_at.is_none();
        if let Some(token) = Arc::make_mut(&mut self.0).iter_mut().find(named) {
            token.revoked_at = Some(at);
        }
    }

    /// Each, those that are taken no more too.
    pub fn iter(&self) -> impl Iterator<Item = &Token> {
        self.0.iter()
    }

    /// The token of this name that was not revoked.
    #[must_use]
    pub fn named(&self, name: &TokenName) -> Option<&Token> {
        self.iter().find(|token| token.added.name == *name && token.revoked_at.is_none())
    }

    /// The token with this hash.
    #[must_use]
    pub fn find(&self, hash: &TokenHash) -> Option<&Token> {
        self.iter().find(|token| token.added.hash == *hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(name: &str, secret: &str, until: Option<&str>) -> TokenAdded {
        TokenAdded {
            name: name.parse().expect("a name"),
            role: Role::Reader,
            hash: TokenHash::of(secret),
            until: until.map(|day| day.parse().expect("a day")),
            author: "priya".to_owned(),
            recorded_by: None,
        }
    }

    #[test]
    fn a_token_is_taken_until_its_day_is_over_or_it_is_revoked() {
        let (at, day) = (Instant::default(), |text: &str| text.parse::<CivilDate>().expect("a day"));
        let mut tokens = Tokens::default();
        tokens.add(&added("feed", "one", Some("2026-06-30")), at);
        let standing = |tokens: &Tokens, secret: &str, on: &str| {
            tokens.find(&TokenHash::of(secret)).map(|token| token.standing(day(on)))
        };
        assert_eq!(standing(&tokens, "one", "2026-06-30"), Some(Standing::Good));
        assert_eq!(standing(&tokens, "one", "2026-07-01"), Some(Standing::Lapsed(day("2026-06-30"))));
        assert_eq!(standing(&tokens, "two", "2026-06-30"), None);
        let revoked =
            TokenRevoked { name: "feed".parse().expect("a name"), author: "p".to_owned(), recorded_by: None };
        tokens.revoke(&revoked, at);
        assert_eq!(standing(&tokens, "one", "2026-06-30"), Some(Standing::Revoked(at)));
        // The name is free again, and the token of before stays revoked.
        tokens.add(&added("feed", "two", None), at);
        assert_eq!(standing(&tokens, "one", "2026-06-30"), Some(Standing::Revoked(at)));
        assert_eq!(standing(&tokens, "two", "2036-06-30"), Some(Standing::Good));
        assert_eq!(tokens.iter().count(), 2);
    }
}
