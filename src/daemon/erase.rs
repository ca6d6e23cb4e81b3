//! Erasing a case: judged and staged here, brought to its end by [`Writer::committed`].

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::sync::oneshot;

use super::{Handle, Records, Request, Writer};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseFile, CaseRef, CountedFrom, Retention, nearest, types};
use crate::config::Config;
use crate::log::{CaseErased, Fact, RecordsFact};
use crate::reminders::{Delivery, Lapse, MailFact, MessageKey, State};
use crate::schedule::CaseView;

/// What is to be erased, by whom and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraseOrder {
    /// Which case.
    pub case: CaseRef,
    /// By whom.
    pub author: String,
    /// Who was recognised as giving the order, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
    /// Why.
    pub reason: String,
    /// Even where the record must still be kept.
    #[serde(default)]
    pub before_retention: bool,
    /// How many events of the case were shown to whoever decided; any number, where left out.
    #[serde(default)]
    pub events: Option<u32>,
}

/// What an erasure destroys and what is known of it afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasing {
    /// The case.
    pub case: CaseRef,
    /// How many events are destroyed.
    pub events: u32,
    /// How many messages that wait are given up, since they tell of this case only.
    pub messages: usize,
    /// Until when the record must be kept; none where nothing says since when.
    pub retention: Option<Retention>,
    /// Whether it is erased before that.
    pub overridden: bool,
    /// By whom.
    pub author: String,
    /// Who was recognised as giving the order, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
    /// Why.
    pub reason: String,
}

/// Why a case is not erased.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EraseError {
    /// A text is missing.
    #[error("say {0}: it is recorded with the erasure, and others will want to know")]
    Missing(&'static str),
    /// There is no such case.
    #[error("there is no case {case}{}", near.as_ref().map(|near| format!(": did you mean {near}?")).unwrap_or_default())]
    Unknown {
        /// Its reference.
        case: CaseRef,
        /// One that is there and nearly called that.
        near: Option<String>,
    },
    /// It was erased before.
    #[error("case {case} was erased on {on} already")]
    Erased {
        /// The case.
        case: CaseRef,
        /// The local day.
        on: CivilDate,
    },
    /// Somebody still works with it.
    #[error("case {0} is open, and only a closed case is erased: close it first (stepdown close {0})")]
    Open(CaseRef),
    /// It must be kept.
    #[error(
        "the record of case {case} must be kept until {}, {years} years from {}; if it must be erased all the same, give --before-retention, which is recorded",
        retention.until, since(retention.counted_from)
    )]
    Kept {
        /// The case.
        case: CaseRef,
        /// Until when.
        retention: Retention,
        /// `retention_years` of the settings.
        years: u32,
    },
    /// Somebody recorded something since it was shown.
    #[error(
        "case {case} has {found} events now, not the {shown} that were shown; look at it again, then decide"
    )]
    MovedOn {
        /// The case.
        case: CaseRef,
        /// How many were shown.
        shown: u32,
        /// How many there are.
        found: u32,
    },
}

/// "the child's birth".
const fn since(counted_from: CountedFrom) -> &'static str {
    match counted_from {
        CountedFrom::Birth => "the child's birth",
        CountedFrom::Opening => "the day it was opened, as no birth is recorded",
    }
}

/// What an erasure would destroy, or why it is refused.
///
/// # Errors
/// See [`EraseError`].
pub fn judge_erasure(
    order: &EraseOrder,
    records: &Records,
    config: &Config,
    now: Instant,
) -> Result<Erasing, EraseError> {
    let EraseOrder { case, author, recorded_by, reason, before_retention, events } = order;
    let text = |text: &str, what| match text.trim() {
        "" => Err(EraseError::Missing(what)),
        given => Ok(given.to_owned()),
    };
    let (author, reason) = (text(author, "who orders it")?, text(reason, "why")?);
    let Some(file) = records.cases.get(case) else {
        let known = records.cases.iter().map(|file| file.case().as_str());
        let near = nearest(case.as_str(), known).map(str::to_owned);
        return Err(EraseError::Unknown { case: case.clone(), near });
    };
    let zone = config.settings.reminders.time_zone;
    if let Some(erased) = file.erased() {
        return Err(EraseError::Erased { case: case.clone(), on: zone.civil_date(erased.recorded) });
    }
    if let Some(shown) = events.filter(|shown| *shown != file.version().0) {
        return Err(EraseError::MovedOn { case: case.clone(), shown, found: file.version().0 });
    }
    let today = zone.civil_date(now);
    if !is_closed(file, records, config, today) {
        return Err(EraseError::Open(case.clone()));
    }
    let years = config.settings.records.retention_years;
    let retention = Retention::of(&file.history(), zone, years);
    let too_early = retention.filter(|retention| today <= retention.until);
    if let Some(retention) = too_early.filter(|_| !before_retention) {
        return Err(EraseError::Kept { case: case.clone(), retention, years });
    }
    Ok(Erasing {
        case: case.clone(),
        events: file.version().0,
        messages: records.ledger.waiting().filter(|delivery| fate(delivery, case).is_some()).count(),
        retention,
        overridden: too_early.is_some(),
        author,
        recorded_by: recorded_by.clone(),
        reason,
    })
}

