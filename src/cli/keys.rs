//! `keys`: the wrapping key that seals the keys of all cases.

use std::path::PathBuf;

use super::context::Desk;
use super::output::{print, print_json};
use super::{Context, Failure, Format};
use crate::api::KeysShown;
use crate::log::Rotated;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Show which wrapping key is in use, where it is, and how many keys it seals
    Show,
    /// Make a new wrapping key and seal the keyring with it; the one before opens nothing any more
    Rotate(RotateArgs),
}

#[derive(Debug, clap::Args)]
pub struct RotateArgs {
    /// Where the key comes as a systemd credential: the new file for the new key
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

pub fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Show => show(context),
        Command::Rotate(args) => rotate(context, args),
    }
}

fn show(context: &Context) -> Result<(), Failure> {
    let shown = match context.desk("stepdown keys show")? {
        Desk::Daemon(client) => client.keys()?,
        Desk::Log(writer) => {
            let credential = writer.config().settings.records.wrapping_key_credential.clone();
            let wrapping_key = writer.log().wrapping_key().to_owned();
            KeysShown { wrapping_key, credential, used: writer.log().reader().keys() }
        }
    };
    if context.format == Format::Json {
        return print_json(&shown);
    }
    let KeysShown { wrapping_key, credential, used } = shown;
    let credential = credential.map(|name| format!(", the systemd credential {name}")).unwrap_or_default();
    print(&format!(
        "Wrapping key  {}\n              {}{credential}\nCases         {} with a key, {} erased; {} slots in the keyring\n",
        used.fingerprint,
        wrapping_key.display(),
        used.cases - used.destroyed.min(used.cases),
        used.destroyed,
        used.slots
    ))
}

fn rotate(context: &Context, RotateArgs { to }: RotateArgs) -> Result<(), Failure> {
    // The daemon stands in another directory.
    let to = to.map(std::path::absolute).transpose();
    let to = to.map_err(|error| Failure::failed(&format!("--to: {error}")))?;
    let is_elsewhere = to.is_some();
    let rotated = match context.desk("stepdown keys rotate")? {
        Desk::Daemon(client) => client.rotate(to)?,
        Desk::Log(mut writer) => writer.rotate_key(to.as_deref())?,
    };
    if context.format == Format::Json {
        return print_json(&rotated);
    }
    let Rotated { path, fingerprint, before } = rotated;
    let path = path.display();
    let install = if is_elsewhere { "Install it as the credential before the next start.\n" } else { "" };
    print(&format!(
        "The keyring is sealed with the new wrapping key {fingerprint} in {path}.\n{install}\
         The key {before} opens it no more; backups made before still need that one.\n\
         Keep a copy of the new key, apart from the backups: without it nothing can be read.\n"
    ))
}
