//! A report as it is answered. The field names are public.
//!
//! A count that is null is withheld. Any other figure is null where it is withheld or there is nothing to reckon it
//! from; `withheld` names those of the row that are withheld.

use serde::{Deserialize, Serialize};

use crate::calendar::CivilDate;
use crate::case::{ProgrammeId, RoleId, RuleId};
use crate::language::Language;

/// How well policies were kept in a period, and what they achieved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The first day of the period.
    pub from: CivilDate,
    /// The last day of it, on which everything is seen.
    pub to: CivilDate,
    /// The language of names in it; a name that is not written in it is marked, and in English.
    pub language: Language,
    /// Whether small numbers are shown.
    pub small_numbers: bool,
    /// Obligations of all programmes together; none where there is but one programme.
    pub total: Option<KeptRow>,
    /// Each programme, by id.
    pub programmes: Vec<ProgrammeReport>,
}

/// What is told of one programme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProgrammeReport {
    /// The programme.
    pub programme: ProgrammeId,
    /// Its name.
    pub title: String,
    /// The cases that had begun by the last day, closed ones too.
    pub cases: Option<u64>,
    /// Its obligations.
    pub kept: KeptRow,
    /// The same by the role that must act.
    pub roles: Vec<RoleRow>,
    /// The same by rule and that role, in the order of the programme.
    pub rules: Vec<RuleRow>,
    /// What became of transitions, where the programme says what one is.
    pub transition: Option<TransitionRow>,
    /// Who was supported, where it says what that is.
    pub support: Option<SupportRow>,
    /// How measures moved.
    pub movements: Vec<MovementRow>,
    /// How long cases stay in each stage.
    pub stages: Vec<StageRow>,
}

/// What became of obligations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeptRow {
    /// How many there were; the sum of the next six.
    pub due: Option<u64>,
    /// Done by their deadline.
    pub on_time: Option<u64>,
    /// Done after it.
    pub late: Option<u64>,
    /// Not done, and never to be made up for.
    pub missed: Option<u64>,
    /// Past their deadline and still to be done.
    pub overdue: Option<u64>,
    /// Due on the last day itself, and still to be done.
    pub open: Option<u64>,
    /// Waived.
    pub waived: Option<u64>,
    /// On time, in per cent of those on time, late, missed and overdue.
    pub on_time_rate: Option<f64>,
    /// The median of the days from the deadline to the day it was done; negative is early.
    pub median_days: Option<f64>,
    /// Reminders of those that were done, by their number.
    pub reminders_per_completed: Option<f64>,
    /// Escalations about any of them.
    pub escalations: Option<u64>,
    /// The figures of this row that are withheld.
    pub withheld: Vec<String>,
}

/// What became of the obligations of a role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoleRow {
    /// The role that must act.
    pub role: RoleId,
    /// Its name.
    pub title: String,
    /// What became of them.
    #[serde(flatten)]
    pub kept: KeptRow,
}

/// What became of the obligations of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleRow {
    /// The rule.
    pub rule: RuleId,
    /// Its name.
    pub title: String,
    /// The role that must act; a rule that has changed hands has a row for each.
    pub role: RoleId,
    /// What became of them.
    #[serde(flatten)]
    pub kept: KeptRow,
}

/// What became of transitions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransitionRow {
    /// How long one must stand, such as `12 months`.
    pub after: String,
    /// Those attempted by the last day and not decided before the first.
    pub attempted: Option<u64>,
    /// Those of them whose time is not over yet.
    pub not_yet_known: Option<u64>,
    /// Those that were decided in the period: the denominator of the rate.
    pub decided: Option<u64>,
    /// Of these, those that stood: the numerator.
    pub standing: Option<u64>,
    /// Of these, those that did not.
    pub ended: Option<u64>,
    /// Standing in per cent of decided.
    pub success_rate: Option<f64>,
    /// Where the rate is withheld, since fewer than five have ended: it is no less than this.
    pub success_rate_at_least: Option<f64>,
    /// The figures of this row that are withheld.
    pub withheld: Vec<String>,
}

/// Who was supported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupportRow {
    /// Families supported on any day of the period.
    pub families: Option<u64>,
    /// Those of them of which it is said how many people they are.
    pub counted: Option<u64>,
    /// The adults in those.
    pub adults: Option<u64>,
    /// The children in those.
    pub children: Option<u64>,
    /// The figures of this row that are withheld.
    pub withheld: Vec<String>,
}

/// How a measure moved, first against last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MovementRow {
    /// The measure.
    pub id: String,
    /// Its name.
    pub title: String,
    /// The cases in which it was compared.
    pub compared: Option<u64>,
    /// For the better.
    pub better: Option<u64>,
    /// The same.
    pub same: Option<u64>,
    /// For the worse.
    pub worse: Option<u64>,
    /// The median of the first values, where they are numbers.
    pub median_first: Option<f64>,
    /// The median of the last.
    pub median_last: Option<f64>,
    /// The figures of this row that are withheld.
    pub withheld: Vec<String>,
}

/// How long cases stay in a stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageRow {
    /// Its name.
    pub stage: String,
    /// Stays that ended in the period.
    pub left: Option<u64>,
    /// A quarter of them took so many days at the most.
    pub lower_quartile_days: Option<f64>,
    /// Half of them.
    pub median_days: Option<f64>,
    /// Three quarters of them.
    pub upper_quartile_days: Option<f64>,
    /// Cases that are in it on the last day.
    pub still_in: Option<u64>,
    /// The median of the days that these have been in it.
    pub median_days_so_far: Option<f64>,
    /// The figures of this row that are withheld.
    pub withheld: Vec<String>,
}
