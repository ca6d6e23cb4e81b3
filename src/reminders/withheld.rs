//! Why a step that has fallen is not sent, in plain words: whoever asks is told, and no mail says it.

use std::fmt;

use super::Silence;
use crate::calendar::CivilDate;

/// Why a step that has fallen is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withheld {
    /// A later step takes its place.
    Superseded(String),
    /// The same work is overdue already, and that is told.
    Muted,
    /// Somebody asked for silence.
    Silenced(Silence),
    /// It is dated before the go-live date.
    BeforeGoLive(CivilDate),
    /// Its day went by, and its ladder says to skip it then.
    Skipped(CivilDate),
    /// Nobody has an address for this.
    NobodyToTell(String),
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded(by) => write!(f, "superseded by {by}"),
            Self::Muted => f.write_str("muted: the same work is overdue, and that is told"),
            Self::Silenced(silence) => silence.fmt(f),
            Self::BeforeGoLive(live) => write!(f, "before go-live on {live}"),
            Self::Skipped(day) => write!(f, "skipped: its day was {day}, and its ladder sends nothing late"),
            Self::NobodyToTell(whom) => write!(f, "nobody to tell: {whom}"),
        }
    }
}
