//! `events`: the catalogue, as an admin reads it.

use comfy_table::{Cell, ColumnConstraint, Table};
use serde_json::json;

use super::describe::{example, prose};
use super::output::{print, print_json, table};
use super::{Context, Failure, Format};
use crate::case::{Admission, ProgrammeId, nearest};
use crate::config::Config;
use crate::programme::{Effect, Meaning, Programme};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the event types: what each means, its data, what it does to which rules
    Types {
        /// Of this programme only
        #[arg(long)]
        programme: Option<ProgrammeId>,
    },
    /// Print the JSON Schema of an event type's data, as the file has it
    Schema(Named),
    /// Tell in words what an event type means, what follows from it, and how to record one
    Describe(Named),
}

#[derive(Debug, clap::Args)]
pub struct Named {
    /// The event type
    #[arg(value_name = "TYPE")]
    event_type: String,
    /// Of this programme; may be left out where no other has the type
    #[arg(long)]
    programme: Option<ProgrammeId>,
}

pub fn run(context: &Context, command: &Command) -> Result<(), Failure> {
    let config = context.config()?;
    match command {
        Command::Types { programme } => types(context, &catalogues(&config, programme.as_ref())?),
        Command::Schema(named) => {
            let (programme, _) = find(&config, named)?;
            print(&schema(context, &programme.id, &named.event_type)?)
        }
        Command::Describe(named) => {
            let (programme, admission) = find(&config, named)?;
            let catalogue = &admission.catalogue;
            let Some(kind) = catalogue.get(&named.event_type) else {
                return Err(unknown(&named.event_type, &[(programme, admission)]));
            };
            let meaning = Meaning::new(programme, kind);
            let example = example(programme, &config, kind, context.now());
            match context.format {
                Format::Json => print_json(&json!({ "meaning": meaning, "example": example })),
                _ => print(&prose(&meaning, programme, &example)),
            }
        }
    }
}

/// A programme with what the door knows of it.
type Known<'c> = (&'c Programme, &'c Admission);

/// The programmes, by id; only `wanted`, where one is wanted.
fn catalogues<'c>(config: &'c Config, wanted: Option<&ProgrammeId>) -> Result<Vec<Known<'c>>, Failure> {
    let known = config.programmes.iter().filter(|(id, _)| wanted.is_none_or(|wanted| wanted == *id));
    let known = known.filter_map(|(id, text)| Some((&**text.programme(), config.admissions.get(id)?)));
    let known: Vec<_> = known.collect();
    match wanted {
        Some(wanted) if known.is_empty() => {
            let ids: Vec<_> = config.programmes.keys().map(ProgrammeId::as_str).collect();
            Err(Failure::refused(
                &format!("there is no programme \"{wanted}\""),
                &suggestion(wanted.as_str(), &ids),
            ))
        }
        _ => Ok(known),
    }
}

/// The programme that has the type: of several, the one that is named.
fn find<'c>(config: &'c Config, named: &Named) -> Result<Known<'c>, Failure> {
    let known = catalogues(config, named.programme.as_ref())?;
    let has = |(_, admission): &&Known<'_>| admission.catalogue.get(&named.event_type).is_some();
    let having: Vec<_> = known.iter().filter(has).copied().collect();
    match having.as_slice() {
        [] => Err(unknown(&named.event_type, &known)),
        [only] => Ok(*only),
        several => {
            let ids: Vec<_> = several.iter().map(|(programme, _)| programme.id.as_str()).collect();
            Err(Failure::refused(
                &format!("{} programmes have the event type \"{}\"", several.len(), named.event_type),
                &format!("say which with --programme: {}", ids.join(", ")),
            ))
        }
    }
}

fn unknown(event_type: &str, known: &[Known<'_>]) -> Failure {
    let kinds = known.iter().flat_map(|(_, admission)| admission.catalogue.kinds());
    let mut names: Vec<_> = kinds.map(|kind| &*kind.name).collect();
    names.sort_unstable();
    names.dedup();
    Failure::refused(&format!("there is no event type \"{event_type}\""), &suggestion(event_type, &names))
}

fn suggestion(wanted: &str, known: &[&str]) -> String {
    match nearest(wanted, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("known: {}", known.join(", ")),
    }
}

/// The schema's file. That of the programme itself goes before the one that all share.
fn schema(context: &Context, programme: &ProgrammeId, event_type: &str) -> Result<String, Failure> {
    let files = context.source().files().map_err(|(path, error)| Failure::io(&path, &error))?;
    let file = format!("/{event_type}.json");
    let of = |folder: &str| {
        let folder = format!("events/{folder}/");
        let found = files.iter().rfind(|(name, _)| name.starts_with(&folder) && name.ends_with(&file));
        found.map(|(_, text)| text.clone())
    };
    of(programme.as_str())
        .or_else(|| of("common"))
        .ok_or_else(|| Failure::failed(&format!("the file of \"{event_type}\" is gone")))
}

fn types(context: &Context, known: &[Known<'_>]) -> Result<(), Failure> {
    let meanings = known.iter().flat_map(|(programme, admission)| {
        admission.catalogue.kinds().map(|kind| Meaning::new(programme, kind))
    });
    let meanings: Vec<_> = meanings.collect();
    match context.format {
        Format::Json => print_json(&meanings),
        _ if known.len() > 1 => {
            let listings = known.iter().map(|(programme, _)| {
                let of = meanings.iter().filter(|meaning| meaning.programme == programme.id);
                format!("{} ({})\n{}\n", programme.title, programme.id, listing(of))
            });
            print(&listings.collect::<Vec<_>>().join("\n"))
        }
        _ => print(&format!("{}\n", listing(meanings.iter()))),
    }
}

fn listing<'m>(meanings: impl Iterator<Item = &'m Meaning>) -> Table {
    let mut table = table(&["Type", "What it means", "Data", "What follows"]);
    if let Some(name) = table.column_mut(0) {
        name.set_constraint(ColumnConstraint::ContentWidth);
    }
    for meaning in meanings {
        let fields = meaning.fields.iter();
        let fields = fields.map(|field| format!("{}{}", field.name, if field.required { "" } else { "?" }));
        table.add_row([
            Cell::new(&meaning.event_type),
            Cell::new(&meaning.description),
            Cell::new(fields.collect::<Vec<_>>().join(", ")),
            Cell::new(in_short(meaning)),
        ]);
    }
    table
}

/// What follows from an event of the type: names where they are few, else their number.
fn in_short(meaning: &Meaning) -> String {
    let words = [
        ("starts", &meaning.starts, "rules"),
        ("completes", &meaning.completes, "rules"),
        ("ends", &meaning.ends, "rules"),
        ("sets off", &meaning.notices, "notices"),
        ("counts towards", &meaning.takes_place, "limits"),
        ("counts no more towards", &meaning.frees_place, "limits"),
    ];
    let mut all: Vec<_> = words.iter().filter_map(|(verb, named, what)| brief(verb, named, what)).collect();
    if meaning.ends_case {
        all.insert(0, "ends all of the case".to_owned());
    }
    all.extend(meaning.stages.iter().map(|stage| format!("→ {}", stage.title)));
    all.join("; ")
}

fn brief(verb: &str, named: &[Effect], what: &str) -> Option<String> {
    let mut ids: Vec<_> = named.iter().filter_map(|effect| effect.id.as_deref()).collect();
    ids.dedup();
    match ids.len() {
        0 => None,
        1 | 2 => Some(format!("{verb} {}", ids.join(", "))),
        many => Some(format!("{verb} {many} {what}")),
    }
}
