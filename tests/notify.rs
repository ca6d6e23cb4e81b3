//! What the daemon tells its service manager: the real binary, and a socket that listens.

#[path = "support/binary.rs"]
mod binary;
#[path = "support/manager.rs"]
mod manager;
#[expect(dead_code, reason = "no power is cut here")]
#[path = "faults/tools.rs"]
mod tools;

use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use binary::{Daemon, Home, wait_for};
use manager::Manager;

/// A configuration that mails nothing, whatever the day.
fn home() -> Home {
    let home = Home::new();
    home.init();
    home.edit("stepdown.toml", "# go_live = 2026-04-01", "go_live = 2099-01-01");
    home
}

fn told(home: &Home, manager: &Manager, env: &[(&str, &str)]) -> Daemon {
    home.daemon(|command| {
        command.env("NOTIFY_SOCKET", &manager.socket).envs(env.iter().copied());
    })
}

fn hang_up(daemon: &Daemon) {
    let sent = Command::new("kill").args(["-HUP", &daemon.id().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()));
}

/// The steps of its life that it told of.
fn steps(manager: &Manager) -> Vec<String> {
    manager.said(&["READY=1", "RELOADING=1", "STOPPING=1"])
}

#[test]
fn the_manager_hears_of_the_start_of_each_reload_and_of_the_end() {
    let home = home();
    let manager = Manager::listen(home.dir.path());
    // Given a daemon, when it says that it is ready, then its socket answers.
    let mut command = home.command(&["run"]);
    let mut child =
        command.env("NOTIFY_SOCKET", &manager.socket).stderr(Stdio::null()).spawn().expect("runs");
    manager.hears("READY=1", 1);
    let answers = UnixStream::connect(home.data().join("stepdown.sock")).is_ok();
    let daemon = home.json(&["status"])["daemon"] == true;
    child.kill().expect("ours");
    child.wait().expect("it ends");
    assert!(answers && daemon);

    let daemon = told(&home, &manager, &[]);
    manager.hears("READY=1", 2);
    // It says what it waits for; never why mail is held, which somebody typed.
    manager.hears("STATUS=next digest ", 1);
    assert!(manager.said(&["STATUS=next digest "])[0].ends_with("; no message waiting"));
    let hold = ["mail", "hold", "--reason", "SD-7 is in court", "--author", "Amara"];
    assert_eq!(home.run(&hold).code, 0);
    wait_for("the hold", || manager.said(&["STATUS="]).iter().any(|line| line.contains("; mail held")));
    assert!(!manager.said(&[""]).iter().any(|line| line.contains("SD-7") || line.contains("Amara")));

    assert_eq!(home.run(&["reload"]).code, 0);
    manager.hears("READY=1", 3);
    hang_up(&daemon);
    manager.hears("READY=1", 4);
    assert!(manager.said(&["MONOTONIC_USEC="]).len() == 2);
    assert_eq!(daemon.stop("-TERM"), Some(0));
    manager.hears("STOPPING=1", 1);
    let life = ["READY=1", "READY=1", "RELOADING=1", "READY=1", "RELOADING=1", "READY=1", "STOPPING=1"];
    assert_eq!(steps(&manager), life);
    // Nobody asked for signs of progress.
    assert!(manager.said(&["WATCHDOG"]).is_empty());
}

