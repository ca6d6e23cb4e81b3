//! What the template of a limit that is exceeded sees.

use serde::Serialize;

use super::page::{long, many};
use crate::reminders::LimitContent;

/// A limit across cases that is exceeded.
#[derive(Debug, Serialize)]
pub(super) struct LimitBody {
    case: String,
    title: String,
    happened_on: String,
    /// Of what there is too much, and by how much.
    summary: String,
    cases: Vec<HeldLine>,
    /// Of those that are not listed, how many there are.
    others: Option<String>,
    source: String,
    reading: Option<String>,
    capacity: String,
}

#[derive(Debug, Serialize)]
struct HeldLine {
    case: String,
    since: String,
}

impl From<&LimitContent> for LimitBody {
    fn from(limit: &LimitContent) -> Self {
        let LimitContent { field, value, open, at_most, .. } = limit;
        let listed =
            limit.cases.iter().map(|(case, since)| HeldLine { case: case.to_string(), since: long(*since) });
        let others = open.saturating_sub(limit.cases.len());
        Self {
            case: limit.case.to_string(),
            title: limit.title.to_string(),
            happened_on: long(limit.happened_on),
            summary: format!(
                "{} at one time for {field} {value}: {} more than the {at_most} that may be.",
                many(*open, "case"),
                open.saturating_sub(*at_most)
            ),
            cases: listed.collect(),
            others: (others > 0).then(|| format!("and {} since: stepdown limits", many(others, "more case"))),
            source: limit.source.clone(),
            reading: limit.reading.clone(),
            capacity: limit.capacity.clone(),
        }
    }
}
