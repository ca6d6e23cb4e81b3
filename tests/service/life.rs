//! It starts, is reloaded, and stops.

use crate::machine::Machine;
use crate::site::{append, edit, installed, journal_has, main_pid, recorded, start, stepdown};

#[test]
fn the_service_starts_is_reloaded_and_stops_and_nothing_is_lost() {
    let Some(machine) = installed() else { return };
    start(&machine);
    it_runs_as_it_should(&machine);
    a_reload_keeps_it_running(&machine);
    a_wrong_configuration_stays_out(&machine);
    a_stop_loses_nothing(&machine);
    it_runs_no_other_binary(&machine);
    without_its_key_it_does_not_start(&machine);
}

fn it_runs_as_it_should(machine: &Machine) {
    assert_eq!(machine.property("stepdown", "Type"), "notify");
    assert_eq!(machine.property("stepdown", "ActiveState"), "active");
    let status = machine.property("stepdown", "StatusText");
    assert!(status.starts_with("next digest ") && status.ends_with("; no message waiting"), "{status}");
    let stat = |path: &str| machine.shell(&format!("stat -c '%U:%G %a' {path}")).trim().to_owned();
    assert_eq!(stat("/var/lib/stepdown"), "stepdown:stepdown 700");
    assert_eq!(stat("/var/lib/stepdown-backups"), "stepdown:stepdown 700");
    assert_eq!(stat("/run/stepdown"), "stepdown:stepdown 755");
    // The wrapping key came as a credential: there is none beside the data.
    assert!(!machine.path("/var/lib/stepdown/wrapping-key").exists());
    let keys = stepdown(machine, &["keys", "show"]);
    assert!(keys.contains("credential wrapping-key"), "{keys}");
    // What is written is for the user alone, and the process has no privilege whatever.
    let written = machine.shell("find /var/lib/stepdown -type f -perm /077");
    assert_eq!(written, "", "files that others may read");
    let process = machine.shell(&format!("cat /proc/{}/status", main_pid(machine)));
    for line in ["CapBnd:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"] {
        assert!(process.contains(line), "{line}: {process}");
    }
    let limits = machine.shell(&format!("cat /proc/{}/limits", main_pid(machine)));
    assert!(
        limits.lines().any(|line| line.starts_with("Max core file size") && line.contains(" 0 ")),
        "{limits}"
    );
}

fn a_reload_keeps_it_running(machine: &Machine) {
    let (pid, before) = (main_pid(machine), machine.property("stepdown", "StatusText"));
    edit(machine, "stepdown.toml", "digest_at = \"08:00\"", "digest_at = \"08:30\"");
    machine.must(&["systemctl", "reload", "stepdown"]);
    assert_eq!(main_pid(machine), pid);
    assert_eq!(machine.property("stepdown", "ActiveState"), "active");
    crate::machine::wait_for("the new time", || {
        let status = machine.property("stepdown", "StatusText");
        status != before && status.contains(" 08:30;")
    });
    // By the signal it goes as well.
    edit(machine, "stepdown.toml", "digest_at = \"08:30\"", "digest_at = \"08:40\"");
    machine.must(&["systemctl", "kill", "--signal=HUP", "stepdown"]);
    crate::machine::wait_for("the newest time", || {
        machine.property("stepdown", "StatusText").contains(" 08:40;")
    });
    assert_eq!(main_pid(machine), pid);
}

fn a_wrong_configuration_stays_out(machine: &Machine) {
    let pid = main_pid(machine);
    edit(machine, "stepdown.toml", "digest_at = \"08:40\"", "digest_at = \"08:60\"");
    let refused = machine.exec(&["systemctl", "reload", "stepdown"]);
    assert_ne!(refused.code, 0, "a reload that took nothing must not pass for one that did");
    let journal = journal_has(machine, "the configuration was not taken; the one in force stays");
    assert!(journal.contains("stepdown.toml:8:13: \"08:60\" is not a time of day"), "{journal}");
    assert_eq!(main_pid(machine), pid);
    assert_eq!(machine.property("stepdown", "ActiveState"), "active");
    assert!(machine.property("stepdown", "StatusText").contains(" 08:40;"));
    edit(machine, "stepdown.toml", "digest_at = \"08:60\"", "digest_at = \"08:00\"");
}

fn a_stop_loses_nothing(machine: &Machine) {
    let events = append(machine, "SD-1", 500);
    assert_eq!(events, 500);
    machine.must(&["systemctl", "stop", "stepdown"]);
    assert_eq!(machine.property("stepdown", "Result"), "success");
    assert!(!machine.path("/var/lib/stepdown/stepdown.sock").exists());
    start(machine);
    assert_eq!(recorded(machine), 500);
}

fn it_runs_no_other_binary(machine: &Machine) {
    machine.must(&["systemctl", "stop", "stepdown"]);
    crate::site::drop_in(machine, "shell", "[Service]\nExecStartPre=/bin/sh -c true\n");
    let started = machine.exec(&["systemctl", "start", "stepdown"]);
    assert_ne!(started.code, 0);
    journal_has(machine, "Failed at step EXEC spawning /bin/sh: Permission denied");
    machine.must(&["systemctl", "stop", "stepdown"]);
    std::fs::remove_file(machine.path("/etc/systemd/system/stepdown.service.d/shell.conf")).expect("ours");
    machine.must(&["systemctl", "daemon-reload"]);
}

fn without_its_key_it_does_not_start(machine: &Machine) {
    machine.shell("mv /etc/stepdown/wrapping-key /root/");
    assert_ne!(machine.exec(&["systemctl", "start", "stepdown"]).code, 0);
    // It is not tried again and again: only somebody with the key can mend that.
    assert_eq!(machine.property("stepdown", "ActiveState"), "failed");
    assert_eq!(machine.property("stepdown", "ExecMainStatus"), "243");
    machine.shell("mv /root/wrapping-key /etc/stepdown/; systemctl reset-failed stepdown");
    start(machine);
    assert_eq!(recorded(machine), 500);
}
