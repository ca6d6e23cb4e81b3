//! Which limits across cases are exceeded, for those who watch.

use super::Records;
use crate::calendar::Instant;
use crate::case::{ProgrammeId, RuleId};
use crate::config::Config;
use crate::policy::Policies;
use crate::schedule::Places;

/// How often a limit is exceeded today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceeded {
    /// The programme.
    pub programme: ProgrammeId,
    /// The limit.
    pub limit: RuleId,
    /// Under how many values, such as for how many carers.
    pub values: usize,
}

impl Records {
    /// Which cases count towards which limit by `policies`, up to the last entry.
    #[must_use]
    pub fn places_by(&self, policies: &Policies) -> Places {
        let mut places = self.places.clone();
        places.refresh(&self.cases, policies);
        places
    }

    /// Every limit of the programmes in force today, by programme, with how often it is exceeded.
    #[must_use]
    pub fn exceeded(&self, config: &Config, now: Instant) -> Vec<Exceeded> {
        let policies = self.policies(config, None);
        let places = self.places_by(&policies);
        let mut found = Vec::new();
        for (id, policy) in &*policies {
            let today = policy.newest().zone.civil_date(now);
            let programme = policy.on(today);
            let tallies = places.tallies(programme, today);
            found.extend(programme.limits.iter().map(|limit| {
                let over = tallies.iter().filter(|tally| tally.limit.id == limit.id && tally.over() > 0);
                Exceeded { programme: id.clone(), limit: limit.id.clone(), values: over.count() }
            }));
        }
        found.sort_by(|a, b| (&a.programme, &a.limit).cmp(&(&b.programme, &b.limit)));
        found
    }
}
