//! What is asked of the writer, and how a batch is sorted before the door judges it.

use std::borrow::Cow;
use std::collections::HashMap;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use serde_json::Value;
use thiserror::Error;

use crate::access::Who;
use crate::calendar::Instant;
use crate::case::{
    Admission, CaseFile, Cases, EventId, EventNumber, Fault, ProgrammeId, Rejection, Sequence, admit,
    parse_event,
};
use crate::config::Config;
use crate::log::{Entry, Fact, LogError, own_from_json};
use crate::policy::PolicyFact;

/// Events to append, all or none. Reading them is the asker's work, so that the writer's thread has the
/// less to do.
#[derive(Debug, Default)]
pub struct AppendRequest {
    pub(super) arrivals: Vec<Arrival>,
    /// The version that the case of the first event must have.
    pub expected_version: Option<EventNumber>,
    /// Whether `recordedtime` is taken from the events; into an empty log only.
    pub keep_recorded_time: bool,
    /// Whether it is only judged: nothing is appended.
    pub rehearsal: bool,
    /// The number of case events that it was made for.
    pub(super) on_top_of: Option<usize>,
}

/// An event as it was read, with the `recordedtime` it came with.
type Arrival = Result<(Entry, Option<Instant>), Vec<Fault>>;

impl AppendRequest {
    /// Reads events in the JSON event format. What cannot be read is refused later, with the rest.
    #[must_use]
    pub fn new(events: Vec<Value>) -> Self {
        Self { arrivals: events.into_iter().map(read).collect(), ..Self::default() }
    }

    /// Reads events in the JSON event format, one a line; empty lines are passed over.
    #[must_use]
    pub fn from_lines(text: &[u8]) -> Self {
        // Windows programs like to start a text with a byte order mark.
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let lines: Vec<_> =
            text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
        let read_line = |line: &[u8]| match serde_json::from_slice(line) {
            Ok(json) => read(json),
            Err(error) => {
                let reason = error.to_string().replace("line 1 column", "column");
                Err(vec![Fault::new("", format!("is not JSON: {reason}"))])
            }
        };
        Self { arrivals: lines.into_par_iter().map(read_line).collect(), ..Self::default() }
    }

    /// The same, if the case of the first event has this version.
    #[must_use]
    pub const fn expecting(mut self, version: Option<EventNumber>) -> Self {
        self.expected_version = version;
        self
    }

    /// The same, with the recorded times of the events.
    #[must_use]
    pub const fn keeping_recorded_time(mut self, keep: bool) -> Self {
        self.keep_recorded_time = keep;
        self
    }

    /// The same, judged like any other, but nothing is appended.
    #[must_use]
    pub const fn rehearsing(mut self, rehearsal: bool) -> Self {
        self.rehearsal = rehearsal;
        self
    }

    /// The same, with `who` written into each event as its sender, whatever it said of that itself.
    #[must_use]
    pub fn sent_by(mut self, who: &Who) -> Self {
        let (authtype, authid) = who.auth_context();
        for (entry, _) in self.arrivals.iter_mut().flatten() {
            if let Entry::Case(event) = entry {
                event.stamp(authtype, authid);
            }
        }
        self
    }

    /// The same, if there are no case events but the `events` it was made for.
    #[must_use]
    pub const fn on_top_of(mut self, events: usize) -> Self {
        self.on_top_of = Some(events);
        self
    }
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
    /// The log has moved on.
    #[error("other events were appended meanwhile; nothing was appended. Run it again")]
    MovedOn,
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// An event that is new to the log.
#[derive(Debug)]
pub(super) struct New {
    /// Its place in the batch.
    pub index: usize,
    pub entry: Entry,
    pub recorded: Instant,
}

/// A batch, sorted.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub new: Vec<New>,
    pub duplicates: usize,
    pub rejections: Vec<Rejection>,
}

impl Sorted {
    /// What comes of it, as far as it is known before anything is staged.
    pub(super) const fn receipt(&self) -> Receipt {
        Receipt { appended: self.new.len(), duplicates: self.duplicates, sequence: None, case_version: None }
    }
}

/// Sets duplicates aside: the same id with the same content is fine, with other content it is refused.
/// `known` finds what the log has under an id.
fn sort(
    request: AppendRequest,
    now: Instant,
    known: impl Fn(&EventId) -> Result<Option<Entry>, LogError>,
) -> Result<Sorted, LogError> {
    let mut sorted = Sorted::default();
    let mut batch: HashMap<EventId, usize> = HashMap::with_capacity(request.arrivals.len());
    for (index, arrival) in request.arrivals.into_iter().enumerate() {
        let (entry, recorded) = match arrival.and_then(|read| recorded(read, request.keep_recorded_time, now))
        {
            Ok(read) => read,
            Err(faults) => {
                sorted.rejections.extend(faults.into_iter().map(|fault| Rejection { index, fault }));
                continue;
            }
        };
        let id = entry.id();
        let earlier = match batch.get(id).and_then(|place| sorted.new.get(*place)) {
            Some(new) => Some(new.entry.clone()),
            None => known(id)?,
        };
        match earlier {
            Some(earlier) if says_the_same(&earlier, &entry) => sorted.duplicates += 1,
            Some(_) => {
                let reason = format!(
                    "\"{id}\" is the id of another event with other content; give each event an id of its own"
                );
                sorted.rejections.push(Rejection { index, fault: Fault::new("id", reason) });
            }
            None => {
                batch.insert(id.clone(), sorted.new.len());
                sorted.new.push(New { index, entry, recorded });
            }
        }
    }
    Ok(sorted)
}

