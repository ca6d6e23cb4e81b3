//! `[records]` of `stepdown.toml`: how records are sealed, and how long they are kept.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, de};

/// `[records]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordsSettings {
    /// The file with the key that the keyring is sealed with; in the data directory, unless absolute. It is made
    /// with a new log.
    pub wrapping_key_file: Option<PathBuf>,
    /// The systemd credential that holds that key (`LoadCredential=`).
    pub wrapping_key_credential: Option<String>,
    /// For how many years from a child's birth a record is kept, 1 to 200. In England 75 (regulation 50 of the
    /// Care Planning, Placement and Case Review (England) Regulations 2010).
    #[serde(deserialize_with = "years")]
    pub retention_years: u32,
    /// The name that checkpoints of the log go under, such as `stepdown.example.org/log` (C2SP tlog-checkpoint).
    #[serde(deserialize_with = "origin")]
    pub origin: String,
}

impl Default for RecordsSettings {
    fn default() -> Self {
        Self {
            wrapping_key_file: None,
            wrapping_key_credential: None,
            retention_years: 75,
            origin: "stepdown.example.org/log".to_owned(),
        }
    }
}

impl RecordsSettings {
    /// Where the wrapping key of the log in `data` is.
    #[must_use]
    pub fn wrapping_key(&self, data: &Path) -> PathBuf {
        match (&self.wrapping_key_credential, &self.wrapping_key_file) {
            // systemd.exec(5): without its variable there is no such file, which is told with its name.
            (Some(name), _) => {
                let directory = std::env::var_os("CREDENTIALS_DIRECTORY").unwrap_or_default();
                PathBuf::from(directory).join(name)
            }
            (None, Some(file)) => data.join(file),
            (None, None) => data.join("wrapping-key"),
        }
    }

    /// What contradicts itself: the key it is about, and why.
    pub(super) fn contradictions(&self) -> Option<(&'static str, String)> {
        let both = self.wrapping_key_file.is_some() && self.wrapping_key_credential.is_some();
        both.then(|| {
            ("wrapping_key_file", "give wrapping_key_file or wrapping_key_credential, not both".to_owned())
        })
    }
}

fn years<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        years @ 1..=200 => Ok(years),
        years => Err(de::Error::custom(format!("{years} is not between 1 and 200 years"))),
    }
}

fn origin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_name =
        !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+');
    if is_name {
        Ok(text)
    } else {
        Err(de::Error::custom(format!("{text:?} has a space, a plus or nothing in it")))
    }
}
