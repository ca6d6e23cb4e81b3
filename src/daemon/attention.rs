//! What the writer has others look at: the cases in which something happened, and their places.

use std::collections::{BTreeSet, HashSet};

use super::{Records, Writer};
use crate::case::{CaseRef, Event};
use crate::programme::Policy;

impl Writer {
    /// The cases in which something happened that notices or limits may tell of, since this was last asked.
    pub fn take_touched(&mut self) -> BTreeSet<CaseRef> {
        std::mem::take(&mut self.touched)
    }

    /// The cases in which anything else happened, since this was last asked.
    pub fn take_stirred(&mut self) -> HashSet<CaseRef> {
        std::mem::take(&mut self.stirred)
    }

    /// Whether there are such cases.
    #[must_use]
    pub fn has_stirred(&self) -> bool {
        !self.stirred.is_empty()
    }

    /// Nothing of a case is to be told or planned any more.
    pub(super) fn let_be(&mut self, case: &CaseRef) {
        self.touched.remove(case);
        self.stirred.remove(case);
    }

    pub(super) fn touch(&mut self, event: &Event) {
        let policies = self.policies();
        self.books.records.places.heard(&event.subject, &event.event_type);
        let heard = |policy: &Policy| policy.newest().notices_hear(&event.event_type);
        if policies.values().any(heard) {
            self.touched.insert(event.subject.clone());
        } else if !self.stirred.contains(&event.subject) {
            self.stirred.insert(event.subject.clone());
        }
    }

    /// Brings the places of cases up to what is staged.
    pub(super) fn refresh_places(&mut self) {
        let policies = self.policies();
        let Records { cases, places, .. } = &mut self.books.records;
        places.refresh(cases, &policies);
    }
}
