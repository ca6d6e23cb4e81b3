//! Where instants become civil dates and back, with the choice at a clock change named.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Duration, LocalResult, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use thiserror::Error;

use super::CivilDate;

/// A point in time, in UTC.
pub type Instant = DateTime<Utc>;

/// The release of the IANA time zone database that this program has, such as `2025b`.
pub const ZONE_DATA: &str = chrono_tz::IANA_TZDB_VERSION;

/// An IANA time zone, such as `Europe/London`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

/// Why a text names no time zone.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("\"{0}\" is not an IANA time zone, such as \"Europe/London\"")]
pub struct ZoneError(String);

/// A local time that the clocks of the zone never showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{date} {time} does not exist in {zone}: the clocks went forward over it")]
pub struct LocalTimeError {
    date: CivilDate,
    time: NaiveTime,
    zone: Zone,
}

impl Zone {
    /// The civil date of `instant` in this zone (`semantics` §1).
    #[must_use]
    pub fn civil_date(self, instant: Instant) -> CivilDate {
        instant.with_timezone(&self.0).date_naive()
    }

    /// The local clock time of `instant`.
    #[must_use]
    pub fn local_time(self, instant: Instant) -> NaiveTime {
        instant.with_timezone(&self.0).time()
    }

    /// The local day and time of `instant`, as a person reads it: `2026-06-01 08:00`.
    #[must_use]
    pub fn shown(self, instant: Instant) -> String {
        instant.with_timezone(&self.0).format("%Y-%m-%d %H:%M").to_string()
    }

    /// The instant of a local time that a person gave. Where the clocks showed it twice (autumn),
    /// the first; where they never did (spring), an error, for the person meant another time.
    ///
    /// # Errors
    /// When the local time does not exist.
    pub fn instant_given(self, date: CivilDate, time: NaiveTime) -> Result<Instant, LocalTimeError> {
        self.0
            .from_local_datetime(&date.and_time(time))
            .earliest()
            .map(|local| local.with_timezone(&Utc))
            .ok_or(LocalTimeError { date, time, zone: self })
    }

    /// The instant at which a daily local time comes: as [`Zone::instant_given`], but where the
    /// clocks jump over it, the moment they land, so that a day's post is never skipped.
    #[must_use]
    pub fn instant_due(self, date: CivilDate, time: NaiveTime) -> Instant {
        let mut local = date.and_time(time);
        // A gap is at most a few hours wide anywhere in the zone data; a day of quarters is ample.
        for _ in 0..96 {
            match self.0.from_local_datetime(&local) {
                LocalResult::Single(found) | LocalResult::Ambiguous(found, _) => {
                    return found.with_timezone(&Utc);
                }
                LocalResult::None => local += Duration::minutes(15),
            }
        }
        local.and_utc()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        text.parse().map(Self).map_err(|_| ZoneError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn london() -> Zone {
        "Europe/London".parse().expect("a zone")
    }

    fn at(date: &str, time: &str) -> Result<String, String> {
        let date = date.parse().expect("a date");
        let time = time.parse().expect("a time");
        london().instant_given(date, time).map(|i| i.to_rfc3339()).map_err(|e| e.to_string())
    }

    #[test]
    fn one_instant_written_two_ways_is_one_civil_date() {
        for text in ["2026-06-01T00:00:00+01:00", "2026-05-31T23:00:00Z"] {
            let instant = DateTime::parse_from_rfc3339(text).expect("an instant").to_utc();
            assert_eq!(london().civil_date(instant).to_string(), "2026-06-01");
        }
    }

    #[test]
    fn the_spring_gap_is_refused_when_given_and_landed_on_when_due() {
        assert!(at("2026-03-29", "01:30:00").is_err_and(|e| e.contains("does not exist in Europe/London")));
        let date = "2026-03-29".parse().expect("a date");
        let due = london().instant_due(date, "01:30:00".parse().expect("a time"));
        assert_eq!(due.to_rfc3339(), "2026-03-29T01:00:00+00:00");
    }

    #[test]
    fn the_autumn_overlap_means_its_first_pass() {
        assert_eq!(at("2026-10-25", "01:30:00"), Ok("2026-10-25T00:30:00+00:00".to_owned()));
    }

    #[test]
    fn eight_in_the_morning_is_eight_in_both_halves_of_the_year() {
        assert_eq!(at("2026-03-28", "08:00:00"), Ok("2026-03-28T08:00:00+00:00".to_owned()));
        assert_eq!(at("2026-03-30", "08:00:00"), Ok("2026-03-30T07:00:00+00:00".to_owned()));
    }
}
