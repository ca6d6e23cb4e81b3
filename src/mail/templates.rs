//! Mail templates: files an admin may change (minijinja), strict about every name they use.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Environment;
use thiserror::Error;

use super::jinja::environment;
use super::letter::{Letter, WriteError};
use super::samples::samples;
use crate::config::{Source, templates};
use crate::language::{Language, Phrases, UnknownPhrase};
use crate::reminders::{Content, Message};

/// The mail templates, and the phrases that they and the program say.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    phrases: Arc<Phrases>,
}

/// Why a template cannot be used.
#[derive(Debug, Error)]
#[error("{file}{}: {what}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct TemplateError {
    file: String,
    line: Option<usize>,
    what: String,
}

/// The folder of the configuration that holds them.
pub(super) const FOLDER: &str = "templates/";

/// The templates there must be, each as text and as HTML; the first two are parts of the others.
const NAMES: [&str; 10] = [
    "layout",
    "item",
    "digest",
    "escalation",
    "notice",
    "limit",
    "vacancies",
    "correction",
    "weekly",
    "undelivered",
];

/// What puts the pages of all languages into one message. Without it, a page is the message.
const ENVELOPE: [&str; 1] = ["envelope"];

/// Those that a programme may have of its own, in a folder of its name.
const OWN: [&str; 5] = ["item", "escalation", "notice", "correction", "limit"];

/// Those that an earlier configuration may lack: the built-in one is used in its place.
const LATER: [&str; 1] = ["limit"];

fn forms(names: &'static [&'static str]) -> impl Iterator<Item = String> {
    names.iter().flat_map(|name| ["txt", "html"].map(|form| format!("{name}.{form}.jinja")))
}

/// The files there must be.
pub(super) fn files() -> impl Iterator<Item = String> {
    forms(&NAMES)
}

/// The files there must be for messages in two languages.
pub(super) fn envelopes() -> impl Iterator<Item = String> {
    forms(&ENVELOPE)
}

/// The built-in templates that are used where a configuration lacks them.
pub(super) fn later() -> BTreeMap<String, String> {
    let mut starter = templates(&Source::Starter.files().unwrap_or_default());
    forms(&LATER).filter_map(|name| starter.remove_entry(&name)).collect()
}

/// The files there may be in the folder of a programme.
pub(super) fn own_files() -> impl Iterator<Item = String> {
    forms(&OWN)
}

/// The files of programmes among `sources`, by folder.
pub(super) fn folders(sources: &BTreeMap<String, String>) -> BTreeMap<&str, Vec<&str>> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (folder, file) in sources.keys().filter_map(|name| name.split_once('/')) {
        folders.entry(folder).or_default().push(file);
    }
    folders
}

/// The file that renders `content` in a form, `txt` or `html`: that of its programme, where that has one.
pub(super) fn file(environment: &Environment<'_>, content: &Content, form: &str) -> String {
    let general = format!("{}.{form}.jinja", name(content));
    let own = programme(content).map(|programme| format!("{programme}/{general}"));
    own.filter(|own| environment.get_template(own).is_ok()).unwrap_or(general)
}

const fn name(content: &Content) -> &'static str {
    match content {
        Content::Digest(_) => "digest",
        Content::Escalation(_) => "escalation",
        Content::Notice(_) => "notice",
        Content::Limit(_) => "limit",
        Content::Vacancies(_) => "vacancies",
        Content::Correction(_) => "correction",
        Content::Weekly(_) => "weekly",
        Content::Undelivered(_) => "undelivered",
    }
}

/// The programme of all that it tells of; none where that is of several.
fn programme(content: &Content) -> Option<&str> {
    match content {
        Content::Escalation(item) => Some(item.programme.as_str()),
        Content::Notice(notice) => Some(notice.programme.as_str()),
        Content::Limit(limit) => Some(limit.programme.as_str()),
        Content::Correction(items) => {
            let first = &items.first()?.programme;
            items.iter().all(|item| item.programme == *first).then_some(first.as_str())
        }
        _ => None,
    }
}

/// The languages that templates are tried in.
pub(super) fn tried(bilingual: bool) -> impl Iterator<Item = &'static [Language]> {
    let all: [&[Language]; 3] =
        [&[Language::English], &[Language::Welsh], &[Language::Welsh, Language::English]];
    all.into_iter().filter(move |languages| bilingual || languages.len() == 1)
}

impl TemplateError {
    fn of_file(file: &str, what: &str) -> Self {
        Self { file: format!("{FOLDER}{file}"), line: None, what: what.to_owned() }
    }

    fn of_template(file: &str, error: &minijinja::Error) -> Self {
        // The cause below the first error says which name was not there.
        let mut what = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            what = format!("{what}: {cause}");
            source = cause.source();
        }
        // A fault in a part is reported under the name of the part.
        let file = error.name().unwrap_or(file);
        Self { file: format!("{FOLDER}{file}"), line: error.line(), what }
    }

    fn of_phrase(error: &UnknownPhrase) -> Self {
        Self { file: "locales/".to_owned(), line: None, what: error.to_string() }
    }
}

impl From<WriteError> for TemplateError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Template(file, error) => Self::of_template(&file, &error),
            WriteError::Phrase(error) => Self::of_phrase(&error),
        }
    }
}

impl Templates {
    /// Compiles the templates and tries each on a sample in every language, so that a mistake shows now and not at
    /// 8 o'clock. `bilingual`: whether messages are in both.
    ///
    /// # Errors
    /// At the first template that is missing, does not compile or does not render.
    pub fn new(
        sources: &BTreeMap<String, String>,
        phrases: &Arc<Phrases>,
        bilingual: bool,
    ) -> Result<Self, TemplateError> {
        let (mut environment, later) = (environment(Arc::clone(phrases)), later());
        let mut compile = |name: String, source: &String| {
            let fault = |error| TemplateError::of_template(&name, &error);
            environment.add_template_owned(name.clone(), source.clone()).map_err(fault)
        };
        for name in files().chain(envelopes().filter(|name| bilingual || sources.contains_key(name))) {
            let missing = "is missing; copy it from a configuration that stepdown init writes";
            let source = sources.get(&name).or_else(|| later.get(&name));
            compile(name.clone(), source.ok_or_else(|| TemplateError::of_file(&name, missing))?)?;
        }
        let folders = folders(sources);
        for name in folders.keys().flat_map(|folder| own_files().map(move |file| format!("{folder}/{file}")))
        {
            if let Some(source) = sources.get(&name) {
                compile(name, source)?;
            }
        }
        let whole = Self { environment, phrases: Arc::clone(phrases) };
        for programme in folders.into_keys().chain(["sample"]) {
            for sample in samples(programme).unwrap_or_default() {
                // With and without what is optional.
                for marking in [None, Some("marking")] {
                    for languages in tried(bilingual) {
                        whole.write(&sample, "sender", marking, languages)?;
                    }
                }
            }
        }
        Ok(whole)
    }

    /// The phrases that they say.
    #[must_use]
    pub(super) fn phrases(&self) -> &Phrases {
        &self.phrases
    }

    /// What `message` says, in each of the languages.
    ///
    /// # Errors
    /// When a template uses what the page does not have.
    pub(super) fn write(
        &self,
        message: &Message,
        sender: &str,
        marking: Option<&str>,
        languages: &[Language],
    ) -> Result<Letter, TemplateError> {
        let letter = Letter::write(&self.environment, &self.phrases, (message, sender, marking), languages);
        letter.map_err(TemplateError::from)
    }
}
