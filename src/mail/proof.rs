//! Every template on every sample: what would go wrong, all of it.
//!
//! A part that cannot be rendered is noted, made empty and passed by, so that what stands behind it is
//! tried too.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use std::sync::Arc;

use minijinja::{Error, ErrorKind};

use super::jinja::{GivenNothing, environment};
use super::letter::{Letter, WriteError};
use super::page::Page;
use super::samples::samples;
use super::templates::{FOLDER, envelopes, files, folders, later, own_files, tried as languages};
use super::voice::Voice;
use crate::config::{Config, Fault, Finding, Source, locales, phrasebook, templates};
use crate::language::{Language, Phrases, UnknownPhrase};

/// How much is noted of all templates together.
const MOST: usize = 100;

/// What went wrong first, and where.
struct Trouble {
    file: String,
    kind: ErrorKind,
    words: String,
    place: Range<usize>,
    /// The phrase that nobody can say, where it is about one.
    phrase: Option<String>,
}

/// What is wrong with the templates among `all` the files of a configuration. Of `config`, where it
/// could be read, come the programmes that there are.
#[must_use]
pub fn proof(all: &BTreeMap<String, String>, config: Option<&Config>) -> Vec<Fault> {
    let sources = &templates(all);
    let mut faults = strangers(sources, config);
    let mut tried = sources.clone();
    let phrases = Arc::new(Phrases::read(&phrasebook::whole(&locales(all))).0);
    // What cannot be read at all gives way to what it started from: others are parts of it.
    let starter = templates(&Source::Starter.files().unwrap_or_default());
    let begun = |name: &str| starter.get(name).cloned().unwrap_or_default();
    let later = later();
    for name in files().filter(|name| !sources.contains_key(name)) {
        let help = "copy it from a configuration that stepdown init writes";
        let of = |words: &str| Fault::of_file(&format!("{FOLDER}{name}"), words).help(help);
        faults.push(if later.contains_key(&name) {
            of("is not there: the built-in one is used in its place").warning()
        } else {
            of("is missing")
        });
        let text = begun(&name);
        tried.insert(name, text);
    }
    let bilingual = config.is_some_and(|config| config.settings.reminders.bilingual);
    for name in envelopes().filter(|name| !sources.contains_key(name)) {
        let message = "is missing: no message can be in Welsh and in English";
        let fault = Fault::of_file(&format!("{FOLDER}{name}"), message);
        let fault = fault.help("copy it from a configuration that stepdown init writes");
        faults.push(if bilingual { fault } else { fault.warning() });
    }
    let known = names(&phrases);
    // The limit is for what cannot be passed by.
    for _ in 0..MOST {
        let Some(trouble) = first(&tried, &phrases) else { break };
        let (Some(text), Some(source)) = (tried.get_mut(&trouble.file), sources.get(&trouble.file)) else {
            break;
        };
        let finding = say(&trouble, source, &known, &phrases);
        faults.push(Fault::at(&format!("{FOLDER}{}", trouble.file), source, finding));
        let rest = emptied(text, &trouble, &phrases).unwrap_or_else(|| begun(&trouble.file));
        *text = if *text == rest { String::new() } else { rest };
    }
    faults
}

/// Files that no mail is made of, and folders that no programme is called by.
fn strangers(sources: &BTreeMap<String, String>, config: Option<&Config>) -> Vec<Fault> {
    let known: Vec<_> = files().chain(envelopes()).collect();
    let own: Vec<_> = own_files().collect();
    let mut faults = Vec::new();
    let mut stranger = |name: &str, file: &str, known: &[String]| {
        let message = "is no template of a mail: nobody reads it";
        let help = Finding::new(0..0, "").suggest(file, known.iter().map(String::as_str)).help;
        let fault = Fault::of_file(&format!("{FOLDER}{name}"), message).warning();
        faults.push(fault.help(help.unwrap_or_default()));
    };
    for name in sources.keys().filter(|name| !name.contains('/') && !known.contains(name)) {
        stranger(name, name, &known);
    }
    let is_programme = |folder: &str| {
        config.is_none_or(|config| config.programmes.keys().any(|programme| programme.as_str() == folder))
    };
    let (of_programmes, of_nobody): (Vec<_>, Vec<_>) =
        folders(sources).into_iter().partition(|(folder, _)| is_programme(folder));
    for (folder, inside) in of_programmes {
        for file in inside.into_iter().filter(|file| !own.iter().any(|own| own == file)) {
            stranger(&format!("{folder}/{file}"), file, &own);
        }
    }
    let programmes = || config.into_iter().flat_map(|config| config.programmes.keys());
    for (folder, _) in of_nobody {
        let message = format!("no programme is called \"{folder}\": its templates are not read");
        let names = programmes().map(crate::case::ProgrammeId::as_str);
        let help = Finding::new(0..0, "").suggest(folder, names).help.unwrap_or_default();
        faults.push(Fault::of_file(&format!("{FOLDER}{folder}/"), message).warning().help(help));
    }
    faults
}

