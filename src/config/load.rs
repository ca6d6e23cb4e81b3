//! Loading: every file read, every fault reported at once.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use lettre::Address;
use lettre::message::Mailbox;

use super::{ConfigError, Fault, Settings, Source, people};
use crate::calendar::{BankHolidays, Calendar, Division};
use crate::case::{Admission, Catalogue, ProgrammeId};
use crate::policy::{Configured, Offices, Policies, ProgrammeText};
use crate::programme::{Finding, Policy, Programme, read};
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
}

const SETTINGS: &str = "stepdown.toml";
const PEOPLE: &str = "people.toml";
const HOLIDAYS: &str = "bank-holidays.json";
const PROGRAMMES: &str = "programmes/";
const TEMPLATES: &str = "templates/";
const EVENTS: &str = "events/";
const COMMON: &str = "common";

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
        let mut loader = Loader { files, faults: Vec::new() };
        match loader.config() {
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

/// Collects faults while it reads; `None` means a fault was noted.
struct Loader {
    files: BTreeMap<String, String>,
    faults: Vec<Fault>,
}

impl Loader {
    fn note(&mut self, file: &str, finding: Finding) {
        let text = self.files.get(file).map(String::as_str).unwrap_or_default();
        self.faults.push(Fault::at(file, text, finding));
    }

    fn file(&mut self, name: &str) -> Option<String> {
        let found = self.files.get(name).cloned();
        if found.is_none() {
            let help = "stepdown init DIR writes a whole configuration to copy it from";
            self.faults.push(Fault::of_file(name, "is missing").help(help));
        }
        found
    }

    /// The files directly or deeper under `folder`, as (path, stem, text).
    fn under(&self, folder: &str, extension: &str) -> Vec<(String, String, String)> {
        let inside = self.files.iter().filter(|(name, _)| name.starts_with(folder));
        inside
            .filter_map(|(name, text)| {
                let stem = Path::new(name).file_name()?.to_str()?.strip_suffix(extension)?;
                Some((name.clone(), stem.to_owned(), text.clone()))
            })
            .collect()
    }

    fn config(&mut self) -> Option<Config> {
        let settings = self.settings();
        let holidays = self.holidays();
        let programmes = self.programmes();
        let people = self.people(&programmes);
        let templates = self.under(TEMPLATES, "").into_iter().map(|(_, stem, text)| (stem, text)).collect();
        let (settings, holidays) = (settings?, holidays?);
        let calendar = self.calendar(&holidays, settings.reminders.bank_holidays);
        let (mut policies, mut texts) = (Policies::new(), BTreeMap::new());
        let mut admissions = HashMap::new();
        for (programme, catalogue) in programmes {
            let Some(calendar) = self.calendar(&holidays, programme.division) else { continue };
            let rules = programme.rules.iter().map(|rule| rule.id.to_string()).collect();
            let (id, programme) = (programme.id.clone(), Arc::new(programme));
            let text = self.files.get(&format!("{PROGRAMMES}{id}.toml")).map(String::as_str);
            texts.insert(id.clone(), ProgrammeText::new(text.unwrap_or_default(), Arc::clone(&programme)));
            admissions.insert(id.clone(), Admission { catalogue: Arc::new(catalogue), rules });
            policies.insert(id, Policy::new(programme, Arc::new(calendar)));
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
        })
    }

    fn settings(&mut self) -> Option<Settings> {
        let text = self.file(SETTINGS)?;
        let settings: Settings =
            toml::from_str(&text).map_err(|error| self.note(SETTINGS, error.into())).ok()?;
        for (key, why) in settings.contradictions() {
            let span = key_span(&text, key);
            self.note(SETTINGS, Finding::new(span, format!("{key}: {why}")));
        }
        Some(settings)
    }

    fn holidays(&mut self) -> Option<BankHolidays> {
        let text = self.file(HOLIDAYS)?;
        let help = "publish the file anew from https://www.gov.uk/bank-holidays.json";
        BankHolidays::from_json(&text)
            .map_err(|error| self.faults.push(Fault::of_file(HOLIDAYS, error.to_string()).help(help)))
            .ok()
    }

    fn calendar(&mut self, holidays: &BankHolidays, division: Division) -> Option<Calendar> {
        let calendar = Calendar::new(holidays, division);
        if calendar.is_none() {
            self.faults.push(Fault::of_file(HOLIDAYS, format!("lists nothing for {division}")));
        }
        calendar
    }

    fn programmes(&mut self) -> Vec<(Programme, Catalogue)> {
        let files = self.under(PROGRAMMES, ".toml");
        if files.is_empty() {
            self.faults.push(Fault::of_file(PROGRAMMES, "has no programme file (*.toml)"));
        }
        let mut programmes: Vec<(Programme, Catalogue)> = Vec::new();
        for (file, stem, text) in files {
            let Some((programme, catalogue)) = self.programme(&file, &text) else { continue };
            if programme.id.as_str() != stem {
                let message = format!("the file is named {stem}, the programme {}", programme.id);
                self.note(&file, Finding::new(key_span(&text, "id"), message).help("name both the same"));
            }
            programmes.push((programme, catalogue));
        }
        programmes
    }

    fn programme(&mut self, file: &str, text: &str) -> Option<(Programme, Catalogue)> {
        let mut note =
            |findings: Vec<Finding>| findings.into_iter().for_each(|finding| self.note(file, finding));
        let draft = read(text).map_err(&mut note).ok()?;
        let addresses = draft.addresses().iter().filter_map(|address| {
            let error = address.get_ref().parse::<Address>().err()?;
            let message = format!("\"{}\" is not a mail address: {error}", address.get_ref());
            Some(Finding::new(address.span(), message))
        });
        addresses.collect::<Vec<_>>().into_iter().for_each(|finding| self.note(file, finding));
        let roles = draft.programme().roles.keys().map(ToString::to_string);
        let id = draft.programme().id.clone();
        let mut catalogue = Catalogue::new(roles);
        for folder in [COMMON, id.as_str()] {
            for (path, stem, schema) in self.under(&format!("{EVENTS}{folder}/"), ".json") {
                if let Err(error) = catalogue.add(&stem, &schema) {
                    self.faults.push(Fault::of_file(&path, error.to_string()));
                }
            }
        }
        let checked = draft.check(&catalogue);
        let programme = checked
            .map_err(|findings| findings.into_iter().for_each(|finding| self.note(file, finding)))
            .ok()?;
        Some((programme, catalogue))
    }

    fn people(&mut self, programmes: &[(Programme, Catalogue)]) -> Option<People> {
        let text = self.file(PEOPLE)?;
        match people::read(&text) {
            Ok((people, teams)) => {
                for role in teams {
                    let known = programmes
                        .iter()
                        .any(|(programme, _)| programme.roles.contains_key(role.get_ref().as_str()));
                    if !known && !programmes.is_empty() {
                        let message = format!("\"{}\" is not a role of any programme", role.get_ref());
                        self.note(PEOPLE, Finding::new(role.span(), message));
                    }
                }
                Some(people)
            }
            Err(findings) => {
                for finding in findings {
                    self.note(PEOPLE, finding);
                }
                None
            }
        }
    }
}

/// The place of `key = …` or of the section `[….key]` in a TOML text; its start where neither stands.
fn key_span(text: &str, key: &str) -> std::ops::Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let is_key = content.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        if is_key || content.ends_with(&format!(".{key}]")) {
            return start..start + line.trim_end().len();
        }
        start += line.len();
    }
    0..0
}
