//! `restore`: a backup into an empty data directory.

use std::path::{Path, PathBuf};

use super::output::{print, print_json, progress, table};
use super::{Context, Failure, Format};
use crate::api::Client;
use crate::config::{AccessSettings, Config};
use crate::daemon::{Restored, bring_back};
use crate::log::{BackupError, Target, WrappingKey, open};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The backup
    file: PathBuf,
    /// For an encrypted one: the file with the age identity
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// The wrapping key, where it is not where the settings look for it; it is copied there
    #[arg(long, value_name = "FILE")]
    wrapping_key: Option<PathBuf>,
    /// Let mail go at once, even though what was mailed after the backup is not known
    #[arg(long)]
    release: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let (data, config) = (context.data()?, context.config()?);
    if Client::find(&AccessSettings::socket_by(context.source(), &data)).is_some() {
        return Err(Failure::refused(
            &format!("a daemon serves {}", data.display()),
            "restore into another directory, or stop the daemon and move its directory aside",
        ));
    }
    let source = open(&args.file, args.identity.as_deref())?;
    let place = config.settings.records.wrapping_key(&data);
    let key = key(&config, &place, args.wrapping_key.as_deref())?;
    let is_installed = place.exists();
    let mut target = Target::take(&data, &place, "stepdown restore")?;
    let bar = progress(0, "restoring");
    let built = target.build(source, key, |manifest, entries| {
        bar.set_length(manifest.entries);
        bar.set_position(entries);
    })?;
    if !is_installed && config.settings.records.wrapping_key_credential.is_none() {
        target.install_key(key, &place)?;
    }
    bar.set_message("proving");
    let restored = bring_back(target, built, key, config.clone(), args.release, context.now())?;
    bar.finish_and_clear();
    match context.format {
        Format::Json => print_json(&restored),
        _ => print(&shown(&restored, &data, &config, key)),
    }
}

/// The wrapping key to restore with: the one given, which must be the one that is where the settings look, if one
/// is there.
fn key<'a>(config: &Config, place: &'a Path, given: Option<&'a Path>) -> Result<&'a Path, Failure> {
    let read = |path: &Path| WrappingKey::read(path).map_err(BackupError::Keys);
    let Some(given) = given else {
        if place.exists() {
            return Ok(place);
        }
        let found = match &config.settings.records.wrapping_key_credential {
            Some(name) => format!("there is no systemd credential {name} here"),
            None => format!("there is no wrapping key in {}", place.display()),
        };
        let help = "a backup does not hold the key that opens it: name the file with --wrapping-key FILE";
        return Err(Failure::refused(&found, help));
    };
    let fingerprint = read(given)?.fingerprint();
    if place.exists() && read(place)?.fingerprint() != fingerprint {
        return Err(Failure::refused(
            &format!("{} holds another wrapping key than {}", place.display(), given.display()),
            "the settings name the one, and the daemon would not open what the other seals: move it away",
        ));
    }
    Ok(given)
}

fn shown(restored: &Restored, data: &Path, config: &Config, key: &Path) -> String {
    let Restored { manifest, events, erased, vouched, held } = restored;
    let mut table = table(&["Restored", "and proven"]);
    let rows = [
        ("Data directory", data.display().to_string()),
        ("Backup made", manifest.made.to_rfc3339()),
        ("Entries", manifest.entries.to_string()),
        ("Last link of the chain", manifest.chain.clone()),
        ("Cases", manifest.cases.to_string()),
        ("Events that can be read", events.to_string()),
        ("Entries erased with their case", erased.to_string()),
        ("Messages that wait with their text", manifest.messages.to_string()),
        (
            "Newest checkpoint in it",
            vouched.map_or_else(|| "none".to_owned(), |size| format!("fits, of {size} entries")),
        ),
    ];
    for (what, found) in rows {
        table.add_row([what.to_owned(), found]);
    }
    let mut text = format!("{table}\n");
    if *held {
        text += "\nMail is held: what was mailed after the backup is not known here and would be mailed again.\n\
                 Look at stepdown reminders plan, then: stepdown mail release\n";
    }
    if let Some(name) = &config.settings.records.wrapping_key_credential {
        text += &format!(
            "Before the next start {} must be there as the systemd credential {name}.\n",
            key.display()
        );
    }
    if manifest.origin != config.settings.records.origin {
        text += &format!(
            "The log went by the name {}, and the settings say {}: its checkpoints prove nothing under that name.\n",
            manifest.origin, config.settings.records.origin
        );
    }
    text
}
