//! A restored log, proven before it is put in its place: opened by the code that will open it from then on.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Writer;
use crate::calendar::Instant;
use crate::case::Sequence;
use crate::config::Config;
use crate::log::{BackupError, Built, Checkpoint, Head, Log, LogReader, Manifest, Target};
use crate::reminders::MailFact;

/// Who holds mail after a restore.
const AUTHOR: &str = "stepdown restore";

/// What was restored. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// How many events of cases can be read.
    pub events: u64,
    /// How many entries cannot be read any more, because their case was erased.
    pub erased: u64,
    /// How many entries the newest checkpoint in the backup vouched for, which fits; none where none came along.
    pub vouched: Option<u64>,
    /// Whether mail is held until an operator releases it.
    pub held: bool,
}

/// Proves what was built in `target` of a backup, with the wrapping key in the file `key`; holds mail, unless it is
/// to be released; then puts it in its place.
///
/// # Errors
/// When anything about it is not as it was, or the disk fails: then it is not put there.
pub fn bring_back(
    target: Target,
    built: Built,
    key: &Path,
    config: Arc<Config>,
    release: bool,
    now: Instant,
) -> Result<Restored, BackupError> {
    let Built { manifest, notes, .. } = built;
    let log = Log::open(target.staging(), key, AUTHOR)?;
    let vouched = notes
        .iter()
        .map(|kept| vouched(log.reader(), &kept.note, &manifest))
        .collect::<Result<Vec<_>, _>>()?;
    let newest = vouched.into_iter().max_by_key(|vouched| vouched.size);
    let found =
        log.reader().verify(head(&log, &manifest)?, newest.as_ref().map(|newest| newest.size), |_| {})?;
    if let Some(why) = newest.as_ref().and_then(|newest| newest.misfit(&found)) {
        return Err(BackupError::Damaged(format!("a checkpoint in it does not fit: {why}")));
    }
    if log.reader().keys().cases != manifest.cases {
        return Err(BackupError::Damaged("it has another number of cases than it says".to_owned()));
    }
    let mut writer = Writer::new(log, config)?;
    if !release {
        let made = manifest.made.to_rfc3339();
        let reason =
            format!("restored from the backup of {made}: what was mailed after that is not known here");
        writer.stage_fact(
            MailFact::MailHeld { author: AUTHOR.to_owned(), reason, recorded_by: None },
            None,
            now,
        );
        writer.commit()?;
    }
    writer.close()?;
    target.put()?;
    Ok(Restored {
        manifest,
        events: found.events,
        erased: found.erased,
        vouched: newest.map(|newest| newest.size),
        held: !release,
    })
}

/// The end of the log, which must be that of the manifest.
fn head(log: &Log, manifest: &Manifest) -> Result<Head, BackupError> {
    let head = log.head();
    let fits = head.sequence == Sequence(manifest.entries) && head.hash.to_string() == manifest.chain;
    fits.then_some(head)
        .ok_or_else(|| BackupError::Damaged("it ends at another entry than it says".to_owned()))
}

fn vouched(log: &LogReader, note: &str, manifest: &Manifest) -> Result<Checkpoint, BackupError> {
    let read = log.checkpoint_in(note, &manifest.origin);
    read.map_err(|error| BackupError::Damaged(format!("a checkpoint in it proves nothing: {error}")))
}
