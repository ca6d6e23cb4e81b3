//! A report as one long list of figures, for a table and for CSV.

use super::model::{KeptRow, MovementRow, ProgrammeReport, Report, StageRow, SupportRow, TransitionRow};

/// The mark of a withheld figure.
pub(super) const WITHHELD: &str = "[c]";

/// One figure of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// `total`, `programme`, `role`, `rule`, `transition`, `support`, `movement` or `stage`.
    pub section: &'static str,
    /// The programme; empty for all.
    pub programme: String,
    /// The rule, measure or stage, where it is of one.
    pub item: String,
    /// The role that must act, where it is of one.
    pub role: String,
    /// What the figure says: the name of the field in JSON.
    pub measure: &'static str,
    /// The figure.
    pub value: Shown,
}

/// A figure, or that it is not shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown {
    /// A count.
    Count(u64),
    /// A rate, a median or a mean, to one decimal.
    Figure(f64),
    /// There is nothing to reckon it from.
    Nothing,
    /// It is withheld.
    Withheld,
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Figure(figure) => write!(f, "{figure}"),
            Self::Nothing => Ok(()),
            Self::Withheld => f.write_str(WITHHELD),
        }
    }
}

/// Every figure of the report, in its order.
#[must_use]
pub fn lines(report: &Report) -> Vec<Line> {
    let mut lines = Vec::new();
    let head =
        |section, programme: &str| Head { section, programme: programme.to_owned(), ..Head::default() };
    if let Some(total) = &report.total {
        head("total", "").put(&mut lines, kept(total), &total.withheld);
    }
    for programme in &report.programmes {
        of_programme(programme, &head, &mut lines);
    }
    lines
}

fn of_programme(report: &ProgrammeReport, head: &impl Fn(&'static str, &str) -> Head, lines: &mut Vec<Line>) {
    let head = |section| head(section, report.programme.as_str());
    let cases = report.cases.map_or(Shown::Withheld, Shown::Count);
    head("programme").put(lines, vec![("cases", cases)], &[]);
    head("programme").put(lines, kept(&report.kept), &report.kept.withheld);
    for row in &report.roles {
        let head = Head { role: row.role.to_string(), ..head("role") };
        head.put(lines, kept(&row.kept), &row.kept.withheld);
    }
    for row in &report.rules {
        let head = Head { role: row.role.to_string(), item: row.rule.to_string(), ..head("rule") };
        head.put(lines, kept(&row.kept), &row.kept.withheld);
    }
    if let Some(row) = &report.transition {
        head("transition").put(lines, transition(row), &row.withheld);
    }
    if let Some(row) = &report.support {
        head("support").put(lines, support(row), &row.withheld);
    }
    for row in &report.movements {
        Head { item: row.id.clone(), ..head("movement") }.put(lines, movement(row), &row.withheld);
    }
    for row in &report.stages {
        Head { item: row.stage.clone(), ..head("stage") }.put(lines, stage(row), &row.withheld);
    }
}

/// What a row is of.
#[derive(Default)]
struct Head {
    section: &'static str,
    programme: String,
    item: String,
    role: String,
}

/// A figure with its name.
type Named = (&'static str, Shown);

impl Head {
    fn put(self, lines: &mut Vec<Line>, figures: Vec<Named>, withheld: &[String]) {
        let Self { section, programme, item, role } = self;
        lines.extend(figures.into_iter().map(|(measure, value)| Line {
            section,
            programme: programme.clone(),
            item: item.clone(),
            role: role.clone(),
            measure,
            value: if withheld.iter().any(|name| name == measure) { Shown::Withheld } else { value },
        }));
    }
}

fn count(count: Option<u64>) -> Shown {
    count.map_or(Shown::Nothing, Shown::Count)
}

fn figure(figure: Option<f64>) -> Shown {
    figure.map_or(Shown::Nothing, Shown::Figure)
}

/// The figures of a row about obligations.
pub(super) fn kept(row: &KeptRow) -> Vec<Named> {
    vec![
        ("due", count(row.due)),
        ("on_time", count(row.on_time)),
        ("late", count(row.late)),
        ("missed", count(row.missed)),
        ("overdue", count(row.overdue)),
        ("open", count(row.open)),
        ("waived", count(row.waived)),
        ("on_time_rate", figure(row.on_time_rate)),
        ("median_days", figure(row.median_days)),
        ("reminders_per_completed", figure(row.reminders_per_completed)),
        ("escalations", count(row.escalations)),
    ]
}

pub(super) fn transition(row: &TransitionRow) -> Vec<Named> {
    vec![
        ("attempted", count(row.attempted)),
        ("not_yet_known", count(row.not_yet_known)),
        ("decided", count(row.decided)),
        ("standing", count(row.standing)),
        ("ended", count(row.ended)),
        ("success_rate", figure(row.success_rate)),
        ("success_rate_at_least", figure(row.success_rate_at_least)),
    ]
}

pub(super) fn support(row: &SupportRow) -> Vec<Named> {
    vec![
        ("families", count(row.families)),
        ("counted", count(row.counted)),
        ("adults", count(row.adults)),
        ("children", count(row.children)),
    ]
}

pub(super) fn movement(row: &MovementRow) -> Vec<Named> {
    vec![
        ("compared", count(row.compared)),
        ("better", count(row.better)),
        ("same", count(row.same)),
        ("worse", count(row.worse)),
        ("median_first", figure(row.median_first)),
        ("median_last", figure(row.median_last)),
    ]
}

pub(super) fn stage(row: &StageRow) -> Vec<Named> {
    vec![
        ("left", count(row.left)),
        ("lower_quartile_days", figure(row.lower_quartile_days)),
        ("median_days", figure(row.median_days)),
        ("upper_quartile_days", figure(row.upper_quartile_days)),
        ("still_in", count(row.still_in)),
        ("median_days_so_far", figure(row.median_days_so_far)),
    ]
}
