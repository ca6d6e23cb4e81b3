//! A message as it is about to be said: what was planned, seen as it stands at that moment.

use std::collections::HashMap;

use chrono::Duration;

use super::limit::{self, Told};
use super::saying::{Names, Say, origin};
use super::{
    CalendarEntry, Capacity, Content, Enclosed, Item, Matter, MessageKey, MessageKind, NoticeContent, Plan,
    PlannedItem, Recipient, Recorded, Saying, Standing, State, Trouble, Vacancy, WeeklyContent, World,
};
use crate::calendar::CivilDate;
use crate::case::{CaseFile, CaseRef, EventNumber, OccurrenceName, RuleId};
use crate::language::Wording;
use crate::schedule::Status;

/// A message to one recipient.
#[derive(Debug, Clone)]
pub struct Message {
    /// What makes it this message.
    pub key: MessageKey,
    /// To whom.
    pub to: Recipient,
    /// The local day it is of.
    pub on: CivilDate,
    /// What it says.
    pub content: Content,
    /// The first messages that told this recipient of the same obligations.
    pub replies_to: Vec<MessageKey>,
    /// What it does to the recipient's calendar.
    pub calendar: Vec<(CalendarEntry, Wording)>,
    /// What was planned and is left out.
    pub left_out: Vec<OccurrenceName>,
    /// The files that go with it. Whoever sends the message adds the reports that it asks for.
    pub enclosed: Vec<Enclosed>,
}

/// How obligations stand, by case: each case is looked at once.
pub type Standings = HashMap<CaseRef, HashMap<OccurrenceName, Standing>>;

/// The message that `plan` makes at the world's moment; `None` where nothing of it holds any more.
#[must_use]
pub fn compose(plan: &Plan, to: Recipient, world: &World<'_>, seen: &mut Standings) -> Option<Message> {
    let mut composer = Composer { plan, to: &to, world, seen, left_out: Vec::new() };
    let content = composer.content()?;
    let calendar = composer.calendar();
    let left_out = composer.left_out;
    let replies_to = replies_to(plan, world);
    let enclosed = Vec::new();
    Some(Message {
        key: plan.key.clone(),
        to,
        on: plan.on,
        content,
        replies_to,
        calendar,
        left_out,
        enclosed,
    })
}

struct Composer<'c, 'a> {
    plan: &'c Plan,
    to: &'c Recipient,
    world: &'c World<'a>,
    seen: &'c mut Standings,
    left_out: Vec<OccurrenceName>,
}

impl Composer<'_, '_> {
    /// The file of a case that there still is.
    fn file(&self, case: &CaseRef) -> Option<&CaseFile> {
        self.world.cases.get(case).filter(|file| file.erased().is_none())
    }

    fn standing(&mut self, name: &OccurrenceName) -> Option<Standing> {
        // What was seen of a case is forgotten with it.
        self.file(&name.case)?;
        let (world, on) = (self.world, self.plan.on.max(self.world.today()));
        let case = self.seen.entry(name.case.clone()).or_insert_with(|| world.standings(&name.case, on));
        case.get(name).cloned()
    }

    /// The items that are still due by the deadline they were planned for.
    fn still_due(&mut self, items: &[PlannedItem]) -> Vec<Item> {
        let mut kept = Vec::new();
        for planned in items {
            let standing = self.standing(&planned.occurrence);
            let standing = standing.filter(|standing| standing.is_still_due(planned.deadline));
            match standing.filter(|_| !self.is_silent(planned)) {
                Some(standing) => kept.extend(self.item(planned, standing)),
                None => self.left_out.push(planned.occurrence.clone()),
            }
        }
        kept.sort_by(|a, b| {
            let key =
                |item: &Item| (!item.planned.yours, item.standing.due_on, item.planned.occurrence.clone());
            key(a).cmp(&key(b))
        });
        kept
    }

    /// Whether somebody has asked for silence since it was planned.
    fn is_silent(&self, planned: &PlannedItem) -> bool {
        let (case, rule) = (&planned.occurrence.case, planned.occurrence.rule.as_str());
        let today = self.world.today();
        self.world.ledger.silences().any(|silence| silence.covers(case, rule, self.to, today))
    }

    fn content(&mut self) -> Option<Content> {
        match &self.plan.matter {
            Matter::Digest { items, calendar } => {
                let items = self.still_due(items);
                (!items.is_empty() || !calendar.is_empty()).then_some(Content::Digest(items))
            }
            Matter::Escalation { item } => {
                self.still_due(std::slice::from_ref(item)).pop().map(Content::Escalation)
            }
            Matter::Notice { case, notice, event, capacity } => self.notice(case, notice, *event, capacity),
            Matter::Limit { case, limit, event, cases, capacity } => {
                let (told, on) = (Told { case, limit, event: *event, cases, capacity }, self.plan.on);
                let said = limit::content(told, on.max(self.world.today()), self.world)?;
                Some(Content::Limit(Box::new(said)))
            }
            Matter::Vacancies { vacancies } => {
                let there = vacancies.iter().filter(|vacancy| self.file(&vacancy.case).is_some());
                let said = |vacancy: &Vacancy| {
                    (vacancy.case.clone(), vacancy.words.saying(&self.names(&vacancy.case)))
                };
                let words: Vec<_> = there.map(said).collect();
                (!words.is_empty()).then_some(Content::Vacancies(words))
            }
            Matter::Correction { items } => {
                let items: Vec<_> = items.iter().filter_map(|planned| self.corrected(planned)).collect();
                (!items.is_empty()).then_some(Content::Correction(items))
            }
            Matter::Weekly { cases, open, overdue, exhausted } => {
                Some(Content::Weekly(Box::new(self.weekly((*cases, *open, *overdue, *exhausted)))))
            }
            Matter::Undelivered { messages } => {
                let known = messages.iter().filter_map(|key| self.world.ledger.get(key));
                let troubles = known.map(|delivery| Trouble {
                    kind: delivery.plan.matter.kind(),
                    to: delivery.plan.to.clone(),
                    on: delivery.plan.on,
                    state: delivery.state,
                    words: match delivery.state {
                        State::Lapsed(lapse) => lapse.saying(),
                        _ => Saying::Text(delivery.words.clone()),
                    },
                });
                Some(Content::Undelivered(troubles.collect()))
            }
        }
    }

