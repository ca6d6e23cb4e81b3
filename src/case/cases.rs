//! All cases together.

use std::collections::HashSet;
use std::sync::Arc;

use super::{CaseFile, CaseHistory, CaseRef, Erasure, Packed, RecordedEvent, Sequence};
use crate::calendar::Instant;

/// The file of every case, cheap to clone: a reader keeps what it read while the writer goes on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cases {
    by_ref: imbl::HashMap<CaseRef, Arc<CaseFile>>,
    events: usize,
}

impl Cases {
    /// The file of one case.
    #[must_use]
    pub fn get(&self, case: &CaseRef) -> Option<&CaseFile> {
        self.by_ref.get(case).map(|file| &**file)
    }

    /// Every case, in no particular order; erased ones too.
    pub fn iter(&self) -> impl Iterator<Item = &CaseFile> {
        self.by_ref.values().map(|file| &**file)
    }

    /// How many cases there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_ref.len()
    }

    /// Whether there is no case yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_ref.is_empty()
    }

    /// How many case events were recorded, those of erased cases too.
    #[must_use]
    pub const fn events(&self) -> usize {
        self.events
    }

    /// Puts another reading of a case in its place. What is counted stays.
    pub fn replace(&mut self, history: &CaseHistory) {
        self.by_ref.insert(history.case().clone(), Arc::new(CaseFile::of(history)));
    }

    /// Puts a case with its events beside the others.
    pub fn insert(&mut self, file: CaseFile) {
        let events = |file: &CaseFile| file.version().0 as usize;
        self.events += events(&file);
        let before = self.by_ref.insert(file.case().clone(), Arc::new(file));
        self.events -= before.map_or(0, |before| events(&before));
    }

    /// Takes one more event into its case without looking into it.
    pub fn file(&mut self, case: &CaseRef, sequence: Sequence, recorded: Instant, packed: &Packed) {
        self.file_of(case).push(sequence, recorded, packed);
        self.events += 1;
    }

    /// Takes one more recorded event into its case.
    pub fn apply(&mut self, recorded: &RecordedEvent) {
        let RecordedEvent { event, sequence, recorded, .. } = recorded;
        self.file(&event.subject, *sequence, *recorded, &Packed::of(event));
    }

    /// Counts events of a case that can be read no more, since their key was destroyed: an erasure will follow.
    pub fn lose(&mut self, case: &CaseRef, events: u32) {
        self.file_of(case).lose(events);
        self.events += events as usize;
    }

    /// Forgets what the events of a case said.
    pub fn erase(&mut self, case: &CaseRef, erased: Erasure) {
        self.file_of(case).erase(erased);
    }

    fn file_of(&mut self, case: &CaseRef) -> &mut CaseFile {
        if !self.by_ref.contains_key(case) {
            self.by_ref.insert(case.clone(), Arc::new(CaseFile::new(case.clone())));
        }
        let file = self.by_ref.get_mut(case);
        Arc::make_mut(file.unwrap_or_else(|| unreachable!("the case was put there")))
    }
}

/// Shares one allocation among equal texts: event types and sources repeat in every event.
#[derive(Debug, Default)]
pub struct Interner(HashSet<Arc<str>>);

impl Interner {
    /// The shared copy of `text`.
    pub fn get(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}
