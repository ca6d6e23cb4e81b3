//! Where configuration files come from: the starter built into the binary, or a directory.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use include_dir::{Dir, include_dir};
use thiserror::Error;

use crate::case::{hex, sha256};

pub(super) const SETTINGS: &str = "stepdown.toml";

static STARTER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config");
static EVENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/events");

/// Sample histories stand beside the catalogue, and are no part of a configuration.
const SAMPLES: &str = "samples";

/// Where to read a configuration from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The starter configuration in the binary.
    Starter,
    /// A directory, as `stepdown init` writes one.
    Directory(PathBuf),
    /// Files that somebody else has read, and where from.
    Given(String, BTreeMap<String, String>),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starter => f.write_str("built into stepdown"),
            Self::Directory(dir) => write!(f, "in {}", dir.display()),
            Self::Given(from, _) => f.write_str(from),
        }
    }
}

impl Source {
    /// The text of `stepdown.toml` alone, where it can be read.
    pub(super) fn settings(&self) -> Option<String> {
        match self {
            Self::Starter => STARTER.get_file(SETTINGS)?.contents_utf8().map(str::to_owned),
            Self::Directory(dir) => fs::read_to_string(dir.join(SETTINGS)).ok(),
            Self::Given(_, files) => files.get(SETTINGS).cloned(),
        }
    }
}

/// A sample history, by its file name under `events/samples/`.
#[must_use]
pub fn sample(name: &str) -> Option<&'static str> {
    EVENTS.get_file(Path::new(SAMPLES).join(name))?.contents_utf8()
}

fn embedded(dir: &'static Dir<'static>, under: &str, files: &mut BTreeMap<String, String>) {
    for file in dir.files() {
        let path = Path::new(under).join(file.path());
        if let (Some(path), Some(text)) = (path.to_str(), file.contents_utf8()) {
            files.insert(path.to_owned(), text.to_owned());
        }
    }
    for sub in dir.dirs().filter(|sub| !sub.path().starts_with(SAMPLES)) {
        embedded(sub, under, files);
    }
}

fn starter() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    embedded(&STARTER, "", &mut files);
    embedded(&EVENTS, "events", &mut files);
    files
}

fn on_disk(
    root: &Path,
    dir: &Path,
    files: &mut BTreeMap<String, String>,
) -> Result<(), (PathBuf, io::Error)> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let path = entry.map_err(at(dir))?.path();
        if path.is_dir() {
            on_disk(root, &path, files)?;
        } else if matches!(path.extension().and_then(|e| e.to_str()), Some("toml" | "json" | "jinja" | "ftl"))
        {
            // A byte that is no UTF-8 is told of where it stands, beside all that is wrong elsewhere.
            let text = String::from_utf8_lossy(&fs::read(&path).map_err(at(&path))?).into_owned();
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            files.insert(name, text);
        }
    }
    Ok(())
}

/// The SHA-256 over the files of a configuration: their names, and what stands in them.
pub(super) fn fingerprint(files: &BTreeMap<String, String>) -> String {
    let mut bytes = Vec::new();
    for text in files.iter().flat_map(|(name, text)| [name, text]) {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    hex(&sha256(&bytes))
}

impl Source {
    /// What tells the configuration there from any other, be it only by a note.
    ///
    /// # Errors
    /// The path that could not be read, and why.
    pub fn fingerprint(&self) -> Result<String, (PathBuf, io::Error)> {
        self.files().map(|files| fingerprint(&files))
    }

    /// Every file, by its path within the configuration.
    ///
    /// # Errors
    /// The path that could not be read, and why.
    pub fn files(&self) -> Result<BTreeMap<String, String>, (PathBuf, io::Error)> {
        match self {
            Self::Starter => Ok(starter()),
            Self::Directory(dir) => {
                let mut files = BTreeMap::new();
                on_disk(dir, dir, &mut files)?;
                Ok(files)
            }
            Self::Given(_, files) => Ok(files.clone()),
        }
    }
}

/// Why the starter configuration was not written.
#[derive(Debug, Error)]
pub enum InitError {
    /// A file is there already; nothing was written.
    #[error("{0} is there already; nothing was written. Choose an empty directory")]
    Exists(PathBuf),
    /// The directory or a file could not be written.
    #[error("cannot write {0}: {1}")]
    Io(PathBuf, io::Error),
}

/// Writes the starter configuration into `dir`; gives the paths written. Overwrites nothing.
///
/// # Errors
/// When a file is there already (then nothing is written), or cannot be written.
pub fn init(dir: &Path) -> Result<Vec<PathBuf>, InitError> {
    let files: Vec<_> = starter().into_iter().map(|(name, text)| (dir.join(name), text)).collect();
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(InitError::Exists(path.clone()));
    }
    for (path, text) in &files {
        let parent = path.parent().unwrap_or(dir);
        fs::create_dir_all(parent).map_err(|error| InitError::Io(parent.to_owned(), error))?;
        fs::write(path, text).map_err(|error| InitError::Io(path.clone(), error))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}
