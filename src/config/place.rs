//! Places in configuration texts, as byte ranges.

use std::ops::Range;

/// The place of `key = …` or of the section `[….key]` in a TOML text; its start where neither stands.
pub(super) fn of_key(text: &str, key: &str) -> Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let is_key = content.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        if is_key || content.ends_with(&format!(".{key}]")) {
            return start..start + line.trim_end().len();
        }
        start += line.len();
    }
    0..0
}

/// The line, from 0, that holds the byte `at`.
pub(super) fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count()
}

/// The place of the quoted `words`, from `from` on; the start of the text where they do not stand.
pub(super) fn of_quoted(text: &str, from: usize, words: &str) -> Range<usize> {
    let quoted = format!("\"{words}\"");
    let found = text.get(from..).and_then(|rest| rest.find(&quoted));
    found.map_or(0..0, |at| from + at..from + at + quoted.len())
}

/// The place that serde names by line and column, each from 1.
pub(super) fn of_json_error(text: &str, error: &serde_json::Error) -> Range<usize> {
    let start = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let at = text.floor_char_boundary((start + error.column().saturating_sub(1)).min(text.len()));
    let length =
        text.get(at..).and_then(|rest| rest.chars().next()).filter(|c| *c != '\n').map_or(0, char::len_utf8);
    at..at + length
}

/// What serde says of a JSON text, without the place, which is shown.
pub(super) fn words(error: &serde_json::Error) -> String {
    let words = error.to_string();
    words.split(" at line ").next().unwrap_or(&words).to_owned()
}

/// The place of the value that a JSON pointer names, in a text that is JSON.
pub(super) fn of_pointer(text: &str, pointer: &str) -> Option<Range<usize>> {
    let mut scan = Scan { text, at: 0 };
    for step in pointer.split('/').skip(1) {
        scan.enter(&step.replace("~1", "/").replace("~0", "~"))?;
    }
    scan.blanks();
    let start = scan.at;
    scan.value()?;
    Some(start..scan.at)
}

/// Walks through a text that is known to be JSON.
struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace() || byte == b',' || byte == b':') {
            self.at += 1;
        }
    }

    /// Goes to the value under `step` of the object or list that starts here.
    fn enter(&mut self, step: &str) -> Option<()> {
        self.blanks();
        let list = self.peek()? == b'[';
        self.at += 1;
        for index in 0.. {
            self.blanks();
            if matches!(self.peek()?, b']' | b'}') {
                return None;
            }
            let found = if list { index.to_string() == step } else { self.string()? == step };
            self.blanks();
            if found {
                return Some(());
            }
            self.value()?;
        }
        None
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        while self.peek()? != b'"' {
            self.at += if self.peek()? == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        serde_json::from_str(self.text.get(start..self.at)?).ok()
    }

    /// Goes past the value that starts here.
    fn value(&mut self) -> Option<()> {
        self.blanks();
        match self.peek()? {
            b'"' => drop(self.string()?),
            b'{' | b'[' => {
                self.at += 1;
                self.blanks();
                while !matches!(self.peek()?, b'}' | b']') {
                    self.value()?;
                    self.blanks();
                }
                self.at += 1;
            }
            _ => {
                while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
                    self.at += 1;
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_finds_the_text_of_its_value() {
        let text = r#"{"a": {"x": [1, "t,\"wo", {"b/c": tru}]}, "d": -2.5e3}"#.replace("tru}", "true}");
        let find = |pointer: &str| of_pointer(&text, pointer).and_then(|span| text.get(span));
        assert_eq!(find("/a/x/1"), Some(r#""t,\"wo""#));
        assert_eq!(find("/a/x/2/b~1c"), Some("true"));
        assert_eq!(find("/d"), Some("-2.5e3"));
        assert_eq!(find("/a/x"), Some(r#"[1, "t,\"wo", {"b/c": true}]"#));
        assert_eq!(find("/a/y"), None);
    }
}
