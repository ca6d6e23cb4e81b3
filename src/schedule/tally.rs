//! How a limit stands under one value.

use std::sync::Arc;

use super::Place;
use crate::case::CaseRef;
use crate::programme::Limit;

/// The cases that hold a place on a day under one value of what a limit is about.
#[derive(Clone, PartialEq)]
pub struct Tally<'p> {
    /// The limit.
    pub limit: &'p Limit,
    /// The value.
    pub value: Arc<str>,
    /// The places, in the order in which they were given: by time, then by the log. At least one.
    pub places: Vec<Arc<Place>>,
}

impl Tally<'_> {
    fn at_most(&self) -> usize {
        usize::try_from(self.limit.at_most).unwrap_or(usize::MAX)
    }

    /// How many cases hold a place.
    #[must_use]
    pub fn open(&self) -> usize {
        self.places.len()
    }

    /// How many more may.
    #[must_use]
    pub fn room(&self) -> usize {
        self.at_most().saturating_sub(self.open())
    }

    /// How many too many do.
    #[must_use]
    pub fn over(&self) -> usize {
        self.open().saturating_sub(self.at_most())
    }

    /// The places that exceed the limit: all after the first that it allows. Their events breached it.
    #[must_use]
    pub fn beyond(&self) -> &[Arc<Place>] {
        self.places.get(self.at_most()..).unwrap_or_default()
    }

    /// Whether `case` holds one of the places.
    #[must_use]
    pub fn is_held_by(&self, case: &CaseRef) -> bool {
        self.places.iter().any(|place| place.case == *case)
    }
}
