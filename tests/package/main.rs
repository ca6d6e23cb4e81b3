//! The Debian package, made of the binary that is tested: what is in it, and what installing, upgrading, removing and
//! purging it do to a machine.

#[path = "../service/machine.rs"]
mod machine;
mod operator;
#[path = "../support/relay.rs"]
mod relay;
#[expect(dead_code, reason = "the package brings what is installed by hand there")]
#[path = "../service/site.rs"]
mod site;
#[path = "../../examples/package/write.rs"]
mod write;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use machine::Machine;
use serde_json::Value;

const OLD: &str = "0.1.0-1";
const NEW: &str = "0.1.0-2";
/// What the newer package's settings have more.
const NEWS: &str = "# A note that came with the newer version.\n";

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(command: &mut Command) -> String {
    let ran = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{command:?}: {out}{err}");
    out.into_owned()
}

/// The directory with both packages.
fn packages() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let tools = project().join("target/tools/cargo/bin");
        assert!(tools.join("cargo-deb").exists(), "cargo-deb is not there: run the tests with tests/run");
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
        fs::create_dir_all(dir.join("release")).expect("a directory");
        let binary = dir.join("release/stepdown");
        run(Command::new("strip").arg("-o").arg(&binary).arg(env!("CARGO_BIN_EXE_stepdown")));
        let made = project().join("target/package");
        let settings = made.join("root/etc/stepdown/stepdown.toml");
        make(&made);
        let old = fs::read_to_string(&settings).expect("settings");
        fs::write(&settings, format!("{NEWS}{old}")).expect("written");
        pack(&dir, &tools, NEW);
        fs::write(&settings, old).expect("written");
        pack(&dir, &tools, OLD);
        dir
    })
}

fn make(to: &Path) {
    write::package(to).unwrap_or_else(|error| panic!("{error}"));
    let bill = to.join("root/usr/share/doc/stepdown/stepdown.cdx.json");
    let tools = project().join("target/tools/cargo/bin");
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap_or_default());
    run(Command::new("sh").arg(project().join("deploy/bill-of-materials")).arg(bill).env("PATH", path));
}

fn pack(dir: &Path, tools: &Path, version: &str) {
    let mut command = Command::new(tools.join("cargo-deb"));
    command.args([
        "deb",
        "--quiet",
        "--no-build",
        "--no-strip",
        "--locked",
        "--fast",
        "--deb-version",
        version,
    ]);
    command.arg("--output").arg(file(dir, version)).current_dir(project()).env("CARGO_TARGET_DIR", dir);
    run(&mut command);
}

fn file(dir: &Path, version: &str) -> PathBuf {
    dir.join(format!("stepdown_{version}.deb"))
}

/// What the package has in `path`.
fn made(path: &str) -> PathBuf {
    packages();
    project().join("target/package/root").join(path)
}

/// The files under `dir`, relative to it.
fn files(dir: &Path) -> BTreeSet<PathBuf> {
    let listed = run(Command::new("find").args([".", "-type", "f"]).current_dir(dir));
    listed.lines().map(PathBuf::from).collect()
}

#[test]
fn the_packaged_configuration_is_the_starter_with_what_a_service_needs() {
    let packaged = made("etc/stepdown");
    let mut expected = files(&project().join("config"));
    let folders = fs::read_dir(project().join("events")).expect("a folder");
    let folders = folders.map(|folder| folder.expect("a folder").file_name());
    for part in folders.filter(|folder| folder != "samples") {
        let events = files(&project().join("events").join(&part));
        let place = Path::new(".").join("events").join(&part);
        expected.extend(events.iter().map(|file| place.join(file.strip_prefix(".").expect("below"))));
    }
    assert_eq!(files(&packaged), expected);
    for file in expected {
        let from = if file.starts_with("./events") { project().to_owned() } else { project().join("config") };
        let starter = fs::read_to_string(from.join(&file)).expect("a file");
        let text = fs::read_to_string(packaged.join(&file)).expect("a file");
        assert_eq!(text.lines().count(), starter.lines().count(), "{}", file.display());
        let changed: Vec<_> = text.lines().zip(starter.lines()).filter(|(new, old)| new != old).collect();
        // What holds in the package stands as a note in the starter.
        assert!(changed.iter().all(|(new, old)| *old == format!("# {new}")), "{changed:?}");
        let settings: Vec<_> = changed.into_iter().map(|(new, _)| new).collect();
        let held: &[&str] = if file.ends_with("stepdown.toml") {
            &[
                "[records]",
                "wrapping_key_credential = \"wrapping-key\"",
                "[access]",
                "socket = \"/run/stepdown/stepdown.sock\"",
                "[backup]",
                "directory = \"/var/lib/stepdown-backups\"",
            ]
        } else {
            &[]
        };
        assert!(held.iter().all(|line| settings.contains(line)), "{}: {settings:?}", file.display());
        assert!(!held.is_empty() || settings.is_empty(), "{}: {settings:?}", file.display());
    }
    let stepdown = env!("CARGO_BIN_EXE_stepdown");
    run(Command::new(stepdown).arg("--config").arg(packaged).arg("check").env_clear());
}

