//! Programmes of several nations side by side in one daemon: each case keeps the bank holidays of its own division, and
//! nobody waits for another's.

mod support;

use std::sync::Arc;

use serde_json::{Value, json};
use stepdown::api::DueQuery;
use stepdown::api::answer::Answers;
use stepdown::calendar::Instant;
use stepdown::case::rfc3339;
use stepdown::config::{Config, Source};
use stepdown::daemon::{AppendRequest, Clerk, Writer};
use stepdown::mail::Outcome;
use stepdown::reminders::Planned;
use support::{date, noon};
use tempfile::TempDir;

/// An office in England that works for all three divisions, on a virtual clock.
struct Office {
    clerk: Clerk,
    config: Arc<Config>,
    count: usize,
    _dir: TempDir,
}

impl Office {
    /// The starter, with the agency's programme in Scotland.
    fn new() -> Self {
        let mut files = Source::Starter.files().expect("the starter");
        let agency = files.get_mut("programmes/stepdown-agency.toml").expect("it is there");
        *agency = agency.replace("bank_holidays = \"england-and-wales\"", "bank_holidays = \"scotland\"");
        let config = Config::load(&Source::Given("of three nations".to_owned(), files));
        let config = Arc::new(config.unwrap_or_else(|error| panic!("{:?}", error.faults)));
        let dir = tempfile::tempdir().expect("a directory");
        let writer = Writer::open(dir.path(), Arc::clone(&config), "a test").expect("a log");
        Self { clerk: Clerk::new(writer).expect("templates"), config, count: 0, _dir: dir }
    }

    /// Something happened at noon of `day`, and was recorded at once.
    fn happened(mut self, case: &str, day: &str, event_type: &str, data: &Value) -> Self {
        self.count += 1;
        let now = noon(date(day));
        let event = json!({
            "specversion": "1.0", "id": format!("e{}", self.count), "source": "/test", "type": event_type,
            "subject": case, "time": rfc3339(now), "data": data,
        });
        let staged = self.clerk.writer().stage(AppendRequest::new(vec![event]), now);
        staged.unwrap_or_else(|error| panic!("{error:?}"));
        self.clerk.writer().commit().expect("synced");
        self
    }

    /// The case is opened on `day`, and `person` holds `role` in it.
    fn opened(self, case: &str, day: &str, opening: &Value, role: &str, person: &str) -> Self {
        let assigned = json!({ "role": role, "person": person });
        self.happened(case, day, "case-opened", opening).happened(
            case,
            day,
            "professional-assigned",
            &assigned,
        )
    }

    /// What goes at `now`.
    fn at(&mut self, now: Instant) -> Vec<Planned> {
        let planned = self.clerk.plan(now);
        loop {
            let parcels = self.clerk.parcels(now, 100).expect("a log");
            self.clerk.writer().commit().expect("a log");
            if parcels.is_empty() {
                return planned;
            }
            for parcel in parcels {
                self.clerk.delivered(&parcel, Outcome::Accepted("250 ok".to_owned()), now);
            }
        }
    }

    /// What goes at eight on each day from `from` to `to`: to whom, and "Mon 6 CASE/RULE/SERIES.N STEP", or what else it
    /// is about.
    fn mornings(&mut self, from: &str, to: &str) -> Vec<(String, String)> {
        let mut told = Vec::new();
        for day in date(from).iter_days().take_while(|day| *day <= date(to)) {
            let (morning, name) = (self.clerk.office().opens(day), day.format("%a %-d"));
            for Planned { plan, .. } in self.at(morning) {
                let items = plan.matter.items();
                let lines = items.iter().map(|item| format!("{name} {} {}", item.occurrence, item.step));
                told.extend(lines.map(|line| (plan.to.clone(), line)));
                if items.is_empty() {
                    told.push((plan.to.clone(), format!("{name} {}", plan.matter.kind())));
                }
            }
        }
        told.sort();
        told
    }

    /// The deadline and the day to act by of each obligation of `rule`, with its case, on `day`.
    fn due(&self, rule: &str, day: &str) -> Vec<String> {
        let query = DueQuery { on: Some(date(day)), all: true, ..DueQuery::default() };
        let records = self.clerk.books().records();
        let rows = Answers { records, config: &self.config, now: noon(date(day)) }.due(&query);
        let rows = rows.expect("known cases").into_iter().filter(|row| row.obligation.as_str() == rule);
        let mut rows: Vec<_> =
            rows.map(|row| format!("{} {} act by {}", row.case, row.deadline, row.due_on)).collect();
        rows.sort();
        rows
    }
}

fn told_to(whom: &str, told: Vec<(String, String)>) -> Vec<String> {
    told.into_iter().filter(|(to, _)| to == whom).map(|(_, line)| line).collect()
}

fn in_area(area: &str) -> Value {
    json!({ "programme": "step-up-step-down", "area": area })
}

/// Referrals in Northern Ireland, Wales and, with no area named, where the programme is at home.
fn referrals(day: &str) -> Office {
    let (manager, helen) = ("programme-manager", "helen-marsh");
    let home = json!({"programme": "step-up-step-down"});
    let referral = json!({"reason": "edge-of-care"});
    Office::new()
        .opened("NI-1", day, &in_area("northern-ireland"), manager, helen)
        .opened("W-1", day, &in_area("wales"), manager, helen)
        .opened("X-1", day, &home, manager, helen)
        .happened("NI-1", day, "referral-received", &referral)
        .happened("W-1", day, "referral-received", &referral)
        .happened("X-1", day, "referral-received", &referral)
}

