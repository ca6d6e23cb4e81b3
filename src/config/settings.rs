//! `stepdown.toml`: when reminders go, and how mail leaves.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chrono::{NaiveTime, Weekday};
use lettre::message::Mailbox;
use serde::{Deserialize, Deserializer, de};

use super::{AccessSettings, BackupSettings, RecordsSettings};
use crate::calendar::{CivilDate, Division, Zone};

/// The whole of `stepdown.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// When reminders go.
    pub reminders: RemindersSettings,
    /// How mail leaves.
    pub mail: MailSettings,
    /// How records are sealed and kept.
    #[serde(default)]
    pub records: RecordsSettings,
    /// Where the daemon listens, and who may ask what.
    #[serde(default)]
    pub access: AccessSettings,
    /// When backups are made, and where they go.
    #[serde(default)]
    pub backup: BackupSettings,
}

/// `[reminders]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemindersSettings {
    /// The zone of the local times below.
    #[serde(deserialize_with = "from_text")]
    pub time_zone: Zone,
    /// Whose bank holidays the admins keep; digests keep those of each case.
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
    /// Who is told how stepdown itself stands.
    #[serde(default, deserialize_with = "each_from_text")]
    pub admins: Vec<Mailbox>,
    /// The day of the week on which they are told that all is in order.
    #[serde(default = "default_weekday", deserialize_with = "weekday")]
    pub weekly_on: Weekday,
    /// How many messages may be planned at one time before nothing is sent until an operator releases it.
    #[serde(default = "default_breaker", deserialize_with = "count")]
    pub breaker: usize,
    /// Whether every message is in Welsh and in English, whatever its reader's language.
    #[serde(default)]
    pub bilingual: bool,
}

/// `[mail]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// How mail leaves.
    pub transport: Transport,
    /// The sender.
    #[serde(deserialize_with = "mailbox")]
    pub from: Mailbox,
    /// Where answers go: a mailbox that somebody reads.
    #[serde(deserialize_with = "mailbox")]
    pub reply_to: Mailbox,
    /// The security marking of every message, such as `OFFICIAL-SENSITIVE`; none where left out.
    #[serde(default, deserialize_with = "one_line")]
    pub marking: Option<String>,
    /// How long after a failed attempt the next one is made, in seconds; doubled each time, an hour at most.
    #[serde(default = "default_retry", deserialize_with = "seconds")]
    pub retry_after_seconds: Duration,
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
#[derive(Debug, Clone, PartialEq, Deserialize)]
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
    /// The systemd credential that holds the password (`LoadCredential=`).
    pub password_credential: Option<String>,
    /// A PEM file with the authority that signed the relay's certificate, where the system does not know it.
    pub ca_file: Option<PathBuf>,
    /// How many conversations with the relay there may be at a time.
    #[serde(default = "default_sessions", deserialize_with = "sessions")]
    pub sessions: u16,
    /// How long each stage of the conversation may take, in seconds.
    #[serde(default = "default_timeout", deserialize_with = "seconds")]
    pub timeout_seconds: Duration,
    /// How long the server may take to answer the whole message, in seconds; ten minutes by RFC 5321.
    #[serde(default = "default_final_timeout", deserialize_with = "seconds")]
    pub final_timeout_seconds: Duration,
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

const fn default_final_timeout() -> Duration {
    Duration::from_mins(10)
}

const fn default_timeout() -> Duration {
    Duration::from_mins(1)
}

const fn default_retry() -> Duration {
    Duration::from_mins(1)
}

const fn default_sessions() -> u16 {
    2
}

const fn default_weekday() -> Weekday {
    Weekday::Mon
}

const fn default_breaker() -> usize {
    500
}

fn each_from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Mailbox>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| read_mailbox(text)).collect()
}

fn mailbox<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Mailbox, D::Error> {
    read_mailbox(&String::deserialize(deserializer)?)
}

fn read_mailbox<E: de::Error>(text: &str) -> Result<Mailbox, E> {
    text.parse().map_err(|_| {
        de::Error::custom(format!(
            "\"{text}\" is not a mail address, such as \"stepdown@example.org\" or \"Step Down <stepdown@example.org>\""
        ))
    })
}

fn one_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.trim() {
        "" => Ok(None),
        line if line.len() <= 60 && !line.chars().any(char::is_control) => Ok(Some(line.to_owned())),
        _ => Err(de::Error::custom("a marking is one line of at most 60 bytes")),
    }
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    match usize::deserialize(deserializer)? {
        count @ 1..=1_000_000 => Ok(count),
        count => Err(de::Error::custom(format!("{count} is not between 1 and 1000000"))),
    }
}

fn sessions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    match u16::deserialize(deserializer)? {
        sessions @ 1..=50 => Ok(sessions),
        sessions => Err(de::Error::custom(format!("{sessions} is not between 1 and 50"))),
    }
}

fn from_text<'de, D: Deserializer<'de>, T: FromStr<Err: std::fmt::Display>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}

fn weekday<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Weekday, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|_| de::Error::custom(format!("\"{text}\" is not a day of the week, such as \"monday\"")))
}

pub(super) fn clock_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
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
    /// What may stand in for a text that cannot be read, so that what is behind it is read too (in TOML).
    pub(super) const STAND_INS: [&str; 6] = [
        "\"127.0.0.1:8410\"",
        "\"00:00\"",
        "\"Europe/London\"",
        "\"england-and-wales\"",
        "\"monday\"",
        "\"stepdown@example.org\"",
    ];

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
                match (&smtp.password_file, &smtp.password_credential) {
                    (Some(_), Some(_)) => {
                        found
                            .push(("smtp", "give password_file or password_credential, not both".to_owned()));
                    }
                    (file, credential)
                        if smtp.username.is_some() != (file.is_some() || credential.is_some()) =>
                    {
                        let why = "username goes together with password_file or password_credential";
                        found.push(("smtp", why.to_owned()));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        found.extend(self.records.contradictions());
        found.extend(self.access.contradictions());
        found.extend(self.backup.contradictions());
        found
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