fn first(sources: &BTreeMap<String, String>, phrases: &Arc<Phrases>) -> Option<Trouble> {
    let mut environment = environment(Arc::clone(phrases));
    environment.set_debug(true);
    let folders = folders(sources);
    let own = folders.keys().flat_map(|folder| own_files().map(move |file| format!("{folder}/{file}")));
    for name in files().chain(own.chain(envelopes()).filter(|name| sources.contains_key(name))) {
        let source = sources.get(&name).cloned().unwrap_or_default();
        if let Err(error) = environment.add_template_owned(name.clone(), source) {
            return Some(trouble(&name, &error, sources));
        }
    }
    for sample in folders.into_keys().chain(["sample"]).filter_map(samples).flatten() {
        for marking in [None, Some("marking")] {
            for languages in languages(sources.contains_key("envelope.html.jinja")) {
                match Letter::write(&environment, phrases, (&sample, "sender", marking), languages) {
                    Err(WriteError::Template(name, error)) => return Some(trouble(&name, &error, sources)),
                    // A phrase that the program itself says is told where it is loaded.
                    Err(WriteError::Phrase(_)) | Ok(_) => {}
                }
            }
        }
    }
    None
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
    let place = place.unwrap_or(start..start + whole.trim_end().len());
    let cause = std::error::Error::source(found);
    if let Some(GivenNothing(name)) = cause.and_then(|cause| cause.downcast_ref()) {
        let (kind, words) = (ErrorKind::UndefinedError, found.to_string());
        return Trouble { file, kind, words, place: given(text, place, name), phrase: None };
    }
    Trouble {
        kind: found.kind(),
        words: found.detail().map_or_else(|| found.kind().to_string(), str::to_owned),
        place,
        phrase: cause.and_then(|cause| cause.downcast_ref()).map(|UnknownPhrase { id, .. }| id.clone()),
        file,
    }
}

/// What a phrase is given under `name`, in the call at `place`.
fn given(text: &str, place: Range<usize>, name: &str) -> Range<usize> {
    let call = text.get(place.clone()).unwrap_or_default();
    let Some(at) = call.find(&format!("{name}=")) else { return place };
    let start = place.start + at + name.len() + 1;
    let rest = text.get(start..place.end).unwrap_or_default();
    start..start + rest.find([',', ')', ' ']).unwrap_or(rest.len())
}

/// Every name that a page has, and every name within.
fn names(phrases: &Phrases) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for sample in samples("sample").unwrap_or_default() {
        let voice = Voice { phrases, language: Language::English };
        let page = Page::new(&sample, "sender", Some("marking"), voice).ok();
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

fn say(trouble: &Trouble, source: &str, known: &BTreeSet<String>, phrases: &Phrases) -> Finding {
    let span = trouble.place.clone();
    let part = source.get(span.clone()).unwrap_or_default();
    if let Some(phrase) = &trouble.phrase {
        let finding = Finding::new(span, trouble.words.clone());
        let help = "the phrases are in locales/en/ and locales/cy/";
        return match phrases.has(Language::English, phrase) {
            true => finding.help(help),
            false => finding.suggest(phrase, phrasebook::said()),
        };
    }
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
fn emptied(text: &str, trouble: &Trouble, phrases: &Arc<Phrases>) -> Option<String> {
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
    (fits && environment(Arc::clone(phrases)).template_from_str(&rest).is_ok()).then_some(rest)
}
