//! The golden examples of a configuration, run. A check tells of them; a wrong one stops no daemon.

use super::{Config, Fault};
use crate::policy::example_findings;

/// Every expectation of an example that does not hold, where its programme file has it.
#[must_use]
pub fn examples(config: &Config) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (id, text) in &config.programmes {
        let Some(policy) = config.policies.get(id) else { continue };
        let file = format!("programmes/{id}.toml");
        faults.extend(
            example_findings(policy).into_iter().map(|finding| Fault::at(&file, text.text(), finding)),
        );
    }
    faults
}
