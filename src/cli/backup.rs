//! `backup`: the log as it stands now in one file, from the running daemon or from the log itself.

use std::io::{self, IsTerminal as _, Read as _, Write};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use serde_json::json;

use super::context::Desk;
use super::output::{print, print_json, progress, spinner, talk};
use super::{Context, Failure, Format};
use crate::api::Client;
use crate::daemon::Writer;
use crate::log::{BackupError, Manifest, examine, open, write_beside};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to: a new file; - for stdout
    file: PathBuf,
    /// Encrypt it with age to [backup] recipients
    #[arg(long)]
    encrypt: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let mut desk = context.desk("stepdown backup")?;
    if args.file.as_os_str() == "-" {
        let mut out = io::stdout().lock();
        if out.is_terminal() {
            return Err(Failure::refused(
                "a backup is not for a terminal to show",
                "name a file, or lead stdout into one",
            ));
        }
        let manifest = pour(context, &mut desk, args.encrypt, &mut out)?;
        talk(&format!("{} entries, made at {}", manifest.entries, manifest.made.to_rfc3339()));
        return Ok(());
    }
    let (manifest, written) = write_beside(&args.file, |out| pour(context, &mut desk, args.encrypt, out))?;
    if !args.encrypt {
        // What came from a daemon may have been cut off on the way; what is encrypted only its owner can read.
        proven(&args.file, &manifest).inspect_err(|_| drop(std::fs::remove_file(&args.file)))?;
    }
    if context.format == Format::Json {
        let file = std::path::absolute(&args.file).unwrap_or_else(|_| args.file.clone());
        return print_json(&json!({
            "file": file, "bytes": written.bytes, "sha256": written.sha256, "encrypted": args.encrypt,
            "manifest": manifest,
        }));
    }
    let Manifest { entries, cases, messages, wrapping_key, .. } = &manifest;
    let sealed = if args.encrypt { ", encrypted" } else { "" };
    print(&format!(
        "{}: {entries} entries of {cases} cases, {messages} messages that wait; {} bytes{sealed}, read back.\n\
         It needs the wrapping key {wrapping_key}, which is not in it: keep a copy of that elsewhere.\n",
        args.file.display(),
        written.bytes
    ))
}

/// Lets the backup run into `out`.
fn pour(context: &Context, desk: &mut Desk, encrypt: bool, out: &mut dyn Write) -> Result<Manifest, Failure> {
    match desk {
        Desk::Daemon(client) => from_daemon(client, encrypt, out),
        Desk::Log(writer) => from_log(context, writer, encrypt, out),
    }
}

fn from_daemon(client: &Client, encrypt: bool, out: &mut dyn Write) -> Result<Manifest, Failure> {
    let (manifest, mut response) = client.backup(encrypt)?;
    let bar = spinner("receiving");
    let mut chunk = vec![0; 1 << 18];
    loop {
        let read = response.read(&mut chunk).map_err(|error| {
            Failure::failed_with(
                &format!("the daemon broke off: {error}"),
                "its journal says why; no backup was made",
            )
        })?;
        if read == 0 {
            break;
        }
        bar.inc(read as u64);
        out.write_all(chunk.get(..read).unwrap_or_default()).map_err(BackupError::Write)?;
    }
    out.flush().map_err(BackupError::Write)?;
    bar.finish_and_clear();
    Ok(manifest)
}

fn from_log(
    context: &Context,
    writer: &Writer,
    encrypt: bool,
    out: &mut dyn Write,
) -> Result<Manifest, Failure> {
    let settings = &writer.config().settings;
    let cut = writer.log().cut()?;
    let manifest = cut.manifest(&settings.records.origin, context.now());
    let bar = progress(manifest.entries, "backing up");
    let recipients = encrypt.then_some(&*settings.backup.recipients);
    cut.write_for(recipients, &manifest, out, |entries| bar.set_position(entries))?;
    bar.finish_and_clear();
    Ok(manifest)
}

/// Reads the file through as a restore would, as far as that needs no key.
fn proven(file: &Path, manifest: &Manifest) -> Result<(), Failure> {
    let bar: ProgressBar = progress(manifest.entries, "reading back");
    let (said, _) = examine(open(file, None)?, |piece| {
        if let crate::log::Piece::Groups(groups) = piece {
            bar.set_position(groups.last());
        }
        Ok(())
    })?;
    bar.finish_and_clear();
    if said == *manifest {
        return Ok(());
    }
    Err(Failure::failed("the daemon sent another backup than it announced"))
}
