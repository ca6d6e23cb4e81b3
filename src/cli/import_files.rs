//! The files of an `import`: one batch of lines, and where each of them stands.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Failure;
use super::output::progress;
use crate::calendar::Instant;

/// The lines of one batch.
pub struct Batch {
    /// The text, one event a line.
    pub text: Vec<u8>,
    /// The file, by its place in the command, and the number of each line that is not empty.
    pub lines: Vec<(usize, usize)>,
}

/// A file and its lines that are not empty: the number of each, and where it stands.
struct Lines {
    text: Vec<u8>,
    lines: Vec<(usize, std::ops::Range<usize>)>,
}

/// All lines of `files`; those of several in the order in which they were recorded, as far as they say so, and those of
/// each file in its own order.
///
/// # Errors
/// A file that cannot be read.
pub fn read(files: &[PathBuf]) -> Result<Batch, Failure> {
    let mut read = files.iter().map(|file| lines(file)).collect::<Result<Vec<_>, _>>()?;
    match read.pop() {
        Some(Lines { text, lines }) if read.is_empty() => {
            Ok(Batch { text, lines: lines.into_iter().map(|(number, _)| (0, number)).collect() })
        }
        last => Ok(merged(&read.into_iter().chain(last).collect::<Vec<_>>())),
    }
}

fn lines(file: &Path) -> Result<Lines, Failure> {
    if file == Path::new("-") {
        return lines_of(io::stdin().lock(), 0, file);
    }
    let open = File::open(file).map_err(|error| Failure::io(file, &error))?;
    let size = open.metadata().map_or(0, |metadata| metadata.len());
    lines_of(BufReader::with_capacity(1 << 20, open), size, file)
}

fn lines_of(mut input: impl BufRead, size: u64, path: &Path) -> Result<Lines, Failure> {
    let bar = progress(size, "reading");
    let (mut text, mut lines) = (Vec::new(), Vec::new());
    for number in 1.. {
        let start = text.len();
        let length = input.read_until(b'\n', &mut text).map_err(|error| Failure::io(path, &error))?;
        if length == 0 {
            break;
        }
        bar.inc(length as u64);
        if text.get(start..).is_some_and(|line| !line.trim_ascii().is_empty()) {
            lines.push((number, start..text.len()));
        }
    }
    bar.finish_and_clear();
    Ok(Lines { text, lines })
}

/// When an event says that it was recorded; all else of it is read later.
#[derive(Deserialize)]
struct Stamp<'l> {
    #[serde(borrow)]
    recordedtime: Option<Cow<'l, str>>,
}

fn recorded(line: &[u8]) -> Option<Instant> {
    let stamp: Stamp<'_> = serde_json::from_slice(line).ok()?;
    stamp.recordedtime?.parse().ok()
}

impl Lines {
    /// A line without the byte order mark that Windows programs like to start a text with.
    fn line(&self, place: usize) -> Option<&[u8]> {
        let line = self.text.get(self.lines.get(place)?.1.clone())?;
        Some(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line))
    }
}

/// The files laid side by side: of the lines that stand first in each, always the one that was recorded first.
fn merged(files: &[Lines]) -> Batch {
    let head = |file: usize, place: usize| files.get(file)?.line(place).map(recorded);
    let mut heads: Vec<_> = (0..files.len()).map(|file| (0, head(file, 0))).collect();
    let mut batch = Batch { text: Vec::new(), lines: Vec::new() };
    loop {
        let waiting = heads.iter().enumerate().filter_map(|(file, (_, recorded))| Some(((*recorded)?, file)));
        let Some((_, file)) = waiting.min() else { return batch };
        let Some((place, next)) = heads.get_mut(file) else { return batch };
        if let Some(Lines { lines, .. }) = files.get(file)
            && let Some((number, _)) = lines.get(*place)
            && let Some(line) = files.get(file).and_then(|lines| lines.line(*place))
        {
            batch.text.extend_from_slice(line.trim_ascii_end());
            batch.text.push(b'\n');
            batch.lines.push((file, *number));
        }
        *place += 1;
        *next = head(file, *place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Lines {
        lines_of(text.as_bytes(), 0, Path::new("a")).unwrap_or_else(|_| panic!("it reads"))
    }

    #[test]
    fn several_files_are_one_batch_in_the_order_of_recording() {
        let event =
            |id: &str, day: &str| format!("{{\"id\":\"{id}\",\"recordedtime\":\"2026-01-{day}T09:00:00Z\"}}");
        let first = format!("\u{feff}{}\n\n{}\n", event("a1", "03"), event("a2", "09"));
        // Out of its own order, which is kept; and without a last line feed.
        let second = format!("{}\n{}\n{}", event("b1", "01"), event("b2", "05"), event("b3", "04"));
        let third = "{\"id\":\"c1\"}\r\nno JSON";
        let Batch { text, lines } = merged(&[file(&first), file(&second), file(third)]);
        let text = String::from_utf8(text).expect("UTF-8");
        let ids: Vec<_> = text.lines().map(|line| line.split('"').nth(3).unwrap_or(line)).collect();
        assert_eq!(ids, ["c1", "no JSON", "b1", "a1", "b2", "b3", "a2"]);
        assert_eq!(lines, [(2, 1), (2, 2), (1, 1), (0, 1), (1, 2), (1, 3), (0, 3)]);
    }
}
