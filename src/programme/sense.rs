//! Rules that can be read and do nothing: no series, no occurrence, an ending without effect.

use std::ops::Range;

use toml::Spanned;

use super::read::Reader;
use super::{Every, Finding, Matcher, Shape, Unless};
use crate::calendar::{Period, Unit};
use crate::case::types;

impl Reader {
    /// The next anchor event supersedes a series in any case: to end it by that changes nothing.
    pub(super) fn pointless_endings(
        &mut self,
        anchor: Option<&Matcher>,
        until: &[Matcher],
        at: &[Range<usize>],
    ) {
        for (_, span) in until.iter().zip(at).filter(|(ending, _)| Some(*ending) == anchor) {
            let message = "this is the rule's own anchor: the next one supersedes the series in any case";
            self.findings.push(Finding::warning(span.clone(), message).help("take it out of until"));
        }
    }

    /// A series comes into being only where `before` can lie between `since` and the anchor.
    pub(super) fn never_anchored(&mut self, unless: Option<&Unless>, at: Option<Range<usize>>) {
        let opening = |matcher: &Matcher| &*matcher.event == types::CASE_OPENED;
        let always = |unless: &&Unless| opening(&unless.since) && unless.since.conditions.is_empty();
        let (Some(unless), Some(at)) = (unless.filter(always), at) else { return };
        if opening(&unless.before) {
            let message = "this rule never applies: every case is opened before its anchor, and only once";
            self.findings.push(Finding::new(at, message).help("take unless out, or name another event"));
        }
    }

    /// Where the first deadline falls after the end, nothing is ever due.
    pub(super) fn no_occurrence(&mut self, shape: Option<&Shape>, for_: Option<&Spanned<String>>) {
        let (
            Some(Shape::Windows { every, for_: length } | Shape::Interval { every, for_: length }),
            Some(text),
        ) = (shape, for_)
        else {
            return;
        };
        if let (Every::Period(every), Some(length)) = (every, length)
            && days(*length).1 < days(*every).0
        {
            let message = format!("nothing is ever due: {length} is shorter than {every}");
            self.findings.push(Finding::new(text.span(), message).help("make for longer, or every shorter"));
        }
    }
}

/// How many days a period has at least and at most, roughly but never too narrowly.
fn days(period: Period) -> (u32, u32) {
    let count = u32::from(period.count());
    match period.unit() {
        Unit::Days => (count, count),
        Unit::Weeks => (7 * count, 7 * count),
        Unit::Months => ((30 * count).saturating_sub(2), 31 * count),
        Unit::WorkingDays => (count, 2 * count + 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_called_shorter_only_where_it_surely_is() {
        let shorter = |length: &str, every: &str| {
            let read = |text: &str| days(text.parse().expect("a period"));
            read(length).1 < read(every).0
        };
        assert!(shorter("1 week", "2 weeks") && shorter("3 weeks", "1 month") && shorter("0 days", "1 day"));
        assert!(
            !shorter("1 week", "7 days")
                && !shorter("1 month", "4 weeks")
                && !shorter("5 working days", "1 week")
        );
    }
}
