//! The client's side of the socket: how the command line reaches a running daemon.

mod limits;
mod tokens;

use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use reqwest::blocking::{Client as Http, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use super::against::Comparison;
use super::case_wire::{CaseFile, CaseQuery, CaseRow, CasesQuery};
use super::erase_routes::{EraseBody, KeysShown, RotateBody};
use super::explain::{Explained, RuleExplained};
use super::extract::{ExtractBody, ExtractReceipt};
use super::mend::{MendRequest, Mending};
use super::reload::{ReloadBody, Reloaded};
use super::reminders::{MailPlan, MailQuery, Preview, SentMail};
use super::replay::Replayed;
use super::replay_routes::Against;
use super::report::ReportQuery;
use super::simulate::{SimulateQuery, SimulatedMail};
use super::stream::LINES;
use super::verify::{Signed, Verification, VerifyQuery};
use super::wire::{
    AppendReceipt, AuthorBody, DueQuery, ErrorBody, HoldBody, MailTestAnswer, MailTestBody, ObligationRow,
    SilenceBody, Status,
};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseRef, EventNumber, OccurrenceName, RuleId};
use crate::config::Source;
use crate::daemon::{EraseOrder, Erasing, Order, SilenceOrder};
use crate::log::Rotated;
use crate::reminders::{MailFact, Silence};
use crate::report::Report;

/// A running daemon.
pub struct Client {
    pub(super) http: Http,
    socket: PathBuf,
}

/// Why the daemon gave no answer, or said no.
#[derive(Debug, Error)]
pub enum ClientError {
    /// It could not be asked.
    #[error("the daemon at {socket} gives no answer: {error}")]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// Why.
        error: reqwest::Error,
    },
    /// It said no.
    #[error("{}", body.error)]
    Refused {
        /// Whether what was sent is at fault, not the daemon.
        input: bool,
        /// The HTTP status.
        status: u16,
        /// What it said.
        body: ErrorBody,
    },
}

impl Client {
    /// The daemon that serves `socket`, if one does.
    #[must_use]
    pub fn find(socket: &Path) -> Option<Self> {
        Self::connect(socket).ok()
    }

    /// The daemon that serves `socket`.
    ///
    /// # Errors
    /// When nobody serves it, or the asker may not connect to it.
    pub fn connect(socket: &Path) -> io::Result<Self> {
        UnixStream::connect(socket)?;
        // Importing years of history may take as long as it takes.
        let http = Http::builder().unix_socket(socket).timeout(None).build().map_err(io::Error::other)?;
        Ok(Self { http, socket: socket.to_owned() })
    }

    pub(super) fn ask(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let unreachable = |error| ClientError::Unreachable { socket: self.socket.clone(), error };
        let response = request.send().map_err(unreachable)?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let text = response.text().map_err(unreachable)?;
        let body = serde_json::from_str(&text).unwrap_or(ErrorBody { error: text, faults: Vec::new() });
        Err(ClientError::Refused { input: status.is_client_error(), status: status.as_u16(), body })
    }

    fn get<T: DeserializeOwned>(&self, path: &str, query: &impl Serialize) -> Result<T, ClientError> {
        let response = self.ask(self.http.get(format!("http://stepdown{path}")).query(query))?;
        response.json().map_err(|error| ClientError::Unreachable { socket: self.socket.clone(), error })
    }

    /// Appends one event.
    ///
    /// # Errors
    /// When the daemon refuses it or gives no answer.
    pub fn append(
        &self,
        event: &Value,
        expected_version: Option<EventNumber>,
    ) -> Result<AppendReceipt, ClientError> {
        let query: Vec<_> =
            expected_version.map(|version| ("expected_version", version.0)).into_iter().collect();
        self.receipt(self.http.post("http://stepdown/v1/events").query(&query).json(event))
    }

    /// Appends events, one JSON object a line, all or none; in a dry run, says what would come of it.
    ///
    /// # Errors
    /// When the daemon refuses them or gives no answer.
    pub fn append_lines(
        &self,
        lines: Vec<u8>,
        keep_recorded_time: bool,
        dry_run: bool,
    ) -> Result<AppendReceipt, ClientError> {
        let request = self.http.post("http://stepdown/v1/events");
        let request = request.query(&[("keep_recorded_time", keep_recorded_time), ("dry_run", dry_run)]);
        self.receipt(request.header("content-type", LINES).body(lines))
    }

