//! What a template sees: every value ready to print.

use chrono::TimeZone as _;
use serde::Serialize;

use super::limit_page::LimitBody;
use crate::calendar::{CivilDate, Instant};
use crate::reminders::{Content, Item, Message, NoticeContent, Silence, Trouble, WeeklyContent};
use crate::schedule::Status;

/// A date as a letter has it: "Monday 1 June 2026".
pub(super) fn long(date: CivilDate) -> String {
    date.format("%A %-d %B %Y").to_string()
}

/// "1 message", "2 messages".
pub(super) fn many(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// The context of every template.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    pub subject: String,
    pub marking: Option<String>,
    /// The first line, which a locked screen may show: it says nothing of anybody.
    pub intro: String,
    pub name: String,
    pub day: String,
    /// The names of the files that go with it.
    pub enclosed: Vec<String>,
    #[serde(flatten)]
    pub body: Body,
}

/// What is particular to each template.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Body {
    Digest {
        summary: String,
        sections: Vec<Section>,
        calendar: Vec<CalendarLine>,
    },
    Escalation {
        item: Line,
    },
    Notice {
        case: String,
        title: String,
        text: String,
        happened_on: String,
        source: String,
        capacity: String,
    },
    Limit(LimitBody),
    Vacancies {
        vacancies: Vec<VacancyLine>,
    },
    Correction {
        items: Vec<Line>,
    },
    Weekly {
        summary: String,
        lines: Vec<Figure>,
        silences: Vec<String>,
        checkpoint: Option<String>,
    },
    Undelivered {
        messages: Vec<TroubleLine>,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct Section {
    pub heading: &'static str,
    pub items: Vec<Line>,
}

/// One obligation.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub case: String,
    pub title: String,
    pub due_on: String,
    pub deadline: String,
    pub yours: bool,
    pub still_due: bool,
    pub owner: String,
    pub step: String,
    pub reason: String,
    pub capacity: String,
    pub rule: String,
    pub occurrence: String,
}

