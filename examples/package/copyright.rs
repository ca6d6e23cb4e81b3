//! The copyright file (Debian's machine-readable form, 1.0), and the licences of all that is built into the binary.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::Fault;

const MIT: &str = include_str!("../../LICENSE-MIT");

/// A crate that is built in.
struct Crate {
    name: String,
    version: String,
    licence: String,
    /// Its licence files: name and text.
    texts: Vec<(String, String)>,
}

/// Writes `copyright` and, in the package's place for it, the file with the licences that it points to.
pub fn write(to: &Path) -> Result<(), Fault> {
    let crates = built_in()?;
    fs::write(to.join("copyright"), copyright(&crates)?)?;
    let doc = to.join("root/usr/share/doc/stepdown");
    fs::create_dir_all(&doc)?;
    let licences = doc.join("third-party-licences");
    fs::write(&licences, texts(&crates)?)?;
    // Without a time, as Debian asks for.
    let packed = Command::new("gzip").arg("-9n").arg(&licences).status()?;
    if packed.success() { Ok(()) } else { Err("gzip failed".into()) }
}

/// All crates that the binary is linked from, as the lock file has them.
fn built_in() -> Result<Vec<Crate>, Fault> {
    let host = target()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let ran = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1", "--filter-platform", &host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into());
    }
    let metadata: Value = serde_json::from_slice(&ran.stdout)?;
    let needed = needed(&metadata)?;
    let packages = metadata["packages"].as_array().ok_or("no packages")?;
    let is_built_in =
        |package: &&Value| needed.contains(&text(&package["id"])) && package["source"].is_string();
    packages.iter().filter(is_built_in).map(read).collect()
}

/// The platform that is built for.
fn target() -> Result<String, Fault> {
    let told = Command::new("rustc").args(["-vV"]).output()?.stdout;
    let told = String::from_utf8(told)?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc names no host")?.to_owned())
}

/// The ids of the package and of what it needs to run, not of what only builds or tests it.
fn needed(metadata: &Value) -> Result<BTreeSet<String>, Fault> {
    let nodes = metadata["resolve"]["nodes"].as_array().ok_or("nothing is resolved")?;
    let nodes: BTreeMap<String, &Value> = nodes.iter().map(|node| (text(&node["id"]), node)).collect();
    let mut found = BTreeSet::new();
    let mut open = vec![text(&metadata["resolve"]["root"])];
    while let Some(id) = open.pop() {
        if !found.insert(id.clone()) {
            continue;
        }
        let deps = nodes.get(&id).and_then(|node| node["deps"].as_array()).into_iter().flatten();
        let is_linked = |dep: &&Value| {
            dep["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
        };
        open.extend(deps.filter(is_linked).map(|dep| text(&dep["pkg"])));
    }
    Ok(found)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn read(package: &Value) -> Result<Crate, Fault> {
    let manifest = text(&package["manifest_path"]);
    let dir = Path::new(&manifest).parent().ok_or("a manifest in a directory")?;
    let mut texts = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_licence = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"]
            .iter()
            .any(|start| name.to_uppercase().starts_with(start));
        if is_licence && path.is_file() {
            texts.push((name, String::from_utf8_lossy(&fs::read(&path)?).into_owned()));
        }
    }
    texts.sort();
    let (name, version) = (text(&package["name"]), text(&package["version"]));
    let licence = package["license"].as_str().ok_or_else(|| format!("{name} names no licence"))?.to_owned();
    Ok(Crate { name, version, licence, texts })
}

/// A text in the form of a field that goes on over lines.
fn indented(text: &str) -> String {
    let line = |line: &str| {
        if line.trim().is_empty() { " .\n".to_owned() } else { format!(" {}\n", line.trim_end()) }
    };
    text.trim().lines().map(line).collect()
}

fn copyright(crates: &[Crate]) -> Result<String, Fault> {
    let holder =
        MIT.lines().find(|line| line.starts_with("Copyright")).ok_or("LICENSE-MIT names no holder")?;
    let holder = holder.trim_start_matches("Copyright").trim_start_matches(" (c)").trim();
    let (_, terms) = MIT.split_once("\n\n").ok_or("LICENSE-MIT has no terms")?;
    let mut text = String::from(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: stepdown\n\
         Comment: The binary is linked from the crates below, each under its own licence. Their\n \
         copyright notices and licences stand, word for word, in\n \
         /usr/share/doc/stepdown/third-party-licences.gz. The source of each, unchanged, is at\n \
         https://crates.io/crates/NAME/VERSION.\n .\n",
    );
    for Crate { name, version, licence, .. } in crates {
        writeln!(text, " {name} {version}: {licence}")?;
    }
    write!(
        text,
        "\nFiles: *\nCopyright: {holder}\nLicense: Expat or Apache-2.0\n\n\
         License: Expat\n{}\n\
         License: Apache-2.0\n On Debian systems, the complete text of the Apache License, Version 2.0, is in\n \
         /usr/share/common-licenses/Apache-2.0.\n",
        indented(terms)
    )?;
    Ok(text)
}

/// Every licence text once, under the names of the crates that come with it.
fn texts(crates: &[Crate]) -> Result<String, Fault> {
    let mut by_text: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut without = Vec::new();
    for one in crates {
        let name = format!("{} {} ({})", one.name, one.version, one.licence);
        if one.texts.is_empty() {
            without.push(name.clone());
        }
        for (file, text) in &one.texts {
            by_text.entry(text.trim()).or_default().push(format!("{name}: {file}"));
        }
    }
    let mut all = String::from("The licences of what stepdown is linked from, as each crate brings them.\n");
    let mut entries: Vec<_> = by_text.into_iter().collect();
    entries.sort_by(|(_, one), (_, other)| one.cmp(other));
    for (text, names) in entries {
        let rule = "=".repeat(78);
        writeln!(all, "\n{rule}\n{}\n{rule}\n\n{text}", names.join("\n"))?;
    }
    if !without.is_empty() {
        writeln!(all, "\nThese crates name their licence and bring no text of it:\n{}", without.join("\n"))?;
    }
    Ok(all)
}
