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
mod route;
mod silence;
mod told;
mod walk;
mod world;

pub use agenda::{Next, Office, backoff};
pub use decide::Held;
pub use delivery::{Delivery, State};
pub use enclosure::{Enclosed, ReportOf};
pub use fact::{Lapse, MailFact, Stage};
pub use guard::{ClockReading, ClockWatch};
pub use ladder::{Rung, fallen};
pub use ledger::{Counts, Hold, Ledger};
pub use limit::{LimitContent, exceeded};
pub use message::{Content, Item, Message, NoticeContent, Standings, Trouble, WeeklyContent, compose};
pub use notice::notices;
pub use people::{Absence, Away, People, Person, Recipient};
pub use plan::{CalendarEntry, Matter, MessageKey, MessageKind, Plan, PlannedItem};
pub use planning::{Planned, Planning, plan};
pub use reason::Withheld;
pub use route::{Desk, Route, Vacancy};
pub use silence::Silence;
pub use told::{CaseTold, Shown, Telling, Told};
pub use walk::Walk;
pub use world::{CaseOnDay, Looked, Standing, World};
