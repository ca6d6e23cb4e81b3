//! The days that may be asked about: those of anyone alive, with room on both sides. Beyond them a single question
//! could keep a machine busy for hours, with dates that mean nothing.

use chrono::Datelike as _;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::calendar::CivilDate;

/// How far ahead mail is looked at, and how many days are simulated at the most: ten years.
pub(super) const MOST_DAYS: i64 = 3_660;

const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2199;

/// A day that may be asked about.
pub(super) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CivilDate, D::Error> {
    let text = String::deserialize(deserializer)?;
    // Other ways to write a date are a person's, and not always meant so.
    let found = text.parse::<CivilDate>().ok().filter(|day| day.to_string() == text);
    let Some(day) = found else {
        return Err(D::Error::custom(format!("\"{}\" is not a date such as 2026-03-02", shown(&text))));
    };
    if (FIRST_YEAR..=LAST_YEAR).contains(&day.year()) {
        return Ok(day);
    }
    Err(D::Error::custom(format!("{day} is not a day of the years {FIRST_YEAR} to {LAST_YEAR}")))
}

/// The same, where it may be left out.
pub(super) fn maybe<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<CivilDate>, D::Error> {
    #[derive(Deserialize)]
    struct Asked(#[serde(deserialize_with = "day")] CivilDate);

    Ok(Option::<Asked>::deserialize(deserializer)?.map(|Asked(day)| day))
}

fn shown(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Query {
        #[serde(default, deserialize_with = "maybe")]
        on: Option<CivilDate>,
    }

    #[test]
    fn days_nobody_lives_in_are_refused() {
        let read = |text: &str| serde_json::from_str::<Query>(text).map(|query| query.on);
        assert_eq!(read("{}").ok(), Some(None));
        assert_eq!(read(r#"{"on":null}"#).ok(), Some(None));
        assert_eq!(read(r#"{"on":"2026-03-02"}"#).ok(), Some(CivilDate::from_ymd_opt(2026, 3, 2)));
        for bad in ["1899-12-31", "2200-01-01", "+262142-12-31", "2026-3-2", " 2026-03-02", "2026-02-30", ""]
        {
            assert!(read(&format!(r#"{{"on":"{bad}"}}"#)).is_err(), "{bad}");
        }
    }
}
