//! The door: what must hold of an event before the log takes it.
//!
//! A whole batch is judged before any of it is appended, and every fault is reported. Late records
//! are welcome: an event may be older than its case's opening, or belong to a closed case.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock};

use chrono::Datelike as _;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde_json::{Map, Value};

use super::catalogue::{hint, nearest};
use super::{
    CaseFile, CaseHistory, CaseRef, Cases, Catalogue, Data, Event, Fault, OccurrenceName, ProgrammeId, types,
};
use crate::calendar::Instant;

/// What the door knows of one programme.
#[derive(Debug, Clone)]
pub struct Admission {
    /// Its event types.
    pub catalogue: Arc<Catalogue>,
    /// The ids of its rules, for waivers; those of earlier versions too, by which open series go on.
    pub rules: BTreeSet<String>,
}

/// An event that was turned away: its place in the batch (from 0) and what was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Which of the batch.
    pub index: usize,
    /// What was wrong with it.
    pub fault: Fault,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}: {}", self.index + 1, self.fault)
    }
}

/// A case as the batch so far would leave it.
struct Growing<'a> {
    recorded: Option<&'a CaseFile>,
    /// What is recorded, read when an event is the first to speak of another.
    history: OnceLock<CaseHistory>,
    added: Vec<&'a Event>,
}

impl<'a> Growing<'a> {
    const fn new(recorded: Option<&'a CaseFile>) -> Self {
        Self { recorded, history: OnceLock::new(), added: Vec::new() }
    }

    fn find(&self, id: &str) -> Option<&Event> {
        let history = self.recorded.map(|file| self.history.get_or_init(|| file.history()));
        let recorded = history.and_then(|history| history.find(id)).map(|recorded| &recorded.event);
        recorded.or_else(|| self.added.iter().copied().find(|event| event.id.as_str() == id))
    }

    fn version(&self) -> usize {
        self.recorded.map_or(0, |file| file.version().0 as usize) + self.added.len()
    }
}

/// Judges `batch` (in the order it would be appended) against the cases recorded so far.
///
/// `programmes` are the configured ones; `now` is the moment of recording. Gives every fault of every
/// event; nothing, when all may be appended.
#[must_use]
pub fn admit(
    batch: &[&Event],
    cases: &Cases,
    programmes: &HashMap<ProgrammeId, Admission>,
    now: Instant,
) -> Vec<Rejection> {
    let mut judge = Judge { programmes, openings: openings(batch), growing: HashMap::new(), cases, now };
    // What an event says by itself is judged on all cores where there are many; what it says of others, in order.
    let alone: Vec<_> = if batch.len() < LARGE {
        batch.iter().map(|event| judge.alone(event)).collect()
    } else {
        batch.par_iter().map(|event| judge.alone(event)).collect()
    };
    let mut rejections = Vec::new();
    for ((index, event), alone) in batch.iter().copied().enumerate().zip(alone) {
        judge.case(&event.subject);
        let faults = match alone {
            Ok(admission) => {
                judge.reference_faults(admission, event, &event.event_type, &event.data).into_iter().collect()
            }
            Err(faults) => faults,
        };
        rejections.extend(faults.into_iter().map(|fault| Rejection { index, fault }));
        judge.case(&event.subject).added.push(event);
    }
    rejections
}

/// No case of anyone alive has an event before this year.
const EARLIEST: i32 = 1900;

/// From here on a batch is judged by all cores.
const LARGE: usize = 1_000;

/// The programme under which the batch itself opens a case, wherever in the batch that stands.
fn openings<'a>(batch: &[&'a Event]) -> HashMap<&'a CaseRef, &'a str> {
    let mut openings = HashMap::new();
    for event in batch.iter().copied().filter(|event| &*event.event_type == types::CASE_OPENED) {
        if let Some(programme) = event.data.get("programme").and_then(Value::as_str) {
            openings.entry(&event.subject).or_insert(programme);
        }
    }
    openings
}

struct Judge<'a> {
    programmes: &'a HashMap<ProgrammeId, Admission>,
    openings: HashMap<&'a CaseRef, &'a str>,
    growing: HashMap<&'a CaseRef, Growing<'a>>,
    cases: &'a Cases,
    now: Instant,
}

impl<'a> Judge<'a> {
    /// The case as it stands before the event at hand.
    fn case(&mut self, case: &'a CaseRef) -> &mut Growing<'a> {
        let recorded = self.cases.get(case);
        self.growing.entry(case).or_insert_with(|| Growing::new(recorded))
    }

    /// Judges what an event says by itself; gives its programme where there is no fault.
    fn alone(&self, event: &Event) -> Result<&'a Admission, Vec<Fault>> {
        if let Some(erased) = self.cases.get(&event.subject).and_then(CaseFile::erased) {
            let (case, on) = (&event.subject, erased.recorded.date_naive());
            let reason = format!("case {case} was erased on {on}; nothing more is recorded of it");
            return Err(vec![Fault::new("subject", reason)]);
        }
        let future = (event.time > self.now)
            .then(|| Fault::new("time", format!("{} is in the future", event.time.to_rfc3339())));
        let mistyped = (event.time.year() < EARLIEST).then(|| {
            Fault::new(
                "time",
                format!("{} is before {EARLIEST}; is the year mistyped?", event.time.to_rfc3339()),
            )
        });
        let mut faults: Vec<_> = future.into_iter().chain(mistyped).collect();
        match self.programme_of(event) {
            Ok(admission) => {
                faults.extend(admission.catalogue.faults(&event.event_type, &event.data.to_json(), "data"));
                if faults.is_empty() { Ok(admission) } else { Err(faults) }
            }
            Err(fault) => {
                faults.push(fault);
                Err(faults)
            }
        }
    }

