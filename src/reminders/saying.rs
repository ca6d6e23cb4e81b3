//! Something to say in whatever language: which phrase of `locales/`, and what fills it.
//!
//! What is decided is kept as a value; a value says here which phrase it is, and a mail puts that into words.

use super::{Capacity, Excuse, Gap, Instead, Lapse, Part, People, Reason, Recorded, Step, When, Which};
use crate::calendar::{CivilDate, Instant};
use crate::case::{PersonId, RoleId};
use crate::language::Wording;
use crate::programme::{Basis, Programme};

/// Something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saying {
    /// A phrase by its id, and what fills it.
    Phrase(&'static str, Vec<(&'static str, Saying)>),
    /// One after the other, with commas.
    List(Vec<Saying>),
    /// How many there are.
    Count(i64),
    /// A day of this year: "1 June".
    Short(CivilDate),
    /// A day: "1 June 2026".
    Plain(CivilDate),
    /// A day with its weekday: "Monday 1 June 2026".
    Long(CivilDate),
    /// A day with the time of the day, in UTC.
    Moment(Instant),
    /// A name or a reference, which is the same in every language.
    Text(String),
    /// What an admin wrote in English and perhaps in Welsh.
    Wording(Wording),
}

impl Saying {
    /// A phrase that nothing fills.
    #[must_use]
    pub const fn phrase(id: &'static str) -> Self {
        Self::Phrase(id, Vec::new())
    }
}

/// What roles and persons are called where something is said.
pub(super) struct Names<'a> {
    /// The programme of the case that it is about, where it is configured.
    pub programme: Option<&'a Programme>,
    /// Who is who.
    pub people: &'a People,
}

impl Names<'_> {
    /// The role's title; its id where the programme does not know it.
    pub fn role(&self, role: &RoleId) -> Saying {
        let known = self.programme.and_then(|programme| programme.roles.get(role));
        known.map_or_else(|| Saying::Text(role.to_string()), |known| Saying::Wording(known.title.clone()))
    }

    /// The role, with its holder where there is one.
    pub fn held(&self, role: &RoleId, holder: Option<&PersonId>) -> Saying {
        let title = self.role(role);
        match holder {
            Some(holder) => {
                Saying::Phrase("owner-held", vec![("role", title), ("person", self.person(holder))])
            }
            None => title,
        }
    }

    fn person(&self, person: &PersonId) -> Saying {
        Saying::Text(self.people.name(person).to_owned())
    }
}

