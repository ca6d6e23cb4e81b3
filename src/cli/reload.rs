//! `reload`: take the changed configuration, and adopt its policy.

use std::sync::Arc;

use super::context::Desk;
use super::output::{print, print_json};
use super::{Context, Failure, Format};
use crate::api::{Adoption, Reloaded};
use crate::daemon::post;
use crate::programme::AppliesTo;

pub fn run(context: &Context) -> Result<(), Failure> {
    let reloaded = match context.desk("stepdown reload")? {
        Desk::Daemon(client) => client.reload(context.source())?,
        Desk::Log(mut writer) => {
            let config = context.config()?;
            post(&config)?;
            let facts = writer.configure(Arc::clone(&config), context.now());
            writer.commit()?;
            Reloaded { adopted: facts.iter().map(Adoption::from).collect(), from_next_start: Vec::new() }
        }
    };
    match context.format {
        Format::Json => print_json(&reloaded),
        _ => print(&text(&reloaded)),
    }
}

fn text(reloaded: &Reloaded) -> String {
    let mut lines: Vec<_> = reloaded.adopted.iter().filter_map(line).collect();
    let moved: Vec<_> = reloaded
        .adopted
        .iter()
        .filter_map(|adoption| match adoption {
            Adoption::Moved { obligations, .. } => Some(*obligations),
            _ => None,
        })
        .collect();
    if !moved.is_empty() {
        let (obligations, cases) = (moved.iter().sum::<usize>(), moved.len());
        lines.push(format!(
            "With it, {obligations} obligations changed in {cases} cases; explain tells of each."
        ));
    }
    if lines.is_empty() {
        lines.push("The policy is as it was.".to_owned());
    }
    lines.extend(reloaded.from_next_start.iter().cloned());
    lines.join("\n") + "\n"
}

fn line(adoption: &Adoption) -> Option<String> {
    Some(match adoption {
        Adoption::Programme { programme, version, effective_from, applies_to } => {
            let from =
                effective_from.map_or_else(|| "for all time".to_owned(), |from| format!("from {from}"));
            let reach = match applies_to {
                AppliesTo::New => "for series that begin from then on",
                AppliesTo::Open => "for open series too",
            };
            let reach = if effective_from.is_some() { format!(", {reach}") } else { String::new() };
            format!("Adopted: {programme}, version {version}, {from}{reach}.")
        }
        Adoption::BankHolidays { version, added, removed } => {
            let days = |word: &str, days: &[_]| match days.len() {
                0 => String::new(),
                count => format!(", {count} {word}"),
            };
            let (new, gone) = (days("added", added), days("removed", removed));
            format!("Adopted: bank holidays, version {version}{new}{gone}.")
        }
        Adoption::People => "Adopted: who manages, covers for and stands in for whom.".to_owned(),
        Adoption::Moved { .. } => return None,
    })
}
