//! Which figures are withheld, so that nobody learns of a child from a small number.
//!
//! Figures that add up stand in a tree, each with the parts that make it. A figure that rests on one to four cases is
//! withheld (*primary* suppression). Whoever sees a sum and all of its parts but one can reckon the last one: so
//! further parts are withheld, the smallest first, until those of one sum that are withheld together rest on five
//! cases or more and could each have at least five values (*secondary* suppression). Where no part is left to
//! withhold, the sum is. Every withheld figure bears the same mark: it does not say which kind it is.
//!
//! What a reader may know is reckoned with: each sum that is shown, that a withheld figure is not 0, and how
//! all this works. The rules follow what the Office for National Statistics and the Department for Education publish
//! on disclosure control (<https://analysisfunction.civilservice.gov.uk/policy-store/data-disclosure-control/>,
//! <https://www.ons.gov.uk/methodology/methodologytopicsandstatisticalconcepts/disclosurecontrol>); the mark `[c]` is
//! that of <https://analysisfunction.civilservice.gov.uk/policy-store/symbols-in-tables-definitions-and-help/>.
//!
//! A row that rests on few cases shows no noughts either: they would tell what became of each. The nought of a larger
//! group is shown, and says the same of each in it.
//!
//! What this cannot know: what else its reader knows, and another report over nearly the same period, laid beside.

use super::few::{Cell, Few};

/// By how much the withheld parts of a sum could be otherwise, at the least.
const ROOM: u64 = 4;

/// A figure with the parts that add up to it.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub cell: Cell,
    pub parts: Vec<Node>,
    pub withheld: bool,
}

impl Node {
    /// A figure with no parts.
    pub fn leaf(cell: Cell) -> Self {
        Self { cell, ..Self::default() }
    }

    /// The sum of these.
    pub fn sum(parts: Vec<Self>) -> Self {
        let cell = parts.iter().fold(Cell::default(), |sum, part| sum.with(&part.cell));
        Self { cell, parts, withheld: false }
    }

    /// The figure, where it is shown.
    pub fn shown(&self) -> Option<u64> {
        (!self.withheld).then_some(self.cell.count)
    }

    /// Decides what of the whole tree is withheld.
    pub fn protect(mut self) -> Self {
        self.mark();
        self.settle();
        self
    }

    fn mark(&mut self) {
        self.withheld = self.cell.cases.is_few();
        self.parts.iter_mut().for_each(Self::mark);
    }

    fn settle(&mut self) {
        self.parts.iter_mut().for_each(Self::settle);
        while !self.is_safe() {
            let shown = self.parts.iter_mut().filter(|part| !part.withheld && part.cell.count > 0);
            match shown.min_by_key(|part| part.cell.count) {
                Some(smallest) => {
                    smallest.withheld = true;
                    smallest.settle();
                }
                None => self.withheld = true,
            }
        }
    }

    /// Whether what is shown of it leaves open what is withheld.
    fn is_safe(&self) -> bool {
        let withheld = || self.parts.iter().filter(|part| part.withheld);
        let empty = self.parts.iter().all(|part| part.cell.count == 0);
        if self.withheld {
            // A sum can be reckoned from its parts, where all are shown.
            return empty || withheld().next().is_some();
        }
        if withheld().next().is_none() {
            return true;
        }
        let mut cases = Few::default();
        withheld().for_each(|part| cases.join(&part.cell.cases));
        let room: u64 = withheld().map(|part| part.cell.count - part.least()).sum();
        withheld().count() > 1 && room >= ROOM && !cases.is_few()
    }

