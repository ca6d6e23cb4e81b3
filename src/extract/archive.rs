//! What earlier extracts of a source said, and how it reads today.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::map::{EventMap, ExtractMap};
use super::{Setting, identity};
use crate::calendar::{Instant, Zone};
use crate::case::{CaseHistory, CaseRef, Data, Fields, RecordedEvent, types};

/// Every event that came of an extract of one source. Cases are read one after the other, and only what an
/// extract is laid beside stays.
#[derive(Default)]
pub(super) struct Archive {
    events: BTreeMap<Arc<str>, Imported>,
    by_mark: HashMap<Box<str>, Vec<Arc<str>>>,
}

/// When an event happened, and what.
pub(super) type Said = (Instant, Arc<Data>);

/// An event that came of an extract.
pub(super) struct Imported {
    pub id: Arc<str>,
    pub case: CaseRef,
    /// Its time and data by the last extract that said something new; nothing where that was a retraction.
    pub said: Option<Said>,
    /// How it reads today, whoever mended it; nothing where it is retracted.
    pub read: Option<Said>,
    /// How many corrections came of extracts.
    pub corrections: usize,
    /// How many retractions came of extracts.
    pub retractions: usize,
}

impl Archive {
    /// What the source of `map` said of the events that the map knows.
    pub(super) fn of(setting: &Setting<'_>, map: &ExtractMap) -> Self {
        let labels: HashSet<_> = map.events.iter().map(EventMap::label).collect();
        let mut archive = Self::default();
        for file in setting.cases.iter() {
            let history = file.history();
            if history.events().iter().any(|recorded| *recorded.event.source == *map.source) {
                archive.take(&history, &map.source, &labels, setting.zone);
            }
        }
        for event in archive.events.values() {
            if let Some((_, mark)) = identity::parts(&event.id, &event.case) {
                archive.by_mark.entry(mark.into()).or_default().push(Arc::clone(&event.id));
            }
        }
        archive
    }

    fn take(&mut self, history: &CaseHistory, source: &str, labels: &HashSet<String>, zone: Zone) {
        let ours = history.events().iter().filter(|recorded| *recorded.event.source == *source);
        for recorded in ours {
            match &*recorded.event.event_type {
                types::EVENT_CORRECTED | types::EVENT_RETRACTED => self.amend(recorded),
                _ => self.add(recorded, history.case(), labels),
            }
        }
        for read in history.read(None, zone) {
            if let Some(event) = self.events.get_mut(read.recorded.event.id.as_str()) {
                let said = event.said.as_ref().filter(|said| same(read.data, &said.1));
                let data = said.map_or_else(|| Arc::new(owned(read.data)), |said| Arc::clone(&said.1));
                event.read = Some((read.time, data));
            }
        }
    }

    fn add(&mut self, recorded: &RecordedEvent, case: &CaseRef, labels: &HashSet<String>) {
        let event = &recorded.event;
        let id = event.id.as_str();
        if identity::parts(id, case).is_some_and(|(label, _)| labels.contains(label)) {
            let said = Some((event.time, Arc::new(event.data.clone())));
            let (id, case): (Arc<str>, _) = (id.into(), case.clone());
            let imported =
                Imported { id: Arc::clone(&id), case, said, read: None, corrections: 0, retractions: 0 };
            self.events.insert(id, imported);
        }
    }

    /// Hears a correction or a retraction that came of an extract.
    fn amend(&mut self, recorded: &RecordedEvent) {
        let fields = Fields::Recorded(&recorded.event.data);
        let Some(event) = fields.text("event").and_then(|id| self.events.get_mut(id)) else { return };
        if &*recorded.event.event_type == types::EVENT_RETRACTED {
            event.retractions += 1;
            event.said = None;
            return;
        }
        event.corrections += 1;
        let time = fields.text("time").and_then(|text| text.parse().ok());
        let data = fields.get("data").and_then(Value::as_object);
        // The first correction after a retraction that somebody took back says both.
        let before = event.said.as_ref();
        let time = time.or_else(|| before.map(|said| said.0));
        let data = data.map(|data| Arc::new(Data::from(data.clone())));
        let data = data.or_else(|| before.map(|said| Arc::clone(&said.1)));
        event.said = time.zip(data);
    }

    /// The newest event of an identity, and its generation.
    pub(super) fn newest(&self, first: &str) -> Option<(usize, &Imported)> {
        let generations =
            (1..).map(|n| Some((n, self.events.get(identity::generation_id(first, n).as_str())?)));
        generations.map_while(|found| found).last()
    }

    /// The events with this mark that stand today.
    pub(super) fn standing(&self, mark: &identity::Mark) -> impl Iterator<Item = &Imported> {
        let ids = self.by_mark.get(mark.as_str()).into_iter().flatten();
        ids.filter_map(|id| self.events.get(id)).filter(|event| event.read.is_some())
    }

    /// The events that stand today as extracts said.
    pub(super) fn all_standing(&self) -> impl Iterator<Item = &Imported> {
        self.events.values().filter(|event| event.read.is_some() && event.said.is_some())
    }
}

/// Whether fields are those of `data`.
fn same(fields: Fields<'_>, data: &Data) -> bool {
    match fields {
        Fields::Recorded(recorded) => recorded == data,
        Fields::Corrected(map) => Data::from(map.clone()) == *data,
    }
}

fn owned(fields: Fields<'_>) -> Data {
    match fields {
        Fields::Recorded(recorded) => recorded.clone(),
        Fields::Corrected(map) => map.clone().into(),
    }
}
