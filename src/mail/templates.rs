//! Mail templates: files an admin may change (minijinja), strict about every name they use.

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use thiserror::Error;

use super::page::samples;

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

/// The templates there must be.
pub(super) const NAMES: [&str; 4] =
    ["digest.txt.jinja", "digest.html.jinja", "notice.txt.jinja", "notice.html.jinja"];

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
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax =
            SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
        environment.set_syntax(syntax.unwrap_or_default());
        for name in NAMES {
            let source = sources.get(name).ok_or_else(|| TemplateError {
                file: name.to_owned(),
                line: None,
                what: "is missing; copy it from a configuration that stepdown init writes".to_owned(),
            })?;
            environment
                .add_template_owned(name, source.clone())
                .map_err(|error| TemplateError::new(name, &error))?;
        }
        let templates = Self(environment);
        for (name, sample) in samples() {
            templates.render(name, &sample)?;
        }
        Ok(templates)
    }

    /// Renders the template `name`.
    ///
    /// # Errors
    /// When the template uses what the context does not have.
    pub(super) fn render(&self, name: &str, context: &impl Serialize) -> Result<String, TemplateError> {
        let template = self.0.get_template(name).map_err(|error| TemplateError::new(name, &error))?;
        template.render(Value::from(Serde(context))).map_err(|error| TemplateError::new(name, &error))
    }
}
