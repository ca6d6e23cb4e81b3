//! What messages say, as values: a mail puts them into the words of its reader's language.

use super::{LimitContent, MessageKind, PlannedItem, Saying, Silence, Standing, State};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, ProgrammeId};
use crate::language::Wording;

/// What a message says.
#[derive(Debug, Clone)]
pub enum Content {
    /// A day's reminders.
    Digest(Vec<Item>),
    /// One obligation, urgently.
    Escalation(Item),
    /// Something has happened.
    Notice(NoticeContent),
    /// A limit across cases was exceeded.
    Limit(Box<LimitContent>),
    /// Roles that nobody answers for: the case, and what is amiss.
    Vacancies(Vec<(CaseRef, Saying)>),
    /// What was told as overdue and was not.
    Correction(Vec<Item>),
    /// The weekly proof of life.
    Weekly(Box<WeeklyContent>),
    /// Messages that could not be delivered.
    Undelivered(Vec<Trouble>),
}

/// One obligation in a message.
#[derive(Debug, Clone)]
pub struct Item {
    /// As it was decided.
    pub planned: PlannedItem,
    /// As it stands.
    pub standing: Standing,
    /// The programme of its case.
    pub programme: ProgrammeId,
    /// Why it is told.
    pub reason: Saying,
    /// In which capacity the recipient is told.
    pub capacity: Saying,
}

/// What a notice tells.
#[derive(Debug, Clone)]
pub struct NoticeContent {
    /// The case.
    pub case: CaseRef,
    /// The programme of the case.
    pub programme: ProgrammeId,
    /// Its title.
    pub title: Wording,
    /// What the recipient should know or do.
    pub text: Wording,
    /// The day of what happened.
    pub happened_on: CivilDate,
    /// Where in the document.
    pub source: String,
    /// In which capacity the recipient is told.
    pub capacity: Saying,
}

/// What the admins are told every week, so that its absence is an alarm.
#[derive(Debug, Clone)]
pub struct WeeklyContent {
    /// Cases, open obligations, overdue ones, and those of them with no step of their ladder left.
    pub obligations: (usize, usize, usize, usize),
    /// Messages accepted in the last seven days, by kind.
    pub accepted: Vec<(MessageKind, usize)>,
    /// Messages refused or given up in the last seven days.
    pub failed: usize,
    /// Messages that wait now.
    pub waiting: usize,
    /// When the oldest of them was planned.
    pub oldest_waiting: Option<Instant>,
    /// The last day up to which bank holidays are known.
    pub bank_holidays_until: Option<CivilDate>,
    /// How many limits across cases are exceeded.
    pub limits_exceeded: usize,
    /// The silences in force.
    pub silences: Vec<Silence>,
    /// What became of scheduled backups; none where none is scheduled. Whoever sends the message adds it.
    pub backup: Option<BackupNews>,
    /// The newest checkpoint of the log, a signed note. Whoever sends the message adds it.
    pub checkpoint: Option<String>,
}

/// What became of scheduled backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupNews {
    /// When the newest was made, and how many entries of the log it holds.
    pub made: Option<(Instant, u64)>,
    /// Since when there is trouble, and which, where there is.
    pub failed: Option<(Instant, String)>,
}

/// A message that could not be delivered.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// Its kind.
    pub kind: MessageKind,
    /// The key of its recipient.
    pub to: String,
    /// Its day.
    pub on: CivilDate,
    /// `refused` or `lapsed`.
    pub state: State,
    /// The server's words, or why it was given up.
    pub words: Saying,
}
