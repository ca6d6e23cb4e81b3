//! Reads a TOML text to its end whatever is wrong on the way, so that no fault hides the next one.
//!
//! What cannot be read is noted and put out of the way: a statement that is not TOML is passed over, a key
//! that nobody knows is read as the one it is nearest to, or taken out, and in the place of a value that is missing or of another kind stands one
//! that fits. The place of such a stand-in lies behind the end of the text, by which a finding that follows
//! from it is known, and left out.
//!
//! Invariant: a text with nothing to note is read as it stands.

mod syntax;
mod tree;
mod wording;

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use super::Finding;
use crate::case::nearest;
use tree::{Step, Wanted};

/// How much is noted of one file: whoever has mended this much checks again.
const MOST: usize = 100;

/// Values that may stand in for one that cannot be read, in the order in which they are tried.
const STAND_INS: [&str; 6] = ["\"\"", "[]", "{}", "1", "true", "2026-01-01"];

/// What was read, and what was wrong.
#[derive(Debug)]
pub struct Recovered<T> {
    /// The value, with stand-ins where something was wrong; `None` where none fits.
    pub value: Option<T>,
    /// What was wrong.
    pub findings: Vec<Finding>,
    /// The statements that were passed over, each by the header it stood under: names may be lost with it.
    pub lost: Vec<String>,
}

impl<T> Recovered<T> {
    /// Whether a statement was passed over under a header that begins with `table`.
    #[must_use]
    pub fn lost_under(&self, table: &str) -> bool {
        self.lost.iter().any(|header| header.trim_start_matches('[').starts_with(table))
    }
}

/// Whether a finding at `span` in `text` is about a stand-in, and so says nothing new.
#[must_use]
pub fn stands_in(span: &Range<usize>, text: &str) -> bool {
    span.start > text.len()
}

/// Reads `text`. `more` are stand-ins, in TOML, for texts that must be of a certain form.
#[must_use]
pub fn recover<T: DeserializeOwned>(text: &str, more: &[&'static str]) -> Recovered<T> {
    let sound = syntax::sound(text);
    let (root, _) = DeTable::parse_recoverable(&sound.kept);
    let mut mender = Mender {
        text,
        root: Spanned::new(0..0, DeValue::Table(root.into_inner())),
        findings: sound.findings,
        passed_over: &sound.passed_over,
        tried: Vec::new(),
    };
    let candidates: Vec<&'static str> = STAND_INS.iter().chain(more).copied().collect();
    let mut value = None;
    // Each round mends one thing; the limit is for what cannot be mended at all.
    for _ in 0..MOST * candidates.len() {
        match T::deserialize(ValueDeserializer::from(mender.root.clone())) {
            Ok(read) => {
                value = Some(read);
                break;
            }
            Err(error) if mender.findings.len() < MOST && mender.mend(&error, &candidates) => {}
            Err(_) => break,
        }
    }
    let lost = sound.passed_over.iter().map(|gone| syntax::header(text, gone.start).to_owned()).collect();
    let mut findings = mender.findings;
    findings.sort_by_key(|finding| finding.span.start);
    Recovered { value, findings, lost }
}

struct Mender<'t> {
    text: &'t str,
    root: Spanned<DeValue<'t>>,
    findings: Vec<Finding>,
    passed_over: &'t [Range<usize>],
    /// The stand-ins in place: how many candidates each has been through.
    tried: Vec<usize>,
}

