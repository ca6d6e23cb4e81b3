//! The way of the mail: whether the relay is there, encrypts, and lets stepdown in. No message goes.

use std::path::Path;
use std::time::Duration;

use super::Check;
use crate::calendar::Instant;
use crate::cli::Failure;
use crate::config::{MailSettings, SmtpSettings, Tls, Transport};
use crate::mail::{Outcome, Reached, Unreached, reach};
use crate::reminders::Stage;

/// How long each stage may take: somebody waits.
const LIMIT: Duration = Duration::from_secs(10);
/// How long a certificate should still hold.
const DAYS: i64 = 14;

const CHECK: &str = "relay";

pub fn checks(mail: &MailSettings, data: &Path, now: Instant) -> Result<Vec<Check>, Failure> {
    let (Transport::Smtp, Some(smtp)) = (mail.transport, &mail.smtp) else {
        let place = data.join(&mail.directory);
        let says = format!("mail goes into files in {}: nobody gets it", place.display());
        return Ok(vec![Check::warn(
            CHECK,
            says,
            "when all is ready: transport = \"smtp\" in stepdown.toml",
        )]);
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(&format!("the runtime cannot be started: {error}")))?;
    let server = format!("{} port {}", smtp.host, smtp.port);
    Ok(match runtime.block_on(reach(mail, smtp, LIMIT)) {
        Ok(reached) => open(smtp, &server, &reached, now),
        Err(Unreached::Setup(error)) => {
            vec![Check::fail(CHECK, error.to_string(), "look at [mail.smtp] in stepdown.toml")]
        }
        Err(Unreached::Broken(outcome)) => vec![broken(&server, &outcome)],
    })
}

fn open(smtp: &SmtpSettings, server: &str, reached: &Reached, now: Instant) -> Vec<Check> {
    let crypt = match smtp.tls {
        Tls::None => "not encrypted",
        Tls::Starttls | Tls::Implicit => "encrypted",
    };
    let login = match (&smtp.username, reached.without_login) {
        (None, _) => "without a login",
        (Some(_), false) => "logged in",
        (Some(_), true) => "the login was not tried, as only the service is handed the password",
    };
    let mut checks = vec![Check::ok(
        CHECK,
        format!("{server} answers this command, {crypt}, {login}; mail test asks the service"),
    )];
    checks.extend(reached.certificate_until.map(|until| certificate(until, now)));
    checks
}

fn certificate(until: Instant, now: Instant) -> Check {
    const CHECK: &str = "relay-certificate";
    let days = (until - now).num_days();
    let says = format!("it holds until {}, for {days} more days", until.date_naive());
    if days < DAYS {
        let remedy = "tell whoever runs the relay: with an old certificate no mail goes";
        return Check::warn(CHECK, says, remedy);
    }
    Check::ok(CHECK, says)
}

fn broken(server: &str, outcome: &Outcome) -> Check {
    let (stage, reason) = match outcome {
        Outcome::Deferred { stage, reason }
        | Outcome::NotSent { stage, reason }
        | Outcome::Refused { stage, reason } => (*stage, reason.as_str()),
        Outcome::Ambiguous(reason) | Outcome::Accepted(reason) => (Stage::Message, reason.as_str()),
        Outcome::Abandoned => (Stage::Message, "it was abandoned"),
    };
    let remedy = match stage {
        Stage::Connect => {
            "are host and port in [mail.smtp] right, does the relay run, does a firewall or IPAddressAllow= let stepdown through?"
        }
        Stage::Tls => {
            "is tls in [mail.smtp] right, does the certificate name this host, does ca_file hold the authority that signed it?"
        }
        Stage::Auth => "are username and password in [mail.smtp] those that the relay knows?",
        _ => "stepdown mail test ADDRESS says more",
    };
    Check::fail(CHECK, format!("{server}: it broke off at {stage}: {reason}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;

    #[test]
    fn a_certificate_is_told_of_two_weeks_before_it_ends() {
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let until = at("2027-03-09T00:00:00Z");
        assert_eq!(certificate(until, at("2027-02-22T00:00:00Z")).state, State::Ok);
        assert_eq!(certificate(until, at("2027-02-24T00:00:00Z")).state, State::Warn);
    }
}
