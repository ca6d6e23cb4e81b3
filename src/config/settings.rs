//! `stepdown.toml`: when reminders go, and how mail leaves.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chrono::NaiveTime;
use lettre::message::Mailbox;
use serde::{Deserialize, Deserializer, de};

use crate::calendar::{CivilDate, Division, Zone};

/// The whole of `stepdown.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// When reminders go.
    pub reminders: RemindersSettings,
    /// How mail leaves.
    pub mail: MailSettings,
}

/// `[reminders]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemindersSettings {
    /// The zone of the local times below.
    #[serde(deserialize_with = "from_text")]
    pub time_zone: Zone,
    /// Whose bank holidays the digest keeps.
    #[serde(deserialize_with = "from_text")]
    pub bank_holidays: Division,
    /// When the digest goes on a working day.
    #[serde(deserialize_with = "clock_time")]
    pub digest_at: NaiveTime,
    /// Until when a digest that could not go in time still goes that day.
    #[serde(deserialize_with = "clock_time")]
    pub digest_until: NaiveTime,
    /// Nothing that is dated before this day is mailed.
    #[serde(default, deserialize_with = "civil_date")]
    pub go_live: Option<CivilDate>,
}

/// `[mail]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// How mail leaves.
    pub transport: Transport,
    /// The sender.
    #[serde(deserialize_with = "from_text")]
    pub from: Mailbox,
    /// Where answers go: a mailbox that somebody reads.
    #[serde(deserialize_with = "from_text")]
    pub reply_to: Mailbox,
    /// Where `files` writes; in the data directory, unless absolute.
    pub directory: PathBuf,
    /// The relay, for `smtp`.
    pub smtp: Option<SmtpSettings>,
}

/// The ways for mail to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// One `.eml` file for each message.
    Files,
    /// SMTP to a relay.
    Smtp,
}

/// `[mail.smtp]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// The relay's host name.
    pub host: String,
    /// Its port: 587 with STARTTLS, 465 with implicit TLS.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Who logs in; nobody, where left out.
    pub username: Option<String>,
    /// The file that holds the password.
    pub password_file: Option<PathBuf>,
    /// How long each stage of the conversation may take, in seconds.
    #[serde(default = "default_timeout", deserialize_with = "seconds")]
    pub timeout_seconds: Duration,
}

/// How an SMTP connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// STARTTLS, required (RFC 3207).
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// No encryption: to this machine only.
    None,
}

const fn default_timeout() -> Duration {
    Duration::from_mins(1)
}

fn from_text<'de, D: Deserializer<'de>, T: FromStr<Err: std::fmt::Display>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|error| de::Error::custom(format!("\"{text}\": {error}")))
}

fn clock_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveTime::parse_from_str(&text, "%H:%M")
        .map_err(|_| de::Error::custom(format!("\"{text}\" is not a time of day, such as \"08:00\"")))
}

fn civil_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<CivilDate>, D::Error> {
    let date = toml::value::Datetime::deserialize(deserializer)?;
    let text = date.to_string();
    text.parse().map(Some).map_err(|_| de::Error::custom(format!("{text} is not a date, such as 2026-04-01")))
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    match u64::deserialize(deserializer)? {
        seconds @ 1..=3600 => Ok(Duration::from_secs(seconds)),
        seconds => Err(de::Error::custom(format!("{seconds} is not between 1 and 3600 seconds"))),
    }
}

impl Settings {
    /// What contradicts itself: the key it is about, and why.
    #[must_use]
    pub fn contradictions(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let reminders = &self.reminders;
        if reminders.digest_until <= reminders.digest_at {
            found.push(("digest_until", "must be later than digest_at".to_owned()));
        }
        match (&self.mail.transport, &self.mail.smtp) {
            (Transport::Smtp, None) => {
                found.push(("transport", "\"smtp\" needs a [mail.smtp] section with the relay".to_owned()));
            }
            (_, Some(smtp)) => {
                if smtp.tls == Tls::None && !is_this_machine(&smtp.host) {
                    found.push(("tls", format!("\"none\" is for this machine only, not for {}", smtp.host)));
                }
                if smtp.username.is_some() != smtp.password_file.is_some() {
                    found.push(("smtp", "username and password_file go together".to_owned()));
                }
            }
            _ => {}
        }
        found
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
