//! A worker that hangs is ended and started again.

use crate::machine::{Machine, wait_for};
use crate::site::{append, drop_in, installed, main_pid, recorded, start};
use crate::tools::failing_calls;

/// Short, so that the test is; a watchdog of a second on a busy machine would bite the sound, too.
const PERIOD: &str = "[Service]\nWatchdogSec=4\nRestartSec=1\n";

#[test]
fn the_watchdog_restarts_a_worker_that_stands_still_or_waits_for_a_disk_that_hangs() {
    let Some(machine) = installed() else { return };
    drop_in(&machine, "period", PERIOD);
    start(&machine);
    assert_eq!(append(&machine, "SD-1", 20), 20);
    // A sound one is left alone, for more than two periods.
    let pid = main_pid(&machine);
    std::thread::sleep(std::time::Duration::from_secs(9));
    assert_eq!(main_pid(&machine), pid);
    assert_eq!(machine.property("stepdown", "NRestarts"), "0");
    // One that stands still is not.
    machine.must(&["systemctl", "kill", "--signal=STOP", "stepdown"]);
    is_restarted(&machine, 1);
    assert_eq!(recorded(&machine), 20);
    a_disk_that_hangs(&machine);
}

fn a_disk_that_hangs(machine: &Machine) {
    let Some(library) = failing_calls() else {
        return eprintln!("skipped: a disk cannot be made to hang without a C compiler (cc)");
    };
    let place = machine.shell("echo /usr/lib/*-linux-gnu").trim().to_owned() + "/failing_calls.so";
    machine.copy(library, &place, 0o644);
    let hang = "/run/stepdown/hang";
    let preload = format!("[Service]\nEnvironment=LD_PRELOAD={place} FAULT_HANG={hang}\n");
    drop_in(machine, "disk", &preload);
    machine.must(&["systemctl", "restart", "stepdown"]);
    // Its loop turns and it answers; but what it was given to append does not come to the disk.
    machine.write(hang, "", 0o644);
    let opened = r#"{"specversion":"1.0","id":"SD-2-0","source":"/test","type":"case-opened","subject":"SD-2","time":"2026-05-18T09:00:00Z","data":{"programme":"lancashire-step-down"}}"#;
    let import = machine.exec_with_input(&["stepdown", "--data", "/var/lib/stepdown", "import", "-"], opened);
    assert_ne!(import.code, 0, "what is not on the disk is not acknowledged");
    let _ = std::fs::remove_file(machine.path(hang));
    is_restarted(machine, 2);
    let events = recorded(machine);
    assert!(events == 20 || events == 21, "{events}");
}

/// Systemd has ended the service, for the `times`th time, and it runs again.
fn is_restarted(machine: &Machine, times: usize) {
    let timeouts = || machine.journal("stepdown").matches("Watchdog timeout").count();
    wait_for("the watchdog to bite", || timeouts() >= times);
    wait_for("it to run again", || machine.property("stepdown", "NRestarts") == "1");
    wait_for("it to be ready", || machine.property("stepdown", "ActiveState") == "active");
    assert_eq!(timeouts(), times);
}
