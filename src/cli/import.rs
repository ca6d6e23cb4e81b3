//! `import`: a file of events, all or none.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::context::Desk;
use super::output::{print, print_json, progress};
use super::{Context, Failure, Format, import_csv};
use crate::api::{AppendReceipt, ClientError, FaultBody};
use crate::daemon::{AppendError, AppendRequest, rehearse};

#[derive(Debug, clap::Args)]
#[command(override_usage = "stepdown import [OPTIONS] <FILE>
       stepdown import [OPTIONS] --csv <FILE> --map <FILE>")]
pub struct Args {
    /// The file, or - for standard input
    #[arg(required_unless_present = "csv")]
    file: Option<PathBuf>,
    /// Keep `recordedtime` from the file (into an empty log only)
    #[arg(long)]
    keep_recorded_time: bool,
    /// An extract of a case management system instead, or - for standard input
    #[arg(long, value_name = "FILE", requires = "map", conflicts_with_all = ["file", "keep_recorded_time"])]
    csv: Option<PathBuf>,
    /// Which column of the extract means what (TOML)
    #[arg(long, value_name = "FILE", requires = "csv", conflicts_with_all = ["file", "keep_recorded_time"])]
    map: Option<PathBuf>,
    /// Judge all of it and say what would come of it; write nothing
    #[arg(long)]
    dry_run: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    match (&args.file, &args.csv, &args.map) {
        (_, Some(csv), Some(map)) => import_csv::run(context, csv, map, args.dry_run),
        (Some(file), ..) => lines(context, file, args),
        _ => Err(Failure::refused("there is nothing to import", "name a file, or --csv FILE --map MAP")),
    }
}

fn lines(context: &Context, file: &Path, args: &Args) -> Result<(), Failure> {
    let (text, numbers) = if file == Path::new("-") {
        read(io::stdin().lock(), 0, file)?
    } else {
        let open = File::open(file).map_err(|error| Failure::io(file, &error))?;
        let size = open.metadata().map_or(0, |metadata| metadata.len());
        read(BufReader::with_capacity(1 << 20, open), size, file)?
    };
    let doing = if args.dry_run { "checking" } else { "checking and appending" };
    let bar = progress(numbers.len() as u64, doing);
    let receipt = send(context, text, args, &numbers);
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

/// The text, and the number of each line that is not empty.
fn read(mut input: impl BufRead, size: u64, path: &Path) -> Result<(Vec<u8>, Vec<usize>), Failure> {
    let bar = progress(size, "reading");
    let (mut text, mut numbers) = (Vec::new(), Vec::new());
    for number in 1.. {
        let start = text.len();
        let length = input.read_until(b'\n', &mut text).map_err(|error| Failure::io(path, &error))?;
        if length == 0 {
            break;
        }
        bar.inc(length as u64);
        if text.get(start..).is_some_and(|line| !line.trim_ascii().is_empty()) {
            numbers.push(number);
        }
    }
    bar.finish_and_clear();
    Ok((text, numbers))
}

fn send(context: &Context, text: Vec<u8>, args: &Args, numbers: &[usize]) -> Result<AppendReceipt, Failure> {
    let refused = |error: &str, faults: Vec<FaultBody>| {
        let placed: Vec<_> = faults
            .into_iter()
            .map(|fault| {
                let line = numbers.get(fault.index).copied().unwrap_or_default();
                (line, format!("line {line}"), fault)
            })
            .collect();
        Failure::events(error, &placed, "line")
    };
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