#[derive(Debug, Serialize)]
pub(super) struct CalendarLine {
    pub case: String,
    pub title: String,
    pub on: String,
    pub cancelled: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct VacancyLine {
    pub case: String,
    pub words: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub label: &'static str,
    pub value: String,
}

#[derive(Debug, Serialize)]
pub(super) struct TroubleLine {
    pub kind: &'static str,
    pub on: String,
    pub to: String,
    pub state: &'static str,
    pub words: String,
}

impl Page {
    /// The page of `message` from `sender`.
    pub fn new(message: &Message, sender: &str, marking: Option<&str>) -> Self {
        let (subject, body) = body(message);
        Self {
            subject: match marking {
                Some(marking) => format!("{marking}: {subject}"),
                None => subject,
            },
            marking: marking.map(str::to_owned),
            intro: format!(
                "A confidential message from {sender}. Please read it where nobody looks over your shoulder."
            ),
            name: message.to.name.clone(),
            day: long(message.on),
            enclosed: message.enclosed.iter().map(|enclosed| enclosed.name.clone()).collect(),
            body,
        }
    }
}

/// The subject, which shows on every lock screen and so names a case at the most, and the body.
fn body(message: &Message) -> (String, Body) {
    match &message.content {
        Content::Digest(items) => digest(message, items),
        Content::Escalation(item) => {
            let subject = format!("Case {}: overdue", item.planned.occurrence.case);
            (subject, Body::Escalation { item: item.into() })
        }
        Content::Notice(notice) => (format!("Case {}: a notice for you", notice.case), notice.into()),
        Content::Limit(limit) => {
            (format!("Case {}: a limit is exceeded", limit.case), Body::Limit((&**limit).into()))
        }
        Content::Vacancies(vacancies) => {
            let line =
                |(case, words): &(_, String)| VacancyLine { case: format!("{case}"), words: words.clone() };
            let subject = format!("Nobody to tell: {}", many(vacancies.len(), "vacant role"));
            (subject, Body::Vacancies { vacancies: vacancies.iter().map(line).collect() })
        }
        Content::Correction(items) => {
            let subject = format!("Correction: {} taken back", many(items.len(), "reminder"));
            (subject, Body::Correction { items: items.iter().map(Line::from).collect() })
        }
        Content::Weekly(weekly) => weekly_body(message.on, weekly),
        Content::Undelivered(troubles) => {
            let subject = format!("{} could not be delivered", many(troubles.len(), "message"));
            (subject, Body::Undelivered { messages: troubles.iter().map(TroubleLine::from).collect() })
        }
    }
}

fn digest(message: &Message, items: &[Item]) -> (String, Body) {
    let part = |item: &&Item| match item.standing.status {
        Status::Overdue => 0,
        _ if item.standing.due_on <= message.on => 1,
        _ => 2,
    };
    let parts = [("Overdue", "overdue"), ("Due today", "due today"), ("Coming up", "coming up")];
    let filled = parts.into_iter().enumerate().filter_map(|(n, (heading, words))| {
        let items: Vec<_> = items.iter().filter(|item| part(item) == n).map(Line::from).collect();
        (!items.is_empty()).then_some((Section { heading, items }, words))
    });
    let (sections, words): (Vec<_>, Vec<_>) = filled.unzip();
    let counts =
        sections.iter().zip(words).map(|(section, words)| format!("{} {words}", section.items.len()));
    let mut summary = counts.collect::<Vec<_>>().join(", ");
    if summary.is_empty() {
        "changes in your calendar".clone_into(&mut summary);
    }
    let calendar = message.calendar.iter().map(|(entry, title)| CalendarLine {
        case: entry.occurrence.case.to_string(),
        title: title.to_string(),
        on: long(entry.on),
        cancelled: entry.cancelled,
    });
    let subject = format!("Your reminders for {}: {summary}", long(message.on));
    (subject, Body::Digest { summary, sections, calendar: calendar.collect() })
}

fn weekly_body(on: CivilDate, weekly: &WeeklyContent) -> (String, Body) {
    let date = |date: Option<CivilDate>| date.map_or_else(|| "not known".to_owned(), long);
    let at = |at: Option<Instant>| {
        at.map_or_else(
            || "none waits".to_owned(),
            |at| chrono::Utc.from_utc_datetime(&at.naive_utc()).to_rfc2822(),
        )
    };
    let (cases, open, overdue, exhausted) = weekly.obligations;
    let accepted = weekly.accepted.iter().filter(|(_, count)| *count > 0);
    let accepted: Vec<_> = accepted.map(|(kind, count)| format!("{count} {kind}")).collect();
    let figure = |label, value: String| Figure { label, value };
    let mut lines = vec![
        figure("Cases", cases.to_string()),
        figure("Open obligations", open.to_string()),
        figure("Overdue", overdue.to_string()),
        figure("Overdue, and nobody will be reminded again", exhausted.to_string()),
        figure(
            "Sent in the last seven days",
            if accepted.is_empty() { "none".to_owned() } else { accepted.join(", ") },
        ),
        figure("Not delivered in the last seven days", weekly.failed.to_string()),
        figure("Waiting to be sent", weekly.waiting.to_string()),
        figure("Oldest unsent", at(weekly.oldest_waiting)),
        figure("Bank holidays are known until", date(weekly.bank_holidays_until)),
    ];
    let exceeded = Some(weekly.limits_exceeded).filter(|count| *count > 0);
    lines.extend(exceeded.map(|count| figure("Limits across cases exceeded", count.to_string())));
    lines.extend(weekly.backup.as_ref().map(|(words, _)| figure("Newest backup", words.clone())));
    let summary = match weekly.failed + weekly.waiting {
        0 => "Mail is in order".to_owned(),
        troubles => format!("{} to look at", many(troubles, "message")),
    };
    let is_backed_up = weekly.backup.as_ref().is_none_or(|(_, is_well)| *is_well);
    let summary = if is_backed_up { summary } else { format!("No backup was made; {summary}") };
    let subject = format!("{summary}: the week of {}", long(on));
    let silences = weekly.silences.iter().map(silence).collect();
    let checkpoint = weekly.checkpoint.as_deref().map(|note| note.trim_end().to_owned());
    (subject, Body::Weekly { summary, lines, silences, checkpoint })
}

fn silence(silence: &Silence) -> String {
    let named = [
        silence.case.as_ref().map(|case| format!("case {case}")),
        silence.rule.as_ref().map(|rule| format!("rule {rule}")),
        silence.person.as_ref().map(|person| format!("person {person}")),
    ];
    let named: Vec<_> = named.into_iter().flatten().collect();
    format!("{}: {silence}", named.join(", "))
}

impl From<&Item> for Line {
    fn from(Item { planned, standing }: &Item) -> Self {
        Self {
            case: planned.occurrence.case.to_string(),
            title: standing.title.to_string(),
            due_on: long(standing.due_on),
            deadline: long(standing.deadline),
            yours: planned.yours,
            still_due: matches!(standing.status, Status::Open | Status::Overdue | Status::Scheduled),
            owner: standing.owner.clone(),
            step: planned.step.clone(),
            reason: planned.reason.clone(),
            capacity: planned.capacity.clone(),
            rule: standing.rule.clone(),
            occurrence: planned.occurrence.to_string(),
        }
    }
}

impl From<&NoticeContent> for Body {
    fn from(notice: &NoticeContent) -> Self {
        Self::Notice {
            case: notice.case.to_string(),
            title: notice.title.to_string(),
            text: notice.text.to_string(),
            happened_on: long(notice.happened_on),
            source: notice.source.clone(),
            capacity: notice.capacity.clone(),
        }
    }
}

impl From<&Trouble> for TroubleLine {
    fn from(trouble: &Trouble) -> Self {
        Self {
            kind: trouble.kind.name(),
            on: long(trouble.on),
            to: trouble.to.clone(),
            state: trouble.state.name(),
            words: trouble.words.clone(),
        }
    }
}
