//! `verify`: the whole log read and checked, also against a checkpoint that was kept elsewhere.

use std::path::{Path, PathBuf};

use super::context::Door;
use super::output::{print, print_json, progress, table};
use super::{Context, Failure, Format};
use crate::api::{Held, Verification, Verifier, VerifyQuery, Vouched};
use crate::calendar::CivilDate;

/// What to do about a damaged log.
pub const RESTORE: &str = "stop stepdown, move the data directory aside and keep it, then: stepdown restore BACKUP, \
                           and stepdown verify --checkpoint NOTE";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A checkpoint that was kept elsewhere: the entries it vouched for must still be those of the log
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let checkpoint = match &args.checkpoint {
        Some(file) => Some(read(file)?),
        None => None,
    };
    let verification = match verify(context, &VerifyQuery { checkpoint }) {
        Ok(verification) => verification,
        Err(failure) => match (context.format, failure.damage()) {
            (Format::Json, Some(damage)) => Verification::damaged(damage.to_owned(), false),
            _ => return Err(failure),
        },
    };
    if context.format == Format::Json {
        print_json(&verification)?;
        let fits = verification.checkpoint.is_none_or(|vouched| vouched.matches);
        return if verification.whole && fits { Ok(()) } else { Err(Failure::told_failed()) };
    }
    if let Some(held) = &verification.held {
        print(&shown(held, verification.daemon))?;
    }
    if let Some(damage) = &verification.damage {
        return Err(Failure::failed_with(damage, RESTORE));
    }
    match (&args.checkpoint, &verification.checkpoint) {
        (Some(file), Some(vouched)) => vouched_for(file, vouched),
        _ => Ok(()),
    }
}

/// The text of a note, which may have been through a mail program: line ends and what is blank around it are no
/// part of it. What is no text is no note either, and is said to be none with the rest.
fn read(file: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(file).map_err(|error| Failure::io(file, &error))?;
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    Ok(format!("{}\n", text.trim()))
}

fn verify(context: &Context, query: &VerifyQuery) -> Result<Verification, Failure> {
    match context.door("stepdown verify")? {
        Door::Daemon(client) => Ok(client.verify(query)?),
        Door::Log(log, config) => {
            let bar = progress(log.head().sequence.0, "reading");
            let step = |entry: u64| {
                if entry.is_multiple_of(1024) {
                    bar.set_position(entry);
                }
            };
            let origin = &*config.settings.records.origin;
            let verifier = Verifier { origin, mended: log.mended(), daemon: false };
            let verified = verifier.verify(log.reader(), log.head(), query, step);
            bar.finish_and_clear();
            Ok(verified?)
        }
    }
}

fn shown(held: &Held, daemon: bool) -> String {
    let mut table = table(&["The log", "is whole"]);
    let rows = [
        ("Entries", held.entries.to_string()),
        ("Events that can be read", held.events.to_string()),
        ("Entries erased with their case", held.erased.to_string()),
        ("Ids", held.ids.to_string()),
        ("Last link of the chain", held.head.hash.clone()),
        ("Root of the Merkle tree", held.root.clone()),
        ("Places of the witness whole in one copy only", held.mended.to_string()),
        ("Snapshot for the next start", held.snapshot.clone()),
        ("Read by", if daemon { "the running daemon" } else { "this command; no daemon runs" }.to_owned()),
    ];
    for (what, found) in rows {
        table.add_row([what.to_owned(), found]);
    }
    format!("{table}\n")
}

/// Says how a checkpoint fits, with its day where the file is named by it.
fn vouched_for(file: &Path, vouched: &Vouched) -> Result<(), Failure> {
    let day = file.file_stem().and_then(|stem| stem.to_str()?.parse::<CivilDate>().ok());
    let name = day.map_or_else(|| format!("in {}", file.display()), |day| format!("of {day}"));
    if let (true, Some(size)) = (vouched.matches, vouched.size) {
        return print(&format!("\nEntries 1 to {size} are those that the checkpoint {name} vouched for.\n"));
    }
    let why = vouched.why.as_deref().unwrap_or("it does not fit");
    let (message, help) = match vouched.size {
        Some(_) => (
            format!("the log is not the one that the checkpoint {name} vouched for: {why}"),
            "entries were removed or changed since then: an older copy was put in place, or somebody changed the log",
        ),
        None => (
            format!("the checkpoint {name} proves nothing: {why}"),
            "give a note as stepdown checkpoint prints it, unchanged and of this log ([records] origin)",
        ),
    };
    Err(Failure::failed_with(&message, help))
}
