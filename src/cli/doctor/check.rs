//! One thing that was looked at: how it stands, and what to do about it.

use serde::Serialize;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// In order.
    Ok,
    /// To be looked into when there is time.
    Warn,
    /// To be mended now.
    Fail,
}

impl State {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        }
    }
}

/// One thing that was looked at. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    #[serde(rename = "check")]
    pub name: &'static str,
    /// How it stands.
    pub state: State,
    /// What there is.
    pub says: String,
    /// What to do.
    #[serde(rename = "do")]
    pub remedy: Option<String>,
}

impl Check {
    /// It is in order.
    pub fn ok(name: &'static str, says: impl Into<String>) -> Self {
        Self { name, state: State::Ok, says: says.into(), remedy: None }
    }

    /// It should be looked into: `remedy` says how.
    pub fn warn(name: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, state: State::Warn, says: says.into(), remedy: Some(remedy.into()) }
    }

    /// It must be mended: `remedy` says how.
    pub fn fail(name: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, state: State::Fail, says: says.into(), remedy: Some(remedy.into()) }
    }
}
