//! Who was told what, by case and obligation.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CalendarEntry, Matter, MessageKey, Plan};
use crate::calendar::CivilDate;
use crate::case::{CaseRef, OccurrenceName};

/// One obligation told to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// The key of the recipient.
    pub to: Arc<str>,
    /// The step of the ladder.
    pub step: String,
    /// The steps whose place it took.
    pub superseded: Vec<String>,
    /// The deadline as it stood.
    pub deadline: CivilDate,
    /// The local day.
    pub on: CivilDate,
    /// Whether it was told as overdue.
    pub overdue: bool,
    /// The message that took this back.
    pub corrected_by: Option<MessageKey>,
    /// The message that did.
    pub message: MessageKey,
}

impl Telling {
    /// Whether this step was told by it, or gave way to it.
    #[must_use]
    pub fn covers(&self, step: &str) -> bool {
        self.step == step || self.superseded.iter().any(|other| other == step)
    }
}

/// What the recipient's calendar shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The last sequence number used.
    pub sequence: u32,
    /// The day it shows.
    pub on: CivilDate,
    /// Whether the entry was taken out.
    pub cancelled: bool,
    /// Whether the last word on it may not have arrived.
    pub uncertain: bool,
    /// The message that said so.
    pub message: MessageKey,
}

/// What was told about one case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CaseTold {
    /// Tellings by obligation, oldest first.
    pub tellings: BTreeMap<OccurrenceName, Vec<Telling>>,
    /// Calendar entries by obligation and recipient.
    pub shown: BTreeMap<(OccurrenceName, Arc<str>), Shown>,
}

/// What was told about every case; cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Told(imbl::HashMap<CaseRef, Arc<CaseTold>>);

impl Told {
    /// What was told about one case.
    #[must_use]
    pub fn case(&self, case: &CaseRef) -> Option<&CaseTold> {
        self.0.get(case).map(|told| &**told)
    }

    /// What was told about one obligation, oldest first.
    #[must_use]
    pub fn of(&self, occurrence: &OccurrenceName) -> &[Telling] {
        self.case(&occurrence.case).and_then(|told| told.tellings.get(occurrence)).map_or(&[], Vec::as_slice)
    }

    fn case_mut(&mut self, case: &CaseRef) -> &mut CaseTold {
        Arc::make_mut(self.0.entry(case.clone()).or_default())
    }

    /// Takes a planned message as told: from now on nobody plans the same again.
    pub(super) fn take(&mut self, plan: &Plan) {
        let to: Arc<str> = plan.to.as_str().into();
        if let Matter::Correction { items } = &plan.matter {
            for item in items {
                self.correct(&item.occurrence, &to, None, Some(&plan.key));
            }
            return;
        }
        for item in plan.matter.items() {
            let telling = Telling {
                to: Arc::clone(&to),
                step: item.step.clone(),
                superseded: item.superseded.clone(),
                deadline: item.deadline,
                on: plan.on,
                overdue: item.overdue,
                corrected_by: None,
                message: plan.key.clone(),
            };
            let told = self.case_mut(&item.occurrence.case);
            told.tellings.entry(item.occurrence.clone()).or_default().push(telling);
        }
        if let Matter::Digest { calendar, .. } = &plan.matter {
            for entry in calendar {
                let &CalendarEntry { sequence, on, cancelled, .. } = entry;
                let shown = Shown { sequence, on, cancelled, uncertain: false, message: plan.key.clone() };
                let key = (entry.occurrence.clone(), Arc::clone(&to));
                self.case_mut(&entry.occurrence.case).shown.insert(key, shown);
            }
        }
    }

    /// Takes back what a message would have told, which it did not or may not have.
    pub(super) fn forget(&mut self, plan: &Plan) {
        let to: Arc<str> = plan.to.as_str().into();
        if let Matter::Correction { items } = &plan.matter {
            for item in items {
                self.correct(&item.occurrence, &to, Some(&plan.key), None);
            }
            return;
        }
        for item in plan.matter.items() {
            self.leave_out(&plan.key, &item.occurrence);
        }
        if let Matter::Digest { calendar, .. } = &plan.matter {
            for entry in calendar {
                let key = (entry.occurrence.clone(), Arc::clone(&to));
                if let Some(shown) = self.case_mut(&entry.occurrence.case).shown.get_mut(&key)
                    && shown.message == plan.key
                {
                    // What the calendar shows now is open: the next entry says it anew, under a new number.
                    shown.uncertain = true;
                }
            }
        }
    }

    /// Takes one obligation back out of a message.
    pub(super) fn leave_out(&mut self, message: &MessageKey, occurrence: &OccurrenceName) {
        let told = self.case_mut(&occurrence.case);
        if let Some(tellings) = told.tellings.get_mut(occurrence) {
            tellings.retain(|telling| telling.message != *message);
        }
    }

    fn correct(
        &mut self,
        occurrence: &OccurrenceName,
        to: &Arc<str>,
        from: Option<&MessageKey>,
        by: Option<&MessageKey>,
    ) {
        let told = self.case_mut(&occurrence.case);
        for telling in told.tellings.get_mut(occurrence).into_iter().flatten() {
            if telling.to == *to && telling.overdue && telling.corrected_by.as_ref() == from {
                telling.corrected_by = by.cloned();
            }
        }
    }
}
