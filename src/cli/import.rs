//! `import`: files of events, all or none.

use std::path::PathBuf;

use serde_json::json;

use super::context::Desk;
use super::import_files::{Batch, read};
use super::output::{print, print_json, progress};
use super::{Context, Failure, Format, import_csv};
use crate::api::{AppendReceipt, ClientError, FaultBody};
use crate::daemon::{AppendError, AppendRequest, rehearse};

#[derive(Debug, clap::Args)]
#[command(override_usage = "stepdown import [OPTIONS] <FILE>...
       stepdown import [OPTIONS] --csv <FILE> --map <FILE>")]
pub struct Args {
    /// The files, or - for standard input; several are one batch, in the order in which events were recorded
    #[arg(value_name = "FILE", required_unless_present = "csv")]
    files: Vec<PathBuf>,
    /// Keep `recordedtime` from the file (into an empty log only)
    #[arg(long)]
    keep_recorded_time: bool,
    /// An extract of a case management system instead, or - for standard input
    #[arg(long, value_name = "FILE", requires = "map", conflicts_with_all = ["files", "keep_recorded_time"])]
    csv: Option<PathBuf>,
    /// Which column of the extract means what (TOML)
    #[arg(long, value_name = "FILE", requires = "csv", conflicts_with_all = ["files", "keep_recorded_time"])]
    map: Option<PathBuf>,
    /// Judge all of it and say what would come of it; write nothing
    #[arg(long)]
    dry_run: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    match (&args.csv, &args.map) {
        (Some(csv), Some(map)) => import_csv::run(context, csv, map, args.dry_run),
        _ => lines(context, args),
    }
}

fn lines(context: &Context, args: &Args) -> Result<(), Failure> {
    let Batch { text, lines } = read(&args.files)?;
    let doing = if args.dry_run { "checking" } else { "checking and appending" };
    let bar = progress(lines.len() as u64, doing);
    let receipt = send(context, text, args, &lines);
    bar.finish_and_clear();
    let AppendReceipt { appended, duplicates, .. } = receipt?;
    match (context.format, args.dry_run) {
        (Format::Json, false) => print_json(&json!({ "appended": appended, "duplicates": duplicates })),
        (Format::Json, true) => {
            print_json(&json!({ "appended": appended, "duplicates": duplicates, "dry_run": true }))
        }
        (_, false) => print(&format!("{appended} appended, {duplicates} duplicates\n")),
        (_, true) => {
            print(&format!("{appended} to append, {duplicates} duplicates; a dry run: nothing was written\n"))
        }
    }
}

/// What was refused, each where it stands.
fn refused(error: &str, faults: &[FaultBody], files: &[PathBuf], lines: &[(usize, usize)]) -> Failure {
    let names: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    let place = |fault: &FaultBody| lines.get(fault.index).copied().unwrap_or_default();
    let named: Vec<_> = faults.iter().filter_map(|fault| names.get(place(fault).0)).collect();
    let alone = files.len() == 1;
    let placed: Vec<_> = faults
        .iter()
        .map(|fault| {
            let (file, line) = place(fault);
            let name = names.get(file).filter(|_| !alone).map(|name| format!("{name}, ")).unwrap_or_default();
            (line, format!("{name}line {line}"), fault.clone())
        })
        .collect();
    let failure = Failure::events(error, &placed, "line");
    if alone { failure } else { failure.in_files(named.into_iter().map(String::as_str)) }
}

fn send(
    context: &Context,
    text: Vec<u8>,
    args: &Args,
    lines: &[(usize, usize)],
) -> Result<AppendReceipt, Failure> {
    let refused = |error: &str, faults: Vec<FaultBody>| refused(error, &faults, &args.files, lines);
    let not_taken = |error: AppendError| {
        let message = error.to_string();
        match error {
            AppendError::Rejected(rejections) => {
                refused(&message, rejections.into_iter().map(FaultBody::from).collect())
            }
            other => other.into(),
        }
    };
    let Args { keep_recorded_time, dry_run, .. } = *args;
    let request = |text: &[u8]| {
        AppendRequest::from_lines(text).keeping_recorded_time(keep_recorded_time).rehearsing(dry_run)
    };
    let desk = if dry_run {
        context.desk_to_rehearse("stepdown import")?
    } else {
        Some(context.desk_to_append("stepdown import")?)
    };
    match desk {
        Some(Desk::Daemon(client)) => {
            client.append_lines(text, keep_recorded_time, dry_run).map_err(|error| match error {
                ClientError::Refused { body, .. } if !body.faults.is_empty() => {
                    refused(&body.error, body.faults)
                }
                other => other.into(),
            })
        }
        Some(Desk::Log(mut writer)) => {
            let request = request(&text);
            drop(text);
            let receipt = writer.stage(request, context.now()).map_err(not_taken)?;
            writer.commit()?;
            writer.close()?;
            Ok(receipt.into())
        }
        None => {
            let config = context.config()?;
            rehearse(request(&text), &config, context.now()).map(Into::into).map_err(not_taken)
        }
    }
}
