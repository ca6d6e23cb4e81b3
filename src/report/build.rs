//! From a tally to a report: sums, rates and medians, and what of them is shown.

use std::collections::{BTreeMap, HashMap};

use super::few::Cell;
use super::middle::{median, number, percent, quartiles, tenth};
use super::model::{
    KeptRow, MovementRow, ProgrammeReport, Report, RoleRow, RuleRow, StageRow, SupportRow, TransitionRow,
};
use super::reckon::{Subject, reckon};
use super::tally::{Column, Kept, Moved, Stays, Supported, Tally, Transitions};
use super::withhold::Node;
use super::{Period, THRESHOLD};
use crate::case::{ProgrammeId, RoleId, RuleId};
use crate::language::{Language, Wording};
use crate::programme::{Policy, Programme};

/// What a report is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Of these days.
    pub period: Period,
    /// Of this programme only.
    pub programme: Option<ProgrammeId>,
    /// Small numbers too.
    pub small_numbers: bool,
    /// The language of names.
    pub language: Language,
}

/// The report on what it is to tell.
#[must_use]
pub fn report(subject: Subject<'_>, scope: &Scope) -> Report {
    let Scope { period, small_numbers, language, .. } = *scope;
    let programme = scope.programme.as_ref();
    let mut tallies = reckon(subject, period, programme);
    for (id, policy) in subject.policies {
        if programme.is_none_or(|wanted| wanted == id) {
            let on = policy.on(period.to);
            tallies.entry(id).or_insert_with(|| Tally::new(on.outcomes.movements.len(), on.stages.len()));
        }
    }
    let shown = Shown { small_numbers, language };
    let grid = Grid::new(&tallies, subject.policies, period, shown);
    let programmes = tallies.iter().enumerate().filter_map(|(place, (id, tally))| {
        let policy = subject.policies.get(*id)?;
        Some(shown.programme(id, policy, period, tally, &grid, place))
    });
    let programmes: Vec<_> = programmes.collect();
    // Each programme may be asked for alone: what is withheld of one would follow from the sum and the others.
    let is_whole = programmes.iter().all(|programme| programme.kept.withheld.is_empty());
    let total = (tallies.len() > 1 && is_whole).then(|| {
        let all = Kept::of(tallies.values().flat_map(|tally| tally.kept.values()));
        shown.row(&all, |column| grid.of(column))
    });
    Report { from: period.from, to: period.to, language, small_numbers, total, programmes }
}

/// Whether small numbers are shown, and so what is.
#[derive(Clone, Copy)]
struct Shown {
    small_numbers: bool,
    language: Language,
}

/// The rows of one programme: by role, and in each by rule.
type Rows<'p> = Vec<(&'p RoleId, Vec<&'p RuleId>)>;

/// Every count of obligations, by column: all programmes, each programme, each role, each rule.
struct Grid<'p> {
    columns: Vec<Node>,
    rows: Vec<Rows<'p>>,
}

impl<'p> Grid<'p> {
    fn new(
        tallies: &BTreeMap<&'p ProgrammeId, Tally<'p>>,
        policies: &HashMap<ProgrammeId, Policy>,
        period: Period,
        shown: Shown,
    ) -> Self {
        let rows: Vec<Rows<'p>> = tallies
            .iter()
            .map(|(id, tally)| rows(tally, policies.get(*id).map(|policy| policy.on(period.to))))
            .collect();
        let column = |column: Column| {
            let programmes = tallies.values().zip(&rows).map(|(tally, rows)| {
                let roles = rows.iter().map(|(role, rules)| {
                    let cell = |rule: &&'p RuleId| {
                        tally.kept.get(&(*role, *rule)).map(|kept| kept.columns[column as usize])
                    };
                    Node::sum(rules.iter().map(|rule| Node::leaf(cell(rule).unwrap_or_default())).collect())
                });
                Node::sum(roles.collect())
            });
            shown.protect(Node::sum(programmes.collect()))
        };
        Self { columns: Column::ALL.map(column).into(), rows }
    }

    fn of(&self, column: Column) -> Option<&Node> {
        self.columns.get(column as usize)
    }

    fn at(&self, column: Column, path: &[usize]) -> Option<&Node> {
        path.iter().try_fold(self.of(column)?, |node, place| node.parts.get(*place))
    }
}

