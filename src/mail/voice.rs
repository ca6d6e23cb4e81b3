//! One language to speak in: what is to be said becomes a text, and what is not in the language is marked.

use super::marks;
use crate::calendar::CivilDate;
use crate::language::{Argument, Language, Phrases, Said, UnknownPhrase, Wording, dates};
use crate::reminders::Saying;

/// A language, with the phrases in it.
#[derive(Clone, Copy)]
pub(super) struct Voice<'a> {
    pub phrases: &'a Phrases,
    pub language: Language,
}

impl Voice<'_> {
    /// What is to be said, in words.
    ///
    /// # Errors
    /// When no language has a phrase of it.
    pub fn say(&self, saying: &Saying) -> Result<String, UnknownPhrase> {
        Ok(match saying {
            Saying::Phrase(id, fills) => return self.phrase(id, fills),
            Saying::List(list) => {
                let said: Vec<_> = list.iter().map(|one| self.say(one)).collect::<Result<_, _>>()?;
                said.join(", ")
            }
            Saying::Count(count) => count.to_string(),
            Saying::Short(day) => dates::short(self.language, *day),
            Saying::Plain(day) => dates::plain(self.language, *day),
            Saying::Long(day) => self.long(*day),
            Saying::Moment(at) => {
                format!("{}, {} UTC", dates::plain(self.language, at.date_naive()), at.format("%H:%M"))
            }
            Saying::Text(text) => text.clone(),
            Saying::Wording(wording) => self.wording(wording),
        })
    }

    /// The phrase `id`, filled. One that the language lacks is said in English, and so is what fills it.
    ///
    /// # Errors
    /// When no language has it.
    pub fn phrase(&self, id: &str, fills: &[(&'static str, Saying)]) -> Result<String, UnknownPhrase> {
        let mut filled = Vec::with_capacity(fills.len());
        for (name, fill) in fills {
            let value = match fill {
                // As a number, for its plural form.
                Saying::Count(count) => Argument::from(*count),
                other => Argument::from(self.say(other)?),
            };
            filled.push((*name, value));
        }
        let said = self.phrases.say(self.language, id, &filled)?;
        if !said.fell_back() {
            return Ok(said.text.into_owned());
        }
        let english = Self { language: Language::English, ..*self }.phrase(id, fills)?;
        Ok(fallen_back(&english))
    }

    /// What an admin wrote.
    pub fn wording(&self, wording: &Wording) -> String {
        let said = wording.said(self.language);
        heard(&said)
    }

    /// "Monday 1 June 2026", "dydd Llun 1 Mehefin 2026": within a sentence, where Welsh has no capital.
    pub fn long(&self, day: CivilDate) -> String {
        let long = dates::long(self.language, day);
        match (self.language, long.strip_prefix('D')) {
            (Language::Welsh, Some(rest)) => format!("d{rest}"),
            _ => long,
        }
    }
}

/// A text with what marks it as English in the place of Welsh, where it is.
pub(super) fn heard(said: &Said<'_>) -> String {
    if said.fell_back() { fallen_back(&said.text) } else { said.text.clone().into_owned() }
}

/// English in the place of Welsh: marked for whoever reads, and for whatever reads aloud.
fn fallen_back(text: &str) -> String {
    marks::marked(marks::ENGLISH, &format!("{} {text}", Said::MARK))
}
