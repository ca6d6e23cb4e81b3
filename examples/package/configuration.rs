//! The packaged configuration: the starter's, with the lines brought in that belong to a service.

use std::fs;
use std::path::Path;

use super::Fault;

/// Settings that stand as notes in the starter and hold in the package: section and key. The unit gives the key as a
/// credential, so that it is not where the data is; the socket is where others may come to; backups go to a directory
/// of their own.
const HOLD: [(&str, &str); 3] =
    [("records", "wrapping_key_credential"), ("access", "socket"), ("backup", "directory")];

pub fn write(dir: &Path) -> Result<(), Fault> {
    stepdown::config::init(dir)?;
    let file = dir.join("stepdown.toml");
    let mut text = fs::read_to_string(&file)?;
    for (section, key) in HOLD {
        text = bring_in(&text, section, key)
            .ok_or_else(|| format!("the starter has no note {section}.{key}"))?;
    }
    fs::write(file, text)?;
    Ok(())
}

/// Makes settings of the notes `# [section]` and, below it, `# key = …`.
fn bring_in(text: &str, section: &str, key: &str) -> Option<String> {
    let header = format!("[{section}]");
    let bare = |line: &str| line.trim_start_matches("# ").to_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let start = lines.iter().position(|line| bare(line) == header)?;
    let is_header = |line: &String| bare(line).starts_with('[');
    let end = lines.iter().skip(start + 1).position(is_header).map_or(lines.len(), |n| start + 1 + n);
    let at = (start..end)
        .find(|n| lines.get(*n).is_some_and(|line| bare(line).starts_with(&format!("{key} = "))))?;
    for line in [start, at] {
        let line = lines.get_mut(line)?;
        *line = bare(line);
    }
    Some(lines.join("\n") + "\n")
}