/// The roles and rules in the order of the programme; what it has no more stands last.
fn rows<'p>(tally: &Tally<'p>, programme: Option<&Programme>) -> Rows<'p> {
    let place = |rule: &RuleId| {
        let rules = programme.map_or(&[][..], |programme| &programme.rules);
        rules.iter().position(|known| known.id == *rule).unwrap_or(usize::MAX)
    };
    let mut rows: Rows<'p> = Vec::new();
    for (role, rule) in tally.kept.keys() {
        match rows.iter_mut().find(|(known, _)| known == role) {
            Some((_, rules)) => rules.push(rule),
            None => rows.push((role, vec![rule])),
        }
    }
    for (_, rules) in &mut rows {
        rules.sort_by_key(|rule| place(rule));
    }
    rows.sort_by_key(|(_, rules)| rules.first().map(|rule| place(rule)));
    rows
}

/// The names of figures that are not shown.
#[derive(Default)]
struct Withheld(Vec<String>);

impl Withheld {
    /// The count, where it is shown.
    fn count(&mut self, name: &str, node: &Node) -> Option<u64> {
        let shown = node.shown();
        self.note(name, shown.is_none());
        shown
    }

    /// The same, unless its whole row rests on few cases: a nought would then tell what became of each of them.
    fn in_row(&mut self, name: &str, node: &Node, few: bool) -> Option<u64> {
        self.figure(name, !few && !node.withheld, Some(node.cell.count))
    }

    /// A figure that is made of others, where these are shown.
    fn figure<T>(&mut self, name: &str, shown: bool, figure: Option<T>) -> Option<T> {
        self.note(name, !shown && figure.is_some());
        figure.filter(|_| shown)
    }

    fn note(&mut self, name: &str, is: bool) {
        if is {
            self.0.push(name.to_owned());
        }
    }
}

impl Shown {
    fn said(self, name: &Wording) -> String {
        name.said(self.language).to_string()
    }

    fn protect(self, node: Node) -> Node {
        if self.small_numbers { node } else { node.protect() }
    }

    /// Whether a rate or a median may be told of so many cases.
    const fn tells_of(self, cell: &Cell) -> bool {
        self.small_numbers || !cell.cases.is_few()
    }

