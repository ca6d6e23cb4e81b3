//! What a template sees: every value ready to print.

use serde::Serialize;
use serde_json::Value;

use crate::calendar::CivilDate;
use crate::reminders::{DigestContent, Item, NoticeContent, Recipient};

/// A date as a letter has it: "Monday 1 June 2026".
fn long(date: CivilDate) -> String {
    date.format("%A %-d %B %Y").to_string()
}

/// The context of the digest templates.
#[derive(Debug, Serialize)]
pub(super) struct DigestPage {
    pub subject: String,
    pub name: String,
    pub day: String,
    pub summary: String,
    pub sections: Vec<Section>,
}

#[derive(Debug, Serialize)]
pub(super) struct Section {
    pub heading: &'static str,
    pub items: Vec<Line>,
}

#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub case: String,
    pub title: String,
    pub due_on: String,
    pub deadline: String,
    pub yours: bool,
    pub owner: String,
    pub reason: String,
    pub capacity: String,
    pub rule: String,
    pub occurrence: String,
}

impl From<&Item> for Line {
    fn from(item: &Item) -> Self {
        Self {
            case: item.occurrence.case.to_string(),
            title: item.title.clone(),
            due_on: long(item.due_on),
            deadline: long(item.deadline),
            yours: item.yours,
            owner: item.owner.clone(),
            reason: item.reason.clone(),
            capacity: item.capacity.clone(),
            rule: item.rule.clone(),
            occurrence: item.occurrence.to_string(),
        }
    }
}

impl DigestPage {
    pub fn new(to: &Recipient, on: CivilDate, digest: &DigestContent) -> Self {
        let parts = [
            ("Overdue", "overdue", &digest.overdue),
            ("Due today", "due today", &digest.today),
            ("Coming up", "coming up", &digest.coming),
        ];
        let filled = parts.into_iter().filter(|(_, _, items)| !items.is_empty());
        let summary: Vec<_> =
            filled.clone().map(|(_, words, items)| format!("{} {words}", items.len())).collect();
        let summary = summary.join(", ");
        let sections = filled
            .map(|(heading, _, items)| Section { heading, items: items.iter().map(Line::from).collect() })
            .collect();
        let day = long(on);
        Self {
            subject: format!("Your reminders for {day}: {summary}"),
            name: to.name.clone(),
            day,
            summary,
            sections,
        }
    }
}

/// The context of the notice templates.
#[derive(Debug, Serialize)]
pub(super) struct NoticePage {
    pub subject: String,
    pub name: String,
    pub case: String,
    pub title: String,
    pub text: String,
    pub happened_on: String,
    pub source: String,
    pub capacity: String,
}

impl NoticePage {
    pub fn new(to: &Recipient, notice: &NoticeContent) -> Self {
        Self {
            // What happened is for the body: a subject shows on every lock screen.
            subject: format!("Case {}: a notice for you", notice.case),
            name: to.name.clone(),
            case: notice.case.to_string(),
            title: notice.title.clone(),
            text: notice.text.clone(),
            happened_on: long(notice.happened_on),
            source: notice.source.clone(),
            capacity: notice.capacity.clone(),
        }
    }
}

/// A sample context for each template, to try it on.
pub(super) fn samples() -> [(&'static str, Value); 4] {
    let items = [true, false].map(|yours| {
        serde_json::json!({
            "case": "SD-0000", "title": "title", "due_on": "day", "deadline": "day", "yours": yours,
            "owner": "owner", "reason": "reason", "capacity": "capacity", "rule": "rule", "occurrence": "SD-0000/rule/1.1"
        })
    });
    let digest = serde_json::json!({
        "subject": "subject", "name": "name", "day": "day", "summary": "1 overdue",
        "sections": [{ "heading": "Overdue", "items": items }]
    });
    let notice = serde_json::json!({
        "subject": "subject", "name": "name", "case": "SD-0000", "title": "title", "text": "text",
        "happened_on": "day", "source": "source", "capacity": "capacity"
    });
    [
        ("digest.txt.jinja", digest.clone()),
        ("digest.html.jinja", digest),
        ("notice.txt.jinja", notice.clone()),
        ("notice.html.jinja", notice),
    ]
}
