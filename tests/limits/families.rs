//! A programme with a limit of its own, beside the starter's: at most four families of one carer.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};
use stepdown::config::{Config, Source, init};
use tempfile::TempDir;

pub const LIMIT: &str = r#"
[[limit]]
id = "families-per-carer"
title = "Families of one family support foster carer"
from = "family-accepted"
per = "carer"
until = ["support-ended"]
at_most = 4
to = ["team-manager"]
basis = "policy"
source = "About Step Up Step Down"
reading = "Preventative support to up to four families at any one time."
"#;

/// The directory of the configuration, which lasts as long as the tests.
static DIR: LazyLock<TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), LIMIT);
    dir
});

pub static CONFIG: LazyLock<Arc<Config>> = LazyLock::new(|| config(DIR.path()));

pub fn config(dir: &Path) -> Arc<Config> {
    let config = Config::load(&Source::Directory(dir.to_owned()));
    Arc::new(config.unwrap_or_else(|error| panic!("{:?}", error.faults)))
}

/// Writes the starter with the programme `families` beside its own.
pub fn write(dir: &Path, limit: &str) {
    init(dir).expect("written");
    let starter = dir.join("programmes/lancashire-step-down.toml");
    let starter = std::fs::read_to_string(starter).expect("readable");
    let head = starter.split("# ──── Stage 1").next().expect("a head");
    let head = head.replace("id = \"lancashire-step-down\"", "id = \"families\"");
    std::fs::write(dir.join("programmes/families.toml"), format!("{head}\n{limit}")).expect("writable");
    let events = dir.join("events/families");
    std::fs::create_dir_all(&events).expect("writable");
    let text = json!({"type": "string", "minLength": 1});
    let schemas = [
        ("family-accepted", json!({"carer": text, "hours": {"type": "array", "items": text}})),
        ("support-ended", json!({"reason": text})),
    ];
    for (name, fields) in schemas {
        let schema = json!({"description": "It is so.", "type": "object", "properties": fields});
        std::fs::write(events.join(format!("{name}.json")), schema.to_string()).expect("writable");
    }
}

pub fn event(id: &str, case: &str, event_type: &str, day: &str, data: &Value) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "/test", "type": event_type, "subject": case,
           "time": format!("{day}T10:00:00Z"), "data": data})
}

/// The opening of a case, and that a carer accepts its family.
pub fn accepted(case: &str, carer: &str, day: &str) -> Vec<Value> {
    vec![
        event(&format!("{case}-1"), case, "case-opened", "2026-01-05", &json!({"programme": "families"})),
        event(&format!("{case}-2"), case, "family-accepted", day, &json!({ "carer": carer })),
    ]
}
