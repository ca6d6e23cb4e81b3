//! What the log adds up to.

use std::sync::Arc;

use crate::access::Tokens;
use crate::calendar::Instant;
use crate::case::{CaseFile, CaseRef, Cases, Erasure, EventNumber, Sequence};
use crate::config::Config;
use crate::log::{Content, Fact, Ids, LogError, LogReader, RecordsFact, Stored};
use crate::policy::{Adopted, Policies, PolicyFact};
use crate::reminders::Ledger;
use crate::schedule::Places;

/// Every projection of the log, each made by applying its entries in order. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// What happened in each case.
    pub cases: Cases,
    /// What became of mail.
    pub ledger: Ledger,
    /// What became the policy.
    pub adopted: Adopted,
    /// The tokens that callers are recognised by.
    pub tokens: Tokens,
    /// Where the id of each event and office fact stands, but of erased cases.
    pub ids: Ids,
    /// Which cases count towards which limit: reckoned from `cases` and `adopted` by whoever asks.
    pub places: Places,
}

impl Records {
    /// Takes one stored entry. Cannot fail: what was stored was judged before.
    pub fn apply(&mut self, stored: Stored) {
        let Stored { sequence, recorded, mark, content } = stored;
        // What is sealed with a case is not looked for by its id, so that nothing of it must be forgotten later.
        let of_a_case = matches!(content, Content::Own(_, Fact::Policy(PolicyFact::DatesMoved { .. })));
        if let Some(mark) = mark.filter(|_| !of_a_case) {
            self.ids.insert(mark, sequence);
        }
        match content {
            Content::Case(case, packed) => self.cases.file(&case, sequence, recorded, &packed),
            Content::Own(_, Fact::Mail(fact)) => self.ledger.apply(&fact, recorded),
            Content::Own(_, Fact::Policy(fact)) => self.adopted.apply(&fact, recorded),
            Content::Own(_, Fact::Records(RecordsFact::CaseErased(fact))) => {
                let known = self.cases.get(&fact.case).map_or(0, |file| file.version().0);
                let places = self.cases.get(&fact.case).into_iter().flat_map(CaseFile::sequences);
                self.ids.forget(&places.collect::<Vec<_>>());
                // An export has no events of it any more.
                self.cases.lose(&fact.case, fact.events.saturating_sub(known));
                self.cases.erase(&fact.case, Erasure { recorded, sequence });
                self.adopted.erase(&fact.case);
                self.places.erased(&fact.case);
            }
            Content::Own(_, Fact::Records(RecordsFact::TokenAdded(fact))) => self.tokens.add(&fact, recorded),
            Content::Own(_, Fact::Records(RecordsFact::TokenRevoked(fact))) => {
                self.tokens.revoke(&fact, recorded);
            }
            Content::Gone { case, event: true } => self.cases.lose(&case, 1),
            Content::Gone { event: false, .. } => {}
        }
    }

    /// Rebuilds every projection from the entries up to `last`; others may be appended meanwhile. `each` sees
    /// each entry before it is taken, with what was there.
    ///
    /// # Errors
    /// When the log is damaged or cannot be read.
    pub fn replay(
        log: &LogReader,
        last: Sequence,
        mut each: impl FnMut(&Self, &Stored),
    ) -> Result<Self, LogError> {
        let mut records = Self::default();
        records.ids.gather();
        log.replay(|stored| {
            if stored.sequence <= last {
                each(&records, &stored);
                records.apply(stored);
            }
        })?;
        records.ids.settle();
        Ok(records)
    }

    /// The number that the next event of a case gets.
    #[must_use]
    pub fn next_number(&self, case: &CaseRef) -> EventNumber {
        EventNumber(self.cases.get(case).map_or(0, |file| file.version().0) + 1)
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
