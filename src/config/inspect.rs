//! A check: everything that is wrong with a configuration, and what is only odd.

use std::collections::BTreeMap;

use chrono::Months;

use super::load::{COMMON, EVENTS, HOLIDAYS, LOCALES, Loader, PEOPLE, PROGRAMMES, TEMPLATES};
use super::source::SETTINGS;
use super::{AccessSettings, Config, Fault, Finding, Source, place};
use crate::calendar::CivilDate;

/// How long the bank holidays should still be known.
const MONTHS: Months = Months::new(13);

/// What a check found.
#[derive(Debug)]
pub struct Inspection {
    /// Every file, by its path within the configuration.
    pub files: BTreeMap<String, String>,
    /// Errors and warnings.
    pub faults: Vec<Fault>,
    /// The configuration, as far as it could be read.
    pub config: Option<Config>,
}

/// Looks through the whole configuration at `source`, as it stands on `today`.
#[must_use]
pub fn inspect(source: &Source, today: CivilDate) -> Inspection {
    let files = match source.files() {
        Ok(files) => files,
        Err((path, error)) => {
            let fault = Fault::of_file(&path.display().to_string(), format!("cannot be read: {error}"));
            let help = "write a starter configuration with: stepdown init DIR";
            return Inspection { files: BTreeMap::new(), faults: vec![fault.help(help)], config: None };
        }
    };
    let mut loader = Loader::new(files);
    let config = loader.config();
    loader.short_holidays(today);
    loader.strays();
    if let Some(config) = &config {
        loader.strangers(&config.settings.access);
    }
    let Loader { files, faults, .. } = loader;
    Inspection { files, faults, config }
}

impl Loader {
    /// Bank holidays that run out soon: past the last year that is listed, they would count as working days.
    fn short_holidays(&mut self, today: CivilDate) {
        let Some(wanted) = today.checked_add_months(MONTHS) else { return };
        for division in self.divisions.clone() {
            let Some(horizon) = self.holidays.horizon(division).filter(|horizon| *horizon < wanted) else {
                continue;
            };
            let text = self.files.get(HOLIDAYS).map(String::as_str).unwrap_or_default();
            let from = place::of_quoted(text, 0, division.name()).start;
            let last = self.holidays.of(division).and_then(|days| days.keys().last());
            let span = last.map_or(0..0, |day| place::of_quoted(text, from, &day.to_string()));
            let message = format!(
                "the bank holidays of {division} are known until {horizon}, not for the next 13 months: later ones would count as working days"
            );
            let help = "publish the file anew from https://www.gov.uk/bank-holidays.json";
            self.note(HOLIDAYS, Finding::warning(span, message).help(help));
        }
    }

    /// Users and groups that are listed and that this machine does not know; another machine may be meant.
    fn strangers(&mut self, access: &AccessSettings) {
        let text = self.files.get(SETTINGS).cloned().unwrap_or_default();
        for principal in access.strangers() {
            let span = place::of_quoted(&text, 0, &principal.to_string());
            let message = format!("this machine knows no {}", principal.to_string().replace(':', " "));
            let help = "nobody gets a role by it here; is the name right, or is it another machine's?";
            self.note(SETTINGS, Finding::warning(span, message).help(help));
        }
    }

    /// Files that nobody reads, each folder of them once.
    fn strays(&mut self) {
        let mut folders: BTreeMap<String, usize> = BTreeMap::new();
        let mut found = Vec::new();
        for name in self.files.keys() {
            if let Some((folder, _)) = name.strip_prefix(EVENTS).and_then(|rest| rest.split_once('/')) {
                if !self.programmes.is_empty()
                    && folder != COMMON
                    && !self.programmes.iter().any(|known| known == folder)
                {
                    *folders.entry(folder.to_owned()).or_default() += 1;
                }
                continue;
            }
            if [SETTINGS, PEOPLE, HOLIDAYS].contains(&name.as_str())
                || (name.starts_with(PROGRAMMES) && has_extension(name, "toml"))
                || name.starts_with(TEMPLATES)
                || (name.starts_with(LOCALES) && has_extension(name, "ftl"))
            {
                continue;
            }
            let fault = Fault::of_file(name, "is no file of a configuration: nobody reads it").warning();
            let finding = Finding::new(0..0, "").suggest(name, [SETTINGS, PEOPLE, HOLIDAYS]);
            let near = finding.help.filter(|help| help.starts_with("did you mean"));
            found.push(fault.help(near.unwrap_or_else(|| {
                "event types stand in events/PROGRAMME/, programmes in programmes/, mails in templates/, phrases in locales/LANGUAGE/"
                    .to_owned()
            })));
        }
        for (folder, count) in folders {
            let types = if count == 1 {
                "its event type is".to_owned()
            } else {
                format!("its {count} event types are")
            };
            let message = format!("no programme is called \"{folder}\": {types} not read");
            let known = self.programmes.iter().map(String::as_str).chain([COMMON]);
            let help = Finding::new(0..0, "").suggest(&folder, known).help.unwrap_or_default();
            found.push(Fault::of_file(&format!("{EVENTS}{folder}/"), message).warning().help(help));
        }
        self.faults.extend(found);
    }
}

fn has_extension(name: &str, wanted: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension == wanted)
}
