//! Killed at any moment, the first open included: the directory opens again, and has what was acknowledged.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::load::{Acknowledged, disorder, lines, under_load};
use crate::stand::{Found, Stand};
use crate::tally::{Luck, Tally, times};

/// How often one directory is killed before there is a new one.
const LIVES: usize = 10;
const IMPORTED: usize = 2_000;

#[test]
fn killed_at_any_moment_it_opens_again_with_all_that_was_acknowledged() {
    let tally = Tally::of("kill");
    let cycles = times(30, 1_000);
    tally.each(cycles.div_ceil(LIVES), |number, mut luck| {
        let home = tempfile::tempdir().expect("a directory");
        let stand = Stand::new(home.path(), home.path().join("data"));
        let acknowledged = Acknowledged::default();
        // Every third directory begins with an import that may not come to its end.
        let imports = number % 3 == 2;
        for life in 0..LIVES {
            let fault = if imports && life == 0 {
                import_and_kill(&stand, &acknowledged, &mut luck)
            } else {
                append_and_kill(&stand, life, &acknowledged, &mut luck);
                judge(&stand, &acknowledged)
            };
            tally.count("cycles", 1);
            if let Err((class, what)) = fault {
                tally.count(class, 1);
                tally.wrong(format!("directory {number}, life {life}: {class}: {what}"));
                break;
            }
        }
        tally.count("acknowledged", acknowledged.len());
    });
    assert!(tally.counted("acknowledged") > 0, "nothing was tried");
    for class in ["lost", "refused"] {
        tally.count(class, 0);
    }
    tally.close();
}

/// The first open makes the files one after the other: killed between any two of them, it must be possible
/// to make them again.
#[test]
fn killed_while_the_log_is_made_the_directory_opens_all_the_same() {
    let tally = Tally::of("kill in the making");
    // Given a daemon on an empty directory, killed before it is ready, or soon after …
    let usual = first_open();
    tally.each(times(24, 300), |number, mut luck| {
        let home = tempfile::tempdir().expect("a directory");
        let stand = Stand::new(home.path(), home.path().join("data"));
        let daemon = stand.daemon(&[]);
        std::thread::sleep(usual.mul_f64(luck.fraction() * 1.1));
        daemon.kill();
        // … then a command finds a log or none yet, and the next daemon starts.
        let judged = judge(&stand, &Acknowledged::default());
        let mut again = stand.daemon(&[]);
        let judged = match judged {
            Ok(()) if !stand.is_ready(&mut again) => {
                let ran = again.end(Duration::ZERO);
                Err(("refused", format!("no start after a first look: {ran:?}")))
            }
            judged => judged,
        };
        tally.count("cycles", 1);
        if let Err((class, what)) = judged {
            tally.count(class, 1);
            tally.wrong(format!("directory {number}: {class}: {what}"));
        }
    });
    tally.count("refused", 0);
    tally.close();
}

/// How long the first open takes on this machine.
fn first_open() -> Duration {
    let home = tempfile::tempdir().expect("a directory");
    let stand = Stand::new(home.path(), home.path().join("data"));
    let since = Instant::now();
    let mut daemon = stand.daemon(&[]);
    assert!(stand.is_ready(&mut daemon), "the daemon does not start");
    since.elapsed()
}

/// The class of what is wrong, and what it is.
pub type Judged = Result<(), (&'static str, String)>;

fn append_and_kill(stand: &Stand, life: usize, acknowledged: &Acknowledged, luck: &mut Luck) {
    // Given a daemon that has just been started, or that answers already, when it is killed …
    let mut daemon = stand.daemon(&[]);
    if luck.one_in(2) {
        stand.is_ready(&mut daemon);
    }
    under_load(&stand.socket(), life + 1, acknowledged, || {
        std::thread::sleep(Duration::from_micros(luck.below(300_000)));
        daemon.kill();
    });
}

/// … then the directory opens, as a log or as none yet, and nothing acknowledged is missing.
pub fn judge(stand: &Stand, acknowledged: &Acknowledged) -> Judged {
    match stand.export() {
        Found::Absent if acknowledged.len() == 0 => return Ok(()),
        Found::Absent => return Err(("lost", "there is no log any more".to_owned())),
        Found::Refused(ran) => return Err(("refused", format!("{ran:?}"))),
        Found::Log(log) => {
            let lost = acknowledged.lost(&log);
            if !lost.is_empty() {
                let of = acknowledged.len();
                return Err(("lost", format!("{} of {of}: {:?}", lost.len(), lost.first())));
            }
            if let Some(what) = disorder(&log) {
                return Err(("lost", what));
            }
        }
    }
    let verified = stand.verify();
    if verified.is_ok() { Ok(()) } else { Err(("refused", format!("{verified:?}"))) }
}

/// An import is there whole, or not at all.
fn import_and_kill(stand: &Stand, acknowledged: &Acknowledged, luck: &mut Luck) -> Judged {
    let file = Path::new("import.jsonl");
    std::fs::write(stand.home.join(file), lines("SD-2", IMPORTED)).expect("a file");
    let mut import = stand.start_with(stand.command(&["import", "import.jsonl"]));
    std::thread::sleep(Duration::from_micros(luck.below(300_000)));
    let came_to_its_end = import.has_ended();
    import.kill();
    judge(stand, acknowledged)?;
    if let Found::Log(log) = stand.export() {
        match log.matches("\"id\":\"SD-2-e").count() {
            IMPORTED => acknowledged.note_case("SD-2", IMPORTED, &log),
            0 if !came_to_its_end => {}
            some => return Err(("lost", format!("an import was taken by halves: {some} events"))),
        }
    } else if came_to_its_end {
        return Err(("lost", "an import that had come to its end".to_owned()));
    }
    Ok(())
}