#[test]
fn the_twelfth_is_passed_over_in_northern_ireland_alone() {
    let mut office = referrals("2026-06-29");
    assert_eq!(
        office.due("referral-decision", "2026-07-01"),
        [
            "NI-1 2026-07-14 act by 2026-07-14",
            "W-1 2026-07-13 act by 2026-07-13",
            "X-1 2026-07-14 act by 2026-07-14"
        ]
    );
    // The day to act by is each case's own; the manager hears of all that falls on a day in one digest.
    office.mornings("2026-06-30", "2026-07-10");
    assert_eq!(
        told_to("person.helen-marsh", office.mornings("2026-07-11", "2026-07-13")),
        ["Mon 13 W-1/referral-decision/3.1 0"]
    );
    assert_eq!(
        told_to("person.helen-marsh", office.mornings("2026-07-14", "2026-07-14")),
        [
            "Tue 14 NI-1/referral-decision/3.1 0",
            "Tue 14 W-1/referral-decision/3.1 +1wd",
            "Tue 14 X-1/referral-decision/3.1 0",
        ]
    );
}

#[test]
fn st_patricks_day_is_passed_over_in_northern_ireland_alone() {
    let office = referrals("2026-03-04");
    assert_eq!(
        office.due("referral-decision", "2026-03-05"),
        [
            "NI-1 2026-03-19 act by 2026-03-19",
            "W-1 2026-03-18 act by 2026-03-18",
            "X-1 2026-03-19 act by 2026-03-19"
        ]
    );
}

/// Easter Monday is a working day in Scotland and none in England, Wales and Northern Ireland; Good Friday is none.
#[test]
fn on_easter_monday_only_scotland_is_told() {
    let agency = json!({"programme": "stepdown-agency"});
    let mut office = referrals("2026-03-20")
        .opened("SA-1", "2026-03-27", &agency, "assessing-social-worker", "kwame-mensah")
        .happened("SA-1", "2026-03-27", "interest-registered", &json!({"experience": "fostering"}));
    assert_eq!(office.due("eligibility-decision", "2026-03-30"), ["SA-1 2026-04-06 act by 2026-04-06"]);
    assert_eq!(
        office.due("referral-decision", "2026-03-30"),
        [
            "NI-1 2026-04-07 act by 2026-04-07",
            "W-1 2026-04-07 act by 2026-04-07",
            "X-1 2026-04-07 act by 2026-04-07"
        ]
    );
    office.mornings("2026-03-23", "2026-04-02");
    // Friday to Monday: nobody on Good Friday, and on Easter Monday neither those who are off nor the office's admins.
    let told = |to: &str, line: &str| (to.to_owned(), line.to_owned());
    assert_eq!(
        office.mornings("2026-04-03", "2026-04-06"),
        [told("person.kwame-mensah", "Mon 6 SA-1/eligibility-decision/3.1 0")]
    );
    let tuesday = office.mornings("2026-04-07", "2026-04-07");
    assert!(tuesday.contains(&told("address.stepdown-admins@example.org", "Tue 7 admin")), "{tuesday:#?}");
    assert_eq!(told_to("person.helen-marsh", tuesday.clone()).len(), 3, "{tuesday:#?}");
    assert_eq!(told_to("person.kwame-mensah", tuesday), ["Tue 7 SA-1/eligibility-decision/3.1 +1wd"]);
}

/// A digest that waits for no other nation is not late where the office itself has a bank holiday.
#[test]
fn what_falls_on_the_offices_own_bank_holiday_does_not_wait_where_it_is_none() {
    let agency = json!({"programme": "stepdown-agency"});
    // The Summer bank holiday is 31 August 2026 in England, and was 3 August in Scotland.
    let mut office = Office::new()
        .opened("SA-1", "2026-07-24", &agency, "assessing-social-worker", "kwame-mensah")
        .happened("SA-1", "2026-07-24", "interest-registered", &json!({"experience": "fostering"}))
        .opened("SA-2", "2026-08-24", &agency, "assessing-social-worker", "kwame-mensah")
        .happened("SA-2", "2026-08-24", "interest-registered", &json!({"experience": "fostering"}));
    assert_eq!(
        office.due("eligibility-decision", "2026-08-25"),
        ["SA-1 2026-07-31 act by 2026-07-31", "SA-2 2026-08-31 act by 2026-08-31"]
    );
    let told = told_to("person.kwame-mensah", office.mornings("2026-08-31", "2026-08-31"));
    assert!(told.contains(&"Mon 31 SA-2/eligibility-decision/3.1 0".to_owned()), "{told:#?}");
}

#[test]
fn an_area_that_is_corrected_moves_what_is_due_and_an_unknown_one_is_refused() {
    let corrected = json!({
        "event": "e1", "reason": "It lives in Powys.", "data": {"programme": "step-up-step-down", "area": "wales"},
    });
    let mut office = referrals("2026-06-29").happened("NI-1", "2026-07-01", "event-corrected", &corrected);
    let due = office.due("referral-decision", "2026-07-02");
    assert_eq!(due[0], "NI-1 2026-07-13 act by 2026-07-13");
    let event = json!({
        "specversion": "1.0", "id": "wrong", "source": "/test", "type": "case-opened", "subject": "W-2",
        "time": "2026-07-01T09:00:00Z", "data": in_area("wlaes"),
    });
    let refused = office.clerk.writer().stage(AppendRequest::new(vec![event]), noon(date("2026-07-01")));
    let refused = format!("{:?}", refused.expect_err("an unknown area"));
    assert!(
        refused.contains("data.area")
            && refused.contains("is not an area of this programme; did you mean \\\"wales\\\"?"),
        "{refused}"
    );
}
