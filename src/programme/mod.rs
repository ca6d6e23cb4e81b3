//! A programme: the rules of one policy, as data.
//!
//! [`Programme`] is the model, [`read`] makes one from the TOML an admin edits. The engine knows
//! nothing of any one authority: whatever is particular stands in `config/programmes/`.
//!
//! Invariant: pure; a programme that was read is complete (its roles and event types exist).

mod compare;
mod condition;
mod draft;
mod example;
mod finding;
mod ladder;
mod limit;
mod meaning;
mod mention;
mod model;
mod notation;
mod outcomes;
mod read;
mod read_areas;
mod read_condition;
mod read_example;
mod read_ladder;
mod read_limit;
mod read_outcomes;
mod read_rule;
mod recover;
mod sense;
mod version;

pub use condition::{Condition, Matcher};
pub use draft::{Draft, Owner};
pub use example::{EXAMPLE_CASE, Example, ExampleEvent, Expectation};
pub use finding::{Finding, Severity};
pub use ladder::{Addressee, Ladder, Late, Repeat, Step, StepAt, StepAtError};
pub use limit::Limit;
pub use meaning::{Effect, Meaning};
pub use model::{Anchor, Basis, Every, Notice, Programme, Role, Rule, Shape, Stage, Unless};
pub use outcomes::{Better, Headcount, Movement, Outcomes, Support, Transition};
pub use read::read;
pub use recover::{Recovered, recover, stands_in};
pub use version::{AppliesTo, Policy, Version};
pub(crate) use version::{Lineage, Stretch};
