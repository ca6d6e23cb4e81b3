//! What the log adds up to.

use std::sync::Arc;

use crate::calendar::Instant;
use crate::case::{CaseHistory, Cases, EventNumber, RecordedEvent};
use crate::config::Config;
use crate::log::{Entry, LogError, LogReader, Stored};
use crate::policy::{Adopted, Policies};
use crate::reminders::Ledger;

/// Every projection of the log, each made by applying its entries in order. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// What happened in each case.
    pub cases: Cases,
    /// What became of mail.
    pub ledger: Ledger,
    /// What became the policy.
    pub adopted: Adopted,
}

impl Records {
    /// Takes one stored entry. Cannot fail: what was stored was judged before.
    pub fn apply(&mut self, stored: Stored) {
        match stored.entry {
            Entry::Case(event) => {
                let number = self.cases.get(&event.subject).map_or(EventNumber(0), CaseHistory::version);
                let (sequence, recorded) = (stored.sequence, stored.recorded);
                let number = EventNumber(number.0 + 1);
                self.cases.apply(RecordedEvent { event, sequence, number, recorded });
            }
            Entry::Mail { fact, .. } => self.ledger.apply(&fact, stored.recorded),
            Entry::Policy { fact, .. } => self.adopted.apply(&fact, stored.recorded),
        }
    }

    /// Rebuilds every projection from nothing; `each` hears how many entries have been taken.
    ///
    /// # Errors
    /// When the log is damaged or cannot be read.
    pub fn replay(log: &LogReader, mut each: impl FnMut(u64)) -> Result<Self, LogError> {
        let mut records = Self::default();
        log.replay(|stored| {
            each(stored.sequence.0);
            records.apply(stored);
        })?;
        Ok(records)
    }

    /// The policies, as known at `known_at` (now, if `None`): those adopted; of a programme that never was, what
    /// is configured.
    #[must_use]
    pub fn policies(&self, config: &Config, known_at: Option<Instant>) -> Arc<Policies> {
        if self.adopted.is_empty() {
            return Arc::clone(&config.policies);
        }
        let mut policies = self.adopted.policies(known_at);
        for (id, configured) in &*config.policies {
            if !policies.contains_key(id) {
                Arc::make_mut(&mut policies).insert(id.clone(), configured.clone());
            }
        }
        policies
    }
}
