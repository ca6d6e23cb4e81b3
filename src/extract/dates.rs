//! How dates are written in an extract.

use std::fmt::Write as _;

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{Datelike as _, NaiveDateTime, NaiveTime};
use thiserror::Error;

use super::fault::shown;
use crate::calendar::CivilDate;

/// A way to write dates, with or without a time of day.
#[derive(Debug, Clone)]
pub struct DateForm {
    pattern: String,
    items: Vec<Item<'static>>,
    example: String,
}

/// The ways in which an extract writes dates; the first that fits a cell counts.
#[derive(Debug, Clone)]
pub struct DateForms(Vec<DateForm>);

/// Why a pattern gives no date.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DateFormError {
    /// It is no pattern.
    #[error("\"{0}\" is not a date format; write for example \"%d/%m/%Y\" or \"%d/%m/%Y %H:%M\"")]
    Pattern(String),
    /// A date written so cannot be read back.
    #[error(
        "\"{0}\" does not give a whole date; it needs day, month and year (%d, %m, %Y), and %M where it has %H"
    )]
    Incomplete(String),
}

/// ISO 8601, with or without a time.
pub(super) const ISO: [&str; 5] =
    ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"];

impl DateForm {
    /// Reads a pattern of `strftime`.
    ///
    /// # Errors
    /// When it is none, or a date written so cannot be read back.
    pub fn new(pattern: &str) -> Result<Self, DateFormError> {
        let items = StrftimeItems::new(pattern)
            .parse_to_owned()
            .map_err(|_| DateFormError::Pattern(pattern.to_owned()))?;
        let mut form = Self { pattern: pattern.to_owned(), items, example: String::new() };
        let incomplete = || DateFormError::Incomplete(pattern.to_owned());
        // 25 December cannot be mistaken for a day of another month.
        let date = CivilDate::from_ymd_opt(2026, 12, 25).ok_or_else(incomplete)?;
        let sample = NaiveDateTime::new(date, NaiveTime::from_hms_opt(14, 30, 0).ok_or_else(incomplete)?);
        let mut example = String::new();
        // A zone or an offset cannot be written for a local time; to say so is the formatter's error.
        write!(example, "{}", sample.format_with_items(form.items.iter())).map_err(|_| incomplete())?;
        match form.read(&example) {
            Some((read, _)) if read == date => {}
            _ => return Err(incomplete()),
        }
        form.example = example;
        Ok(form)
    }

    fn read(&self, text: &str) -> Option<(CivilDate, Option<NaiveTime>)> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.items.iter()).ok()?;
        let date = parsed.to_naive_date().ok()?;
        let has_time =
            parsed.hour_mod_12().is_some() || parsed.minute().is_some() || parsed.second().is_some();
        let time = if has_time { Some(parsed.to_naive_time().ok()?) } else { None };
        // A year of two digits where four are asked for is read as one of antiquity.
        (1000..=9999).contains(&date.year()).then_some((date, time))
    }
}

impl DateForms {
    /// The ways that `patterns` name.
    ///
    /// # Errors
    /// As [`DateForm::new`].
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, DateFormError> {
        patterns.into_iter().map(DateForm::new).collect::<Result<_, _>>().map(Self)
    }

    /// The date, and the time of day if there is one, that `text` says.
    ///
    /// # Errors
    /// How it should be written.
    pub fn read(&self, text: &str) -> Result<(CivilDate, Option<NaiveTime>), String> {
        self.0.iter().find_map(|form| form.read(text)).ok_or_else(|| {
            let hint = self.0.first().map_or_else(String::new, |form| {
                format!("; write it as {}, such as {}", form.pattern, form.example)
            });
            format!("\"{}\" is not a date{hint}", shown(text))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, text: &str) -> String {
        match DateForms::new([pattern]).map(|forms| forms.read(text)) {
            Ok(Ok((date, None))) => date.to_string(),
            Ok(Ok((date, Some(time)))) => format!("{date} {time}"),
            Ok(Err(reason)) => reason,
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn dates_are_read_as_the_map_says_they_are_written() {
        let table = [
            ("%d/%m/%Y", "01/05/2026", "2026-05-01"),
            ("%d/%m/%Y", "1/5/2026", "2026-05-01"),
            ("%d/%m/%y", "01/05/26", "2026-05-01"),
            ("%d %b %Y", "1 May 2026", "2026-05-01"),
            ("%d/%m/%Y %H:%M", "01/05/2026 14:30", "2026-05-01 14:30:00"),
            ("%d/%m/%Y %I:%M %p", "01/05/2026 02:30 pm", "2026-05-01 14:30:00"),
            (
                "%d/%m/%Y",
                "31/02/2026",
                "\"31/02/2026\" is not a date; write it as %d/%m/%Y, such as 25/12/2026",
            ),
            ("%d/%m/%Y", "01/05/26", "\"01/05/26\" is not a date; write it as %d/%m/%Y, such as 25/12/2026"),
            (
                "%d/%m/%Y",
                "01/05/2026 14:30",
                "\"01/05/2026 14:30\" is not a date; write it as %d/%m/%Y, such as 25/12/2026",
            ),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(read(pattern, text), expected);
        }
    }

    #[test]
    fn a_pattern_that_gives_no_whole_date_is_refused() {
        for pattern in ["%d/%m", "%H:%M", "%d/%m/%Y %H", "%d/%m/%Y %z", "%d/%m/%Y %Z", "%s", "dd/mm/yyyy", ""]
        {
            assert!(read(pattern, "01/05/2026").contains("whole date"), "{pattern}: {}", read(pattern, ""));
        }
        assert!(read("%d/%Q/%Y", "").contains("is not a date format"));
    }

    #[test]
    fn iso_dates_come_with_or_without_a_time() {
        let iso = DateForms::new(ISO).expect("patterns");
        for text in ["2026-05-01T14:30", "2026-05-01 14:30", "2026-05-01T14:30:00", "2026-05-01 14:30:00"] {
            let (date, time) = iso.read(text).expect("a date");
            assert_eq!(
                (date.to_string(), time.map(|t| t.to_string())),
                ("2026-05-01".into(), Some("14:30:00".into()))
            );
        }
        assert_eq!(iso.read("2026-05-01").map(|read| read.1), Ok(None));
    }
}
