//! A report in words, section by section: what a page and a table on a terminal are made of.

use serde::Serialize;

use super::charts::{Chart, Key, Row};
use super::lines::{self, Shown, WITHHELD};
use super::middle::number;
use super::model::{KeptRow, ProgrammeReport, Report, TransitionRow};
use super::words::{NOTES, Words};
use crate::language::{Phrases, UnknownPhrase, dates};

/// A report in words: its tables and charts, section by section.
#[derive(Debug, Serialize)]
pub struct Page {
    /// Its language (BCP 47).
    pub lang: &'static str,
    /// Its title.
    pub title: String,
    /// The days it is about.
    pub period: String,
    /// Whether small numbers are withheld.
    pub notice: String,
    /// Each programme, after all of them together.
    pub sections: Vec<Section>,
    /// What stands above the notes.
    pub notes_heading: String,
    /// How it was counted.
    pub notes: Vec<String>,
}

/// What is told of one programme, or of all.
#[derive(Debug, Serialize)]
pub struct Section {
    /// What it is about.
    pub heading: String,
    /// What is said before the tables.
    pub lead: Option<String>,
    /// Its tables.
    pub blocks: Vec<Block>,
}

/// A heading with a chart, where there is anything to draw, and the same numbers as a table.
#[derive(Debug, Serialize)]
pub struct Block {
    /// What it is about.
    pub heading: String,
    pub(super) chart: Option<Chart>,
    /// The numbers.
    pub table: Table,
}

/// A table whose first column names the row.
#[derive(Debug, Serialize)]
pub struct Table {
    /// The head of each column.
    pub headings: Vec<String>,
    /// The rows.
    pub rows: Vec<TableRow>,
}

/// A row of it.
#[derive(Debug, Serialize)]
pub struct TableRow {
    /// What the row is of.
    pub label: String,
    /// Its figures.
    pub cells: Vec<String>,
}

impl Page {
    /// The report in the words of its language.
    ///
    /// # Errors
    /// When a phrase is missing in every language.
    pub fn new(report: &Report, phrases: &Phrases) -> Result<Self, UnknownPhrase> {
        let words = Words::new(phrases, report.language);
        let day = |day| dates::plain(report.language, day);
        let notice = if report.small_numbers {
            words.say("showing", &[])
        } else {
            words.say("withholding", &[("mark", WITHHELD.to_owned())])
        };
        let mut sections = Vec::new();
        if let Some(total) = &report.total {
            let rows = vec![(words.say("all", &[])?, total)];
            let blocks = vec![kept(words, ("kept", "programme"), "all", rows)?];
            sections.push(Section { heading: words.say("all", &[])?, lead: None, blocks });
        }
        for programme in &report.programmes {
            sections.push(section(words, programme)?);
        }
        Ok(Self {
            lang: report.language.tag(),
            title: words.say("title", &[])?,
            period: words.say("period", &[("from", day(report.from)), ("to", day(report.to))])?,
            notice: notice?,
            sections,
            notes_heading: words.say("notes", &[])?,
            notes: NOTES.iter().map(|note| words.say(note, &[])).collect::<Result<_, _>>()?,
        })
    }
}

fn section(words: Words<'_>, report: &ProgrammeReport) -> Result<Section, UnknownPhrase> {
    let id = report.programme.as_str();
    let mut blocks = Vec::new();
    let whole = (words.say("programme", &[])?, &report.kept);
    let by_role: Vec<_> = report.roles.iter().map(|row| (row.title.clone(), &row.kept)).collect();
    blocks.push(kept(words, ("kept-by-role", "role"), id, [whole].into_iter().chain(by_role).collect())?);
    if !report.rules.is_empty() {
        let rows = report.rules.iter().map(|row| (row.title.clone(), &row.kept)).collect();
        let block = kept(words, ("kept-by-rule", "rule"), id, rows)?;
        blocks.push(Block { chart: None, ..block });
    }
    if let Some(row) = &report.transition {
        blocks.push(transition(words, id, row)?);
    }
    if let Some(row) = &report.support {
        let heading = words.say("support", &[])?;
        let rows = vec![(words.say("programme", &[])?, lines::support(row), &*row.withheld)];
        blocks.push(Block { heading, chart: None, table: table(words, "programme", &[], rows)? });
    }
    if !report.movements.is_empty() {
        blocks.push(movements(words, id, report)?);
    }
    if !report.stages.is_empty() {
        blocks.push(stages(words, id, report)?);
    }
    let cases = report.cases.map_or_else(|| WITHHELD.to_owned(), |cases| cases.to_string());
    let lead = Some(words.say("cases", &[("cases", cases)])?);
    Ok(Section { heading: report.title.clone(), lead, blocks })
}

/// A row of a table: its label, its figures, and which of them are withheld.
type Figures<'r> = (String, Vec<(&'static str, Shown)>, &'r [String]);

/// The table of `rows`, whose first column says what the word `first` names. `renamed`: the words of figures that go
/// by another one here.
fn table(
    words: Words<'_>,
    first: &str,
    renamed: &[(&str, &str)],
    rows: Vec<Figures<'_>>,
) -> Result<Table, UnknownPhrase> {
    let names = rows.first().map(|(_, figures, _)| figures.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let mut headings = vec![words.say(first, &[])?];
    for name in names.unwrap_or_default() {
        let word = renamed.iter().find(|(from, _)| *from == name).map_or(name, |(_, to)| to);
        headings.push(words.measure(word)?);
    }
    let rows = rows.into_iter().map(|(label, figures, withheld)| {
        let cell = |(name, shown): (&str, Shown)| {
            let is_withheld = withheld.iter().any(|withheld| withheld == name);
            if is_withheld { WITHHELD.to_owned() } else { text(shown) }
        };
        TableRow { label, cells: figures.into_iter().map(cell).collect() }
    });
    Ok(Table { headings, rows: rows.collect() })
}

/// A figure in a table, with a true minus sign.
fn text(shown: Shown) -> String {
    if shown == Shown::Nothing { "–".to_owned() } else { shown.to_string().replace('-', "\u{2212}") }
}

/// A legend of these phrases, each with its colour.
fn legend(words: Words<'_>, keys: &[(&'static str, &str)]) -> Result<Vec<Key>, UnknownPhrase> {
    keys.iter().map(|(class, id)| Ok(Key { class, text: words.say(id, &[])? })).collect()
}

