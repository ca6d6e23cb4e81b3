//! Whether the way to the relay is open, asked without a message.

use std::time::Duration;

use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::{Outcome, SmtpCourier, SmtpSetupError};
use crate::calendar::Instant;
use crate::config::{MailSettings, SmtpSettings};

/// How far somebody came who would have handed a message over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Until when the certificate holds that the relay showed; none where nothing is encrypted, or it is not said.
    pub certificate_until: Option<Instant>,
    /// Whether the login was left out.
    pub without_login: bool,
}

/// Why a relay was not reached.
#[derive(Debug)]
pub enum Unreached {
    /// The settings do not even let it be tried.
    Setup(SmtpSetupError),
    /// It broke off somewhere.
    Broken(Outcome),
}

/// Connects to the relay, encrypts and logs in as a message would, and takes leave. Each stage may take `limit` at
/// the most. Where the password is a credential that only the service has, the login is left out.
///
/// # Errors
/// Where it broke off, or why it could not be tried.
pub async fn reach(mail: &MailSettings, smtp: &SmtpSettings, limit: Duration) -> Result<Reached, Unreached> {
    let mut smtp = smtp.clone();
    smtp.timeout_seconds = smtp.timeout_seconds.min(limit);
    let sender = mail.from.email.clone();
    let (courier, without_login) = match SmtpCourier::new(smtp.clone(), sender.clone()) {
        Err(SmtpSetupError::Credential(_)) => {
            smtp.username = None;
            smtp.password_credential = None;
            (SmtpCourier::new(smtp, sender), true)
        }
        courier => (courier, false),
    };
    let mut courier = courier.map_err(Unreached::Setup)?;
    let certificate = courier.knock().await.map_err(Unreached::Broken)?;
    Ok(Reached { certificate_until: certificate.as_deref().and_then(valid_until), without_login })
}

/// The end of a certificate's validity (RFC 5280, 4.1.2.5), of its DER form.
fn valid_until(der: &[u8]) -> Option<Instant> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Instant::from_timestamp(certificate.validity().not_after.timestamp(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_read_from_it() {
        let mut params = rcgen::CertificateParams::new(vec!["relay.example.org".to_owned()]).expect("a name");
        params.not_after = rcgen::date_time_ymd(2027, 3, 9);
        let key = rcgen::KeyPair::generate().expect("a key");
        let der = params.self_signed(&key).expect("signed").der().to_vec();
        let until = valid_until(&der).expect("a date");
        assert_eq!(until.to_rfc3339(), "2027-03-09T00:00:00+00:00");
        assert_eq!(valid_until(&der[..20]), None);
    }
}