#[test]
fn every_command_has_a_page_and_every_page_is_sound() {
    let pages = files(&made("usr/share/man"));
    let help = run(Command::new(env!("CARGO_BIN_EXE_stepdown")).arg("--help"));
    let commands =
        help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list");
    let names = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        let page = format!("./man1/stepdown-{name}.1");
        assert!(pages.contains(Path::new(&page)), "{page}");
    }
    assert!(pages.contains(Path::new("./man5/stepdown.toml.5")));
    for page in &pages {
        let page = made("usr/share/man").join(page);
        let told = Command::new("groff").args(["-man", "-ww", "-z", "-Tutf8"]).arg(&page).output();
        let told = told.expect("groff is there");
        assert!(told.stderr.is_empty(), "{}", String::from_utf8_lossy(&told.stderr));
        let linted = Command::new("mandoc").args(["-T", "lint", "-W", "warning"]).arg(&page).output();
        let linted = String::from_utf8_lossy(&linted.expect("mandoc is there").stdout).into_owned();
        assert!(linted.is_empty(), "{linted}");
    }
    let settings = fs::read_to_string(made("usr/share/man/man5/stepdown.toml.5")).expect("a page");
    assert!(settings.contains("digest_at = \"08:00\""), "the page has the whole file");
}

#[test]
fn the_completions_are_read_by_their_shells() {
    run(Command::new("bash").arg("-n").arg(made("usr/share/bash-completion/completions/stepdown")));
    let zsh = fs::read_to_string(made("usr/share/zsh/vendor-completions/_stepdown")).expect("a file");
    assert!(zsh.starts_with("#compdef stepdown\n"), "{}", zsh.lines().next().unwrap_or_default());
    let fish = fs::read_to_string(made("usr/share/fish/vendor_completions.d/stepdown.fish")).expect("a file");
    assert!(fish.contains("complete -c stepdown"));
}

#[test]
fn lintian_finds_nothing() {
    let package = file(packages(), OLD);
    let mut lintian = Command::new("lintian");
    lintian.args(["--allow-root", "--tag-display-limit", "0", "--fail-on", "error,warning"]).arg(package);
    let told = run(&mut lintian);
    let found: Vec<_> =
        told.lines().filter(|line| line.starts_with("E:") || line.starts_with("W:")).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_bill_of_materials_and_the_licences_name_what_is_built_in() {
    let text = fs::read_to_string(made("usr/share/doc/stepdown/stepdown.cdx.json")).expect("a bill");
    assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "it tells where it was built");
    let bill: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
    let components = bill["components"].as_array().expect("a list");
    let lock = fs::read_to_string(project().join("Cargo.lock")).expect("a lock file");
    let copyright = fs::read_to_string(project().join("target/package/copyright")).expect("a file");
    for words in
        ["Permission is hereby granted", "2026 the stepdown authors", "common-licenses/Apache-2.0", "imbl "]
    {
        assert!(copyright.contains(words), "{words}");
    }
    let field = |component: &Value, name: &str| component[name].as_str().unwrap_or_default().to_owned();
    for component in components {
        let (name, version) = (field(component, "name"), field(component, "version"));
        let locked = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        assert!(lock.contains(&locked), "{name} {version} is not what is locked");
    }
    let names: BTreeSet<_> = components.iter().map(|component| field(component, "name")).collect();
    for name in ["fjall", "ring", "rustls", "tokio", "age"] {
        assert!(names.contains(name), "{name}");
        assert!(copyright.contains(&format!("\n {name} ")), "{name}");
    }
    assert!(!names.contains("insta") && !copyright.contains("\n insta "), "tests are not built in");
}

/// A machine, or none where there can be none.
fn machine() -> Option<Machine> {
    let packages = packages();
    let machine = Machine::boot()?;
    for version in [OLD, NEW] {
        machine.copy(file(packages, version), &format!("/root/{version}.deb"), 0o644);
    }
    Some(machine)
}

fn install(machine: &Machine, version: &str) -> String {
    machine.shell(&format!("DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i /root/{version}.deb 2>&1"))
}

/// Owner, group, mode and name, as `stat` tells them.
fn stat(machine: &Machine, path: &str) -> String {
    machine.must(&["stat", "-c", "%U:%G %a", path]).trim().to_owned()
}