/// Counts that are all shown.
fn all_shown(counts: &[Option<u64>]) -> Option<Vec<f64>> {
    counts.iter().map(|count| count.map(number)).collect()
}

fn kept(
    words: Words<'_>,
    (heading, first): (&str, &str),
    id: &str,
    rows: Vec<(String, &KeptRow)>,
) -> Result<Block, UnknownPhrase> {
    let keys = [("c1", "on-time"), ("c2", "late"), ("c3", "missed"), ("c4", "overdue")];
    let mut bars = Vec::new();
    for (label, row) in &rows {
        let values = all_shown(&[row.on_time, row.late, row.missed, row.overdue]);
        let whole = values.as_ref().map(|values| values.iter().sum::<f64>());
        let note = match (row.on_time, whole) {
            (Some(part), Some(whole)) if whole > 0.0 => {
                words.say("of", &[("part", part.to_string()), ("whole", whole.to_string())])?
            }
            (Some(_), Some(_)) => continue,
            _ => WITHHELD.to_owned(),
        };
        bars.push(Row { label: label.clone(), note, values: values.unwrap_or_default() });
    }
    let title = words.say("kept-chart", &[])?;
    let chart = Chart::new(&format!("kept-{id}"), title, legend(words, &keys)?, bars, true);
    let rows = rows.into_iter().map(|(label, row)| (label, lines::kept(row), &*row.withheld)).collect();
    Ok(Block { heading: words.say(heading, &[])?, chart, table: table(words, first, &[], rows)? })
}

fn transition(words: Words<'_>, id: &str, row: &TransitionRow) -> Result<Block, UnknownPhrase> {
    let heading = words.say("transitions", &[("after", words.period(&row.after)?)])?;
    let mut bars = Vec::new();
    if let (Some(values), Some(standing), Some(decided)) =
        (all_shown(&[row.standing, row.ended]), row.standing, row.decided)
    {
        let note = words.say("of", &[("part", standing.to_string()), ("whole", decided.to_string())])?;
        bars.push(Row { label: words.say("decided", &[])?, note, values });
    }
    let keys = legend(words, &[("c1", "standing"), ("c3", "ended")])?;
    let chart =
        Chart::new(&format!("transition-{id}"), words.say("transitions-chart", &[])?, keys, bars, true);
    let mut figures = lines::transition(row);
    figures.retain(|(name, _)| *name != "success_rate_at_least");
    let rows = vec![(words.say("programme", &[])?, figures, &*row.withheld)];
    let mut table = table(words, "programme", &[], rows)?;
    if let (Some(rate), Some(cell)) =
        (row.success_rate_at_least, table.rows.first_mut().and_then(|row| row.cells.last_mut()))
    {
        *cell = words.say("at-least", &[("rate", rate.to_string())])?;
    }
    Ok(Block { heading, chart, table })
}

fn movements(words: Words<'_>, id: &str, report: &ProgrammeReport) -> Result<Block, UnknownPhrase> {
    let mut bars = Vec::new();
    for row in report.movements.iter().filter(|row| row.compared != Some(0)) {
        let note = match (row.better, row.compared) {
            (Some(part), Some(whole)) => {
                words.say("of", &[("part", part.to_string()), ("whole", whole.to_string())])?
            }
            _ => WITHHELD.to_owned(),
        };
        let values = all_shown(&[row.better, row.same, row.worse]).unwrap_or_default();
        bars.push(Row { label: row.title.clone(), note, values });
    }
    let keys = legend(words, &[("c1", "better"), ("c2", "same"), ("c3", "worse")])?;
    let chart = Chart::new(&format!("movement-{id}"), words.say("movements-chart", &[])?, keys, bars, true);
    let rows = report.movements.iter();
    let rows = rows.map(|row| (row.title.clone(), lines::movement(row), &*row.withheld)).collect();
    Ok(Block { heading: words.say("movements", &[])?, chart, table: table(words, "measure", &[], rows)? })
}

fn stages(words: Words<'_>, id: &str, report: &ProgrammeReport) -> Result<Block, UnknownPhrase> {
    let mut bars = Vec::new();
    for row in report.stages.iter().filter(|row| row.left != Some(0)) {
        let note = match row.median_days {
            Some(days) => words.count("days", days)?,
            None => WITHHELD.to_owned(),
        };
        bars.push(Row { label: row.stage.clone(), note, values: row.median_days.into_iter().collect() });
    }
    let keys = legend(words, &[("c1", "stage-median-days")])?;
    let chart = Chart::new(&format!("stage-{id}"), words.say("stages-chart", &[])?, keys, bars, false);
    let rows = report.stages.iter();
    let rows = rows.map(|row| (row.stage.clone(), lines::stage(row), &*row.withheld)).collect();
    let table = table(words, "stage", &[("median_days", "stage-median-days")], rows)?;
    Ok(Block { heading: words.say("stages", &[])?, chart, table })
}
