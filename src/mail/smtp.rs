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
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use thiserror::Error;
use tokio::net::TcpStream;
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
    /// There are no credentials here.
    #[error(
        "the credential {0} of the SMTP password is not there: stepdown was not started by systemd with LoadCredential={0}:FILE"
    )]
    Credential(String),
    /// The certificate of the authority cannot be read.
    #[error("the certificate in {0} cannot be read: {1}")]
    Authority(PathBuf, io::Error),
    /// TLS cannot be set up.
    #[error("TLS for {0} cannot be set up: {1}")]
    Tls(String, lettre::transport::smtp::Error),
}

/// Hands messages to a relay, over one conversation at a time.
pub struct SmtpCourier {
    settings: SmtpSettings,
    sender: Address,
    credentials: Option<Credentials>,
    tls: Option<TlsParameters>,
    /// Open for the next message.
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
        let credentials = match (&settings.username, password(&settings)?) {
            (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password)),
            _ => None,
        };
        let tls = match settings.tls {
            Tls::None => None,
            Tls::Starttls | Tls::Implicit => Some(tls(&settings)?),
        };
        Ok(Self { settings, sender, credentials, tls, connection: None })
    }

    /// The same with a conversation over `stream`, a server on the other side of which has yet to greet.
    ///
    /// # Errors
    /// The outcome of a delivery that comes no further than this.
    pub async fn over(mut self, stream: Box<dyn AsyncTokioStream>) -> Result<Self, Outcome> {
        self.connection = Some(self.greet(stream).await.map_err(Fault::outcome)?);
        Ok(self)
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

    /// Goes as far as a message would, without one: connects, encrypts, logs in, and takes leave. Gives the
    /// certificate that the relay showed (DER), where the conversation is encrypted.
    ///
    /// # Errors
    /// The outcome of a delivery that comes no further than this.
    pub async fn knock(&mut self) -> Result<Option<Vec<u8>>, Outcome> {
        let connection = self.connect().await.map_err(Fault::outcome)?;
        // In a conversation that is not encrypted there is none.
        let certificate = connection.peer_certificate().ok();
        self.connection = Some(connection);
        self.quit().await;
        Ok(certificate)
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
        if let (Tls::Implicit, Some(tls)) = (self.settings.tls, &self.tls) {
            let name = ClientId::default();
            let connecting =
                AsyncSmtpConnection::connect_tokio1(server, Some(limit), &name, Some(tls.clone()), None);
            return self.log_in(stage(Stage::Connect, limit, connecting).await?).await;
        }
        let refused = |reason: String| Fault { stage: Stage::Connect, answered: None, reason };
        let connecting = timeout(limit, TcpStream::connect(server)).await;
        let stream = connecting
            .map_err(|_| refused(format!("no connection within {} seconds", limit.as_secs())))?
            .map_err(|error| refused(error.to_string()))?;
        // lettre writes the final dot apart from the text: without this, it waits for the answer to the text.
        stream.set_nodelay(true).map_err(|error| refused(error.to_string()))?;
        self.greet(Box::new(stream)).await
    }

    async fn greet(&self, stream: Box<dyn AsyncTokioStream>) -> Result<AsyncSmtpConnection, Fault> {
        let limit = self.settings.timeout_seconds;
        let name = ClientId::default();
        let connecting = AsyncSmtpConnection::connect_with_transport(stream, &name);
        let mut connection = stage(Stage::Connect, limit, connecting).await?;
        if let (Tls::Starttls, Some(tls)) = (self.settings.tls, &self.tls) {
            stage(Stage::Tls, limit, connection.starttls(tls.clone(), &name)).await?;
        }
        self.log_in(connection).await
    }

    async fn log_in(&self, mut connection: AsyncSmtpConnection) -> Result<AsyncSmtpConnection, Fault> {
        if let Some(credentials) = &self.credentials {
            let limit = self.settings.timeout_seconds;
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
        let begun = stage(Stage::MailFrom, limit, connection.command(mail)).await?;
        expect(Stage::MailFrom, &begun, 250)?;
        let known = stage(Stage::RcptTo, limit, connection.command(Rcpt::new(to, Vec::new()))).await?;
        if !known.has_code(251) {
            expect(Stage::RcptTo, &known, 250)?;
        }
        let go_ahead = stage(Stage::Data, limit, connection.command(Data)).await?;
        expect(Stage::Data, &go_ahead, 354)?;
        if !recorder.transmitting(&parcel.key).await {
            return Ok(None);
        }
        // RFC 5321 §4.5.3.2.6: a server may take its time over the whole message.
        let limit = limit.max(self.settings.final_timeout_seconds);
        let done = stage(Stage::Message, limit, connection.message(&parcel.bytes)).await?;
        expect(Stage::Message, &done, 250)?;
        Ok(Some(words(&done)))
    }
}

/// The password from its file, or from systemd (`$CREDENTIALS_DIRECTORY`, systemd.exec(5)).
fn password(settings: &SmtpSettings) -> Result<Option<String>, SmtpSetupError> {
    let path = match (&settings.password_file, &settings.password_credential) {
        (Some(path), _) => path.clone(),
        (None, Some(name)) => {
            let directory = std::env::var_os("CREDENTIALS_DIRECTORY");
            let directory = directory.ok_or_else(|| SmtpSetupError::Credential(name.clone()))?;
            PathBuf::from(directory).join(name)
        }
        (None, None) => return Ok(None),
    };
    let text = fs::read_to_string(&path).map_err(|error| SmtpSetupError::Password(path, error))?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn tls(settings: &SmtpSettings) -> Result<TlsParameters, SmtpSetupError> {
    let host = &settings.host;
    let fault = |error| SmtpSetupError::Tls(host.clone(), error);
    let mut builder = TlsParameters::builder(host.clone());
    if let Some(path) = &settings.ca_file {
        let pem = fs::read(path).map_err(|error| SmtpSetupError::Authority(path.clone(), error))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(fault)?);
    }
    builder.build().map_err(fault)
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

/// Whether a permanent refusal is of access to the relay (RFC 3463: 5.7.x, RFC 4954: 530, 535, 538), which
/// an operator mends, and not of the recipient.
fn is_of_access(reason: &str) -> bool {
    ["5.7.", "(530)", "(535)", "(538)"].iter().any(|sign| reason.contains(sign))
}

impl Fault {
    fn outcome(self) -> Outcome {
        let Self { stage, answered, reason } = self;
        match (stage, answered) {
            (Stage::Message, None) => Outcome::Ambiguous(reason),
            (_, None) => Outcome::NotSent { stage, reason },
            // A refusal of the session or the sender is none of this message: it must not fail a reminder.
            // Many a relay tells it only at RCPT (Postfix: smtpd_delay_reject): access, login, encryption.
            (_, Some(true)) if !stage.is_transport() && !is_of_access(&reason) => {
                Outcome::Refused { stage, reason }
            }
            (_, Some(_)) => Outcome::Deferred { stage, reason },
        }
    }
}
