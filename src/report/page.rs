//! A report as a page that stands alone: no script, no style or picture from elsewhere.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use thiserror::Error;

use super::model::Report;
use super::sections::Page;
use crate::language::{Phrases, UnknownPhrase};

const TEMPLATE: &str = include_str!("page.html.jinja");

/// Why a page could not be made.
#[derive(Debug, Error)]
pub enum PageError {
    /// A phrase is missing.
    #[error(transparent)]
    Phrase(#[from] UnknownPhrase),
    /// The page could not be put together.
    #[error("the page of a report cannot be put together: {0}")]
    Template(#[from] minijinja::Error),
}

/// The report as a page of HTML in its language.
///
/// # Errors
/// When a phrase is missing in every language.
pub fn html(report: &Report, phrases: &Phrases) -> Result<String, PageError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.unwrap_or_default());
    environment.add_template("page", TEMPLATE)?;
    let page = Page::new(report, phrases)?;
    Ok(environment.get_template("page")?.render(Value::from(Serde(&page)))?)
}
