//! The changelog as Debian writes it (deb-changelog(5)), made of CHANGELOG.md.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::Fault;

const CHANGES: &str = include_str!("../../CHANGELOG.md");
const MANIFEST: &str = include_str!("../../Cargo.toml");

/// A release: version, day, and its changes as they stand.
fn releases() -> Result<Vec<(&'static str, NaiveDate, &'static str)>, Fault> {
    let read = |release: &'static str| {
        let (heading, changes) = release.split_once('\n').ok_or("a release without changes")?;
        let (version, day) = heading
            .split_once(" (")
            .and_then(|(version, day)| Some((version, day.strip_suffix(')')?)))
            .ok_or_else(|| format!("\"{heading}\" is not VERSION (YEAR-MONTH-DAY)"))?;
        Ok((version, day.parse()?, changes))
    };
    CHANGES.split("\n## ").skip(1).map(read).collect()
}

/// The day of the newest release.
pub fn newest() -> Result<NaiveDate, Fault> {
    match releases()?.first() {
        Some((version, day, _)) if *version == env!("CARGO_PKG_VERSION") => Ok(*day),
        _ => Err(concat!("CHANGELOG.md does not begin with ", env!("CARGO_PKG_VERSION")).into()),
    }
}

/// The whole changelog.
pub fn debian() -> Result<String, Fault> {
    newest()?;
    let maintainer = MANIFEST
        .lines()
        .find_map(|line| line.strip_prefix("maintainer = \"")?.strip_suffix('"'))
        .ok_or("Cargo.toml names no maintainer")?;
    let mut text = String::new();
    for (version, day, changes) in releases()? {
        writeln!(text, "stepdown ({version}-1) stable; urgency=medium\n")?;
        for line in changes.lines().filter(|line| !line.is_empty()) {
            match line.strip_prefix("- ") {
                Some(change) => writeln!(text, "  * {change}")?,
                None => writeln!(text, "    {}", line.trim_start())?,
            }
        }
        writeln!(text, "\n -- {maintainer}  {}\n", day.format("%a, %d %b %Y 12:00:00 +0000"))?;
    }
    Ok(text)
}
