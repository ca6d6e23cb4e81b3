//! The JSON that leaves and enters. Field names are public: other people's scripts rely on them.

use serde::{Deserialize, Serialize};

use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, EventNumber, PersonId, Rejection, RoleId, RuleId, Sequence};
use crate::daemon::Receipt;
use crate::log::{LastBackup, Scrub};
use crate::reminders::Counts;
use crate::schedule::Status as ObligationStatus;

/// Which obligations are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueQuery {
    /// The evaluation date; today, where left out.
    #[serde(default, deserialize_with = "super::days::maybe")]
    pub on: Option<CivilDate>,
    /// As known at this moment; now, where left out.
    pub known_at: Option<Instant>,
    /// Of this case only.
    pub case: Option<CaseRef>,
    /// Owned by this role only.
    pub role: Option<RoleId>,
    /// Owned by this person only.
    pub person: Option<PersonId>,
    /// How many days ahead scheduled ones are listed; 90, where left out.
    pub horizon: Option<u16>,
    /// Whether cancelled ones are listed too.
    #[serde(default)]
    pub all: bool,
}

/// An obligation in a list (`semantics` §5 and §6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObligationRow {
    /// Its stable name, `CASE/RULE/SERIES.N`.
    pub occurrence: String,
    /// The case.
    pub case: CaseRef,
    /// The rule.
    pub obligation: RuleId,
    /// What is to be done.
    pub title: String,
    /// The rule's shape: `once`, `windows` or `interval`.
    pub kind: String,
    /// Its status on the date asked about.
    pub status: ObligationStatus,
    /// The first day it can be done.
    pub opens_on: CivilDate,
    /// The policy's limit.
    pub deadline: CivilDate,
    /// The day to act by.
    pub due_on: CivilDate,
    /// The day it was completed.
    pub done_on: Option<CivilDate>,
    /// The role that must do it.
    pub owner_role: RoleId,
    /// The person who holds that role in the case.
    pub owner: Option<PersonId>,
    /// The roles concerned.
    pub also: Vec<RoleId>,
    /// `policy` or `local`.
    pub basis: String,
    /// Where in the document.
    pub source: String,
}

/// What came of an append.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppendReceipt {
    /// How many events were appended.
    pub appended: usize,
    /// How many were in the log already.
    pub duplicates: usize,
    /// The place of the last one in the log.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sequence: Option<Sequence>,
    /// The version of its case.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case_version: Option<EventNumber>,
}

impl From<Receipt> for AppendReceipt {
    fn from(receipt: Receipt) -> Self {
        let Receipt { appended, duplicates, sequence, case_version } = receipt;
        Self { appended, duplicates, sequence, case_version }
    }
}

/// What is answered when something is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What is wrong.
    pub error: String,
    /// Each fault of each event, for an append.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultBody>,
}

/// One fault of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultBody {
    /// Which of the batch, from 0.
    pub index: usize,
    /// The field at fault.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl From<Rejection> for FaultBody {
    fn from(rejection: Rejection) -> Self {
        let Rejection { index, fault } = rejection;
        Self { index, field: fault.field, reason: fault.reason }
    }
}

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Whether a daemon answers, or the log itself.
    pub daemon: bool,
    /// The process that answers.
    pub process: u32,
    /// The data directory.
    pub data: String,
    /// The last entry of the log.
    pub sequence: Sequence,
    /// The last link of its chain.
    pub chain: String,
    /// How many cases there are.
    pub cases: usize,
    /// How many case events.
    pub events: usize,
    /// The programmes configured.
    pub programmes: Vec<String>,
    /// The last day up to which bank holidays are known.
    pub bank_holidays_until: Option<CivilDate>,
    /// When digests are planned next, if the daemon runs then.
    pub next_digest: Instant,
    /// Messages by what became of them.
    pub mail: MailStatus,
    /// Until when sending is paused because the way to the server is at fault.
    pub mail_paused_until: Option<Instant>,
    /// Why nothing is sent, where mail is held.
    pub mail_held: Option<String>,
    /// When the oldest message that waits was planned.
    pub oldest_unsent: Option<Instant>,
    /// Messages that were refused or given up, and that the admins were not told of yet.
    pub undelivered: usize,
    /// When the whole log was last read, and what was found; none where it never was.
    pub scrub: Option<ScrubRow>,
    /// What became of scheduled backups; none where none was ever to be made.
    pub backup: Option<BackupRow>,
    /// The version of the program that answers; empty where that is older than this field.
    #[serde(default)]
    pub version: String,
    /// Since when the daemon runs.
    pub started_at: Option<Instant>,
    /// When the daemon's loop last turned, which it does once a minute at least.
    pub heartbeat_at: Option<Instant>,
    /// When the newest entry of the log was recorded.
    pub newest_at: Option<Instant>,
    /// The zone of local times, such as `Europe/London`.
    #[serde(default)]
    pub time_zone: String,
    /// The configuration that counts.
    pub configuration: Option<ConfigurationRow>,
    /// How mail leaves: `smtp` or `files`.
    #[serde(default)]
    pub transport: String,
    /// When a message was last taken over.
    pub last_accepted_at: Option<Instant>,
    /// How much there is to do today and this week.
    #[serde(flatten)]
    pub workload: Workload,
    /// Under how many values limits across cases are exceeded today.
    #[serde(default)]
    pub limits_exceeded: usize,
    /// What the log takes on the disk.
    pub log_bytes: Option<u64>,
    /// What is left on that disk.
    pub disk_free_bytes: Option<u64>,
}

