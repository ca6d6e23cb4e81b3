//! Reading the document's schemas: what they say of a value, and which of them a value meets.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::Value;
use stepdown::api::openapi::document;

/// The value that `pointer` leads to, through references.
pub fn at(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => at(pointed(reference)),
        None => value,
    }
}

pub fn pointed(reference: &str) -> &'static Value {
    let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} is elsewhere"));
    document().pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

/// The validators made so far, by where their schemas stand in memory.
static VALIDATORS: LazyLock<Mutex<HashMap<usize, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// A validator of `schema`, whose references lead into the document.
fn validator(schema: &'static Value) -> Arc<Validator> {
    let mut made = VALIDATORS.lock().expect("nobody panicked");
    let validator = made.entry(std::ptr::from_ref(schema).addr()).or_insert_with(|| {
        let mut whole = schema.clone();
        whole["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        whole["components"] = document()["components"].clone();
        let built = jsonschema::options().should_validate_formats(true).build(&whole);
        Arc::new(built.unwrap_or_else(|error| panic!("{error}: {schema}")))
    });
    Arc::clone(validator)
}

/// What is wrong with `value` by `schema`.
pub fn faults(schema: &'static Value, value: &Value) -> Vec<String> {
    let validator = validator(schema);
    let faults = validator.iter_errors(value);
    faults.map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Notes the named schemas that are met where `value`, which is valid, is read by `schema`.
pub fn met(schema: &'static Value, value: &Value, names: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        if let Some(name) = reference.strip_prefix("#/components/schemas/") {
            names.insert(name.to_owned());
        }
        met(pointed(reference), value, names);
    }
    for all in schema["allOf"].as_array().into_iter().flatten() {
        met(all, value, names);
    }
    for word in ["anyOf", "oneOf"] {
        let branches = schema[word].as_array().into_iter().flatten();
        branches
            .filter(|branch| faults(branch, value).is_empty())
            .for_each(|branch| met(branch, value, names));
    }
    for item in value.as_array().into_iter().flatten().take(200) {
        met(&schema["items"], item, names);
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        let property = schema["properties"].get(name);
        met(property.unwrap_or(&schema["additionalProperties"]), value, names);
    }
}
