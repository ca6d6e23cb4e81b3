//! Makes the sample of the present format, on a virtual clock: what a year of work leaves in a data directory.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration as Span;

use serde_json::{Value, json};
use stepdown::calendar::Instant;
use stepdown::config::{Config, Source, init};
use stepdown::daemon::{AppendRequest, Clerk, EraseOrder, Order, SilenceOrder, Writer};
use stepdown::mail::Outcome;
use stepdown::reminders::Stage;

use super::{DATA, Sample};

/// The journey's events after this day lie ahead of the sample.
const STANDS_AT: &str = "2025-05-29";

/// Makes the directories, packs them, and writes down what they tell today.
pub fn make(to: &Path) {
    let work = tempfile::tempdir().expect("a directory");
    let dir = work.path();
    init(&dir.join("config")).expect("written");
    shorten(dir);
    let mut clerk = first_week(dir);
    change_policy(&mut clerk, dir);
    second_week(&mut clerk);
    erase(&mut clerk);
    last_morning(&mut clerk);
    clerk.close().expect("closed");
    std::fs::remove_file(dir.join(DATA).join("lock")).expect("a lock");
    std::fs::create_dir_all(to).expect("a directory");
    let sample = Sample::pack(work, to);
    for (name, told) in sample.tells() {
        std::fs::write(to.join(name), told).expect("written");
    }
    sample.keep_checkpoint(to);
}

/// Rules of each shape that is at work in the sample; the log holds the whole text of a policy.
const RULES: [&str; 8] = [
    "advocacy-referral",
    "preparation-planning-meeting",
    "csw-visit-settling",
    "support-meeting-weekly",
    "scayt-session",
    "my-home-my-place",
    "looked-after-review",
    "support-period-review",
];

/// Leaves of the policy a few rules, and of the bank holidays those of the year: the sample is to be small.
fn shorten(dir: &Path) {
    let file = dir.join("config/programmes/lancashire-step-down.toml");
    let text = std::fs::read_to_string(&file).expect("a file");
    let is_kept = |part: &&str| {
        let named = |id: &&str| part.contains(&format!("id = \"{id}\"\n"));
        !part.starts_with("example]]") && (!part.starts_with("rule]]") || RULES.iter().any(named))
    };
    let parts: Vec<_> = text.split("\n[[").filter(is_kept).collect();
    std::fs::write(&file, parts.join("\n[[")).expect("written");
    let file = dir.join("config/bank-holidays.json");
    let text = std::fs::read_to_string(&file).expect("a file");
    let mut all: Value = serde_json::from_str(&text).expect("JSON");
    let days = all["england-and-wales"]["events"].as_array_mut().expect("a list");
    days.retain(|day| day["date"].as_str() > Some("2024"));
    let all = json!({"england-and-wales": all["england-and-wales"]});
    std::fs::write(&file, serde_json::to_string_pretty(&all).expect("JSON")).expect("written");
}

fn at(moment: &str) -> Instant {
    moment.parse().expect("an instant")
}

fn config(dir: &Path) -> Arc<Config> {
    let config = Config::load(&Source::Directory(dir.join("config")));
    Arc::new(config.unwrap_or_else(|error| panic!("{:?}", error.faults)))
}

fn event(id: &str, case: &str, event_type: &str, day: &str, data: &Value) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "https://case-system.example.org/", "type": event_type,
           "subject": case, "time": format!("{day}T10:00:00Z"), "data": data})
}

fn append(clerk: &mut Clerk, events: Vec<Value>, now: Instant) {
    let staged = clerk.writer().stage(AppendRequest::new(events), now);
    staged.unwrap_or_else(|error| panic!("{error:?}"));
    clerk.writer().commit().expect("synced");
}

/// Looks at the clock, which runs steadily from the first day on, and plans.
fn plan(clerk: &mut Clerk, now: Instant) {
    let monotonic = (now - at("2025-05-26T07:00:00Z")).to_std().unwrap_or(Span::ZERO);
    clerk.look_at_clock(now, monotonic);
    clerk.plan(now);
    clerk.writer().commit().expect("synced");
}

/// Mails three messages of what is planned; `outcome` says what becomes of each.
fn mail(clerk: &mut Clerk, now: Instant, outcome: impl Fn(usize) -> Option<Outcome>) {
    let parcels = clerk.parcels(now, 3).expect("a log");
    clerk.writer().commit().expect("synced");
    for (n, parcel) in parcels.iter().enumerate() {
        let outcome = outcome(n);
        if !matches!(outcome, Some(Outcome::NotSent { .. })) {
            clerk.transmitting(parcel.key.clone(), now);
        }
        if let Some(outcome) = outcome {
            clerk.delivered(parcel, outcome, now);
        }
    }
    clerk.writer().commit().expect("synced");
}

fn accepted() -> Outcome {
    Outcome::Accepted("250 2.0.0 Ok: queued".to_owned())
}

