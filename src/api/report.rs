//! The report: how well the policy is kept, and what it achieves.

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::answer::{Answers, QueryError};
use super::desk::{Desk, Refusal};
use super::given::{Json, Query};
use super::turns::in_turn;
use crate::calendar::CivilDate;
use crate::case::{ProgrammeId, nearest};
use crate::language::Language;
use crate::report::{Period, Report, Scope, Subject, report};

/// Which report is asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportQuery {
    /// The first day of the period; twelve months before the last, where left out.
    #[serde(default, deserialize_with = "super::days::maybe")]
    pub from: Option<CivilDate>,
    /// The last day, today at the latest; today, where left out.
    #[serde(default, deserialize_with = "super::days::maybe")]
    pub to: Option<CivilDate>,
    /// On this programme only.
    pub programme: Option<ProgrammeId>,
    /// Whether small numbers are shown.
    #[serde(default)]
    pub small_numbers: bool,
    /// The language of names.
    #[serde(default)]
    pub language: Language,
}

impl Answers<'_> {
    /// The report asked for.
    ///
    /// # Errors
    /// When its days are the wrong way round or still to come, or there is no such programme.
    pub fn report(&self, query: &ReportQuery) -> Result<Report, QueryError> {
        let today = self.config.settings.reminders.time_zone.civil_date(self.now);
        let period = Period::asked(query.from, query.to, today).map_err(QueryError::Period)?;
        let policies = self.policies(None);
        if let Some(programme) = query.programme.as_ref().filter(|id| !policies.contains_key(*id)) {
            let mut known: Vec<_> = policies.keys().map(ProgrammeId::as_str).collect();
            known.sort_unstable();
            let near = nearest(programme.as_str(), known.iter().copied());
            let hint = near.map_or_else(
                || format!("there are: {}", known.join(", ")),
                |near| format!("did you mean \"{near}\"?"),
            );
            return Err(QueryError::NoProgramme { programme: programme.clone(), hint });
        }
        let scope = Scope {
            period,
            programme: query.programme.clone(),
            small_numbers: query.small_numbers,
            language: query.language,
        };
        Ok(report(self.counted(&policies), &scope))
    }

    /// What a report counts over.
    pub(super) const fn counted<'s>(&'s self, policies: &'s crate::policy::Policies) -> Subject<'s> {
        Subject { cases: &self.records.cases, policies, ledger: &self.records.ledger }
    }
}

pub(super) async fn reported(
    State(desk): State<Desk>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<Report>, Refusal> {
    let (snapshot, now) = desk.at_hand();
    Ok(Json(in_turn(move || snapshot.answers(now).report(&query)).await??))
}
