//! Why a date is what it is: the values an occurrence carries, put into words.

use serde::{Deserialize, Serialize};

use super::{CaseView, EndCause, Occurrence, Status};
use crate::calendar::{Calendar, CivilDate, DayOff, Unit};
use crate::case::EventNumber;
use crate::programme::{Policy, Shape};

/// One step of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What the step is about: `anchor`, `version`, `start`, `opens`, `deadline`, `due_on`, `counts`, `done`,
    /// `waived`, `ended`, `status`.
    pub step: String,
    /// The date it comes to, if it comes to one.
    pub date: Option<CivilDate>,
    /// The step in words.
    pub text: String,
}

/// The explanation of one occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The occurrence.
    pub occurrence: String,
    /// What is to be done.
    pub title: String,
    /// Its status.
    pub status: Status,
    /// The date it was asked about.
    pub on: CivilDate,
    /// The rule, in words.
    pub rule: String,
    /// Whether the document or a local default sets the limit.
    pub basis: String,
    /// Where in the document.
    pub source: String,
    /// The document, by name.
    pub document: String,
    /// The document's words, or how they were read.
    pub reading: Option<String>,
    /// The steps, in the order of the reckoning.
    pub steps: Vec<Step>,
}

impl Explanation {
    /// Explains `occurrence` of the case that `view` shows.
    #[must_use]
    pub fn new(occurrence: &Occurrence<'_>, policy: &Policy, view: &CaseView<'_>) -> Self {
        let calendar = policy.calendar(view.area());
        let document = &policy.on(view.on()).document;
        let mut telling = Telling { occurrence, calendar, view, steps: Vec::new() };
        telling.anchor();
        telling.version(policy);
        telling.dates();
        telling.outcome();
        let rule = occurrence.worded;
        Self {
            occurrence: occurrence.name(view.case()).to_string(),
            title: rule.title.to_string(),
            status: occurrence.status,
            on: view.on(),
            rule: in_words(occurrence),
            basis: rule.basis.to_string(),
            source: rule.source.clone(),
            document: document.clone(),
            reading: rule.reading.clone(),
            steps: telling.steps,
        }
    }
}

/// The rule of `occurrence` as a phrase.
fn in_words(occurrence: &Occurrence<'_>) -> String {
    let rule = occurrence.rule;
    let period = occurrence.why.counted.period;
    let limit = |for_: &Option<_>| for_.map(|for_| format!(" for {for_}")).unwrap_or_default();
    let anchor = &rule.anchor.event;
    match &rule.shape {
        Shape::Once { due, .. } if due.is_zero() => match &rule.anchor.date {
            Some(field) => format!("once, by the day that {anchor} gives as {field}"),
            None => format!("once, on the day of {anchor}"),
        },
        Shape::Once { due, .. } => format!("once, within {due} of {anchor}"),
        Shape::Windows { for_, .. } => format!("every {period}{} from {anchor}", limit(for_)),
        Shape::Interval { for_, .. } => {
            format!("at least every {period} since the last one{}, from {anchor}", limit(for_))
        }
    }
}

struct Telling<'t, 'a> {
    occurrence: &'t Occurrence<'t>,
    calendar: &'t Calendar,
    view: &'t CaseView<'a>,
    steps: Vec<Step>,
}

impl Telling<'_, '_> {
    fn say(&mut self, step: &str, date: Option<CivilDate>, text: String) {
        self.steps.push(Step { step: step.to_owned(), date, text });
    }

    /// "event 17, visit-made of 2026-06-01 (corrected by event 19)".
    fn event(&self, number: EventNumber) -> String {
        let Some(event) = self.view.events().iter().find(|event| event.number() == number) else {
            return format!("event {number}");
        };
        let corrected =
            event.corrected_by.map(|by| format!(" (corrected by event {by})")).unwrap_or_default();
        format!("event {number}, {} of {}{corrected}", event.event_type(), event.date)
    }

    fn anchor(&mut self) {
        let why = self.occurrence.why;
        let event = self.event(why.anchor);
        let field =
            self.occurrence.rule.anchor.date.as_deref().filter(|_| why.anchor_date != why.anchor_event_on);
        let text = match field {
            Some(field) => format!("{event}; its {field} is {}", why.anchor_date),
            None => event,
        };
        self.say("anchor", Some(why.anchor_date), text);
        let offset = self.occurrence.rule.offset;
        if !offset.is_zero() {
            self.say("start", Some(why.start), format!("{} + {offset} = {}", why.anchor_date, why.start));
        }
    }

    /// Which version of the programme sets the dates, where there is more than one.
    fn version(&mut self, policy: &Policy) {
        let current = policy.version_on(self.view.on());
        let Some(governing) = policy.version_of(self.occurrence.rule) else { return };
        if policy.versions().len() < 2 {
            return;
        }
        let from = |from: Option<CivilDate>| {
            from.map_or_else(|| "from the beginning".to_owned(), |from| format!("from {from}"))
        };
        let mut text =
            format!("by version {} of the programme, {}", governing.number, from(governing.effective_from));
        let terms = current.programme.rule(self.occurrence.rule.id.as_str());
        if terms.is_none_or(|terms| !terms.has_terms_of(self.occurrence.rule)) {
            let since = from(current.effective_from);
            text = format!(
                "{text}, which the series keeps; version {}, {since}, governs later ones",
                current.number
            );
        }
        self.say("version", governing.effective_from, text);
    }

