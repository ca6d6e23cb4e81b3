//! Many clients at once, for a few seconds: nobody gets an error, and what was acknowledged is there. How long an
//! answer takes is measured elsewhere: `cargo bench --bench measure load`.

#[path = "support/binary.rs"]
mod binary;
#[path = "../benches/support/load.rs"]
mod clients;
#[path = "../benches/support/mod.rs"]
mod support;

use std::time::Duration;

use binary::Home;
use clients::Pace;
use serde_json::Value;

const CASES: usize = 100;

#[test]
fn many_clients_at_once_get_no_error_and_lose_nothing() {
    let home = Home::new();
    home.init();
    home.edit("stepdown.toml", "# go_live = 2026-04-01", "go_live = 2099-01-01");
    let file = home.write("events.jsonl", &clients::history(CASES));
    assert_eq!(home.run(&["import", file.to_str().expect("a path")]).code, 0);
    let daemon = home.daemon(|_| ());
    let socket = home.data().join("stepdown.sock");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let found = runtime.block_on(clients::run(&socket, CASES, "load", Pace::NONE, Duration::from_secs(3)));
    assert_eq!(found.errors, <[String; 0]>::default());
    for waits in [&found.appends, &found.of_person, &found.of_case, &found.whole] {
        assert!(waits.count() > 0, "{found:?}");
    }
    let expected = CASES * clients::EACH + found.appends.count();
    assert_eq!(runtime.block_on(clients::events(&socket)), expected);
    // On the disk, too: the daemon is killed, and the log is read.
    daemon.kill();
    let verified: Value = home.json(&["verify"]);
    assert_eq!(
        (&verified["whole"], verified["events"].as_u64()),
        (&Value::from(true), u64::try_from(expected).ok())
    );
}