fn sum(machine: &Machine, path: &str) -> String {
    machine.must(&["sha256sum", path])
}

const STEPDOWN: [&str; 5] = ["stepdown", "--config", "/etc/stepdown", "--data", "/var/lib/stepdown"];

fn ask(machine: &Machine, args: &[&str]) -> String {
    machine.must(&[&STEPDOWN, args].concat())
}

/// Starts the service, with mail quiet, and waits until it answers.
fn start(machine: &Machine) {
    machine.must(&["systemctl", "enable", "--now", "--quiet", "stepdown"]);
    answers(machine);
}

fn answers(machine: &Machine) {
    let mut told = String::new();
    for _ in 0..300 {
        let ran = machine.exec(&[&STEPDOWN[..], &["status"]].concat());
        if ran.code == 0 && machine.property("stepdown", "ActiveState") == "active" {
            return;
        }
        told = ran.stderr;
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the service does not answer: {told}{}", machine.journal("stepdown"));
}

const OPEN: [&str; 8] = [
    "append",
    "--case",
    "SD-77",
    "--type",
    "case-opened",
    "--on",
    "2026-01-05",
    "programme=lancashire-step-down",
];

#[test]
fn a_first_installation_is_complete_and_starts_nothing() {
    let Some(machine) = machine() else { return };
    let told = install(&machine, OLD);
    assert!(told.contains("Keep a copy of it") && told.contains("systemctl enable --now stepdown"), "{told}");
    assert_eq!(
        machine.must(&["stepdown", "--version"]).trim(),
        concat!("stepdown ", env!("CARGO_PKG_VERSION"))
    );
    for (path, expected) in [
        ("/usr/bin/stepdown", "root:root 755"),
        ("/etc/stepdown", "root:stepdown 750"),
        ("/etc/stepdown/stepdown.toml", "root:root 644"),
        ("/etc/stepdown/wrapping-key", "root:root 600"),
        ("/var/lib/stepdown", "stepdown:stepdown 700"),
        ("/var/lib/stepdown-backups", "stepdown:stepdown 700"),
        ("/usr/lib/sysusers.d/stepdown.conf", "root:root 644"),
        ("/usr/lib/tmpfiles.d/stepdown.conf", "root:root 644"),
        ("/usr/share/man/man1/stepdown-erase.1.gz", "root:root 644"),
        ("/usr/share/man/man5/stepdown.toml.5.gz", "root:root 644"),
        ("/usr/share/doc/stepdown/changelog.Debian.gz", "root:root 644"),
        ("/usr/share/doc/stepdown/copyright", "root:root 644"),
        ("/usr/share/doc/stepdown/third-party-licences.gz", "root:root 644"),
        ("/usr/share/doc/stepdown/stepdown.cdx.json", "root:root 644"),
        ("/usr/share/doc/stepdown/examples/stepdown.service.d/relay.conf.example", "root:root 644"),
    ] {
        assert_eq!(stat(&machine, path), expected, "{path}");
    }
    let user = machine.must(&["getent", "passwd", "stepdown"]);
    assert!(user.contains(":/var/lib/stepdown:") && user.trim().ends_with("nologin"), "{user}");
    let key = fs::read_to_string(machine.path("/etc/stepdown/wrapping-key")).expect("a key");
    assert!(key.trim().len() == 64 && key.trim().bytes().all(|byte| byte.is_ascii_hexdigit()));
    machine.must(&["stepdown", "--config", "/etc/stepdown", "check"]);
    assert_eq!(machine.property("stepdown", "ActiveState"), "inactive");
    assert_eq!(machine.property("stepdown", "UnitFileState"), "disabled");
    let conffiles = machine.must(&["dpkg-query", "-W", "-f=${Conffiles}", "stepdown"]);
    for file in files(&made("etc/stepdown")) {
        let name = format!(" /etc/stepdown/{} ", file.strip_prefix(".").expect("below").display());
        assert!(conffiles.contains(&name), "{name} is no conffile");
    }
    assert!(!conffiles.contains("wrapping-key"));
}

#[test]
fn an_upgrade_restarts_the_service_and_keeps_data_key_and_edited_settings() {
    let Some(machine) = machine() else { return };
    install(&machine, OLD);
    let settings = "/etc/stepdown/stepdown.toml";
    machine.shell(&format!(
        "sed -i 's/^# go_live = .*/go_live = 2099-01-01/' {settings}; grep -q ^go_live {settings}"
    ));
    let (key, edited) = (sum(&machine, "/etc/stepdown/wrapping-key"), sum(&machine, settings));
    start(&machine);
    ask(&machine, &OPEN);
    let (export, process) = (ask(&machine, &["export"]), machine.property("stepdown", "MainPID"));
    install(&machine, NEW);
    answers(&machine);
    assert_ne!(machine.property("stepdown", "MainPID"), process, "it runs the new version");
    assert_eq!(machine.property("stepdown", "UnitFileState"), "enabled");
    assert!(ask(&machine, &["export"]).starts_with(&export) && export.contains("SD-77"));
    assert_eq!(sum(&machine, "/etc/stepdown/wrapping-key"), key);
    assert_eq!(sum(&machine, settings), edited);
    let offered = machine.must(&["head", "-n", "1", "/etc/stepdown/stepdown.toml.dpkg-dist"]);
    assert_eq!(offered, NEWS, "dpkg leaves what the package brings beside what was edited");
    assert_eq!(stat(&machine, "/etc/stepdown"), "root:stepdown 750");
    // The same again, and of a service that was stopped nothing is started.
    machine.must(&["systemctl", "stop", "stepdown"]);
    install(&machine, NEW);
    assert_eq!(machine.property("stepdown", "ActiveState"), "inactive");
}

#[test]
fn neither_removal_nor_purge_takes_records_or_key_and_a_later_installation_goes_on_with_them() {
    let Some(machine) = machine() else { return };
    install(&machine, OLD);
    machine.shell("sed -i 's/^# go_live = .*/go_live = 2099-01-01/' /etc/stepdown/stepdown.toml");
    start(&machine);
    ask(&machine, &OPEN);
    let (key, export) = (sum(&machine, "/etc/stepdown/wrapping-key"), ask(&machine, &["export"]));
    machine.shell("dpkg --remove stepdown 2>&1");
    assert_eq!(machine.property("stepdown", "ActiveState"), "inactive", "it was stopped");
    assert_eq!(stat(&machine, "/var/lib/stepdown/format"), "stepdown:stepdown 600");
    assert_eq!(stat(&machine, "/etc/stepdown/people.toml"), "root:root 644");
    let told = machine.shell("dpkg --purge stepdown 2>&1");
    for words in ["the records in /var/lib/stepdown stay", "wrapping-key stays", "rm -r /var/lib/stepdown"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!(machine.exec(&["test", "-e", "/etc/stepdown/people.toml"]).code, 1, "settings are purged");
    // The service may have made its first backup meanwhile: what is empty goes, and nothing else does.
    machine.shell("[ ! -d /var/lib/stepdown-backups ] || [ -n \"$(ls /var/lib/stepdown-backups)\" ]");
    assert_eq!(stat(&machine, "/var/lib/stepdown/format"), "stepdown:stepdown 600");
    let told = install(&machine, OLD);
    assert!(!told.contains("made /etc/stepdown/wrapping-key"), "{told}");
    assert_eq!(sum(&machine, "/etc/stepdown/wrapping-key"), key);
    start(&machine);
    assert!(ask(&machine, &["export"]).starts_with(&export));
}

#[test]
fn no_key_is_ever_made_over_records() {
    let Some(machine) = machine() else { return };
    install(&machine, OLD);
    start(&machine);
    ask(&machine, &OPEN);
    machine.shell("systemctl stop stepdown; mv /etc/stepdown/wrapping-key /root/");
    let told = install(&machine, NEW);
    assert!(told.contains("wrapping-key is missing"), "{told}");
    assert_eq!(machine.exec(&["test", "-e", "/etc/stepdown/wrapping-key"]).code, 1);
}

/// The first `NUMBER.NUMBER` after `words`.
fn version_after<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let rest = text.split(words).nth(1)?;
    Some(
        rest.split(|c: char| !c.is_ascii_digit() && c != '.')
            .find(|part| part.contains('.'))?
            .trim_end_matches('.'),
    )
}

#[test]
fn the_oldest_toolchain_is_stated_once_and_builds() {
    let read = |file: &str| fs::read_to_string(project().join(file)).expect("a file");
    let manifest = read("Cargo.toml");
    let stated = version_after(&manifest, "rust-version = ").expect("Cargo.toml states it");
    assert_eq!(version_after(&read("README.md"), "With a Rust toolchain"), Some(stated), "README.md");
    let number =
        |text: &str| -> Vec<u32> { text.split('.').take(2).filter_map(|part| part.parse().ok()).collect() };
    let rustc = run(Command::new("rustc").arg("--version"));
    let present = version_after(&rustc, "rustc").expect("a version");
    // Where it is exactly the one stated, this very test is the proof; tests/run builds with it where it is another.
    assert!(number(present) >= number(stated), "{present} is older than {stated}");
}
