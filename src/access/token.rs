//! A bearer token (RFC 6750): its name, the hash that is kept of it, and what the log says of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use super::Role;
use crate::calendar::CivilDate;
use crate::case::{hex, sha256};

/// What a token is called: who uses it, such as `lcs-feed`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TokenName(String);

/// A text that is no name of a token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("\"{0}\" is no name for a token: 1 to 40 lower-case letters, digits, - _ and .")]
pub struct BadTokenName(String);

impl TokenName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for TokenName {
    type Err = BadTokenName;

    fn from_str(text: &str) -> Result<Self, BadTokenName> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        let is_name = (1..=40).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.bytes().all(fits);
        if is_name { Ok(Self(text.to_owned())) } else { Err(BadTokenName(text.to_owned())) }
    }
}

impl<'de> Deserialize<'de> for TokenName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The SHA-256 of a token. A token is 32 random bytes, so that its hash tells nothing of it: no salt and no slow
/// hash is needed, and comparing hashes gives nothing away by the time it takes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Of the token as it is sent.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(sha256(secret.as_bytes()))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

impl Serialize for TokenHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2).unwrap_or_default(), 16);
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = pair(2 * place).map_err(|_| de::Error::custom("a hash is 64 hexadecimal digits"))?;
        }
        if text.len() == 64 { Ok(Self(bytes)) } else { Err(de::Error::custom("a hash is 64 digits long")) }
    }
}

/// A token was added, as the log says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenAdded {
    /// Its name.
    pub name: TokenName,
    /// What its holder may ask.
    pub role: Role,
    /// Its hash; nobody keeps the token itself but its holder.
    pub hash: TokenHash,
    /// The last day on which it is taken, local; none where it does not lapse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<CivilDate>,
    /// Who ordered it.
    pub author: String,
    /// Who was recognised as giving the order, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
}

/// A token was revoked, as the log says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRevoked {
    /// Its name.
    pub name: TokenName,
    /// Who ordered it.
    pub author: String,
    /// Who was recognised as giving the order, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for name in ["lcs-feed", "a", "prometheus.2", "0"] {
            assert_eq!(name.parse::<TokenName>().expect("a name").as_str(), name);
        }
        for name in ["", "LCS", "a b", "-a", "ä", &"a".repeat(41)] {
            assert!(name.parse::<TokenName>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_stored_token_reads_back_and_says_nothing_in_debug() {
        let text = format!(
            r#"{{"name":"feed","role":"recorder","hash":"{}","until":"2027-01-31","author":"priya"}}"#,
            "0a".repeat(32)
        );
        let added: TokenAdded = serde_json::from_str(&text).expect("a fact");
        assert_eq!(serde_json::to_string(&added).expect("JSON"), text);
        assert!(!format!("{added:?}").contains("0a0a"));
        for bad in ["0a", "zz", &"0a".repeat(33)] {
            assert!(serde_json::from_value::<TokenHash>((*bad).into()).is_err(), "{bad}");
        }
    }
}
