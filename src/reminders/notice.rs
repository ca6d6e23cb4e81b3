//! Notices: mail that goes when something happens.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Capacity, CaseOnDay, Desk, Matter, MessageKey, Part, Plan, Planned, Recipient, World};
use crate::calendar::CivilDate;
use crate::case::EventAsRead;
use crate::programme::Notice;

/// The notices that the case calls for by its day and that were never planned. Nothing that happened
/// before the go-live date is told. A notice about an event is planned once, for those who hold its roles
/// then: who comes into the case later is not sent what happened before. One whose day lies in a silence
/// is not sent, then or later.
///
/// A notice with a delay goes on the first working day from then, unless an event of its `until`, a
/// case-wide ending or its own event again came first.
#[must_use]
pub fn notices(case: &CaseOnDay<'_>, world: &World<'_>) -> Vec<Planned> {
    let mut planned = Vec::new();
    for notice in &case.programme.notices {
        for place in case.view.matching(&notice.on) {
            let Some(event) = case.view.event(place) else { continue };
            let Some(on) = told_on(notice, event, place, case) else { continue };
            let told = world.ledger.has_notice(case.view.case(), notice.id.as_str(), event.number());
            let live = world.office.go_live.is_none_or(|live| event.date >= live);
            // What happens goes at once; what was to wait for a day waits for its morning.
            let early = !notice.after.is_zero() && world.now < world.office.opens(case.view.on());
            if on <= case.view.on() && live && !told && !early {
                planned.extend(tell(notice, event, on, case, world));
            }
        }
    }
    planned
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

fn tell(
    notice: &Notice,
    event: &EventAsRead<'_>,
    on: CivilDate,
    case: &CaseOnDay<'_>,
    world: &World<'_>,
) -> Vec<Planned> {
    let name = case.view.case();
    let desk = Desk::new(world.people, case.programme, &case.view);
    // One message per mailbox, however many of the roles it serves.
    let mut recipients = BTreeMap::new();
    for role in &notice.to {
        if let Some(route) = desk.concerned(role) {
            let capacity = Capacity { part: Part::Notice(role.clone()), instead: route.instead };
            recipients.entry(route.to).or_insert(capacity);
        }
    }
    let id = notice.id.as_str();
    let silent = |to: &Recipient| world.ledger.silences().any(|silence| silence.covers(name, id, to, on));
    recipients
        .into_iter()
        .filter(|(to, _)| !silent(to))
        .map(|(to, capacity)| Planned {
            plan: Plan {
                key: MessageKey::notice(name, id, event.number(), &to),
                to: to.key.to_string(),
                on: case.view.on(),
                matter: Matter::Notice {
                    case: name.clone(),
                    notice: notice.id.clone(),
                    event: event.number(),
                    capacity: capacity.into(),
                },
            },
            to: Arc::unwrap_or_clone(to),
        })
        .collect()
}