    fn dates(&mut self) {
        let (occurrence, counted) = (self.occurrence, self.occurrence.why.counted);
        let opens = match &occurrence.rule.shape {
            Shape::Once { opens: Some(opens), .. } => format!("{opens} before the deadline"),
            Shape::Windows { .. } if occurrence.n > 1 => "the day after the window before it".to_owned(),
            Shape::Interval { .. } if occurrence.n > 1 => "the day of the completion before it".to_owned(),
            _ if occurrence.opens_on == occurrence.why.start => "the start".to_owned(),
            _ => "the day after the start".to_owned(),
        };
        self.say("opens", Some(occurrence.opens_on), opens);
        let times = if counted.times == 1 { String::new() } else { format!("{} × ", counted.times) };
        let skipped = match counted.period.unit() {
            Unit::WorkingDays => self.days_off(counted.from.succ_opt(), occurrence.deadline),
            _ => String::new(),
        };
        let sum = format!("{} + {times}{} = {}{skipped}", counted.from, counted.period, occurrence.deadline);
        self.say("deadline", Some(occurrence.deadline), sum);
        self.due_on();
    }

    fn due_on(&mut self) {
        let occurrence = self.occurrence;
        let text = if occurrence.due_on < occurrence.deadline {
            let skipped = self.days_off(occurrence.due_on.succ_opt(), occurrence.deadline);
            format!("the last working day on or before the deadline{skipped}")
        } else if self.calendar.is_working_day(occurrence.deadline) {
            "the deadline is a working day".to_owned()
        } else {
            "the deadline: no working day lies between the opening and it".to_owned()
        };
        self.say("due_on", Some(occurrence.due_on), text);
        let beyond = self.calendar.horizon().filter(|horizon| *horizon < occurrence.deadline);
        if let Some(horizon) = beyond {
            let text = format!(
                "bank holidays are known up to {horizon} only; the date may move when more are published"
            );
            self.say("due_on", None, text);
        }
    }

    /// ", passing over 2 weekend days and Easter Monday (6 April)".
    fn days_off(&self, from: Option<CivilDate>, to: CivilDate) -> String {
        let off: Vec<_> = from.into_iter().flat_map(|from| self.calendar.days_off(from, to)).collect();
        let weekend = off.iter().filter(|(_, off)| matches!(off, DayOff::Weekend(_))).count();
        let weekend = match weekend {
            0 => None,
            1 => Some("1 weekend day".to_owned()),
            days => Some(format!("{days} weekend days")),
        };
        let holidays = off.iter().filter(|(_, off)| matches!(off, DayOff::BankHoliday(_)));
        let holidays = holidays.map(|(day, off)| format!("{off} ({})", day.format("%-d %B")));
        let names: Vec<_> = weekend.into_iter().chain(holidays).collect();
        if names.is_empty() { String::new() } else { format!(", passing over {}", names.join(", ")) }
    }

    fn outcome(&mut self) {
        let why = self.occurrence.why;
        let from = why
            .counting_event
            .map(|event| format!(", the date of {}", self.event(event)))
            .unwrap_or_default();
        let names: Vec<_> = self.occurrence.rule.done_by.iter().map(ToString::to_string).collect();
        self.say("counts", None, format!("{} from {}{from}", names.join(" or "), why.counting_from));
        if let Some(done) = self.occurrence.done {
            self.say("done", Some(done.on), self.event(done.event));
        }
        if let Some(by) = why.waived_by {
            self.say("waived", None, self.event(by));
        }
        if let Some(end) = why.end {
            let cause = match end.cause {
                EndCause::Superseded => "starts the next series",
                EndCause::Ended => "ends the series",
            };
            self.say("ended", Some(end.on), format!("{} {cause}", self.event(end.event)));
        }
        self.say("status", None, self.verdict());
    }

    fn verdict(&self) -> String {
        let (on, deadline) = (self.view.on(), self.occurrence.deadline);
        let reason = match self.occurrence.status {
            Status::Done => "completed by its deadline".to_owned(),
            Status::DoneLate => "completed after its deadline".to_owned(),
            Status::Waived => "waived".to_owned(),
            Status::Cancelled => "its series ended on or before the deadline".to_owned(),
            Status::Missed if self.occurrence.why.end.is_some() => {
                "its deadline had passed when its series ended".to_owned()
            }
            Status::Missed => "its window has passed and a later one has taken its place".to_owned(),
            Status::Overdue => format!("{on} is after the deadline {deadline}"),
            Status::Open => format!(
                "it opened on {} and its deadline {deadline} has not passed",
                self.occurrence.opens_on
            ),
            Status::Scheduled => format!("it opens on {}", self.occurrence.opens_on),
        };
        format!("{} on {on}: {reason}", self.occurrence.status)
    }
}
