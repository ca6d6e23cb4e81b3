//! The service under a real systemd, in a machine of its own: it starts, is reloaded, is watched, mails, and stops.
//!
//! Needs root, mmdebstrap and control groups of version 2; where they are missing, it says so.

mod life;
mod machine;
mod mail;
#[path = "../support/relay.rs"]
mod relay;
mod site;
#[expect(dead_code, reason = "no power is cut here")]
#[path = "../faults/tools.rs"]
mod tools;
mod watchdog;

use machine::Machine;

#[test]
fn a_machine_boots_with_nothing_amiss() {
    let Some(machine) = Machine::boot() else { return };
    assert_eq!(machine.shell("systemctl --failed --no-legend --plain"), "");
}
