//! Bank holidays as GOV.UK publishes them (<https://www.gov.uk/bank-holidays.json>).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::Datelike as _;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::CivilDate;

/// A part of the United Kingdom with bank holidays of its own, named as GOV.UK names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Division {
    /// `england-and-wales`
    EnglandAndWales,
    /// `scotland`
    Scotland,
    /// `northern-ireland`
    NorthernIreland,
}

impl Division {
    /// Every division.
    pub const ALL: [Self; 3] = [Self::EnglandAndWales, Self::Scotland, Self::NorthernIreland];

    /// The name GOV.UK uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EnglandAndWales => "england-and-wales",
            Self::Scotland => "scotland",
            Self::NorthernIreland => "northern-ireland",
        }
    }
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Division {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|d| d.name() == text).ok_or_else(|| {
            format!("\"{text}\" is not a division: use england-and-wales, scotland or northern-ireland")
        })
    }
}

/// The bank holidays of every division that the file lists; written and read in GOV.UK's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, RawDivision>", into = "BTreeMap<String, RawDivision>")]
pub struct BankHolidays {
    divisions: BTreeMap<Division, BTreeMap<CivilDate, String>>,
}

/// Why a bank holidays file cannot be used.
#[derive(Debug, Error)]
pub enum BankHolidaysError {
    /// Not JSON, or not of GOV.UK's form.
    #[error("not in the form of gov.uk/bank-holidays.json: {0}")]
    Form(#[from] serde_json::Error),
    /// A key that names no division.
    #[error("\"{0}\" is not a division: use england-and-wales, scotland or northern-ireland")]
    Division(String),
    /// A day that is none.
    #[error("\"{0}\" is not a date: write YYYY-MM-DD")]
    Date(String),
    /// A division without a single day.
    #[error("{0} lists no bank holiday at all")]
    Empty(Division),
}

#[derive(Serialize, Deserialize)]
struct RawDivision {
    events: Vec<RawDay>,
}

#[derive(Serialize, Deserialize)]
struct RawDay {
    title: String,
    date: String,
}

impl From<BankHolidays> for BTreeMap<String, RawDivision> {
    fn from(holidays: BankHolidays) -> Self {
        let day = |(date, title): (CivilDate, String)| RawDay { title, date: date.to_string() };
        let raw = |days: BTreeMap<_, _>| RawDivision { events: days.into_iter().map(day).collect() };
        let divisions = holidays.divisions.into_iter();
        divisions.map(|(division, days)| (division.name().to_owned(), raw(days))).collect()
    }
}

impl TryFrom<BTreeMap<String, RawDivision>> for BankHolidays {
    type Error = BankHolidaysError;

    fn try_from(raw: BTreeMap<String, RawDivision>) -> Result<Self, BankHolidaysError> {
        let (holidays, faults) = Self::gather(raw);
        faults.into_iter().next().map_or(Ok(holidays), Err)
    }
}

impl BankHolidays {
    /// Reads the JSON that GOV.UK publishes.
    ///
    /// # Errors
    /// When the text is not of that form, names an unknown division or leaves one empty: the first fault.
    pub fn from_json(text: &str) -> Result<Self, BankHolidaysError> {
        let (holidays, faults) = Self::read(text);
        faults.into_iter().next().map_or(Ok(holidays), Err)
    }

    /// Reads the same, as far as it can be read, with everything that is wrong.
    #[must_use]
    pub fn read(text: &str) -> (Self, Vec<BankHolidaysError>) {
        match serde_json::from_str(text) {
            Ok(raw) => Self::gather(raw),
            Err(error) => (Self::default(), vec![error.into()]),
        }
    }

    fn gather(raw: BTreeMap<String, RawDivision>) -> (Self, Vec<BankHolidaysError>) {
        let (mut divisions, mut faults) = (BTreeMap::<Division, BTreeMap<_, _>>::new(), Vec::new());
        for (name, raw) in raw {
            let Ok(division) = name.parse::<Division>() else {
                faults.push(BankHolidaysError::Division(name));
                continue;
            };
            if raw.events.is_empty() {
                faults.push(BankHolidaysError::Empty(division));
            }
            let days = divisions.entry(division).or_default();
            for RawDay { title, date } in raw.events {
                match date.parse() {
                    Ok(day) => drop(days.insert(day, title)),
                    Err(_) => faults.push(BankHolidaysError::Date(date)),
                }
            }
        }
        (Self { divisions }, faults)
    }

    /// Whether no division is listed at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.divisions.is_empty()
    }

    /// Every day of every division, with its title.
    pub fn days(&self) -> impl Iterator<Item = (Division, CivilDate, &str)> {
        self.divisions
            .iter()
            .flat_map(|(division, days)| days.iter().map(|(date, title)| (*division, *date, title.as_str())))
    }

    /// The days of one division; `None` where the file has none for it.
    #[must_use]
    pub fn of(&self, division: Division) -> Option<&BTreeMap<CivilDate, String>> {
        self.divisions.get(&division)
    }

    /// The last day of the last year listed for a division: past it, only weekends are known.
    #[must_use]
    pub fn horizon(&self, division: Division) -> Option<CivilDate> {
        let (last, _) = self.divisions.get(&division)?.last_key_value()?;
        CivilDate::from_ymd_opt(last.year(), 12, 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_division_is_refused_by_name() {
        let error = BankHolidays::from_json(r#"{"england": {"division": "england", "events": []}}"#);
        assert!(error.is_err_and(|e| e.to_string().contains("\"england\" is not a division")));
    }

    #[test]
    fn every_day_that_is_none_is_told() {
        let text = r#"{"scotland": {"events": [{"title": "a", "date": "2027-13-04"},
            {"title": "b", "date": "2027-01-04"}, {"title": "c", "date": "soon"}]}, "wales": {"events": []}}"#;
        let (read, faults) = BankHolidays::read(text);
        assert_eq!(read.of(Division::Scotland).map(BTreeMap::len), Some(1));
        let told: Vec<_> =
            faults.iter().map(|fault| fault.to_string().chars().take(12).collect::<String>()).collect();
        assert_eq!(told, ["\"2027-13-04\"", "\"soon\" is no", "\"wales\" is n"]);
    }

    #[test]
    fn the_horizon_is_the_end_of_the_last_year_listed() {
        let text = r#"{"scotland": {"division": "scotland", "events": [
            {"title": "2nd January", "date": "2027-01-04", "notes": "", "bunting": true}]}}"#;
        let horizon = BankHolidays::from_json(text).ok().and_then(|h| h.horizon(Division::Scotland));
        assert_eq!(horizon, CivilDate::from_ymd_opt(2027, 12, 31));
    }
}