    fn programme_of(&self, event: &Event) -> Result<&'a Admission, Fault> {
        let named = self.openings.get(&event.subject).copied();
        let recorded = self.cases.get(&event.subject).map(|file| file.programme().as_str());
        let own = Some(event.subject.as_str()).filter(|own| self.programmes.contains_key(*own));
        let Some(name) = recorded.or(named).or(own) else {
            let reason = if &*event.event_type == types::CASE_OPENED {
                return Err(Fault::new("data.programme", "is missing; case-opened needs it"));
            } else {
                format!("\"{}\" is an unknown case: append its case-opened first", event.subject)
            };
            return Err(Fault::new("subject", reason));
        };
        let known = self.programmes.get(name).ok_or_else(|| {
            let hint = hint(name, self.programmes.keys().map(ProgrammeId::as_str));
            Fault::new("data.programme", format!("\"{name}\" is not a configured programme; {hint}"))
        })?;
        match event.data.get("programme").and_then(Value::as_str) {
            Some(other) if &*event.event_type == types::CASE_OPENED && other != name => Err(Fault::new(
                "data.programme",
                format!("\"{other}\" differs: case {} is already under {name}", event.subject),
            )),
            _ => Ok(known),
        }
    }

    /// What an event says of others must be so: the event retracted or corrected stands in the log
    /// before it, the occurrence waived is of this case and of a rule there is.
    fn reference_faults(
        &self,
        admission: &Admission,
        event: &Event,
        event_type: &str,
        data: &Data,
    ) -> Option<Fault> {
        match event_type {
            types::EVENT_RETRACTED => self.target(event, data).err(),
            types::EVENT_CORRECTED => match self.target(event, data) {
                Ok(target) => self.correction_fault(admission, event, target, data),
                Err(fault) => Some(fault),
            },
            types::OBLIGATION_WAIVED => self.waiver_fault(admission, event, data),
            _ => None,
        }
    }

    fn target(&self, event: &Event, data: &Data) -> Result<&Event, Fault> {
        let id = data.get("event").and_then(Value::as_str).unwrap_or_default();
        self.growing.get(&event.subject).and_then(|case| case.find(id)).ok_or_else(|| {
            Fault::new("data.event", format!("case {} has no event \"{id}\" before this one", event.subject))
        })
    }

    fn correction_fault(
        &self,
        admission: &Admission,
        event: &Event,
        target: &Event,
        data: &Data,
    ) -> Option<Fault> {
        let time = data.get("time").and_then(Value::as_str);
        if let Some(time) = time.and_then(|text| text.parse::<Instant>().ok())
            && time > self.now
        {
            return Some(Fault::new("data.time", format!("{} is in the future", time.to_rfc3339())));
        }
        let fields = data.get("data")?;
        if let Some(fault) =
            admission.catalogue.faults(&target.event_type, fields, "data.data").into_iter().next()
        {
            return Some(fault);
        }
        let fields: Data = fields.as_object().cloned().unwrap_or_else(Map::new).into();
        if &*target.event_type == types::CASE_OPENED
            && fields.get("programme") != target.data.get("programme")
        {
            return Some(Fault::new(
                "data.data.programme",
                "cannot be corrected: open the case anew under another reference",
            ));
        }
        let mut fault = self.reference_faults(admission, event, &target.event_type, &fields)?;
        fault.field = format!("data.{}", fault.field);
        Some(fault)
    }

    fn waiver_fault(&self, admission: &Admission, event: &Event, data: &Data) -> Option<Fault> {
        let fault = |reason: String| Some(Fault::new("data.occurrence", reason));
        let text = data.get("occurrence").and_then(Value::as_str)?;
        let name: OccurrenceName = text.parse().ok()?;
        if name.case != event.subject {
            return fault(format!(
                "\"{text}\" is of case {}, this event of case {}",
                name.case, event.subject
            ));
        }
        if !admission.rules.iter().any(|rule| rule == name.rule.as_str()) {
            let near = nearest(name.rule.as_str(), admission.rules.iter().map(String::as_str));
            let hint = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
            return fault(format!("\"{}\" is not a rule of the programme{hint}", name.rule));
        }
        let version = self.growing.get(&event.subject).map_or(0, Growing::version);
        if name.series.0 as usize > version {
            return fault(format!(
                "case {} has no event {} yet to call for \"{text}\"",
                event.subject, name.series
            ));
        }
        None
    }
}
