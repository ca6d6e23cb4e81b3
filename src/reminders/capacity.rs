//! In which capacity somebody is told, and why it is not who should be: decided here, said in mail.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::calendar::CivilDate;
use crate::case::{PersonId, RoleId};

/// In which capacity a recipient is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// As what.
    pub part: Part,
    /// Why it is not who holds the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Instead>,
}

/// As what a recipient is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The role whose work it is, or that a step of the ladder names.
    Role(RoleId),
    /// A role that the rule keeps informed.
    Also(RoleId),
    /// The manager of who holds the role.
    Manager(RoleId),
    /// A role that a notice goes to.
    Notice(RoleId),
    /// An admin, since nobody else can be told of what the role must do.
    LastResort(RoleId),
    /// An address that the policy names.
    Address,
    /// Who was told on this day what is corrected now.
    Told(CivilDate),
}

/// Why mail about a role goes to somebody else than its holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Instead {
    /// Nobody stands in for the holder: mail goes to the team, or the manager.
    Gap(Gap),
    /// The recipient covers for the holder.
    Cover(Gap),
}

/// What is amiss with a role that somebody should hold. `Display` says it in English, by the ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    /// Nobody holds it.
    Empty {
        /// The role.
        role: RoleId,
    },
    /// Its holder is not in `people.toml`.
    Unlisted {
        /// The role.
        role: RoleId,
        /// Its holder.
        person: PersonId,
    },
    /// Its holder has left.
    Left {
        /// The role.
        role: RoleId,
        /// Its holder.
        person: PersonId,
    },
    /// Its holder is absent.
    Absent {
        /// The role.
        role: RoleId,
        /// Its holder.
        person: PersonId,
        /// The last day of the absence.
        until: CivilDate,
    },
}

impl From<Part> for Capacity {
    fn from(part: Part) -> Self {
        Self { part, instead: None }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { role } => write!(f, "nobody holds the role {role}"),
            Self::Unlisted { role, person } => write!(f, "{person} ({role}) is not listed"),
            Self::Left { role, person } => write!(f, "{person} ({role}) has left"),
            Self::Absent { role, person, until } => {
                write!(f, "{person} ({role}) is away until {}", until.format("%-d %B"))
            }
        }
    }
}
