//! How much work there is today: the counts of the daily look.

use chrono::{Datelike as _, Days};

use super::answer::Answers;
use super::wire::Workload;
use crate::calendar::CivilDate;
use crate::schedule::{Asked, CaseView, Status, obligations};

/// The last day of the week of `day`, a Sunday.
fn sunday(day: CivilDate) -> CivilDate {
    let left = 6 - day.weekday().num_days_from_monday();
    day.checked_add_days(Days::new(left.into())).unwrap_or(day)
}

impl Answers<'_> {
    /// How much there is to do. Cases of a programme that is not configured are left out.
    #[must_use]
    pub fn workload(&self) -> Workload {
        let policies = self.policies(None);
        let mut work = Workload::default();
        for file in self.records.cases.iter().filter(|file| file.erased().is_none()) {
            let Ok(policy) = self.policy_of(file, &policies) else { continue };
            let (history, zone) = (file.history(), policy.newest().zone);
            let on = zone.civil_date(self.now);
            let view = CaseView::new(&history, zone, on, None);
            for occurrence in obligations(policy, &view, &Asked { on, horizon: 7, named: None }) {
                match occurrence.status {
                    Status::Overdue => work.overdue += 1,
                    Status::Open | Status::Scheduled if (on..=sunday(on)).contains(&occurrence.due_on) => {
                        work.due_this_week += 1;
                        work.due_today += usize::from(occurrence.due_on == on);
                    }
                    _ => {}
                }
            }
        }
        work
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_ends_on_its_sunday() {
        for (day, last) in
            [("2026-11-23", "2026-11-29"), ("2026-11-22", "2026-11-22"), ("2026-11-28", "2026-11-29")]
        {
            assert_eq!(sunday(day.parse().expect("a date")), last.parse().expect("a date"), "{day}");
        }
    }
}
