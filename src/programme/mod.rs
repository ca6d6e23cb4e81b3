//! A programme: the rules of one policy, as data.
//!
//! [`Programme`] is the model, [`read`] makes one from the TOML an admin edits. The engine knows
//! nothing of any one authority: whatever is particular stands in `config/programmes/`.
//!
//! Invariant: pure; a programme that was read is complete (its roles and event types exist).

mod condition;
mod model;
mod notation;
mod read;

pub use condition::{Condition, Matcher};
pub use model::{Anchor, Basis, Every, Notice, Programme, Role, Rule, Shape, Unless};
pub use read::{Draft, Finding, read};
