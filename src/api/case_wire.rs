//! The JSON about cases. Field names are public: other people's scripts rely on them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::ObligationRow;
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, EventId, EventNumber, PersonId, ProgrammeId, RoleId, Sequence};

/// Which cases are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CasesQuery {
    /// The date they are looked at; today, where left out.
    pub on: Option<CivilDate>,
    /// Those with something overdue only.
    #[serde(default)]
    pub overdue: bool,
    /// Closed ones too.
    #[serde(default)]
    pub all: bool,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRow {
    /// Its reference.
    pub case: CaseRef,
    /// Its programme.
    pub programme: ProgrammeId,
    /// The stage it is in, where the programme names stages and it is in one.
    pub stage: Option<String>,
    /// The day it was opened; of a case that needs no opening, its first event.
    pub opened_on: Option<CivilDate>,
    /// The day to act by of what comes next, or is overdue the longest.
    pub next_due: Option<CivilDate>,
    /// Its name.
    pub next_due_occurrence: Option<String>,
    /// What is to be done.
    pub next_due_title: Option<String>,
    /// How many obligations are overdue.
    pub overdue: usize,
    /// How many are open.
    pub open: usize,
    /// Whether the case is closed; an erased one is.
    pub closed: bool,
    /// The day it was erased, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub erased_on: Option<CivilDate>,
}

/// How a case is looked at.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseQuery {
    /// The date; today, where left out.
    pub on: Option<CivilDate>,
    /// As known at this moment; now, where left out.
    pub known_at: Option<Instant>,
}

/// A case with its history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseFile {
    /// Its reference.
    pub case: CaseRef,
    /// Its programme; of an erased case its own reference, since that is forgotten.
    pub programme: ProgrammeId,
    /// The number of the programme's version in force on the date; of an erased case 0.
    pub policy_version: u32,
    /// The date it is looked at.
    pub on: CivilDate,
    /// The stage it is in.
    pub stage: Option<String>,
    /// The day it was opened; of a case that needs no opening, its first event.
    pub opened_on: Option<CivilDate>,
    /// Whether it is closed; an erased one is.
    pub closed: bool,
    /// Who holds which role.
    pub people: Vec<HolderRow>,
    /// What happened, in the order of time, retracted events too.
    pub events: Vec<EventRow>,
    /// What is overdue, open, or scheduled within 90 days.
    pub due: Vec<ObligationRow>,
    /// Its erasure, if it was erased: then nothing else is known of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub erased: Option<ErasedRow>,
}

/// That a case was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedRow {
    /// The day.
    pub on: CivilDate,
    /// How many events were in it.
    pub events: u32,
}

/// Who holds a role in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderRow {
    /// The role.
    pub role: RoleId,
    /// Its name for people.
    pub title: String,
    /// The person.
    pub person: PersonId,
    /// Their name, where `people.toml` lists them.
    pub name: Option<String>,
    /// The day they took it.
    pub since: CivilDate,
}

/// An event as it reads today.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRow {
    /// Its place within the case.
    pub number: EventNumber,
    /// Its place in the log.
    pub sequence: Sequence,
    /// Its id.
    pub id: EventId,
    /// Its type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The civil date on which it happened.
    pub on: CivilDate,
    /// When it happened.
    pub time: Instant,
    /// When the log recorded it.
    pub recorded: Instant,
    /// Who produced it.
    pub source: String,
    /// Its data.
    pub data: Value,
    /// The last event that corrected it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub corrected_by: Option<EventNumber>,
    /// The event that retracted it: it is treated as never having happened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retracted_by: Option<EventNumber>,
    /// What was recorded before it was corrected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub original: Option<Original>,
    /// By whose word, where its producer says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub author: Option<String>,
    /// Who was recognised as sending it in; where the log was made from a file, who the file says it was. "token NAME"
    /// is the holder of a token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recorded_by: Option<String>,
    /// Why, where its producer says so beside the data.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// What was recorded of an event that was corrected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Original {
    /// The civil date.
    pub on: CivilDate,
    /// When it was said to have happened.
    pub time: Instant,
    /// Its data.
    pub data: Value,
}
