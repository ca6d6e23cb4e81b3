//! `import`: a file of events, all or none.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use serde_json::Value;

use super::context::Desk;
use super::output::{print, print_json, progress};
use super::{Context, Failure, Format};
use crate::api::{AppendReceipt, ClientError, FaultBody};
use crate::daemon::{AppendError, AppendRequest};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file, or - for standard input
    file: PathBuf,
    /// Keep `recordedtime` from the file (into an empty log only)
    #[arg(long)]
    keep_recorded_time: bool,
}

/// The events of a file, each with its line; a line that is not JSON stands as null, with the reason.
#[derive(Default)]
struct Lines {
    events: Vec<Value>,
    numbers: Vec<usize>,
    malformed: HashMap<usize, String>,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let lines = if args.file == Path::new("-") {
        read(io::stdin().lock(), 0, &args.file)?
    } else {
        let file = File::open(&args.file).map_err(|error| Failure::io(&args.file, &error))?;
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        read(BufReader::with_capacity(1 << 20, file), size, &args.file)?
    };
    let Lines { events, numbers, malformed } = lines;
    let bar = progress(events.len() as u64, "checking and appending");
    let receipt = send(context, events, args.keep_recorded_time, &numbers, &malformed);
    bar.finish_and_clear();
    let AppendReceipt { appended, duplicates, .. } = receipt?;
    match context.format {
        Format::Json => print_json(&serde_json::json!({ "appended": appended, "duplicates": duplicates })),
        Format::Table => print(&format!("{appended} appended, {duplicates} duplicates\n")),
    }
}

fn read(mut input: impl BufRead, size: u64, path: &Path) -> Result<Lines, Failure> {
    let bar = progress(size, "reading");
    let mut texts = Vec::new();
    let mut numbers = Vec::new();
    for number in 1.. {
        let mut line = Vec::new();
        let length = input.read_until(b'\n', &mut line).map_err(|error| Failure::io(path, &error))?;
        if length == 0 {
            break;
        }
        bar.inc(length as u64);
        if !line.trim_ascii().is_empty() {
            texts.push(line);
            numbers.push(number);
        }
    }
    let parsed: Vec<Result<Value, _>> =
        texts.into_par_iter().map(|line| serde_json::from_slice(&line)).collect();
    let mut lines = Lines { numbers, ..Lines::default() };
    for (index, event) in parsed.into_iter().enumerate() {
        lines.events.push(event.unwrap_or_else(|error| {
            let reason = error.to_string().replace("line 1 column", "column");
            lines.malformed.insert(index, format!("is not JSON: {reason}"));
            Value::Null
        }));
    }
    bar.finish_and_clear();
    Ok(lines)
}

fn send(
    context: &Context,
    events: Vec<Value>,
    keep_recorded_time: bool,
    numbers: &[usize],
    malformed: &HashMap<usize, String>,
) -> Result<AppendReceipt, Failure> {
    let refused = |error: String, faults: Vec<FaultBody>| {
        let placed: Vec<_> = faults
            .into_iter()
            .map(|mut fault| {
                if let Some(reason) = malformed.get(&fault.index) {
                    fault.reason.clone_from(reason);
                }
                let line = numbers.get(fault.index).copied().unwrap_or_default();
                (line, format!("line {line}"), fault)
            })
            .collect();
        Failure::events(&error, &placed, "line")
    };
    match context.desk_to_append("stepdown import")? {
        Desk::Daemon(client) => {
            client.append(&events, None, keep_recorded_time).map_err(|error| match error {
                ClientError::Refused { body, .. } if !body.faults.is_empty() => {
                    refused(body.error, body.faults)
                }
                other => other.into(),
            })
        }
        Desk::Log(mut writer) => {
            let request = AppendRequest::new(events).keeping_recorded_time(keep_recorded_time);
            let receipt = writer.stage(request, context.now()).map_err(|error| {
                let message = error.to_string();
                match error {
                    AppendError::Rejected(rejections) => {
                        let faults = rejections.into_iter().map(|rejection| FaultBody {
                            index: rejection.index,
                            field: rejection.fault.field,
                            reason: rejection.fault.reason,
                        });
                        refused(message, faults.collect())
                    }
                    other => other.into(),
                }
            })?;
            writer.commit()?;
            Ok(receipt.into())
        }
    }
}
