//! Who can read and write what, and whose it is.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::Check;
use crate::config::{AccessSettings, Config, Source};

/// Everybody else may read, …
const READ: u32 = 0o004;
/// … or write.
const WRITE: u32 = 0o002;

pub fn checks(data: &Path, source: &Source, config: Option<&Config>) -> Vec<Check> {
    let mut checks = vec![private("data-directory", data, 0o700), owner(data)];
    if let Source::Directory(dir) = source {
        checks.push(configuration(dir));
    }
    let password = config.and_then(|config| config.settings.mail.smtp.as_ref()?.password_file.as_ref());
    checks.extend(password.map(|path| not_for_all("smtp-password", path)));
    let socket = AccessSettings::socket_by(source, data);
    checks.extend(fs::symlink_metadata(&socket).ok().map(|found| self::socket(data, &socket, &found)));
    checks
}

/// Whether a file or directory is for its owner alone.
pub fn private(check: &'static str, path: &Path, wanted: u32) -> Check {
    let shown = path.display();
    match fs::metadata(path) {
        Ok(found) if found.permissions().mode().trailing_zeros() >= 6 => {
            Check::ok(check, format!("{shown} is for its owner alone"))
        }
        Ok(found) => {
            let mode = found.permissions().mode() & 0o777;
            Check::fail(
                check,
                format!("{shown} is open to others (mode {mode:o})"),
                format!("chmod {wanted:o} {shown}"),
            )
        }
        Err(error) => {
            Check::fail(check, format!("{shown}: {error}"), "see that the user stepdown runs as owns it")
        }
    }
}

/// Whether a file that its group may read is closed to everybody else.
fn not_for_all(check: &'static str, path: &Path) -> Check {
    let shown = path.display();
    match fs::metadata(path) {
        Ok(found) if found.mode() & (READ | WRITE) == 0 => {
            Check::ok(check, format!("{shown} is closed to everybody else"))
        }
        Ok(found) => Check::fail(
            check,
            format!("{shown} is open to everybody (mode {:o})", found.mode() & 0o777),
            format!("chmod o-rwx {shown}"),
        ),
        Err(error) => Check::fail(check, format!("{shown}: {error}"), "name the right file in [mail.smtp]"),
    }
}

/// Whether all in the data directory belongs to whoever owns the directory: a command that was run as root once
/// leaves files that the service cannot write.
fn owner(data: &Path) -> Check {
    const CHECK: &str = "data-owner";
    let owner = match fs::metadata(data) {
        Ok(found) => (found.uid(), found.gid()),
        Err(error) => {
            return Check::fail(CHECK, format!("{}: {error}", data.display()), "look at it with: ls -l");
        }
    };
    let (mut strange, mut count) = (None, 0_usize);
    let walked = walk(data, &mut |path, found| {
        if found.uid() != owner.0 {
            count += 1;
            strange.get_or_insert_with(|| path.to_owned());
        }
    });
    let remedy = format!("chown -R {}:{} {}", owner.0, owner.1, data.display());
    match (walked, strange) {
        (Err((path, error)), _) => {
            let remedy = "run the doctor as the user that stepdown runs as, or as root";
            Check::warn(CHECK, format!("{}: {error}", path.display()), remedy)
        }
        (Ok(()), None) => Check::ok(CHECK, format!("all of it belongs to user {}", owner.0)),
        (Ok(()), Some(first)) => {
            let says = format!(
                "{count} files belong to another user than the directory, such as {}",
                first.display()
            );
            Check::fail(CHECK, says, remedy)
        }
    }
}

/// Whose the socket is, and who may connect to it.
fn socket(data: &Path, path: &Path, found: &Metadata) -> Check {
    const CHECK: &str = "socket";
    let shown = path.display();
    match fs::metadata(data) {
        Ok(of_data) if of_data.uid() != found.uid() => Check::fail(
            CHECK,
            format!("{shown} is of user {}, and the data directory of user {}", found.uid(), of_data.uid()),
            format!("somebody else may answer there: stop the daemon, rm {shown}, and start it"),
        ),
        _ if found.mode().trailing_zeros() >= 6 => {
            Check::ok(CHECK, format!("{shown} is for its owner alone"))
        }
        // Who connects is known, and what they may do is settled by who they are.
        _ => Check::ok(CHECK, format!("others can connect to {shown}; [access] says what they may ask")),
    }
}

/// People's names and addresses are nobody else's business, and whoever writes the policy moves deadlines.
fn configuration(dir: &Path) -> Check {
    const CHECK: &str = "configuration-files";
    let (mut writable, mut readable) = (None, None);
    let closed = fs::metadata(dir).is_ok_and(|found| found.mode().trailing_zeros() >= 3);
    let walked = walk(dir, &mut |path, found| {
        if found.mode() & WRITE != 0 {
            writable.get_or_insert_with(|| path.to_owned());
        }
        if found.mode() & READ != 0 && found.is_file() {
            readable.get_or_insert_with(|| path.to_owned());
        }
    });
    let remedy = format!("chmod -R o-rwx {}", dir.display());
    match (walked, writable, readable) {
        (Err((path, error)), ..) => Check::fail(
            CHECK,
            format!("{}: {error}", path.display()),
            "see that the user stepdown runs as can read all of it",
        ),
        // A directory that is closed to others closes what is in it.
        _ if closed => Check::ok(CHECK, format!("{} is closed to everybody else", dir.display())),
        (_, Some(path), _) => {
            Check::fail(CHECK, format!("everybody on this machine can change {}", path.display()), remedy)
        }
        (_, None, Some(path)) => {
            let says = format!("everybody on this machine can read {}, and who is who there", path.display());
            Check::warn(CHECK, says, remedy)
        }
        _ => Check::ok(CHECK, "nobody else can read or change them"),
    }
}

/// Calls `each` with everything under `dir`; links are not followed.
fn walk(dir: &Path, each: &mut impl FnMut(&Path, &Metadata)) -> Result<(), (PathBuf, io::Error)> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let path = entry.map_err(at(dir))?.path();
        let found = match fs::symlink_metadata(&path) {
            // The daemon works meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            found => found.map_err(at(&path))?,
        };
        if !found.is_symlink() {
            each(&path, &found);
        }
        if found.is_dir() {
            match walk(&path, each) {
                Err((_, error)) if error.kind() == io::ErrorKind::NotFound => {}
                walked => walked?,
            }
        }
    }
    Ok(())
}
