//! The version of the data directory's format, as its file `format` tells it.
//!
//! It goes up with every change after which an older program would misread the log, the keyring or the witness. The
//! snapshot has a version of its own: it can be made anew, and so it is.

use std::fmt;

/// The format that this program reads and writes.
pub(super) const FORMAT: u32 = 2;
const NAME: &str = "stepdown log ";

/// The line that a format file holds.
pub(super) fn line() -> String {
    format!("{NAME}{FORMAT}\n")
}

/// What a format file says that does not name the format of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherFormat {
    /// A later format: a newer stepdown wrote it.
    Newer(u32),
    /// An earlier format: an older stepdown wrote it.
    Older(u32),
    /// It names no format of a log at all.
    Unknown,
}

impl OtherFormat {
    /// Reads a format file; `None` where it names the format of this program.
    pub(super) fn read(file: &[u8]) -> Option<Self> {
        // A later format may have more to say on lines of its own.
        let first = file.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
        let number = str::from_utf8(first).ok().and_then(|first| first.strip_prefix(NAME)?.parse().ok());
        match number {
            Some(FORMAT) => None,
            Some(found @ 1..FORMAT) => Some(Self::Older(found)),
            Some(found) if found > FORMAT => Some(Self::Newer(found)),
            _ => Some(Self::Unknown),
        }
    }

    /// What whoever runs the program does about it.
    #[must_use]
    pub const fn way_out(self) -> &'static str {
        match self {
            Self::Newer(_) => {
                "install that newer version of stepdown again, or restore a backup from before it was installed \
                 into an empty directory"
            }
            Self::Older(_) => {
                "bring its records along: with the version that wrote it, stepdown --data DIR export > records.jsonl; \
                 then with this one, stepdown --data NEW-DIR import --keep-recorded-time records.jsonl"
            }
            Self::Unknown => {
                "is this the data directory (--data DIR)? If so, the file was damaged outside stepdown: restore the \
                 directory from a backup"
            }
        }
    }
}

impl fmt::Display for OtherFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let this = env!("CARGO_PKG_VERSION");
        match self {
            Self::Newer(found) => write!(
                f,
                "is in format {found}, and stepdown {this} reads and writes format {FORMAT}: a newer version wrote it"
            ),
            Self::Older(found) => write!(
                f,
                "is in format {found}, and stepdown {this} reads and writes format {FORMAT}: an older version wrote it"
            ),
            Self::Unknown => {
                write!(f, "names no format that stepdown {this} knows, which is format {FORMAT}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_file_is_of_this_program_or_newer_or_older_or_none() {
        assert_eq!(OtherFormat::read(line().as_bytes()), None);
        let further = format!("{}and a line that came later\n", line());
        assert_eq!(OtherFormat::read(further.as_bytes()), None);
        let read = |text: &str| OtherFormat::read(text.as_bytes());
        assert_eq!(read("stepdown log 3\nmore"), Some(OtherFormat::Newer(3)));
        assert_eq!(read("stepdown log 10\r\n"), Some(OtherFormat::Newer(10)));
        assert_eq!(read("stepdown log 1"), Some(OtherFormat::Older(1)));
        for nothing in ["", "\n", "stepdown log", "stepdown log 0", "stepdown log -1", "stepdown log 2x", "5"]
        {
            assert_eq!(read(nothing), Some(OtherFormat::Unknown), "{nothing:?}");
        }
        assert_eq!(OtherFormat::read(b"stepdown log \xff"), Some(OtherFormat::Unknown));
    }
}
