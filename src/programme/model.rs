//! The model of a programme's rules (`semantics` §2 to §4).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{AppliesTo, Example, Ladder, Limit, Matcher, Outcomes};
use crate::calendar::{CivilDate, Division, Offset, Period, Zone};
use crate::case::{AreaId, ProgrammeId, RoleId, RuleId, types};
use crate::language::{Language, Said, Wording};

/// A programme: a policy's roles, rules and notices.
#[derive(Debug, Clone)]
pub struct Programme {
    /// Its id, by which cases name it.
    pub id: ProgrammeId,
    /// Its name in mails and listings.
    pub title: Wording,
    /// The document it was read from.
    pub document: String,
    /// The zone in which instants become civil dates.
    pub zone: Zone,
    /// Whose bank holidays count.
    pub division: Division,
    /// Whose count instead for a case of this area.
    pub areas: BTreeMap<AreaId, Division>,
    /// Events that end every series of a case.
    pub ends_with: Vec<Matcher>,
    /// Who may hold which role.
    pub roles: BTreeMap<RoleId, Role>,
    /// What must be done.
    pub rules: Vec<Rule>,
    /// What is told when it happens.
    pub notices: Vec<Notice>,
    /// How many of its cases may hold something at one time.
    pub limits: Vec<Limit>,
    /// The stages a case passes through.
    pub stages: Vec<Stage>,
    /// What is counted of what it achieves.
    pub outcomes: Outcomes,
    /// What its author expects of it.
    pub examples: Vec<Example>,
    /// The first day on which it is in force; that of its adoption where the file names none.
    pub effective_from: Option<CivilDate>,
    /// Which series it governs from then on.
    pub applies_to: AppliesTo,
}

/// A stage of the work with a child, for lists.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name.
    pub title: Wording,
    /// The events by which a case comes into it.
    pub from: Vec<Matcher>,
}

impl Programme {
    /// The rule of this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id.as_str() == id)
    }

    /// Whether an event of this type can set off or call off a notice, or exceed a limit.
    #[must_use]
    pub fn notices_hear(&self, event_type: &str) -> bool {
        let mends = [types::EVENT_RETRACTED, types::EVENT_CORRECTED].contains(&event_type);
        let heard = self.notices.iter().flat_map(|notice| &notice.on);
        let heard = heard.chain(self.limits.iter().map(|limit| &limit.from));
        mends || heard.into_iter().any(|matcher| *matcher.event == *event_type)
    }

    /// The limit of this id.
    #[must_use]
    pub fn limit(&self, id: &str) -> Option<&Limit> {
        self.limits.iter().find(|limit| limit.id.as_str() == id)
    }

    /// A role's name for people, in English; its id where the programme does not know it.
    #[must_use]
    pub fn role_title<'a>(&'a self, role: &'a RoleId) -> &'a str {
        self.roles.get(role).map_or(role.as_str(), |known| known.title.english())
    }

    /// A role's name for people; its id where the programme does not know it.
    #[must_use]
    pub fn role_said<'a>(&'a self, role: &'a RoleId, language: Language) -> Said<'a> {
        let id = || Said { text: role.as_str().into(), asked: language, language };
        self.roles.get(role).map_or_else(id, |known| known.title.said(language))
    }
}

/// A role in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name in mails.
    pub title: Wording,
    /// Whether a team holds it as a whole, so that no person need be named in a case.
    pub team: bool,
    /// The role that is told where nobody can be told of the work of this one, and to which its work
    /// escalates where the holder names no manager.
    pub manager: Option<RoleId>,
}

/// A rule: what must be done, by when after what.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id; other people's data relies on it.
    pub id: RuleId,
    /// What is to be done, in a few words.
    pub title: Wording,
    /// How its occurrences follow from an anchor.
    pub shape: Shape,
    /// What starts a series.
    pub anchor: Anchor,
    /// From the anchor date to the series' start.
    pub offset: Offset,
    /// What ends a series, besides the programme's `ends_with`.
    pub until: Vec<Matcher>,
    /// What completes an occurrence; any of them does.
    pub done_by: Vec<Matcher>,
    /// The event from whose latest instance completions count, if not from the anchor.
    pub counts_from: Option<Matcher>,
    /// When the series does not come into being.
    pub unless: Option<Unless>,
    /// Who must do it.
    pub owner: RoleId,
    /// Who else is concerned.
    pub also: Vec<RoleId>,
    /// Whether the document sets the limit or we do.
    pub basis: Basis,
    /// The stage or service heading of the document.
    pub source: String,
    /// The document's words, or how they were read.
    pub reading: Option<String>,
    /// How it is reminded of.
    pub ladder: Arc<Ladder>,
    /// Whether the report on the programme is attached to what reminds of it.
    pub report: bool,
}

impl Rule {
    /// Whether it gives the same dates and the same owner as `other`: wording, ladders and who else is
    /// concerned move no date.
    #[must_use]
    pub fn has_terms_of(&self, other: &Self) -> bool {
        self.shape == other.shape
            && self.anchor == other.anchor
            && self.offset == other.offset
            && self.until == other.until
            && self.done_by == other.done_by
            && self.counts_from == other.counts_from
            && self.unless == other.unless
            && self.owner == other.owner
    }
}

/// What starts a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Anchor {
    /// The events that do.
    pub event: Matcher,
    /// The date field of the event's data that is the anchor date; the event's own date where the
    /// rule names none or the event leaves the field out.
    pub date: Option<String>,
}

/// The three shapes of rule (`semantics` §4).
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// One occurrence.
    Once {
        /// From the start to the deadline.
        due: Period,
        /// How long before the deadline it opens; on the start where `None`.
        opens: Option<Period>,
    },
    /// Every P for L: fixed windows, none of which makes up for another.
    Windows {
        /// P.
        every: Every,
        /// L; for ever where `None`.
        for_: Option<Period>,
    },
    /// Every P since the last one.
    Interval {
        /// P.
        every: Every,
        /// L; for ever where `None`.
        for_: Option<Period>,
    },
}

impl Shape {
    /// Its name in configuration and JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Once { .. } => "once",
            Self::Windows { .. } => "windows",
            Self::Interval { .. } => "interval",
        }
    }
}

/// How often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Every {
    /// The period the rule states.
    Period(Period),
    /// The period that this field of the anchor's data states.
    Field(String),
}

/// A pair of conditions under which an anchor starts nothing (`semantics` §8).
#[derive(Debug, Clone, PartialEq)]
pub struct Unless {
    /// It has happened before the anchor …
    pub since: Matcher,
    /// … and this has not happened in between.
    pub before: Matcher,
}

/// Where the limit of a rule, or across cases, comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The document states the limit.
    Policy,
    /// The document asks for the act; the limit is a default that an authority edits.
    Local,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Policy => "policy",
            Self::Local => "local",
        })
    }
}

/// Mail that goes out when something happens, with nothing to complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Its id.
    pub id: RuleId,
    /// What it tells, in a few words.
    pub title: Wording,
    /// What the recipient should know or do, in a sentence or two.
    pub text: Wording,
    /// What sets it off.
    pub on: Vec<Matcher>,
    /// How long after that it goes; at once when zero.
    pub after: Period,
    /// What calls off a notice whose time has not come.
    pub until: Vec<Matcher>,
    /// Whom it tells.
    pub to: Vec<RoleId>,
    /// The stage or service heading of the document.
    pub source: String,
}
