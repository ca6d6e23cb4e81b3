//! What templates are written in: Jinja, strict about names, with `say` for phrases and a few filters.

use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior};

use super::marks;
use super::voice::heard;
use crate::language::{Argument, Language, Phrases};

/// How wide a line of text may be, in characters: so much is read at a glance, and no mail program breaks it anew.
const WIDTH: usize = 106;

/// How templates are read: strict about names, and with tags that leave no blank lines behind.
///
/// `say("id", name=value)` is a phrase in the language of the page; `wrap` breaks text into lines; `strong` and `code`
/// make a part stand out in HTML.
pub(super) fn environment(phrases: Arc<Phrases>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.unwrap_or_default());
    let say = move |state: &State<'_, '_>, id: &str, fills: Kwargs| say(&phrases, state, id, &fills);
    environment.add_function("say", say);
    environment.add_filter("wrap", |text: &str| wrap(text, WIDTH));
    environment.add_filter("strong", |text: &str| marks::marked(marks::STRONG, text));
    environment.add_filter("code", |text: &str| marks::marked(marks::CODE, text));
    environment
}

/// A phrase is given what the mail does not have, under this name.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is given what this mail does not have")]
pub(super) struct GivenNothing(pub String);

fn say(phrases: &Phrases, state: &State<'_, '_>, id: &str, fills: &Kwargs) -> Result<String, Error> {
    let lang = state.lookup("lang");
    let lang = lang.as_ref().and_then(Value::as_str);
    let language = Language::ALL.into_iter().find(|language| Some(language.tag()) == lang);
    let mut args = Vec::new();
    for name in fills.args() {
        let value: Value = fills.get(name)?;
        let arg = match value.kind() {
            ValueKind::Undefined => {
                let nothing = GivenNothing(name.to_owned());
                return Err(Error::new(ErrorKind::UndefinedError, nothing.to_string()).with_source(nothing));
            }
            ValueKind::Number => Argument::try_number(&value.to_string()).into_owned(),
            _ => Argument::from(value.to_string()),
        };
        args.push((name, arg));
    }
    let said = phrases.say(language.unwrap_or_default(), id, &args);
    let fault = |error| Error::new(ErrorKind::InvalidOperation, format!("{error}")).with_source(error);
    said.map(|said| heard(&said)).map_err(fault)
}

/// The text with a line break in the place of the last blank before each line's end.
fn wrap(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let long = line.chars().count() + 1 + word.chars().count() > width;
            if long && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            } else if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words_and_nowhere_else() {
        assert_eq!(wrap("one two three", 7), "one two\nthree");
        assert_eq!(wrap("unbreakable word\n\nnext", 4), "unbreakable\nword\n\nnext");
        assert_eq!(wrap("", 4), "");
    }
}
