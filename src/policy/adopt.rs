//! What a configuration changes in the policy, and what that moves.

use std::collections::BTreeSet;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::{Adopted, DayChange, Offices, Origin, Policies, PolicyFact, ProgrammeText};
use crate::calendar::{BankHolidays, CivilDate, Instant};
use crate::case::{CaseFile, CaseHistory, Cases};
use crate::programme::Policy;
use crate::schedule::{Asked, CaseView, Change, ChangeKind, diff, obligations};

/// What a configuration says of policy.
#[derive(Debug)]
pub struct Configured<'a> {
    /// The programmes.
    pub programmes: Vec<&'a ProgrammeText>,
    /// The bank holidays.
    pub bank_holidays: &'a BankHolidays,
    /// Who is who, as far as it decides who is told.
    pub offices: Offices,
}

/// The facts to record so that what was `adopted` becomes what is `configured`; none where it is that
/// already. What they move in each case comes last.
#[must_use]
pub fn adopt(adopted: &Adopted, configured: &Configured<'_>, cases: &Cases, now: Instant) -> Vec<PolicyFact> {
    let mut facts: Vec<_> =
        configured.programmes.iter().filter_map(|text| programme(adopted, text, now)).collect();
    facts.extend(calendar(adopted, configured.bank_holidays));
    let mut after = adopted.clone();
    for fact in &facts {
        after.apply(fact, now);
    }
    facts.extend(moves(cases, &adopted.policies(None), &after.policies(None), &facts, now));
    if adopted.offices(None) != Some(&configured.offices) {
        facts.push(PolicyFact::PeopleAdopted(configured.offices.clone()));
    }
    facts
}

fn programme(adopted: &Adopted, text: &ProgrammeText, now: Instant) -> Option<PolicyFact> {
    let (programme, sha256) = (text.programme(), text.sha256());
    let newest = adopted.newest(&programme.id);
    if newest.is_some_and(|newest| newest.sha256 == sha256) {
        return None;
    }
    let today = programme.zone.civil_date(now);
    // A first day that the version before had already, and that has passed, was left in the file: it would
    // date this change back.
    let stale = |from: &CivilDate| {
        *from <= today && newest.is_some_and(|newest| newest.programme.effective_from == Some(*from))
    };
    let from = programme.effective_from.filter(|from| !stale(from)).unwrap_or(today);
    Some(PolicyFact::ProgrammeAdopted {
        programme: programme.id.clone(),
        version: newest.map_or(1, |newest| newest.number + 1),
        sha256,
        effective_from: newest.map(|_| from),
        applies_to: programme.applies_to,
        text: text.clone(),
    })
}

fn calendar(adopted: &Adopted, holidays: &BankHolidays) -> Option<PolicyFact> {
    let before = adopted.bank_holidays();
    if before.is_some_and(|(before, _)| before == holidays) {
        return None;
    }
    let (added, removed) =
        before.map(|(before, _)| (gained(before, holidays), gained(holidays, before))).unwrap_or_default();
    let version = before.map_or(1, |(_, count)| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1));
    Some(PolicyFact::CalendarAdopted { version, added, removed, bank_holidays: holidays.clone() })
}

/// The days that `after` has and `before` has not.
fn gained(before: &BankHolidays, after: &BankHolidays) -> Vec<DayChange> {
    let known: BTreeSet<_> = before.days().map(|(division, date, _)| (division, date)).collect();
    let new = after.days().filter(|(division, date, _)| !known.contains(&(*division, *date)));
    new.map(|(division, date, title)| DayChange {
        division: division.name().to_owned(),
        date,
        title: title.to_owned(),
    })
    .collect()
}

/// How far ahead moves are recorded, in days: as far as lists look by default.
const HORIZON: u16 = 90;

fn moves(
    cases: &Cases,
    before: &Policies,
    after: &Policies,
    facts: &[PolicyFact],
    now: Instant,
) -> Vec<PolicyFact> {
    let calendar = facts.iter().find_map(|fact| match fact {
        PolicyFact::CalendarAdopted { version, .. } => Some(*version),
        _ => None,
    });
    let mut files: Vec<&CaseFile> = cases.iter().collect();
    files.sort_by(|a, b| a.case().cmp(b.case()));
    let found = files.par_iter().filter_map(|file| {
        let (before, after) = (before.get(file.programme())?, after.get(file.programme())?);
        let newest = after.versions().last()?;
        let programme = (before.versions().last().map(|last| last.number) != Some(newest.number))
            .then_some(newest.number);
        let because = match (programme, calendar) {
            (Some(programme), Some(calendar)) => Origin::Both { programme, calendar },
            (Some(programme), None) => Origin::Programme(programme),
            (None, Some(calendar)) => Origin::Calendar(calendar),
            (None, None) => return None,
        };
        let today = newest.programme.zone.civil_date(now);
        let on = newest.effective_from.filter(|_| programme.is_some()).map_or(today, |from| from.max(today));
        let history = &file.history();
        let changes = changes((history, before), (history, after), on, HORIZON);
        let moved: Vec<_> =
            changes.into_iter().filter(|change| change.change != ChangeKind::ChangesStatus).collect();
        (!moved.is_empty()).then(|| PolicyFact::DatesMoved {
            case: file.case().clone(),
            because,
            changes: moved,
        })
    });
    found.collect()
}

/// What the obligations of a case on `on` are otherwise by another reading of it: another history, another
/// policy, or both.
#[must_use]
pub fn changes(
    before: (&CaseHistory, &Policy),
    after: (&CaseHistory, &Policy),
    on: CivilDate,
    horizon: u16,
) -> Vec<Change> {
    let asked = Asked { on, horizon, named: None };
    let then = CaseView::new(before.0, before.1.newest().zone, on, None);
    let now = CaseView::new(after.0, after.1.newest().zone, on, None);
    diff(then.case(), &obligations(before.1, &then, &asked), &obligations(after.1, &now, &asked))
}
