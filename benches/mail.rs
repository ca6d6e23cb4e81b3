//! Mail at scale: `cargo bench --bench mail`.
//!
//! Ten thousand digests to Postfix's smtp-sink, every step in the synced log, beside Postfix's own
//! smtp-source with as many sessions, in interleaved rounds of one run; and planning for a thousand people
//! with fifty thousand open obligations.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Duration as Span;
use serde_json::{Value, json};
use stepdown::calendar::Instant as Moment;
use stepdown::case::rfc3339;
use stepdown::config::{Config, SmtpSettings, Source, Tls, Transport};
use stepdown::daemon::{self, AppendRequest, Clerk, Clock, Heartbeat, Manager, Postman, Snapshot, Writer};
use stepdown::language::Language;
use stepdown::mail::Courier;
use stepdown::reminders::{Ledger, Looked, MailFact, MessageKind, Person, Recipient, World, plan};
use stepdown::schedule::Places;
use tokio::sync::{mpsc, oneshot, watch};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SESSIONS: u16 = 50;
const DIGESTS: usize = 10_000;
const ROUNDS: usize = 5;
/// About the size of one of those digests, in bytes.
const SIZE: usize = 5_000;
/// Each is somebody of their own in each case of the delivery bench, and has something to be told.
const ROLES: [&str; 5] = [
    "child-social-worker",
    "supervising-social-worker",
    "stability-worker",
    "residential-key-worker",
    "scayt",
];

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn moment(text: &str) -> Moment {
    text.parse().expect("a moment")
}

/// `cases` children who moved in on Monday 1 June 2026, with `people` professionals among them.
fn moves(cases: usize, people: usize) -> Vec<Value> {
    let event = |case: usize, n: usize, event_type: &str, data: Value| {
        let time = moment("2026-06-01T09:00:00Z") + Span::minutes(i64::try_from(n).expect("few"));
        json!({
            "specversion": "1.0", "id": format!("{case}-{n}"), "source": "/bench", "type": event_type,
            "subject": format!("SD-{case:05}"), "time": rfc3339(time), "data": data,
        })
    };
    let case = |case: usize| {
        let opened = event(case, 0, "case-opened", json!({"programme": "lancashire-step-down"}));
        let assigned = ROLES.iter().enumerate().map(move |(n, role)| {
            let person = format!("p{}", (case * ROLES.len() + n) % people);
            event(case, n + 1, "professional-assigned", json!({"role": role, "person": person}))
        });
        let moved = event(case, 9, "child-moved-in", json!({"changes_school": true}));
        [opened].into_iter().chain(assigned).chain([moved])
    };
    (0..cases).flat_map(case).collect()
}

fn config(people: usize) -> Config {
    let mut config = Config::load(&Source::Starter).expect("the starter loads");
    for n in 0..people {
        let person = Person {
            id: format!("p{n}").parse().expect("an id"),
            name: format!("Person {n}"),
            email: format!("p{n}@example.org"),
            manager: None,
            left_on: None,
            absences: Vec::new(),
            calendar: false,
            language: Language::English,
        };
        config.people.persons.insert(person.id.clone(), person);
    }
    config.settings.reminders.breaker = 1_000_000;
    config.settings.reminders.admins = Vec::new();
    config
}

/// Ends by pid when dropped.
struct Sink(Child);

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn smtp_sink(port: u16) -> Sink {
    let mut sink = Command::new("/usr/sbin/smtp-sink");
    if Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n") {
        sink.args(["-u", "nobody"]);
    }
    let sink = sink.args([&format!("127.0.0.1:{port}"), "1000"]).stderr(Stdio::null()).spawn();
    let sink = Sink(sink.expect("smtp-sink is there: apt-get install postfix"));
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    sink
}

/// The rate of smtp-source with messages of `size` bytes; `reuse`: many messages over one connection, as we do.
fn smtp_source(port: u16, size: usize, reuse: bool) -> f64 {
    let start = Instant::now();
    let mut source = Command::new("/usr/sbin/smtp-source");
    source.args(["-s", &SESSIONS.to_string(), "-m", &DIGESTS.to_string(), "-l", &size.to_string()]);
    if reuse {
        source.arg("-d");
    }
    let status = source
        .args(["-f", "from@example.org", "-t", "to@example.org", &format!("127.0.0.1:{port}")])
        .status();
    assert!(status.expect("smtp-source is there").success());
    rate(start)
}

fn rate(start: Instant) -> f64 {
    f64::from(u32::try_from(DIGESTS).expect("few")) / start.elapsed().as_secs_f64()
}

