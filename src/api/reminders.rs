//! Questions about mail: what would go and why, what went, how it looks.

use serde::{Deserialize, Serialize};

use super::answer::{Answers, QueryError};
use super::horizon::is_within_reach;
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, OccurrenceName, PersonId};
use crate::config::Config;
use crate::daemon::{Records, enclose};
use crate::mail::{Post, Rendered};
use crate::reminders::{
    Delivery, Ledger, Looked, MessageKind, Office, Plan, PlannedItem, Planning, Recipient, Standings, Walk,
    World, compose, plan,
};
use crate::schedule::Places;

/// Which mail is asked about.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailQuery {
    /// The day; for a plan that of the next digests, where left out.
    #[serde(default, deserialize_with = "super::days::maybe")]
    pub on: Option<CivilDate>,
    /// To this person only.
    pub person: Option<PersonId>,
    /// About this case only.
    pub case: Option<CaseRef>,
}

/// A message that would go. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedMail {
    /// The day.
    pub on: CivilDate,
    /// The address.
    pub to: String,
    /// Its kind.
    pub kind: MessageKind,
    /// Its subject.
    pub subject: String,
    /// The obligations it tells of.
    pub items: Vec<MailItem>,
}

/// An obligation in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailItem {
    /// The obligation.
    pub occurrence: OccurrenceName,
    /// The step of its ladder.
    pub step: String,
    /// Why it is told, in plain words.
    pub reason: String,
}

/// A step that has fallen and would not be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldStep {
    /// The obligation.
    pub occurrence: OccurrenceName,
    /// The step.
    pub step: String,
    /// The address of who would have been told.
    pub to: Option<String>,
    /// Why not, in plain words.
    pub reason: String,
}

/// What would go, and what would not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailPlan {
    /// The day.
    pub on: CivilDate,
    /// The messages.
    pub messages: Vec<PlannedMail>,
    /// The steps that are not sent.
    pub held: Vec<HeldStep>,
}

/// A message that was planned, and what became of it. The field names are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMail {
    /// Its day.
    pub on: CivilDate,
    /// The address, as people.toml has it now; the recipient's key where it has none.
    pub to: String,
    /// Its kind.
    pub kind: MessageKind,
    /// `accepted`, `refused`, `lapsed`, or where it stands otherwise.
    pub state: String,
    /// Since when.
    pub since: Instant,
    /// How often it was tried.
    pub attempts: u32,
    /// Its `Message-ID`, once it was made.
    pub message_id: Option<String>,
    /// The last words about it: the server's, or why it was given up.
    pub words: String,
    /// The obligations it tells of.
    pub items: Vec<MailItem>,
}

/// A message as it would look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// What would go.
    pub mail: PlannedMail,
    /// What it says, as text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The whole message (RFC 5322).
    pub eml: String,
}

/// What questions about mail are answered from.
pub struct MailRoom<'a> {
    /// What the log adds up to.
    pub records: &'a Records,
    /// The configuration.
    pub config: &'a Config,
    /// What messages are made with.
    pub post: &'a Post,
    /// The moment.
    pub now: Instant,
}

impl From<&PlannedItem> for MailItem {
    fn from(item: &PlannedItem) -> Self {
        Self { occurrence: item.occurrence.clone(), step: item.step.clone(), reason: item.reason.to_string() }
    }
}

fn items(plan: &Plan) -> Vec<MailItem> {
    plan.matter.items().iter().map(MailItem::from).collect()
}

