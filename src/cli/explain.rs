//! `explain`: why this date, who was told, or why nothing is asked for.

use std::str::FromStr;

use super::context::{Desk, answers};
use super::due::listing;
use super::output::{print, print_json};
use super::when::KnownAt;
use super::{Context, Failure, Format};
use crate::api::{Explained, MovedBy, RuleExplained};
use crate::calendar::CivilDate;
use crate::case::{CaseRef, IdError, OccurrenceName, RuleId};
use crate::policy::Origin;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The occurrence, CASE/RULE/SERIES.N, as `due` lists it; or CASE/RULE, for all of a rule and why not
    subject: Subject,
    /// The date asked about; today, where left out
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    /// As known then. A time, or a date for the end of that day
    #[arg(long, value_name = "TIME")]
    known_at: Option<KnownAt>,
}

/// What is to be explained.
#[derive(Debug, Clone)]
enum Subject {
    Occurrence(OccurrenceName),
    Rule(CaseRef, RuleId),
}

impl FromStr for Subject {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split_once('/') {
            Some((case, rule)) if !rule.contains('/') => Ok(Self::Rule(case.parse()?, rule.parse()?)),
            _ => Ok(Self::Occurrence(text.parse()?)),
        }
    }
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let known_at = context.known_at(args.known_at)?;
    let desk = context.desk("stepdown explain")?;
    match &args.subject {
        Subject::Occurrence(name) => {
            let explained = match desk {
                Desk::Daemon(client) => client.explain(name, args.on, known_at)?,
                Desk::Log(writer) => answers(&writer, context.now()).explain(name, args.on, known_at)?,
            };
            match context.format {
                Format::Json => print_json(&explained),
                _ => print(&text(&explained)),
            }
        }
        Subject::Rule(case, rule) => {
            let explained = match desk {
                Desk::Daemon(client) => client.explain_rule(case, rule, args.on, known_at)?,
                Desk::Log(writer) => {
                    answers(&writer, context.now()).explain_rule(case, rule, args.on, known_at)?
                }
            };
            match context.format {
                Format::Json => print_json(&explained),
                _ => print(&of_rule(&explained)),
            }
        }
    }
}

fn text(explained: &Explained) -> String {
    let explanation = &explained.explanation;
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
    lines.extend(explained.moved.iter().map(moved));
    if explained.told.is_empty() {
        lines.push(format!("{:<9} {:<10}  nobody", "Told", ""));
    }
    for told in &explained.told {
        let state = if told.state == "accepted" { String::new() } else { format!(" ({})", told.state) };
        lines.push(format!(
            "{:<9} {:<10}  {}{state}: {} {}, {}",
            "Told",
            told.on.to_string(),
            told.to,
            told.kind,
            told.step,
            told.reason
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn moved(moved: &MovedBy) -> String {
    let because = match moved.because {
        Origin::Programme(version) => format!("version {version} of the programme was adopted"),
        Origin::Calendar(version) => format!("version {version} of the bank holidays was adopted"),
        Origin::Both { programme, calendar } => {
            format!("version {programme} of the programme and {calendar} of the bank holidays were adopted")
        }
    };
    let dates = match (&moved.change.from, &moved.change.to) {
        (Some(from), Some(to)) => {
            format!("deadline {} → {}, act by {} → {}", from.deadline, to.deadline, from.due_on, to.due_on)
        }
        (None, Some(to)) => format!("new, with the deadline {}", to.deadline),
        (Some(from), None) => format!("gone; its deadline was {}", from.deadline),
        (None, None) => String::new(),
    };
    format!("{:<9} {:<10}  {dates}: {because}", "Changed", moved.recorded.date_naive().to_string())
}

fn of_rule(explained: &RuleExplained) -> String {
    let RuleExplained { case, rule, title, on, anchor, shape, why_not, occurrences } = explained;
    let mut text = format!("{case}/{rule}\n{title}\n\nStarts with {anchor}: {shape}.\n\n");
    match why_not {
        Some(why) => text += &["Nothing is due on ", &on.to_string(), ": ", why, ".\n"].concat(),
        None if occurrences.is_empty() => {
            text += "It has begun, and asks for nothing within the next 90 days.\n";
        }
        None => text += &[listing(occurrences).to_string().as_str(), "\n"].concat(),
    }
    text
}

/// What a step is called for people.
fn heading(step: &str) -> &str {
    match step {
        "anchor" => "Anchor",
        "version" => "Version",
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