/// Obligations by when they are to be acted on, of all cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workload {
    /// Past their deadline and not done.
    pub overdue: usize,
    /// To be acted on today.
    pub due_today: usize,
    /// To be acted on from today to Sunday.
    pub due_this_week: usize,
}

/// Which configuration it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationRow {
    /// Where it comes from, in words.
    pub from: String,
    /// The SHA-256 over all its files.
    pub sha256: String,
}

/// The newest scheduled backup that is whole, and why the last one failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRow {
    /// When it was made; none where there is none, and so on.
    pub at: Option<Instant>,
    /// Its file.
    pub file: Option<String>,
    /// How long it is.
    pub bytes: Option<u64>,
    /// The number of entries in it.
    pub entries: Option<u64>,
    /// Why none was made since, where that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<Instant>,
}

impl From<LastBackup> for BackupRow {
    fn from(last: LastBackup) -> Self {
        let (made, failed) = (last.there(), last.trouble());
        Self {
            at: made.map(|made| made.at),
            file: made.map(|made| made.file.display().to_string()),
            bytes: made.map(|made| made.bytes),
            entries: made.map(|made| made.entries),
            failed_at: failed.as_ref().map(|failed| failed.at),
            error: failed.map(|failed| failed.error),
        }
    }
}

/// What the last look at the whole log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScrubRow {
    /// When.
    pub at: Instant,
    /// How many entries were looked at.
    pub entries: u64,
    /// Whether all was whole.
    pub whole: bool,
    /// What is damaged, if anything is.
    pub damage: Option<String>,
}

impl From<Scrub> for ScrubRow {
    fn from(Scrub { at, entries, damage }: Scrub) -> Self {
        Self { at, entries, whole: damage.is_none(), damage }
    }
}

/// What an operator or an admin orders about mail.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldBody {
    /// By whose word; the caller's, where left out.
    pub author: Option<String>,
    /// Why.
    pub reason: String,
}

/// Who orders something.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorBody {
    /// By whose word; the caller's, where left out.
    pub author: Option<String>,
}

/// A silence to add.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilenceBody {
    /// Of this case only.
    pub case: Option<CaseRef>,
    /// Of this rule or notice only.
    pub rule: Option<RuleId>,
    /// To this person only.
    pub person: Option<PersonId>,
    /// The last day.
    #[serde(deserialize_with = "super::days::day")]
    pub until: CivilDate,
    /// Why.
    pub reason: String,
    /// By whose word; the caller's, where left out.
    pub author: Option<String>,
}

/// Where a test message goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailTestBody {
    /// The address.
    pub to: String,
}

/// What came of a test message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailTestAnswer {
    /// Whether it was taken over.
    pub accepted: bool,
    /// Where the attempt ended, where it was not.
    pub stage: Option<String>,
    /// The server's words, the file's name, or what went wrong.
    pub words: String,
}

/// Messages by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailStatus {
    /// Taken over.
    pub accepted: usize,
    /// Planned, or to be tried again.
    pub waiting: usize,
    /// Refused for good.
    pub refused: usize,
    /// Given up.
    pub lapsed: usize,
}

impl From<Counts> for MailStatus {
    fn from(counts: Counts) -> Self {
        let Counts { accepted, waiting, refused, lapsed } = counts;
        Self { accepted, waiting, refused, lapsed }
    }
}
