//! The weekly word to the admins: how stepdown stands, so that its absence is an alarm.

use super::office::{backup, of_kind, silence};
use super::{Body, Figure, Made, counted};
use crate::calendar::CivilDate;
use crate::language::UnknownPhrase;
use crate::mail::voice::Voice;
use crate::reminders::{Saying, WeeklyContent};

pub(super) fn made(on: CivilDate, weekly: &WeeklyContent, voice: Voice<'_>) -> Result<Made, UnknownPhrase> {
    let (summary, lines) = (summary(weekly), figures(weekly, voice)?);
    let said = vec![("summary", summary.clone()), ("day", Saying::Long(on))];
    let body = Body::Weekly {
        summary: voice.say(&summary)?,
        lines,
        silences: weekly.silences.iter().map(|one| silence(one, voice)).collect::<Result<_, _>>()?,
        checkpoint: weekly.checkpoint.as_deref().map(|note| note.trim_end().to_owned()),
    };
    Ok((Saying::Phrase("weekly-subject", said), None, body))
}

fn summary(weekly: &WeeklyContent) -> Saying {
    let summary = match weekly.failed + weekly.waiting {
        0 => Saying::phrase("weekly-well"),
        troubles => Saying::Phrase("weekly-troubles", vec![("count", counted(troubles))]),
    };
    let is_backed_up = weekly.backup.as_ref().is_none_or(|news| news.failed.is_none());
    if is_backed_up { summary } else { Saying::Phrase("weekly-no-backup", vec![("summary", summary)]) }
}

fn figures(weekly: &WeeklyContent, voice: Voice<'_>) -> Result<Vec<Figure>, UnknownPhrase> {
    let (cases, open, overdue, exhausted) = weekly.obligations;
    let mut accepted = Vec::new();
    for (kind, count) in weekly.accepted.iter().filter(|(_, count)| *count > 0) {
        accepted.push(of_kind(*kind, *count, voice)?);
    }
    let accepted = match accepted.as_slice() {
        [] => Saying::phrase("weekly-nothing"),
        kinds => Saying::Text(kinds.join(", ")),
    };
    let oldest = weekly.oldest_waiting.map_or(Saying::phrase("weekly-none-waits"), Saying::Moment);
    let holidays = weekly.bank_holidays_until.map_or(Saying::phrase("weekly-not-known"), Saying::Long);
    let figures = [
        ("weekly-cases", counted(cases)),
        ("weekly-open", counted(open)),
        ("weekly-overdue", counted(overdue)),
        ("weekly-exhausted", counted(exhausted)),
        ("weekly-accepted", accepted),
        ("weekly-failed", counted(weekly.failed)),
        ("weekly-waiting", counted(weekly.waiting)),
        ("weekly-oldest", oldest),
        ("weekly-holidays", holidays),
    ];
    let exceeded = Some(weekly.limits_exceeded).filter(|count| *count > 0);
    let exceeded = exceeded.map(|count| ("weekly-limits", counted(count)));
    let backup = weekly.backup.as_ref().map(|news| ("weekly-backup", backup(news)));
    let said = |(label, value)| Ok(Figure { label: voice.phrase(label, &[])?, value: voice.say(&value)? });
    figures.into_iter().chain(exceeded).chain(backup).map(said).collect()
}