/// The journey so far, beside a case that ends and is erased later. The store has what was recorded until then.
fn first_week(dir: &Path) -> Clerk {
    let config = config(dir);
    let mut writer = Writer::open(&dir.join(DATA), Arc::clone(&config), "a sample").expect("a log");
    let now = at("2025-05-23T09:00:00Z");
    writer.configure(config, now);
    let mut clerk = Clerk::new(writer).expect("templates");
    append(&mut clerk, journey(|day| day < "2025-05-23"), now);
    let opened = json!({"programme": "lancashire-step-down", "born_on": "2007-06-01"});
    let assigned = json!({"role": "child-social-worker", "person": "amara-okafor"});
    append(
        &mut clerk,
        vec![
            event("sd-1-1", "SD-1", "case-opened", "2025-05-19", &opened),
            event("sd-1-2", "SD-1", "professional-assigned", "2025-05-19", &assigned),
            event("sd-1-3", "SD-1", "suitability-confirmed", "2025-05-20", &Value::Null),
            event("sd-2-1", "SD-2", "case-opened", "2025-05-19", &opened),
            event("sd-2-2", "SD-2", "professional-assigned", "2025-05-19", &assigned),
            event("sd-2-3", "SD-2", "suitability-confirmed", "2025-05-20", &Value::Null),
        ],
        now,
    );
    let monday = at("2025-05-27T07:00:00Z");
    plan(&mut clerk, monday);
    let refused = || Outcome::Refused { stage: Stage::RcptTo, reason: "550 5.1.1 No such user".to_owned() };
    let broken = || Outcome::Ambiguous("the connection broke after the message".to_owned());
    mail(&mut clerk, monday, |n| {
        Some(match n {
            0 => refused(),
            1 => broken(),
            _ => accepted(),
        })
    });
    clerk.books().log().settle().expect("moved into the store");
    clerk
}

fn journey(is_told: impl Fn(&str) -> bool) -> Vec<Value> {
    let lines = include_str!("../../events/samples/journey.jsonl").lines();
    let events = lines.map(|line| serde_json::from_str::<Value>(line).expect("an event"));
    let day = |event: &Value| event["time"].as_str().map_or(String::new(), |time| time[..10].to_owned());
    events
        .filter(|event| is_told(&day(event)))
        .map(|mut event| {
            event.as_object_mut().map(|fields| fields.remove("recordedtime"));
            event
        })
        .collect()
}

/// A limit becomes shorter for the children who are in it already, a holiday is added, somebody is away.
fn change_policy(clerk: &mut Clerk, dir: &Path) {
    let programme = dir.join("config/programmes/lancashire-step-down.toml");
    let due = |within: &str| format!("anchor = \"suitability-confirmed\"\ndue = \"{within}\"");
    edit(&programme, &due("2 weeks"), &due("1 week"));
    edit(&programme, "\nends_with", "\napplies_to = \"open\"\nends_with");
    edit(
        &dir.join("config/bank-holidays.json"),
        "\"events\": [",
        "\"events\": [{\"title\": \"A day off\", \"date\": \"2025-06-06\", \"notes\": \"\", \"bunting\": false},",
    );
    edit(
        &dir.join("config/people.toml"),
        "id = \"amara-okafor\"",
        "id = \"amara-okafor\"\nabsent = [{ from = 2025-06-04, to = 2025-06-06, cover = \"nadia-rahman\" }]",
    );
    clerk.configure(config(dir), at("2025-05-28T12:00:00Z")).expect("templates");
    clerk.writer().commit().expect("synced");
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).expect("a file");
    assert!(text.contains(from), "{} has no {from}", file.display());
    std::fs::write(file, text.replacen(from, to, 1)).expect("written");
}

/// More of the journey; what was wrong is mended; mail is held, released, and silenced in part.
fn second_week(clerk: &mut Clerk) {
    let now = at("2025-05-29T11:00:00Z");
    append(clerk, journey(|day| ("2025-05-23"..STANDS_AT).contains(&day)), now);
    let corrected = json!({"event": "sd-2-3", "time": "2025-05-21T10:00:00Z", "reason": "mistyped"});
    let waived =
        json!({"occurrence": "SD-2/advocacy-referral/3.1", "reason": "the child has an advocate already"});
    append(
        clerk,
        vec![
            event("sd-2-4", "SD-2", "event-corrected", "2025-05-29", &corrected),
            event("sd-2-5", "SD-2", "obligation-waived", "2025-05-29", &waived),
            event("sd-2-6", "SD-2", "readiness-confirmed", "2025-05-29", &Value::Null),
            event(
                "sd-2-7",
                "SD-2",
                "event-retracted",
                "2025-05-29",
                &json!({"event": "sd-2-6", "reason": "another child"}),
            ),
        ],
        now,
    );
    let order = |clerk: &mut Clerk, order, hour| {
        let now = at(&format!("2025-05-29T{hour}:00:00Z"));
        clerk.order(order, "priya".to_owned(), now).expect("it makes sense");
        clerk.writer().commit().expect("synced");
    };
    order(clerk, Order::Hold { reason: "the relay moves".to_owned() }, 12);
    order(clerk, Order::Release, 13);
    let silence = SilenceOrder {
        case: "SD-0042".parse().ok(),
        rule: "advocacy-referral".parse().ok(),
        person: None,
        until: "2025-06-30".parse().expect("a date"),
        reason: "agreed".to_owned(),
    };
    order(clerk, Order::Silence(silence), 14);
    let friday = at("2025-05-30T07:00:00Z");
    plan(clerk, friday);
    mail(clerk, friday, |_| Some(accepted()));
}

fn erase(clerk: &mut Clerk) {
    let now = at("2025-06-02T06:30:00Z");
    append(clerk, vec![event("sd-1-4", "SD-1", "case-closed", "2025-06-01", &json!({}))], now);
    let order = EraseOrder {
        case: "SD-1".parse().expect("a reference"),
        author: "priya".to_owned(),
        recorded_by: None,
        reason: "request 17".to_owned(),
        before_retention: true,
        events: None,
    };
    clerk.erase(&order, now).expect("it is closed");
    clerk.writer().commit().expect("synced");
}

/// Of the messages of this morning one is on its way, and the others wait for the relay.
fn last_morning(clerk: &mut Clerk) {
    let now = at("2025-06-02T07:00:00Z");
    plan(clerk, now);
    let wait = || Outcome::Deferred { stage: Stage::RcptTo, reason: "451 4.7.1 Greylisted".to_owned() };
    mail(clerk, now, |n| (n > 0).then(wait));
}
