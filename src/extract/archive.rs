//! What earlier extracts of a source said, and how it reads today.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::map::{EventMap, ExtractMap};
use super::{Setting, identity};
use crate::calendar::{Instant, Zone};
use crate::case::{CaseHistory, CaseRef, EventAsRead, Fields, RecordedEvent, types};

/// Every event that came of an extract of one source.
#[derive(Default)]
pub(super) struct Archive<'a> {
    events: BTreeMap<&'a str, Imported<'a>>,
    by_mark: HashMap<&'a str, Vec<&'a str>>,
}

/// An event that came of an extract.
pub(super) struct Imported<'a> {
    pub id: &'a str,
    pub case: &'a CaseRef,
    /// Its time and data by the last extract that said something new; nothing where that was a retraction.
    pub said: Option<(Instant, Fields<'a>)>,
    /// How it reads today, whoever mended it; nothing where it is retracted.
    pub read: Option<EventAsRead<'a>>,
    /// How many corrections came of extracts.
    pub corrections: usize,
    /// How many retractions came of extracts.
    pub retractions: usize,
}

impl<'a> Archive<'a> {
    /// What the source of `map` said of the events that the map knows.
    pub(super) fn of(setting: &Setting<'a>, map: &ExtractMap) -> Self {
        let labels: HashSet<_> = map.events.iter().map(EventMap::label).collect();
        let mut archive = Self::default();
        for history in setting.cases.iter() {
            if history.events().iter().any(|recorded| *recorded.event.source == *map.source) {
                archive.take(history, &map.source, &labels, setting.zone);
            }
        }
        for event in archive.events.values() {
            if let Some((_, mark)) = identity::parts(event.id, event.case) {
                archive.by_mark.entry(mark).or_default().push(event.id);
            }
        }
        archive
    }

    fn take(&mut self, history: &'a CaseHistory, source: &str, labels: &HashSet<String>, zone: Zone) {
        let ours = history.events().iter().filter(|recorded| *recorded.event.source == *source);
        for recorded in ours {
            match &*recorded.event.event_type {
                types::EVENT_CORRECTED | types::EVENT_RETRACTED => self.amend(recorded),
                _ => self.add(recorded, history.case(), labels),
            }
        }
        for read in history.read(None, zone) {
            if let Some(event) = self.events.get_mut(read.recorded.event.id.as_str()) {
                event.read = Some(read);
            }
        }
    }

    fn add(&mut self, recorded: &'a RecordedEvent, case: &'a CaseRef, labels: &HashSet<String>) {
        let event = &recorded.event;
        let id = event.id.as_str();
        if identity::parts(id, case).is_some_and(|(label, _)| labels.contains(label)) {
            let said = Some((event.time, Fields::Recorded(&event.data)));
            let imported = Imported { id, case, said, read: None, corrections: 0, retractions: 0 };
            self.events.insert(id, imported);
        }
    }

    /// Hears a correction or a retraction that came of an extract.
    fn amend(&mut self, recorded: &'a RecordedEvent) {
        let fields = Fields::Recorded(&recorded.event.data);
        let Some(event) = fields.text("event").and_then(|id| self.events.get_mut(id)) else { return };
        if &*recorded.event.event_type == types::EVENT_RETRACTED {
            event.retractions += 1;
            event.said = None;
            return;
        }
        event.corrections += 1;
        let time = fields.text("time").and_then(|text| text.parse().ok());
        let data = fields.get("data").and_then(Value::as_object).map(Fields::Corrected);
        // The first correction after a retraction that somebody took back says both.
        let time = time.or_else(|| event.said.map(|said| said.0));
        let data = data.or_else(|| event.said.map(|said| said.1));
        event.said = time.zip(data);
    }

    /// The newest event of an identity, and its generation.
    pub(super) fn newest(&self, first: &str) -> Option<(usize, &Imported<'a>)> {
        let generations =
            (1..).map(|n| Some((n, self.events.get(identity::generation_id(first, n).as_str())?)));
        generations.map_while(|found| found).last()
    }

    /// The events with this mark that stand today.
    pub(super) fn standing(&self, mark: &identity::Mark) -> impl Iterator<Item = &Imported<'a>> {
        let ids = self.by_mark.get(mark.as_str()).into_iter().flatten();
        ids.filter_map(|id| self.events.get(id)).filter(|event| event.read.is_some())
    }

    /// The events that stand today as extracts said.
    pub(super) fn all_standing(&self) -> impl Iterator<Item = &Imported<'a>> {
        self.events.values().filter(|event| event.read.is_some() && event.said.is_some())
    }
}
