//! How many cases a figure rests on, as far as it matters.

/// A figure that rests on fewer cases than this says something of a child.
pub const THRESHOLD: usize = 5;

/// Up to five of the cases that a figure rests on, by their numbers: enough to know whether there are fewer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Few {
    cases: [u32; THRESHOLD],
    known: usize,
}

impl Few {
    /// Takes one more case, which may be known already.
    pub fn add(&mut self, case: u32) {
        let known = self.cases.get(..self.known).unwrap_or_default();
        if known.contains(&case) {
            return;
        }
        if let Some(place) = self.cases.get_mut(self.known) {
            *place = case;
            self.known += 1;
        }
    }

    /// Takes the cases of another figure.
    pub fn join(&mut self, other: &Self) {
        other.cases.iter().take(other.known).for_each(|case| self.add(*case));
    }

    /// Whether there is a case, and fewer than five are.
    pub const fn is_few(&self) -> bool {
        self.known > 0 && self.known < THRESHOLD
    }
}

/// A count, and the cases it rests on. What happens in a case of no person, such as that of a policy itself, is
/// counted and rests on none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub count: u64,
    pub cases: Few,
}

impl Cell {
    /// Counts one more in a case; of no person, where there is no number.
    pub fn add(&mut self, case: Option<u32>) {
        self.add_many(1, case);
    }

    /// Counts so many more in a case.
    pub fn add_many(&mut self, many: u64, case: Option<u32>) {
        self.count += many;
        if let Some(case) = case.filter(|_| many > 0) {
            self.cases.add(case);
        }
    }

    /// Adds another count to this one.
    pub fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.cases.join(&other.cases);
    }

    /// Both together.
    pub fn with(mut self, other: &Self) -> Self {
        self.join(other);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_counts_once_and_five_are_enough() {
        let mut few = Few::default();
        assert!(!few.is_few());
        for case in [7, 7, 8, 9, 10] {
            few.add(case);
        }
        assert!(few.is_few());
        let mut other = Few::default();
        for case in [10, 11, 12] {
            other.add(case);
        }
        few.join(&other);
        assert!(!few.is_few());
    }
}
