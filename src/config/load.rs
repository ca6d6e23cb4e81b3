//! Loading: every file read, every fault reported at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use lettre::message::Mailbox;

use super::programmes::Loaded;
use super::source::{SETTINGS, fingerprint};
use super::{ConfigError, Fault, Settings, Source, phrasebook, place};
use crate::calendar::{BankHolidays, BankHolidaysError, Calendar, Calendars, Division};
use crate::case::{Admission, ProgrammeId};
use crate::language::{PhraseFault, Phrases};
use crate::policy::{Configured, Offices, Policies, ProgrammeText};
use crate::programme::{Finding, Policy, Severity, recover};
use crate::reminders::{Office, People, Recipient};

/// A whole configuration.
#[derive(Debug)]
pub struct Config {
    /// `stepdown.toml`
    pub settings: Settings,
    /// `people.toml`
    pub people: People,
    /// `programmes/*.toml`, as the admin wrote them
    pub programmes: BTreeMap<ProgrammeId, ProgrammeText>,
    /// The same as if they had been the policy for all time.
    pub policies: Arc<Policies>,
    /// `bank-holidays.json`
    pub bank_holidays: BankHolidays,
    /// What the door knows of each programme (`events/`).
    pub admissions: HashMap<ProgrammeId, Admission>,
    /// The working days the digest keeps.
    pub calendar: Calendar,
    /// `templates/`: the mail templates by file name.
    pub templates: BTreeMap<String, String>,
    /// `locales/`: the phrases of mails and pages, in each language.
    pub phrases: Arc<Phrases>,
    /// Where it comes from, in words.
    pub from: String,
    /// What tells it from any other: see [`Source::fingerprint`].
    pub sha256: String,
}

pub(super) const PEOPLE: &str = "people.toml";
pub(super) const HOLIDAYS: &str = "bank-holidays.json";
pub(super) const PROGRAMMES: &str = "programmes/";
pub(super) const TEMPLATES: &str = "templates/";
pub(super) const LOCALES: &str = "locales/";
pub(super) const EVENTS: &str = "events/";
pub(super) const COMMON: &str = "common";

impl Config {
    /// Loads the configuration from `source`.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn load(source: &Source) -> Result<Self, ConfigError> {
        let faults = |faults| ConfigError::new(source.to_string(), faults);
        let files = source.files().map_err(|(path, error)| {
            let help = "write a starter configuration with: stepdown init DIR";
            faults(vec![
                Fault::of_file(&path.display().to_string(), format!("cannot be read: {error}")).help(help),
            ])
        })?;
        let mut loader = Loader::new(files);
        let config = loader.config().map(|config| Self { from: source.to_string(), ..config });
        // What is only odd is told by a check.
        loader.faults.retain(|fault| fault.severity() == Severity::Error);
        Fault::sort(&mut loader.faults);
        match config {
            Some(config) if loader.faults.is_empty() => Ok(config),
            _ => Err(faults(loader.faults)),
        }
    }

    /// When and how reminders go.
    #[must_use]
    pub fn office(&self) -> Office {
        let reminders = &self.settings.reminders;
        let admin = |mailbox: &Mailbox| {
            Recipient::address(mailbox.email.as_ref(), mailbox.name.as_deref().unwrap_or("administrator"))
        };
        Office {
            zone: reminders.time_zone,
            calendar: self.calendar.clone(),
            at_work: self.policies.values().flat_map(Policy::calendars).cloned().collect(),
            digest_at: reminders.digest_at,
            digest_until: reminders.digest_until,
            go_live: reminders.go_live,
            admins: reminders.admins.iter().map(admin).collect(),
            weekly_on: reminders.weekly_on,
            breaker: reminders.breaker,
        }
    }

    /// What it says of policy.
    #[must_use]
    pub fn configured(&self) -> Configured<'_> {
        Configured {
            programmes: self.programmes.values().collect(),
            bank_holidays: &self.bank_holidays,
            offices: Offices::of(&self.people),
        }
    }
}

/// The mail templates among `files`, by file name.
#[must_use]
pub fn templates(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    inside(TEMPLATES, files)
}

/// The files of phrases among `files`: `en/mail.ftl`, `cy/mail.ftl`.
#[must_use]
pub fn locales(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    inside(LOCALES, files)
}

fn inside(folder: &str, files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let inside = files.iter().filter_map(|(name, text)| Some((name.strip_prefix(folder)?, text)));
    inside.map(|(name, text)| (name.to_owned(), text.clone())).collect()
}

/// Collects faults while it reads; `None` means a fault was noted.
pub(super) struct Loader {
    pub files: BTreeMap<String, String>,
    pub faults: Vec<Fault>,
    /// The programmes, by id and by file name.
    pub programmes: Vec<String>,
    /// The bank holidays, and the divisions that are asked for.
    pub holidays: BankHolidays,
    pub divisions: BTreeSet<Division>,
}

impl Loader {
    pub fn new(files: BTreeMap<String, String>) -> Self {
        let (holidays, divisions) = Default::default();
        let faults = files.iter().filter_map(|(name, text)| not_utf8(name, text)).collect();
        Self { files, faults, programmes: Vec::new(), holidays, divisions }
    }

    pub fn note(&mut self, file: &str, finding: Finding) {
        let text = self.files.get(file).map(String::as_str).unwrap_or_default();
        self.faults.push(Fault::at(file, text, finding));
    }

    pub(super) fn notes(&mut self, file: &str, findings: Vec<Finding>) {
        for finding in findings {
            self.note(file, finding);
        }
    }

