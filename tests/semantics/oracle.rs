//! The contract read once more, as plainly as it can be written: every day is tried, every event is
//! looked at for every question, nothing is shared with the engine but the rules and the calendar.

use chrono::Days;
use serde_json::Value;
use stepdown::calendar::{Calendar, CivilDate, Instant, Period};
use stepdown::programme::{Condition, Every, Matcher, Programme, Rule, Shape};

/// An event as it was sent in.
#[derive(Debug, Clone)]
pub struct Raw {
    pub id: String,
    pub event_type: String,
    pub time: Instant,
    pub recorded: Instant,
    pub data: Value,
}

/// An event as it counts.
#[derive(Debug, Clone)]
struct Counting {
    number: usize,
    event_type: String,
    time: Instant,
    date: CivilDate,
    data: Value,
}

/// `(name, status, opens, deadline, act by, done)`
pub type Row = (String, &'static str, CivilDate, CivilDate, CivilDate, Option<CivilDate>);

pub struct Question<'a> {
    pub programme: &'a Programme,
    /// The calendar of each area, and of a case without one.
    pub calendar: &'a dyn Fn(Option<&str>) -> &'a Calendar,
    pub case: &'a str,
    pub on: CivilDate,
    pub known_at: Option<Instant>,
    pub horizon: u64,
}

/// Retractions and corrections, by what is true of each event rather than by a walk.
fn retracted(log: &[Raw], known: &dyn Fn(&Raw) -> bool, i: usize) -> bool {
    (i + 1..log.len()).any(|j| {
        known(&log[j])
            && log[j].event_type == "event-retracted"
            && !retracted(log, known, j)
            && read(log, known, j).1["event"] == log[i].id
    })
}

fn read(log: &[Raw], known: &dyn Fn(&Raw) -> bool, i: usize) -> (Instant, Value) {
    let (mut time, mut data) = (log[i].time, log[i].data.clone());
    for j in i + 1..log.len() {
        if known(&log[j]) && log[j].event_type == "event-corrected" && !retracted(log, known, j) {
            let (_, correction) = read(log, known, j);
            if correction["event"] == log[i].id {
                if let Some(new) = correction["time"].as_str() {
                    time = new.parse().expect("a time");
                }
                if correction["data"].is_object() {
                    data = correction["data"].clone();
                }
            }
        }
    }
    (time, data)
}

fn counting(log: &[Raw], question: &Question<'_>) -> Vec<Counting> {
    let known = |raw: &Raw| question.known_at.is_none_or(|limit| raw.recorded <= limit);
    let mut counting = Vec::new();
    for (i, raw) in log.iter().enumerate() {
        if known(raw) && !retracted(log, &known, i) {
            let (time, data) = read(log, &known, i);
            let date = question.programme.zone.civil_date(time);
            if date <= question.on {
                counting.push(Counting {
                    number: i + 1,
                    event_type: raw.event_type.clone(),
                    time,
                    date,
                    data,
                });
            }
        }
    }
    counting
}

fn matches(matcher: &Matcher, event: &Counting) -> bool {
    *matcher.event == *event.event_type
        && matcher.conditions.iter().all(|(field, condition)| {
            let value = &event.data[field];
            match condition {
                Condition::Equals(wanted) => value == wanted,
                Condition::OneOf(wanted) => wanted.contains(value),
                Condition::AtLeast(limit) => value.as_f64().is_some_and(|n| n >= *limit),
                Condition::AtMost(limit) => value.as_f64().is_some_and(|n| n <= *limit),
                Condition::Contains(wanted) => value.as_array().is_some_and(|list| list.contains(wanted)),
            }
        })
}

fn any(matchers: &[Matcher], event: &Counting) -> bool {
    matchers.iter().any(|matcher| matches(matcher, event))
}

fn is_later(a: &Counting, b: &Counting) -> bool {
    (a.time, a.number) > (b.time, b.number)
}

/// A date plus a period, one unit after the other where that is the same thing.
fn plus(calendar: &Calendar, date: CivilDate, period: Period, times: u32) -> CivilDate {
    calendar.add(date, period, times).expect("in range")
}

fn minus(calendar: &Calendar, date: CivilDate, period: Period) -> CivilDate {
    calendar.subtract(date, period).expect("in range")
}

fn act_by(calendar: &Calendar, opens: CivilDate, deadline: CivilDate) -> CivilDate {
    opens
        .iter_days()
        .take_while(|day| *day <= deadline)
        .filter(|day| calendar.is_working_day(*day))
        .last()
        .unwrap_or(deadline)
}

struct Found {
    n: u32,
    opens: CivilDate,
    deadline: CivilDate,
    done: Option<CivilDate>,
    next: Option<CivilDate>,
}

pub fn evaluate(log: &[Raw], question: &Question<'_>) -> Vec<Row> {
    let events = counting(log, question);
    let opened = events.iter().filter(|event| event.event_type == "case-opened");
    let opened = opened.max_by_key(|event| (event.time, event.number));
    let calendar = (question.calendar)(opened.and_then(|event| event.data["area"].as_str()));
    let mut rows = Vec::new();
    for rule in &question.programme.rules {
        for anchor in events.iter().filter(|event| matches(&rule.anchor.event, event)) {
            if let Some(unless) = &rule.unless {
                let blocked = events.iter().any(|since| {
                    matches(&unless.since, since)
                        && is_later(anchor, since)
                        && !events
                            .iter()
                            .any(|b| matches(&unless.before, b) && is_later(b, since) && is_later(anchor, b))
                });
                if blocked {
                    continue;
                }
            }
            rows.extend(series(rule, anchor, &events, question, calendar));
        }
    }
    rows.sort();
    rows
}

