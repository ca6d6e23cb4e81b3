//! One year of one office, drawn from a seed: the real clerk and log, a clock and a relay of our own.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{Duration, NaiveTime};
use serde_json::{Value, json};
use stepdown::api::answer::Answers;
use stepdown::api::{DueQuery, ObligationRow};
use stepdown::calendar::{Calendar, CivilDate, Instant};
use stepdown::case::{CaseRef, OccurrenceName, PersonId, rfc3339};
use stepdown::config::{Config, Source};
use stepdown::daemon::{AppendRequest, Clerk, Order, Writer};
use stepdown::mail::Outcome;
use stepdown::programme::{Addressee, Policy, Shape, StepAt};
use stepdown::reminders::{
    Absence, ClockReading, MessageKind, Planned, PlannedItem, Recipient, Stage, State,
};
use stepdown::schedule::Status;
use tempfile::TempDir;

use super::Sums;
use super::expected::{Dates, falls_on, is_weekend, name};
use crate::support::{date, london};

const CSW: &str = "child-social-worker";
const SSW: &str = "supervising-social-worker";

/// A small generator (xorshift), so that a seed is a year, for ever.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }

    fn days(&mut self, below: u64) -> Duration {
        Duration::days(i64::try_from(self.roll(below)).expect("few"))
    }

    fn minutes(&mut self, below: u64) -> Duration {
        Duration::minutes(i64::try_from(self.roll(below)).expect("few"))
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.roll(from.len() as u64)).expect("few")].clone()
    }
}

/// What comes over the office from outside.
#[derive(Debug, Clone)]
enum Happening {
    /// An event is recorded.
    Record(Box<Value>),
    /// The machine stops, or starts again.
    Down,
    Up,
    /// The clock is put off by this much; zero puts it right.
    Clock(Duration),
    /// An operator looks, and releases what is held.
    Operator,
}

pub(crate) struct Year {
    seed: u64,
    dice: Dice,
    dir: TempDir,
    config: Arc<Config>,
    clerk: Option<Clerk>,
    /// True time, and how far the machine's clock is off.
    now: Instant,
    offset: Duration,
    started: Instant,
    /// The newest time that the machine's clock has shown.
    newest: Instant,
    happenings: BTreeMap<(Instant, usize), Happening>,
    /// How many happenings there were, so that none takes the place of another.
    count: usize,
    end: Instant,
}

/// A family in one of the areas that the programme works in: each with bank holidays of its own.
fn families(dice: &mut Dice) -> Vec<(&'static str, Value)> {
    let all = [
        ("referral-received", json!({"reason": "edge-of-care"})),
        ("family-accepted", json!({"carer": "C"})),
        ("support-plan-agreed", json!({})),
        ("home-visit-made", json!({})),
        ("home-visit-made", json!({})),
        ("plan-reviewed", json!({})),
        ("crisis-raised", json!({})),
        ("crisis-response-made", json!({})),
        ("support-stepped", json!({"direction": "up"})),
        ("short-stay-started", json!({})),
        ("short-stay-ended", json!({})),
        ("supervision-held", json!({"carer": "C"})),
        ("support-ended", json!({"reason": "r"})),
        ("professional-unassigned", json!({"role": SSW})),
    ];
    (0..10 + dice.roll(20)).map(|_| dice.pick(&all)).collect()
}

fn journeys(dice: &mut Dice) -> Vec<(&'static str, Value)> {
    let role = |by: &str| json!({ "by": by });
    let mut all = vec![
        ("suitability-confirmed", json!({})),
        ("my-home-my-place-submitted", json!({"version": "updated"})),
        ("referral-made", json!({"service": "advocacy"})),
        ("referral-made", json!({"service": "scayt", "purpose": "matching"})),
        ("referral-closed", json!({"service": "scayt"})),
        ("preparation-planning-meeting-held", json!({})),
        ("care-planning-meeting-held", json!({})),
        ("match-approved", json!({"family": "F"})),
        ("introductions-started", json!({})),
        ("introductions-planned", json!({"starts_on": "2026-01-05", "moves_on": "2026-02-14"})),
        ("child-moved-in", json!({"changes_school": false})),
        ("child-moved-in", json!({"changes_school": true})),
        ("visit-frequency-agreed", json!({"by": CSW, "every": "2 weeks"})),
        ("looked-after-review-held", json!({})),
        ("stability-concern-raised", json!({})),
        ("assessment-recorded", json!({"tool": "needs-assessment"})),
        ("placement-ended", json!({"reason": "r"})),
        ("professional-assigned", json!({"role": CSW, "person": "joe-halliwell"})),
        ("professional-assigned", json!({"role": SSW, "person": "tom-whitfield"})),
        ("professional-unassigned", json!({"role": SSW})),
    ];
    for _ in 0..3 {
        all.extend([("visit-made", role(CSW)), ("visit-made", role(SSW)), ("check-in-made", role(CSW))]);
    }
    (0..20 + dice.roll(30)).map(|_| dice.pick(&all)).collect()
}

