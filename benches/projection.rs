//! How long it takes to know what is due, and to report on it: `cargo bench --bench projection`.

mod support;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use stepdown::api::answer::Answers;
use stepdown::api::{DueQuery, ReportQuery};
use stepdown::case::{RecordedEvent, Sequence, parse_event};
use stepdown::config::{Config, Source};
use stepdown::daemon::{AppendRequest, Records, Writer};
use tempfile::TempDir;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn writer(cases: usize, each: usize) -> (TempDir, Writer) {
    let dir = tempfile::tempdir().expect("a directory");
    let config = Arc::new(Config::load(&Source::Starter).expect("the starter loads"));
    let mut writer = Writer::open(dir.path(), config, "a bench").expect("a log");
    let events = support::log(cases, each);
    writer.stage(AppendRequest::new(events), support::now()).expect("taken");
    writer.commit().expect("synced");
    (dir, writer)
}

/// The whole due list over 2,000 cases and 200,000 events, and the cost of a case as cases grow.
fn due(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("due");
    group.sample_size(10);
    for cases in [20, 200, 2_000] {
        let (_dir, writer) = writer(cases, 100);
        let query = DueQuery { on: Some("2026-01-15".parse().expect("a date")), ..DueQuery::default() };
        group.throughput(Throughput::Elements(cases as u64));
        group.bench_function(BenchmarkId::new("cases of 100 events", cases), |bencher| {
            bencher.iter(|| {
                // Case by case, as the daemon answers.
                let (records, config) = (writer.records(), writer.config());
                let mut count = 0;
                let answers = Answers { records, config, now: support::now() };
                let answered = answers.due_by_case(&query, |rows| count += black_box(rows).len());
                answered.expect("the programme is there");
                count
            });
        });
    }
    group.finish();
}

/// 10,000 cases of 160 events, as a large authority would have after two years; held as a daemon holds them.
fn cases() -> Records {
    let mut records = Records::default();
    for case in 0..10_000 {
        for n in 0..160 {
            let (event, _) = parse_event(support::event(case, n)).expect("an event");
            let number = records.next_number(&event.subject);
            let (sequence, recorded) = (Sequence(case as u64 * 160 + n as u64 + 1), event.time);
            records.cases.apply(&RecordedEvent { event, sequence, number, recorded });
        }
    }
    records
}

/// The report on twelve months over all of them.
fn report(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("report");
    group.sample_size(10);
    let (records, config) = (cases(), Config::load(&Source::Starter).expect("the starter loads"));
    let answers = Answers { records: &records, config: &config, now: support::now() };
    group.bench_function("10,000 cases of 160 events", |bencher| {
        bencher.iter(|| black_box(answers.report(&ReportQuery::default()).expect("a report")));
    });
    group.finish();
}

criterion_group!(benches, due, report);
criterion_main!(benches);
