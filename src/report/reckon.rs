//! From cases to a tally: each case is looked at once, on all cores.

use std::collections::HashMap;

use rayon::iter::{IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};

use super::Period;
use super::outcome;
use super::tally::{Column, Kept, Tallies, Tally, joined};
use crate::calendar::CivilDate;
use crate::case::{CaseFile, Cases, ProgrammeId};
use crate::programme::Policy;
use crate::reminders::Ledger;
use crate::schedule::{Asked, CaseView, Occurrence, Status, obligations};

/// What is looked at.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Every case; erased ones count nowhere.
    pub cases: &'a Cases,
    /// Every programme.
    pub policies: &'a HashMap<ProgrammeId, Policy>,
    /// Who was told what.
    pub ledger: &'a Ledger,
}

/// One case, seen on the last day of the period.
pub(super) struct Seen<'c, 'p> {
    pub view: &'c CaseView<'c>,
    pub policy: &'p Policy,
    pub period: Period,
    /// Its number, where it is that of a person.
    pub number: Option<u32>,
}

/// Counts everything; of one programme only, where it is named.
pub(super) fn reckon<'a>(
    subject: Subject<'a>,
    period: Period,
    programme: Option<&ProgrammeId>,
) -> Tallies<'a> {
    let wanted = |id: &ProgrammeId| programme.is_none_or(|wanted| wanted == id);
    let of_case = |file: &&CaseFile| file.erased().is_none() && wanted(file.programme());
    let files: Vec<_> = subject.cases.iter().filter(of_case).collect();
    let counted = files.par_iter().enumerate().fold(Tallies::new, |mut tallies, (number, file)| {
        if let Some((id, policy)) = subject.policies.get_key_value(file.programme()) {
            let programme = policy.on(period.to);
            let (movements, stages) = (programme.outcomes.movements.len(), programme.stages.len());
            let tally = tallies.entry(id).or_insert_with(|| Tally::new(movements, stages));
            look(subject, file, u32::try_from(number).unwrap_or(u32::MAX), policy, period, tally);
        }
        tallies
    });
    counted.reduce(Tallies::new, joined)
}

fn look<'p>(
    subject: Subject<'_>,
    file: &CaseFile,
    number: u32,
    policy: &'p Policy,
    period: Period,
    tally: &mut Tally<'p>,
) {
    let history = file.history();
    let view = CaseView::new(&history, policy.newest().zone, period.to, None);
    if view.events().is_empty() {
        return;
    }
    // A case that was never opened is that of a policy itself.
    let number = (!file.is_unopened()).then_some(number);
    let seen = Seen { view: &view, policy, period, number };
    keep(&seen, subject.ledger, tally);
    if number.is_some() {
        outcome::count(&seen, tally);
    }
}

/// Counts the obligations whose deadline lies in the period.
fn keep<'p>(seen: &Seen<'_, 'p>, ledger: &Ledger, tally: &mut Tally<'p>) {
    let asked = Asked { on: seen.period.to, horizon: 0, named: None };
    let told = ledger.told().case(seen.view.case());
    for occurrence in obligations(seen.policy, seen.view, &asked) {
        let Some(column) = column(&occurrence).filter(|_| seen.period.holds(occurrence.deadline)) else {
            continue;
        };
        let kept = tally.kept.entry((&occurrence.rule.owner, &occurrence.rule.id)).or_default();
        kept.column(column).add(seen.number);
        let name = told.map(|told| (told, occurrence.name(seen.view.case())));
        let tellings = name.and_then(|(told, name)| told.tellings.get(&name)).map_or(&[][..], Vec::as_slice);
        let tellings = tellings.iter().filter(|telling| telling.on <= seen.period.to);
        let (mut reminders, mut escalations) = (0, 0);
        for telling in tellings {
            reminders += 1;
            escalations += u64::from(telling.message.is_escalation());
        }
        kept.column(Column::Escalations).add_many(escalations, seen.number);
        if let Some(done) = occurrence.done.filter(|_| matches!(column, Column::OnTime | Column::Late)) {
            kept.days.push(days(occurrence.deadline, done.on));
            kept.reminders += reminders;
        }
    }
}

/// What it is counted under; nothing, where it need not be done or its time has not come.
const fn column(occurrence: &Occurrence<'_>) -> Option<Column> {
    Some(match occurrence.status {
        Status::Done => Column::OnTime,
        Status::DoneLate => Column::Late,
        Status::Missed => Column::Missed,
        Status::Overdue => Column::Overdue,
        Status::Open => Column::Open,
        Status::Waived => Column::Waived,
        Status::Cancelled | Status::Scheduled => return None,
    })
}

/// The days from one day to another; negative where that is earlier.
pub(super) fn days(from: CivilDate, to: CivilDate) -> f64 {
    let days = to.signed_duration_since(from).num_days();
    i32::try_from(days).map_or(f64::NAN, f64::from)
}

impl Kept {
    /// All of these together.
    pub fn of<'k>(all: impl Iterator<Item = &'k Self>) -> Self {
        all.fold(Self::default(), |mut sum, kept| {
            sum.join(kept.clone());
            sum
        })
    }
}
