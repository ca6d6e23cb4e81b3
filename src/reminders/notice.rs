//! Notices: mail that goes when something happens.

use std::collections::BTreeMap;

use super::{CaseOnDay, Content, Ledger, Message, MessageKey, NoticeContent, People};
use crate::calendar::CivilDate;
use crate::case::EventAsRead;
use crate::programme::Notice;

/// The notices that the case calls for by its day and that were never planned. Nothing that happened
/// before `go_live` is told. A notice about an event is planned once, for those who hold its roles
/// then: who comes into the case later is not sent what happened before.
///
/// A notice with a delay goes on the first working day from then, unless an event of its `until`, a
/// case-wide ending or its own event again came first.
#[must_use]
pub fn notices(
    case: &CaseOnDay<'_>,
    people: &People,
    ledger: &Ledger,
    go_live: Option<CivilDate>,
) -> Vec<Message> {
    let mut messages = Vec::new();
    for notice in &case.programme.notices {
        for place in case.view.matching(&notice.on) {
            let Some(event) = case.view.event(place) else { continue };
            let Some(on) = told_on(notice, event, place, case) else { continue };
            let told = ledger.has_notice(case.view.case(), notice.id.as_str(), event.number());
            if on <= case.view.on() && go_live.is_none_or(|live| event.date >= live) && !told {
                messages.extend(tell(notice, event, case, people));
            }
        }
    }
    messages
}

/// The day on which the notice about `event` goes; `None` where it was called off.
fn told_on(
    notice: &Notice,
    event: &EventAsRead<'_>,
    place: usize,
    case: &CaseOnDay<'_>,
) -> Option<CivilDate> {
    if notice.after.is_zero() {
        return Some(event.date);
    }
    let day = case.calendar.working_day_from(case.calendar.add(event.date, notice.after, 1)?);
    let enders = notice.until.iter().chain(&case.programme.ends_with).chain(&notice.on);
    let ended = case
        .view
        .matching(enders)
        .into_iter()
        .filter(|later| *later > place)
        .filter_map(|p| case.view.event(p));
    (!ended.into_iter().any(|ending| ending.date <= day)).then_some(day)
}

fn tell(notice: &Notice, event: &EventAsRead<'_>, case: &CaseOnDay<'_>, people: &People) -> Vec<Message> {
    let holders = case.view.holders();
    // One message per mailbox, however many of the roles it serves.
    let mut recipients = BTreeMap::new();
    for role in &notice.to {
        let title = case.programme.role_title(role);
        if let Some(to) = people.recipient(role, title, holders.get(role.as_str())) {
            recipients.entry(to).or_insert(title);
        }
    }
    recipients
        .into_iter()
        .map(|(to, title)| Message {
            key: MessageKey::notice(case.view.case(), notice.id.as_str(), event.number(), &to),
            to,
            on: case.view.on(),
            content: Content::Notice(NoticeContent {
                notice: notice.id.to_string(),
                case: case.view.case().clone(),
                title: notice.title.clone(),
                text: notice.text.clone(),
                happened_on: event.date,
                source: notice.source.clone(),
                capacity: format!("your role in the case: {title}"),
            }),
        })
        .collect()
}
