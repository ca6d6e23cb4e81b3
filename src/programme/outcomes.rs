//! What a programme wants to achieve, so that a report can count it: transitions that stand, people supported,
//! measures that move.

use super::Matcher;
use crate::calendar::Period;
use crate::language::Wording;

/// What is counted of a programme's outcomes; nothing where its file says nothing of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcomes {
    /// The moves that are to last.
    pub transition: Option<Transition>,
    /// The families, and the people in them, that are supported.
    pub support: Option<Support>,
    /// The measures of which a first and a later value are compared.
    pub movements: Vec<Movement>,
}

/// A move that is to last: attempted, and still standing after a while or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The events that attempt one.
    pub attempted: Matcher,
    /// The events that end it.
    pub ended: Vec<Matcher>,
    /// After how long it counts as standing.
    pub after: Period,
    /// Whether a further attempt in the same case ends the one before it; where it does not, an ending ends the
    /// last that stands.
    pub one_at_a_time: bool,
    /// The events that say whether it succeeded, and the field that says so: what was said outweighs what is
    /// reckoned.
    pub recorded: Option<(Matcher, String)>,
}

/// The families that are supported.
#[derive(Debug, Clone, PartialEq)]
pub struct Support {
    /// The events by which a family comes to be supported.
    pub families: Matcher,
    /// The events by which that ends.
    pub until: Vec<Matcher>,
    /// The events that say how many people there are in the family.
    pub people: Option<Headcount>,
}

/// Where it is said how many people there are in a family.
#[derive(Debug, Clone, PartialEq)]
pub struct Headcount {
    /// The events that say so; the latest one counts.
    pub event: Matcher,
    /// The field with the number of adults.
    pub adults: String,
    /// The field with the number of children.
    pub children: String,
}

/// A measure that is taken more than once in a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Movement {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub title: Wording,
    /// The events whose earliest gives the first value.
    pub first: Matcher,
    /// The events whose latest gives the last value.
    pub last: Matcher,
    /// The field with the value.
    pub field: String,
    /// Its values from the lowest to the highest, where they are words; empty where they order themselves.
    pub order: Vec<String>,
    /// Which way is better.
    pub better: Better,
}

/// Which way of a measure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Down.
    Lower,
    /// Up.
    Higher,
}