    /// Imports an extract of a case system, all or nothing.
    ///
    /// # Errors
    /// When the daemon refuses it or gives no answer.
    pub fn import(&self, extract: &ExtractBody) -> Result<ExtractReceipt, ClientError> {
        self.post("/v1/extract", extract)
    }

    fn receipt(&self, request: RequestBuilder) -> Result<AppendReceipt, ClientError> {
        let response = self.ask(request)?;
        response.json().map_err(|error| ClientError::Unreachable { socket: self.socket.clone(), error })
    }

    /// Obligations.
    ///
    /// # Errors
    /// When the daemon refuses the question or gives no answer.
    pub fn due(&self, query: &DueQuery) -> Result<Vec<ObligationRow>, ClientError> {
        self.get("/v1/due", query)
    }

    /// The report asked for.
    ///
    /// # Errors
    /// When the daemon refuses the question or gives no answer.
    pub fn report(&self, query: &ReportQuery) -> Result<Report, ClientError> {
        self.get("/v1/report", query)
    }

    /// Cases.
    ///
    /// # Errors
    /// When the daemon refuses the question or gives no answer.
    pub fn cases(&self, query: &CasesQuery) -> Result<Vec<CaseRow>, ClientError> {
        self.get("/v1/cases", query)
    }

    /// A case with its history.
    ///
    /// # Errors
    /// When the daemon refuses the question or gives no answer.
    pub fn case(&self, case: &CaseRef, query: &CaseQuery) -> Result<CaseFile, ClientError> {
        self.get(&format!("/v1/cases/{case}"), query)
    }

    /// Why a date is what it is.
    ///
    /// # Errors
    /// When the daemon refuses the question or gives no answer.
    pub fn explain(
        &self,
        name: &OccurrenceName,
        on: Option<CivilDate>,
        known_at: Option<Instant>,
    ) -> Result<Explained, ClientError> {
        let mut query = vec![("occurrence", name.to_string())];
        query.extend(on.map(|on| ("on", on.to_string())));
        query.extend(known_at.map(|at| ("known_at", crate::case::rfc3339(at))));
        self.get("/v1/explain", &query)
    }

    /// What a rule asks for in a case, and why not.
    ///
    /// # Errors
    /// When the daemon refuses the question or gives no answer.
    pub fn explain_rule(
        &self,
        case: &CaseRef,
        rule: &RuleId,
        on: Option<CivilDate>,
        known_at: Option<Instant>,
    ) -> Result<RuleExplained, ClientError> {
        let mut query = vec![("case", case.to_string()), ("rule", rule.to_string())];
        query.extend(on.map(|on| ("on", on.to_string())));
        query.extend(known_at.map(|at| ("known_at", crate::case::rfc3339(at))));
        self.get("/v1/explain/rule", &query)
    }

    /// How it stands.
    ///
    /// # Errors
    /// When the daemon gives no answer.
    pub fn status(&self) -> Result<Status, ClientError> {
        self.get("/v1/status", &())
    }

    /// What would be mailed in the days asked for.
    ///
    /// # Errors
    /// When the daemon refuses the question or gives no answer.
    pub fn simulate(&self, query: &SimulateQuery) -> Result<Vec<SimulatedMail>, ClientError> {
        self.post("/v1/simulate", query)
    }

    /// Has the daemon rebuild every projection and compare it with its own.
    ///
    /// # Errors
    /// When the daemon gives no answer, or its log is damaged.
    pub fn replay(&self) -> Result<Replayed, ClientError> {
        self.get("/v1/replay", &())
    }

    /// Has the daemon read its whole log and compare it with a checkpoint.
    ///
    /// # Errors
    /// When the daemon gives no answer, or cannot read its log.
    pub fn verify(&self, query: &VerifyQuery) -> Result<Verification, ClientError> {
        self.get("/v1/verify", query)
    }

    /// Has the daemon sign what its log holds now.
    ///
    /// # Errors
    /// When the daemon gives no answer, or cannot read its log.
    pub fn checkpoint(&self) -> Result<Signed, ClientError> {
        self.get("/v1/checkpoint", &())
    }

    /// What another configuration would change.
    ///
    /// # Errors
    /// When the daemon cannot use the configuration or gives no answer.
    pub fn against(&self, against: &Against) -> Result<Comparison, ClientError> {
        self.post("/v1/replay", against)
    }

