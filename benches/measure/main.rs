//! The measure of the log: `cargo bench --bench measure`, a Markdown table of what was found beside its bar.
//!
//! A word picks a part: `cargo bench --bench measure append`; the parts are `append`, `slow`, `engines`, `load`,
//! `import`, `replay`, `backup` and `open`. `ROUNDS=2 ROUND_MS=300` makes a short run. What is measured beside
//! something else takes turns with it in the same run; figures are medians over the rounds. Durable means that fdatasync
//! returned before the answer.

mod append;
mod backup;
#[path = "../support/load.rs"]
mod clients;
mod daemon;
mod engines;
mod flat;
mod import;
mod load;
mod million;
mod open;
mod raw;
mod replay;
mod rounds;
mod scan;
mod slow_disk;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod whole;

use million::Million;
use rounds::Rounds;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PARTS: [&str; 8] =
    ["append", slow_disk::PART, "engines", load::PART, "import", "replay", "backup", "open"];

fn main() {
    // `cargo bench` passes --bench.
    let part = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    if let Some(part) = &part {
        assert!(PARTS.contains(&&**part), "\"{part}\" is no part; there are {}", PARTS.join(", "));
    }
    let wanted = |name: &str| part.as_ref().is_none_or(|part| part == name);
    let rounds = Rounds::from_env();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if slow_disk::is_here() {
        runtime.block_on(slow_disk::measure(rounds));
        return runtime.shutdown_background();
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("{cores} cores, {} rounds of {} s, medians\n", rounds.count, rounds.length.as_secs_f64());
    table::heading();
    if wanted("append") {
        runtime.block_on(append::measure(rounds));
    }
    if wanted(load::PART) {
        runtime.block_on(load::measure());
    }
    runtime.shutdown_background();
    if wanted(slow_disk::PART) {
        slow_disk::elsewhere();
    }
    if wanted("engines") {
        engines::elsewhere();
    }
    if wanted("import") {
        import::measure(rounds);
    }
    if wanted("replay") || wanted("backup") || wanted("open") {
        let million = Million::build();
        if wanted("replay") {
            replay::measure(&million, rounds);
        }
        if wanted("backup") {
            backup::measure(&million, rounds);
        }
        // Last, as it appends more.
        if wanted("open") {
            open::measure(&million, rounds);
        }
    }
}
