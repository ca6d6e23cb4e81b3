//! The service under a real systemd, in a machine of its own.

mod machine;

use machine::Machine;

#[test]
fn a_machine_boots() {
    let Some(machine) = Machine::boot() else { return };
    assert_eq!(machine.shell("systemctl --failed --no-legend --plain"), "");
}
