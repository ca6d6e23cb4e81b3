//! What the demo tells: each thing when it was first told, and how much of it each programme made.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use comfy_table::{Cell, Table};

use super::super::output::table;
use super::{JOURNEYS, Journey, Sent, SentItem};
use crate::case::{CaseFile, CaseRef, Cases, OccurrenceName, RoleId};
use crate::config::Config;
use crate::programme::{Policy, Programme};
use crate::reminders::{Matter, MessageKind, Planned, Recorded, Vacancy};

/// Puts messages into words, each case by its own programme.
pub(super) struct Teller<'w> {
    pub(super) cases: &'w Cases,
    pub(super) config: &'w Config,
}

impl<'w> Teller<'w> {
    fn programme(&self, case: &CaseRef) -> Option<&'w Programme> {
        let id = self.cases.get(case)?.programme();
        self.config.policies.get(id).map(Policy::newest)
    }

    fn vacancy(&self, Vacancy { case, words, .. }: &Vacancy) -> String {
        let role = |role: &RoleId| {
            self.programme(case).map_or(role.as_str(), |programme| programme.role_title(role)).to_owned()
        };
        match words {
            Recorded::Said(words) => words.clone(),
            Recorded::Value(gap) => gap.in_english(role, |person| self.config.people.name(person).to_owned()),
        }
    }

    pub(super) fn told(&self, planned: &Planned, at: String) -> Sent {
        let matter = &planned.plan.matter;
        let mut cases: Vec<_> = matter.items().iter().map(|item| item.occurrence.case.clone()).collect();
        let what = match matter {
            Matter::Notice { case, notice, .. } => {
                cases.push(case.clone());
                let known = self.programme(case).into_iter().flat_map(|programme| &programme.notices);
                let notice = known.into_iter().find(|known| known.id == *notice);
                notice.map_or("a notice".to_owned(), |notice| notice.title.to_string())
            }
            Matter::Limit { case, limit, .. } => {
                cases.push(case.clone());
                let known = self.programme(case).and_then(|programme| programme.limit(limit.as_str()));
                known.map_or("a limit".to_owned(), |limit| format!("Over a limit: {}", limit.title))
            }
            Matter::Vacancies { vacancies } => {
                cases.extend(vacancies.iter().map(|vacancy| vacancy.case.clone()));
                vacancies.first().map(|vacancy| self.vacancy(vacancy)).unwrap_or_default()
            }
            Matter::Weekly { .. } => "the weekly word to the admins".to_owned(),
            Matter::Undelivered { .. } => "messages that could not be delivered".to_owned(),
            Matter::Digest { .. } | Matter::Escalation { .. } | Matter::Correction { .. } => String::new(),
        };
        cases.sort_unstable();
        cases.dedup();
        let items = matter.items().iter().map(|item| {
            let rule = self.programme(&item.occurrence.case);
            let rule = rule.and_then(|programme| programme.rule(item.occurrence.rule.as_str()));
            SentItem {
                occurrence: item.occurrence.clone(),
                step: item.step.clone(),
                title: rule.map(|rule| rule.title.to_string()).unwrap_or_default(),
                deadline: item.deadline,
                reason: item.reason.to_string(),
            }
        });
        let items = items.collect();
        Sent { on: planned.plan.on, at, to: planned.to.name.clone(), kind: matter.kind(), cases, what, items }
    }
}

/// One row for each thing that is told anew: to whom together, and why.
struct News<'s> {
    when: String,
    case: &'s str,
    what: String,
    to: Vec<&'s str>,
    why: &'s str,
}

/// What each mail says that its recipient had not been told before, and the mails that say nothing new.
fn news(sent: &[Sent]) -> (Vec<News<'_>>, usize) {
    let mut told: HashSet<(&str, &OccurrenceName)> = HashSet::new();
    let mut news: Vec<News<'_>> = Vec::new();
    let mut repeats = 0;
    for mail in sent {
        let when = format!("{} {}", mail.on.format("%a %e %b %Y"), mail.at);
        let case = mail.cases.first().map(CaseRef::as_str).unwrap_or_default();
        let itself = (!mail.what.is_empty()).then(|| (case, mail.what.clone(), ""));
        let urgent = !matches!(mail.kind, MessageKind::Digest);
        let fresh = mail.items.iter().filter(|item| told.insert((&mail.to, &item.occurrence)) || urgent);
        let items = fresh.map(|item| {
            let what = format!("{}, by {}", item.title, item.deadline.format("%a %e %b"));
            (item.occurrence.case.as_str(), what, &*item.reason)
        });
        let lines: Vec<_> = itself.into_iter().chain(items).collect();
        repeats += usize::from(lines.is_empty());
        for (case, what, why) in lines {
            let mut same_time = news.iter_mut().rev().take_while(|row| row.when == when);
            match same_time.find(|row| (row.case, &row.what) == (case, &what)) {
                Some(row) => row.to.push(&mail.to),
                None => news.push(News { when: when.clone(), case, what, to: vec![&mail.to], why }),
            }
        }
    }
    (news, repeats)
}

/// What the demo prints.
pub(super) fn story(sent: &[Sent], journeys: &Table, data: &Path, mails: &Path) -> String {
    let (news, repeats) = news(sent);
    let mut table = table(&["When", "Case", "What", "To", "Why"]);
    for row in &news {
        table.add_row([&*row.when, row.case, &row.what, &row.to.join(", "), row.why].map(Cell::new));
    }
    let (data, mails) = (data.display(), mails.display());
    let looks = JOURNEYS.map(|Journey { explained, on, .. }| {
        format!("  stepdown --data {data} explain {explained} --on {on}\n")
    });
    format!(
        "{table}\n\n{journeys}\n\n\
         {} mails were sent along these journeys by one daemon, on a virtual clock. The table above shows each thing\n\
         when it was first told, and what was escalated or taken back; {repeats} mails only remind of it again.\n\n\
         The mails        {mails}\n\
         What was due     stepdown --data {data} due --on 2025-07-23\n\
         The log          stepdown --data {data} export\n\
         Why that day\n{}",
        sent.len(),
        looks.concat()
    )
}

/// The cases of each programme, and how many mails tell of them.
pub(super) fn journeys(cases: &Cases, config: &Config, sent: &[Sent]) -> Table {
    let mut rows = table(&["Programme", "Cases", "Mails that tell of them"]);
    let programmes: BTreeMap<_, _> = config.policies.iter().collect();
    for (id, policy) in programmes {
        let of = |case: &CaseRef| cases.get(case).is_some_and(|file| file.programme() == id);
        let mut names: Vec<_> = cases.iter().map(CaseFile::case).filter(|case| of(case)).collect();
        names.sort_unstable();
        let names: Vec<_> = names.into_iter().map(CaseRef::as_str).collect();
        let mails = sent.iter().filter(|sent| sent.cases.iter().any(of)).count();
        rows.add_row([policy.newest().title.to_string(), names.join(", "), mails.to_string()].map(Cell::new));
    }
    rows
}