impl<'t> Mender<'t> {
    /// Notes what `error` says and puts it out of the way; false where that cannot be done.
    fn mend(&mut self, error: &Error, candidates: &[&'static str]) -> bool {
        let span = error.span().unwrap_or(0..0);
        if stands_in(&span, self.text) {
            return self.try_next(&span, error.message(), candidates);
        }
        if let Some((name, known)) = wording::unknown_key(error.message()) {
            return self.unknown(&span, name, &known);
        }
        if let Some(name) = wording::missing_key(error.message()) {
            let Some(path) = tree::find(&self.root, &span, Wanted::Value) else { return false };
            if !self.lost(&path, &span) {
                let owner = tree::describe(&self.root, &path);
                wording::note_missing_key(&mut self.findings, &span, &owner, name);
            }
            return self.insert(&path, name, candidates);
        }
        let Some(path) = tree::find(&self.root, &span, Wanted::Value) else {
            self.findings.push(Finding::new(span, error.message()));
            return false;
        };
        self.findings.push(wording::about_value(&span, &tree::name(&path), error.message()));
        self.replace(&path, candidates)
    }

    /// Notes the key `name` at `span`, which nobody knows, and reads it as the one that was meant.
    fn unknown(&mut self, span: &Range<usize>, name: &str, known: &[&str]) -> bool {
        let path = tree::find(&self.root, span, Wanted::Key).unwrap_or_default();
        let Some((_, parent)) = path.split_last() else { return false };
        let table = tree::get(&self.root, parent).and_then(|node| node.get_ref().as_table());
        let taken = |key: &str| table.is_some_and(|table| table.contains_key(key));
        let free: Vec<_> = known.iter().copied().filter(|key| !taken(key)).collect();
        self.findings.push(wording::about_unknown_key(span, name, known, &free));
        self.rename(&path, nearest(name, free))
    }

    /// Whether a statement of the table at `path`, which starts at `span`, was passed over.
    fn lost(&self, path: &[Step], span: &Range<usize>) -> bool {
        let start = span.start;
        let rest = self.text.get(start..).unwrap_or_default();
        let next = rest.find("\n[").map_or(self.text.len(), |at| start + at);
        let end = if path.is_empty() { self.text.len() } else { next };
        self.passed_over.iter().any(|gone| gone.start < end && start < gone.end)
    }

    fn stand_in(&mut self, candidates: &[&'static str]) -> Option<Spanned<DeValue<'t>>> {
        let start = self.text.len() + 1 + self.tried.len();
        self.tried.push(0);
        stand_in(candidates.first()?, start)
    }

    /// Puts the next candidate in the place of a stand-in that does not fit.
    fn try_next(&mut self, span: &Range<usize>, message: &str, candidates: &[&'static str]) -> bool {
        let Some(path) = tree::find(&self.root, span, Wanted::Value) else { return false };
        if let Some(name) = wording::missing_key(message) {
            return self.insert(&path, name, candidates);
        }
        let number = span.start - self.text.len() - 1;
        let Some(tried) = self.tried.get_mut(number) else { return false };
        *tried += 1;
        let variant = wording::first_variant(message).map(|name| DeValue::String(name.to_owned().into()));
        let next = match variant {
            Some(variant) => Some(Spanned::new(span.clone(), variant)),
            None => candidates.get(*tried).and_then(|source| stand_in(source, span.start)),
        };
        match (tree::at(&mut self.root, &path), next) {
            (Some(place), Some(next)) if *tried <= candidates.len() => {
                *place = next;
                true
            }
            _ => false,
        }
    }

    fn insert(&mut self, path: &[Step], name: &str, candidates: &[&'static str]) -> bool {
        let Some(value) = self.stand_in(candidates) else { return false };
        let key = Spanned::new(value.span(), name.to_owned().into());
        match tree::at(&mut self.root, path).map(Spanned::get_mut) {
            Some(DeValue::Table(table)) => table.insert(key, value).is_none(),
            _ => false,
        }
    }

    fn replace(&mut self, path: &[Step], candidates: &[&'static str]) -> bool {
        let Some(value) = self.stand_in(candidates) else { return false };
        tree::at(&mut self.root, path).map(|place| *place = value).is_some()
    }

    /// Gives the entry at `path` another key, or takes it out where there is none.
    fn rename(&mut self, path: &[Step], key: Option<&str>) -> bool {
        let Some((Step::Key(name), parent)) = path.split_last() else { return false };
        let Some(DeValue::Table(table)) = tree::at(&mut self.root, parent).map(Spanned::get_mut) else {
            return false;
        };
        let Some((old, value)) = table.remove_entry(name.as_str()) else { return false };
        if let Some(key) = key {
            table.insert(Spanned::new(old.span(), key.to_owned().into()), value);
        }
        true
    }
}

fn stand_in(source: &'static str, start: usize) -> Option<Spanned<DeValue<'static>>> {
    let value = DeValue::parse(source).ok()?;
    Some(Spanned::new(start..start + 1, value.into_inner()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct House {
        name: String,
        kind: Kind,
        #[serde(default)]
        room: Vec<Room>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only that they can be read matters")]
    struct Room {
        id: String,
        floor: u16,
        doors: Vec<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        Small,
        Large,
    }

    fn noted(text: &str) -> (bool, Vec<String>) {
        let read: Recovered<House> = recover(text, &[]);
        let said = read.findings.iter().map(|finding| {
            let line = text.get(..finding.span.start).unwrap_or_default().matches('\n').count() + 1;
            let help = finding.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{line}: {}{help}", finding.message)
        });
        (read.value.is_some(), said.collect())
    }

    #[test]
    fn a_sound_text_is_read_as_it_stands() {
        let text = "name = \"n\"\nkind = \"large\"\n[[room]]\nid = \"r\"\nfloor = 2\ndoors = [\"d\"]\n";
        let read: Recovered<House> = recover(text, &[]);
        assert!(read.findings.is_empty() && read.lost.is_empty());
        assert_eq!(
            format!("{:?}", read.value.map(|house| (house.name, house.kind, house.room.len()))),
            "Some((\"n\", Large, 1))"
        );
    }

    #[test]
    fn no_fault_hides_another() {
        let text = "nmae = \"n\"\nkind = \"huge\"\n[[room]]\nid = \"r\"\nflor = 2\ndoors = [\"d\", 7]\n\
                    [[room]]\nid = 3\nfloor = \"1\"\n[[room]]\nid = \"s\nfloor = 1\nfloor = 2\ndoors = []\n";
        let (read, said) = noted(text);
        assert!(read);
        insta::assert_debug_snapshot!(said);
    }

    #[test]
    fn what_is_no_toml_is_passed_over_statement_by_statement() {
        let text = "name = n\nkind = \"small\"\n[[room]\nid = \"r\"\n[[room]]\nid \"s\"\nfloor = 1\ndoors = [\n  \"d\",\n\n\
                    [[room]]\nid = \"t\"\nflor = 1\ndoors = []\n";
        let (read, said) = noted(text);
        assert!(read);
        insta::assert_debug_snapshot!(said);
    }
}
