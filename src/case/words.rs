//! The words that a packed event holds as a number: event types, fields, roles and values that come again and
//! again.
//!
//! Invariant: `words-1.txt` never changes, for stored events name its lines by their numbers. What is
//! wanted besides goes into a `words-2.txt` that follows it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

const LIST: &str = include_str!("words-1.txt");

struct Words {
    by_code: Vec<Arc<str>>,
    codes: HashMap<&'static str, u16>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| Words {
    by_code: LIST.lines().map(Arc::from).collect(),
    codes: (0..).zip(LIST.lines()).map(|(code, word)| (word, code)).collect(),
});

/// The number of a word; nothing for a text that is not in the list.
pub(super) fn code(text: &str) -> Option<u16> {
    WORDS.codes.get(text).copied()
}

/// The word with this number, shared by all who ask.
pub(super) fn word(code: u16) -> Option<&'static Arc<str>> {
    WORDS.by_code.get(usize::from(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{hex, sha256};

    #[test]
    fn the_first_list_stays_as_it_is_for_stored_events_name_its_lines() {
        assert_eq!(
            hex(&sha256(LIST.as_bytes())),
            "d3f46f2203bdf137bd215f3fbc15262c88ce78297d870f6cc5d7ae256f34f095"
        );
    }

    #[test]
    fn each_word_has_one_number() {
        assert_eq!(WORDS.by_code.len(), WORDS.codes.len());
        assert!((0..).zip(LIST.lines()).all(|(number, text)| {
            code(text) == Some(number) && word(number).is_some_and(|word| **word == *text)
        }));
    }
}
