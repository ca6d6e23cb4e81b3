//! All cases together.

use std::collections::HashSet;
use std::sync::Arc;

use super::{CaseHistory, CaseRef, RecordedEvent};

/// The history of every case, cheap to clone: a reader keeps what it read while the writer goes on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cases {
    by_ref: imbl::HashMap<CaseRef, Arc<CaseHistory>>,
    events: usize,
}

impl Cases {
    /// The history of one case.
    #[must_use]
    pub fn get(&self, case: &CaseRef) -> Option<&CaseHistory> {
        self.by_ref.get(case).map(|history| &**history)
    }

    /// Every case, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &CaseHistory> {
        self.by_ref.values().map(|history| &**history)
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

    /// How many case events there are.
    #[must_use]
    pub const fn events(&self) -> usize {
        self.events
    }

    /// Puts another reading of a case in its place.
    pub fn replace(&mut self, history: CaseHistory) {
        self.by_ref.insert(history.case().clone(), Arc::new(history));
    }

    /// Takes one more recorded event into its case.
    pub fn apply(&mut self, mut recorded: RecordedEvent) {
        if let Some(history) = self.by_ref.get_mut(&recorded.event.subject) {
            recorded.event.subject = history.case().clone();
            Arc::make_mut(history).apply(recorded);
        } else {
            let case = recorded.event.subject.clone();
            let mut history = CaseHistory::new(case.clone());
            history.apply(recorded);
            self.by_ref.insert(case, Arc::new(history));
        }
        self.events += 1;
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
