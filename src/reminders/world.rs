//! All that planning looks at: cases, policies, people, what was sent, and the time.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::saying::{Names, origin};
use super::{Away, Ledger, Office, People, Recipient, ReportOf, Saying};
use crate::calendar::{Calendar, CivilDate, Instant};
use crate::case::{CaseFile, CaseHistory, CaseRef, Cases, OccurrenceName, ProgrammeId, RoleId};
use crate::language::Wording;
use crate::programme::{Policy, Programme};
use crate::schedule::{Asked, CaseView, Places, Status, obligations};

/// The world at a moment.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Every case.
    pub cases: &'a Cases,
    /// Which of them count towards which limit.
    pub places: &'a Places,
    /// Every programme.
    pub policies: &'a HashMap<ProgrammeId, Policy>,
    /// Who is who.
    pub people: &'a People,
    /// What was sent.
    pub ledger: &'a Ledger,
    /// When and how reminders go.
    pub office: &'a Office,
    /// The moment.
    pub now: Instant,
}

/// A case that planning looks at: its file, to be read for as long as it is looked at, or what was read of it
/// already by one who looks often.
#[derive(Clone)]
pub enum Looked<'a> {
    /// Its file.
    File(&'a CaseFile),
    /// Its history.
    History(Arc<CaseHistory>),
}

impl<'a> From<&'a CaseFile> for Looked<'a> {
    fn from(file: &'a CaseFile) -> Self {
        Self::File(file)
    }
}

impl Looked<'_> {
    /// The case's reference.
    #[must_use]
    pub fn case(&self) -> &CaseRef {
        match self {
            Self::File(file) => file.case(),
            Self::History(history) => history.case(),
        }
    }

    /// The programme it came under first.
    #[must_use]
    pub fn programme(&self) -> &ProgrammeId {
        match self {
            Self::File(file) => file.programme(),
            Self::History(history) => history.programme(),
        }
    }

    /// Whether it was erased.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        matches!(self, Self::File(file) if file.erased().is_some())
    }

    /// Its history.
    #[must_use]
    pub fn history(&self) -> Cow<'_, CaseHistory> {
        match self {
            Self::File(file) => Cow::Owned(file.history()),
            Self::History(history) => Cow::Borrowed(history),
        }
    }
}

/// A case on a day, under its programme.
pub struct CaseOnDay<'a> {
    /// Its history.
    pub history: &'a CaseHistory,
    /// The policy it is under.
    pub policy: &'a Policy,
    /// The programme in force on that day.
    pub programme: &'a Programme,
    /// The working days of the case.
    pub calendar: &'a Calendar,
    /// The case on that day.
    pub view: CaseView<'a>,
}

/// How an obligation stands, ready to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What is to be done.
    pub title: Wording,
    /// Its status.
    pub status: Status,
    /// The day to act by.
    pub due_on: CivilDate,
    /// The policy's limit.
    pub deadline: CivilDate,
    /// The owning role, and its holder where there is one.
    pub owner: Saying,
    /// Where the rule comes from.
    pub rule: Saying,
    /// The report that goes with what reminds of it, if one does.
    pub report: Option<ReportOf>,
}

impl Standing {
    /// Whether it is still to be done, and this is the day to act by.
    #[must_use]
    pub fn is_due_on(&self, day: CivilDate) -> bool {
        self.due_on == day && matches!(self.status, Status::Open | Status::Overdue)
    }

    /// Whether it is still to be done by that deadline.
    #[must_use]
    pub fn is_still_due(&self, deadline: CivilDate) -> bool {
        self.deadline == deadline && matches!(self.status, Status::Open | Status::Overdue)
    }
}

impl<'a> World<'a> {
    /// The local day.
    #[must_use]
    pub fn today(&self) -> CivilDate {
        self.office.zone.civil_date(self.now)
    }

    /// The case on `on`; `None` where its programme is not configured any more.
    #[must_use]
    pub fn case_on<'h>(&self, history: &'h CaseHistory, on: CivilDate) -> Option<CaseOnDay<'h>>
    where
        'a: 'h,
    {
        let policy = self.policies.get(history.programme())?;
        let programme = policy.on(on);
        let view = CaseView::new(history, programme.zone, on, None);
        let calendar = policy.calendar(view.area());
        Some(CaseOnDay { history, policy, programme, calendar, view })
    }

    /// Where the key of a recipient leads today; nowhere for somebody who has left.
    #[must_use]
    pub fn recipient(&self, key: &str) -> Option<Recipient> {
        let person = Recipient::person_of(key).and_then(|id| id.parse().ok());
        if person.is_some_and(|id| matches!(self.people.present(&id, self.today()), Err(Away::Left(_)))) {
            return None;
        }
        let admin = self.office.admins.iter().find(|admin| *admin.key == *key);
        admin.cloned().or_else(|| self.people.find(key, |role| self.role_title(role)))
    }

    fn role_title(&self, role: &RoleId) -> String {
        // Programmes may name a role differently: one of them always speaks, so that a mailbox keeps its name.
        let having =
            self.policies.iter().filter_map(|(id, policy)| Some((id, policy.newest().roles.get(role)?)));
        let known = having.min_by_key(|(id, _)| *id).map(|(_, role)| role);
        known.map_or_else(|| role.to_string(), |known| known.title.to_string())
    }

    /// How every obligation of `case` stands on `on`.
    #[must_use]
    pub fn standings(&self, case: &CaseRef, on: CivilDate) -> HashMap<OccurrenceName, Standing> {
        let history = self.cases.get(case).map(CaseFile::history);
        let case = history.as_ref().and_then(|history| self.case_on(history, on));
        case.map(|case| case.standings(self.people)).unwrap_or_default()
    }
}

impl CaseOnDay<'_> {
    fn standings(&self, people: &People) -> HashMap<OccurrenceName, Standing> {
        let asked = Asked { on: self.view.on(), horizon: 0, named: None };
        let holders = self.view.holders();
        let names = Names { programme: Some(self.programme), people };
        let found = obligations(self.policy, &self.view, &asked);
        let standing = found.into_iter().map(|occurrence| {
            let rule = occurrence.rule;
            let owner = names.held(&rule.owner, holders.get(rule.owner.as_str()));
            let standing = Standing {
                title: occurrence.worded.title.clone(),
                status: occurrence.status,
                due_on: occurrence.due_on,
                deadline: occurrence.deadline,
                owner,
                rule: origin(&occurrence.worded.source, occurrence.worded.basis),
                report: ReportOf::with(self.history.programme(), &occurrence, &self.view),
            };
            (occurrence.name(self.view.case()), standing)
        });
        standing.collect()
    }
}