impl MailRoom<'_> {
    /// What would go on a day, to whom and why.
    ///
    /// For a day to come, as if nothing happened until then and every message between were delivered; for
    /// one that is past, as if today's knowledge had been there then.
    ///
    /// # Errors
    /// When the person is not listed, or the day is more than ten years ahead.
    pub fn plan(&self, query: &MailQuery) -> Result<MailPlan, QueryError> {
        let (on, planning, previews) = self.planned(query)?;
        let person = self.person_key(query)?;
        let held = planning.held.into_iter().filter(|held| {
            person.as_ref().is_none_or(|person| held.to.as_ref().is_some_and(|to| *to.key == **person))
        });
        let held = held.map(|held| HeldStep {
            occurrence: held.occurrence,
            step: held.step,
            to: held.to.map(|to| to.email.clone()),
            reason: held.why.to_string(),
        });
        let messages = previews.into_iter().map(|(mail, _)| mail).collect();
        Ok(MailPlan { on, messages, held: held.collect() })
    }

    /// The same messages as they would look.
    ///
    /// # Errors
    /// When the person is not listed, or the day is more than ten years ahead.
    pub fn preview(&self, query: &MailQuery) -> Result<Vec<Preview>, QueryError> {
        let (_, _, previews) = self.planned(query)?;
        let preview = |(mail, Rendered { text, html, bytes, .. })| Preview {
            mail,
            text,
            html,
            eml: String::from_utf8_lossy(&bytes).into_owned(),
        };
        Ok(previews.into_iter().map(preview).collect())
    }

    /// What was planned and what became of it, oldest first.
    ///
    /// # Errors
    /// When the person or the case is not known.
    pub fn sent(&self, query: &MailQuery) -> Result<Vec<SentMail>, QueryError> {
        let person = self.person_key(query)?;
        if let Some(case) = query.case.as_ref().filter(|case| self.records.cases.get(case).is_none()) {
            return Err(QueryError::UnknownCase(case.clone()));
        }
        let about = |delivery: &&Delivery| {
            query.case.as_ref().is_none_or(|case| delivery.plan.matter.concerns(case))
                && person.as_ref().is_none_or(|person| delivery.plan.to == *person)
                && query.on.is_none_or(|on| delivery.plan.on == on)
        };
        let mut found: Vec<_> = self.records.ledger.deliveries().filter(about).collect();
        found.sort_by_key(|delivery| (delivery.planned_at, &delivery.plan.key));
        let sent = found.into_iter().map(|delivery| SentMail {
            on: delivery.plan.on,
            to: self.answers().address(&delivery.plan.to),
            kind: delivery.plan.matter.kind(),
            state: delivery.state.name().to_owned(),
            since: delivery.since,
            attempts: delivery.attempts,
            message_id: delivery.message_id.clone(),
            words: delivery.words.clone(),
            items: items(&delivery.plan),
        });
        Ok(sent.collect())
    }

    pub(super) const fn answers(&self) -> Answers<'_> {
        Answers { records: self.records, config: self.config, now: self.now }
    }

    fn person_key(&self, query: &MailQuery) -> Result<Option<String>, QueryError> {
        let Some(person) = &query.person else { return Ok(None) };
        if !self.config.people.persons.contains_key(person) {
            return Err(QueryError::UnknownPerson(person.clone()));
        }
        Ok(Some(format!("{}.{person}", Recipient::PERSON)))
    }

    /// The day, what is planned on it, and each message as it would look.
    fn planned(&self, query: &MailQuery) -> Result<Planned, QueryError> {
        let office = self.config.office();
        let person = self.person_key(query)?;
        let today = office.zone.civil_date(self.now);
        let on = query.on.unwrap_or_else(|| match office.digest_day(&self.records.ledger, self.now) {
            Some(day) => day,
            None => office.zone.civil_date(office.next_digest(self.now)),
        });
        is_within_reach(today, on)?;
        let (policies, people) = (self.records.policies(self.config, None), &self.config.people);
        let (cases, sent) = (&self.records.cases, &self.records.ledger);
        let ledger = if on < today { sent.at_start_of(on) } else { sent.clone() };
        let places = self.answers().places(&policies, None);
        let mut walk = Walk::new((cases, &policies), (people, &office), ledger, self.now, &[])
            .with_limits(places.clone());
        today.iter_days().take_while(|day| *day < on).for_each(|day| walk.day(day, |_, _| {}));
        let ledger = walk.ledger().clone();
        let planning = self.of_day(on, &ledger, &places, &office);
        let now = self.moment(on, &office);
        let world = World {
            cases,
            places: &places,
            policies: &policies,
            people,
            ledger: &ledger,
            office: &office,
            now,
        };
        let waiting = ledger
            .waiting()
            .filter(|_| on == today)
            .filter_map(|delivery| Some((&delivery.plan, world.recipient(&delivery.plan.to)?)));
        let new = planning.messages.iter().map(|planned| (&planned.plan, planned.to.clone()));
        let wanted =
            waiting.chain(new).filter(|(plan, _)| person.as_ref().is_none_or(|person| plan.to == *person));
        let mut seen = Standings::new();
        let mut mails = Vec::new();
        for (plan, to) in wanted {
            let email = to.email.clone();
            let Some(mut message) = compose(plan, to, &world, &mut seen) else { continue };
            enclose(&mut message, &world, &self.config.phrases)
                .map_err(|error| QueryError::Mail(error.to_string()))?;
            let rendered =
                self.post.render(&message, now).map_err(|error| QueryError::Mail(error.to_string()))?;
            let kind = plan.matter.kind();
            let subject = rendered.subject.clone();
            mails.push((PlannedMail { on, to: email, kind, subject, items: items(plan) }, rendered));
        }
        Ok((on, planning, mails))
    }

    /// The moment at which a day is looked at: now, or when its steps may go.
    fn moment(&self, day: CivilDate, office: &Office) -> Instant {
        let opens = office.opens(day);
        if office.zone.civil_date(self.now) == day { opens.max(self.now) } else { opens }
    }

    fn of_day(&self, day: CivilDate, ledger: &Ledger, places: &Places, office: &Office) -> Planning {
        let (cases, policies) = (&self.records.cases, self.records.policies(self.config, None));
        let (people, now) = (&self.config.people, self.moment(day, office));
        let world = World { cases, places, policies: &policies, people, ledger, office, now };
        let looked_at: Vec<_> = cases.iter().map(Looked::from).collect();
        let digests = office.is_digest_day(day) && !ledger.digests_planned(day) && now < office.closes(day);
        plan(&world, &looked_at, digests.then_some(day))
    }
}

/// The day, what is planned on it, and each message as it would look.
type Planned = (CivilDate, Planning, Vec<(PlannedMail, Rendered)>);
