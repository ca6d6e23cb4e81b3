//! Whom the settings give a role.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};
use thiserror::Error;

/// A user or a group of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The user of this name.
    User(String),
    /// Everybody in the group of this name.
    Group(String),
}

/// A text that names neither a user nor a group.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("\"{0}\" names nobody: write \"user:NAME\" or \"group:NAME\"")]
pub struct UnknownPrincipal(String);

impl FromStr for Principal {
    type Err = UnknownPrincipal;

    fn from_str(text: &str) -> Result<Self, UnknownPrincipal> {
        let is_name =
            |name: &str| !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == ':');
        match text.split_once(':') {
            Some(("user", name)) if is_name(name) => Ok(Self::User(name.to_owned())),
            Some(("group", name)) if is_name(name) => Ok(Self::Group(name.to_owned())),
            _ => Err(UnknownPrincipal(text.to_owned())),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "user:{name}"),
            Self::Group(name) => write!(f, "group:{name}"),
        }
    }
}

impl<'de> Deserialize<'de> for Principal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_a_user_or_a_group() {
        for text in ["user:priya", "group:social-care"] {
            let principal: Principal = text.parse().expect("a principal");
            assert_eq!(principal.to_string(), text);
        }
        for text in ["priya", "user:", "uid:0", "user:a b", "group:a:b", ""] {
            assert!(text.parse::<Principal>().is_err(), "{text}");
        }
    }
}