impl Year {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed + 1);
        let memory = std::path::Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let mut config = Config::load(&Source::Starter).expect("the starter loads");
        let first = date("2025-01-01") + dice.days(700);
        if dice.roll(3) == 0 {
            config.settings.reminders.go_live = Some(first + dice.days(120));
        }
        let amara = config.people.persons.get_mut("amara-okafor").expect("she is listed");
        let away = first + dice.days(300);
        let cover = (dice.roll(2) == 0).then(|| "joe-halliwell".parse::<PersonId>().expect("an id"));
        amara.absences = vec![Absence { from: away, to: away + dice.days(30), cover }];
        let start = at(first, 9, 0);
        let mut year = Self {
            seed,
            dice,
            dir: dir.expect("a directory"),
            config: Arc::new(config),
            clerk: None,
            now: start,
            offset: Duration::zero(),
            started: start,
            newest: start,
            happenings: BTreeMap::new(),
            count: 0,
            end: start + Duration::days(365),
        };
        year.draw(first);
        year
    }

    fn happens(&mut self, when: Instant, what: Happening) {
        self.count += 1;
        self.happenings.insert((when, self.count), what);
    }

    fn draw(&mut self, first: CivilDate) {
        let mut number = 0;
        let mut event = |case: &str, event_type: &str, time: Instant, data: &Value| {
            number += 1;
            Happening::Record(Box::new(json!({
                "specversion": "1.0", "id": format!("e{number}"), "source": "/year", "type": event_type,
                "subject": case, "time": rfc3339(time), "data": data,
            })))
        };
        let opening = json!({"programme": "lancashire-step-down"});
        let own = |area: &str| json!({"programme": "step-up-step-down", "area": area});
        let area = self.dice.pick(&["wales", "northern-ireland"]);
        for (case, opening, role) in
            [("SD-1", opening.clone(), CSW), ("SD-2", opening, CSW), ("SU-3", own(area), SSW)]
        {
            let opened = at(first, 9, 30);
            let start = [
                ("case-opened", opening),
                ("professional-assigned", json!({"role": role, "person": "amara-okafor"})),
            ];
            for (event_type, data) in start {
                let happening = event(case, event_type, opened, &data);
                self.happens(opened + Duration::minutes(5), happening);
            }
            let happenings = if role == CSW { journeys(&mut self.dice) } else { families(&mut self.dice) };
            for (event_type, data) in happenings {
                let time = at(first + self.dice.days(340), 8, 0) + self.dice.minutes(600);
                // Most is recorded soon, some of it weeks later.
                let late = if self.dice.roll(6) == 0 { self.dice.days(25) } else { Duration::zero() };
                let happening = event(case, event_type, time, &data);
                let recorded = (time + late + self.dice.minutes(120)).min(self.end - Duration::days(6));
                if recorded > time {
                    self.happens(recorded, happening);
                }
            }
        }
        for _ in 0..self.dice.roll(7) {
            let down = at(first + self.dice.days(330), 0, 0) + self.dice.minutes(1440);
            let long = if self.dice.roll(3) == 0 { self.dice.days(12) } else { self.dice.minutes(900) };
            self.happens(down, Happening::Down);
            self.happens(down + long + Duration::minutes(1), Happening::Up);
        }
        for _ in 0..self.dice.roll(4) {
            let put = at(first + self.dice.days(330), 0, 0) + self.dice.minutes(1440);
            let steps = [-7200, -30, 45, 5400, 259_200, -86_400].map(Duration::seconds);
            let by = self.dice.pick(&steps);
            self.happens(put, Happening::Clock(by));
            let mended = put + self.dice.minutes(2000) + Duration::minutes(10);
            self.happens(mended, Happening::Clock(Duration::zero()));
            self.happens(mended + Duration::minutes(30), Happening::Operator);
        }
    }

    pub(crate) fn run(mut self, sums: &mut Sums) {
        self.start();
        while self.now < self.end {
            self.tick(sums);
            let wake = self.clerk.as_ref().map(|clerk| {
                let clock = self.clock();
                self.now + (clerk.wake(clock) - clock).max(Duration::seconds(1))
            });
            let next = self.happenings.keys().next().map(|(when, _)| *when);
            self.now = wake.into_iter().chain(next).min().unwrap_or(self.end).max(self.now);
            while let Some(entry) = self.happenings.first_entry().filter(|entry| entry.key().0 <= self.now) {
                let what = entry.remove();
                self.take(what, sums);
            }
        }
        self.judge_the_end();
    }

    fn clock(&self) -> Instant {
        self.now + self.offset
    }

    fn start(&mut self) {
        let writer = Writer::open(self.dir.path(), Arc::clone(&self.config), "a year").expect("a log");
        let mut clerk = Clerk::new(writer).expect("templates");
        self.started = self.now;
        clerk.resume(self.clock()).expect("a log");
        self.clerk = Some(clerk);
    }

    fn take(&mut self, what: Happening, sums: &mut Sums) {
        match what {
            Happening::Record(event) => {
                // What nobody can record now is recorded when the machine is up and its clock is right.
                let (now, wait) = (self.clock(), self.now + Duration::hours(3));
                let Some(clerk) = self.clerk.as_mut().filter(|_| self.offset >= Duration::zero()) else {
                    return self.happens(wait, Happening::Record(event));
                };
                let admitted = clerk.writer().stage(AppendRequest::new(vec![(*event).clone()]), now);
                // The case itself may have waited for the machine, too.
                if let Err(error) = admitted {
                    assert!(event["type"] != "case-opened", "seed {}: {error}", self.seed);
                    self.happens(wait, Happening::Record(event));
                }
            }
            Happening::Down => self.clerk = None,
            Happening::Up if self.clerk.is_none() => {
                sums.restarts += 1;
                self.start();
            }
            Happening::Clock(offset) => self.offset = offset,
            Happening::Operator => {
                let now = self.clock();
                let Some(clerk) = self.clerk.as_mut() else {
                    let wait = self.now + Duration::hours(6);
                    return self.happens(wait, Happening::Operator);
                };
                if clerk.is_held() {
                    sums.holds += 1;
                    clerk.order(Order::Release, "operator".to_owned(), now).expect("it was held");
                    self.newest = now;
                }
            }
            Happening::Up => {}
        }
    }

    /// What the daemon does when it wakes.
    fn tick(&mut self, sums: &mut Sums) {
        let now = self.clock();
        let monotonic = (self.now - self.started).to_std().expect("forwards");
        let Some(mut clerk) = self.clerk.take() else { return };
        clerk.look_at_clock(now, monotonic);
        let behind = now + Duration::minutes(1) < self.newest;
        assert_eq!(matches!(clerk.clock(), ClockReading::Behind { .. }), behind, "seed {}", self.seed);
        self.newest = self.newest.max(now);
        let before = clerk.office().digest_day(clerk.books().ledger(), now);
        let planned = clerk.plan(now);
        assert!(planned.is_empty() || !behind, "seed {}: planned while the clock was behind", self.seed);
        sums.messages += planned.len();
        self.judge(&clerk, &planned, now, sums);
        if before.is_some() && clerk.office().digest_day(clerk.books().ledger(), now).is_none() {
            self.judge_the_day(&clerk, now, sums);
        }
        loop {
            let parcels = clerk.parcels(now, 5).expect("a log");
            clerk.writer().commit().expect("a log");
            if parcels.is_empty() {
                break;
            }
            for parcel in parcels {
                let outcome = self.outcome();
                if self.dice.roll(400) == 0 {
                    // Killed in the middle of it.
                    clerk.transmitting(parcel.key, now);
                    clerk.writer().commit().expect("a log");
                    drop(clerk);
                    return self.start();
                }
                clerk.delivered(&parcel, outcome, now);
            }
        }
        self.clerk = Some(clerk);
    }

    fn outcome(&mut self) -> Outcome {
        let reason = "r".to_owned();
        match self.dice.roll(60) {
            0 => Outcome::Deferred { stage: Stage::RcptTo, reason },
            1 => Outcome::NotSent { stage: Stage::Connect, reason },
            2 => Outcome::Ambiguous(reason),
            3 => Outcome::NotSent { stage: Stage::Data, reason },
            _ => Outcome::Accepted("250 ok".to_owned()),
        }
    }

    fn rows(&self, clerk: &Clerk, on: CivilDate, now: Instant) -> HashMap<OccurrenceName, ObligationRow> {
        let query = DueQuery { on: Some(on), all: true, horizon: Some(0), ..DueQuery::default() };
        let rows = Answers { records: clerk.books().records(), config: &self.config, now }
            .due(&query)
            .expect("known cases");
        rows.into_iter().map(|row| (row.occurrence.parse().expect("a name"), row)).collect()
    }

    fn dates(clerk: &Clerk, name: &OccurrenceName, row: &ObligationRow) -> Dates {
        let history = clerk.books().staged_cases().get(&name.case).expect("a case").history();
        let read = history.read(None, london());
        let anchor = read.iter().find(|event| event.number() == name.series).expect("its anchor").date;
        let since_last = row.kind == "interval" && name.n > 1;
        let called_for = if since_last { row.opens_on } else { anchor };
        Dates { called_for, opens_on: row.opens_on, due_on: row.due_on, deadline: row.deadline }
    }

    /// The policy that a case is under, and its working days: by the area it was opened in.
    fn policy(&self, clerk: &Clerk, case: &CaseRef) -> (&Policy, &Calendar) {
        let history = clerk.books().staged_cases().get(case).expect("a case").history();
        let policy = &self.config.policies[history.programme()];
        let opened = &history.events()[0].event;
        (policy, policy.calendar(opened.data.get("area").and_then(Value::as_str)))
    }

    /// What was planned was rightly planned: on a right day, about work that is still to be done.
    fn judge(&self, clerk: &Clerk, planned: &[Planned], now: Instant, sums: &mut Sums) {
        let (today, time) = (london().civil_date(now), london().local_time(now));
        let hours = time >= time_of(8, 0) && time < time_of(18, 0);
        let rows = if planned.iter().any(|one| !one.plan.matter.items().is_empty()) {
            self.rows(clerk, today, now)
        } else {
            HashMap::new()
        };
        for Planned { plan, .. } in planned {
            let context = || format!("seed {}: {now} {plan:?}", self.seed);
            let kind = plan.matter.kind();
            // A vacancy that an urgent step comes upon is told with it.
            let at_once = kind == MessageKind::Escalation
                || ["notice/", "vacancy/"].iter().any(|start| plan.key.as_str().starts_with(start));
            assert_eq!(plan.on, today, "{}", context());
            // Each case has its own bank holidays: what is told of it goes on a working day of its own.
            let items = plan.matter.items();
            let works =
                |item: &PlannedItem| self.policy(clerk, &item.occurrence.case).1.is_working_day(today);
            let fits =
                if items.is_empty() { clerk.office().is_digest_day(today) } else { items.iter().all(works) };
            assert!(at_once || (hours && fits && !is_weekend(today)), "{}", context());
            if kind == MessageKind::Correction {
                continue;
            }
            let mut told = Vec::new();
            for item in plan.matter.items() {
                sums.items += 1;
                let row = rows.get(&item.occurrence).unwrap_or_else(|| panic!("no such work: {}", context()));
                assert!(matches!(row.status, Status::Open | Status::Overdue), "{} {row:?}", context());
                assert_eq!(
                    (item.deadline, item.overdue),
                    (row.deadline, row.status == Status::Overdue),
                    "{}",
                    context()
                );
                let dates = Self::dates(clerk, &item.occurrence, row);
                let (policy, calendar) = self.policy(clerk, &item.occurrence.case);
                let rule = policy.newest().rule(item.occurrence.rule.as_str()).expect("a rule");
                let steps =
                    rule.ladder.steps.iter().flat_map(|step| (1..=step.times()).map(move |nth| (step, nth)));
                let (step, nth) =
                    steps.clone().find(|(step, nth)| name(step, *nth) == item.step).expect("a step");
                let day = falls_on(calendar, &dates, step, nth);
                assert!(day <= today, "{} is told before {day}", context());
                assert!(!(day == today && time < time_of(8, 0)), "{}", context());
                assert!(
                    self.config.settings.reminders.go_live.is_none_or(|live| day >= live),
                    "{}",
                    context()
                );
                sums.late += usize::from(day < today);
                assert!(!told.contains(&&item.occurrence), "twice in one message: {}", context());
                told.push(&item.occurrence);
            }
        }
    }

    /// After a day's digests were planned, whoever must act was told the last step that has fallen.
    fn judge_the_day(&self, clerk: &Clerk, now: Instant, sums: &mut Sums) {
        let today = london().civil_date(now);
        let rows = self.rows(clerk, today, now);
        let live = self.config.settings.reminders.go_live;
        for (name_of, row) in &rows {
            if !matches!(row.status, Status::Open | Status::Overdue) {
                continue;
            }
            let (policy, calendar) = self.policy(clerk, &name_of.case);
            if !calendar.is_working_day(today) {
                continue;
            }
            let rule = policy.newest().rule(name_of.rule.as_str()).expect("a rule");
            assert!(matches!(
                rule.shape,
                Shape::Once { .. } | Shape::Windows { .. } | Shape::Interval { .. }
            ));
            let dates = Self::dates(clerk, name_of, row);
            let owned =
                rule.ladder.steps.iter().filter(|step| step.to.contains(&Addressee::Owner) && !step.urgent);
            let fallen = owned.flat_map(|step| (1..=step.times()).map(move |nth| (step, nth)));
            let fallen = fallen.map(|(step, nth)| (falls_on(calendar, &dates, step, nth), step, nth));
            let last = fallen.filter(|(day, ..)| *day <= today).max_by_key(|(day, step, nth)| {
                (*day, matches!(step.at, StepAt::After(_)), *nth, step.at.to_string())
            });
            let Some((day, step, nth)) = last else { continue };
            let chases = matches!(step.at, StepAt::After(_));
            let muted = !chases
                && row.status == Status::Open
                && rows.iter().any(|(other, row)| {
                    (&other.case, &other.rule) == (&name_of.case, &name_of.rule)
                        && row.status == Status::Overdue
                });
            // Several steps clamped to one day have no order that this plain reckoning knows: any will do.
            if muted || live.is_some_and(|live| day < live) {
                continue;
            }
            let holder = row.owner.as_ref().and_then(|id| self.config.people.present(id, today).ok());
            let tellings = clerk.books().ledger().told().of(name_of);
            let told = tellings.iter().any(|telling| {
                let right = holder.is_none_or(|person| *telling.to == *Recipient::person(person).key);
                let same_day =
                    rule.ladder.steps.iter().flat_map(|step| (1..=step.times()).map(move |n| (step, n)));
                let mut same_day = same_day.filter(|(step, n)| falls_on(calendar, &dates, step, *n) == day);
                // A more severe step to the same mailbox speaks for those before it.
                let said = |wanted: &str| {
                    telling.step == wanted || telling.superseded.iter().any(|step| **step == *wanted)
                };
                right
                    && telling.deadline == row.deadline
                    && (said(&name(step, nth)) || same_day.any(|(step, n)| telling.step == name(step, n)))
            });
            sums.checked += 1;
            assert!(
                told,
                "seed {}: on {today} nobody was told {} of {row:?}, which fell on {day}: {tellings:?}",
                self.seed,
                name(step, nth)
            );
        }
    }

    /// Nothing was told twice, and nothing waits for ever.
    fn judge_the_end(&self) {
        let Some(clerk) = &self.clerk else { return };
        let ledger = clerk.books().ledger();
        let mut told: HashMap<(OccurrenceName, String, CivilDate, String), String> = HashMap::new();
        for delivery in ledger.deliveries() {
            // One that may have arrived or not is told again where its ladder folds what is late into the digest.
            let gone = matches!(delivery.state, State::Lapsed(_));
            if gone || delivery.plan.matter.kind() == MessageKind::Correction {
                continue;
            }
            for item in delivery.plan.matter.items() {
                let key =
                    (item.occurrence.clone(), item.step.clone(), item.deadline, delivery.plan.to.clone());
                let again = told.insert(key, delivery.plan.key.to_string());
                assert!(
                    again.is_none(),
                    "seed {}: {again:?} and {} say the same",
                    self.seed,
                    delivery.plan.key
                );
            }
        }
        let stuck = ledger.waiting().find(|waiting| self.clock() - waiting.planned_at > Duration::days(3));
        assert!(stuck.is_none() || clerk.is_held(), "seed {}: {stuck:?} waits", self.seed);
    }
}

fn time_of(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("a time")
}

fn at(day: CivilDate, hour: u32, minute: u32) -> Instant {
    london().instant_due(day, time_of(hour, minute))
}
