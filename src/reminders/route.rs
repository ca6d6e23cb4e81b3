//! Who is told of the work of a role: its holder, the cover, the team, the manager; never nobody in silence.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Away, Gap, Instead, People, Recipient, Recorded};
use crate::case::{CaseRef, PersonId, RoleId};
use crate::programme::Programme;
use crate::schedule::CaseView;

/// Where mail about a role's work goes.
#[derive(Debug, Clone)]
pub struct Route {
    /// To whom.
    pub to: Arc<Recipient>,
    /// Why it is not the holder of the role; nothing where it is.
    pub instead: Option<Instead>,
}

/// A role that somebody should hold and nobody can be told of, as it is told to those who can mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vacancy {
    /// The case.
    pub case: CaseRef,
    /// The role.
    pub role: RoleId,
    /// What happened, for telling it once: `empty:EVENT`, `unknown:ID`, `left:ID`, `absent:ID:FROM`.
    pub cause: String,
    /// The same as it is told.
    pub words: Recorded<Gap>,
}

/// The roles of one case on a day, and who answers for them.
pub struct Desk<'a> {
    people: &'a People,
    programme: &'a Programme,
    view: &'a CaseView<'a>,
    holders: HashMap<&'a str, PersonId>,
    found: RefCell<HashMap<RoleId, Found>>,
}

type Found = (Option<Route>, Option<(String, Gap)>);

impl<'a> Desk<'a> {
    /// The desk of the case that `view` shows, with those who hold its roles that day.
    #[must_use]
    pub fn new(people: &'a People, programme: &'a Programme, view: &'a CaseView<'a>) -> Self {
        Self { people, programme, view, holders: view.holders(), found: RefCell::default() }
    }

    fn holder(&self, role: &RoleId) -> Option<&PersonId> {
        self.holders.get(role.as_str())
    }

    /// Who is told of what concerns `role`: its holder, else the cover, else the team's mailbox.
    #[must_use]
    pub fn concerned(&self, role: &RoleId) -> Option<Route> {
        self.find(role).0
    }

    /// Who is told of what `role` must do: as [`Desk::concerned`], else the manager; and the vacancy that
    /// this shows, if it shows one.
    #[must_use]
    pub fn owner(&self, role: &RoleId) -> (Option<Route>, Option<Vacancy>) {
        let (route, found) = self.find(role);
        let route = route.or_else(|| {
            let manager = self.manager(role)?;
            Some(Route { to: manager.to, instead: found.as_ref().map(|(_, gap)| Instead::Gap(gap.clone())) })
        });
        let vacancy = found.map(|(cause, gap)| Vacancy {
            case: self.view.case().clone(),
            role: role.clone(),
            cause,
            words: gap.into(),
        });
        (route, vacancy)
    }

    /// The manager of who holds `role`, else whoever holds the role that manages it.
    #[must_use]
    pub fn manager(&self, role: &RoleId) -> Option<Route> {
        let holder = self.holder(role).and_then(|id| self.people.persons.get(id));
        let named = holder.and_then(|person| person.manager.as_ref());
        if let Some(manager) = named.and_then(|id| self.people.cover(id, self.view.on())) {
            return Some(Route { to: Arc::new(Recipient::person(manager)), instead: None });
        }
        let role = self.programme.roles.get(role)?.manager.as_ref()?;
        self.find(role).0
    }

    fn find(&self, role: &RoleId) -> Found {
        if let Some(found) = self.found.borrow().get(role) {
            return found.clone();
        }
        let found = self.look_up(role);
        self.found.borrow_mut().insert(role.clone(), found.clone());
        found
    }

    fn look_up(&self, role: &RoleId) -> Found {
        let title = self.programme.role_title(role);
        let is_team = self.programme.roles.get(role).is_some_and(|role| role.team);
        let team = |instead: Option<Instead>| {
            let email = self.people.teams.get(role)?;
            Some(Route { to: Arc::new(Recipient::team(role, title, email)), instead })
        };
        let Some(holder) = self.holder(role) else {
            if is_team {
                return (team(None), None);
            }
            // Whoever leaves the role anew leaves a new vacancy.
            let since = self.view.last_word_on(role.as_str());
            let cause = since.map_or_else(|| "empty".to_owned(), |event| format!("empty:{event}"));
            let gap = Gap::Empty { role: role.clone() };
            return (team(Some(Instead::Gap(gap.clone()))), Some((cause, gap)));
        };
        let away = match self.people.present(holder, self.view.on()) {
            Ok(person) => {
                return (Some(Route { to: Arc::new(Recipient::person(person)), instead: None }), None);
            }
            Err(away) => away,
        };
        let (role, person) = (role.clone(), holder.clone());
        let (cause, gap) = match &away {
            Away::Unknown => (format!("unknown:{holder}"), Gap::Unlisted { role, person }),
            Away::Left(_) => (format!("left:{holder}"), Gap::Left { role, person }),
            Away::Absent(absence) => {
                (format!("absent:{holder}:{}", absence.from), Gap::Absent { role, person, until: absence.to })
            }
        };
        let cover =
            matches!(away, Away::Absent(_)).then(|| self.people.cover(holder, self.view.on())).flatten();
        let cover = cover.map(|person| Route {
            to: Arc::new(Recipient::person(person)),
            instead: Some(Instead::Cover(gap.clone())),
        });
        let route = cover.or_else(|| team(Some(Instead::Gap(gap.clone()))));
        (route, Some((cause, gap)))
    }
}
