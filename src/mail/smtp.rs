//! The SMTP conversation (RFC 5321), stage by stage, each with a time limit of its own.
//!
//! lettre's errors do not know their stage, and its timeout covers connecting only; so every command
//! is driven and timed here. One recipient for each message. After any fault the connection is dropped.

use std::fs;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use lettre::Address;
use lettre::address::AddressError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use thiserror::Error;
use tokio::time::timeout;

use super::{Outcome, Parcel, Recorder};
use crate::config::{SmtpSettings, Tls};
use crate::reminders::Stage;

/// Why the relay of the configuration cannot be used at all.
#[derive(Debug, Error)]
pub enum SmtpSetupError {
    /// The password cannot be read.
    #[error("the SMTP password in {0} cannot be read: {1}")]
    Password(PathBuf, io::Error),
    /// TLS cannot be set up.
    #[error("TLS for {0} cannot be set up: {1}")]
    Tls(String, lettre::transport::smtp::Error),
}

/// Hands messages to a relay.
pub struct SmtpCourier {
    settings: SmtpSettings,
    sender: Address,
    credentials: Option<Credentials>,
    tls: Option<TlsParameters>,
    connection: Option<AsyncSmtpConnection>,
}

/// Where a conversation ended, and how.
struct Fault {
    stage: Stage,
    /// `Some(true)` for a 5xx answer, `Some(false)` for another answer, `None` for no answer.
    answered: Option<bool>,
    reason: String,
}

impl SmtpCourier {
    /// A courier to the relay of `settings`; `sender` is the envelope's sender.
    ///
    /// # Errors
    /// When the password cannot be read or TLS cannot be set up.
    pub fn new(settings: SmtpSettings, sender: Address) -> Result<Self, SmtpSetupError> {
        let credentials = match (&settings.username, &settings.password_file) {
            (Some(user), Some(path)) => {
                let password = fs::read_to_string(path)
                    .map_err(|error| SmtpSetupError::Password(path.clone(), error))?;
                Some(Credentials::new(user.clone(), password.trim_end_matches(['\r', '\n']).to_owned()))
            }
            _ => None,
        };
        let tls = match settings.tls {
            Tls::None => None,
            Tls::Starttls | Tls::Implicit => {
                let host = settings.host.clone();
                Some(TlsParameters::new(host.clone()).map_err(|error| SmtpSetupError::Tls(host, error))?)
            }
        };
        Ok(Self { settings, sender, credentials, tls, connection: None })
    }

    /// Hands one message over, connecting first where needed.
    pub async fn deliver(&mut self, parcel: &Parcel, recorder: &mut impl Recorder) -> Outcome {
        let to: Address = match parcel.to.parse() {
            Ok(to) => to,
            Err(error) => {
                let error: AddressError = error;
                return Outcome::Refused { stage: Stage::RcptTo, reason: error.to_string() };
            }
        };
        let connection = match self.connection.take() {
            Some(open) => Ok(open),
            None => self.connect().await,
        };
        let mut connection = match connection {
            Ok(connection) => connection,
            Err(fault) => return fault.outcome(),
        };
        match self.converse(&mut connection, to, parcel, recorder).await {
            Ok(Some(reply)) => {
                self.connection = Some(connection);
                Outcome::Accepted(reply)
            }
            Ok(None) => Outcome::Abandoned,
            Err(fault) => fault.outcome(),
        }
    }

    /// Ends the session, if one is open.
    pub async fn quit(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // The messages are handed over; whether the server hears QUIT changes nothing.
            let _ = timeout(self.settings.timeout_seconds, connection.quit()).await;
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Fault> {
        let limit = self.settings.timeout_seconds;
        let server = (self.settings.host.as_str(), self.settings.port);
        let name = ClientId::default();
        let implicit = self.tls.clone().filter(|_| self.settings.tls == Tls::Implicit);
        let connecting = AsyncSmtpConnection::connect_tokio1(server, Some(limit), &name, implicit, None);
        let mut connection = stage(Stage::Connect, limit, connecting).await?;
        if let (Tls::Starttls, Some(tls)) = (self.settings.tls, &self.tls) {
            stage(Stage::Tls, limit, connection.starttls(tls.clone(), &name)).await?;
        }
        if let Some(credentials) = &self.credentials {
            stage(Stage::Auth, limit, connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials))
                .await?;
        }
        Ok(connection)
    }

    /// Gives the server's words after the final dot; `None` if the log could not record that the
    /// message was about to leave.
    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        to: Address,
        parcel: &Parcel,
        recorder: &mut impl Recorder,
    ) -> Result<Option<String>, Fault> {
        let limit = self.settings.timeout_seconds;
        let mail = Mail::new(Some(self.sender.clone()), Vec::new());
        stage(Stage::MailFrom, limit, connection.command(mail)).await?;
        stage(Stage::RcptTo, limit, connection.command(Rcpt::new(to, Vec::new()))).await?;
        let go_ahead = stage(Stage::Data, limit, connection.command(Data)).await?;
        expect(Stage::Data, &go_ahead, 354)?;
        if !recorder.transmitting(&parcel.key).await {
            return Ok(None);
        }
        let done = stage(Stage::Message, limit, connection.message(&parcel.bytes)).await?;
        expect(Stage::Message, &done, 250)?;
        Ok(Some(words(&done)))
    }
}

fn words(response: &Response) -> String {
    let text: Vec<_> = response.message().collect();
    format!("{} {}", response.code(), text.join(" ")).trim_end().to_owned()
}

/// Any other positive answer than the one due means that the two sides are out of step.
fn expect(stage: Stage, response: &Response, code: u16) -> Result<(), Fault> {
    if response.has_code(code) {
        return Ok(());
    }
    let reason = format!("expected {code}, the server said: {}", words(response));
    Err(Fault { stage, answered: None, reason })
}

async fn stage<T>(
    stage: Stage,
    limit: Duration,
    step: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Fault> {
    match timeout(limit, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Fault {
            stage,
            answered: error.status().map(|_| error.is_permanent()),
            reason: error.to_string(),
        }),
        Err(_) => Err(Fault {
            stage,
            answered: None,
            reason: format!("no answer within {} seconds", limit.as_secs()),
        }),
    }
}

impl Fault {
    fn outcome(self) -> Outcome {
        let Self { stage, answered, reason } = self;
        match (stage, answered) {
            // A refusal here is of the session or the sender, not of this message: it must not fail a reminder.
            (Stage::Connect | Stage::Tls | Stage::Auth | Stage::MailFrom, _) => {
                Outcome::Deferred { stage, reason }
            }
            (_, Some(true)) => Outcome::Refused { stage, reason },
            (Stage::Message, None) => Outcome::Ambiguous(reason),
            (_, Some(false) | None) => Outcome::Deferred { stage, reason },
        }
    }
}
