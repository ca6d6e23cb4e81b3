//! Which steps of which obligations of one case are told now, to whom, and why; and which are not.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::ladder::{Rung, fallen};
use super::reason::reason;
use super::{
    CalendarEntry, Capacity, CaseOnDay, CaseTold, Desk, Part, PlannedItem, Recipient, Route, Silence,
    Telling, Vacancy, Withheld, World,
};
use crate::calendar::CivilDate;
use crate::case::{CaseRef, OccurrenceName, RoleId};
use crate::programme::{Addressee, Late};
use crate::schedule::{Asked, Occurrence, Status, obligations};

/// Something to tell one recipient.
#[derive(Debug, Clone)]
pub struct Due {
    /// To whom.
    pub to: Arc<Recipient>,
    /// What, and why.
    pub item: PlannedItem,
    /// Whether it goes at once, on its own.
    pub urgent: bool,
}

/// A step that has fallen and is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The obligation.
    pub occurrence: OccurrenceName,
    /// The step.
    pub step: String,
    /// Who would have been told.
    pub to: Option<Arc<Recipient>>,
    /// Why not.
    pub why: Withheld,
}

/// What there is to say about one case.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is told.
    pub due: Vec<Due>,
    /// What is not.
    pub held: Vec<Held>,
    /// Roles that nobody answers for, and who is to know.
    pub vacancies: Vec<(Arc<Recipient>, Vacancy)>,
    /// What was told as overdue and was not.
    pub corrections: Vec<(Arc<str>, PlannedItem)>,
    /// What changes in calendars.
    pub calendar: Vec<(Arc<Recipient>, CalendarEntry)>,
    /// How many obligations are open, how many of them overdue, and how many of those have no step left.
    pub open: (usize, usize, usize),
}

/// Looks at one case. `digests`: whether the day's digests are planned, with all that goes with them.
#[must_use]
pub fn decide<'a>(case: &CaseOnDay<'a>, world: &World<'a>, digests: bool) -> Findings {
    let on = case.view.on();
    let asked = Asked { on, horizon: 0, named: None };
    let occurrences = obligations(case.policy, &case.view, &asked);
    let name = case.view.case();
    let overdue = occurrences.iter().filter(|occurrence| occurrence.status == Status::Overdue);
    let overdue = overdue.map(|occurrence| occurrence.rule.id.as_str()).collect();
    let desk = Desk::new(world.people, case.programme, &case.view);
    let mut decider = Decider {
        case,
        world,
        desk,
        told: world.ledger.told().case(name),
        silences: world
            .ledger
            .silences()
            .filter(|silence| (silence.from..=silence.until).contains(&on))
            .collect(),
        overdue,
        digests,
        findings: Findings::default(),
    };
    for occurrence in &occurrences {
        if matches!(occurrence.status, Status::Open | Status::Overdue) {
            decider.climb(occurrence);
        }
    }
    if digests {
        decider.corrections(&occurrences);
        decider.calendar(&occurrences);
    }
    decider.findings
}

pub(super) struct Decider<'c, 'a> {
    pub(super) case: &'c CaseOnDay<'a>,
    pub(super) world: &'c World<'a>,
    pub(super) desk: Desk<'c>,
    pub(super) told: Option<&'c CaseTold>,
    silences: Vec<&'c Silence>,
    /// The rules of which an occurrence is overdue.
    overdue: HashSet<&'c str>,
    digests: bool,
    pub(super) findings: Findings,
}

/// The steps that have fallen for one recipient, and in which capacity.
struct Climb<'r, 'p> {
    rungs: Vec<&'r Rung<'p>>,
    capacity: Capacity,
    yours: bool,
}

impl Decider<'_, '_> {
    pub(super) fn case(&self) -> &CaseRef {
        self.case.view.case()
    }

    pub(super) fn today(&self) -> CivilDate {
        self.case.view.on()
    }