/// What a value of the log says; the names of roles and persons are looked up when it is said.
pub(super) trait Say {
    fn saying(&self, names: &Names<'_>) -> Saying;
}

impl<T: Say> Say for Recorded<T> {
    fn saying(&self, names: &Names<'_>) -> Saying {
        match self {
            Self::Said(words) => Saying::Wording(words.clone().into()),
            Self::Value(value) => value.saying(names),
        }
    }
}

impl Say for Reason {
    fn saying(&self, names: &Names<'_>) -> Saying {
        match self {
            Self::Step(step) => step.saying(names),
            Self::Excuse(excuse) => excuse.saying(names),
        }
    }
}

impl Say for Step {
    fn saying(&self, _: &Names<'_>) -> Saying {
        let which = match self.which {
            Which::Escalated => Saying::phrase("which-escalated"),
            Which::Moved(from) => Saying::Phrase("which-moved", vec![("day", Saying::Short(from))]),
            Which::First => Saying::phrase("which-first"),
            Which::Reminder => Saying::phrase("which-reminder"),
            Which::Chaser => Saying::phrase("which-chaser"),
            Which::ChaserOf { nth, of } => Saying::Phrase(
                "which-chaser-of",
                vec![("nth", Saying::Count(nth.into())), ("of", Saying::Count(of.into()))],
            ),
        };
        let when = match self.when {
            When::Passed(days) => Saying::Phrase("when-passed", vec![("days", Saying::Count(days))]),
            When::Today => Saying::phrase("when-today"),
            When::LastWorkingDay => Saying::phrase("when-last-working-day"),
            When::In(days) => Saying::Phrase("when-in", vec![("days", Saying::Count(days))]),
        };
        let said = vec![("which", which), ("when", when)];
        match self.late {
            Some(day) => {
                Saying::Phrase("reason-late", said.into_iter().chain([("day", Saying::Short(day))]).collect())
            }
            None => Saying::Phrase("reason", said),
        }
    }
}

impl Say for Excuse {
    fn saying(&self, _: &Names<'_>) -> Saying {
        match self {
            Self::NotCalledFor => Saying::phrase("excuse-not-called-for"),
            Self::DoneOn(day) => Saying::Phrase("excuse-done-on", vec![("day", Saying::Plain(*day))]),
            Self::Done => Saying::phrase("excuse-done"),
            Self::Waived => Saying::phrase("excuse-waived"),
            Self::Ended => Saying::phrase("excuse-ended"),
            Self::DeadlineIs(day) => Saying::Phrase("excuse-deadline-is", vec![("day", Saying::Plain(*day))]),
        }
    }
}

impl Say for Capacity {
    fn saying(&self, names: &Names<'_>) -> Saying {
        let part = self.part.saying(names);
        match &self.instead {
            None => part,
            Some(instead) => Saying::Phrase(
                "capacity-instead",
                vec![("capacity", part), ("instead", instead.saying(names))],
            ),
        }
    }
}

impl Say for Part {
    fn saying(&self, names: &Names<'_>) -> Saying {
        let about = |phrase, role| Saying::Phrase(phrase, vec![("role", names.role(role))]);
        match self {
            Self::Role(role) => about("capacity-role", role),
            Self::Also(role) => about("capacity-also", role),
            Self::Manager(role) => about("capacity-manager", role),
            Self::Notice(role) => about("capacity-notice", role),
            Self::LastResort(role) => about("capacity-last-resort", role),
            Self::Admin(roles) => {
                let roles = roles.iter().map(|role| names.role(role)).collect();
                Saying::Phrase("capacity-admin", vec![("roles", Saying::List(roles))])
            }
            Self::Address => Saying::phrase("capacity-address"),
            Self::Told(day) => Saying::Phrase("capacity-told", vec![("day", Saying::Short(*day))]),
        }
    }
}

impl Say for Instead {
    fn saying(&self, names: &Names<'_>) -> Saying {
        match self {
            Self::Gap(gap) => gap.saying(names),
            Self::Cover(gap) => Saying::Phrase("capacity-cover", vec![("gap", gap.saying(names))]),
        }
    }
}

impl Say for Gap {
    fn saying(&self, names: &Names<'_>) -> Saying {
        let said = |phrase, role, person: Option<&PersonId>, until: Option<CivilDate>| {
            let fills = [
                Some(("role", names.role(role))),
                person.map(|person| ("person", names.person(person))),
                until.map(|until| ("day", Saying::Short(until))),
            ];
            Saying::Phrase(phrase, fills.into_iter().flatten().collect())
        };
        match self {
            Self::Empty { role } => said("gap-empty", role, None, None),
            Self::Unlisted { role, person } => said("gap-unlisted", role, Some(person), None),
            Self::Left { role, person } => said("gap-left", role, Some(person), None),
            Self::Absent { role, person, until } => said("gap-absent", role, Some(person), Some(*until)),
        }
    }
}

impl Lapse {
    /// Why a message was given up, to be said.
    #[must_use]
    pub const fn saying(self) -> Saying {
        Saying::phrase(match self {
            Self::NothingLeft => "lapse-nothing-left",
            Self::DayOver => "lapse-day-over",
            Self::MayHaveArrived => "lapse-may-have-arrived",
            Self::Unclear => "lapse-unclear",
            Self::GivenUp => "lapse-given-up",
            Self::NoAddress => "lapse-no-address",
            Self::NoText => "lapse-no-text",
        })
    }
}

/// Where a rule comes from.
pub(super) fn origin(source: &str, basis: Basis) -> Saying {
    let basis = Saying::phrase(match basis {
        Basis::Policy => "basis-policy",
        Basis::Local => "basis-local",
    });
    Saying::Phrase("origin", vec![("source", Saying::Text(source.to_owned())), ("basis", basis)])
}
