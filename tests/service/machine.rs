//! A machine of its own for a test: a bare Debian with a real systemd, in namespaces.
//!
//! The image is made once, by mmdebstrap from the mirror that this machine takes its packages from, and kept under
//! `target/tools`. What a machine changes is kept in memory and gone with it.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The release that the binary is built for.
const SUITE: &str = "bookworm";
/// What the bare Debian has besides the essential packages.
const PACKAGES: &str = "systemd,systemd-sysv,dbus,ca-certificates";
/// How long one command in the machine may take, in seconds.
const COMMAND_LIMIT: &str = "120";

/// What a command came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A running machine; ended when dropped.
pub struct Machine {
    unshare: Child,
    /// The machine's systemd, as this machine numbers it.
    init: u32,
    group: String,
    work: TempDir,
}

impl Machine {
    /// Boots a bare Debian; `None`, said in a line, where this machine does not let us.
    pub fn boot() -> Option<Self> {
        let image = match image() {
            Ok(image) => image,
            Err(why) => {
                // Past the capture of the tests' output.
                let _ = writeln!(std::io::stderr(), "skipped: no machine can be booted here: {why}");
                return None;
            }
        };
        let work = tempfile::tempdir().expect("a directory");
        let name = work.path().file_name().expect("a name").to_string_lossy().replace('.', "");
        let group = format!("stepdown-test-{name}");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/service/boot.sh");
        let log = File::create(work.path().with_extension("boot")).expect("a file");
        let unshare = Command::new("setpriv")
            // Whatever ends the test ends the machine.
            .args(["--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private", "sh"])
            .args([script.as_path(), &image, work.path()])
            .arg(&group)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn()
            .expect("setpriv is there");
        let mut machine = Self { unshare, init: 0, group, work };
        machine.init = wait_for_some("systemd in the machine", || {
            if machine.unshare.try_wait().ok().flatten().is_some() {
                let log = fs::read_to_string(machine.work.path().with_extension("boot")).unwrap_or_default();
                panic!("the machine did not boot: {log}");
            }
            init_of(machine.unshare.id())
        });
        wait_for("the machine's boot", || {
            let state = machine.exec(&["systemctl", "is-system-running"]).stdout;
            ["running", "degraded"].contains(&state.trim())
        });
        Some(machine)
    }

    /// A command that will run in the machine, as root and with little in its environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=1", COMMAND_LIMIT, "nsenter", "--target", &self.init.to_string()]);
        command.args(["--all", "--root", "--wd", "env", "-i", "HOME=/root", "LANG=C.UTF-8"]);
        command.arg("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").args(args);
        command
    }

    /// Runs a command in the machine.
    pub fn exec(&self, args: &[&str]) -> Ran {
        self.command(args).stdin(Stdio::null()).output().expect("nsenter is there").into()
    }

    /// Runs a command in the machine, with `input` to read.
    pub fn exec_with_input(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("nsenter is there");
        // One who does not read to the end says why on stderr.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        child.wait_with_output().expect("it ends").into()
    }

    /// Runs a command in the machine that must succeed, and gives what it printed.
    pub fn must(&self, args: &[&str]) -> String {
        let ran = self.exec(args);
        assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// Runs a line of shell in the machine that must succeed.
    pub fn shell(&self, line: &str) -> String {
        self.must(&["sh", "-ec", line])
    }

    /// The machine's systemd, as this machine numbers it: `/proc/INIT/ns/net` is the machine's network.
    pub const fn init(&self) -> u32 {
        self.init
    }

    /// A file of the machine, as it is reached from here. No symbolic link with an absolute target may be in it.
    pub fn path(&self, inside: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root", self.init)).join(inside.trim_start_matches('/'))
    }

    /// Writes a file of the machine, with the directories to it; it belongs to root.
    pub fn write(&self, inside: &str, bytes: impl AsRef<[u8]>, mode: u32) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().expect("a directory")).expect("writable");
        fs::write(&path, bytes).unwrap_or_else(|error| panic!("{inside}: {error}"));
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("ours");
    }

    /// Copies a file into the machine.
    pub fn copy(&self, from: impl AsRef<Path>, inside: &str, mode: u32) {
        let from = from.as_ref();
        let bytes = fs::read(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        self.write(inside, bytes, mode);
    }

    /// What the journal has of a unit.
    pub fn journal(&self, unit: &str) -> String {
        self.exec(&["journalctl", "--no-pager", "--output=cat", "--unit", unit]).stdout
    }

    /// A property of a unit, as systemctl shows it.
    pub fn property(&self, unit: &str, name: &str) -> String {
        self.must(&["systemctl", "show", "--value", "--property", name, unit]).trim().to_owned()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Its first process takes all others with it, and the last of them the mounts.
        let _ = self.unshare.kill();
        let _ = self.unshare.wait();
        let sweep = "mount -t cgroup2 none \"$1\"; n=0; while [ -d \"$1/$2\" ] && [ $n -lt 50 ]; do \
                     find \"$1/$2\" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1; n=$((n + 1)); done";
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", sweep, "sweep"]);
        let _ = command.arg(self.work.path()).arg(&self.group).stderr(Stdio::null()).status();
        let _ = fs::remove_file(self.work.path().with_extension("boot"));
    }
}

