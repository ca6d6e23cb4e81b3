//! The digest: what is overdue, due today and coming, for each person once a working day.

use std::collections::{BTreeMap, HashMap};

use super::{Content, DigestContent, Item, Message, MessageKey, People, Recipient};
use crate::calendar::{Calendar, CivilDate};
use crate::case::{PersonId, RoleId};
use crate::programme::Programme;
use crate::schedule::{Asked, CaseView, Occurrence, Status, obligations};

/// A case on the day, under its programme.
pub struct CaseOnDay<'a> {
    /// The programme it is under.
    pub programme: &'a Programme,
    /// The working days of that programme.
    pub calendar: &'a Calendar,
    /// The case on that day.
    pub view: CaseView<'a>,
}

/// The digests of the day that `cases` are seen on; none for whom there is nothing to say. The
/// second part counts the obligations whose owner has neither a person nor a mailbox.
#[must_use]
pub fn digests<'a>(
    cases: impl IntoIterator<Item = CaseOnDay<'a>>,
    people: &People,
    on: CivilDate,
) -> (Vec<Message>, usize) {
    let mut desk = Desk { people, on, digests: BTreeMap::new(), untold: 0 };
    for case in cases {
        desk.add(&case);
    }
    let messages = desk.digests.into_iter().map(|(to, mut digest)| {
        for list in [&mut digest.overdue, &mut digest.today, &mut digest.coming] {
            list.sort_by(|a, b| {
                (!a.yours, a.due_on, &a.occurrence).cmp(&(!b.yours, b.due_on, &b.occurrence))
            });
        }
        Message { key: MessageKey::digest(on, &to), to, on, content: Content::Digest(digest) }
    });
    (messages.collect(), desk.untold)
}

struct Desk<'p> {
    people: &'p People,
    on: CivilDate,
    digests: BTreeMap<Recipient, DigestContent>,
    untold: usize,
}

/// The part of a digest an obligation belongs to.
#[derive(Clone, Copy)]
enum Part {
    Overdue,
    Today,
    Coming,
}

impl Desk<'_> {
    fn add(&mut self, case: &CaseOnDay<'_>) {
        let asked = Asked { on: self.on, horizon: 0, named: None };
        let holders = case.view.holders();
        for occurrence in obligations(case.programme, case.calendar, &case.view, &asked) {
            if let Some(part) = self.part(&occurrence, case) {
                self.tell(&occurrence, part, case, &holders);
            }
        }
    }

    fn part(&self, occurrence: &Occurrence<'_>, case: &CaseOnDay<'_>) -> Option<Part> {
        let lead = occurrence.rule.lead.unwrap_or(case.programme.lead);
        match occurrence.status {
            Status::Overdue => Some(Part::Overdue),
            Status::Open if occurrence.due_on <= self.on => Some(Part::Today),
            Status::Open if case.calendar.subtract(occurrence.due_on, lead)? <= self.on => Some(Part::Coming),
            _ => None,
        }
    }

    fn tell(
        &mut self,
        occurrence: &Occurrence<'_>,
        part: Part,
        case: &CaseOnDay<'_>,
        holders: &HashMap<&str, PersonId>,
    ) {
        let rule = occurrence.rule;
        let to = |role: &RoleId| {
            self.people.recipient(role, case.programme.role_title(role), holders.get(role.as_str()))
        };
        let owner = to(&rule.owner);
        let mut concerned: BTreeMap<Recipient, &RoleId> =
            rule.also.iter().filter_map(|role| Some((to(role)?, role))).collect();
        if owner.is_none() {
            self.untold += 1;
        }
        if let Some(owner) = owner {
            concerned.remove(&owner);
            self.put(owner, occurrence, part, case, holders, (&rule.owner, true));
        }
        for (recipient, role) in concerned {
            self.put(recipient, occurrence, part, case, holders, (role, false));
        }
    }

    fn put(
        &mut self,
        to: Recipient,
        occurrence: &Occurrence<'_>,
        part: Part,
        case: &CaseOnDay<'_>,
        holders: &HashMap<&str, PersonId>,
        (role, yours): (&RoleId, bool),
    ) {
        let rule = occurrence.rule;
        let owner_title = case.programme.role_title(&rule.owner);
        let owner = match holders.get(rule.owner.as_str()) {
            Some(person) => format!("{owner_title}, {}", self.people.name(person)),
            None => owner_title.to_owned(),
        };
        let item = Item {
            occurrence: occurrence.name(case.view.case()),
            title: rule.title.clone(),
            status: occurrence.status,
            due_on: occurrence.due_on,
            deadline: occurrence.deadline,
            yours,
            owner,
            reason: reason(part, occurrence, self.on),
            capacity: format!(
                "{}: {}",
                if yours { "your role" } else { "for your information as" },
                case.programme.role_title(role)
            ),
            rule: format!("{} ({})", rule.source, rule.basis),
        };
        let digest = self.digests.entry(to).or_default();
        match part {
            Part::Overdue => digest.overdue.push(item),
            Part::Today => digest.today.push(item),
            Part::Coming => digest.coming.push(item),
        }
    }
}

/// Why this item is told today, in plain words.
fn reason(part: Part, occurrence: &Occurrence<'_>, on: CivilDate) -> String {
    match part {
        Part::Overdue => match (on - occurrence.deadline).num_days() {
            1 => "its deadline was yesterday".to_owned(),
            days => format!("its deadline passed {days} days ago"),
        },
        Part::Today if occurrence.deadline == on => "its deadline is today".to_owned(),
        Part::Today => "today is the last working day before its deadline".to_owned(),
        Part::Coming => match (occurrence.due_on - on).num_days() {
            1 => "it is due tomorrow".to_owned(),
            days => format!("it is due in {days} days"),
        },
    }
}
