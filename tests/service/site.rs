//! stepdown installed on a machine, as the operator does it.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;

use nix::sched::{CloneFlags, setns};

use crate::machine::{Machine, wait_for};

/// The relay's address, in the drop-in; the machine has it as its own.
pub const RELAY: &str = "192.0.2.25";
/// An address that is reachable from the machine and in no drop-in.
pub const UNLISTED: &str = "192.0.2.99";

/// A machine with the binary, the unit, a configuration that mails nothing by itself, and a wrapping key.
pub fn installed() -> Option<Machine> {
    let machine = Machine::boot()?;
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    machine.copy(env!("CARGO_BIN_EXE_stepdown"), "/usr/bin/stepdown", 0o755);
    machine.copy(deploy.join("stepdown.service"), "/etc/systemd/system/stepdown.service", 0o644);
    machine.shell(
        "useradd --system --home-dir /var/lib/stepdown --shell /usr/sbin/nologin stepdown
         stepdown init /etc/stepdown
         sed -i 's/^# go_live = .*/go_live = 2099-01-01/' /etc/stepdown/stepdown.toml
         printf '\\n[records]\\nwrapping_key_credential = \"wrapping-key\"\\n' >>/etc/stepdown/stepdown.toml
         chown -R root:stepdown /etc/stepdown
         chmod -R u=rwX,g=rX,o= /etc/stepdown
         (umask 077; printf '%064x\\n' 42 >/etc/stepdown/wrapping-key)
         systemctl daemon-reload",
    );
    Some(machine)
}

/// Changes the machine's configuration.
pub fn edit(machine: &Machine, file: &str, from: &str, to: &str) {
    let path = machine.path("/etc/stepdown").join(file);
    let text = std::fs::read_to_string(&path).expect("a configuration file");
    assert!(text.contains(from), "{file} has no {from}");
    std::fs::write(&path, text.replacen(from, to, 1)).expect("writable");
}

/// Writes a drop-in of the unit.
pub fn drop_in(machine: &Machine, name: &str, text: &str) {
    machine.write(&format!("/etc/systemd/system/stepdown.service.d/{name}.conf"), text, 0o644);
    machine.must(&["systemctl", "daemon-reload"]);
}

/// Runs stepdown as the operator does; it must succeed.
pub fn stepdown(machine: &Machine, args: &[&str]) -> String {
    machine.must(&[&["stepdown", "--config", "/etc/stepdown", "--data", "/var/lib/stepdown"], args].concat())
}

/// Starts the service, which must come up.
pub fn start(machine: &Machine) {
    let started = machine.exec(&["systemctl", "start", "stepdown"]);
    assert_eq!(started.code, 0, "{}\n{}", started.stderr, machine.journal("stepdown"));
}

/// The service's main process.
pub fn main_pid(machine: &Machine) -> u32 {
    machine.property("stepdown", "MainPID").parse().expect("a number")
}

/// Appends so many events of a case of their own, and gives how many the log has.
pub fn append(machine: &Machine, case: &str, events: usize) -> u64 {
    let lines: String = (0..events)
        .map(|number| {
            let event_type = if number == 0 { "case-opened" } else { "carer-availability-updated" };
            let data = if number == 0 { r#","data":{"programme":"lancashire-step-down"}"# } else { "" };
            format!(
                r#"{{"specversion":"1.0","id":"{case}-{number}","source":"/test","type":"{event_type}","subject":"{case}","time":"2026-05-18T09:00:00Z"{data}}}"#
            ) + "\n"
        })
        .collect();
    let args = ["stepdown", "--data", "/var/lib/stepdown", "import", "-"];
    let ran = machine.exec_with_input(&args, &lines);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    recorded(machine)
}

/// How many case events the daemon has.
pub fn recorded(machine: &Machine) -> u64 {
    let status = stepdown(machine, &["status", "--format", "json"]);
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    assert_eq!(status["daemon"], true);
    status["events"].as_u64().expect("a number")
}

/// A port of an address of the machine's network, to listen on from here.
pub fn listen(machine: &Machine, address: &str, port: u16) -> TcpListener {
    let network = std::fs::File::open(format!("/proc/{}/ns/net", machine.init())).expect("its network");
    let address = (address.to_owned(), port);
    // A thread of its own: it stays in that network.
    let listening = std::thread::spawn(move || {
        setns(network, CloneFlags::CLONE_NEWNET).expect("root may");
        TcpListener::bind(address).expect("a free port")
    });
    listening.join().expect("it listens")
}

/// Gives the machine further addresses of its own.
pub fn add_addresses(machine: &Machine, addresses: &[&str]) {
    for address in addresses {
        let net = format!("--net=/proc/{}/ns/net", machine.init());
        let args = [net.as_str(), "ip", "address", "add", address, "dev", "lo"];
        let added = std::process::Command::new("nsenter").args(args).status();
        assert!(added.is_ok_and(|status| status.success()), "{address}");
    }
}

/// Whether control groups filter addresses here (`BPF_PROG_TYPE_CGROUP_SKB`); if not, said in a line.
pub fn filters_addresses(machine: &Machine) -> bool {
    let args = ["systemd-run", "--quiet", "--wait", "--property=IPAddressDeny=any", "bash", "-c"];
    let sent = machine.exec(&[&args[..], &["echo >/dev/udp/127.0.0.1/9"]].concat());
    if sent.code == 0 {
        // Past the capture of the tests' output.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: that an address is out of reach, for the kernel does not filter addresses here (cgroup BPF)"
        );
    }
    sent.code != 0
}

/// Waits until the journal of the service has this, and gives all of it.
pub fn journal_has(machine: &Machine, text: &str) -> String {
    wait_for(&format!("the journal to say: {text}"), || machine.journal("stepdown").contains(text));
    machine.journal("stepdown")
}
