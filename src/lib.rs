//! `stepdown` knows what is due for a child who moves from residential care to a foster family.

pub mod api;
pub mod calendar;
pub mod case;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod log;
pub mod mail;
pub mod programme;
pub mod reminders;
pub mod schedule;
