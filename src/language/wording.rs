//! A text that an admin writes in English and perhaps in Welsh, such as the title of a rule.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Language, Said};

/// A text in English and perhaps in Welsh; in a file `"text"`, or `{ en = "text", cy = "testun" }`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wording {
    english: String,
    welsh: Option<String>,
}

impl Wording {
    /// A text in both languages.
    #[must_use]
    pub fn new(english: impl Into<String>, welsh: Option<String>) -> Self {
        Self { english: english.into(), welsh }
    }

    /// The English text.
    #[must_use]
    pub fn english(&self) -> &str {
        &self.english
    }

    /// Whether it is written in `language`.
    #[must_use]
    pub const fn is_in(&self, language: Language) -> bool {
        match language {
            Language::English => true,
            Language::Welsh => self.welsh.is_some(),
        }
    }

    /// The text in `language`; in English where it is not written in it.
    #[must_use]
    pub fn said(&self, language: Language) -> Said<'_> {
        let (text, in_language) = match (language, &self.welsh) {
            (Language::Welsh, Some(welsh)) => (welsh, Language::Welsh),
            _ => (&self.english, Language::English),
        };
        Said { text: Cow::Borrowed(text), asked: language, language: in_language }
    }
}

/// In English alone.
impl From<String> for Wording {
    fn from(english: String) -> Self {
        Self { english, welsh: None }
    }
}

/// In English.
impl fmt::Display for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.english)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Both {
    en: String,
    cy: Option<String>,
}

struct TextOrBoth;

impl<'de> Visitor<'de> for TextOrBoth {
    type Value = Wording;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or { en = \"text\", cy = \"testun\" }")
    }

    fn visit_str<E: de::Error>(self, english: &str) -> Result<Wording, E> {
        Ok(Wording::from(english.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Wording, A::Error> {
        let Both { en, cy } = Both::deserialize(MapAccessDeserializer::new(map))?;
        let welsh = cy.filter(|welsh| !welsh.trim().is_empty());
        Ok(Wording { english: en, welsh })
    }
}

impl<'de> Deserialize<'de> for Wording {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrBoth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_in_welsh_is_said_in_english_and_marked() {
        #[derive(Deserialize)]
        struct File {
            titles: Vec<Wording>,
        }
        let text = r#"titles = ["Home visit", { en = "Plan", cy = "Cynllun" }, { en = "Review", cy = " " }]"#;
        let File { titles } = toml::from_str(text).expect("titles");
        let said = |language| titles.iter().map(|title| title.said(language).to_string()).collect::<Vec<_>>();
        assert_eq!(said(Language::English), ["Home visit", "Plan", "Review"]);
        assert_eq!(said(Language::Welsh), ["[Saesneg] Home visit", "Cynllun", "[Saesneg] Review"]);
    }

    #[test]
    fn a_text_in_welsh_alone_is_refused() {
        let fault =
            toml::from_str::<std::collections::BTreeMap<String, Wording>>(r#"title = { cy = "Cynllun" }"#);
        assert!(fault.expect_err("a fault").to_string().contains("missing field `en`"));
    }
}
