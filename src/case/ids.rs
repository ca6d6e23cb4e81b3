//! A type of its own for every name and number, so that none is taken for another.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a text is not a well-formed name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("\"{}\" is not {what}", text.chars().take(80).flat_map(char::escape_debug).collect::<String>())]
pub struct IdError {
    text: String,
    what: &'static str,
}

fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

fn is_event_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 256 && !text.chars().any(char::is_control)
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $accepts:path, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if $accepts(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(IdError { text: text.to_owned(), what: $what })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id!(
    /// A case, by its reference: never a child's name. At most 64 letters, digits, `-`, `.` and `_`.
    CaseRef, is_name, "a case reference: use up to 64 letters, digits, \"-\", \".\" and \"_\", starting with a letter or digit"
);
text_id!(
    /// An event, by the identifier its producer gave it (`CloudEvents` `id`); at most 256 bytes.
    EventId, is_event_id, "an event id: use 1 to 256 bytes without control characters"
);
text_id!(
    /// A programme, such as `lancashire-step-down`.
    ProgrammeId, is_name, "a programme id: use up to 64 letters, digits, \"-\", \".\" and \"_\""
);
text_id!(
    /// An area that a programme works in, such as `wales`.
    AreaId, is_name, "an area: use up to 64 letters, digits, \"-\", \".\" and \"_\""
);
text_id!(
    /// A rule of a programme, such as `csw-visit-settling`.
    RuleId, is_name, "a rule id: use up to 64 letters, digits, \"-\", \".\" and \"_\""
);
text_id!(
    /// A role in a case, such as `child-social-worker`.
    RoleId, is_name, "a role: use up to 64 letters, digits, \"-\", \".\" and \"_\""
);
text_id!(
    /// A person in `people.toml`.
    PersonId, is_name, "a person's id: use up to 64 letters, digits, \"-\", \".\" and \"_\""
);

impl EventId {
    /// Whether a text may be an event's id.
    pub(super) fn accepts(text: &str) -> bool {
        is_event_id(text)
    }
}

impl ProgrammeId {
    /// The id that shares its text; nothing where the text is none.
    pub(super) fn shared(text: Arc<str>) -> Option<Self> {
        is_name(&text).then_some(Self(text))
    }
}

/// The place of an event within its case: 1 for the first in the log, retracted events counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventNumber(pub u32);

impl fmt::Display for EventNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The place of an event in the whole log: 1 for the first, without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sequence(pub u64);

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The stable name of an occurrence, `CASE/RULE/SERIES.N` (`semantics` §2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OccurrenceName {
    /// The case it belongs to.
    pub case: CaseRef,
    /// The rule that calls for it.
    pub rule: RuleId,
    /// The number of the series' anchor event within the case.
    pub series: EventNumber,
    /// Its number within the series, from 1.
    pub n: u32,
}

impl fmt::Display for OccurrenceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}.{}", self.case, self.rule, self.series, self.n)
    }
}

impl TryFrom<String> for OccurrenceName {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<OccurrenceName> for String {
    fn from(name: OccurrenceName) -> Self {
        name.to_string()
    }
}

impl FromStr for OccurrenceName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let number = |digits: &str| -> Option<u32> {
            let canonical = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse().ok().filter(|_| canonical)
        };
        let parse = || {
            let (case, rest) = text.split_once('/')?;
            let (rule, place) = rest.split_once('/')?;
            let (series, n) = place.split_once('.')?;
            Some(Self {
                case: case.parse().ok()?,
                rule: rule.parse().ok()?,
                series: EventNumber(number(series)?),
                n: number(n)?,
            })
        };
        parse().ok_or_else(|| IdError {
            text: text.to_owned(),
            what: "the name of an occurrence: write CASE/RULE/SERIES.N, such as SD-0042/csw-visit-settling/17.3",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occurrence_name_reads_back_as_written() {
        let text = "SD-0042/csw-visit-settling/17.3";
        assert_eq!(text.parse::<OccurrenceName>().map(|name| name.to_string()), Ok(text.to_owned()));
    }

    #[test]
    fn names_that_could_break_a_path_a_header_or_a_number_are_refused() {
        for text in ["", "a b", "a/b", "-a", "a\n", "é", &"x".repeat(65)] {
            assert!(text.parse::<CaseRef>().is_err(), "{text:?}");
        }
        for text in ["SD/rule/1", "SD/rule/01.1", "SD/rule/1.0", "SD/rule/1.+2", "SD//1.1", "SD/rule/1.1.1"] {
            assert!(text.parse::<OccurrenceName>().is_err(), "{text:?}");
        }
    }
}
