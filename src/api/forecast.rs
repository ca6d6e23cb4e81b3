//! Which mails would go under one policy and not under another.

use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde::{Deserialize, Serialize};

use super::answer::Answers;
use crate::calendar::CivilDate;
use crate::case::{CaseFile, CaseRef, OccurrenceName, RuleId};
use crate::config::Config;
use crate::policy::Policies;
use crate::programme::Policy;
use crate::reminders::{Matter, MessageKind, People, Recipient, Walk};

/// A mail, or what it says of one obligation, that would go by one of two policies only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MailChange {
    /// The day.
    pub on: CivilDate,
    /// The person, or the role or address.
    pub who: String,
    /// The address.
    pub to: String,
    /// Its kind.
    pub kind: MessageKind,
    /// The case.
    pub case: CaseRef,
    /// The obligation; none for a notice.
    pub occurrence: Option<OccurrenceName>,
    /// The step of its ladder; for a notice, which one.
    pub step: String,
    /// Whether it would go by the new policy and would not by the old, or the other way round.
    pub goes: bool,
}

/// The days to come under two policies, as if nothing happened in them.
pub(super) struct Forecast<'a> {
    pub answers: Answers<'a>,
    pub other: &'a Config,
    /// The people as the policy in force has them.
    pub people: &'a People,
    pub before: &'a Policies,
    pub after: &'a Policies,
    pub until: CivilDate,
}

/// What makes two mails the same: the day, who, the address, the kind, the obligation, the step.
type Mail = (CivilDate, String, String, MessageKind, Option<OccurrenceName>, String);

impl Forecast<'_> {
    /// The mails that differ: about obligations of the rules by which each case `changed`, and about those
    /// that are told otherwise.
    pub(super) fn changes(
        &self,
        changed: Vec<(&CaseFile, BTreeSet<RuleId>)>,
        all: &[&CaseFile],
    ) -> Vec<MailChange> {
        let everybody = self.everybody_may_be_told_otherwise();
        let told_otherwise = self.told_otherwise();
        let mut wanted: BTreeMap<&CaseRef, (&CaseFile, BTreeSet<RuleId>)> = BTreeMap::new();
        wanted.extend(changed.into_iter().map(|(file, rules)| (file.case(), (file, rules))));
        if everybody || !told_otherwise.is_empty() {
            for file in all {
                let rules = &mut wanted.entry(file.case()).or_insert((file, BTreeSet::new())).1;
                rules.extend(told_otherwise.iter().cloned());
            }
        }
        let wanted: Vec<_> = wanted.into_values().collect();
        let found = wanted.par_iter().flat_map_iter(|(file, rules)| {
            let rules = (!everybody).then_some(rules);
            self.case(file, rules)
        });
        let mut found: Vec<_> = found.collect();
        found.sort();
        found
    }

    fn case(&self, file: &CaseFile, rules: Option<&BTreeSet<RuleId>>) -> Vec<MailChange> {
        let Answers { config, .. } = self.answers;
        let (old, new) = (
            self.mails(file, (config, self.people), self.before, rules),
            self.mails(file, (self.other, &self.other.people), self.after, rules),
        );
        let change = |(on, who, to, kind, occurrence, step): &Mail, goes| MailChange {
            on: *on,
            who: who.clone(),
            to: to.clone(),
            kind: *kind,
            case: file.case().clone(),
            occurrence: occurrence.clone(),
            step: step.clone(),
            goes,
        };
        let go = new.difference(&old).map(|mail| change(mail, true));
        go.chain(old.difference(&new).map(|mail| change(mail, false))).collect()
    }

    /// What would go about one case in the days to come.
    fn mails(
        &self,
        file: &CaseFile,
        (config, people): (&Config, &People),
        policies: &Policies,
        rules: Option<&BTreeSet<RuleId>>,
    ) -> BTreeSet<Mail> {
        let Some(policy) = policies.get(file.programme()) else { return BTreeSet::new() };
        let policy = rules.map_or_else(|| policy.clone(), |rules| policy.only(rules));
        let policies: Policies = [(file.programme().clone(), policy)].into();
        let Answers { records, now, .. } = self.answers;
        let office = config.office();
        let mut walk = Walk::new(
            (&records.cases, &policies),
            (people, &office),
            records.ledger.clone(),
            now,
            std::slice::from_ref(file.case()),
        );
        let mut mails = BTreeSet::new();
        for day in office.zone.civil_date(now).iter_days().take_while(|day| *day <= self.until) {
            walk.day(day, |_, planned| {
                let (plan, kind) = (&planned.plan, planned.plan.matter.kind());
                let who = Recipient::person_of(&plan.to).unwrap_or(&plan.to).to_owned();
                let head = |what, step| (day, who.clone(), planned.to.email.clone(), kind, what, step);
                for item in plan.matter.items() {
                    mails.insert(head(Some(item.occurrence.clone()), item.step.clone()));
                }
                if let Matter::Notice { notice, event, .. } = &plan.matter {
                    mails.insert(head(None, format!("{notice} about event {event}")));
                }
            });
        }
        mails
    }

    /// The rules whose ladder or whose concerned roles differ, though their dates may not.
    fn told_otherwise(&self) -> BTreeSet<RuleId> {
        let mut found = BTreeSet::new();
        for (programme, after) in self.after {
            let Some(before) = self.before.get(programme) else { continue };
            let rules = before.newest().rules.iter().filter(|old| {
                after.newest().rule(old.id.as_str()).is_some_and(|new| old.is_told_otherwise(new))
            });
            found.extend(rules.map(|rule| rule.id.clone()));
        }
        found
    }

    /// Whether who is told, or when digests go, differs whatever the rule.
    fn everybody_may_be_told_otherwise(&self) -> bool {
        let (old, new) = (self.answers.config, self.other);
        *self.people != new.people
            || old.calendar != new.calendar
            || old.settings.reminders != new.settings.reminders
            || self.after.iter().any(|(id, after)| {
                self.before.get(id).is_some_and(|before| are_told_otherwise(before, after))
            })
    }
}

/// Whether all that is told under one policy may be told otherwise under the other: a step is counted in
/// working days, and goes by the roles.
fn are_told_otherwise(before: &Policy, after: &Policy) -> bool {
    let (old, new) = (before.newest(), after.newest());
    before.calendars().ne(after.calendars()) || old.notices != new.notices || old.roles != new.roles
}
