//! The document by itself, and beside the table of routes.

use std::collections::BTreeSet;

use serde_json::Value;
use stepdown::api::openapi::document;
use stepdown::api::routes;

use crate::schemas::{at, pointed};

/// The schema of OpenAPI 3.1 documents, <https://spec.openapis.org/oas/3.1/schema/2022-10-07> (Apache-2.0).
const META: &str = include_str!("oas-3.1.schema.json");

/// Each operation: its path, its method, and what is said of it.
pub fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    let paths = document()["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("an object");
        item.iter().map(move |(method, operation)| (&**path, &**method, operation))
    })
}

/// Each object in `value` that has `key`.
fn with(value: &'static Value, key: &str, each: &mut impl FnMut(&'static Value)) {
    if value.get(key).is_some() {
        each(value);
    }
    let below: Vec<_> = match value {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    for value in below {
        with(value, key, each);
    }
}

#[test]
fn it_is_an_openapi_3_1_document() {
    let meta: Value = serde_json::from_str(META).expect("JSON");
    let validator = jsonschema::validator_for(&meta).expect("a schema");
    let faults: Vec<_> = validator.iter_errors(document()).map(|error| error.to_string()).collect();
    assert_eq!(faults, <[String; 0]>::default());
}

/// The schema of documents says nothing of the schemas in them.
#[test]
fn its_schemas_are_json_schemas() {
    let schemas = document()["components"]["schemas"].as_object().expect("schemas");
    for (name, schema) in schemas {
        let judged = jsonschema::draft202012::meta::validate(schema);
        assert!(judged.is_ok(), "{name}: {judged:?}");
    }
    with(document(), "schema", &mut |holder| {
        if holder["schema"].is_object() {
            let judged = jsonschema::draft202012::meta::validate(&holder["schema"]);
            assert!(judged.is_ok(), "{holder}: {judged:?}");
        }
    });
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let mut used = BTreeSet::new();
    with(document(), "$ref", &mut |holder| {
        let reference = holder["$ref"].as_str().expect("a text");
        pointed(reference);
        used.insert(reference.to_owned());
    });
    for kind in ["schemas", "parameters", "responses"] {
        for name in document()["components"][kind].as_object().expect("components").keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(used.contains(&reference), "nothing refers to {reference}");
        }
    }
}

#[test]
fn every_field_and_every_parameter_is_described() {
    with(document(), "properties", &mut |object| {
        for (name, property) in object["properties"].as_object().expect("properties") {
            let text = property["description"].as_str().or_else(|| at(property)["description"].as_str());
            assert!(text.is_some_and(|text| text.ends_with(['.', ')'])), "{name} in {object}");
        }
    });
    for (path, method, operation) in operations() {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(at(parameter)["description"].is_string(), "{method} {path}: {parameter}");
        }
        for (status, answer) in operation["responses"].as_object().expect("answers") {
            assert!(at(answer)["description"].is_string(), "{method} {path}: {status}");
        }
    }
}

#[test]
fn it_has_the_routes_that_there_are_and_who_may_ask_them() {
    let documented: BTreeSet<_> = operations()
        .map(|(path, method, operation)| {
            let role = operation["x-role"].as_str().expect("a role");
            let told =
                operation["description"].as_str().is_some_and(|text| text.contains(&format!("`{role}`")));
            assert!(told, "{method} {path}");
            (path.to_owned(), method.to_uppercase(), role.to_owned())
        })
        .collect();
    let there: BTreeSet<_> = routes()
        .into_iter()
        .map(|route| (route.path.to_owned(), route.method.to_string(), route.role.to_string()))
        .collect();
    assert_eq!(documented, there);
}

#[test]
fn every_operation_has_a_name_of_its_own_and_a_tag_that_is_told_of() {
    let tags = document()["tags"].as_array().expect("tags");
    let tags: BTreeSet<_> = tags.iter().filter_map(|tag| tag["name"].as_str()).collect();
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations() {
        assert!(names.insert(operation["operationId"].as_str().expect("a name")), "{method} {path}");
        assert!(tags.contains(operation["tags"][0].as_str().expect("a tag")), "{method} {path}");
    }
}
