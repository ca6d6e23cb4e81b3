//! A message in words: the page of each language it is in, by the templates, and the envelope around them.

use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};

use super::marks;
use super::page::Page;
use super::templates::file;
use super::voice::Voice;
use crate::language::{Language, Phrases, UnknownPhrase};
use crate::reminders::Message;

/// What a message says.
#[derive(Debug)]
pub(super) struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Why it cannot be said.
#[derive(Debug)]
pub(super) enum WriteError {
    /// A template, by its file name, is at fault.
    Template(String, minijinja::Error),
    /// A phrase is in no language.
    Phrase(UnknownPhrase),
}

/// How long a subject in two languages may be, in characters, before each says less.
const LONG_SUBJECT: usize = 150;

impl From<UnknownPhrase> for WriteError {
    fn from(error: UnknownPhrase) -> Self {
        Self::Phrase(error)
    }
}

impl Letter {
    /// Writes `message` from `sender` under the `marking` in each of `languages`, the first of them first.
    ///
    /// # Errors
    /// When a template or a phrase is at fault.
    pub fn write(
        environment: &Environment<'_>,
        phrases: &Phrases,
        (message, sender, marking): (&Message, &str, Option<&str>),
        languages: &[Language],
    ) -> Result<Self, WriteError> {
        let page = |language| Page::new(message, sender, marking, Voice { phrases, language });
        let pages: Vec<_> = languages.iter().map(|language| page(*language)).collect::<Result<_, _>>()?;
        let subject = subject(&pages, marking);
        let form = |form: &str| -> Result<String, WriteError> {
            let name = file(environment, &message.content, form);
            let envelope = format!("envelope.{form}.jinja");
            if let ([page], Err(_)) = (pages.as_slice(), environment.get_template(&envelope)) {
                return render(environment, &name, Value::from(Serde(page)));
            }
            let parts = pages.iter().map(|page| {
                let body = render(environment, &name, Value::from(Serde(page)))?;
                // It is HTML already where it goes into HTML.
                Ok(context! { lang => page.lang, body => Value::from_safe_string(body) })
            });
            let parts: Vec<_> = parts.collect::<Result<_, WriteError>>()?;
            let lang = pages.first().map(|page| page.lang);
            render(environment, &envelope, context! { subject => &subject, lang, parts })
        };
        let (text, html) = (form("txt")?, form("html")?);
        Ok(Self { text: marks::plain(&text).into_owned(), html: marks::html(&html).into_owned(), subject })
    }
}

fn render(environment: &Environment<'_>, name: &str, context: Value) -> Result<String, WriteError> {
    let rendered = environment.get_template(name).and_then(|template| template.render(context));
    rendered.map_err(|error| WriteError::Template(name.to_owned(), error))
}

/// The subject in every language, and the marking once.
fn subject(pages: &[Page], marking: Option<&str>) -> String {
    let joined = |of: fn(&Page) -> &str| pages.iter().map(of).collect::<Vec<_>>().join(" / ");
    let whole = joined(|page| &page.subject);
    let is_long = pages.len() > 1 && whole.chars().count() > LONG_SUBJECT;
    let subject = if is_long { joined(|page| &page.brief) } else { whole };
    match marking {
        Some(marking) => format!("{marking}: {subject}"),
        None => subject,
    }
}
