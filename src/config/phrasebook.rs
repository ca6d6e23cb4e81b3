//! The phrases of `locales/`, looked through: which are missing, which nobody says, what in them does not fit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use fluent_syntax::parser::parse;

use super::load::{LOCALES, locales};
use super::{Fault, Finding, Source};
use crate::language::Language;

/// The plural forms of Welsh (CLDR), each with the number that it is for, where that is one alone.
const FORMS: [(&str, &str); 6] =
    [("zero", "0"), ("one", "1"), ("two", "2"), ("few", "3"), ("many", "6"), ("other", "other")];

/// A phrase in one language.
#[derive(Default)]
struct Phrase {
    /// Where it stands: the file, and its id within.
    file: String,
    id: Range<usize>,
    /// What fills it, and where.
    fills: BTreeMap<String, Range<usize>>,
    /// The plurals in it that have not every form, and which they lack.
    plurals: Vec<(Range<usize>, Vec<&'static str>)>,
}

type Phrasebook = BTreeMap<String, Phrase>;

/// What the program says: the file that the starter has a phrase in, and what fills it.
struct Said {
    file: String,
    fills: BTreeSet<String>,
}

/// The phrases that the program says, by id.
static SAID: LazyLock<BTreeMap<String, Said>> = LazyLock::new(|| {
    let phrases = read(Language::English, &starter()).into_iter();
    let said = |phrase: Phrase| Said { file: phrase.file, fills: phrase.fills.into_keys().collect() };
    phrases.map(|(id, phrase)| (id, said(phrase))).collect()
});

/// The ids of the phrases that the program says.
#[must_use]
pub fn said() -> impl Iterator<Item = &'static str> {
    SAID.keys().map(String::as_str)
}

/// The `files` of phrases (see [`locales`]) with those of the starter that are not there, and behind each English one
/// that of the starter, so that English says everything.
#[must_use]
pub fn whole(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut whole = files.clone();
    for (name, text) in starter() {
        if !files.contains_key(&name) {
            whole.insert(name, text);
        } else if name.starts_with(Language::English.code()) {
            // After all others of its language: the first that has a phrase says it.
            whole.insert(name.replacen('/', "/\u{10ffff}", 1), text);
        }
    }
    whole
}

fn starter() -> BTreeMap<String, String> {
    locales(&Source::Starter.files().unwrap_or_default())
}

/// What is wrong with the phrases of `files` (see [`locales`]). An error is what would keep mail from going.
pub(super) fn proof(files: &BTreeMap<String, String>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in starter().into_keys().filter(|file| !files.contains_key(file)) {
        let fault = Fault::of_file(
            &format!("{LOCALES}{file}"),
            "is not there: the built-in one is said in its place",
        );
        faults.push(fault.warning().help("copy it from a configuration that stepdown init writes"));
    }
    let [english, welsh] = Language::ALL.map(|language| read(language, files));
    for (id, said) in &*SAID {
        match english.get(id) {
            Some(phrase) => {
                faults.extend(phrase.unfilled(&said.fills).map(|finding| phrase.fault(finding, files)))
            }
            None if files.contains_key(&said.file) => {
                let message = format!("has no phrase \"{id}\": the built-in one is said in its place");
                faults.push(Fault::of_file(&format!("{LOCALES}{}", said.file), message).warning());
            }
            None => {}
        }
    }
    if welsh.is_empty() {
        return faults;
    }
    for (id, phrase) in english.iter().filter(|(id, _)| !welsh.contains_key(*id)) {
        let file = phrase.file.replacen(Language::English.code(), Language::Welsh.code(), 1);
        let message = format!("has no phrase \"{id}\": who reads Welsh gets it in English, marked");
        faults.push(Fault::of_file(&format!("{LOCALES}{file}"), message).warning());
    }
    for (id, phrase) in &welsh {
        let said = SAID.get(id).map(|said| &said.fills);
        let original = english.get(id).map(|phrase| phrase.fills.keys().cloned().collect::<BTreeSet<_>>());
        // What is at fault in English is told there.
        let Some(known) = said.cloned().or(original) else {
            let finding =
                Finding::warning(phrase.id.clone(), format!("no phrase \"{id}\" is said in English"));
            let finding = finding.suggest(id, english.keys().map(String::as_str));
            faults.push(phrase.fault(finding, files));
            continue;
        };
        let unfilled = phrase.unfilled(&known).map(|finding| {
            let message = format!("{}: it is said in English, marked", finding.message);
            Finding { help: finding.help, ..Finding::warning(finding.span, message) }
        });
        faults.extend(unfilled.map(|finding| phrase.fault(finding, files)));
        for (place, lacks) in &phrase.plurals {
            let message = format!("has no form for {}", lacks.join(", "));
            let help = "Welsh has six plural forms: zero (0), one (1), two (2), few (3), many (6), other";
            faults.push(phrase.fault(Finding::warning(place.clone(), message).help(help), files));
        }
    }
    faults
}

