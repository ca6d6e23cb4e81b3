//! Phrases of mails and pages: Project Fluent messages, one bundle for each language.
//!
//! Fluent chooses the plural form by CLDR; Welsh has six: zero, one, two, few, many and other.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::resolver::ResolverError;
use fluent_bundle::resolver::errors::ReferenceKind;
use fluent_bundle::{FluentArgs, FluentError, FluentResource};
use thiserror::Error;
use unic_langid::LanguageIdentifier;

use super::{Language, Said};

pub use fluent_bundle::FluentValue as Argument;

/// Every phrase, by language and id.
pub struct Phrases([FluentBundle<FluentResource>; 2]);

/// What is wrong with a file of phrases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhraseFault {
    /// The file, as it was given.
    pub file: String,
    /// The bytes that it is about.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
}

/// A phrase that cannot be said in any language.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the phrase \"{id}\" {reason}")]
pub struct UnknownPhrase {
    /// Its id.
    pub id: String,
    /// Why it cannot be said.
    pub reason: String,
}

impl fmt::Debug for Phrases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Phrases").finish_non_exhaustive()
    }
}

impl Phrases {
    /// The phrases of `files`, by path: `en/mail.ftl`, `cy/mail.ftl`. What cannot be read is left out, and told.
    #[must_use]
    pub fn read(files: &BTreeMap<String, String>) -> (Self, Vec<PhraseFault>) {
        let mut faults = Vec::new();
        let bundles = Language::ALL.map(|language| {
            let mut bundle = bundle(language);
            let folder = format!("{}/", language.code());
            for (file, text) in files.iter().filter(|(file, _)| file.starts_with(&folder)) {
                faults.extend(add(&mut bundle, file, text));
            }
            bundle
        });
        (Self(bundles), faults)
    }

    /// Whether `language` has the phrase.
    #[must_use]
    pub fn has(&self, language: Language, id: &str) -> bool {
        self.bundle(language).is_some_and(|bundle| bundle.has_message(id))
    }

    /// The phrase in `language`; in English where it is not written in it.
    ///
    /// # Errors
    /// When no language has it, or it asks for what is not among `args`.
    pub fn say(
        &self,
        language: Language,
        id: &str,
        args: &[(&str, Argument<'_>)],
    ) -> Result<Said<'static>, UnknownPhrase> {
        let given: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut reason = "is in no file of locales/".to_owned();
        for tried in [language, Language::English] {
            match self.formatted(tried, id, &given) {
                Some(Ok(text)) => {
                    return Ok(Said { text: Cow::Owned(text), asked: language, language: tried });
                }
                Some(Err(errors)) => reason = errors.iter().map(words).collect::<Vec<_>>().join("; "),
                None => {}
            }
        }
        Err(UnknownPhrase { id: id.to_owned(), reason })
    }

    fn bundle(&self, language: Language) -> Option<&FluentBundle<FluentResource>> {
        self.0.get(language as usize)
    }

    fn formatted(
        &self,
        language: Language,
        id: &str,
        args: &FluentArgs<'_>,
    ) -> Option<Result<String, Vec<FluentError>>> {
        let bundle = self.bundle(language)?;
        let pattern = bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        Some(if errors.is_empty() { Ok(text) } else { Err(errors) })
    }
}

fn words(error: &FluentError) -> String {
    match error {
        FluentError::ResolverError(ResolverError::Reference(ReferenceKind::Variable { id })) => {
            format!("is given no \"{id}\"")
        }
        other => other.to_string(),
    }
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Marks of direction around what is put in: both languages run the same way, and mail is searched and copied.
    bundle.set_use_isolating(false);
    bundle
}

fn add(bundle: &mut FluentBundle<FluentResource>, file: &str, text: &str) -> Vec<PhraseFault> {
    let fault = |span, message| PhraseFault { file: file.to_owned(), span, message };
    let (resource, mut faults) = match FluentResource::try_new(text.to_owned()) {
        Ok(resource) => (resource, Vec::new()),
        Err((resource, errors)) => (
            resource,
            errors.into_iter().map(|error| fault(error.pos.clone(), error.kind.to_string())).collect(),
        ),
    };
    if let Err(errors) = bundle.add_resource(resource) {
        faults.extend(errors.into_iter().map(|error| match &error {
            FluentError::Overriding { id, .. } => {
                let at = text.find(&format!("\n{id} =")).map_or(0..0, |at| at + 1..at + 1 + id.len());
                fault(at, format!("\"{id}\" is a phrase already"))
            }
            other => fault(0..0, other.to_string()),
        }));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(english: &str, welsh: &str) -> (Phrases, Vec<PhraseFault>) {
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        Phrases::read(&BTreeMap::from([file("en/mail.ftl", english), file("cy/mail.ftl", welsh)]))
    }

    #[test]
    fn a_phrase_that_welsh_lacks_is_said_in_english_and_marked() {
        let (phrases, faults) = phrases("dear = Dear { $name }\nbye = Bye\n", "dear = Annwyl { $name }\n");
        assert_eq!(faults, []);
        let say = |id: &str| {
            phrases.say(Language::Welsh, id, &[("name", "Nia".into())]).map(|said| said.to_string())
        };
        assert_eq!(say("dear").as_deref(), Ok("Annwyl Nia"));
        assert_eq!(say("bye").as_deref(), Ok("[Saesneg] Bye"));
        assert!(say("nothing").is_err());
        assert!(phrases.say(Language::English, "dear", &[]).is_err(), "a name that is not given");
    }

    #[test]
    fn welsh_has_six_plural_forms() {
        let forms = ["zero", "one", "two", "few", "many"].map(|form| format!("[{form}] {form}\n "));
        let (phrases, faults) =
            phrases("", &format!("n = {{ $n ->\n {}*[other] other\n }}\n", forms.concat()));
        assert_eq!(faults, []);
        let said =
            |n: u32| phrases.say(Language::Welsh, "n", &[("n", n.into())]).map(|said| said.text.into_owned());
        let counted = [0, 1, 2, 3, 4, 5, 6, 7, 20].map(|n| said(n).expect("a phrase"));
        assert_eq!(counted, ["zero", "one", "two", "few", "other", "other", "many", "other", "other"]);
    }

    #[test]
    fn a_file_at_fault_says_where() {
        let (_, faults) = phrases("good = yes\nbad { = no\n", "again = 1\nagain = 2\n");
        let found: Vec<_> = faults.iter().map(|fault| (fault.file.as_str(), fault.span.start > 0)).collect();
        assert_eq!(found, [("en/mail.ftl", true), ("cy/mail.ftl", true)]);
    }
}