    fn climb(&mut self, occurrence: &Occurrence<'_>) {
        let is_overdue = occurrence.status == Status::Overdue;
        self.findings.open.0 += 1;
        self.findings.open.1 += usize::from(is_overdue);
        let mut rungs = fallen(occurrence, self.case.calendar, self.today());
        let steps =
            occurrence.worded.ladder.steps.iter().map(|step| usize::from(step.times())).sum::<usize>();
        self.findings.open.2 += usize::from(is_overdue && rungs.len() == steps);
        let early = self.world.now < self.world.office.opens(self.today());
        rungs.retain(|rung| !(early && rung.step.urgent));
        if rungs.is_empty() || !(self.digests || rungs.iter().any(|rung| rung.step.urgent)) {
            return;
        }
        let name = occurrence.name(self.case());
        let mut vacancy = None;
        let climbs = self.recipients(occurrence, &rungs, &name, &mut vacancy);
        let mut told_owner = false;
        for (to, climb) in climbs {
            told_owner |= self.step(occurrence, &name, &to, &climb) && climb.yours;
        }
        if let Some(vacancy) = vacancy.filter(|_| told_owner) {
            self.raise(vacancy, occurrence);
        }
    }

    /// Who is told of which of the steps.
    fn recipients<'r, 'p>(
        &mut self,
        occurrence: &Occurrence<'_>,
        rungs: &'r [Rung<'p>],
        name: &OccurrenceName,
        vacancy: &mut Option<Vacancy>,
    ) -> BTreeMap<Arc<Recipient>, Climb<'r, 'p>> {
        let rule = occurrence.rule;
        let mut climbs: BTreeMap<Arc<Recipient>, Climb<'r, 'p>> = BTreeMap::new();
        let mut nobody = Vec::new();
        for rung in rungs {
            let mut tell = |route: Route, part: Part, yours: bool| {
                let capacity = Capacity { part, instead: route.instead };
                let new = || Climb { rungs: Vec::new(), capacity: capacity.clone(), yours };
                let climb = climbs.entry(route.to).or_insert_with(new);
                if yours && !climb.yours {
                    (climb.capacity, climb.yours) = (capacity, true);
                }
                if climb.rungs.last().is_none_or(|last| !std::ptr::eq(*last, rung)) {
                    climb.rungs.push(rung);
                }
            };
            let mut missing: Vec<(&RoleId, bool)> = Vec::new();
            for addressee in &rung.step.to {
                match addressee {
                    Addressee::Owner => {
                        let (route, found) = self.desk.owner(&rule.owner);
                        *vacancy = found;
                        match route {
                            Some(route) => tell(route, Part::Role(rule.owner.clone()), true),
                            None => missing.push((&rule.owner, true)),
                        }
                    }
                    Addressee::Also => {
                        for role in &occurrence.worded.also {
                            if let Some(route) = self.desk.concerned(role) {
                                tell(route, Part::Also(role.clone()), false);
                            }
                        }
                    }
                    Addressee::Manager => match self.desk.manager(&rule.owner) {
                        Some(route) => tell(route, Part::Manager(rule.owner.clone()), false),
                        None => missing.push((&rule.owner, false)),
                    },
                    Addressee::Role(role) => match self.desk.concerned(role) {
                        Some(route) => tell(route, Part::Role(role.clone()), false),
                        None => missing.push((role, false)),
                    },
                    Addressee::Address(address) => {
                        let to = Arc::new(Recipient::address(address, address));
                        tell(Route { to, instead: None }, Part::Address, false);
                    }
                }
            }
            // Never silence: where nobody else is there, the admins are.
            for (role, yours) in missing {
                let admins = &self.world.office.admins;
                if admins.is_empty() {
                    nobody.push(rung.name());
                }
                for admin in admins {
                    let route = Route { to: Arc::new(admin.clone()), instead: None };
                    tell(route, Part::LastResort(role.clone()), yours);
                }
            }
        }
        if let Some(step) = nobody.pop() {
            let why = Withheld::NobodyToTell(self.case.programme.role_title(&rule.owner).to_owned());
            self.findings.held.push(Held { occurrence: name.clone(), step, to: None, why });
        }
        climbs
    }

    /// Decides about the most severe step that has fallen for one recipient. Whether it is told.
    fn step(
        &mut self,
        occurrence: &Occurrence<'_>,
        name: &OccurrenceName,
        to: &Arc<Recipient>,
        climb: &Climb<'_, '_>,
    ) -> bool {
        let tellings = self.told.and_then(|told| told.tellings.get(name)).map_or(&[][..], Vec::as_slice);
        let before: Vec<&Telling> = tellings.iter().filter(|telling| telling.to == to.key).collect();
        let knows = |step: &str| before.iter().any(|t| t.covers(step) && t.deadline == occurrence.deadline);
        let news: Vec<_> = climb.rungs.iter().rev().take_while(|rung| !knows(&rung.name())).collect();
        // The last that has fallen; but an escalation gives way to no chaser.
        let Some(rung) = news.iter().find(|rung| rung.step.urgent).or(news.first()) else { return false };
        let step = rung.name();
        let ladder = &occurrence.worded.ladder;
        let missed = rung.falls_on < self.today();
        let nobody_knows = !tellings.iter().any(|t| t.covers(&step) && t.deadline == occurrence.deadline);
        // What somebody was told already is no news that could not wait: the next digest has it.
        let urgent = rung.step.urgent && !(missed && (ladder.late == Late::Digest || !nobody_knows));
        if !urgent && !self.digests {
            return false;
        }
        let others = climb.rungs.iter().map(|rung| rung.name());
        let superseded: Vec<_> = others.filter(|other| *other != step && !knows(other)).collect();
        for lower in &superseded {
            let why = Withheld::Superseded(step.clone());
            let (occurrence, to) = (name.clone(), Some(Arc::clone(to)));
            self.findings.held.push(Held { occurrence, step: lower.clone(), to, why });
        }
        if let Some(why) = self.withheld(occurrence, rung, to, missed) {
            self.findings.held.push(Held { occurrence: name.clone(), step, to: Some(Arc::clone(to)), why });
            return false;
        }
        let item = PlannedItem {
            occurrence: name.clone(),
            step,
            deadline: occurrence.deadline,
            overdue: occurrence.status == Status::Overdue,
            yours: climb.yours,
            reason: reason(rung, occurrence, &before, missed && nobody_knows, self.today()).into(),
            capacity: climb.capacity.clone().into(),
            superseded,
        };
        self.findings.due.push(Due { to: Arc::clone(to), item, urgent });
        true
    }

    fn withheld(
        &self,
        occurrence: &Occurrence<'_>,
        rung: &Rung<'_>,
        to: &Recipient,
        missed: bool,
    ) -> Option<Withheld> {
        let rule = occurrence.rule.id.as_str();
        let live = self.world.office.go_live.filter(|live| rung.falls_on < *live);
        let silence =
            || self.silences.iter().find(|silence| silence.covers(self.case(), rule, to, self.today()));
        match live {
            Some(live) => Some(Withheld::BeforeGoLive(live)),
            None if !rung.chases() && occurrence.status == Status::Open && self.overdue.contains(rule) => {
                Some(Withheld::Muted)
            }
            None if missed && occurrence.worded.ladder.late == Late::Skip => {
                Some(Withheld::Skipped(rung.falls_on))
            }
            None => silence().map(|silence| Withheld::Silenced((*silence).clone())),
        }
    }

    fn raise(&mut self, vacancy: Vacancy, occurrence: &Occurrence<'_>) {
        if self.world.ledger.knows_vacancy(&vacancy.case, &vacancy.role, &vacancy.cause)
            || self.findings.vacancies.iter().any(|(_, known)| *known == vacancy)
        {
            return;
        }
        if let Some(manager) = self.desk.manager(&occurrence.rule.owner) {
            self.findings.vacancies.push((manager.to, vacancy));
        } else {
            let admins = self.world.office.admins.iter().map(|admin| Arc::new(admin.clone()));
            self.findings.vacancies.extend(admins.map(|admin| (admin, vacancy.clone())));
        }
    }
}
