//! What is counted, case by case; two tallies add up to one.

use std::collections::BTreeMap;

use super::few::Cell;
use crate::case::{ProgrammeId, RoleId, RuleId};

/// What is counted of each programme.
pub(super) type Tallies<'p> = BTreeMap<&'p ProgrammeId, Tally<'p>>;

/// What is counted of one programme.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally<'p> {
    /// The obligations of the period, by who must act and by rule.
    pub kept: BTreeMap<(&'p RoleId, &'p RuleId), Kept>,
    pub transition: Transitions,
    pub support: Supported,
    /// In the order of the programme.
    pub movements: Vec<Moved>,
    /// In the order of the programme; behind them the cases that are in none.
    pub stages: Vec<Stays>,
}

/// What became of the obligations of a period.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    /// By [`Column`].
    pub columns: [Cell; Column::ALL.len()],
    /// Of each completed one, from its deadline to the day it was done.
    pub days: Vec<f64>,
    /// How often somebody was reminded of one that was completed.
    pub reminders: u64,
}

/// What an obligation is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    OnTime,
    Late,
    Missed,
    Overdue,
    Open,
    Waived,
    /// Messages, not obligations: each urgent one.
    Escalations,
}

impl Column {
    pub const ALL: [Self; 7] =
        [Self::OnTime, Self::Late, Self::Missed, Self::Overdue, Self::Open, Self::Waived, Self::Escalations];
}

impl Kept {
    pub const fn column(&mut self, column: Column) -> &mut Cell {
        &mut self.columns[column as usize]
    }

    pub fn join(&mut self, other: Self) {
        self.columns.iter_mut().zip(&other.columns).for_each(|(cell, other)| cell.join(other));
        self.days.extend(other.days);
        self.reminders += other.reminders;
    }
}

/// What became of transitions.
#[derive(Debug, Clone, Default)]
pub(super) struct Transitions {
    pub standing: Cell,
    pub ended: Cell,
    pub not_yet_known: Cell,
}

/// Who was supported.
#[derive(Debug, Clone, Default)]
pub(super) struct Supported {
    /// Families of which it is said how many they are.
    pub counted: Cell,
    /// Families of which it is not.
    pub uncounted: Cell,
    pub adults: u64,
    pub children: u64,
}

/// How a measure moved.
#[derive(Debug, Clone, Default)]
pub(super) struct Moved {
    pub better: Cell,
    pub same: Cell,
    pub worse: Cell,
    /// The first values, where they are numbers.
    pub first: Vec<f64>,
    /// The last ones.
    pub last: Vec<f64>,
}

/// How long cases stay in a stage, in days.
#[derive(Debug, Clone, Default)]
pub(super) struct Stays {
    pub left: Cell,
    pub days: Vec<f64>,
    pub still: Cell,
    pub so_far: Vec<f64>,
}

impl Tally<'_> {
    pub fn new(movements: usize, stages: usize) -> Self {
        Self {
            movements: vec![Moved::default(); movements],
            stages: vec![Stays::default(); stages + 1],
            ..Self::default()
        }
    }
}

/// Both tallies together.
pub(super) fn joined<'p>(mut one: Tallies<'p>, other: Tallies<'p>) -> Tallies<'p> {
    for (programme, more) in other {
        match one.get_mut(programme) {
            Some(tally) => tally.join(more),
            None => drop(one.insert(programme, more)),
        }
    }
    one
}

impl Tally<'_> {
    fn join(&mut self, other: Self) {
        let Self { kept, transition, support, movements, stages } = other;
        for (key, kept) in kept {
            self.kept.entry(key).or_default().join(kept);
        }
        self.transition.standing.join(&transition.standing);
        self.transition.ended.join(&transition.ended);
        self.transition.not_yet_known.join(&transition.not_yet_known);
        self.support.counted.join(&support.counted);
        self.support.uncounted.join(&support.uncounted);
        self.support.adults += support.adults;
        self.support.children += support.children;
        for (moved, other) in self.movements.iter_mut().zip(movements) {
            moved.better.join(&other.better);
            moved.same.join(&other.same);
            moved.worse.join(&other.worse);
            moved.first.extend(other.first);
            moved.last.extend(other.last);
        }
        for (stays, other) in self.stages.iter_mut().zip(stages) {
            stays.left.join(&other.left);
            stays.days.extend(other.days);
            stays.still.join(&other.still);
            stays.so_far.extend(other.so_far);
        }
    }
}
