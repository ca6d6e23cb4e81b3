//! What another configuration would change: the same log, projected under both.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde::{Deserialize, Serialize};

use super::Adoption;
use super::answer::{Answers, HORIZON};
use super::forecast::{Forecast, MailChange};
use crate::calendar::CivilDate;
use crate::case::{CaseFile, PersonId, RoleId, RuleId};
use crate::config::Config;
use crate::policy::{Adopted, Policies, PolicyFact, adopt, changes};
use crate::programme::{AppliesTo, Matcher, Policy, Programme};
use crate::schedule::{CaseView, Change, ChangeKind};

/// How far to look.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgainstQuery {
    /// The day on which obligations are compared; today, or the first day of the new version if that is
    /// later, where left out.
    #[serde(default, deserialize_with = "super::days::maybe")]
    pub on: Option<CivilDate>,
    /// How many days ahead scheduled obligations are compared; 90 where left out.
    pub horizon: Option<u16>,
    /// For how many days mails are compared; 28 where left out.
    pub days: Option<u16>,
    /// As if it had been the policy from the first day on, not as if it were adopted now.
    #[serde(default)]
    pub from_the_start: bool,
}

/// What would change. The field names are public.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The day on which obligations were compared.
    pub on: CivilDate,
    /// The day up to which mails were compared.
    pub mails_until: CivilDate,
    /// What would be adopted.
    pub adopted: Vec<Adoption>,
    /// What holds for all rules and all days and is otherwise: time zone, division, endings.
    pub programmes: Vec<String>,
    /// What the rules have otherwise, by rule.
    pub rules: BTreeMap<RuleId, Vec<String>>,
    /// What becomes of limits across cases, a line for each that changes.
    #[serde(default)]
    pub limits: Vec<String>,
    /// How many cases there are, and how many of them are touched.
    pub cases: usize,
    /// Those whose obligations or mails are touched.
    pub touched: usize,
    /// Counts for each rule.
    pub by_rule: BTreeMap<RuleId, Counts>,
    /// Counts for each person; for a role where nobody holds it.
    pub by_person: BTreeMap<String, Counts>,
    /// Each change of an obligation.
    pub changes: Vec<ChangeRow>,
    /// Each mail that would go only by one of the two.
    pub mails: Vec<MailChange>,
    /// What the admin may have meant, where nothing is touched.
    pub hint: Option<String>,
}

/// How many obligations change in which way, and how many reminders would go or not go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Obligations that are new.
    pub appears: usize,
    /// Obligations with other dates.
    pub moves: usize,
    /// Obligations that are gone.
    pub vanishes: usize,
    /// Obligations that another role must do.
    pub changes_owner: usize,
    /// Obligations with the same dates and another status.
    pub changes_status: usize,
    /// Reminders that would go and would not have gone.
    pub mails_go: usize,
    /// Reminders that would have gone and would not go.
    pub mails_do_not_go: usize,
}

/// A changed obligation, with who must do it and why it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRow {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// The role that must do it.
    pub owner_role: RoleId,
    /// The person who holds that role.
    pub owner: Option<PersonId>,
    /// Why it changes.
    pub why: String,
}

/// The policy before and after, and what lies between.
struct Sides {
    before: Arc<Policies>,
    after: Arc<Policies>,
    facts: Vec<PolicyFact>,
}

impl Counts {
    fn count(&mut self, kind: ChangeKind) {
        *match kind {
            ChangeKind::Appears => &mut self.appears,
            ChangeKind::Moves => &mut self.moves,
            ChangeKind::Vanishes => &mut self.vanishes,
            ChangeKind::ChangesOwner => &mut self.changes_owner,
            ChangeKind::ChangesStatus => &mut self.changes_status,
        } += 1;
    }

    fn count_mail(&mut self, goes: bool) {
        *if goes { &mut self.mails_go } else { &mut self.mails_do_not_go } += 1;
    }
}