/// The rate of the daemon's loop from its start at eight in the morning to the last digest accepted, all
/// planned, made, sent and synced.
async fn stepdown(port: u16, dir: &Path) -> f64 {
    let mut config = config(DIGESTS);
    // The notices of the move, and the reminders of the first days, are left out: what is measured is digests.
    config.settings.reminders.go_live = Some("2026-06-05".parse().expect("a date"));
    config.settings.mail.transport = Transport::Smtp;
    config.settings.mail.smtp = Some(SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: Tls::None,
        username: None,
        password_file: None,
        password_credential: None,
        ca_file: None,
        sessions: SESSIONS,
        timeout_seconds: Duration::from_mins(1),
        final_timeout_seconds: Duration::from_mins(10),
    });
    let config = Arc::new(config);
    let mut writer = Writer::open(dir, Arc::clone(&config), "a bench").expect("a log");
    let request = AppendRequest::new(moves(DIGESTS / ROLES.len(), DIGESTS));
    writer.stage(request, moment("2026-06-01T12:00:00Z")).expect("taken");
    writer.commit().expect("synced");
    let clock = Clock::Standing(moment("2026-06-11T07:00:00Z"));
    let clerk = Clerk::new(writer).expect("templates");
    let (requests, incoming) = mpsc::channel(4096);
    let (snapshots, mut snapshot) = watch::channel(Snapshot::of(&clerk, clock.now()));
    let couriers = Courier::several(&config.settings.mail, dir).expect("couriers");
    let postman = Postman::start(couriers, &requests);
    let heartbeat = Heartbeat::start().await.expect("a heartbeat");
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move {
        let _ = stopped.await;
    };
    let start = Instant::now();
    let run = daemon::run(
        clerk,
        clock,
        incoming,
        snapshots,
        postman,
        heartbeat,
        Manager::of_this_process(),
        shutdown,
    );
    let runtime = tokio::runtime::Handle::current();
    let thread = std::thread::spawn(move || runtime.block_on(run).expect("a sound log"));
    let done = |snapshot: &Snapshot| {
        let counts = snapshot.records.ledger.counts();
        counts.accepted >= DIGESTS && counts.waiting == 0
    };
    let last = snapshot.wait_for(done).await.expect("it runs").clone();
    let accepted = last.records.ledger.counts().accepted;
    let rate = rate(start) * f64::from(u32::try_from(accepted).expect("few"))
        / f64::from(u32::try_from(DIGESTS).expect("few"));
    drop(stop);
    drop(requests);
    thread.join().expect("it ends");
    let mails = last
        .records
        .ledger
        .deliveries()
        .filter(|delivery| delivery.plan.matter.kind() == MessageKind::Digest);
    assert_eq!(mails.count(), DIGESTS, "of {accepted} messages");
    rate
}

async fn delivery() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let _sink = smtp_sink(port);
    let (mut ours, mut theirs, mut fresh, mut ratios) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        let our = stepdown(port, dir.path()).await;
        let their = smtp_source(port, SIZE, true);
        let new = smtp_source(port, SIZE, false);
        // The first round warms up and is not counted.
        if round > 0 {
            ours.push(our);
            theirs.push(their);
            fresh.push(new);
            ratios.push(our / their);
        }
    }
    println!("{DIGESTS} digests to smtp-sink, {SESSIONS} sessions, {ROUNDS} interleaved rounds, medians:");
    println!("  smtp-source, sessions kept      {:>8.0} messages/s", median(theirs));
    println!("  smtp-source, a session a message{:>8.0} messages/s", median(fresh));
    println!("  stepdown, planned to synced     {:>8.0} messages/s", median(ours));
    println!("  ratio to sessions kept          {:>8.2}  (bar: at least 0.50)", median(ratios));
}

fn planning() {
    const CASES: usize = 3_200;
    let config = Arc::new(config(1_000));
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let mut writer = Writer::open(dir.path(), Arc::clone(&config), "a bench").expect("a log");
    writer.stage(AppendRequest::new(moves(CASES, 1_000)), moment("2026-06-01T12:00:00Z")).expect("taken");
    writer.commit().expect("synced");
    let office = config.office();
    let looked_at: Vec<_> = writer.cases().iter().map(Looked::from).collect();
    let now = moment("2026-06-11T07:00:00Z");
    let day = Some("2026-06-11".parse().expect("a date"));
    let mut ledger = Ledger::default();
    let places = Places::of(writer.cases(), &config.policies, None);
    let run = |ledger: &Ledger| {
        let world = World {
            cases: writer.cases(),
            places: &places,
            policies: &config.policies,
            people: &config.people,
            ledger,
            office: &office,
            now,
        };
        let start = Instant::now();
        (plan(&world, &looked_at, day), start.elapsed().as_secs_f64())
    };
    let first: Vec<f64> = (0..7).map(|_| run(&ledger).1).collect();
    let planning = run(&ledger).0;
    let messages = planning.messages.len();
    let items: usize = planning.messages.iter().map(|planned| planned.plan.matter.items().len()).sum();
    let people: std::collections::BTreeSet<_> = planning
        .messages
        .iter()
        .filter(|planned| Recipient::person_of(&planned.plan.to).is_some())
        .collect::<Vec<_>>()
        .iter()
        .map(|planned| planned.plan.to.clone())
        .collect();
    for planned in planning.messages {
        ledger.apply(&MailFact::MailPlanned(planned.plan), now);
    }
    let again: Vec<f64> = (0..7).map(|_| run(&ledger).1).collect();
    let answers = stepdown::api::answer::Answers { records: writer.records(), config: &config, now };
    let open = answers.due(&stepdown::api::DueQuery { on: day, horizon: Some(0), ..Default::default() });
    let open =
        open.expect("known").iter().filter(|row| ["open", "overdue"].contains(&row.status.name())).count();
    println!(
        "planning a morning: {} people, {open} open obligations in {CASES} cases, median of 7:",
        people.len()
    );
    println!(
        "  nothing told yet ({messages} messages, {items} items) {:>6.2} s  (bar: at most 1)",
        median(first)
    );
    println!("  all of it told already                        {:>6.2} s", median(again));
}

fn main() {
    // `cargo bench` passes --bench; a word of one's own picks a part.
    let part = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let wanted = |name: &str| part.as_ref().is_none_or(|part| part == name);
    if wanted("planning") {
        planning();
    }
    if wanted("delivery") {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        runtime.block_on(delivery());
        runtime.shutdown_background();
    }
}
