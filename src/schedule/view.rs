//! A case as it stands on a date: the events that count, found quickly by type.

use std::collections::HashMap;

use crate::calendar::{CivilDate, Instant, Zone};
use crate::case::{CaseHistory, CaseRef, EventAsRead, EventNumber, PersonId, types};
use crate::programme::{Matcher, Programme, Stage};

/// The events of a case that count on a date (`semantics` §5), in the order of time.
pub struct CaseView<'a> {
    case: &'a CaseRef,
    on: CivilDate,
    events: Vec<EventAsRead<'a>>,
    by_type: HashMap<&'a str, Vec<usize>>,
}

impl<'a> CaseView<'a> {
    /// The case on `on`, as known at `known_at` (now, if `None`).
    #[must_use]
    pub fn new(history: &'a CaseHistory, zone: Zone, on: CivilDate, known_at: Option<Instant>) -> Self {
        let mut events = history.read(known_at, zone);
        events.retain(|event| event.date <= on);
        Self::of(history, on, events)
    }

    /// The case as it stood when `on` began: as we know it now, without what happened on that day.
    #[must_use]
    pub fn at_start_of(history: &'a CaseHistory, zone: Zone, on: CivilDate) -> Self {
        let mut events = history.read(None, zone);
        events.retain(|event| event.date < on);
        Self::of(history, on, events)
    }

    fn of(history: &'a CaseHistory, on: CivilDate, events: Vec<EventAsRead<'a>>) -> Self {
        let mut by_type: HashMap<_, Vec<_>> = HashMap::new();
        for (index, event) in events.iter().enumerate() {
            by_type.entry(event.event_type()).or_default().push(index);
        }
        Self { case: history.case(), on, events, by_type }
    }

    /// The case's reference.
    #[must_use]
    pub const fn case(&self) -> &'a CaseRef {
        self.case
    }

    /// The date it is seen on.
    #[must_use]
    pub const fn on(&self) -> CivilDate {
        self.on
    }

    /// The event at `place` in the order of time.
    #[must_use]
    pub fn event(&self, place: usize) -> Option<&EventAsRead<'a>> {
        self.events.get(place)
    }

    /// Every event that counts, in the order of time.
    #[must_use]
    pub fn events(&self) -> &[EventAsRead<'a>] {
        &self.events
    }

    /// The area the case was opened in, if one is named.
    #[must_use]
    pub fn area(&self) -> Option<&'a str> {
        let opened = *self.by_type.get(types::CASE_OPENED)?.last()?;
        self.events.get(opened)?.data.text(types::AREA)
    }

    /// The places of the events that any of `matchers` means, in the order of time.
    #[must_use]
    pub fn matching<'m>(&self, matchers: impl IntoIterator<Item = &'m Matcher>) -> Vec<usize> {
        let mut places = Vec::new();
        for matcher in matchers {
            let candidates = self.by_type.get(&*matcher.event).into_iter().flatten();
            places.extend(
                candidates.filter(|place| self.events.get(**place).is_some_and(|e| matcher.holds(e.data))),
            );
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The latest event that says who holds `role`, or that nobody does.
    #[must_use]
    pub fn last_word_on(&self, role: &str) -> Option<EventNumber> {
        let names = [types::PROFESSIONAL_ASSIGNED, types::PROFESSIONAL_UNASSIGNED];
        let words = self.events.iter().rev().filter(|event| names.contains(&event.event_type()));
        words.into_iter().find(|event| event.data.text("role") == Some(role)).map(EventAsRead::number)
    }

    /// The stage the case is in: the one that its latest event brought it into, of those that bring it into any.
    #[must_use]
    pub fn stage<'p>(&self, programme: &'p Programme) -> Option<&'p Stage> {
        let entered = |event: &EventAsRead<'_>| {
            programme.stages.iter().find(|stage| stage.from.iter().any(|matcher| is_meant(matcher, event)))
        };
        self.events.iter().rev().find_map(entered)
    }

    /// Whether an ending of the programme came after the case was opened last.
    #[must_use]
    pub fn is_closed(&self, programme: &Programme) -> bool {
        let ends = |event: &EventAsRead<'_>| programme.ends_with.iter().any(|end| is_meant(end, event));
        let opened = |event: &EventAsRead<'_>| event.event_type() == types::CASE_OPENED;
        self.events.iter().rev().find(|event| ends(event) || opened(event)).is_some_and(ends)
    }

    /// Who holds each role: the latest word on it stands (`semantics` §7).
    #[must_use]
    pub fn holders(&self) -> HashMap<&'a str, PersonId> {
        let mut holders = HashMap::new();
        let mut places: Vec<_> = [types::PROFESSIONAL_ASSIGNED, types::PROFESSIONAL_UNASSIGNED]
            .iter()
            .filter_map(|name| self.by_type.get(name))
            .flatten()
            .collect();
        places.sort_unstable();
        for event in places.into_iter().filter_map(|place| self.events.get(*place)) {
            let Some(role) = event.data.text("role") else { continue };
            match event.data.text("person").and_then(|person| person.parse().ok()) {
                Some(person) if event.event_type() == types::PROFESSIONAL_ASSIGNED => {
                    holders.insert(role, person)
                }
                _ => holders.remove(role),
            };
        }
        holders
    }
}

/// Whether `matcher` means `event`.
fn is_meant(matcher: &Matcher, event: &EventAsRead<'_>) -> bool {
    *matcher.event == *event.event_type() && matcher.holds(event.data)
}
