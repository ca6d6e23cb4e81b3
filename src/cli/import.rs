//! `import`: a file of events, all or none.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

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

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let (text, numbers) = if args.file == Path::new("-") {
        read(io::stdin().lock(), 0, &args.file)?
    } else {
        let file = File::open(&args.file).map_err(|error| Failure::io(&args.file, &error))?;
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        read(BufReader::with_capacity(1 << 20, file), size, &args.file)?
    };
    let bar = progress(numbers.len() as u64, "checking and appending");
    let receipt = send(context, text, args.keep_recorded_time, &numbers);
    bar.finish_and_clear();
    let AppendReceipt { appended, duplicates, .. } = receipt?;
    match context.format {
        Format::Json => print_json(&serde_json::json!({ "appended": appended, "duplicates": duplicates })),
        _ => print(&format!("{appended} appended, {duplicates} duplicates\n")),
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

fn send(
    context: &Context,
    text: Vec<u8>,
    keep_recorded_time: bool,
    numbers: &[usize],
) -> Result<AppendReceipt, Failure> {
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
    match context.desk_to_append("stepdown import")? {
        Desk::Daemon(client) => client.append_lines(text, keep_recorded_time).map_err(|error| match error {
            ClientError::Refused { body, .. } if !body.faults.is_empty() => refused(&body.error, body.faults),
            other => other.into(),
        }),
        Desk::Log(mut writer) => {
            let request = AppendRequest::from_lines(&text).keeping_recorded_time(keep_recorded_time);
            drop(text);
            match writer.stage(request, context.now()) {
                Ok(receipt) => {
                    writer.commit()?;
                    Ok(receipt.into())
                }
                Err(error) => {
                    let message = error.to_string();
                    Err(match error {
                        AppendError::Rejected(rejections) => {
                            refused(&message, rejections.into_iter().map(FaultBody::from).collect())
                        }
                        other => other.into(),
                    })
                }
            }
        }
    }
}
