//! `import --csv`: an extract of a case management system.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use super::context::Desk;
use super::output::{print, print_json, talk};
use super::{Context, Failure, Format};
use crate::api::{ClientError, ExtractBody, ExtractChange, ExtractReceipt, FaultBody, map_for, of_rows};
use crate::case::Cases;
use crate::config::{Config, ConfigError, Fault};
use crate::daemon::{AppendError, AppendRequest, rehearse};
use crate::extract::{ExtractError, ExtractMap, Prepared, Setting, as_text, prepare};

pub fn run(context: &Context, csv: &Path, map: &Path, dry_run: bool) -> Result<(), Failure> {
    let config = context.config()?;
    let file = map.display().to_string();
    let text = fs::read(map).map_err(|error| Failure::io(map, &error))?;
    let read = map_for(&text, &config).map_err(|findings| {
        let text = String::from_utf8_lossy(&text);
        let faults = findings.into_iter().map(|finding| Fault::at(&file, &text, finding)).collect();
        ConfigError::new(format!("of the import, {file},"), faults)
    })?;
    let (name, csv) = (name(csv), bytes(csv)?);
    let import = Import { context, config: &config, map: &read, csv: &csv, name: &name, dry_run };
    let desk = if dry_run {
        context.desk_to_rehearse("stepdown import")?
    } else {
        Some(context.desk_to_append("stepdown import")?)
    };
    let receipt = match desk {
        Some(Desk::Daemon(client)) => {
            let csv = as_text(&csv).map_err(|fault| refused(ExtractError::Rows(vec![fault])))?.to_owned();
            let map = String::from_utf8_lossy(&text).into_owned();
            client.import(&ExtractBody { csv, map, name, dry_run }).map_err(of_daemon)?
        }
        Some(Desk::Log(mut writer)) => {
            let cases = writer.cases().clone();
            let receipt = import.judged_by(&cases, |request| writer.stage(request, context.now()))?;
            writer.commit()?;
            writer.close()?;
            receipt
        }
        None => import.judged_by(&Cases::default(), |request| rehearse(request, &config, context.now()))?,
    };
    show(context, &receipt)
}

/// What the extract is called in the reason of a correction.
fn name(csv: &Path) -> String {
    if csv == Path::new("-") {
        return "from standard input".to_owned();
    }
    csv.file_name().unwrap_or(csv.as_os_str()).to_string_lossy().into_owned()
}

fn bytes(csv: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if csv == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(csv)
    };
    read.map_err(|error| Failure::io(csv, &error))
}

/// An extract with all that it is imported with.
struct Import<'a> {
    context: &'a Context,
    config: &'a Config,
    map: &'a ExtractMap,
    csv: &'a [u8],
    name: &'a str,
    dry_run: bool,
}

impl Import<'_> {
    fn judged_by<T>(
        &self,
        cases: &Cases,
        judge: impl FnOnce(AppendRequest) -> Result<T, AppendError>,
    ) -> Result<ExtractReceipt, Failure> {
        let (zone, now) = (self.config.settings.reminders.time_zone, self.context.now());
        let prepared = prepare(self.map, self.csv, &Setting { name: self.name, cases, zone, now })
            .map_err(|faults| refused(ExtractError::Rows(faults)))?;
        match judge(AppendRequest::new(prepared.events()).rehearsing(self.dry_run)) {
            Ok(_) => Ok(ExtractReceipt::new(&prepared, self.dry_run)),
            Err(error) => Err(self.not_taken(error, &prepared)),
        }
    }

    fn not_taken(&self, error: AppendError, prepared: &Prepared) -> Failure {
        match error {
            AppendError::Rejected(rejections) => {
                refused(ExtractError::Rows(of_rows(&rejections, prepared, self.map)))
            }
            other => other.into(),
        }
    }
}

fn refused(error: ExtractError) -> Failure {
    let message = error.to_string();
    let faults = match error {
        ExtractError::Rows(faults) => faults.into_iter().map(FaultBody::from).collect(),
        ExtractError::Map(_) => Vec::new(),
    };
    of_lines(&message, faults)
}

fn of_lines(message: &str, faults: Vec<FaultBody>) -> Failure {
    let placed =
        faults.into_iter().map(|fault| (fault.index + 1, format!("line {}", fault.index + 1), fault));
    Failure::events(message, &placed.collect::<Vec<_>>(), "line")
}

fn of_daemon(error: ClientError) -> Failure {
    match error {
        ClientError::Refused { input: true, body, .. } if !body.faults.is_empty() => {
            of_lines(&body.error, body.faults)
        }
        other => other.into(),
    }
}

fn show(context: &Context, receipt: &ExtractReceipt) -> Result<(), Failure> {
    if context.format == Format::Json {
        return print_json(receipt);
    }
    let ExtractReceipt { appended, corrected, retracted, unchanged, .. } = receipt;
    // What is new needs no look; what is mended in the log does, before it is.
    let mended = receipt.changes.iter().filter(|change| change.change != "appended").map(|change| {
        let ExtractChange { line, change, case, event_type, parts } = change;
        let of = if parts.is_empty() { String::new() } else { format!(", its {}", parts.join(" and ")) };
        format!("line {line}: {event_type} of case {case} {change}{of}\n")
    });
    let mended: Vec<_> = mended.collect();
    let sentence = if receipt.dry_run {
        format!(
            "{appended} to append, {corrected} to correct, {retracted} to retract, {unchanged} unchanged; a dry run: nothing was written\n"
        )
    } else {
        format!("{appended} appended, {corrected} corrected, {retracted} retracted, {unchanged} unchanged\n")
    };
    print(&(mended.concat() + &sentence))?;
    for remark in remarks(receipt) {
        talk(&remark);
    }
    Ok(())
}

/// What an admin may want to look into.
fn remarks(receipt: &ExtractReceipt) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut remark = |count: usize, one: &str, many: &str| match count {
        0 => {}
        1 => remarks.push(format!("1 {one}")),
        _ => remarks.push(format!("{count} {many}")),
    };
    remark(
        receipt.absent,
        "event of an earlier extract has no row in this one; it stays as it is",
        "events of earlier extracts have no row in this one; they stay as they are",
    );
    remark(
        receipt.mended,
        "event was mended or retracted by hand since it was imported; it stays so",
        "events were mended or retracted by hand since they were imported; they stay so",
    );
    remark(receipt.passed_over, "row makes no event by the map", "rows make no event by the map");
    remarks.extend(
        receipt.idle.iter().map(|entry| format!("no row is of the map's {entry}; is its \"when\" right?")),
    );
    remarks
}