#[expect(clippy::too_many_lines, reason = "one reading of the contract, from its first section to its last")]
fn series(
    rule: &Rule,
    anchor: &Counting,
    events: &[Counting],
    question: &Question<'_>,
    calendar: &Calendar,
) -> Vec<Row> {
    let on = question.on;
    let a = rule
        .anchor
        .date
        .as_ref()
        .and_then(|field| anchor.data[field].as_str())
        .map_or(anchor.date, |text| text.parse().expect("a date"));
    let start = if rule.offset.back {
        minus(calendar, a, rule.offset.period)
    } else {
        plus(calendar, a, rule.offset.period, 1)
    };
    let ends = events.iter().filter(|event| {
        is_later(event, anchor)
            && (matches(&rule.anchor.event, event)
                || any(&rule.until, event)
                || any(&question.programme.ends_with, event))
    });
    let end = ends.min_by_key(|event| (event.time, event.number)).map(|event| event.date);
    let from = rule.counts_from.as_ref().and_then(|matcher| {
        let before = events.iter().filter(|event| matches(matcher, event) && !is_later(event, anchor));
        before.max_by_key(|event| (event.time, event.number)).map(|event| event.date)
    });
    let from = from.unwrap_or(anchor.date);
    let mut dates: Vec<_> = events
        .iter()
        .filter(|event| event.number != anchor.number && any(&rule.done_by, event))
        .map(|event| event.date)
        .filter(|date| *date >= from && end.is_none_or(|end| *date <= end))
        .collect();
    dates.sort_unstable();
    let every = |every: &Every| match every {
        Every::Period(period) => *period,
        Every::Field(field) => anchor.data[field].as_str().expect("text").parse().expect("a period"),
    };
    let last_day = on.checked_add_days(Days::new(question.horizon)).expect("in range");
    let found = match &rule.shape {
        Shape::Once { due, opens } => {
            let deadline = plus(calendar, start, *due, 1);
            let opens = opens.as_ref().map_or(start, |opens| minus(calendar, deadline, *opens));
            let done = dates.iter().copied().find(|date| rule.counts_from.is_some() || *date >= opens);
            vec![Found { n: 1, opens, deadline, done, next: None }]
        }
        Shape::Windows { every: p, for_ } => {
            let p = every(p);
            // Far enough to see everything that is listed, and every waiver the generator makes.
            (1..=400)
                .map(|n| {
                    let opens = if n == 1 && rule.offset.is_zero() {
                        start
                    } else {
                        plus(calendar, start, p, n - 1).succ_opt().expect("in range")
                    };
                    let deadline = plus(calendar, start, p, n);
                    let done =
                        opens.iter_days().take_while(|day| *day <= deadline).find(|day| dates.contains(day));
                    Found { n, opens, deadline, done, next: Some(plus(calendar, start, p, n + 1)) }
                })
                .filter(|found| for_.as_ref().is_none_or(|l| found.deadline <= plus(calendar, start, *l, 1)))
                .filter(|found| end.is_none_or(|end| found.opens <= end))
                .collect()
        }
        Shape::Interval { every: p, for_ } => {
            let p = every(p);
            let mut found = Vec::new();
            let mut distinct: Vec<_> = dates.iter().copied().filter(|date| *date >= start).collect();
            distinct.dedup();
            let mut opens = start;
            for n in 1..=distinct.len() + 1 {
                let done = distinct.get(n - 1).copied();
                let deadline = plus(calendar, opens, p, 1);
                if for_.as_ref().is_none_or(|l| deadline <= plus(calendar, start, *l, 1)) {
                    found.push(Found {
                        n: u32::try_from(n).expect("few"),
                        opens,
                        deadline,
                        done,
                        next: None,
                    });
                }
                opens = done.unwrap_or(opens);
            }
            found
        }
    };
    let mut rows = Vec::new();
    for found in found {
        let name = format!("{}/{}/{}.{}", question.case, rule.id, anchor.number, found.n);
        let waived = events
            .iter()
            .any(|event| event.event_type == "obligation-waived" && event.data["occurrence"] == *name);
        let status = match (found.done, end) {
            (Some(done), _) if done <= found.deadline => "done",
            (Some(_), _) => "done-late",
            _ if waived => "waived",
            (_, Some(end)) if end <= on && found.deadline < end => "missed",
            (_, Some(end)) if end <= on => "cancelled",
            _ if on > found.deadline
                && found
                    .next
                    .is_some_and(|next| on > next || dates.iter().any(|date| *date > found.deadline)) =>
            {
                "missed"
            }
            _ if on > found.deadline => "overdue",
            _ if found.opens <= on => "open",
            _ => "scheduled",
        };
        if status != "scheduled" || found.deadline <= last_day {
            let act = act_by(calendar, found.opens, found.deadline);
            rows.push((name, status, found.opens, found.deadline, act, found.done));
        }
    }
    rows
}
