//! The daemon's clerk on a virtual clock: what is recorded, then which mails about limits are planned and go.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stepdown::api::answer::Answers;
use stepdown::api::{LimitRow, LimitsQuery, replay};
use stepdown::calendar::Instant;
use stepdown::config::Config;
use stepdown::daemon::{AppendRequest, Clerk, EraseOrder, Writer};
use stepdown::mail::{Outcome, Parcel};
use stepdown::reminders::{Matter, Planned};
use stepdown::schedule::Places;
use tempfile::TempDir;

use crate::families::{CONFIG, accepted, event};

/// When each office opens its books.
const START: &str = "2026-05-11T12:00:00Z";

pub struct Office {
    dir: TempDir,
    config: Arc<Config>,
    pub clerk: Clerk,
    now: Instant,
    count: u32,
}

impl Office {
    pub fn new() -> Self {
        Self::under(Arc::clone(&CONFIG))
    }

    pub fn under(config: Arc<Config>) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let clerk = clerk(&dir, &config);
        Self { dir, config, clerk, now: START.parse().expect("an instant"), count: 0 }
    }

    /// Four families of carer C-1: SD-1 to SD-4, accepted on four days of May.
    pub fn with_four() -> Self {
        let mut office = Self::new();
        for n in 1..=4 {
            office.accept(&format!("SD-{n}"), "C-1", &format!("2026-05-0{n}"));
        }
        assert_eq!(office.plan(), [""; 0]);
        office
    }

    pub fn accept(&mut self, case: &str, carer: &str, day: &str) {
        self.record(accepted(case, carer, day));
    }

    /// Something happens in a case, on a day; gives the event's id.
    pub fn happens(&mut self, case: &str, event_type: &str, day: &str, data: &Value) -> String {
        self.count += 1;
        let id = format!("x{}", self.count);
        self.record(vec![event(&id, case, event_type, day, data)]);
        id
    }

    pub fn record(&mut self, events: Vec<Value>) {
        let taken = self.clerk.writer().stage(AppendRequest::new(events), self.now);
        taken.unwrap_or_else(|error| panic!("{error:?}"));
        self.clerk.writer().commit().expect("synced");
    }

    pub fn retract(&mut self, case: &str, id: &str) -> String {
        self.happens(case, "event-retracted", "2026-05-11", &json!({"event": id, "reason": "r"}))
    }

    pub fn pass(&mut self, minutes: i64) {
        self.now += chrono::Duration::minutes(minutes);
    }

    pub fn at(&mut self, moment: &str) {
        self.now = moment.parse().expect("an instant");
    }

    fn planned(&mut self) -> Vec<Planned> {
        let since: Instant = START.parse().expect("an instant");
        let running = (self.now - since).to_std().unwrap_or(Duration::ZERO);
        self.clerk.look_at_clock(self.now, running);
        let planned = self.clerk.plan(self.now);
        self.clerk.writer().commit().expect("synced");
        planned.into_iter().filter(|one| matches!(one.plan.matter, Matter::Limit { .. })).collect()
    }

    /// The mails about limits that are planned now, as "CASE EVENT to RECIPIENT".
    pub fn plan(&mut self) -> Vec<String> {
        let planned = self.planned();
        let line = |one: &Planned| match &one.plan.matter {
            Matter::Limit { case, event, .. } => format!("{case} {event} to {}", one.plan.to),
            other => panic!("{other:?}"),
        };
        planned.iter().map(line).collect()
    }

    /// The mails about limits that go now, and are taken over.
    pub fn post(&mut self) -> Vec<Parcel> {
        self.planned();
        let parcels = self.clerk.parcels(self.now, 100).expect("a log");
        self.clerk.writer().commit().expect("synced");
        for parcel in &parcels {
            assert!(self.clerk.transmitting(parcel.key.clone(), self.now));
            self.clerk.delivered(parcel, Outcome::Accepted("250 ok".to_owned()), self.now);
        }
        self.clerk.writer().commit().expect("synced");
        parcels.into_iter().filter(|parcel| parcel.key.as_str().starts_with("limit/")).collect()
    }

    pub fn erase(&mut self, case: &str) {
        let order = EraseOrder {
            case: case.parse().expect("a reference"),
            author: "priya".to_owned(),
            recorded_by: None,
            reason: "request 17".to_owned(),
            before_retention: true,
            events: None,
        };
        self.clerk.erase(&order, self.now).expect("it is closed");
        self.clerk.writer().commit().expect("synced");
    }

    pub fn answers(&self) -> Answers<'_> {
        Answers { records: self.clerk.books().records(), config: &self.config, now: self.now }
    }

    /// How the limits of `families` stand, as "CARER OPEN room ROOM over OVER: CASES".
    pub fn limits(&self, query: &LimitsQuery) -> Vec<String> {
        let query = LimitsQuery { programme: Some("families".parse().expect("an id")), ..query.clone() };
        let rows = self.answers().limits(&query).expect("there is such a programme");
        rows.iter().map(line).collect()
    }

    pub fn today(&self) -> Vec<String> {
        self.limits(&LimitsQuery::default())
    }

    /// Stops and starts anew, from the snapshot.
    pub fn restarted(self) -> Self {
        let Self { dir, config, clerk: before, now, count } = self;
        before.close().expect("closed");
        let clerk = clerk(&dir, &config);
        Self { dir, config, clerk, now, count }
    }

    /// What was kept along is what all of the log gives.
    pub fn holds(&self) {
        let books = self.clerk.books();
        let (live, config) = (books.records(), &*self.config);
        let replayed = replay(books.log().reader(), books.head(), (live, config), false, self.now, |_| {})
            .expect("whole");
        assert!(replayed.equal, "{replayed:?}");
        let policies = live.policies(config, None);
        let kept = live.places_by(&policies);
        for policy in policies.values() {
            let on = policy.newest().zone.civil_date(self.now);
            let anew = Places::of(&live.cases, &policies, None);
            assert!(kept.tallies(policy.on(on), on) == anew.tallies(policy.on(on), on));
        }
    }
}

fn clerk(dir: &TempDir, config: &Arc<Config>) -> Clerk {
    let writer = Writer::open(dir.path(), Arc::clone(config), "a test").expect("a log");
    let mut clerk = Clerk::new(writer).expect("templates");
    clerk.configure(Arc::clone(config), START.parse().expect("an instant")).expect("taken");
    clerk.writer().commit().expect("synced");
    clerk
}

fn line(row: &LimitRow) -> String {
    let cases: Vec<_> = row.cases.iter().map(|place| format!("{}", place.case)).collect();
    let value = row.value.as_deref().unwrap_or("nobody");
    format!("{value}: {} open, room {}, over {}: {}", row.open, row.room, row.over, cases.join(" "))
}
