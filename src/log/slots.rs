//! Which case has which slot of the keyring: each gets the next with its first record.

use std::collections::HashMap;

use super::keyring::Slot;
use crate::case::CaseRef;

/// The cases in the order in which the log first speaks of them. Slot 0 is the office's.
#[derive(Debug, Default)]
pub(super) struct Slots {
    by_case: HashMap<CaseRef, Slot>,
    cases: Vec<CaseRef>,
}

impl Slots {
    pub(super) fn of(cases: Vec<CaseRef>) -> Self {
        let by_case = (1..).map(Slot).zip(&cases).map(|(slot, case)| (case.clone(), slot)).collect();
        Self { by_case, cases }
    }

    /// The slot of a case, or of the office; with the case if it is new and the record has to introduce it.
    pub(super) fn take<'a>(&mut self, case: Option<&'a CaseRef>) -> (Slot, Option<&'a CaseRef>) {
        let Some(case) = case else { return (Slot::OFFICE, None) };
        if let Some(slot) = self.by_case.get(case) {
            return (*slot, None);
        }
        (self.add(case.clone()), Some(case))
    }

    fn add(&mut self, case: CaseRef) -> Slot {
        self.cases.push(case.clone());
        let slot =
            Slot(u32::try_from(self.cases.len()).unwrap_or_else(|_| unreachable!("memory ends before")));
        self.by_case.insert(case, slot);
        slot
    }

    /// Hears of a case in a record. Whether that fits what is known.
    pub(super) fn introduce(&mut self, slot: Slot, case: &str) -> bool {
        match self.case(slot) {
            Some(known) => known.as_str() == case,
            None => case.parse().is_ok_and(|case| self.add(case) == slot),
        }
    }

    /// The case of a slot.
    pub(super) fn case(&self, slot: Slot) -> Option<&CaseRef> {
        self.cases.get((slot.0 as usize).checked_sub(1)?)
    }

    /// The slot of a case.
    pub(super) fn slot(&self, case: &CaseRef) -> Option<Slot> {
        self.by_case.get(case).copied()
    }

    /// The cases in the order of their slots.
    pub(super) fn cases(&self) -> &[CaseRef] {
        &self.cases
    }
}
