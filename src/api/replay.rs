//! Rebuilding every projection from the log, and comparing it with what is live.

use serde::{Deserialize, Serialize};

use crate::calendar::Instant;
use crate::case::{CaseFile, CaseRef, Cases};
use crate::config::Config;
use crate::daemon::Records;
use crate::log::{Head, LogError, LogReader};

use super::answer::Answers;
use super::limits::LimitsQuery;
use super::wire::DueQuery;

/// What a replay found. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// How many entries were replayed.
    pub entries: u64,
    /// Whether a daemon was asked, or the state that this command had read.
    pub daemon: bool,
    /// Whether every projection equals what is live.
    pub equal: bool,
    /// Each projection.
    pub projections: Vec<Projection>,
}

/// One projection, rebuilt and compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Projection {
    /// `cases`, `obligations`, `limits`, `mail`, `policy` or `ids`.
    pub projection: String,
    /// How many there are of what it holds.
    pub count: usize,
    /// Whether it equals what is live.
    pub equal: bool,
    /// The first difference, where there is one.
    pub difference: Option<String>,
}

/// Rebuilds every projection from the entries up to `head` and compares it with `live`; `each` hears how many
/// entries have been taken.
///
/// # Errors
/// When the log is damaged or cannot be read.
pub fn replay(
    log: &LogReader,
    head: Head,
    (live, config): (&Records, &Config),
    daemon: bool,
    now: Instant,
    mut each: impl FnMut(u64),
) -> Result<Replayed, LogError> {
    let rebuilt = Records::replay(log, head.sequence, |_, stored| each(stored.sequence.0))?;
    let projections = vec![
        compared("cases", rebuilt.cases.events(), differing_case(&rebuilt.cases, &live.cases)),
        obligations(&rebuilt, live, config, now),
        limits(&rebuilt, live, config, now),
        compared(
            "mail",
            rebuilt.ledger.deliveries().count(),
            (rebuilt.ledger != live.ledger).then(|| "what became of mail".to_owned()),
        ),
        compared(
            "policy",
            rebuilt.adopted.versions().map(|(_, versions)| versions.len()).sum(),
            (rebuilt.adopted != live.adopted).then(|| "what was adopted".to_owned()),
        ),
        compared(
            "tokens",
            rebuilt.tokens.iter().count(),
            (rebuilt.tokens != live.tokens).then(|| "which tokens there are".to_owned()),
        ),
        compared(
            "ids",
            rebuilt.ids.len(),
            (rebuilt.ids != live.ids).then(|| "where an id stands".to_owned()),
        ),
    ];
    let equal = projections.iter().all(|projection| projection.equal);
    Ok(Replayed { entries: head.sequence.0, daemon, equal, projections })
}

fn compared(projection: &str, count: usize, difference: Option<String>) -> Projection {
    Projection { projection: projection.to_owned(), count, equal: difference.is_none(), difference }
}

/// The first case that reads otherwise, in the order of their references.
fn differing_case(rebuilt: &Cases, live: &Cases) -> Option<String> {
    let mut names: Vec<&CaseRef> = rebuilt.iter().chain(live.iter()).map(CaseFile::case).collect();
    names.sort();
    names.dedup();
    let differing = names.into_iter().find(|case| rebuilt.get(case) != live.get(case))?;
    let events = |cases: &Cases| cases.get(differing).map_or(0, |file| file.version().0);
    Some(format!("case {differing}: {} events by the log, {} live, or others", events(rebuilt), events(live)))
}

/// The due list of today by both.
fn obligations(rebuilt: &Records, live: &Records, config: &Config, now: Instant) -> Projection {
    let query = DueQuery { all: true, ..DueQuery::default() };
    let rows = |records| Answers { records, config, now }.due(&query).unwrap_or_default();
    let (by_log, by_live) = (rows(rebuilt), rows(live));
    let differing = by_log.iter().zip(&by_live).find(|(one, other)| one != other);
    let difference = match differing {
        Some((one, _)) => Some(one.occurrence.clone()),
        None if by_log.len() == by_live.len() => None,
        None => Some(format!("{} by the log, {} live", by_log.len(), by_live.len())),
    };
    compared("obligations", by_log.len(), difference)
}

/// How the limits stand today by both: the places that were kept along, and those that all of the log gives.
fn limits(rebuilt: &Records, live: &Records, config: &Config, now: Instant) -> Projection {
    let rows = |records| Answers { records, config, now }.limits(&LimitsQuery::default()).unwrap_or_default();
    let (by_log, by_live) = (rows(rebuilt), rows(live));
    let differing = by_log.iter().find(|row| !by_live.contains(row));
    let differing = differing.or_else(|| by_live.iter().find(|row| !by_log.contains(row)));
    let held = by_log.iter().map(|row| row.cases.len()).sum();
    compared("limits", held, differing.map(|row| format!("{}, {}", row.programme, row.limit)))
}
