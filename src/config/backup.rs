//! `[backup]` of `stepdown.toml`: when backups are made, where they go, who can open them, how long they stay.

use std::path::{Path, PathBuf};

use age::x25519::Recipient;
use chrono::{Datelike as _, Days, NaiveTime, Weekday};
use serde::{Deserialize, Deserializer, de};

use super::settings::clock_time;
use crate::calendar::CivilDate;

/// `[backup]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackupSettings {
    /// Where the daemon puts a backup every day; in the data directory, unless absolute. Without it none is made.
    pub directory: Option<PathBuf>,
    /// When, by the local clock.
    #[serde(deserialize_with = "clock_time")]
    pub at: NaiveTime,
    /// For how many days every day's backup is kept, 1 to 3650.
    #[serde(deserialize_with = "days")]
    pub keep_days: u32,
    /// For how many weeks the last backup of each week is kept, 0 to 520.
    #[serde(deserialize_with = "weeks")]
    pub keep_weeks: u32,
    /// Who can open an encrypted backup: age recipients, `age1…`.
    #[serde(deserialize_with = "recipients")]
    pub recipients: Vec<Recipient>,
    /// Whether scheduled backups are encrypted to them.
    pub encrypt: bool,
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self {
            directory: None,
            at: NaiveTime::from_hms_opt(2, 0, 0).unwrap_or_default(),
            keep_days: 14,
            keep_weeks: 8,
            recipients: Vec::new(),
            encrypt: false,
        }
    }
}

impl BackupSettings {
    /// Where scheduled backups of the log in `data` go; none where there are none.
    #[must_use]
    pub fn directory(&self, data: &Path) -> Option<PathBuf> {
        self.directory.as_ref().map(|directory| data.join(directory))
    }

    /// The last day on which a backup made on `day` may still be there, if backups go on being made.
    #[must_use]
    pub fn lapse(&self, day: CivilDate) -> CivilDate {
        let later =
            |from: CivilDate, days: u32| from.checked_add_days(Days::new(days.into())).unwrap_or(from);
        let of_days = later(day, self.keep_days);
        // It may be the last one of its week, which ends with Sunday.
        let of_weeks = later(day.week(Weekday::Mon).checked_first_day().unwrap_or(day), 7 * self.keep_weeks);
        of_days.max(of_weeks)
    }

    /// Which of the backups made on these days, oldest first, are beyond what is kept on `today`. The newest one
    /// never is.
    #[must_use]
    pub fn beyond(&self, days: &[CivilDate], today: CivilDate) -> Vec<usize> {
        let first_day = today.checked_sub_days(Days::new((self.keep_days - 1).into())).unwrap_or(today);
        let monday = |day: CivilDate| day.week(Weekday::Mon).checked_first_day().unwrap_or(day);
        let weeks = Days::new(7 * u64::from(self.keep_weeks));
        let first_week = monday(today).checked_sub_days(weeks).unwrap_or(today);
        let is_beyond = |(index, day): (usize, &CivilDate)| {
            // What comes after it, if anything does.
            let next = days.get(index + 1)?;
            let is_last_of_week = next.iso_week() != day.iso_week();
            let is_kept = *day >= first_day || is_last_of_week && monday(*day) > first_week;
            (!is_kept).then_some(index)
        };
        days.iter().enumerate().filter_map(is_beyond).collect()
    }

    /// What contradicts itself: the key it is about, and why.
    pub(super) fn contradictions(&self) -> Option<(&'static str, String)> {
        (self.encrypt && self.recipients.is_empty())
            .then(|| ("encrypt", "needs recipients to encrypt to, such as [\"age1…\"]".to_owned()))
    }
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        days @ 1..=3650 => Ok(days),
        days => Err(de::Error::custom(format!("{days} is not between 1 and 3650 days"))),
    }
}

fn weeks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        weeks @ 0..=520 => Ok(weeks),
        weeks => Err(de::Error::custom(format!("{weeks} is not between 0 and 520 weeks"))),
    }
}

fn recipients<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Recipient>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let read = |text: &String| {
        text.trim().parse().map_err(|_| {
            // What stands there may be an identity, which is a secret: it is not quoted.
            de::Error::custom(
                "a recipient is what age-keygen prints as the public key: \"age1\" and 58 characters",
            )
        })
    };
    texts.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> CivilDate {
        text.parse().expect("a day")
    }

    /// A backup every day up to and with `today`, each followed by what retention does.
    fn kept(settings: &BackupSettings, from: &str, count: usize) -> Vec<CivilDate> {
        let mut kept = Vec::new();
        for today in day(from).iter_days().take(count) {
            kept.push(today);
            for index in settings.beyond(&kept, today).into_iter().rev() {
                kept.remove(index);
            }
        }
        kept
    }

    #[test]
    fn every_day_is_kept_for_days_and_each_weeks_last_for_weeks() {
        let settings = BackupSettings { keep_days: 3, keep_weeks: 3, ..BackupSettings::default() };
        // Friday, 20 November 2026.
        let found = kept(&settings, "2026-09-01", 81);
        let days = ["2026-11-08", "2026-11-15", "2026-11-18", "2026-11-19", "2026-11-20"];
        assert_eq!(found, days.map(day));
        let daily = BackupSettings { keep_weeks: 0, ..settings };
        assert_eq!(kept(&daily, "2026-09-01", 81), ["2026-11-18", "2026-11-19", "2026-11-20"].map(day));
    }

    #[test]
    fn the_newest_is_never_beyond_however_old_and_a_day_may_have_several() {
        let settings = BackupSettings { keep_days: 1, keep_weeks: 0, ..BackupSettings::default() };
        let days = ["2020-01-01", "2020-01-02", "2020-01-02"].map(day);
        assert_eq!(settings.beyond(&days, day("2026-11-20")), [0, 1]);
        assert!(settings.beyond(&days[..1], day("2026-11-20")).is_empty());
        assert!(settings.beyond(&[], day("2026-11-20")).is_empty());
    }

    #[test]
    fn nothing_made_on_a_day_outlives_the_day_it_lapses_on() {
        for (keep_days, keep_weeks) in [(1, 0), (3, 3), (14, 8), (40, 2), (1, 1)] {
            let settings = BackupSettings { keep_days, keep_weeks, ..BackupSettings::default() };
            for made in day("2026-06-01").iter_days().take(14) {
                let mut kept = Vec::new();
                for today in day("2026-05-01").iter_days().take(200) {
                    kept.push(today);
                    settings.beyond(&kept, today).into_iter().rev().for_each(|index| {
                        kept.remove(index);
                    });
                    assert!(today <= settings.lapse(made) || !kept.contains(&made), "{made} on {today}");
                }
            }
        }
    }
}
