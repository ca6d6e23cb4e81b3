//! In which capacity somebody is told, and why it is not who should be: decided here, said in mail.

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
    /// An admin, since nobody answers for any of these roles.
    Admin(Vec<RoleId>),
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

/// What is amiss with a role that somebody should hold.
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

impl Gap {
    /// The same in English; `role` and `person` say what those are called.
    #[must_use]
    pub fn in_english(
        &self,
        role: impl Fn(&RoleId) -> String,
        person: impl Fn(&PersonId) -> String,
    ) -> String {
        match self {
            Self::Empty { role: empty } => format!("nobody holds the role {}", role(empty)),
            Self::Unlisted { role: of, person: who } => {
                format!("{} ({}) is not listed", person(who), role(of))
            }
            Self::Left { role: of, person: who } => format!("{} ({}) has left", person(who), role(of)),
            Self::Absent { role: of, person: who, until } => {
                format!("{} ({}) is away until {}", person(who), role(of), until.format("%-d %B"))
            }
        }
    }
}
