//! The power goes: what was not synced is gone, and what was acknowledged is there.

use std::time::Duration;

use crate::disk::Disk;
use crate::kill::judge;
use crate::load::{Acknowledged, import, under_load};
use crate::stand::Stand;
use crate::tally::{Luck, Tally, times};
use crate::tools::failing_calls;

/// How many power cuts one disk sees before there is a new one.
const LIVES: usize = 5;

#[test]
fn the_power_goes_and_nothing_acknowledged_is_lost() {
    let tally = Tally::of("power cut");
    tally.each(times(10, 300).div_ceil(LIVES), |number, mut luck| {
        // Every other disk has an old log already; on the others the first open is cut short, too.
        let Some(lost) = one_disk(&tally, &mut luck, number % 2 == 1, &[]) else { return };
        for (life, what) in lost {
            tally.wrong(format!("disk {number}, life {life}: {what}"));
        }
    });
    tally.count("lost", 0);
    tally.close();
}

/// The harness can fail: a daemon whose syncs do nothing loses what it acknowledged.
#[test]
fn without_syncs_the_same_power_cuts_lose_what_was_acknowledged() {
    let tally = Tally::of("power cut without syncs");
    let Some(library) = failing_calls() else { return };
    let lie = [("LD_PRELOAD", library.display().to_string()), ("FAULT_LIE", "1".to_owned())];
    let tried = std::sync::atomic::AtomicBool::new(false);
    tally.each(times(2, 10), |_, mut luck| {
        let lost = one_disk(&tally, &mut luck, true, &lie);
        tried.fetch_or(lost.is_some(), std::sync::atomic::Ordering::Relaxed);
    });
    if tried.into_inner() {
        assert!(tally.counted("lost") > 0, "the harness loses nothing, whatever is done");
    }
    tally.close();
}

/// Gives the lives in which something was lost; `None` where the power cannot be cut.
fn one_disk(
    tally: &Tally,
    luck: &mut Luck,
    has_log: bool,
    env: &[(&str, String)],
) -> Option<Vec<(usize, String)>> {
    let home = tempfile::tempdir().expect("a directory");
    let disk = Disk::make(home.path())?;
    let stand = Stand::new(home.path(), disk.mount.join("data"));
    let acknowledged = Acknowledged::default();
    if has_log {
        import(&stand, 500, &acknowledged);
        disk.settle();
    }
    let mut lost = Vec::new();
    for life in 0..LIVES {
        // Given a daemon that takes events, or has only been started …
        let mut daemon = stand.daemon(env);
        if !luck.one_in(4) {
            stand.is_ready(&mut daemon);
        }
        under_load(&stand.socket(), life + 1, &acknowledged, || {
            std::thread::sleep(Duration::from_micros(luck.below(300_000)));
            // … when the power goes: nothing runs any more, and nothing reaches the disk …
            daemon.signal("-STOP");
            disk.cut();
            daemon.kill();
        });
        let mounted = disk.restart();
        tally.count("cycles", 1);
        // … then the disk has every event that was acknowledged.
        let judged =
            mounted.map_err(|what| ("unmountable", what)).and_then(|()| judge(&stand, &acknowledged));
        if let Err((class, what)) = judged {
            tally.count(class, 1);
            lost.push((life, format!("{class}: {what}")));
            break;
        }
    }
    tally.count("acknowledged", acknowledged.len());
    Some(lost)
}