    pub(super) fn file(&mut self, name: &str) -> Option<String> {
        let found = self.files.get(name).cloned();
        if found.is_none() {
            let help = "stepdown init DIR writes a whole configuration to copy it from";
            self.faults.push(Fault::of_file(name, "is missing").help(help));
        }
        found
    }

    /// The files directly or deeper under `folder`, as (path, stem, text).
    pub(super) fn under(&self, folder: &str, extension: &str) -> Vec<(String, String, String)> {
        let inside = self.files.iter().filter(|(name, _)| name.starts_with(folder));
        inside
            .filter_map(|(name, text)| {
                let stem = Path::new(name).file_name()?.to_str()?.strip_suffix(extension)?;
                Some((name.clone(), stem.to_owned(), text.clone()))
            })
            .collect()
    }

    pub fn config(&mut self) -> Option<Config> {
        let settings = self.settings();
        let holidays = self.holidays();
        let programmes = self.programmes();
        let people = self.people(&programmes);
        let templates = templates(&self.files);
        let phrases = Arc::new(self.phrases());
        self.untranslated(settings.as_ref(), people.as_ref(), &programmes);
        let (settings, holidays) = (settings?, holidays?);
        let calendars = Calendars::new(&holidays);
        let calendar = calendars.of(settings.reminders.bank_holidays).map(|own| Calendar::clone(own));
        let (mut policies, mut texts) = (Policies::new(), BTreeMap::new());
        let mut admissions = HashMap::new();
        for Loaded { programme, catalogue, .. } in programmes {
            let Some(programme) = programme else { continue };
            let rules = programme.rules.iter().map(|rule| rule.id.to_string()).collect();
            let (id, programme) = (programme.id.clone(), Arc::new(programme));
            let Some(policy) = Policy::new(Arc::clone(&programme), &calendars) else { continue };
            let text = self.files.get(&format!("{PROGRAMMES}{id}.toml")).map(String::as_str);
            texts.insert(id.clone(), ProgrammeText::new(text.unwrap_or_default(), programme));
            admissions.insert(id.clone(), Admission { catalogue: Arc::new(catalogue), rules });
            policies.insert(id, policy);
        }
        Some(Config {
            settings,
            people: people?,
            programmes: texts,
            policies: Arc::new(policies),
            bank_holidays: holidays,
            admissions,
            calendar: calendar?,
            templates,
            phrases,
            from: String::new(),
            sha256: fingerprint(&self.files),
        })
    }

    fn phrases(&mut self) -> Phrases {
        let files = locales(&self.files);
        let (phrases, faults) = Phrases::read(&phrasebook::whole(&files));
        // Behind the English ones stand those of the starter, which say again what is said.
        let own = faults.into_iter().filter(|fault| files.contains_key(&fault.file));
        for PhraseFault { file, span, message } in own {
            let help = "the language is Project Fluent: https://projectfluent.org/fluent/guide/";
            self.note(&format!("{LOCALES}{file}"), Finding::new(span, message).help(help));
        }
        self.faults.extend(phrasebook::proof(&files));
        phrases
    }

    fn settings(&mut self) -> Option<Settings> {
        let text = self.file(SETTINGS)?;
        let recovered = recover::<Settings>(&text, &Settings::STAND_INS);
        let lines: Vec<_> =
            recovered.findings.iter().map(|finding| place::line(&text, finding.span.start)).collect();
        self.notes(SETTINGS, recovered.findings);
        let settings = recovered.value?;
        for (key, why) in settings.contradictions() {
            let span = place::of_key(&text, key);
            // What stands in for a faulty value contradicts nothing.
            if !lines.contains(&place::line(&text, span.start)) {
                self.note(SETTINGS, Finding::new(span, format!("{key}: {why}")));
            }
        }
        if lines.is_empty() {
            let span = place::of_key(&text, "bank_holidays");
            self.division(SETTINGS, span, settings.reminders.bank_holidays);
        }
        Some(settings)
    }

    fn holidays(&mut self) -> Option<BankHolidays> {
        let text = self.file(HOLIDAYS)?;
        let (holidays, errors) = BankHolidays::read(&text);
        for error in &errors {
            let span = match error {
                BankHolidaysError::Form(error) => place::of_json_error(&text, error),
                BankHolidaysError::Division(words) | BankHolidaysError::Date(words) => {
                    place::of_quoted(&text, 0, words)
                }
                BankHolidaysError::Empty(division) => place::of_quoted(&text, 0, division.name()),
            };
            let words = match error {
                BankHolidaysError::Form(error) => {
                    format!("not in the form of gov.uk/bank-holidays.json: {}", place::words(error))
                }
                other => other.to_string(),
            };
            let help = "publish the file anew from https://www.gov.uk/bank-holidays.json";
            self.note(HOLIDAYS, Finding::new(span, words).help(help));
        }
        if errors.is_empty() {
            self.holidays = holidays.clone();
        }
        Some(holidays)
    }

    /// Notes a division that `file` asks for at `span` and nobody lists.
    pub(super) fn division(&mut self, file: &str, span: Range<usize>, division: Division) {
        self.divisions.insert(division);
        if self.holidays.is_empty() || self.holidays.of(division).is_some() {
            return;
        }
        let finding = Finding::new(span, format!("{HOLIDAYS} lists nothing for {division}"));
        self.note(file, finding.help("publish the file anew from https://www.gov.uk/bank-holidays.json"));
    }
}

/// What is wrong with a text that was no UTF-8: it was read with a sign in place of each byte that is none.
fn not_utf8(name: &str, text: &str) -> Option<Fault> {
    let at = text.find(char::REPLACEMENT_CHARACTER)?;
    let span = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
    Some(Fault::at(name, text, Finding::new(span, "is not UTF-8 here").help("save the file as UTF-8")))
}