/// Whether the work with a case is over. Of a programme that nobody knows any more, `case-closed` is the end.
fn is_closed(file: &CaseFile, records: &Records, config: &Config, today: CivilDate) -> bool {
    let (policies, history) = (records.policies(config, None), file.history());
    if let Some(policy) = policies.get(file.programme()) {
        return CaseView::new(&history, policy.newest().zone, today, None).is_closed(policy.on(today));
    }
    let read = history.read(None, config.settings.reminders.time_zone);
    let last = read.iter().rev().find(|event| {
        let name = event.event_type();
        name == types::CASE_OPENED || name == types::CASE_CLOSED
    });
    last.is_some_and(|event| event.event_type() == types::CASE_CLOSED)
}

/// Why a message that waits is given up when a case is erased; `None` where it goes on.
fn fate(delivery: &Delivery, case: &CaseRef) -> Option<(Lapse, &'static str)> {
    let matter = &delivery.plan.matter;
    match delivery.state {
        // It is on its way: what became of it is still to be heard.
        State::Transmitting => None,
        _ if matter.concerns_only(case) => Some((Lapse::NothingLeft, "the case it tells of was erased")),
        // It could only be sent again as it was.
        State::Ambiguous { .. } if matter.concerns(case) => {
            Some((Lapse::MayHaveArrived, "it may have arrived, and a case it tells of was erased"))
        }
        _ => None,
    }
}

impl Writer {
    /// Stages the erasure of a case: that it was, and that no message tells of it any more. Once that is committed
    /// the key is destroyed.
    ///
    /// # Errors
    /// See [`EraseError`]; nothing is staged then.
    pub fn erase(&mut self, order: &EraseOrder, now: Instant) -> Result<Erasing, EraseError> {
        let erasing = judge_erasure(order, self.records(), self.config(), now)?;
        let case = &erasing.case;
        let concerned = self.ledger().waiting().filter(|delivery| delivery.plan.matter.concerns(case));
        let concerned: Vec<(MessageKey, _)> =
            concerned.map(|delivery| (delivery.plan.key.clone(), fate(delivery, case))).collect();
        for (key, fate) in concerned {
            match fate {
                Some((cause, reason)) => {
                    let reason = reason.to_owned();
                    self.stage_fact(MailFact::MailLapsed { key, cause, reason }, None, now);
                }
                // It is written anew, without this case.
                None => self.stage_removal(&key),
            }
        }
        // A day of birth would still tell something of the child.
        let retained_until =
            erasing.retention.filter(|retention| retention.counted_from == CountedFrom::Opening);
        let fact = CaseErased {
            case: case.clone(),
            events: erasing.events,
            retained_until: retained_until.map(|retention| retention.until),
            overridden: erasing.overridden,
            author: erasing.author.clone(),
            recorded_by: erasing.recorded_by.clone(),
            reason: erasing.reason.clone(),
        };
        self.stage_own(Fact::Records(RecordsFact::CaseErased(fact)), now);
        self.let_be(case);
        Ok(erasing)
    }
}

impl Handle {
    /// Has a case erased; answered when its key is destroyed. `None`: the daemon is stopping.
    pub async fn erase(&self, order: EraseOrder) -> Option<Result<Erasing, EraseError>> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Erase(order, answer)).await.ok()?;
        answered.await.ok()
    }
}
