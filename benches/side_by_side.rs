//! The figures that only mean something beside another: `cargo bench --bench side_by_side`.
//!
//! Durable append by 64 writers against a raw group commit to a file at the same concurrency, in
//! interleaved rounds of the same run; the import of validated events; the memory of the daemon.

mod support;

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use stepdown::config::{Config, Source};
use stepdown::daemon::{
    self, Alarm, AppendRequest, Clerk, Clock, Handle, Heartbeat, Postman, Snapshot, Writer,
};
use stepdown::mail::{Courier, FilesCourier};
use tokio::sync::{mpsc, oneshot, watch};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WRITERS: usize = 64;
/// Over which the appended events are spread.
const CASES: usize = 2_000;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Appends per second of `WRITERS` tasks that each wait for their answer before the next.
async fn rate<F: Future<Output = ()> + Send>(
    append: impl Fn(usize, usize) -> F + Clone + Send + 'static,
) -> f64 {
    let done = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (done, append) = (Arc::clone(&done), append.clone());
            tokio::spawn(async move {
                for n in 0.. {
                    if start.elapsed() >= ROUND {
                        break;
                    }
                    append(writer, n).await;
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("it ends");
    }
    let done = u32::try_from(done.load(Ordering::Relaxed)).expect("fewer than four thousand million");
    f64::from(done) / start.elapsed().as_secs_f64()
}

/// The least that a durable append can be: bytes to the end of a file, one fdatasync for all who wait.
fn raw(dir: &Path) -> mpsc::Sender<(Vec<u8>, oneshot::Sender<()>)> {
    let (sender, mut waiting) = mpsc::channel::<(Vec<u8>, oneshot::Sender<()>)>(4096);
    let mut file = File::create(dir.join("raw")).expect("a file");
    let commit = async move {
        while let Some((mut bytes, answer)) = waiting.recv().await {
            let mut answers = vec![answer];
            while let Ok((more, answer)) = waiting.try_recv() {
                bytes.extend(more);
                answers.push(answer);
            }
            file.write_all(&bytes).expect("written");
            file.sync_data().expect("synced");
            for answer in answers {
                let _ = answer.send(());
            }
        }
    };
    let runtime = tokio::runtime::Handle::current();
    std::thread::spawn(move || runtime.block_on(commit));
    sender
}

/// The daemon's loop with everything on, and cases that are open already.
async fn whole(dir: &Path, stopped: oneshot::Receiver<()>) -> (Handle, std::thread::JoinHandle<()>) {
    let mut config = Config::load(&Source::Starter).expect("the starter loads");
    // No mail: what is measured is the append.
    config.settings.reminders.go_live = Some("2027-01-01".parse().expect("a date"));
    let config = Arc::new(config);
    let mut writer = Writer::open(dir, Arc::clone(&config), "a bench").expect("a log");
    let clock = Clock::Standing(support::now());
    let request = AppendRequest::new(support::log(CASES, 20));
    writer.stage(request, clock.now()).expect("taken");
    writer.commit().expect("synced");
    writer.take_touched();
    let alarm = Alarm::new(writer.log().poison().clone());
    let clerk = Clerk::new(writer).expect("templates");
    let (requests, incoming) = mpsc::channel(4096);
    let (snapshots, snapshot) = watch::channel(Snapshot::of(&clerk, clock.now()));
    let postman = Postman::start(vec![Courier::Files(FilesCourier::new(dir.join("mail")))], &requests);
    let heartbeat = Heartbeat::start().await.expect("a heartbeat");
    let handle =
        Handle { requests, snapshot, source: Source::Starter, clock: clock.clone(), alarm, mended: 0 };
    let runtime = tokio::runtime::Handle::current();
    let shutdown = async move {
        let _ = stopped.await;
    };
    let run = daemon::run(clerk, clock, incoming, snapshots, postman, heartbeat, shutdown);
    let thread = std::thread::spawn(move || runtime.block_on(run).expect("a sound log"));
    (handle, thread)
}

async fn append() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let file = raw(dir.path());
    let (_stop, stopped) = oneshot::channel();
    let (handle, _thread) = whole(&dir.path().join("log"), stopped).await;
    let events: Arc<Vec<_>> = Arc::new((0..CASES).map(|case| support::event(case, 24)).collect());
    let size = serde_json::to_vec(&support::event(0, 21)).expect("JSON").len();
    let (mut raws, mut wholes, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let sender = file.clone();
        let raw = rate(move |_, _| {
            let sender = sender.clone();
            async move {
                let (answer, answered) = oneshot::channel();
                sender.send((vec![b'x'; size], answer)).await.expect("it listens");
                answered.await.expect("it answers");
            }
        })
        .await;
        let handle = handle.clone();
        let events = Arc::clone(&events);
        let whole = rate(move |writer, n| {
            let (handle, events) = (handle.clone(), Arc::clone(&events));
            async move {
                let mut event = events[(writer + n * WRITERS) % CASES].clone();
                event["id"] = format!("{round}-{writer}-{n}").into();
                let request = AppendRequest::new(vec![event]);
                handle.append(request).await.expect("it runs").expect("taken");
            }
        })
        .await;
        // The first round warms up and is not counted.
        if round > 0 {
            raws.push(raw);
            wholes.push(whole);
            ratios.push(whole / raw);
        }
    }
    println!(
        "durable append, {WRITERS} writers, {ROUNDS} interleaved rounds of {} s, medians:",
        ROUND.as_secs()
    );
    println!("  raw group commit to a file  {:>9.0} events/s", median(raws));
    println!("  stepdown, everything on     {:>9.0} events/s", median(wholes));
    println!("  ratio                       {:>9.2}  (bar: at least 0.40)", median(ratios));
}

/// The release binary that cargo built for this bench.
fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepdown"));
    command.stderr(Stdio::null());
    command
}

