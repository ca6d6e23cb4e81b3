//! `report`: how well the policy is kept, and what it achieves.

use comfy_table::{Cell, CellAlignment};

use super::context::{Desk, answers};
use super::output::{print, print_bytes, print_json, table};
use super::{Context, Failure, Format};
use crate::api::ReportQuery;
use crate::calendar::CivilDate;
use crate::case::ProgrammeId;
use crate::config::{Config, Source};
use crate::language::{Language, Phrases};
use crate::report::{Page, Report, Table, csv, html};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Obligations are counted whose deadline lies in the period, as they stand on its last day: on time, \
late, missed, overdue, open or waived. Transitions are counted that were attempted by the last day and not decided \
before the first; one whose time is not over is not yet known. Erased cases count nowhere. Figures that rest on \
fewer than five cases, and those by which they could be reckoned, are withheld: [c]."
)]
pub struct Args {
    /// The first day of the period [default: twelve months before the last]
    #[arg(long, value_name = "DATE")]
    from: Option<CivilDate>,
    /// The last day, as of which everything is counted [default: today]
    #[arg(long, value_name = "DATE")]
    to: Option<CivilDate>,
    /// On this programme only
    #[arg(long)]
    programme: Option<ProgrammeId>,
    /// Show small numbers too: for those who may know of each case
    #[arg(long)]
    small_numbers: bool,
    /// The language of the page and of names
    #[arg(long, default_value = "en", value_parser = language)]
    language: Language,
}

fn language(code: &str) -> Result<Language, String> {
    Language::of_code(code).ok_or_else(|| "write en for English or cy for Welsh".to_owned())
}

pub fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { from, to, programme, small_numbers, language } = args;
    let query = ReportQuery { from, to, programme, small_numbers, language };
    let (report, phrases) = match context.desk("stepdown report")? {
        Desk::Daemon(client) => (client.report(&query)?, None),
        Desk::Log(writer) => {
            let report = answers(&writer, context.now()).report(&query)?;
            (report, Some(std::sync::Arc::clone(&writer.config().phrases)))
        }
    };
    let shown = |phrases: &Phrases| show(context.format, &report, phrases);
    match phrases {
        _ if context.format == Format::Json => print_json(&report),
        Some(phrases) => shown(&phrases),
        // The daemon may be one whose configuration is not at hand here.
        None => match context.config() {
            Ok(config) => shown(&config.phrases),
            Err(_) => shown(&Config::load(&Source::Starter)?.phrases),
        },
    }
}

fn show(format: Format, report: &Report, phrases: &Phrases) -> Result<(), Failure> {
    match format {
        Format::Csv => print_bytes(&csv(report).map_err(|error| Failure::failed(&error))?),
        Format::Html => print(&html(report, phrases).map_err(|error| Failure::failed(&error))?),
        _ => print(&text(&Page::new(report, phrases).map_err(|error| Failure::failed(&error))?)),
    }
}

fn text(page: &Page) -> String {
    let mut text = format!("{}\n{}\n{}\n", page.title, page.period, page.notice);
    for section in &page.sections {
        text.extend([format!("\n# {}\n", section.heading)]);
        text.extend(section.lead.iter().map(|lead| format!("{lead}\n")));
        for block in &section.blocks {
            text.extend([format!("\n## {}\n{}\n", block.heading, listing(&block.table))]);
        }
    }
    text
}

fn listing(shown: &Table) -> comfy_table::Table {
    let headings: Vec<_> = shown.headings.iter().map(String::as_str).collect();
    let mut table = table(&headings);
    for row in &shown.rows {
        let figures = row.cells.iter().map(|cell| Cell::new(cell).set_alignment(CellAlignment::Right));
        table.add_row([Cell::new(&row.label)].into_iter().chain(figures));
    }
    table
}
