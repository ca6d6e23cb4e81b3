//! What is no TOML at all: each statement that is not is noted once and passed over.

use std::ops::Range;

use toml::de::{DeTable, Error};

use super::super::Finding;
use super::MOST;

/// What is left of a text, and what was not TOML in it.
pub(super) struct Sound {
    /// The text with blanks in the place of what was passed over: every other place stays where it is.
    pub kept: String,
    pub findings: Vec<Finding>,
    /// The statements that were passed over.
    pub passed_over: Vec<Range<usize>>,
}

const DUPLICATE: &str = "duplicate key";

/// Passes over each statement of `text` that is no TOML.
pub(super) fn sound(text: &str) -> Sound {
    let mut sound = Sound { kept: text.to_owned(), findings: Vec::new(), passed_over: Vec::new() };
    while let Some(error) = first(&sound.kept) {
        let (gone, finding) = fault(&sound.kept, &error);
        let mended = without(&sound.kept, &gone);
        sound.findings.push(finding);
        if mended == sound.kept || sound.findings.len() >= MOST {
            break;
        }
        sound.kept = mended;
        sound.passed_over.push(gone);
    }
    let twice = twice(&sound.kept);
    sound.findings.extend(twice);
    sound
}

/// The first fault that is not only a key given twice, which can be read over.
fn first(text: &str) -> Option<Error> {
    let (_, errors) = DeTable::parse_recoverable(text);
    let faults = errors.into_iter().filter(|error| error.message() != DUPLICATE);
    faults.min_by_key(|error| error.span().map_or(0, |span| span.start))
}

/// The statement at fault, and what to say of it.
fn fault(text: &str, error: &Error) -> (Range<usize>, Finding) {
    let span = error.span().unwrap_or(0..0);
    let statements = statements(text);
    let number = statements.iter().rposition(|statement| statement.start <= span.start).unwrap_or(0);
    let Some(own) = statements.get(number).cloned() else {
        return (0..text.len(), say(span, error));
    };
    let next_fault = |gone: &Range<usize>| {
        first(&without(text, gone)).map_or(usize::MAX, |error| error.span().map_or(0, |span| span.start))
    };
    // A bracket that is not closed is noticed only at the next statement, which is innocent.
    if let Some(before) = number.checked_sub(1).and_then(|before| statements.get(before))
        && before.end <= own.start
        && next_fault(before) > next_fault(&own)
    {
        let line = text.get(before.clone()).and_then(|text| text.lines().next()).unwrap_or_default();
        let span = before.start..before.start + line.trim_end().len();
        let finding = Finding::new(span, "what begins here does not end");
        return (before.clone(), finding.help("a ], a } or a quote is missing"));
    }
    (own, say(span, error))
}

fn say(span: Range<usize>, error: &Error) -> Finding {
    let words = error.message().replace('`', "'");
    let finding = Finding::new(span, format!("this is no TOML: {words}"));
    let hints = [
        ("basic string", "a text begins and ends with a quote, on one line"),
        ("quoted", "a text stands in quotes"),
        ("invalid float", "a text stands in quotes"),
        ("invalid boolean", "write true or false; a text stands in quotes"),
        ("key with no value", "write key = value"),
        ("table", "write [name], or [[name]] for one of several"),
        ("comma", "put a comma between two items"),
    ];
    match hints.iter().find(|(part, _)| words.contains(part)) {
        Some((_, hint)) => finding.help(*hint),
        None => finding,
    }
}

/// Where statements stand: each from its first line to the next one that starts at the margin, and a
/// header together with all that is under it.
fn statements(text: &str) -> Vec<Range<usize>> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let first = line.chars().next().unwrap_or(' ');
        if first.is_alphanumeric() || ['[', '_', '-', '"', '\''].contains(&first) {
            starts.push((at, first == '['));
        }
        at += line.len();
    }
    let ends = starts.iter().enumerate().map(|(number, (start, header))| {
        let mut after = starts.iter().skip(number + 1);
        let next = after.find(|(_, other)| !header || *other).map_or(text.len(), |(next, _)| *next);
        *start..next
    });
    ends.collect()
}

/// The same text with blanks in the place of `gone`.
fn without(text: &str, gone: &Range<usize>) -> String {
    let blank = |(at, byte): (usize, u8)| if gone.contains(&at) && byte != b'\n' { b' ' } else { byte };
    let bytes = text.bytes().enumerate().map(blank).collect();
    String::from_utf8(bytes).unwrap_or_default()
}

/// A finding for each key that is given twice; one for a whole block of them.
fn twice(text: &str) -> Vec<Finding> {
    let (_, errors) = DeTable::parse_recoverable(text);
    let spans: Vec<_> = errors.iter().filter_map(Error::span).collect();
    let mut found: Vec<Finding> = Vec::new();
    let mut told = None;
    for span in &spans {
        let own = block(text, span.start);
        let header = text.get(line(text, span.start)..).is_some_and(|line| line.starts_with('['));
        let at_margin = line(text, span.start) == span.start;
        if at_margin && told == Some(own) {
            continue;
        }
        let many = spans.iter().filter(|other| block(text, other.start) == own).count() > 2;
        told = (header || (at_margin && many)).then_some(own);
        let key = text.get(span.clone()).unwrap_or_default().trim_matches(['"', '\'']);
        let help = if at_margin && many {
            "is a line such as [[rule]] missing before it?"
        } else {
            "keep one of them"
        };
        found.push(Finding::new(span.clone(), format!("\"{key}\" is given twice")).help(help));
    }
    found
}

/// Where the line begins that holds `at`.
fn line(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// Where the header stands under which `at` is.
fn block(text: &str, at: usize) -> usize {
    let mut start = line(text, at);
    while start > 0 && !text.get(start..).is_some_and(|line| line.starts_with('[')) {
        start = line(text, start - 1);
    }
    start
}

/// The header under which `at` is, or that is there; nothing above the first.
pub(super) fn header(text: &str, at: usize) -> &str {
    let line = text.get(block(text, at)..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    if line.starts_with('[') { line } else { "" }
}
