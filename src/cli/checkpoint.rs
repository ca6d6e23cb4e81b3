//! `checkpoint`: a signed note of what the log holds now, to be kept elsewhere.

use super::context::Door;
use super::output::{print, print_json};
use super::{Context, Failure, Format};
use crate::api::checkpoint;
use crate::log::Checkpoints;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the key instead that others verify notes of this log with
    #[arg(long)]
    key: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let signed = match context.door("stepdown checkpoint")? {
        Door::Daemon(client) => client.checkpoint()?,
        Door::Log(log, config) => {
            checkpoint(log.reader(), &Checkpoints::of(log.dir()), &config.settings.records.origin)?
        }
    };
    match context.format {
        Format::Json => print_json(&signed),
        _ if args.key => print(&format!("{}\n", signed.key)),
        _ => print(&signed.note),
    }
}
