//! A sample message of each kind, to try the templates on before anybody depends on them.

use crate::calendar::CivilDate;
use crate::case::{CaseRef, OccurrenceName, ProgrammeId, RoleId};
use crate::reminders::{
    BackupNews, CalendarEntry, Capacity, Content, Enclosed, Excuse, Item, Lapse, LimitContent, Message,
    MessageKey, MessageKind, NoticeContent, Part, PlannedItem, Reason, Recipient, Saying, Silence, Standing,
    State, Trouble, WeeklyContent,
};
use crate::schedule::Status;

/// One message of every kind of a programme, with every part that a template may show.
pub(super) fn samples(programme: &str) -> Option<Vec<Message>> {
    let programme: ProgrammeId = programme.parse().ok()?;
    let role: RoleId = "role".parse().ok()?;
    let text = |text: &str| Saying::Text(text.to_owned());
    let on = CivilDate::from_ymd_opt(2026, 6, 1)?;
    let to = Recipient::address("sample@example.org", "Sample Person");
    let case: CaseRef = "SD-0000".parse().ok()?;
    let occurrence: OccurrenceName = "SD-0000/rule/1.1".parse().ok()?;
    let item = |yours, status| Item {
        planned: PlannedItem {
            occurrence: occurrence.clone(),
            step: "0".to_owned(),
            deadline: on,
            overdue: false,
            yours,
            reason: Reason::Excuse(Excuse::Done).into(),
            capacity: Capacity::from(Part::Role(role.clone())).into(),
            superseded: Vec::new(),
        },
        standing: Standing {
            title: "title".to_owned().into(),
            status,
            due_on: on,
            deadline: on,
            owner: text("owner"),
            rule: text("rule"),
            report: None,
        },
        programme: programme.clone(),
        reason: text("reason"),
        capacity: text("capacity"),
    };
    let silence = Silence {
        id: 1,
        case: Some(case.clone()),
        rule: None,
        person: None,
        from: on,
        until: on,
        reason: "reason".to_owned(),
        author: "author".to_owned(),
        recorded_by: None,
    };
    let contents = vec![
        Content::Digest(vec![item(true, Status::Overdue), item(false, Status::Open)]),
        Content::Digest(vec![item(true, Status::Open)]),
        Content::Digest(Vec::new()),
        Content::Escalation(item(false, Status::Overdue)),
        Content::Notice(NoticeContent {
            case: case.clone(),
            programme: programme.clone(),
            title: "title".to_owned().into(),
            text: "text".to_owned().into(),
            happened_on: on,
            source: "source".to_owned(),
            capacity: text("capacity"),
        }),
        Content::Limit(limit((&case, &programme), on, 6, Some("reading"))),
        Content::Limit(limit((&case, &programme), on, 5, None)),
        Content::Vacancies(vec![(case, text("nobody holds the role"))]),
        Content::Correction(vec![item(false, Status::Done)]),
        Content::Weekly(Box::new(WeeklyContent {
            obligations: (1, 2, 1, 0),
            accepted: vec![(MessageKind::Digest, 1)],
            failed: 0,
            waiting: 0,
            oldest_waiting: None,
            bank_holidays_until: Some(on),
            limits_exceeded: 1,
            silences: vec![silence],
            backup: Some(BackupNews { made: None, failed: None }),
            checkpoint: Some("a signed note".to_owned()),
        })),
        Content::Undelivered(vec![Trouble {
            kind: MessageKind::Digest,
            to: "person.id".to_owned(),
            on,
            state: State::Lapsed(Lapse::GivenUp),
            words: Lapse::GivenUp.saying(),
        }]),
    ];
    let entry = CalendarEntry { occurrence, sequence: 0, on, cancelled: false };
    let messages = contents.into_iter().map(|content| Message {
        key: MessageKey::of_day("sample", on, &to),
        to: to.clone(),
        on,
        content,
        replies_to: Vec::new(),
        calendar: vec![(entry.clone(), "title".to_owned().into())],
        left_out: Vec::new(),
        enclosed: vec![Enclosed { name: "report.html".to_owned(), html: String::new() }],
    });
    Some(messages.collect())
}

/// A limit of four that `open` cases exceed, five of them listed.
fn limit(
    (case, programme): (&CaseRef, &ProgrammeId),
    on: CivilDate,
    open: usize,
    reading: Option<&str>,
) -> Box<LimitContent> {
    Box::new(LimitContent {
        case: case.clone(),
        programme: programme.clone(),
        happened_on: on,
        title: "title".to_owned().into(),
        field: "field".to_owned(),
        value: "value".to_owned(),
        open,
        at_most: 4,
        cases: vec![(case.clone(), on); 5],
        source: Saying::Text("source".to_owned()),
        reading: reading.map(str::to_owned),
        capacity: Saying::Text("capacity".to_owned()),
    })
}
