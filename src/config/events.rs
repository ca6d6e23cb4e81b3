//! The event types of a programme: the schema files of its folder and of the common one.

use std::ops::Range;

use super::load::{COMMON, EVENTS, Loader};
use super::{Fault, Finding, place};
use crate::case::{AreaId, Catalogue, CatalogueError, RoleId, types};

impl Loader {
    /// The schema files of a folder, as (path, event type, text).
    pub(super) fn types_of(&self, folder: &str) -> Vec<(String, String, String)> {
        self.under(&format!("{EVENTS}{folder}/"), ".json")
    }

    /// The event types of the programme whose folder this is, and of every programme.
    pub(super) fn catalogue(&mut self, id: &str, roles: &[RoleId], areas: &[AreaId]) -> Catalogue {
        let mut catalogue = Catalogue::new(roles.iter().map(ToString::to_string))
            .with_areas(areas.iter().map(ToString::to_string));
        for folder in [COMMON, id] {
            for (path, stem, schema) in self.types_of(folder) {
                let finding = match catalogue.add(&stem, &schema) {
                    Ok(()) => continue,
                    Err(CatalogueError::Json(error)) => {
                        let words = format!("this is no JSON: {}", place::words(&error));
                        Finding::new(place::of_json_error(&schema, &error), words)
                    }
                    Err(CatalogueError::Schema { pointer, reason }) => {
                        let span = place::of_pointer(&schema, &pointer).unwrap_or(0..0);
                        no_schema(&schema, span, &pointer, &reason)
                    }
                };
                self.note(&path, finding);
            }
        }
        for name in types::ALL {
            if catalogue.get(name).is_none() && !catalogue.is_broken(name) {
                let file = format!("{EVENTS}{COMMON}/{name}.json");
                let help = "every programme needs it; stepdown init DIR writes one to copy";
                self.faults.push(Fault::of_file(&file, "is missing").help(help));
            }
        }
        catalogue
    }
}

/// What is wrong with a schema: mostly its type is misspelt.
fn no_schema(text: &str, span: Range<usize>, pointer: &str, reason: &str) -> Finding {
    const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "array", "object", "null"];
    if pointer.ends_with("/type") {
        let word = text.get(span.clone()).unwrap_or_default().trim_matches('"').to_owned();
        return Finding::new(span, format!("this is no JSON Schema: \"{word}\" is no type"))
            .suggest(&word, TYPES);
    }
    let help = "a schema is JSON Schema, draft 2020-12: https://json-schema.org";
    Finding::new(span, format!("this is no JSON Schema: {reason}")).help(help)
}
