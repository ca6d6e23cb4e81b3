//! `stepdown` knows what is due for a child who moves from residential care to a foster family, and
//! tells the professionals in time.
//!
//! | room | question |
//! |---|---|
//! | [`access`] | who may ask what? |
//! | [`language`] | what is it called in English, and in Welsh? |
//! | [`calendar`] | what day is it, and which day is so many weeks or working days on? |
//! | [`case`](mod@case) | what happened, and how does it read today? |
//! | [`programme`] | what does the policy ask for? |
//! | [`schedule`] | when is this due, and why? |
//! | [`reminders`] | who is told, and when? |
//! | [`report`] | how well is the policy kept, and what does it achieve? |
//! | [`policy`] | which version of the policy was in force, and since when? |
//! | [`extract`] | what does a case system's CSV extract say, and what is new in it? |
//! | [`log`] | what was recorded, and is it all there? |
//! | [`config`] | what did the admin write, and does it hold together? |
//! | [`mail`] | what does the message say, and did it arrive? |
//! | [`daemon`] | what is to be done now? |
//! | [`api`] | what do others ask, and what are they told? |
//! | [`cli`] | what did the person type? |
//!
//! The first ten are pure: plain functions over values. Arrows run one way,
//! `cli → api → daemon → log, mail, config → policy → reminders → schedule → programme → case → calendar`;
//! `language` stands beside `case`, on `calendar`; `report` beside `policy`; `extract` beside `schedule`, on `programme`; `access` stands beside `programme`, on `case`. `tests/architecture.rs` checks both.

#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

pub mod access;
pub mod api;
pub mod calendar;
pub mod case;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod extract;
pub mod language;
pub mod log;
pub mod mail;
pub mod policy;
pub mod programme;
pub mod reminders;
pub mod report;
pub mod schedule;