impl Phrase {
    fn fault(&self, finding: Finding, files: &BTreeMap<String, String>) -> Fault {
        let text = files.get(&self.file).map(String::as_str).unwrap_or_default();
        Fault::at(&format!("{LOCALES}{}", self.file), text, finding)
    }

    /// The names in it that are not among those `known`.
    fn unfilled<'a>(&'a self, known: &'a BTreeSet<String>) -> impl Iterator<Item = Finding> + 'a {
        let unknown = self.fills.iter().filter(|(name, _)| !known.contains(*name));
        unknown.map(|(name, place)| {
            let finding = Finding::new(place.clone(), format!("nothing fills \"${name}\" here"));
            finding.suggest(name, known.iter().map(String::as_str))
        })
    }
}

/// The phrases of one language.
fn read(language: Language, files: &BTreeMap<String, String>) -> Phrasebook {
    let folder = format!("{}/", language.code());
    let mut phrases = Phrasebook::new();
    for (file, text) in files.iter().filter(|(file, _)| file.starts_with(&folder)) {
        // What cannot be read is told where the file is loaded.
        let resource = parse(text.as_str()).unwrap_or_else(|(resource, _)| resource);
        for entry in resource.body {
            let mut phrase = Phrase { file: file.clone(), ..Phrase::default() };
            let id = match entry {
                Entry::Message(message) => {
                    phrase.id = place(text, message.id.name);
                    message.value.iter().for_each(|value| phrase.look_through(text, value));
                    message.id.name
                }
                // It is there, if not as it should be.
                Entry::Junk { content } => content.split([' ', '=']).next().unwrap_or_default(),
                _ => continue,
            };
            phrases.entry(id.to_owned()).or_insert(phrase);
        }
    }
    phrases
}

/// Where in `text` a part of it stands.
fn place(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    start..start + part.len()
}

impl Phrase {
    fn look_through(&mut self, text: &str, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(text, expression);
            }
        }
    }

    fn expression(&mut self, text: &str, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.inline(text, inline),
            Expression::Select { selector, variants } => {
                self.inline(text, selector);
                let keys: BTreeSet<_> = variants
                    .iter()
                    .map(|variant| match &variant.key {
                        VariantKey::Identifier { name: key } | VariantKey::NumberLiteral { value: key } => {
                            *key
                        }
                    })
                    .collect();
                let is_there = |(form, number): &&(&str, &str)| keys.contains(form) || keys.contains(number);
                let (there, lacks): (Vec<_>, Vec<_>) = FORMS.iter().partition(is_there);
                if let InlineExpression::VariableReference { id } = selector
                    && !there.is_empty()
                    && !lacks.is_empty()
                {
                    let lacks = lacks.into_iter().map(|(form, _)| form).collect();
                    self.plurals.push((place(text, id.name), lacks));
                }
                variants.iter().for_each(|variant| self.look_through(text, &variant.value));
            }
        }
    }

    fn inline(&mut self, text: &str, expression: &InlineExpression<&str>) {
        match expression {
            InlineExpression::VariableReference { id } => {
                self.fills.entry(id.name.to_owned()).or_insert_with(|| place(text, id.name));
            }
            InlineExpression::FunctionReference { arguments, .. } => {
                arguments.positional.iter().for_each(|argument| self.inline(text, argument));
            }
            InlineExpression::Placeable { expression } => self.expression(text, expression),
            _ => {}
        }
    }
}
