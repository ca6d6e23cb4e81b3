//! The digest: what is overdue, what is due today, what is coming up, and what changes in the calendar.

use super::{Body, CalendarLine, Line, Made, Section, counted};
use crate::language::UnknownPhrase;
use crate::mail::voice::Voice;
use crate::reminders::{Item, Message, Saying};
use crate::schedule::Status;

/// The heading of each section, and how many are in it.
const SECTIONS: [[&str; 2]; 3] = [
    ["digest-overdue", "digest-count-overdue"],
    ["digest-today", "digest-count-today"],
    ["digest-soon", "digest-count-soon"],
];

pub(super) fn made(message: &Message, items: &[Item], voice: Voice<'_>) -> Result<Made, UnknownPhrase> {
    let section_of = |item: &Item| match item.standing.status {
        Status::Overdue => 0,
        _ if item.standing.due_on <= message.on => 1,
        _ => 2,
    };
    let (mut sections, mut counts) = (Vec::new(), Vec::new());
    for (n, [heading, count]) in SECTIONS.into_iter().enumerate() {
        let within = items.iter().filter(|item| section_of(item) == n);
        let items: Vec<_> = within.map(|item| Line::new(item, voice)).collect::<Result<_, _>>()?;
        if !items.is_empty() {
            counts.push(voice.phrase(count, &[("count", counted(items.len()))])?);
            sections.push(Section { heading: voice.phrase(heading, &[])?, overdue: n == 0, items });
        }
    }
    if counts.is_empty() {
        counts.push(voice.phrase("digest-calendar-only", &[])?);
    }
    let calendar = message.calendar.iter().map(|(entry, title)| CalendarLine {
        case: entry.occurrence.case.to_string(),
        title: voice.wording(title),
        on: voice.long(entry.on),
        cancelled: entry.cancelled,
    });
    let (summary, day) = (counts.join(", "), ("day", Saying::Long(message.on)));
    let said = vec![day.clone(), ("summary", Saying::Text(summary.clone()))];
    Ok((
        Saying::Phrase("digest-subject", said),
        Some(Saying::Phrase("digest-heading", vec![day])),
        Body::Digest { summary, sections, calendar: calendar.collect() },
    ))
}
