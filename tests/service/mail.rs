//! It logs in at the relay with its credential, and reaches nobody else.

use crate::machine::Machine;
use crate::relay::{AUTHORITY, Crypt, Relay, Script};
use crate::site::{
    RELAY, UNLISTED, add_addresses, drop_in, edit, filters_addresses, installed, listen, start, stepdown,
};

#[test]
fn the_relay_is_reached_with_a_credential_and_an_address_that_is_not_listed_is_not() {
    let Some(machine) = installed() else { return };
    add_addresses(&machine, &[RELAY, UNLISTED]);
    let script = Script {
        crypt: Crypt::Starttls,
        login: Some(("stepdown".to_owned(), "open sesame".to_owned())),
        ..Script::friendly()
    };
    let relay = Relay::listen(listen(&machine, RELAY, 587), script.clone());
    let unlisted = Relay::listen(listen(&machine, UNLISTED, 587), script);
    machine.write("/etc/stepdown/relay-ca.pem", &AUTHORITY.pem, 0o644);
    points_to(&machine, RELAY);
    mails_by_relay(&machine);
    without_its_password_it_does_not_start(&machine);
    machine.write("/etc/credstore/smtp-password", "open sesame\n", 0o600);
    let filters = filters_addresses(&machine);

    // Given no drop-in, then not even the relay is reached.
    start(&machine);
    if filters {
        let (code, said) = mail_test(&machine);
        assert!(code != 0 && said.contains("connect"), "{said}");
        assert_eq!(relay.commands(), 0);
    }

    // Given the drop-in of the operator, then the relay takes the message, after a login.
    let example = include_str!("../../deploy/stepdown.service.d/relay.conf.example");
    assert!(example.contains(&format!("IPAddressAllow={RELAY}\n")));
    drop_in(&machine, "relay", example);
    machine.must(&["systemctl", "restart", "stepdown"]);
    let (code, said) = mail_test(&machine);
    assert_eq!(code, 0, "{said}");
    assert_eq!(relay.received().len(), 1);

    // Given another address under the relay's name, which the machine reaches, then the service does not.
    let denied = machine.property("stepdown", "IPAddressDeny");
    assert!(denied.contains("0.0.0.0/0") && denied.contains("::/0"), "{denied}");
    assert!(!machine.property("stepdown", "IPAddressAllow").contains(UNLISTED));
    points_to(&machine, UNLISTED);
    machine.shell(&format!("timeout 5 bash -c 'exec 3<>/dev/tcp/{UNLISTED}/587; head -n 1 <&3' | grep ^220"));
    if filters {
        let (code, said) = mail_test(&machine);
        assert!(code != 0 && said.contains("connect"), "{said}");
        assert_eq!(unlisted.commands(), 0);
    }
}

fn without_its_password_it_does_not_start(machine: &Machine) {
    assert_ne!(machine.exec(&["systemctl", "start", "stepdown"]).code, 0);
    let journal = machine.journal("stepdown");
    assert!(journal.contains("put the password into /etc/credstore/smtp-password"), "{journal}");
    assert_eq!(machine.property("stepdown", "ActiveState"), "failed");
    assert_eq!(machine.property("stepdown", "ExecMainStatus"), "2");
}

fn points_to(machine: &Machine, address: &str) {
    machine.write("/etc/hosts", format!("127.0.0.1 localhost\n{address} relay.example.org\n"), 0o644);
}

fn mails_by_relay(machine: &Machine) {
    edit(machine, "stepdown.toml", "transport = \"files\"", "transport = \"smtp\"");
    let relay = "[mail.smtp]\nhost = \"relay.example.org\"\nport = 587\ntls = \"starttls\"\ntimeout_seconds = 3\n\
                 username = \"stepdown\"\npassword_credential = \"smtp-password\"\n\
                 ca_file = \"/etc/stepdown/relay-ca.pem\"\n\n[records]";
    edit(machine, "stepdown.toml", "\n[records]", &format!("\n{relay}"));
    // The password is nowhere in the configuration.
    let (code, said) = {
        let found = machine.exec(&["grep", "-r", "open sesame", "/etc/stepdown"]);
        (found.code, found.stdout)
    };
    assert_eq!(code, 1, "{said}");
}

/// Has the service send a test message, and gives what was said of it.
fn mail_test(machine: &Machine) -> (i32, String) {
    let status = stepdown(machine, &["status"]);
    assert!(status.contains("runs since"), "{status}");
    let args = ["stepdown", "--data", "/var/lib/stepdown", "mail", "test", "you@example.org"];
    let ran = machine.exec(&args);
    (ran.code, ran.stdout + &ran.stderr)
}
