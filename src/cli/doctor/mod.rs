//! `doctor`: everything that a service depends on looked over; what is not in order, and what to do.
//!
//! What a daemon can say of itself is judged in [`standing`], which `status` asks too.

mod check;
mod clock;
mod configuration;
mod disk;
mod keys;
mod log;
mod permissions;
mod process;
mod relay;
pub mod standing;

use super::output::{print, print_json, table};
use super::{Context, Failure, Format};
use crate::log::Log;
use log::Patient;

pub use check::{Check, State};

pub fn run(context: &Context) -> Result<(), Failure> {
    let data = context.data()?;
    if Log::is_absent(&data) {
        let help = "name the right directory with --data DIR, or start a log with import or append";
        return Err(Failure::failed_with(&format!("there is no log in {}", data.display()), help));
    }
    let checks = look_over(context)?;
    let worst = checks.iter().map(|check| check.state).max().unwrap_or(State::Ok);
    match context.format {
        Format::Json => print_json(&checks)?,
        _ => print(&shown(&checks))?,
    }
    match worst {
        State::Ok => Ok(()),
        State::Warn => Err(Failure::told()),
        State::Fail => Err(Failure::told_failed()),
    }
}

/// Everything, from the ground up: the machine, the files, the log, the daemon, the way of the mail.
fn look_over(context: &Context) -> Result<Vec<Check>, Failure> {
    let (data, now) = (context.data()?, context.now());
    // A configuration with faults is one more finding, and hides none of the others.
    let config = context.config().ok();
    let mut checks = disk::checks(&data);
    checks.extend(permissions::checks(&data, context.source(), config.as_deref()));
    checks.extend(configuration::check(context.source(), now));
    if let Some(config) = &config {
        checks.extend(keys::checks(&data, config));
    }
    let Patient { checks: of_log, status } = log::examine(context, &data, config.is_some());
    checks.extend(of_log);
    checks.extend(clock::checks(config.as_deref(), status.as_ref(), now));
    if let Some(status) = &status {
        checks.extend(standing::checks(status, now));
        checks.extend(standing::no_backup(status));
        checks.extend(configuration::in_force(context.source(), status));
        checks.extend(process::checks(status, &data));
    }
    if let Some(config) = &config {
        checks.extend(relay::checks(&config.settings.mail, &data, now)?);
    }
    Ok(checks)
}

fn shown(checks: &[Check]) -> String {
    let mut table = table(&["State", "Check", "What there is", "What to do"]);
    for Check { name, state, says, remedy } in checks {
        table.add_row([state.name(), name, says, remedy.as_deref().unwrap_or_default()]);
    }
    format!("{table}\n")
}
