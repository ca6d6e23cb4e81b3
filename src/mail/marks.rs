//! Marks around a part of a text that pages show otherwise: private characters until the text is text or HTML.
//!
//! A phrase is put together before anybody knows whether it goes into the text of a mail, its HTML or its subject. So what
//! is to stand out in it is marked, and the marks become elements in HTML and nothing elsewhere.

use std::borrow::Cow;

/// What begins and what ends a part.
pub(super) type Mark = (char, char);

/// In English, within Welsh.
pub(super) const ENGLISH: Mark = ('\u{e000}', '\u{e001}');
/// Of weight.
pub(super) const STRONG: Mark = ('\u{e002}', '\u{e003}');
/// To be typed.
pub(super) const CODE: Mark = ('\u{e004}', '\u{e005}');

const ELEMENTS: [(Mark, [&str; 2]); 3] = [
    (ENGLISH, ["<span lang=\"en-GB\">", "</span>"]),
    (STRONG, ["<strong>", "</strong>"]),
    (CODE, ["<code>", "</code>"]),
];

fn element(c: char) -> Option<&'static str> {
    ELEMENTS.into_iter().find_map(|((begin, end), [open, close])| match c {
        _ if c == begin => Some(open),
        _ if c == end => Some(close),
        _ => None,
    })
}

/// `text` as a part of its own.
pub(super) fn marked((begin, end): Mark, text: &str) -> String {
    format!("{begin}{text}{end}")
}

/// Without marks.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(|c| element(c).is_some()) {
        Cow::Owned(text.chars().filter(|c| element(*c).is_none()).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// HTML with elements in place of the marks.
pub(super) fn html(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| element(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut html = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        match element(c) {
            Some(element) => html.push_str(element),
            None => html.push(c),
        }
    }
    Cow::Owned(html)
}
