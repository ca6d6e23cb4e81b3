//! `simulate`: every mail that would be sent, day by day, on a virtual clock.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::context::{Desk, answers};
use super::output::{print, print_json, progress};
use super::reminders::{add, listing_of};
use super::{Context, Failure, Format};
use crate::api::answer::Answers;
use crate::api::{SimulateQuery, SimulatedMail};
use crate::calendar::CivilDate;
use crate::case::CaseRef;
use crate::config::Config;
use crate::daemon::{Records, post};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The first day
    #[arg(long, value_name = "DATE")]
    from: CivilDate,
    /// The last day
    #[arg(long, value_name = "DATE")]
    to: CivilDate,
    /// Events that are taken to happen at their time, as `import` reads them; only their cases are shown
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// About this case only
    #[arg(long)]
    case: Option<CaseRef>,
    /// Write each message into this directory, as an .eml file
    #[arg(long, value_name = "DIR")]
    eml: Option<PathBuf>,
}

pub fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let events = args.events.as_deref().map(read).transpose()?.unwrap_or_default();
    let (from, to, messages) = (args.from, args.to, args.eml.is_some());
    let is_supposed = !events.is_empty();
    let query = SimulateQuery { from, to, case: args.case, events, messages };
    let mails = match context.desk("stepdown simulate") {
        Ok(Desk::Daemon(client)) => client.simulate(&query)?,
        Ok(Desk::Log(writer)) => walk(&answers(&writer, context.now()), writer.config(), &query)?,
        // A supposed history needs no recorded one.
        Err(failure) if is_supposed && failure.is_absent() => {
            let (records, config) = (Records::default(), context.config()?);
            let answers = Answers { records: &records, config: &config, now: context.now() };
            walk(&answers, &config, &query)?
        }
        Err(failure) => return Err(failure),
    };
    if let Some(dir) = &args.eml {
        write(dir, &mails)?;
    }
    match context.format {
        Format::Json => {
            let mails: Vec<_> = mails.iter().map(|simulated| &simulated.mail).collect();
            print_json(&mails)
        }
        _ => print(&text(&mails, &query)),
    }
}

fn read(path: &Path) -> Result<Vec<Value>, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_string(&mut text)
    } else {
        fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.map_err(|error| Failure::io(path, &error))?;
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let events = lines.filter(|(_, line)| !line.trim().is_empty()).map(|(index, line)| {
        serde_json::from_str(line).map_err(|error| {
            let message = format!("{}, line {}: is not JSON: {error}", path.display(), index + 1);
            Failure::refused(&message, "write one CloudEvent a line, as stepdown export prints them")
        })
    });
    events.collect()
}

fn walk(
    answers: &Answers<'_>,
    config: &Config,
    query: &SimulateQuery,
) -> Result<Vec<SimulatedMail>, Failure> {
    let days = query.to.signed_duration_since(query.from).num_days() + 1;
    let bar = progress(u64::try_from(days).unwrap_or_default(), "letting the days pass");
    let found = answers.simulate(query, &post(config)?, |day| {
        if day >= query.from {
            bar.inc(1);
        }
    });
    bar.finish_and_clear();
    Ok(found?)
}

/// One file a message, named by its day and place: neither by case nor by person.
fn write(dir: &Path, mails: &[SimulatedMail]) -> Result<(), Failure> {
    fs::create_dir_all(dir).map_err(|error| Failure::io(dir, &error))?;
    for (number, simulated) in (1..).zip(mails) {
        let path = dir.join(format!("{}-{number:05}.eml", simulated.mail.on));
        let eml = simulated.eml.as_deref().unwrap_or_default();
        fs::write(&path, eml).map_err(|error| Failure::io(&path, &error))?;
    }
    Ok(())
}

fn text(mails: &[SimulatedMail], query: &SimulateQuery) -> String {
    let (from, to) = (query.from, query.to);
    if mails.is_empty() {
        return format!("Nothing would be sent from {from} to {to}.\n");
    }
    let mut table = listing_of(&["On", "To", "Kind", "Subject", "Step", "Why", "Occurrence"]);
    for SimulatedMail { mail, .. } in mails {
        let head = [mail.on.to_string(), mail.to.clone(), mail.kind.to_string(), mail.subject.clone()];
        add(&mut table, head, &mail.items);
    }
    format!("{table}\n\n{} from {from} to {to}; nothing was sent.\n", mails.len())
}
