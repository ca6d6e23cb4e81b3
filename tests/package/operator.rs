//! `deploy/README.md` followed line by line, on a bare Debian: at the end a hardened service has mailed a reminder.

use std::process::Command;

use crate::machine::{Machine, wait_for};
use crate::relay::{AUTHORITY, Crypt, Relay, Script};
use crate::site::{RELAY, add_addresses, listen};
use crate::{OLD, file, packages, run};

const GUIDE: &str = include_str!("../../deploy/README.md");
const START: &str = "## From a bare Debian to the first reminder";
const RESTORE: &str = "## Back up and restore";
/// Half a minute to eight on Monday 1 June 2026, in London.
const MORNING: &str = "2026-06-01T06:59:30Z";

/// What the operator types where the guide opens an editor.
const EDITOR: &str = r#"#!/bin/sh
set -e
case "$1" in
*/people.toml) sed -i 's/amara.okafor@example.org/amara.okafor@social-care.example.org/' "$1" ;;
*/stepdown.toml)
    sed -i 's/^transport = "files"/transport = "smtp"/' "$1"
    cat >>"$1" <<'END'

[mail.smtp]
host = "relay.example.org"
port = 587
tls = "starttls"
username = "stepdown"
password_credential = "smtp-password"
ca_file = "/etc/stepdown/relay-ca.pem"
END
    ;;
*/smtp-password) echo "open sesame" >"$1" ;;
*/relay.conf) grep -q '^IPAddressAllow=192.0.2.25$' "$1" ;;
*) echo "nobody said what to do with $1" >&2 && exit 1 ;;
esac
"#;

/// The lines of a chapter that are to be typed.
fn lines(chapter: &str) -> Vec<&'static str> {
    let chapter = GUIDE.split(chapter).nth(1).expect("the chapter");
    let chapter = chapter.split("\n## ").next().expect("its end");
    let blocks = chapter.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).collect()
}

/// A bare Debian that lies in a network with a relay, and whose clock says that it is the morning.
fn bare() -> Option<Machine> {
    let package = file(packages(), OLD);
    let machine = Machine::boot()?;
    machine.copy(package, &format!("/root/stepdown_{OLD}_amd64.deb"), 0o644);
    machine.write("/usr/local/bin/type-in", EDITOR, 0o755);
    machine.write("/etc/hosts", format!("127.0.0.1 localhost\n{RELAY} relay.example.org\n"), 0o644);
    machine.write("/etc/stepdown/relay-ca.pem", &AUTHORITY.pem, 0o644);
    add_addresses(&machine, &[RELAY]);
    let library = machine.shell("echo /usr/lib/*-linux-gnu").trim().to_owned() + "/libfaketime.so.1";
    let ours = run(Command::new("sh").args(["-c", "echo /usr/lib/*/faketime/libfaketime.so.1"]));
    machine.copy(ours.trim(), &library, 0o644);
    let ahead = run(
        Command::new("sh").args(["-c", &format!("echo $(($(date +%s) - $(date --date={MORNING} +%s)))")])
    );
    let clock = format!(
        "LD_PRELOAD={library} FAKETIME=-{} FAKETIME_DONT_FAKE_MONOTONIC=1",
        ahead.trim().trim_start_matches('-')
    );
    machine.write("/etc/clock", &clock, 0o644);
    let drop_in = format!("[Service]\nEnvironment={clock}\n");
    machine.write("/etc/systemd/system/stepdown.service.d/clock.conf", drop_in, 0o644);
    Some(machine)
}

/// Types the lines of a chapter into one shell; gives each with its exit code and what it printed.
fn typed(machine: &Machine, chapter: &str) -> Vec<(&'static str, i32, String)> {
    const MARK: &str = "@@ ";
    let lines = lines(chapter);
    let script: String =
        lines.iter().fold(String::new(), |script, line| script + line + "\necho \"" + MARK + "$?\"\n");
    let start = "cd /root; export EDITOR=type-in DEBIAN_FRONTEND=noninteractive $(cat /etc/clock)\n\
                 export STEPDOWN_SOCKET=/run/stepdown/stepdown.sock\n";
    let ran = machine.exec(&["sh", "-c", &format!("exec 2>&1\n{start}{script}")]);
    let mut printed = String::new();
    let mut typed = Vec::new();
    for line in ran.stdout.lines() {
        if let Some((before, code)) = line.split_once(MARK) {
            printed.push_str(before);
            let code = code.parse().expect("an exit code");
            typed.push((lines[typed.len()], code, std::mem::take(&mut printed)));
        } else {
            printed.push_str(line);
            printed.push('\n');
        }
    }
    assert_eq!(typed.len(), lines.len(), "it broke off: {}", ran.stdout);
    typed
}

#[test]
fn the_guide_followed_line_by_line_gives_a_hardened_service_that_has_mailed_a_reminder() {
    let Some(machine) = bare() else { return };
    let login = Some(("stepdown".to_owned(), "open sesame".to_owned()));
    let script = Script { crypt: Crypt::Starttls, login, ..Script::friendly() };
    let relay = Relay::listen(listen(&machine, RELAY, 587), script);
    follow(&machine, START);
    assert_eq!(machine.property("stepdown", "ActiveState"), "active");
    assert_eq!(machine.property("stepdown", "UnitFileState"), "enabled");
    let subjects = || relay.received().iter().filter_map(|mail| mail.header("Subject")).collect::<Vec<_>>();
    assert!(subjects().iter().any(|subject| subject.contains("test")), "{:?}", subjects());
    let mine = |mail: &crate::relay::Received| {
        let subject = mail.header("Subject").unwrap_or_default();
        mail.to == "amara.okafor@social-care.example.org"
            && subject.starts_with("Your reminders for Monday 1 June 2026")
    };
    wait_for("the digest of eight o'clock", || relay.received().iter().any(mine));
    // As it runs there, with the drop-ins of the guide (and the one that sets the clock).
    let judged = ["systemd-analyze", "security", "--no-pager", "--threshold=10", "stepdown.service"];
    let judged = machine.exec(&judged);
    assert_eq!(judged.code, 0, "{}", judged.stdout);
    // What it said of all that has no word of the case, and nothing that it was warned of.
    let journal = machine.journal("stepdown");
    assert!(!journal.contains("SD-0001") && !journal.contains("WARN"), "{journal}");
    // What is backed up and brought back is the same, and nothing is mailed twice.
    wait_for("mail to be settled", || ask(&machine, "status").contains("\"waiting\":0"));
    let (due, sent) = (ask(&machine, "due --all"), relay.received().len());
    follow(&machine, RESTORE);
    assert_eq!(ask(&machine, "due --all"), due);
    wait_for("mail to be settled", || ask(&machine, "status").contains("\"waiting\":0"));
    assert_eq!(relay.received().len(), sent);
}

/// Types the lines of a chapter, each of which must do what it says.
fn follow(machine: &Machine, chapter: &str) {
    for (line, code, printed) in typed(machine, chapter) {
        // The doctor exits with 2 where there is something to be looked into when there is time.
        let is_fine = code == 0 || (line.ends_with(" doctor") && code == 2 && !printed.contains("FAIL"));
        assert!(is_fine, "{line}: {code}\n{printed}\n{}", machine.journal("stepdown"));
    }
}

/// What the service answers, as JSON without its blanks.
fn ask(machine: &Machine, question: &str) -> String {
    let line = format!(
        "export $(cat /etc/clock); stepdown --socket /run/stepdown/stepdown.sock --format json {question} | tr -d ' \n'"
    );
    machine.shell(&line)
}