fn import_and_memory() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let lines: String =
        support::log(2_000, 100).iter().flat_map(|event| [event.to_string(), "\n".to_owned()]).collect();
    let file = dir.path().join("events.jsonl");
    std::fs::write(&file, lines).expect("written");
    let rates = (0..7).map(|round| {
        let data = dir.path().join(format!("data-{round}"));
        let start = Instant::now();
        let status =
            binary().arg("--data").arg(&data).arg("import").arg(&file).stdout(Stdio::null()).status();
        assert!(status.expect("it runs").success());
        200_000.0 / start.elapsed().as_secs_f64()
    });
    let rate = median(rates.collect());
    println!("import of 200,000 validated events, the whole process, median of 7:");
    println!("  stepdown import             {rate:>9.0} events/s  (bar: at least 100000)");
    let data = dir.path().join("data-0");
    let config = dir.path().join("config");
    assert!(binary().arg("init").arg(&config).stdout(Stdio::null()).status().expect("it runs").success());
    let settings = std::fs::read_to_string(config.join("stepdown.toml")).expect("readable");
    std::fs::write(
        config.join("stepdown.toml"),
        settings.replace("# go_live = 2026-04-01", "go_live = 2027-01-01"),
    )
    .expect("written");
    let mut daemon =
        binary().arg("--config").arg(&config).arg("--data").arg(&data).arg("run").spawn().expect("it runs");
    let start = Instant::now();
    while std::os::unix::net::UnixStream::connect(data.join("stepdown.sock")).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let opened = start.elapsed();
    let due =
        binary().arg("--data").arg(&data).args(["due", "--format", "json"]).stdout(Stdio::null()).status();
    assert!(due.expect("it runs").success());
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.id())).expect("a process");
    let kib = |key: &str| -> f64 {
        let line = status.lines().find(|line| line.starts_with(key)).expect("the key");
        line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number")
    };
    println!("the daemon with those 200,000 events in 2,000 cases:");
    println!("  ready after                 {:>9.2} s", opened.as_secs_f64());
    println!(
        "  memory after a due list     {:>9.0} MB, {:.0} MB at its highest  (bar: at most 200)",
        kib("VmRSS") / 1024.0,
        kib("VmHWM") / 1024.0
    );
    daemon.kill().expect("it ends");
    daemon.wait().expect("it ends");
}

fn main() {
    // `cargo bench` passes --bench; a word of one's own picks a part.
    let part = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let wanted = |name: &str| part.as_ref().is_none_or(|part| part == name);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if wanted("append") {
        runtime.block_on(append());
    }
    runtime.shutdown_background();
    if wanted("import") {
        import_and_memory();
    }
}
