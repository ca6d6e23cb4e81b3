//! Loading: every file read, every fault reported at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use lettre::Address;
use lettre::message::Mailbox;

use super::source::{SETTINGS, fingerprint};
use super::{ConfigError, Fault, Settings, Source, people, phrasebook, place};
use crate::calendar::{BankHolidays, BankHolidaysError, Calendar, Calendars, Division};
use crate::case::{Admission, Catalogue, ProgrammeId, RoleId, nearest};
use crate::language::{Language, PhraseFault, Phrases};
use crate::policy::{Configured, Offices, Policies, ProgrammeText};
use crate::programme::{Finding, Owner, Policy, Programme, Severity, read, recover};
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

/// A programme file, as far as it could be read.
struct Loaded {
    file: String,
    /// The texts that are in English alone.
    untranslated: Vec<Range<usize>>,
    programme: Option<Programme>,
    catalogue: Catalogue,
    roles: Vec<RoleId>,
    roles_lost: bool,
    owners: Vec<Owner>,
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

    fn notes(&mut self, file: &str, findings: Vec<Finding>) {
        for finding in findings {
            self.note(file, finding);
        }
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
    fn division(&mut self, file: &str, span: Range<usize>, division: Division) {
        self.divisions.insert(division);
        if self.holidays.is_empty() || self.holidays.of(division).is_some() {
            return;
        }
        let finding = Finding::new(span, format!("{HOLIDAYS} lists nothing for {division}"));
        self.note(file, finding.help("publish the file anew from https://www.gov.uk/bank-holidays.json"));
    }

    fn programmes(&mut self) -> Vec<Loaded> {
        let files = self.under(PROGRAMMES, ".toml");
        if files.is_empty() {
            let help = "stepdown init DIR writes a programme to start from";
            self.faults.push(Fault::of_file(PROGRAMMES, "has no programme file (*.toml)").help(help));
        }
        files.into_iter().map(|(file, stem, text)| self.programme(file, &stem, &text)).collect()
    }

    fn programme(&mut self, file: String, stem: &str, text: &str) -> Loaded {
        let mut draft = read(text);
        for address in std::mem::take(&mut draft.addresses) {
            if let Err(error) = address.get_ref().parse::<Address>() {
                let message = format!("\"{}\" is not a mail address: {error}", address.get_ref());
                self.note(&file, Finding::new(address.span(), message));
            }
        }
        let id = draft.id.as_ref().map_or_else(|| stem.to_owned(), ToString::to_string);
        if id != stem {
            let message = format!("the file is named {stem}, the programme {id}");
            self.note(&file, Finding::new(place::of_key(text, "id"), message).help("name both the same"));
        }
        // A programme whose id is misspelt still has its event types.
        let folder = if self.types_of(&id).is_empty() { stem } else { id.as_str() };
        let catalogue = self.catalogue(folder, &draft.roles, &draft.areas);
        if self.types_of(folder).is_empty() && draft.forget_unknown_types(&catalogue) {
            let finding =
                Finding::new(place::of_key(text, "id"), format!("there are no event types in {EVENTS}{id}/"));
            self.note(&file, finding.help("each is a JSON Schema; is the folder named as the programme?"));
        }
        self.programmes.extend([stem.to_owned(), id]);
        let (roles, owners) = (std::mem::take(&mut draft.roles), std::mem::take(&mut draft.owners));
        let (divisions_at, roles_lost) = (std::mem::take(&mut draft.divisions_at), draft.roles_lost);
        let untranslated = std::mem::take(&mut draft.untranslated);
        let (programme, findings) = draft.check(&catalogue);
        self.notes(&file, findings);
        for (division, at) in divisions_at {
            self.division(&file, at, division);
        }
        Loaded { file, untranslated, programme, catalogue, roles, roles_lost, owners }
    }

    /// What nobody has put into Welsh, where somebody is to read it in Welsh: it would be said in English.
    fn untranslated(&mut self, settings: Option<&Settings>, people: Option<&People>, programmes: &[Loaded]) {
        let reads_welsh =
            |people: &People| people.persons.values().any(|person| person.language == Language::Welsh);
        if !settings.is_some_and(|settings| settings.reminders.bilingual) && !people.is_some_and(reads_welsh)
        {
            return;
        }
        for loaded in programmes {
            for span in &loaded.untranslated {
                let finding = Finding::warning(
                    span.clone(),
                    "is not in Welsh: who reads Welsh gets it in English, marked",
                );
                self.note(&loaded.file, finding.help("write { en = \"…\", cy = \"…\" }"));
            }
        }
    }

    fn people(&mut self, programmes: &[Loaded]) -> Option<People> {
        let text = self.file(PEOPLE)?;
        let listing = people::read(&text);
        self.notes(PEOPLE, listing.findings);
        let known: Vec<_> = programmes.iter().flat_map(|loaded| &loaded.roles).map(RoleId::as_str).collect();
        let roles_lost = programmes.iter().any(|loaded| loaded.roles_lost);
        let mut strangers = Vec::new();
        for role in &listing.teams {
            if !roles_lost && !known.is_empty() && !known.contains(&role.get_ref().as_str()) {
                let message = format!("\"{}\" is not a role of any programme", role.get_ref());
                strangers.push(role.get_ref().as_str());
                let finding = Finding::new(role.span(), message);
                self.note(PEOPLE, finding.suggest(role.get_ref(), known.iter().copied()));
            }
        }
        if !listing.lossy {
            let named: Vec<_> = listing.teams.iter().map(|role| role.get_ref().as_str()).collect();
            for loaded in programmes {
                // A team that is misspelt has a mailbox.
                let misspelt =
                    |owner: &&Owner| nearest(owner.id.as_str(), strangers.iter().copied()).is_some();
                let owners = loaded.owners.iter().filter(|owner| !misspelt(owner));
                for finding in owners.filter_map(|owner| unheard(owner, &named)) {
                    self.note(&loaded.file, finding);
                }
            }
        }
        Some(listing.people)
    }
}

/// A role that owns rules, that a team holds as a whole, and whose team has no mailbox: as nobody need be
/// named for it in a case, its work would reach nobody, or only ever the manager. A role that a person
/// holds is another thing: while nobody does, that is a vacancy, and somebody hears of it.
fn unheard(owner: &Owner, named: &[&str]) -> Option<Finding> {
    if !owner.role.team || named.contains(&owner.id.as_str()) {
        return None;
    }
    let first = owner.work.first()?;
    let work = match owner.work.len() {
        1 => format!("{first}"),
        many => format!("{first} and {} more that are for it", many - 1),
    };
    let message = format!("the team \"{}\" has no mailbox: nobody is told of {work}", owner.id);
    let finding = Finding::warning(owner.span.clone(), message);
    Some(finding.help(format!("add {} = \"…\" to [teams] in people.toml, or take team = true out", owner.id)))
}

/// What is wrong with a text that was no UTF-8: it was read with a sign in place of each byte that is none.
fn not_utf8(name: &str, text: &str) -> Option<Fault> {
    let at = text.find(char::REPLACEMENT_CHARACTER)?;
    let span = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
    Some(Fault::at(name, text, Finding::new(span, "is not UTF-8 here").help("save the file as UTF-8")))
}
