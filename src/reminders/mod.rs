//! Who is told, and when? From obligations, people and what was sent already to mail to send.
//!
//! [`plan`] decides what each case calls for now: the steps of ladders ([`decide`](mod@decide)), [`notices`],
//! limits that are [`exceeded`], corrections and calendar entries; each with a reason, and a reason too where nothing is sent. [`compose`]
//! makes a message of a plan as things stand at the moment of sending. The [`Ledger`] folds what became
//! of it from the facts in the log; [`Next`] says what to do with a message now, [`Office`] when digests go,
//! [`ClockWatch`] whether the clock is to be believed.
//!
//! Invariants: pure; a message's [`MessageKey`] is accepted once; nothing is remembered but in the log.

mod agenda;
mod amend;
mod capacity;
mod content;
pub mod decide;
mod delivery;
mod enclosure;
mod fact;
mod guard;
mod ladder;
mod ledger;
mod limit;
mod message;
mod notice;
mod people;
mod plan;
mod planning;
mod reason;
mod recorded;
mod route;
mod saying;
mod silence;
mod told;
mod walk;
mod withheld;
mod world;

pub use agenda::{Next, Office, backoff};
pub use capacity::{Capacity, Gap, Instead, Part};
pub use content::{BackupNews, Content, Item, NoticeContent, Trouble, WeeklyContent};
pub use decide::Held;
pub use delivery::{Delivery, State};
pub use enclosure::{Enclosed, ReportOf};
pub use fact::{Lapse, MailFact, Stage};
pub use guard::{ClockReading, ClockWatch};
pub use ladder::{Rung, fallen};
pub use ledger::{Counts, Hold, Ledger};
pub use limit::{LimitContent, exceeded};
pub use message::{Message, Standings, compose};
pub use notice::notices;
pub use people::{Absence, Away, People, Person, Recipient};
pub use plan::{CalendarEntry, Matter, MessageKey, MessageKind, Plan, PlannedItem};
pub use planning::{Planned, Planning, plan};
pub use reason::{Excuse, Reason, Step, When, Which};
pub use recorded::Recorded;
pub use route::{Desk, Route, Vacancy};
pub use saying::Saying;
pub use silence::Silence;
pub use told::{CaseTold, Shown, Telling, Told};
pub use walk::Walk;
pub use withheld::Withheld;
pub use world::{CaseOnDay, Looked, Standing, World};