    fn row<'g>(self, kept: &Kept, node: impl Fn(Column) -> Option<&'g Node>) -> KeptRow {
        let mut withheld = Withheld::default();
        let fallback = Node::default();
        let node = |column| node(column).unwrap_or(&fallback);
        let is_shown = |columns: &[Column]| columns.iter().all(|column| !node(*column).withheld);
        let cell = |column: Column| kept.columns.get(column as usize).copied().unwrap_or_default();
        let count = |columns: &[Column]| columns.iter().map(|column| cell(*column).count).sum::<u64>();
        let (judged, all) = Column::ALL.split_at(4);
        let all = [judged, all.split_last().map_or(&[][..], |(_, rest)| rest)].concat();
        let few = !self.tells_of(&all.iter().fold(Cell::default(), |sum, column| sum.with(&cell(*column))));
        let completed = cell(Column::OnTime).with(&cell(Column::Late));
        let tells = is_shown(&[Column::OnTime, Column::Late]) && self.tells_of(&completed);
        let reminders =
            (completed.count > 0).then(|| tenth(number(kept.reminders) / number(completed.count)));
        KeptRow {
            due: withheld.figure("due", !few && is_shown(&all), Some(count(&all))),
            on_time: withheld.in_row("on_time", node(Column::OnTime), few),
            late: withheld.in_row("late", node(Column::Late), few),
            missed: withheld.in_row("missed", node(Column::Missed), few),
            overdue: withheld.in_row("overdue", node(Column::Overdue), few),
            open: withheld.in_row("open", node(Column::Open), few),
            waived: withheld.in_row("waived", node(Column::Waived), few),
            on_time_rate: withheld.figure(
                "on_time_rate",
                !few && is_shown(judged),
                percent(count(&[Column::OnTime]), count(judged)),
            ),
            median_days: withheld.figure("median_days", tells, median(&kept.days)),
            reminders_per_completed: withheld.figure("reminders_per_completed", tells, reminders),
            escalations: withheld.count("escalations", node(Column::Escalations)),
            withheld: withheld.0,
        }
    }

    fn programme<'p>(
        self,
        id: &ProgrammeId,
        policy: &Policy,
        period: Period,
        tally: &Tally<'p>,
        grid: &Grid<'p>,
        place: usize,
    ) -> ProgrammeReport {
        let programme = policy.on(period.to);
        let still = tally.stages.iter().map(|stays| Node::leaf(stays.still)).collect();
        let cases = self.protect(Node::sum(still));
        let (mut roles, mut rules) = (Vec::new(), Vec::new());
        for (n, (role, of_role)) in grid.rows.get(place).into_iter().flatten().enumerate() {
            let of = |rule: &&'p RuleId| tally.kept.get(&(*role, *rule));
            let title = programme.roles.get(*role).map(|role| self.said(&role.title));
            roles.push(RoleRow {
                role: (*role).clone(),
                title: title.unwrap_or_else(|| role.to_string()),
                kept: self
                    .row(&Kept::of(of_role.iter().filter_map(of)), |column| grid.at(column, &[place, n])),
            });
            for (m, rule) in of_role.iter().enumerate() {
                let title = policy.rule(rule.as_str()).map(|rule| self.said(&rule.title));
                rules.push(RuleRow {
                    rule: (*rule).clone(),
                    title: title.unwrap_or_else(|| rule.to_string()),
                    role: (*role).clone(),
                    kept: self.row(&of(rule).cloned().unwrap_or_default(), |column| {
                        grid.at(column, &[place, n, m])
                    }),
                });
            }
        }
        let outcomes = &programme.outcomes;
        let movements = outcomes.movements.iter().zip(&tally.movements);
        let stages = programme.stages.iter().zip(tally.stages.iter().zip(&cases.parts));
        // Who has left a stage and is in none before is in it or has left the next: together they tell how many are in it.
        let is_open = cases.parts.iter().all(|still| !still.withheld);
        ProgrammeReport {
            programme: id.clone(),
            title: self.said(&programme.title),
            cases: cases.shown(),
            kept: self.row(&Kept::of(tally.kept.values()), |column| grid.at(column, &[place])),
            roles,
            rules,
            transition: outcomes
                .transition
                .as_ref()
                .map(|transition| self.transition(transition.after.to_string(), &tally.transition)),
            support: outcomes.support.as_ref().map(|_| self.support(&tally.support)),
            movements: movements
                .map(|(movement, moved)| self.movement(&movement.id, &movement.title, moved))
                .collect(),
            stages: stages
                .map(|(stage, (stays, still))| self.stage(&stage.title, stays, still, is_open))
                .collect(),
        }
    }

    fn transition(self, after: String, found: &Transitions) -> TransitionRow {
        let decided = Node::sum(vec![Node::leaf(found.standing), Node::leaf(found.ended)]);
        let all = self.protect(Node::sum(vec![Node::leaf(found.not_yet_known), decided]));
        let empty = Node::default();
        let part = |node: &'_ Node, n: usize| node.parts.get(n).cloned().unwrap_or_else(|| empty.clone());
        let (not_yet_known, decided) = (part(&all, 0), part(&all, 1));
        let (standing, ended) = (part(&decided, 0), part(&decided, 1));
        let mut withheld = Withheld::default();
        let rate = percent(standing.cell.count, decided.cell.count);
        let is_shown = !decided.withheld && !standing.withheld && !ended.withheld;
        // It says no more than that fewer than five have ended.
        let most = THRESHOLD as u64 - 1;
        let few =
            !decided.withheld && ended.withheld && ended.cell.count <= most && decided.cell.count > most;
        let of_few = !self.tells_of(&decided.cell);
        // Where the bound is not told, the reader knows that not few have ended: the sum would then give it away.
        let bare = !is_shown && !few;
        TransitionRow {
            after,
            attempted: withheld.in_row("attempted", &all, bare),
            not_yet_known: withheld.count("not_yet_known", &not_yet_known),
            decided: withheld.in_row("decided", &decided, bare),
            standing: withheld.in_row("standing", &standing, of_few),
            ended: withheld.in_row("ended", &ended, of_few),
            success_rate: withheld.figure("success_rate", is_shown && !of_few, rate),
            success_rate_at_least: percent(decided.cell.count.saturating_sub(most), decided.cell.count)
                .filter(|_| few),
            withheld: withheld.0,
        }
    }

    fn support(self, found: &Supported) -> SupportRow {
        let families = self.protect(Node::sum(vec![Node::leaf(found.counted), Node::leaf(found.uncounted)]));
        let mut withheld = Withheld::default();
        let counted = families.parts.first().cloned().unwrap_or_default();
        let tells = |people: u64| {
            let small = people > 0 && people < THRESHOLD as u64;
            self.small_numbers || !(counted.withheld || small)
        };
        SupportRow {
            families: withheld.count("families", &families),
            counted: withheld.count("counted", &counted),
            adults: withheld.figure("adults", tells(found.adults), Some(found.adults)),
            children: withheld.figure("children", tells(found.children), Some(found.children)),
            withheld: withheld.0,
        }
    }

    fn movement(self, id: &str, title: &Wording, moved: &Moved) -> MovementRow {
        let cells = [moved.better, moved.same, moved.worse];
        let compared = self.protect(Node::sum(cells.map(Node::leaf).into()));
        let mut withheld = Withheld::default();
        let empty = Node::default();
        let part = |n: usize| compared.parts.get(n).unwrap_or(&empty);
        let few = !self.tells_of(&compared.cell);
        MovementRow {
            id: id.to_owned(),
            title: self.said(title),
            compared: withheld.count("compared", &compared),
            better: withheld.in_row("better", part(0), few),
            same: withheld.in_row("same", part(1), few),
            worse: withheld.in_row("worse", part(2), few),
            median_first: withheld.figure("median_first", !compared.withheld, median(&moved.first)),
            median_last: withheld.figure("median_last", !compared.withheld, median(&moved.last)),
            withheld: withheld.0,
        }
    }

    fn stage(self, title: &Wording, stays: &Stays, still: &Node, is_open: bool) -> StageRow {
        let mut left = self.protect(Node::leaf(stays.left));
        left.withheld |= !is_open && left.cell.count > 0;
        let mut withheld = Withheld::default();
        let middle = quartiles(&stays.days);
        let tells = !left.withheld;
        StageRow {
            stage: self.said(title),
            left: withheld.count("left", &left),
            lower_quartile_days: withheld.figure(
                "lower_quartile_days",
                tells,
                middle.map(|found| found.lower),
            ),
            median_days: withheld.figure("median_days", tells, middle.map(|found| found.median)),
            upper_quartile_days: withheld.figure(
                "upper_quartile_days",
                tells,
                middle.map(|found| found.upper),
            ),
            still_in: withheld.count("still_in", still),
            median_days_so_far: withheld.figure("median_days_so_far", !still.withheld, median(&stays.so_far)),
            withheld: withheld.0,
        }
    }
}