    /// The least that a reader knows it to be.
    fn least(&self) -> u64 {
        if !self.withheld {
            return self.cell.count;
        }
        if self.parts.is_empty() {
            return self.cell.count.min(1);
        }
        self.parts.iter().map(Self::least).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaf(count: u64, first: u32, cases: u32) -> Node {
        let mut cell = Cell { count, ..Cell::default() };
        (first..first + cases).for_each(|case| cell.cases.add(case));
        Node::leaf(cell)
    }

    /// A figure of as many cases as it counts, none of them that of another.
    fn of(count: u64, first: u32) -> Node {
        leaf(count, first * 100, u32::try_from(count).expect("few"))
    }

    fn shown(node: &Node) -> Vec<Option<u64>> {
        node.parts.iter().map(Node::shown).collect()
    }

    #[test]
    fn one_small_part_takes_the_next_smallest_with_it() {
        let node = Node::sum(vec![of(3, 1), of(30, 2), of(7, 3), of(0, 4)]).protect();
        assert_eq!(node.shown(), Some(40));
        assert_eq!(shown(&node), [None, Some(30), None, Some(0)]);
    }

    #[test]
    fn many_small_parts_protect_one_another() {
        let node = Node::sum(vec![of(3, 1), of(4, 2), of(2, 3), of(12, 4)]).protect();
        assert_eq!((node.shown(), shown(&node)), (Some(21), vec![None, None, None, Some(12)]));
    }

    #[test]
    fn small_parts_that_could_be_no_other_take_one_more() {
        // Five ones: their sum of five would say that each of them is one.
        let node = Node::sum((1..=5).map(|n| of(1, n)).chain([of(9, 6), of(20, 7)]).collect()).protect();
        assert_eq!(shown(&node)[5..], [None, Some(20)]);
    }

    #[test]
    fn a_small_sum_is_withheld_and_so_is_what_it_is_made_of() {
        let node = Node::sum(vec![of(2, 1), of(0, 2), of(1, 3)]).protect();
        assert_eq!((node.shown(), shown(&node)), (None, vec![None, Some(0), None]));
    }

    #[test]
    fn a_sum_goes_where_no_other_part_can() {
        let node = Node::sum(vec![of(3, 1), of(0, 2)]);
        let node = Node::sum(vec![node, of(50, 3)]).protect();
        assert_eq!((node.shown(), shown(&node)), (Some(53), vec![None, None]));
    }

    #[test]
    fn many_visits_of_one_child_are_small_too() {
        let node = Node::sum(vec![leaf(12, 1, 1), leaf(40, 10, 9), leaf(60, 30, 9)]).protect();
        assert_eq!(shown(&node), [None, None, Some(60)]);
    }

    #[test]
    fn what_concerns_no_person_is_shown() {
        let node = Node::sum(vec![leaf(1, 0, 0), of(9, 1)]).protect();
        assert_eq!(shown(&node), [Some(1), Some(9)]);
    }

    /// All the values that each withheld leaf may have, found by trying: those with which every shown sum is as it
    /// is shown, each withheld leaf being at least 1 and at most `most`.
    fn possible(node: &Node, most: u64) -> Vec<std::collections::BTreeSet<u64>> {
        let mut leaves = Vec::new();
        gather(node, &mut leaves);
        let hidden: Vec<usize> = (0..leaves.len()).filter(|n| leaves[*n].withheld).collect();
        let mut found = vec![std::collections::BTreeSet::new(); hidden.len()];
        let mut values: Vec<u64> = leaves.iter().map(|leaf| leaf.cell.count).collect();
        try_all(node, &hidden, 0, &mut values, most, &mut found);
        found
    }

    fn gather<'n>(node: &'n Node, leaves: &mut Vec<&'n Node>) {
        if node.parts.is_empty() {
            leaves.push(node);
        }
        node.parts.iter().for_each(|part| gather(part, leaves));
    }

    fn try_all(
        node: &Node,
        hidden: &[usize],
        at: usize,
        values: &mut Vec<u64>,
        most: u64,
        found: &mut [std::collections::BTreeSet<u64>],
    ) {
        if at == hidden.len() {
            if fits(node, &mut values.iter().copied()).is_some() {
                for (set, n) in found.iter_mut().zip(hidden) {
                    set.insert(values[*n]);
                }
            }
            return;
        }
        let before = values[hidden[at]];
        for value in 1..=most {
            values[hidden[at]] = value;
            try_all(node, hidden, at + 1, values, most, found);
        }
        values[hidden[at]] = before;
    }

    /// The sum that these values make of the leaves; none where it is not as shown.
    fn fits(node: &Node, values: &mut impl Iterator<Item = u64>) -> Option<u64> {
        let sum = if node.parts.is_empty() {
            values.next()?
        } else {
            let parts: Vec<_> = node.parts.iter().map(|part| fits(part, values)).collect();
            parts.into_iter().sum::<Option<u64>>()?
        };
        (node.withheld || node.cell.count == sum).then_some(sum)
    }

    fn tree() -> impl Strategy<Value = Node> {
        // Every assignment is tried: four figures are 12⁴ of them.
        let group = proptest::collection::vec(0_u64..8, 1..3);
        proptest::collection::vec(group, 1..3).prop_map(|groups| {
            let mut number = 0;
            let groups = groups.into_iter().map(|counts| {
                let leaves = counts.into_iter().map(|count| {
                    number += 1;
                    of(count, number)
                });
                Node::sum(leaves.collect())
            });
            Node::sum(groups.collect())
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn what_is_withheld_cannot_be_reckoned_from_what_is_shown(tree in tree()) {
            let tree = tree.protect();
            let mut leaves = Vec::new();
            gather(&tree, &mut leaves);
            let small = |leaf: &&Node| (1..5).contains(&leaf.cell.count);
            prop_assert!(leaves.iter().filter(|leaf| small(leaf)).all(|leaf| leaf.withheld));
            prop_assert!(leaves.iter().all(|leaf| !leaf.withheld || leaf.cell.count > 0));
            for values in possible(&tree, 12) {
                prop_assert!(values.len() > 4, "{values:?} in {tree:?}");
            }
        }
    }
}
