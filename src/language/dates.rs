//! Dates as a letter has them, by the Unicode Common Locale Data Repository.

use icu_calendar::{Date, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{E, MD, YMD};
use icu_locale_core::locale;

use super::Language;
use crate::calendar::CivilDate;

/// "Monday 1 June 2026", "Dydd Llun 1 Mehefin 2026": without commas, as GOV.UK and Cymraeg Clir write dates.
#[must_use]
pub fn long(language: Language, date: CivilDate) -> String {
    written(language, date, |forms, date| {
        format!("{} {}", forms.weekday.format(date), forms.date.format(date))
    })
}

/// "1 June 2026", "1 Mehefin 2026".
#[must_use]
pub fn plain(language: Language, date: CivilDate) -> String {
    written(language, date, |forms, date| forms.date.format(date).to_string())
}

/// "1 June", "1 Mehefin".
#[must_use]
pub fn short(language: Language, date: CivilDate) -> String {
    written(language, date, |forms, date| forms.day.format(date).to_string())
}

type Form<F> = FixedCalendarDateTimeFormatter<Gregorian, F>;

/// The ways to write a date in one language.
struct Forms {
    weekday: Form<E>,
    date: Form<YMD>,
    day: Form<MD>,
}

impl Forms {
    fn new(language: Language) -> Option<Self> {
        let locale = match language {
            Language::English => locale!("en-GB"),
            Language::Welsh => locale!("cy"),
        };
        Some(Self {
            weekday: Form::try_new(locale.clone().into(), E::long()).ok()?,
            date: Form::try_new(locale.clone().into(), YMD::long()).ok()?,
            day: Form::try_new(locale.into(), MD::long()).ok()?,
        })
    }
}

thread_local! {
    // Finding a form takes longer than writing a date, and a form is not shared between threads.
    static FORMS: [Option<Forms>; 2] = Language::ALL.map(Forms::new);
}

/// A year that ICU does not have is written as ISO 8601 has it.
fn written(
    language: Language,
    date: CivilDate,
    write: impl Fn(&Forms, &Date<Gregorian>) -> String,
) -> String {
    use chrono::Datelike as _;
    let (month, day) = (u8::try_from(date.month()), u8::try_from(date.day()));
    let known = month
        .ok()
        .zip(day.ok())
        .and_then(|(month, day)| Date::try_new_gregorian(date.year(), month, day).ok());
    FORMS.with(|forms| {
        let forms = forms.get(language as usize).and_then(Option::as_ref);
        forms.zip(known.as_ref()).map_or_else(|| date.to_string(), |(forms, date)| write(forms, date))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_reads_as_a_letter_has_it() {
        let day = |text: &str| text.parse().expect("a date");
        let long = |text: &str| Language::ALL.map(|language| long(language, day(text)));
        assert_eq!(long("2026-06-01"), ["Monday 1 June 2026", "Dydd Llun 1 Mehefin 2026"]);
        assert_eq!(long("2026-03-17"), ["Tuesday 17 March 2026", "Dydd Mawrth 17 Mawrth 2026"]);
        assert_eq!(long("2027-12-26"), ["Sunday 26 December 2027", "Dydd Sul 26 Rhagfyr 2027"]);
        assert_eq!(short(Language::Welsh, day("2026-02-02")), "2 Chwefror");
        assert_eq!(plain(Language::English, day("2026-11-05")), "5 November 2026");
    }

    #[test]
    fn every_day_of_a_year_is_written_in_english_as_chrono_writes_it() {
        let first: CivilDate = "2028-01-01".parse().expect("a date");
        for date in first.iter_days().take(366) {
            assert_eq!(long(Language::English, date), date.format("%A %-d %B %Y").to_string());
        }
    }
}
