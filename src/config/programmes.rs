//! The programmes and the people, each judged by what the other says.

use std::ops::Range;

use lettre::Address;

use super::load::{EVENTS, Loader, PEOPLE, PROGRAMMES};
use super::{Fault, Settings, people, place};
use crate::case::{Catalogue, RoleId, nearest};
use crate::language::Language;
use crate::programme::{Finding, Owner, Programme, read};
use crate::reminders::People;

/// A programme file, as far as it could be read.
pub(super) struct Loaded {
    file: String,
    /// The texts that are in English alone.
    untranslated: Vec<Range<usize>>,
    pub programme: Option<Programme>,
    pub catalogue: Catalogue,
    roles: Vec<RoleId>,
    roles_lost: bool,
    owners: Vec<Owner>,
}

impl Loader {
    pub(super) fn programmes(&mut self) -> Vec<Loaded> {
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
    pub(super) fn untranslated(
        &mut self,
        settings: Option<&Settings>,
        people: Option<&People>,
        programmes: &[Loaded],
    ) {
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

    pub(super) fn people(&mut self, programmes: &[Loaded]) -> Option<People> {
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
