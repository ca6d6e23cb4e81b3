//! The unit file: systemd has nothing to say against it, and little is exposed by it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The greatest exposure that the unit may have, in tenths (`systemd-analyze security`).
const EXPOSURE: &str = "10";

/// A root directory with systemd's own units and ours; `None`, said in a line, without systemd-analyze.
fn root(drop_ins: &[&str], change: impl Fn(String) -> String) -> Option<TempDir> {
    let own = ["/usr/lib/systemd/system", "/lib/systemd/system"]
        .map(Path::new)
        .into_iter()
        .find(|dir| dir.exists());
    let (Some(own), true) = (own, Path::new("/usr/bin/systemd-analyze").exists()) else {
        eprintln!("skipped: the unit cannot be judged without systemd-analyze");
        return None;
    };
    let root = tempfile::tempdir().expect("a directory");
    let (lib, ours) = (root.path().join("usr/lib/systemd"), root.path().join("etc/systemd/system"));
    fs::create_dir_all(&lib).expect("a directory");
    let copied = Command::new("cp").arg("-a").args([own, &lib]).status();
    assert!(copied.is_ok_and(|status| status.success()));
    // A unit whose binary is not there is not verified.
    fs::create_dir_all(root.path().join("usr/bin")).expect("a directory");
    fs::copy("/bin/true", root.path().join("usr/bin/stepdown")).expect("a file");
    fs::create_dir_all(ours.join("stepdown.service.d")).expect("a directory");
    let unit = fs::read_to_string(deploy().join("stepdown.service")).expect("the unit");
    fs::write(ours.join("stepdown.service"), change(unit)).expect("writable");
    for name in drop_ins {
        let example = deploy().join(format!("stepdown.service.d/{name}.conf.example"));
        fs::copy(example, ours.join(format!("stepdown.service.d/{name}.conf"))).expect("the drop-in");
    }
    Some(root)
}

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

fn analyze(root: &TempDir, args: &[&str]) -> Output {
    let root = format!("--root={}", root.path().display());
    let analyze = Command::new("systemd-analyze").args(args).args([&root, "stepdown.service"]).output();
    analyze.expect("systemd-analyze is there")
}

/// What systemd has to say against the unit. The manual page comes with the package.
fn verify(root: &TempDir) -> String {
    let said = analyze(root, &["verify", "--man=no"]);
    String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned()
}

fn is_exposed(root: &TempDir) -> Option<String> {
    let said = analyze(root, &["security", "--offline=true", "--no-pager", "--threshold", EXPOSURE]);
    (!said.status.success()).then(|| String::from_utf8_lossy(&said.stdout).into_owned())
}

#[test]
fn systemd_has_nothing_to_say_against_the_unit_and_little_is_exposed() {
    let Some(with_all) = root(&["relay", "local-users"], |unit| unit) else { return };
    assert_eq!(verify(&with_all), "");
    let Some(with_relay) = root(&["relay"], |unit| unit) else { return };
    assert_eq!(verify(&with_relay), "");
    assert_eq!(is_exposed(&with_relay), None);
}

#[test]
fn both_gates_can_close() {
    let Some(misspelt) = root(&[], |unit| unit.replace("WatchdogSec=", "WatchdogSeconds=")) else { return };
    assert!(verify(&misspelt).contains("Unknown key 'WatchdogSeconds'"));
    let Some(weaker) = root(&["relay", "local-users"], |unit| unit) else { return };
    assert!(is_exposed(&weaker).is_some());
}
