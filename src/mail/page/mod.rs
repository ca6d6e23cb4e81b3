//! What a template sees: every value ready to print, in one language.

mod digest;
mod limit;
mod office;
mod weekly;

use serde::Serialize;

use super::marks;
use super::voice::Voice;
use crate::language::UnknownPhrase;
use crate::reminders::{Content, Item, Message, NoticeContent, Saying};
use crate::schedule::Status;

/// The context of every template but the envelope.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    pub subject: String,
    /// A subject that says less, for where two of them stand in one line.
    pub brief: String,
    pub marking: Option<String>,
    /// The language of the page (BCP 47).
    pub lang: &'static str,
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
    Limit(limit::LimitBody),
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
    pub heading: String,
    /// Whether what is in it is overdue.
    pub overdue: bool,
    pub items: Vec<Line>,
}

/// One obligation.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub programme: String,
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
    pub label: String,
    pub value: String,
}

#[derive(Debug, Serialize)]
pub(super) struct TroubleLine {
    pub kind: String,
    pub on: String,
    pub to: String,
    pub state: String,
    pub words: String,
}

/// The subject, which shows on every lock screen and so names a case at the most; a shorter one, where there is
/// one; and the body.
type Made = (Saying, Option<Saying>, Body);

impl Page {
    /// The page of `message` from `sender`, in the language of `voice`.
    ///
    /// # Errors
    /// When a phrase of it is in no language.
    pub fn new(
        message: &Message,
        sender: &str,
        marking: Option<&str>,
        voice: Voice<'_>,
    ) -> Result<Self, UnknownPhrase> {
        let (subject, brief, body) = made(message, voice)?;
        let subject = marks::plain(&voice.say(&subject)?).into_owned();
        let brief = match brief {
            Some(brief) => marks::plain(&voice.say(&brief)?).into_owned(),
            None => subject.clone(),
        };
        Ok(Self {
            subject,
            brief,
            marking: marking.map(str::to_owned),
            lang: voice.language.tag(),
            intro: voice.phrase("intro", &[("sender", Saying::Text(sender.to_owned()))])?,
            name: message.to.name.clone(),
            day: voice.long(message.on),
            enclosed: message.enclosed.iter().map(|enclosed| enclosed.name.clone()).collect(),
            body,
        })
    }
}

fn made(message: &Message, voice: Voice<'_>) -> Result<Made, UnknownPhrase> {
    let case = |case: &crate::case::CaseRef| vec![("case", Saying::Text(case.to_string()))];
    let several = |phrase, count: usize| Saying::Phrase(phrase, vec![("count", counted(count))]);
    Ok(match &message.content {
        Content::Digest(items) => digest::made(message, items, voice)?,
        Content::Escalation(item) => {
            let subject = Saying::Phrase("escalation-subject", case(&item.planned.occurrence.case));
            (subject, None, Body::Escalation { item: Line::new(item, voice)? })
        }
        Content::Notice(content) => {
            let subject = Saying::Phrase("notice-subject", case(&content.case));
            (subject, None, notice(content, voice)?)
        }
        Content::Limit(content) => {
            let subject = Saying::Phrase("limit-subject", case(&content.case));
            (subject, None, Body::Limit(limit::LimitBody::new(content, voice)?))
        }
        Content::Vacancies(vacancies) => {
            let line = |(case, gap): &(crate::case::CaseRef, Saying)| {
                Ok(VacancyLine { case: case.to_string(), words: voice.say(gap)? })
            };
            let lines = vacancies.iter().map(line).collect::<Result<_, _>>()?;
            (several("vacancies-subject", vacancies.len()), None, Body::Vacancies { vacancies: lines })
        }
        Content::Correction(items) => {
            let lines = items.iter().map(|item| Line::new(item, voice)).collect::<Result<_, _>>()?;
            (several("correction-subject", items.len()), None, Body::Correction { items: lines })
        }
        Content::Weekly(weekly) => weekly::made(message.on, weekly, voice)?,
        Content::Undelivered(troubles) => {
            let lines =
                troubles.iter().map(|trouble| office::trouble(trouble, voice)).collect::<Result<_, _>>()?;
            (several("undelivered-subject", troubles.len()), None, Body::Undelivered { messages: lines })
        }
    })
}

/// A number of things.
fn counted(count: usize) -> Saying {
    Saying::Count(i64::try_from(count).unwrap_or(i64::MAX))
}

fn notice(notice: &NoticeContent, voice: Voice<'_>) -> Result<Body, UnknownPhrase> {
    Ok(Body::Notice {
        case: notice.case.to_string(),
        title: voice.wording(&notice.title),
        text: voice.wording(&notice.text),
        happened_on: voice.long(notice.happened_on),
        source: notice.source.clone(),
        capacity: voice.say(&notice.capacity)?,
    })
}

impl Line {
    fn new(item: &Item, voice: Voice<'_>) -> Result<Self, UnknownPhrase> {
        let Item { planned, standing, programme, reason, capacity } = item;
        Ok(Self {
            programme: programme.to_string(),
            case: planned.occurrence.case.to_string(),
            title: voice.wording(&standing.title),
            due_on: voice.long(standing.due_on),
            deadline: voice.long(standing.deadline),
            yours: planned.yours,
            still_due: matches!(standing.status, Status::Open | Status::Overdue | Status::Scheduled),
            owner: voice.say(&standing.owner)?,
            step: planned.step.clone(),
            reason: voice.say(reason)?,
            capacity: voice.say(capacity)?,
            rule: voice.say(&standing.rule)?,
            occurrence: planned.occurrence.to_string(),
        })
    }
}