    /// The event that mends what is asked, and what it would change.
    ///
    /// # Errors
    /// When it makes no sense, or the daemon gives no answer.
    pub fn mend(&self, request: &MendRequest) -> Result<Mending, ClientError> {
        self.post("/v1/mend", request)
    }

    /// Has a case erased, or asks what that would destroy.
    ///
    /// # Errors
    /// When the daemon refuses it or gives no answer.
    pub fn erase(&self, order: &EraseOrder, dry_run: bool) -> Result<Erasing, ClientError> {
        let EraseOrder { case, author, reason, before_retention, events, .. } = order.clone();
        let body = EraseBody { author: Some(author), reason, before_retention, events, dry_run };
        self.post(&format!("/v1/cases/{case}/erase"), &body)
    }

    /// The wrapping key and what it seals.
    ///
    /// # Errors
    /// When the daemon gives no answer.
    pub fn keys(&self) -> Result<KeysShown, ClientError> {
        self.get("/v1/keys", &())
    }

    /// Has the wrapping key changed; `to` is an absolute path.
    ///
    /// # Errors
    /// When the daemon refuses it or gives no answer.
    pub fn rotate(&self, to: Option<PathBuf>) -> Result<Rotated, ClientError> {
        self.post("/v1/keys/rotate", &RotateBody { to })
    }

    /// Has the daemon take its configuration anew; `source` is where the asker believes it to be.
    ///
    /// # Errors
    /// When the daemon gives no answer, or the configuration cannot be used.
    pub fn reload(&self, source: &Source) -> Result<Reloaded, ClientError> {
        let config = match source {
            Source::Directory(dir) => Some(dir.canonicalize().unwrap_or_else(|_| dir.clone())),
            Source::Starter | Source::Given(..) => None,
        };
        self.post("/v1/reload", &ReloadBody { config })
    }

    /// The whole log as lines, for reading on.
    ///
    /// # Errors
    /// When the daemon gives no answer.
    pub fn export(&self) -> Result<Response, ClientError> {
        self.ask(self.http.get("http://stepdown/v1/events"))
    }

    /// What would go, and what would not.
    ///
    /// # Errors
    /// When the daemon refuses the question or gives no answer.
    pub fn mail_plan(&self, query: &MailQuery) -> Result<MailPlan, ClientError> {
        self.get("/v1/reminders/plan", query)
    }

    /// What was planned and what became of it.
    ///
    /// # Errors
    /// When the daemon refuses the question or gives no answer.
    pub fn mail_sent(&self, query: &MailQuery) -> Result<Vec<SentMail>, ClientError> {
        self.get("/v1/reminders/sent", query)
    }

    /// How the messages of a day would look.
    ///
    /// # Errors
    /// When the daemon refuses the question or gives no answer.
    pub fn mail_preview(&self, query: &MailQuery) -> Result<Vec<Preview>, ClientError> {
        self.get("/v1/reminders/preview", query)
    }

    /// Sends a test message.
    ///
    /// # Errors
    /// When the daemon refuses it or gives no answer.
    pub fn mail_test(&self, body: &MailTestBody) -> Result<MailTestAnswer, ClientError> {
        self.post("/v1/mail/test", body)
    }

    /// Has an order followed that `author` gives.
    ///
    /// # Errors
    /// When the daemon refuses it or gives no answer.
    pub fn order(&self, order: Order, author: String) -> Result<MailFact, ClientError> {
        let author = Some(author);
        match order {
            Order::Hold { reason } => self.post("/v1/mail/hold", &HoldBody { author, reason }),
            Order::Release => self.post("/v1/mail/release", &AuthorBody { author }),
            Order::Silence(SilenceOrder { case, rule, person, until, reason }) => {
                self.post("/v1/silences", &SilenceBody { case, rule, person, until, reason, author })
            }
            Order::EndSilence { id } => self.post(&format!("/v1/silences/{id}/end"), &AuthorBody { author }),
        }
    }

    /// Every silence there ever was.
    ///
    /// # Errors
    /// When the daemon gives no answer.
    pub fn silences(&self) -> Result<Vec<Silence>, ClientError> {
        self.get("/v1/silences", &())
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        let response = self.ask(self.http.post(format!("http://stepdown{path}")).json(body))?;
        response.json().map_err(|error| ClientError::Unreachable { socket: self.socket.clone(), error })
    }
}
