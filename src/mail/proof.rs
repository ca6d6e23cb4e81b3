//! Every template on every sample: what would go wrong, all of it.
//!
//! A part that cannot be rendered is noted, made empty and passed by, so that what stands behind it is
//! tried too.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind};

use super::page::Page;
use super::samples::samples;
use super::templates::{self, FOLDER, environment, file, files, is_later};
use crate::config::{Fault, Finding};

/// How much is noted of all templates together.
const MOST: usize = 100;

/// What went wrong first, and where.
struct Trouble {
    file: String,
    kind: ErrorKind,
    words: String,
    place: Range<usize>,
}

/// What is wrong with the templates `sources`, by file name.
#[must_use]
pub fn proof(sources: &BTreeMap<String, String>) -> Vec<Fault> {
    let mut faults = strangers(sources);
    let mut tried = sources.clone();
    // What cannot be read at all gives way to what it started from: others are parts of it.
    let starter = templates::begun();
    let begun = |name: &str| starter.get(name).cloned().unwrap_or_default();
    for name in files().filter(|name| !sources.contains_key(name)) {
        let help = "copy it from a configuration that stepdown init writes";
        let file = format!("{FOLDER}{name}");
        faults.push(if is_later(&name) {
            Fault::of_file(&file, "is missing: the mail is as stepdown comes with it").warning().help(help)
        } else {
            Fault::of_file(&file, "is missing").help(help)
        });
        let text = begun(&name);
        tried.insert(name, text);
    }
    let known = names();
    // The limit is for what cannot be passed by.
    for _ in 0..MOST {
        let Some(trouble) = first(&tried) else { break };
        let (Some(text), Some(source)) = (tried.get_mut(&trouble.file), sources.get(&trouble.file)) else {
            break;
        };
        let finding = say(&trouble, source, &known);
        faults.push(Fault::at(&format!("{FOLDER}{}", trouble.file), source, finding));
        let rest = emptied(text, &trouble).unwrap_or_else(|| begun(&trouble.file));
        *text = if *text == rest { String::new() } else { rest };
    }
    faults
}

/// Files that no mail is made of.
fn strangers(sources: &BTreeMap<String, String>) -> Vec<Fault> {
    let known: Vec<_> = files().collect();
    let unknown = sources.keys().filter(|name| !known.contains(name));
    let faults = unknown.map(|name| {
        let message = "is no template of a mail: nobody reads it";
        let help = Finding::new(0..0, "").suggest(name, known.iter().map(String::as_str)).help;
        Fault::of_file(&format!("{FOLDER}{name}"), message).warning().help(help.unwrap_or_default())
    });
    faults.collect()
}

fn first(sources: &BTreeMap<String, String>) -> Option<Trouble> {
    let mut environment = environment();
    environment.set_debug(true);
    for name in files() {
        let source = sources.get(&name).cloned().unwrap_or_default();
        if let Err(error) = environment.add_template_owned(name.clone(), source) {
            return Some(trouble(&name, &error, sources));
        }
    }
    for sample in samples().unwrap_or_default() {
        for marking in [None, Some("marking")] {
            let page = Page::new(&sample, "sender", marking);
            for name in ["txt", "html"].map(|form| file(&sample.content, form)) {
                if let Err(error) = render(&environment, &name, &page) {
                    return Some(trouble(&name, &error, sources));
                }
            }
        }
    }
    None
}

fn render(environment: &Environment<'_>, name: &str, page: &Page) -> Result<String, Error> {
    environment.get_template(name)?.render(Value::from(Serde(page)))
}

/// The error, or the cause below one that only says in which part it happened.
fn trouble(name: &str, error: &Error, sources: &BTreeMap<String, String>) -> Trouble {
    let mut found = error;
    while let Some(below) = std::error::Error::source(found).and_then(|cause| cause.downcast_ref::<Error>()) {
        found = below;
    }
    let file = found.name().unwrap_or(name).to_owned();
    let text = sources.get(&file).map(String::as_str).unwrap_or_default();
    let line = found.line().unwrap_or(1);
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let whole = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let place =
        found.range().filter(|range| text.get(range.clone()).is_some_and(|part| !part.trim().is_empty()));
    Trouble {
        file,
        kind: found.kind(),
        words: found.detail().map_or_else(|| found.kind().to_string(), str::to_owned),
        place: place.unwrap_or(start..start + whole.trim_end().len()),
    }
}

/// Every name that a page has, and every name within.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for sample in samples().unwrap_or_default() {
        let page = Page::new(&sample, "sender", Some("marking"));
        collect(&serde_json::to_value(&page).unwrap_or_default(), &mut names);
    }
    names
}

fn collect(value: &serde_json::Value, names: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            names.extend(fields.keys().cloned());
            fields.values().for_each(|value| collect(value, names));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}

fn say(trouble: &Trouble, source: &str, known: &BTreeSet<String>) -> Finding {
    let span = trouble.place.clone();
    let part = source.get(span.clone()).unwrap_or_default();
    match trouble.kind {
        ErrorKind::UndefinedError => {
            let finding = Finding::new(span, format!("this mail has no \"{part}\""));
            let last = part.rsplit(['.', ' ']).next().unwrap_or_default();
            finding.suggest(last, known.iter().map(String::as_str))
        }
        ErrorKind::SyntaxError => {
            let help = if trouble.words.starts_with("unknown statement end") {
                "is a {% for %}, {% if %} or {% block %} before it not closed, or its end misspelt?"
            } else {
                "the language is Jinja: https://docs.rs/minijinja/latest/minijinja/syntax/"
            };
            Finding::new(span, format!("this is no template: {}", trouble.words)).help(help)
        }
        ErrorKind::TemplateNotFound => {
            let files: Vec<_> = files().collect();
            let wanted = trouble.words.split('"').nth(1).unwrap_or_default();
            let finding = Finding::new(span, format!("there is no template \"{wanted}\""));
            finding.suggest(wanted, files.iter().map(String::as_str))
        }
        _ => {
            let help = "https://docs.rs/minijinja/latest/minijinja/ lists what templates can do";
            Finding::new(span, trouble.words.clone()).help(help)
        }
    }
}

/// The template without what cannot be rendered, where that can be taken out.
fn emptied(text: &str, trouble: &Trouble) -> Option<String> {
    if matches!(trouble.kind, ErrorKind::SyntaxError | ErrorKind::TemplateNotFound) {
        return None;
    }
    let Range { start, end } = trouble.place.clone();
    let part = text.get(start..end).unwrap_or_default();
    let fits = part.len() >= 2 && !part.contains(['{', '}', '\n']) && !part.trim_matches('"').is_empty();
    // As long as what it stands for, so that every other place stays where it is.
    let empty = if trouble.kind == ErrorKind::UnknownFilter { "e " } else { "\"\"" };
    let rest = format!(
        "{}{empty}{}{}",
        text.get(..start)?,
        " ".repeat(part.len().checked_sub(2)?),
        text.get(end..)?
    );
    (fits && environment().template_from_str(&rest).is_ok()).then_some(rest)
}