#[test]
fn what_has_not_changed_is_not_told_again() {
    let home = home();
    let manager = Manager::listen(home.dir.path());
    let daemon = told(&home, &manager, &[("WATCHDOG_USEC", "400000")]);
    wait_for("many turns", || manager.said(&["WATCHDOG=1"]).len() > 10);
    assert_eq!(manager.said(&["STATUS=next digest"]).len(), 1);
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[test]
fn a_wrong_configuration_stays_out_and_the_journal_has_each_fault_with_its_place() {
    let home = home();
    let manager = Manager::listen(home.dir.path());
    let daemon = told(&home, &manager, &[]);
    manager.hears("READY=1", 1);
    // Three faults in three files.
    home.edit("stepdown.toml", "digest_at = \"08:00\"", "digest_at = \"25:00\"");
    home.edit("people.toml", "[teams]", "[teems]");
    home.edit("templates/digest.txt.jinja", "{%", "{% nonsense %}{%");
    let before = home.json(&["status"])["next_digest"].clone();
    hang_up(&daemon);
    manager.hears("READY=1", 2);
    let by_signal = faults(&daemon.journal());
    let refused = home.run(&["reload"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    let by_command = faults(&daemon.journal()).split_off(by_signal.len());
    let starts = [
        "people.toml:",
        "stepdown.toml:8:13: \"25:00\" is not a time of day",
        "templates/digest.txt.jinja:1:",
    ];
    for found in [&by_signal, &by_command] {
        for (fault, start) in found.iter().zip(starts) {
            assert!(fault.starts_with(start), "{fault} is not {start}");
        }
        assert!(found.iter().any(|line| line.contains("[teems]") || line.contains("teems")), "{found:?}");
        let last = found.last().expect("a line");
        assert!(last.contains("the configuration was not taken; the one in force stays"), "{last}");
    }
    assert_eq!(by_signal, by_command);
    for start in starts {
        assert!(refused.stderr.contains(&start[..20.min(start.len())]), "{start}: {}", refused.stderr);
    }
    // The one in force stays; once the files are mended they are taken.
    assert_eq!(home.json(&["status"])["next_digest"], before);
    home.edit("stepdown.toml", "digest_at = \"25:00\"", "digest_at = \"09:00\"");
    home.edit("people.toml", "[teems]", "[teams]");
    home.edit("templates/digest.txt.jinja", "{% nonsense %}", "");
    assert_eq!(home.run(&["reload"]).code, 0);
    assert_ne!(home.json(&["status"])["next_digest"], before);
    manager.hears("READY=1", 4);
    assert_eq!(steps(&manager).iter().filter(|step| *step == "RELOADING=1").count(), 3);
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

/// What the journal has as errors, without the time and the module.
fn faults(journal: &str) -> Vec<String> {
    let errors = journal.lines().filter_map(|line| line.split_once("ERROR stepdown::api::reload: "));
    errors.map(|(_, text)| text.to_owned()).collect()
}

#[test]
fn reloads_go_one_after_the_other_whoever_asks() {
    let home = home();
    let manager = Manager::listen(home.dir.path());
    let daemon = told(&home, &manager, &[]);
    manager.hears("READY=1", 1);
    let commands: Vec<_> = (0..6)
        .map(|_| {
            hang_up(&daemon);
            home.command(&["reload"]).stdout(Stdio::null()).spawn().expect("it runs")
        })
        .collect();
    for mut command in commands {
        assert!(command.wait().expect("it ends").success());
    }
    // Signals that come together are one; the last of them was heard after the last command began, or with one.
    std::thread::sleep(Duration::from_millis(300));
    let steps = steps(&manager);
    assert!(steps.len() > 2 * 6, "{steps:?}");
    for (number, step) in steps.iter().enumerate() {
        assert_eq!(step, if number % 2 == 0 { "READY=1" } else { "RELOADING=1" }, "{steps:?}");
    }
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[test]
fn the_watchdog_is_fed_by_progress_and_not_while_the_disk_hangs() {
    let Some(library) = tools::failing_calls() else {
        return eprintln!("skipped: a disk cannot be made to hang without a C compiler (cc)");
    };
    let home = home();
    let manager = Manager::listen(home.dir.path());
    let hang = home.path("hang");
    let period = Duration::from_millis(1500);
    let daemon = told(
        &home,
        &manager,
        &[
            ("WATCHDOG_USEC", &period.as_micros().to_string()),
            ("LD_PRELOAD", &library.display().to_string()),
            ("FAULT_HANG", &hang.display().to_string()),
        ],
    );
    // Given a daemon with nothing to do, then it is alive at least three times in each period.
    std::thread::sleep(period * 2);
    let fed = manager.lines(&["WATCHDOG=1"]);
    let longest = fed.windows(2).map(|pair| pair[1].0 - pair[0].0).max().expect("several");
    assert!(longest < period * 2 / 3 && manager.fed_within(period) >= 2, "{longest:?} of {period:?}");
    // When the disk hangs with a group on its way, then it is not, though its loop turns and it answers.
    std::fs::write(&hang, "").expect("writable");
    let append = ["append", "--case", "SD-7", "--type", "case-opened", "--on", "2026-05-18"];
    let append = [&append[..], &["programme=lancashire-step-down"]].concat();
    let mut append = home.command(&append).stdout(Stdio::null()).spawn().expect("it runs");
    std::thread::sleep(period);
    assert_eq!(home.json(&["status"])["cases"], 0, "the loop answers, and shows what is synced");
    std::thread::sleep(period / 2);
    assert_eq!(manager.fed_within(period / 2), 0, "a disk that hangs is no progress");
    assert!(append.try_wait().expect("ours").is_none(), "nothing is acknowledged");
    // When the disk comes back, then so is the daemon, and the event is acknowledged.
    std::fs::remove_file(&hang).expect("ours");
    assert!(append.wait().expect("it ends").success());
    wait_for("progress", || manager.fed_within(period / 2) > 0);
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[test]
fn the_watchdog_of_another_process_is_left_alone() {
    let home = home();
    let manager = Manager::listen(home.dir.path());
    let daemon = told(&home, &manager, &[("WATCHDOG_USEC", "200000"), ("WATCHDOG_PID", "1")]);
    manager.hears("READY=1", 1);
    std::thread::sleep(Duration::from_millis(500));
    assert!(manager.said(&["WATCHDOG"]).is_empty());
    assert_eq!(daemon.stop("-TERM"), Some(0));
}
