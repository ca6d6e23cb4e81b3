//! A case's history, and how it reads once retractions and corrections are applied (`semantics` §7).

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{CaseRef, EventNumber, Fields, ProgrammeId, RecordedEvent, types};
use crate::calendar::{CivilDate, Instant, Zone};

/// Everything recorded about one case, in the order of the log: its file, read.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseHistory {
    case: CaseRef,
    programme: ProgrammeId,
    events: Vec<RecordedEvent>,
    speaks_of_itself: bool,
}

/// An event as it reads today: with corrections applied.
#[derive(Clone, Copy)]
pub struct EventAsRead<'a> {
    /// The event as recorded.
    pub recorded: &'a RecordedEvent,
    /// When it happened.
    pub time: Instant,
    /// The civil date of that, in the programme's zone.
    pub date: CivilDate,
    /// What happened.
    pub data: Fields<'a>,
    /// The last event that corrected it, if any did.
    pub corrected_by: Option<EventNumber>,
}

impl<'a> EventAsRead<'a> {
    /// Its place within the case.
    #[must_use]
    pub const fn number(&self) -> EventNumber {
        self.recorded.number
    }

    /// Its type.
    #[must_use]
    pub fn event_type(&self) -> &'a str {
        &self.recorded.event.event_type
    }
}

/// An event with all that later events say of it, retracted or not.
#[derive(Clone, Copy)]
pub struct EventInFull<'a> {
    /// As it reads, or would read.
    pub as_read: EventAsRead<'a>,
    /// The last event that retracted it, if any did: it is treated as never having happened.
    pub retracted_by: Option<EventNumber>,
}

/// What later events say of an earlier one.
#[derive(Clone, Copy, Default)]
struct Fate<'a> {
    retracted_by: Option<EventNumber>,
    time: Option<Instant>,
    data: Option<&'a Map<String, Value>>,
    corrected_by: Option<EventNumber>,
}

impl<'a> Fate<'a> {
    /// The data that `recorded` reads with.
    fn fields(self, recorded: &'a RecordedEvent) -> Fields<'a> {
        self.data.map_or(Fields::Recorded(&recorded.event.data), Fields::Corrected)
    }

    /// How `recorded` reads with it.
    fn reading(self, recorded: &'a RecordedEvent, zone: Zone) -> EventAsRead<'a> {
        let time = self.time.unwrap_or(recorded.event.time);
        let (date, data) = (zone.civil_date(time), self.fields(recorded));
        EventAsRead { recorded, time, date, data, corrected_by: self.corrected_by }
    }
}

impl CaseHistory {
    /// The empty history of `case`. Until a `case-opened` names its programme, a case is taken to be
    /// the programme of its own reference, as the case of a policy itself is.
    #[must_use]
    pub fn new(case: CaseRef) -> Self {
        let programme =
            case.as_str().parse().unwrap_or_else(|_| unreachable!("a case reference is a well-formed name"));
        Self { case, programme, events: Vec::new(), speaks_of_itself: false }
    }

    /// The history that a file holds; `speaks_of_itself`: whether an event of it mends another.
    pub(super) const fn of(
        case: CaseRef,
        programme: ProgrammeId,
        events: Vec<RecordedEvent>,
        speaks_of_itself: bool,
    ) -> Self {
        Self { case, programme, events, speaks_of_itself }
    }

    /// The case's reference.
    #[must_use]
    pub const fn case(&self) -> &CaseRef {
        &self.case
    }

    /// The programme it came under first.
    #[must_use]
    pub const fn programme(&self) -> &ProgrammeId {
        &self.programme
    }

    /// Its events in the order of the log, none left out.
    #[must_use]
    pub fn events(&self) -> &[RecordedEvent] {
        &self.events
    }

    /// The number of its events: the case's version.
    #[must_use]
    pub fn version(&self) -> EventNumber {
        EventNumber(u32::try_from(self.events.len()).unwrap_or(u32::MAX))
    }

    /// The event with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&RecordedEvent> {
        self.events.iter().find(|recorded| recorded.event.id.as_str() == id)
    }

    /// Takes one more recorded event. Cannot fail: what was admitted is a fact.
    pub fn apply(&mut self, recorded: RecordedEvent) {
        let event = &recorded.event;
        match &*event.event_type {
            types::CASE_OPENED if self.is_unopened() => {
                let named =
                    event.data.get("programme").and_then(Value::as_str).and_then(|name| name.parse().ok());
                self.programme = named.unwrap_or_else(|| self.programme.clone());
            }
            types::EVENT_RETRACTED | types::EVENT_CORRECTED => self.speaks_of_itself = true,
            _ => {}
        }
        self.events.push(recorded);
    }

    /// Whether no `case-opened` has been recorded yet.
    #[must_use]
    pub fn is_unopened(&self) -> bool {
        !self.events.iter().any(|recorded| &*recorded.event.event_type == types::CASE_OPENED)
    }

    /// The history as known at `known_at` (now, if `None`): retracted events left out, corrected ones
    /// read anew, sorted by time and then by their place in the log.
    ///
    /// Retractions and corrections speak about the log, so it is the moment they were *recorded* that
    /// counts, not the date they carry: asked today about 3 March, the answer is today's best.
    #[must_use]
    pub fn read(&self, known_at: Option<Instant>, zone: Zone) -> Vec<EventAsRead<'_>> {
        let known = |recorded: &RecordedEvent| known_at.is_none_or(|limit| recorded.recorded <= limit);
        let fates = if self.speaks_of_itself { self.fates(known) } else { Vec::new() };
        let mut read: Vec<_> = self
            .events
            .iter()
            .enumerate()
            .filter(|(_, recorded)| known(recorded))
            .filter_map(|(index, recorded)| {
                let fate = fates.get(index).copied().unwrap_or_default();
                fate.retracted_by.is_none().then(|| fate.reading(recorded, zone))
            })
            .collect();
        read.sort_by_key(|event| (event.time, event.number()));
        read
    }

