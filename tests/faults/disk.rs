//! A disk of our own, to cut the power of: ext4 on a file, by a loop device.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::tally::say;
use crate::tools::cut_power;

/// A file with a file system, mounted or not; unmounted when dropped.
pub struct Disk {
    image: PathBuf,
    pub mount: PathBuf,
    cutter: &'static Path,
}

impl Disk {
    /// An empty disk, mounted; `None`, said in a line, where this machine does not let us.
    pub fn make(home: &Path) -> Option<Self> {
        let Some(cutter) = cut_power() else {
            say("skipped: the power cannot be cut without a C compiler (cc)");
            return None;
        };
        let disk = Self { image: home.join("disk.img"), mount: home.join("disk"), cutter };
        fs::create_dir_all(&disk.mount).expect("a directory");
        match disk.format().and_then(|()| disk.mount()) {
            Ok(()) => Some(disk),
            Err(what) => {
                say(&format!(
                    "skipped: the power cannot be cut without root, mkfs.ext4 and a loop device: {what}"
                ));
                None
            }
        }
    }

    fn format(&self) -> Result<(), String> {
        // Sparse: fjall asks for 64 MiB at a time, and uses little of it.
        let file = File::create(&self.image).and_then(|file| file.set_len(512 << 20));
        file.map_err(|error| error.to_string())?;
        run(Command::new("mkfs.ext4").args(["-q", "-F", "-m", "0"]).arg(&self.image))
    }

    pub fn mount(&self) -> Result<(), String> {
        // The file system's own clock is slowed down, so that what is not synced is not saved by chance.
        let options = "loop,noatime,commit=300";
        run(Command::new("mount").args(["-t", "ext4", "-o", options]).arg(&self.image).arg(&self.mount))
    }

    /// Everything so far is on the disk, whoever did not care to sync it.
    pub fn settle(&self) {
        run(Command::new("sync").arg("--file-system").arg(&self.mount)).expect("a sync");
    }

    /// From here on nothing reaches the disk.
    pub fn cut(&self) {
        run(Command::new(self.cutter).arg(&self.mount)).expect("the power is cut");
    }

    /// Forgets what is in memory, and mounts what is on the disk.
    pub fn restart(&self) -> Result<(), String> {
        self.unmount()?;
        self.mount()
    }

    fn unmount(&self) -> Result<(), String> {
        let mut last = String::new();
        for _ in 0..100 {
            match run(Command::new("umount").arg(&self.mount)) {
                Ok(()) => return Ok(()),
                Err(what) => last = what,
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(last)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The loop device goes with the mount. One that is still busy goes as soon as it is not.
        let _ = run(Command::new("umount").arg("--lazy").arg(&self.mount));
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let ran = command.output().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if ran.status.success() {
        return Ok(());
    }
    Err(format!("{}: {}", command.get_program().display(), String::from_utf8_lossy(&ran.stderr).trim()))
}