    /// What is corrected may not exist any more: then the rule still says what it was.
    fn corrected(&mut self, planned: &PlannedItem) -> Option<Item> {
        let found = self.standing(&planned.occurrence);
        let standing = found.or_else(|| {
            let rule = self.rule(&planned.occurrence)?;
            Some(Standing {
                title: rule.title.clone(),
                status: Status::Cancelled,
                due_on: planned.deadline,
                deadline: planned.deadline,
                owner: Saying::Text(String::new()),
                rule: origin(&rule.source, rule.basis),
                report: None,
            })
        })?;
        self.item(planned, standing)
    }

    fn item(&self, planned: &PlannedItem, standing: Standing) -> Option<Item> {
        let case = &planned.occurrence.case;
        let (programme, names) = (self.file(case)?.programme().clone(), self.names(case));
        let (reason, capacity) = (planned.reason.saying(&names), planned.capacity.saying(&names));
        Some(Item { planned: planned.clone(), standing, programme, reason, capacity })
    }

    /// What roles and persons are called in the case.
    fn names(&self, case: &CaseRef) -> Names<'_> {
        let policy = self.file(case).and_then(|file| self.world.policies.get(file.programme()));
        let on = self.plan.on.max(self.world.today());
        Names { programme: policy.map(|policy| policy.on(on)), people: self.world.people }
    }

    fn rule(&self, name: &OccurrenceName) -> Option<&crate::programme::Rule> {
        let file = self.file(&name.case)?;
        self.world.policies.get(file.programme())?.rule(name.rule.as_str())
    }

    fn notice(
        &self,
        case: &CaseRef,
        notice: &RuleId,
        event: EventNumber,
        capacity: &Recorded<Capacity>,
    ) -> Option<Content> {
        let history = self.file(case)?.history();
        let on_day = self.world.case_on(&history, self.world.today().max(self.plan.on))?;
        let notice = on_day.programme.notices.iter().find(|known| known.id == *notice)?;
        let event = on_day.view.events().iter().find(|known| known.number() == event)?;
        Some(Content::Notice(NoticeContent {
            case: case.clone(),
            programme: history.programme().clone(),
            title: notice.title.clone(),
            text: notice.text.clone(),
            happened_on: event.date,
            source: notice.source.clone(),
            capacity: capacity.saying(&self.names(case)),
        }))
    }

    fn weekly(&self, obligations: (usize, usize, usize, usize)) -> WeeklyContent {
        let World { ledger, office, now, .. } = *self.world;
        let since = now - Duration::days(7);
        let recent: Vec<_> = ledger.deliveries().filter(|delivery| delivery.since >= since).collect();
        let accepted = |kind| {
            let of = |d: &&&super::Delivery| d.state == State::Accepted && d.plan.matter.kind() == kind;
            recent.iter().filter(of).count()
        };
        let kinds = [
            MessageKind::Digest,
            MessageKind::Notice,
            MessageKind::Escalation,
            MessageKind::Correction,
            MessageKind::Admin,
        ];
        let failed = |d: &&&super::Delivery| d.is_trouble();
        let others = || ledger.waiting().filter(|delivery| delivery.plan.on != self.plan.on);
        WeeklyContent {
            obligations,
            accepted: kinds.into_iter().map(|kind| (kind, accepted(kind))).collect(),
            failed: recent.iter().filter(failed).count(),
            waiting: others().count(),
            oldest_waiting: others().map(|delivery| delivery.planned_at).min(),
            bank_holidays_until: office.calendar.horizon(),
            limits_exceeded: self.world.limits_exceeded(),
            silences: ledger.silences().filter(|silence| silence.until >= self.plan.on).cloned().collect(),
            backup: None,
            checkpoint: None,
        }
    }

    fn calendar(&mut self) -> Vec<(CalendarEntry, Wording)> {
        let Matter::Digest { calendar, .. } = &self.plan.matter else { return Vec::new() };
        let holds = |composer: &mut Self, entry: &CalendarEntry| {
            let standing = composer.standing(&entry.occurrence);
            entry.cancelled || standing.is_some_and(|standing| standing.is_due_on(entry.on))
        };
        let calendar: Vec<_> = calendar.iter().filter(|entry| holds(self, entry)).collect();
        let titled = calendar.into_iter().map(|entry| {
            let title = self.rule(&entry.occurrence).map(|rule| rule.title.clone());
            // A rule that is no more leaves its id.
            (entry.clone(), title.unwrap_or_else(|| entry.occurrence.rule.to_string().into()))
        });
        titled.collect()
    }
}

/// The first messages that told the recipient of what this one chases, oldest first; few enough for a header.
fn replies_to(plan: &Plan, world: &World<'_>) -> Vec<MessageKey> {
    let mut roots: Vec<MessageKey> = Vec::new();
    for item in plan.matter.items() {
        let first = world.ledger.told().of(&item.occurrence).iter().find(|telling| *telling.to == *plan.to);
        let first = first.map(|telling| &telling.message).filter(|message| **message != plan.key);
        if let Some(first) = first.filter(|first| !roots.contains(first)) {
            roots.push(first.clone());
        }
    }
    roots.truncate(10);
    roots
}
