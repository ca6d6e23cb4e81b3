//! Mail templates: files an admin may change (minijinja), strict about every name they use.

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior};
use thiserror::Error;

use super::page::Page;
use super::samples::samples;
use crate::reminders::Content;

/// The mail templates.
#[derive(Debug)]
pub struct Templates(Environment<'static>);

/// Why a template cannot be used.
#[derive(Debug, Error)]
#[error("templates/{file}{}: {what}", line.map(|line| format!(":{line}")).unwrap_or_default())]
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

/// The files there must be.
pub(super) fn files() -> impl Iterator<Item = String> {
    NAMES.iter().flat_map(|name| ["txt", "html"].map(|form| format!("{name}.{form}.jinja")))
}

/// The file that renders `content` in a form: `txt` or `html`.
pub(super) fn file(content: &Content, form: &str) -> String {
    format!("{}.{form}.jinja", name(content))
}

/// How templates are read: strict about names, and with tags that leave no blank lines behind.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.unwrap_or_default());
    environment
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

impl TemplateError {
    fn new(file: &str, error: &minijinja::Error) -> Self {
        // The cause below the first error says which name was not there.
        let mut what = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            what = format!("{what}: {cause}");
            source = cause.source();
        }
        Self { file: file.to_owned(), line: error.line(), what }
    }
}

impl Templates {
    /// Compiles the templates and tries each on a sample, so that a mistake shows now and not at 8 o'clock.
    ///
    /// # Errors
    /// At the first template that is missing, does not compile or does not render.
    pub fn new(sources: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let mut environment = environment();
        for name in files() {
            let source = sources.get(&name).ok_or_else(|| TemplateError {
                file: name.clone(),
                line: None,
                what: "is missing; copy it from a configuration that stepdown init writes".to_owned(),
            })?;
            environment
                .add_template_owned(name.clone(), source.clone())
                .map_err(|error| TemplateError::new(&name, &error))?;
        }
        let templates = Self(environment);
        for sample in samples().unwrap_or_default() {
            // With and without what is optional.
            for marking in [None, Some("marking")] {
                templates.render(&sample.content, &Page::new(&sample, "sender", marking))?;
            }
        }
        Ok(templates)
    }

    /// Renders what a message says, as text and as HTML.
    ///
    /// # Errors
    /// When a template uses what the page does not have.
    pub(super) fn render(&self, content: &Content, page: &Page) -> Result<(String, String), TemplateError> {
        let form = |form: &str| {
            let name = file(content, form);
            // A fault in a part is reported under the name of the part.
            let fault = |error: minijinja::Error| {
                TemplateError::new(&error.name().map_or_else(|| name.clone(), str::to_owned), &error)
            };
            self.0.get_template(&name).map_err(fault)?.render(Value::from(Serde(page))).map_err(fault)
        };
        Ok((form("txt")?, form("html")?))
    }
}
