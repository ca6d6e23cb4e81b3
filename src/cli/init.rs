//! `init`: the starter configuration.

use std::path::PathBuf;

use super::Failure;
use super::output::print;
use crate::config;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to write it
    #[arg(default_value = "stepdown-config")]
    dir: PathBuf,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let written = config::init(&args.dir)?;
    let dir = args.dir.display();
    print(&format!(
        "Wrote {} files into {dir}.\n\n\
         {dir}/stepdown.toml          when reminders go, and how mail leaves\n\
         {dir}/people.toml            who is who\n\
         {dir}/programmes/            the rules\n\
         {dir}/events/                the event types\n\
         {dir}/templates/             the mails\n\
         {dir}/bank-holidays.json     from gov.uk/bank-holidays.json\n\n\
         Edit them, then use them with: stepdown --config {dir} …\n",
        written.len()
    ))
}
