//! How far ahead a question may look.

use super::answer::QueryError;
use super::days::MOST_DAYS;
use crate::calendar::CivilDate;

/// Every day up to the last one is walked, whether it is asked about or not.
pub(super) fn is_within_reach(today: CivilDate, to: CivilDate) -> Result<(), QueryError> {
    if to.signed_duration_since(today).num_days() < MOST_DAYS {
        return Ok(());
    }
    Err(QueryError::Days { from: today, to, most: MOST_DAYS })
}
