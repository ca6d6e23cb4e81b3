//! What is asked of the writer, and how a batch is sorted before the door judges it.

use std::collections::HashMap;

use serde_json::Value;
use thiserror::Error;

use crate::calendar::Instant;
use crate::case::{Event, EventId, EventNumber, Fault, Rejection, Sequence, parse_event};
use crate::log::{Entry, LogError, mail_from_json};

/// Events to append, all or none.
#[derive(Debug, Clone, Default)]
pub struct AppendRequest {
    /// The events in the JSON event format.
    pub events: Vec<Value>,
    /// The version that the case of the first event must have.
    pub expected_version: Option<EventNumber>,
    /// Whether `recordedtime` is taken from the events; into an empty log only.
    pub keep_recorded_time: bool,
}

/// What came of an append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// How many events were appended.
    pub appended: usize,
    /// How many were in the log already, with the same content.
    pub duplicates: usize,
    /// The place of the last appended event in the log.
    pub sequence: Option<Sequence>,
    /// The version of the last appended event's case: that event's number.
    pub case_version: Option<EventNumber>,
}

/// Why nothing was appended.
#[derive(Debug, Error)]
pub enum AppendError {
    /// Some events were refused.
    #[error("refused, {} found; nothing was appended", if .0.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", .0.len()) })]
    Rejected(Vec<Rejection>),
    /// The case has moved on.
    #[error(
        "the case is at version {found}, not {expected}; nothing was appended. Look at what was added, then decide again"
    )]
    Version {
        /// The version expected.
        expected: EventNumber,
        /// The version it has.
        found: EventNumber,
    },
    /// The recorded times of a file are kept in an empty log only.
    #[error(
        "the log is not empty: recorded times are kept when importing into an empty log only; nothing was appended"
    )]
    NotEmpty,
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// An arrival that is new to the log.
#[derive(Debug)]
pub(super) struct Arrival {
    /// Its place in the batch.
    pub index: usize,
    pub entry: Entry,
    pub recorded: Instant,
}

/// A batch, sorted.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub new: Vec<Arrival>,
    pub duplicates: usize,
    pub rejections: Vec<Rejection>,
}

/// Reads the batch and sets duplicates aside: the same id with the same content is fine, with other
/// content it is refused. `known` finds what the log has under an id.
pub(super) fn sort(
    request: AppendRequest,
    now: Instant,
    known: impl Fn(&EventId) -> Result<Option<Entry>, LogError>,
) -> Result<Sorted, LogError> {
    let mut sorted = Sorted::default();
    let mut batch: HashMap<EventId, usize> = HashMap::new();
    for (index, json) in request.events.into_iter().enumerate() {
        let (entry, recorded) = match read(json, request.keep_recorded_time, now) {
            Ok(read) => read,
            Err(faults) => {
                sorted.rejections.extend(faults.into_iter().map(|fault| Rejection { index, fault }));
                continue;
            }
        };
        let id = entry.id();
        let earlier = match batch.get(id).and_then(|place| sorted.new.get(*place)) {
            Some(arrival) => Some(arrival.entry.clone()),
            None => known(id)?,
        };
        match earlier {
            Some(earlier) if earlier == entry => sorted.duplicates += 1,
            Some(_) => {
                let reason = format!(
                    "\"{id}\" is the id of another event with other content; give each event an id of its own"
                );
                sorted.rejections.push(Rejection { index, fault: Fault::new("id", reason) });
            }
            None => {
                batch.insert(id.clone(), sorted.new.len());
                sorted.new.push(Arrival { index, entry, recorded });
            }
        }
    }
    Ok(sorted)
}

fn read(json: Value, keep_recorded_time: bool, now: Instant) -> Result<(Entry, Instant), Vec<Fault>> {
    if Entry::is_mail(&json) {
        if !keep_recorded_time {
            let reason =
                "is written by stepdown itself; import an export with --keep-recorded-time into an empty log";
            return Err(vec![Fault::new("source", reason)]);
        }
        return mail_from_json(&json).map_err(|error| vec![Fault::new("data", error.to_string())]);
    }
    let (event, recorded): (Event, _) = parse_event(json)?;
    match recorded.filter(|_| keep_recorded_time) {
        Some(recorded) if recorded > now => {
            Err(vec![Fault::new("recordedtime", format!("{} is in the future", recorded.to_rfc3339()))])
        }
        kept => Ok((Entry::Case(event), kept.unwrap_or(now))),
    }
}
