//! `check`: the whole configuration in one pass, every finding.

use std::fmt::Write as _;

use super::failure::{graphical, shows_colour};
use super::output::{print, print_json};
use super::{Context, Failure, Format};
use crate::api::{Check, FindingRow, check};
use crate::calendar::CivilDate;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Check as on this day; today, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let today = args.on.unwrap_or_else(|| context.now().date_naive());
    let found = check(context.source(), today);
    match context.format {
        Format::Json => print_json(&found.faults.iter().map(FindingRow::from).collect::<Vec<_>>())?,
        _ => print(&text(&found)?)?,
    }
    if found.faults.is_empty() { Ok(()) } else { Err(Failure::told()) }
}

fn text(found: &Check) -> Result<String, Failure> {
    let mut text = String::new();
    let handler = graphical(shows_colour(&std::io::stdout()));
    for fault in &found.faults {
        let rendered = handler.render_report(&mut text, fault);
        rendered.and_then(|()| writeln!(text)).map_err(|error| Failure::failed(&error))?;
    }
    let files = many(found.files, "file");
    let last = match found.counts() {
        (0, 0) => format!(
            "{files}, {} and notices, {}, {}: no findings",
            many(found.rules, "rule"),
            many(found.event_types, "event type"),
            many(found.persons, "person")
        ),
        (errors, warnings) => {
            format!("{files}: {}, {}", many(errors, "error"), many(warnings, "warning"))
        }
    };
    writeln!(text, "{last}").map_err(|error| Failure::failed(&error))?;
    Ok(text)
}

fn many(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
