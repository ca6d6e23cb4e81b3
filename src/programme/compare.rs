//! What two versions of a rule have otherwise, in words.

use std::fmt;

use super::{Anchor, Every, Matcher, Rule, Shape};

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Period(period) => write!(f, "{period}"),
            Self::Field(field) => write!(f, "as {field} says"),
        }
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.date {
            Some(field) => write!(f, "{} ({field})", self.event),
            None => write!(f, "{}", self.event),
        }
    }
}

fn maybe<T: fmt::Display>(value: Option<&T>) -> String {
    value.map_or_else(|| "none".to_owned(), ToString::to_string)
}

fn list<T: fmt::Display>(values: &[T]) -> String {
    match values {
        [] => "none".to_owned(),
        values => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// The keys of a shape as the programme file has them, with their values.
fn keys(shape: &Shape) -> [(&'static str, String); 5] {
    let (due, opens, every, for_) = match shape {
        Shape::Once { due, opens } => (Some(due), opens.as_ref(), None, None),
        Shape::Windows { every, for_ } | Shape::Interval { every, for_ } => {
            (None, None, Some(every), for_.as_ref())
        }
    };
    [
        ("kind", shape.name().to_owned()),
        ("due", maybe(due)),
        ("opens", maybe(opens)),
        ("every", maybe(every)),
        ("for", maybe(for_)),
    ]
}

impl Rule {
    /// How its occurrences follow, as the programme file says it: "windows, every 1 week, for 6 weeks".
    #[must_use]
    pub fn shape_in_words(&self) -> String {
        let [(_, kind), rest @ ..] = keys(&self.shape);
        let given = rest.into_iter().filter(|(_, value)| value != "none");
        given.fold(kind, |words, (key, value)| format!("{words}, {key} {value}"))
    }

    /// The terms that `other` has otherwise, each as "key: this → that"; none where the dates are the same.
    #[must_use]
    pub fn differing_terms(&self, other: &Self) -> Vec<String> {
        let unless = |rule: &Self| {
            let words = |unless: &super::Unless| format!("since {}, before {}", unless.since, unless.before);
            rule.unless.as_ref().map_or_else(|| "none".to_owned(), words)
        };
        let counts_from = |rule: &Self| maybe::<Matcher>(rule.counts_from.as_ref());
        let mut pairs: Vec<_> = keys(&self.shape)
            .into_iter()
            .zip(keys(&other.shape))
            .map(|((key, this), (_, that))| (key, this, that))
            .collect();
        pairs.extend([
            ("anchor", self.anchor.to_string(), other.anchor.to_string()),
            ("offset", self.offset.to_string(), other.offset.to_string()),
            ("until", list(&self.until), list(&other.until)),
            ("done_by", list(&self.done_by), list(&other.done_by)),
            ("counts_from", counts_from(self), counts_from(other)),
            ("unless", unless(self), unless(other)),
            ("owner", self.owner.to_string(), other.owner.to_string()),
        ]);
        let differing = pairs.into_iter().filter(|(_, this, that)| this != that);
        differing.map(|(key, this, that)| format!("{key}: {this} → {that}")).collect()
    }

    /// Whether who is told of it, and when, differs although the dates may not.
    #[must_use]
    pub fn is_told_otherwise(&self, other: &Self) -> bool {
        self.also != other.also
            || self.ladder.steps != other.ladder.steps
            || self.ladder.late != other.ladder.late
    }
}