    /// The history without what happens after `moment`. What mends the log holds whenever it was said.
    #[must_use]
    pub fn until(&self, moment: Instant) -> Self {
        let fates = if self.speaks_of_itself { self.fates(|_| true) } else { Vec::new() };
        let stands = |index: usize, recorded: &RecordedEvent| {
            let mends = [types::EVENT_RETRACTED, types::EVENT_CORRECTED];
            let time = fates.get(index).and_then(|fate| fate.time).unwrap_or(recorded.event.time);
            time <= moment || mends.contains(&&*recorded.event.event_type)
        };
        let kept = self.events.iter().enumerate().filter(|(index, recorded)| stands(*index, recorded));
        Self {
            case: self.case.clone(),
            programme: self.programme.clone(),
            events: kept.map(|(_, recorded)| recorded.clone()).collect(),
            speaks_of_itself: self.speaks_of_itself,
        }
    }

    /// The same with nothing left out, for people to see what was mended.
    #[must_use]
    pub fn in_full(&self, known_at: Option<Instant>, zone: Zone) -> Vec<EventInFull<'_>> {
        let known = |recorded: &RecordedEvent| known_at.is_none_or(|limit| recorded.recorded <= limit);
        let events = self.events.iter().zip(self.fates(known)).filter(|(recorded, _)| known(recorded));
        let mut full: Vec<_> = events
            .map(|(recorded, fate)| EventInFull {
                as_read: fate.reading(recorded, zone),
                retracted_by: fate.retracted_by,
            })
            .collect();
        full.sort_by_key(|event| (event.as_read.time, event.as_read.number()));
        full
    }

    /// Walks from the newest event to the oldest: whatever speaks of an event stands after it in the
    /// log, so its own fate is settled before it is heard. The newest word on an event stands.
    fn fates(&self, known: impl Fn(&RecordedEvent) -> bool) -> Vec<Fate<'_>> {
        let places: HashMap<&str, usize> = self
            .events
            .iter()
            .enumerate()
            .map(|(index, recorded)| (recorded.event.id.as_str(), index))
            .collect();
        let mut fates = vec![Fate::default(); self.events.len()];
        for (index, recorded) in self.events.iter().enumerate().rev() {
            let fate = fates.get(index).copied().unwrap_or_default();
            if fate.retracted_by.is_some() || !known(recorded) {
                continue;
            }
            let fields = fate.fields(recorded);
            let target = fields.text("event").and_then(|id| places.get(id)).copied();
            let Some(target) =
                target.filter(|target| *target < index).and_then(|target| fates.get_mut(target))
            else {
                continue;
            };
            match &*recorded.event.event_type {
                types::EVENT_RETRACTED => {
                    target.retracted_by = target.retracted_by.or(Some(recorded.number));
                }
                types::EVENT_CORRECTED => {
                    let time = fields.text("time").and_then(|text| text.parse().ok());
                    target.time = target.time.or(time);
                    target.data = target.data.or(fields.get("data").and_then(Value::as_object));
                    target.corrected_by = target.corrected_by.or(Some(recorded.number));
                }
                _ => {}
            }
        }
        fates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Data, Event, Sequence};
    use serde_json::json;

    /// A history of `(type, day of June 2026, data)`; event ids are e1, e2 …; each is recorded on its day.
    fn history(events: &[(&str, u32, Value)]) -> CaseHistory {
        let mut history = CaseHistory::new("SD-1".parse().expect("a reference"));
        for (index, (event_type, day, data)) in (1..).zip(events) {
            let time: Instant = format!("2026-06-{day:02}T09:00:00Z").parse().expect("an instant");
            let data: Data = serde_json::from_value(data.clone()).expect("an object");
            let id = format!("e{index}").parse().expect("an id");
            let event = Event {
                id,
                source: "/test".into(),
                event_type: (*event_type).into(),
                subject: history.case().clone(),
                time,
                data,
                extensions: None,
            };
            let (sequence, number) = (Sequence(u64::from(index)), EventNumber(index));
            history.apply(RecordedEvent { event, sequence, number, recorded: time });
        }
        history
    }

    /// What the first event reads as: its day and its `by`; nothing if retracted.
    fn first(history: &CaseHistory, known_day: Option<u32>) -> Option<String> {
        let known = known_day.map(|day| format!("2026-06-{day:02}T23:59:59Z").parse().expect("an instant"));
        let zone = "Europe/London".parse().expect("a zone");
        let read = history.read(known, zone);
        let event = read.iter().find(|event| event.number() == EventNumber(1))?;
        Some(format!("{} {}", event.date, event.data.text("by")?))
    }

    #[test]
    fn the_newest_correction_stands_for_time_and_data_each() {
        let history = history(&[
            ("visit-made", 1, json!({"by": "a"})),
            ("event-corrected", 5, json!({"event": "e1", "data": {"by": "b"}, "reason": "r"})),
            (
                "event-corrected",
                4,
                json!({"event": "e1", "time": "2026-06-02T09:00:00Z", "data": {"by": "c"}, "reason": "r"}),
            ),
            ("event-corrected", 6, json!({"event": "e1", "time": "2026-06-03T09:00:00Z", "reason": "r"})),
        ]);
        assert_eq!(first(&history, None).as_deref(), Some("2026-06-03 c"));
    }

    #[test]
    fn known_at_answers_as_it_would_have_answered_then() {
        let history = history(&[
            ("visit-made", 1, json!({"by": "a"})),
            ("event-corrected", 5, json!({"event": "e1", "data": {"by": "b"}, "reason": "r"})),
            ("event-retracted", 9, json!({"event": "e1", "reason": "r"})),
        ]);
        assert_eq!(first(&history, Some(4)).as_deref(), Some("2026-06-01 a"));
        assert_eq!(first(&history, Some(5)).as_deref(), Some("2026-06-01 b"));
        assert_eq!(first(&history, Some(9)), None);
    }

    #[test]
    fn a_retracted_retraction_or_correction_never_happened() {
        let history = history(&[
            ("visit-made", 1, json!({"by": "a"})),
            ("event-retracted", 2, json!({"event": "e1", "reason": "r"})),
            ("event-corrected", 3, json!({"event": "e1", "data": {"by": "b"}, "reason": "r"})),
            ("event-retracted", 4, json!({"event": "e2", "reason": "r"})),
            ("event-retracted", 5, json!({"event": "e3", "reason": "r"})),
        ]);
        assert_eq!(first(&history, None).as_deref(), Some("2026-06-01 a"));
    }

    #[test]
    fn a_corrected_correction_says_what_it_was_corrected_to() {
        let history = history(&[
            ("visit-made", 1, json!({"by": "a"})),
            ("event-corrected", 2, json!({"event": "e1", "data": {"by": "b"}, "reason": "r"})),
            (
                "event-corrected",
                3,
                json!({"event": "e2", "data": {"event": "e1", "data": {"by": "c"}, "reason": "r"}, "reason": "r"}),
            ),
        ]);
        assert_eq!(first(&history, None).as_deref(), Some("2026-06-01 c"));
    }
}