/// Whether two entries are one; who sent it in makes no other event of it.
fn says_the_same(earlier: &Entry, entry: &Entry) -> bool {
    match (earlier, entry) {
        (Entry::Case(earlier), Entry::Case(event)) => earlier.says_the_same_as(event),
        _ => earlier == entry,
    }
}

/// Judges a request against the cases recorded so far, and gives what of it is new. `known` finds what the
/// log has under an id.
pub(super) fn judge(
    request: AppendRequest,
    cases: &Cases,
    admissions: &HashMap<ProgrammeId, Admission>,
    now: Instant,
    known: impl Fn(&EventId) -> Result<Option<Entry>, LogError>,
) -> Result<Sorted, AppendError> {
    if request.on_top_of.is_some_and(|events| events != cases.events()) {
        return Err(AppendError::MovedOn);
    }
    let expected = request.expected_version;
    let mut sorted = sort(request, now, known)?;
    let (places, events): (Vec<_>, Vec<_>) = sorted
        .new
        .iter()
        .filter_map(|new| match &new.entry {
            Entry::Case(event) => Some((new.index, event)),
            Entry::Own(..) => None,
        })
        .unzip();
    let brought = sorted.new.iter().filter_map(|new| match &new.entry {
        Entry::Own(_, Fact::Policy(fact)) => Some(fact),
        _ => None,
    });
    let admissions = with_rules_of(admissions, brought);
    let refused = admit(&events, cases, &admissions, now);
    sorted.rejections.extend(refused.into_iter().map(|rejection| Rejection {
        index: places.get(rejection.index).copied().unwrap_or(rejection.index),
        ..rejection
    }));
    if !sorted.rejections.is_empty() {
        sorted.rejections.sort_by_key(|rejection| rejection.index);
        return Err(AppendError::Rejected(sorted.rejections));
    }
    if let (Some(expected), Some(event)) = (expected, events.first()) {
        let found = cases.get(&event.subject).map_or(EventNumber(0), CaseFile::version);
        if found != expected {
            return Err(AppendError::Version { expected, found });
        }
    }
    Ok(sorted)
}

/// The same with the rules of the programmes that an import brings along.
fn with_rules_of<'a>(
    admissions: &'a HashMap<ProgrammeId, Admission>,
    brought: impl Iterator<Item = &'a PolicyFact>,
) -> Cow<'a, HashMap<ProgrammeId, Admission>> {
    let mut known = Cow::Borrowed(admissions);
    for fact in brought {
        if let PolicyFact::ProgrammeAdopted { programme, text, .. } = fact
            && let Some(admission) = known.to_mut().get_mut(programme)
        {
            admission.rules.extend(text.programme().rules.iter().map(|rule| rule.id.to_string()));
        }
    }
    known
}

/// What would come of a request where there is no log yet.
///
/// # Errors
/// Every fault of every event.
pub fn rehearse(request: AppendRequest, config: &Config, now: Instant) -> Result<Receipt, AppendError> {
    judge(request, &Cases::default(), &config.admissions, now, |_| Ok(None)).map(|sorted| sorted.receipt())
}

fn read(json: Value) -> Arrival {
    if Entry::is_own(&json) {
        return own_from_json(&json)
            .map(|(entry, recorded)| (entry, Some(recorded)))
            .map_err(|error| vec![Fault::new("data", error.to_string())]);
    }
    parse_event(json).map(|(event, recorded)| (Entry::Case(event), recorded))
}

/// The moment an event counts as recorded: now, or the one it came with.
fn recorded(
    (entry, recorded): (Entry, Option<Instant>),
    keep_recorded_time: bool,
    now: Instant,
) -> Result<(Entry, Instant), Vec<Fault>> {
    if !matches!(entry, Entry::Case(_)) && !keep_recorded_time {
        let reason =
            "is written by stepdown itself; import an export with --keep-recorded-time into an empty log";
        return Err(vec![Fault::new("source", reason)]);
    }
    match recorded.filter(|_| keep_recorded_time) {
        Some(recorded) if recorded > now => {
            Err(vec![Fault::new("recordedtime", format!("{} is in the future", recorded.to_rfc3339()))])
        }
        kept => Ok((entry, kept.unwrap_or(now))),
    }
}
