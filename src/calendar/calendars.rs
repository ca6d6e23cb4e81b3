//! The calendars of several divisions side by side.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{BankHolidays, Calendar, Division};

/// The calendar of each division that the bank holidays list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendars(BTreeMap<Division, Arc<Calendar>>);

impl Calendars {
    /// Every calendar that `holidays` gives.
    #[must_use]
    pub fn new(holidays: &BankHolidays) -> Self {
        let calendar = |division| Some((division, Arc::new(Calendar::new(holidays, division)?)));
        Self(Division::ALL.into_iter().filter_map(calendar).collect())
    }

    /// The calendar of `division`; `None` where the bank holidays list nothing for it.
    #[must_use]
    pub fn of(&self, division: Division) -> Option<&Arc<Calendar>> {
        self.0.get(&division)
    }
}