/// The first process of the machine that `unshare` started, once it is systemd.
fn init_of(unshare: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{unshare}/task/{unshare}/children")).ok()?;
    let init: u32 = children.split_whitespace().next()?.parse().ok()?;
    let name = fs::read_to_string(format!("/proc/{init}/comm")).ok()?;
    (name.trim() == "systemd").then_some(init)
}

/// The directory with the bare Debian, made where it is not there yet.
fn image() -> Result<PathBuf, String> {
    static MAKING: Mutex<()> = Mutex::new(());
    let _making = MAKING.lock();
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools");
    let image = tools.join(format!("debian-{SUITE}"));
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        return Err("it takes root".to_owned());
    }
    if image.exists() {
        return Ok(image);
    }
    let mirror = mirror()?;
    fs::create_dir_all(&tools).map_err(|error| error.to_string())?;
    let making = tools.join(format!("debian-{SUITE}.{}", std::process::id()));
    let _ = writeln!(std::io::stderr(), "making a bare Debian for the tests; it takes a minute");
    let mut command = Command::new("mmdebstrap");
    command.args(["--quiet", "--variant=minbase", "--format=directory"]).arg(format!("--include={PACKAGES}"));
    command.args(ways_to_the_mirror()?.iter().map(|option| format!("--aptopt={option}")));
    output(command.arg(SUITE).arg(&making).arg(mirror))?;
    fs::rename(&making, &image).map_err(|error| error.to_string())?;
    Ok(image)
}

/// Where this machine takes Debian's packages from.
fn mirror() -> Result<String, String> {
    let targets = output(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Origin: Debian",
        "Label: Debian",
        "Created-By: Packages",
    ]))?;
    let first = targets.lines().next().map(str::to_owned);
    first.ok_or_else(|| "apt knows no mirror of Debian (apt-get update)".to_owned())
}

/// How this machine reaches it: proxies, and how old what it says may be.
fn ways_to_the_mirror() -> Result<Vec<String>, String> {
    let settings = output(Command::new("apt-config").arg("dump"))?;
    let ours = ["Acquire::http", "Acquire::https", "Acquire::Check-"];
    let ways = settings.lines().filter(|line| ours.iter().any(|prefix| line.starts_with(prefix)));
    Ok(ways.filter(|line| !line.ends_with("\"\";")).map(str::to_owned).collect())
}

fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().display().to_string();
    let ran = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    if ran.status.success() {
        return Ok(String::from_utf8_lossy(&ran.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    Err(format!("{name}: {}", said.lines().last().unwrap_or("failed")))
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Waits until `ready`, half a minute at most.
pub fn wait_for(what: &str, mut ready: impl FnMut() -> bool) {
    wait_for_some(what, || ready().then_some(()));
}

/// Waits until there is something, half a minute at most.
pub fn wait_for_some<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(Instant::now() < limit, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
