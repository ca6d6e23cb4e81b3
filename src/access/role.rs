//! What somebody may ask of the daemon.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What somebody may ask of the daemon; each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Whether it is well: measures and health, nothing about a case.
    Monitor,
    /// Questions: what is due and why, cases, what was mailed.
    Reader,
    /// Records what happened: appends, imports and mends.
    Recorder,
    /// Orders: mail, silences, configuration, keys, erasures, tokens, backups.
    Admin,
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("\"{0}\" is not a role: give monitor, reader, recorder or admin")]
pub struct UnknownRole(String);

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 4] = [Self::Monitor, Self::Reader, Self::Recorder, Self::Admin];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monitor => "monitor",
            Self::Reader => "reader",
            Self::Recorder => "recorder",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_more_than_the_one_before() {
        assert!(Role::ALL.is_sorted());
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).expect("a text"), role.name());
        }
        assert!("root".parse::<Role>().expect_err("no role").to_string().contains("recorder"));
    }
}
