//! What the template of a limit that is exceeded sees.

use serde::Serialize;

use super::counted;
use crate::language::UnknownPhrase;
use crate::mail::voice::Voice;
use crate::reminders::{LimitContent, Saying};

/// A limit across cases that is exceeded.
#[derive(Debug, Serialize)]
pub struct LimitBody {
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

impl LimitBody {
    /// The page about `limit`, in the language of `voice`.
    ///
    /// # Errors
    /// When a phrase of it is in no language.
    pub fn new(limit: &LimitContent, voice: Voice<'_>) -> Result<Self, UnknownPhrase> {
        let LimitContent { field, value, open, at_most, .. } = limit;
        let listed = limit
            .cases
            .iter()
            .map(|(case, since)| HeldLine { case: case.to_string(), since: voice.long(*since) });
        let summary = [
            ("count", counted(*open)),
            ("field", Saying::Text(field.clone())),
            ("value", Saying::Text(value.clone())),
            ("over", counted(open.saturating_sub(*at_most))),
            ("most", counted(*at_most)),
        ];
        let others = match open.saturating_sub(limit.cases.len()) {
            0 => None,
            others => Some(voice.phrase("limit-others", &[("count", counted(others))])?),
        };
        Ok(Self {
            case: limit.case.to_string(),
            title: voice.wording(&limit.title),
            happened_on: voice.long(limit.happened_on),
            summary: voice.phrase("limit-summary", &summary)?,
            cases: listed.collect(),
            others,
            source: voice.say(&limit.source)?,
            reading: limit.reading.clone().map(|reading| voice.wording(&reading.into())),
            capacity: voice.say(&limit.capacity)?,
        })
    }
}