impl Answers<'_> {
    /// What `other` would change if it were adopted now. `each_case` hears of each case that was looked at.
    /// Writes nothing.
    #[must_use]
    pub fn against(&self, other: &Config, query: &AgainstQuery, each_case: impl Fn() + Sync) -> Comparison {
        let sides = self.sides(other, query.from_the_start, None);
        let on = query.on.unwrap_or_else(|| self.day_of(&sides));
        let horizon = query.horizon.unwrap_or(HORIZON);
        let cases = self.records.cases.iter().filter(|file| file.erased().is_none());
        let mut files: Vec<&CaseFile> = cases.collect();
        files.sort_by(|a, b| a.case().cmp(b.case()));
        let changed: Vec<(&CaseFile, Vec<ChangeRow>)> = files
            .par_iter()
            .map(|file| {
                each_case();
                (*file, sides.rows(file, on, horizon))
            })
            .filter(|(_, rows)| !rows.is_empty())
            .collect();
        let today = self.config.settings.reminders.time_zone.civil_date(self.now);
        let days = u64::from(query.days.unwrap_or(28));
        let mails_until = on.max(today).checked_add_days(chrono::Days::new(days)).unwrap_or(on);
        let offices = self.records.adopted.offices(None);
        let people =
            offices.map_or_else(|| self.config.people.clone(), |held| held.held_by(&self.config.people));
        let forecast = Forecast {
            answers: *self,
            other,
            people: &people,
            before: &sides.before,
            after: &sides.after,
            until: mails_until,
        };
        let rules = |rows: &[ChangeRow]| rows.iter().map(|row| row.change.occurrence.rule.clone()).collect();
        let rules = changed.iter().map(|(file, rows)| (*file, rules(rows))).collect();
        let mails = forecast.changes(rules, &files);
        let hint = if changed.is_empty() && mails.is_empty() {
            self.hint(&sides, other, query, &files)
        } else {
            None
        };
        let mut comparison = Comparison {
            on,
            mails_until,
            adopted: sides.facts.iter().map(Adoption::from).filter(|fact| !fact.is_moved()).collect(),
            programmes: sides.heads(),
            rules: sides.rules(),
            limits: self.limits_against(&sides.before, &sides.after, on),
            cases: files.len(),
            touched: 0,
            by_rule: BTreeMap::new(),
            by_person: BTreeMap::new(),
            changes: changed.into_iter().flat_map(|(_, rows)| rows).collect(),
            mails,
            hint,
        };
        comparison.add_up();
        comparison
    }

    /// The day from which the change is to be judged: today, or the first day of what would be adopted.
    fn day_of(&self, sides: &Sides) -> CivilDate {
        let today = self.config.settings.reminders.time_zone.civil_date(self.now);
        let begins = sides.facts.iter().filter_map(|fact| match fact {
            PolicyFact::ProgrammeAdopted { effective_from, .. } => *effective_from,
            _ => None,
        });
        begins.fold(today, CivilDate::max)
    }

    fn sides(&self, other: &Config, from_the_start: bool, applies_to: Option<AppliesTo>) -> Sides {
        let mut adopted: Adopted = self.records.adopted.clone();
        // Nothing moves before there is a policy: what moves is compared here, not when it is adopted.
        let none = crate::case::Cases::default();
        if adopted.is_empty() {
            for fact in adopt(&adopted.clone(), &self.config.configured(), &none, self.now) {
                adopted.apply(&fact, self.now);
            }
        }
        let before = adopted.policies(None);
        let mut facts = adopt(&adopted, &other.configured(), &none, self.now);
        for fact in &mut facts {
            if let (PolicyFact::ProgrammeAdopted { applies_to: reach, .. }, Some(applies_to)) =
                (&mut *fact, applies_to)
            {
                *reach = applies_to;
            }
            adopted.apply(fact, self.now);
        }
        let after = if from_the_start { Arc::clone(&other.policies) } else { adopted.policies(None) };
        Sides { before, after, facts }
    }

    /// What it would be if the new versions governed open series too.
    fn hint(
        &self,
        as_written: &Sides,
        other: &Config,
        query: &AgainstQuery,
        files: &[&CaseFile],
    ) -> Option<String> {
        let is_open = |fact: &PolicyFact| {
            matches!(fact, PolicyFact::ProgrammeAdopted { applies_to: AppliesTo::Open, .. })
        };
        if query.from_the_start || as_written.facts.iter().any(is_open) || as_written.rules().is_empty() {
            return None;
        }
        let sides = self.sides(other, false, Some(AppliesTo::Open));
        let on = query.on.unwrap_or_else(|| self.day_of(&sides));
        let horizon = query.horizon.unwrap_or(HORIZON);
        let touched = files.par_iter().filter(|file| !sides.rows(file, on, horizon).is_empty()).count();
        Some(format!(
            "series that began before {on} keep the version they began under; with applies_to = \"open\" in the \
             programme file, the change would touch {touched} of {} cases",
            files.len()
        ))
    }
}

impl Sides {
    /// What changes in one case.
    fn rows(&self, file: &CaseFile, on: CivilDate, horizon: u16) -> Vec<ChangeRow> {
        let programme = file.programme();
        let (Some(before), Some(after)) = (self.before.get(programme), self.after.get(programme)) else {
            return Vec::new();
        };
        let history = &file.history();
        let changes = changes((history, before), (history, after), on, horizon);
        if changes.is_empty() {
            return Vec::new();
        }
        let view = CaseView::new(history, after.newest().zone, on, None);
        let holders = view.holders();
        let row = |change: Change| {
            let dates = change.to.as_ref().or(change.from.as_ref());
            let owner_role = dates.map(|dates| dates.owner_role.clone());
            let owner_role = owner_role.unwrap_or_else(|| unreachable!("a change has a side"));
            let owner = holders.get(owner_role.as_str()).cloned();
            let why = self.why(&change, before, after);
            ChangeRow { change, owner_role, owner, why }
        };
        changes.into_iter().map(row).collect()
    }

