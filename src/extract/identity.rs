//! The ids of events that come of extracts.

use sha2::{Digest as _, Sha256};

use crate::case::{CaseRef, hex};

/// What tells the events of one label and case from one another: the source, and the key or the row, hashed
/// so that no cell stands in an id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Mark(String);

impl Mark {
    pub(super) fn of<'a>(source: &'a str, key: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hasher = Sha256::new();
        for part in std::iter::once(source).chain(key) {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Self(hex(&hasher.finalize()[..16]))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of an event, as it comes first.
pub(super) fn event_id(case: &CaseRef, label: &str, mark: &Mark) -> String {
    format!("{case}/{label}/{}", mark.0)
}

/// The id of the n-th event of one identity: the first has the identity's own, those that came back after a
/// retraction are counted.
pub(super) fn generation_id(first: &str, n: usize) -> String {
    if n == 1 { first.to_owned() } else { format!("{first}/{n}") }
}

/// The id of the n-th correction of an event.
pub(super) fn correction_id(event: &str, n: usize) -> String {
    format!("{event}/c{n}")
}

/// The id of the n-th retraction of an event.
pub(super) fn retraction_id(event: &str, n: usize) -> String {
    format!("{event}/r{n}")
}

/// The label and the mark that an id of an event of `case` has; `None` where it was not made here.
pub(super) fn parts<'a>(id: &'a str, case: &CaseRef) -> Option<(&'a str, &'a str)> {
    let rest = id.strip_prefix(case.as_str())?.strip_prefix('/')?;
    let (label, rest) = rest.split_once('/')?;
    Some((label, rest.split('/').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_pinned_for_logs_hold_them() {
        let case: CaseRef = "SD-1".parse().expect("a reference");
        let id = event_id(&case, "meeting-held", &Mark::of("/case-system", ["V-7"]));
        assert_eq!(id, "SD-1/meeting-held/5e921fd0b1c37dd7a4f46fd2e4ae1331");
        assert_eq!(generation_id(&id, 1), id);
        assert_eq!(parts(&generation_id(&id, 2), &case).map(|parts| parts.0), Some("meeting-held"));
        assert_ne!(Mark::of("/s", ["ab", "c"]), Mark::of("/s", ["a", "bc"]));
    }
}
