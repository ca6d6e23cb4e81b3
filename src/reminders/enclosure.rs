//! What goes with a message beside its words: the report on a programme, with what reminds of its review.

use super::{Content, Item, Message};
use crate::calendar::CivilDate;
use crate::case::ProgrammeId;
use crate::programme::Rule;
use crate::schedule::{CaseView, Occurrence};

/// A report that goes with what reminds of an obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportOf {
    /// On this programme.
    pub programme: ProgrammeId,
    /// From this day on: that of the anchor event, or of the review before.
    pub from: CivilDate,
}

/// A file that goes with a message. Its name says nothing of anybody.
#[derive(Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// Its name.
    pub name: String,
    /// What it says, as HTML.
    pub html: String,
}

impl std::fmt::Debug for Enclosed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Enclosed({})", self.name)
    }
}

impl ReportOf {
    /// The report that goes with what reminds of `occurrence`, if one does.
    pub(super) fn with(
        programme: &ProgrammeId,
        occurrence: &Occurrence<'_>,
        view: &CaseView<'_>,
    ) -> Option<Self> {
        let Rule { report, done_by, .. } = occurrence.worded;
        if !report {
            return None;
        }
        let launched = occurrence.why.anchor_event_on;
        let reviews = view.matching(done_by).into_iter().filter_map(|place| view.event(place));
        let before = reviews.map(|review| review.date).rfind(|day| (launched..view.on()).contains(day));
        Some(Self { programme: programme.clone(), from: before.unwrap_or(launched) })
    }
}

impl Message {
    /// The reports that go with it, each once.
    #[must_use]
    pub fn reports(&self) -> Vec<ReportOf> {
        let items: &[Item] = match &self.content {
            Content::Digest(items) => items,
            Content::Escalation(item) => std::slice::from_ref(&**item),
            _ => &[],
        };
        let mut reports: Vec<ReportOf> = Vec::new();
        for report in items.iter().filter_map(|item| item.standing.report.as_ref()) {
            if !reports.contains(report) {
                reports.push(report.clone());
            }
        }
        reports
    }
}
