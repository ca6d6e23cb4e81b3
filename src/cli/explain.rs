//! `explain`: why this date.

use super::context::{Desk, answers};
use super::output::{print, print_json};
use super::when::KnownAt;
use super::{Context, Failure, Format};
use crate::calendar::CivilDate;
use crate::case::OccurrenceName;
use crate::schedule::Explanation;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The occurrence, CASE/RULE/SERIES.N, as `due` lists it
    occurrence: OccurrenceName,
    /// The date asked about; today, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    /// As known then. A time, or a date for the end of that day
    #[arg(long, value_name = "TIME")]
    known_at: Option<KnownAt>,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let zone = context.config()?.settings.reminders.time_zone;
    let known_at = args.known_at.map(|at| at.instant(zone));
    let explanation = match context.desk("stepdown explain")? {
        Desk::Daemon(client) => client.explain(&args.occurrence, args.on, known_at)?,
        Desk::Log(writer) => answers(&writer, context.now()).explain(&args.occurrence, args.on, known_at)?,
    };
    match context.format {
        Format::Json => print_json(&explanation),
        _ => print(&text(&explanation)),
    }
}

fn text(explanation: &Explanation) -> String {
    let mut lines = vec![
        explanation.occurrence.clone(),
        explanation.title.clone(),
        String::new(),
        format!("Rule      {}", explanation.rule),
        format!("Source    {}, {} (basis: {})", explanation.document, explanation.source, explanation.basis),
    ];
    lines.extend(explanation.reading.iter().map(|reading| format!("          \"{reading}\"")));
    lines.push(String::new());
    for step in &explanation.steps {
        let date = step.date.map(|date| date.to_string()).unwrap_or_default();
        lines.push(format!("{:<9} {date:<10}  {}", heading(&step.step), step.text));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// What a step is called for people.
fn heading(step: &str) -> &str {
    match step {
        "anchor" => "Anchor",
        "start" => "Start",
        "opens" => "Opens",
        "deadline" => "Deadline",
        "due_on" => "Act by",
        "counts" => "Counts",
        "done" => "Done",
        "waived" => "Waived",
        "ended" => "Ended",
        "status" => "Status",
        other => other,
    }
}
