//! A programme file: whatever is in it, it is read, or refused with findings that lie within it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use stepdown::case::Catalogue;
use stepdown::config::{Config, Source};
use stepdown::programme::read;

static CATALOGUE: LazyLock<Config> = LazyLock::new(|| Config::load(&Source::Starter).expect("the starter"));

fn catalogue() -> &'static Catalogue {
    &CATALOGUE.admissions.values().next().expect("a programme").catalogue
}

fuzz_target!(|text: &str| {
    let (programme, findings) = read(text).check(catalogue());
    assert!(programme.is_some() || !findings.is_empty());
    for finding in findings {
        assert!(finding.span.start <= finding.span.end && text.is_char_boundary(finding.span.start.min(text.len())));
    }
});
