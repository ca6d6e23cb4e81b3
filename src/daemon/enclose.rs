//! The reports that go with a message: made by whoever sends or shows it, as things stand then.

use crate::language::Phrases;
use crate::reminders::{Enclosed, Message, World};
use crate::report::{PageError, Period, Scope, Subject, html, report};

/// Makes the reports that go with `message`, in the language of its recipient; small numbers are withheld, for mail goes
/// through many hands.
///
/// # Errors
/// When a phrase of the page is missing.
pub fn enclose(message: &mut Message, world: &World<'_>, phrases: &Phrases) -> Result<(), PageError> {
    let subject = Subject { cases: world.cases, policies: world.policies, ledger: world.ledger };
    for (n, wanted) in (1..).zip(message.reports()) {
        let today = world.today();
        let scope = Scope {
            period: Period { from: wanted.from.min(today), to: today },
            programme: Some(wanted.programme),
            small_numbers: false,
            language: message.to.language,
        };
        let name = if n == 1 { "report.html".to_owned() } else { format!("report-{n}.html") };
        message.enclosed.push(Enclosed { name, html: html(&report(subject, &scope), phrases)? });
    }
    Ok(())
}