    fn why(&self, change: &Change, before: &Policy, after: &Policy) -> String {
        let id = change.occurrence.rule.as_str();
        match (before.newest().rule(id), after.newest().rule(id)) {
            (None, Some(_)) => return "the rule is new".to_owned(),
            (Some(_), None) => return "the rule is gone".to_owned(),
            (Some(old), Some(new)) if !old.has_terms_of(new) => return old.differing_terms(new).join("; "),
            _ => {}
        }
        let days = self.facts.iter().find_map(|fact| match fact {
            PolicyFact::CalendarAdopted { added, removed, .. } => Some((added, removed)),
            _ => None,
        });
        let programme = after.newest();
        let divisions: Vec<_> =
            programme.areas.values().chain([&programme.division]).map(|division| division.name()).collect();
        let near = |date: CivilDate| {
            let both = [&change.from, &change.to].into_iter().flatten();
            both.into_iter().any(|dates| dates.due_on.min(dates.opens_on) <= date && date <= dates.deadline)
        };
        let mut words = Vec::new();
        for (days, is) in
            days.into_iter().flat_map(|(added, removed)| [(added, "is now"), (removed, "is no longer")])
        {
            let ours = days.iter().filter(|day| divisions.contains(&&*day.division) && near(day.date));
            words.extend(ours.map(|day| format!("{} ({}) {is} a bank holiday", day.date, day.title)));
        }
        match words.is_empty() {
            false => words.join("; "),
            true if before.newest().ends_with != after.newest().ends_with => {
                "ends_with is another".to_owned()
            }
            true => "another version of the rule governs it".to_owned(),
        }
    }

    /// What differs of the programmes as a whole.
    fn heads(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (id, after) in &*self.after {
            let Some(before) = self.before.get(id) else { continue };
            let (old, new) = (before.newest(), after.newest());
            let list = |matchers: &[Matcher]| {
                matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            };
            let areas = |programme: &Programme| {
                let areas = programme.areas.iter().map(|(area, division)| format!("{area} {division}"));
                areas.collect::<Vec<_>>().join(", ")
            };
            let keys = [
                ("time_zone", old.zone.to_string(), new.zone.to_string()),
                ("bank_holidays", old.division.to_string(), new.division.to_string()),
                ("areas", areas(old), areas(new)),
                ("ends_with", list(&old.ends_with), list(&new.ends_with)),
            ];
            let differing = keys.into_iter().filter(|(_, this, that)| this != that);
            words.extend(differing.map(|(key, this, that)| format!("{id}, {key}: {this} → {that}")));
        }
        words
    }

    /// The rules that differ between the newest versions, and in what.
    fn rules(&self) -> BTreeMap<RuleId, Vec<String>> {
        let mut found = BTreeMap::<_, Vec<_>>::new();
        for (programme, after) in &*self.after {
            let Some(before) = self.before.get(programme) else { continue };
            let ids: BTreeSet<_> =
                before.newest().rules.iter().chain(&after.newest().rules).map(|rule| &rule.id).collect();
            for id in ids {
                let words = match (before.newest().rule(id.as_str()), after.newest().rule(id.as_str())) {
                    (Some(old), Some(new)) => old.differing_terms(new),
                    (None, _) => vec!["new".to_owned()],
                    (_, None) => vec!["gone".to_owned()],
                };
                // Two programmes may have a rule of one name.
                let others = self.after.iter().filter(|(other, _)| *other != programme);
                let shared = others.into_iter().any(|(_, other)| other.rule(id.as_str()).is_some());
                let told = |words: String| if shared { format!("{programme}, {words}") } else { words };
                if !words.is_empty() {
                    found.entry(id.clone()).or_default().extend(words.into_iter().map(told));
                }
            }
        }
        found
    }
}

impl Comparison {
    fn add_up(&mut self) {
        let mut touched = BTreeSet::new();
        for row in &self.changes {
            let name = &row.change.occurrence;
            touched.insert(&name.case);
            self.by_rule.entry(name.rule.clone()).or_default().count(row.change.change);
            let who = row.owner.as_ref().map_or_else(|| row.owner_role.to_string(), ToString::to_string);
            self.by_person.entry(who).or_default().count(row.change.change);
        }
        for mail in &self.mails {
            touched.insert(&mail.case);
            if let Some(occurrence) = &mail.occurrence {
                self.by_rule.entry(occurrence.rule.clone()).or_default().count_mail(mail.goes);
            }
            self.by_person.entry(mail.who.clone()).or_default().count_mail(mail.goes);
        }
        self.touched = touched.len();
    }
}
