//! An extract of a case system, by the daemon or by whoever has the log: the same answer.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::access::Caller;
use super::desk::{Desk, Refusal, aside};
use super::given::Json;
use super::wire::FaultBody;
use crate::case::{CaseRef, Cases, Rejection};
use crate::config::Config;
use crate::daemon::{AppendError, AppendRequest};
use crate::extract::{ChangeKind, ExtractError, ExtractMap, Prepared, RowFault, Setting, prepare, read_map};
use crate::programme::Finding;

/// An extract to import.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtractBody {
    /// The rows, as CSV.
    pub csv: String,
    /// Which column means what, as TOML.
    pub map: String,
    /// What the extract is called: the reason of a correction names it.
    pub name: String,
    /// Whether nothing is to be appended.
    #[serde(default)]
    pub dry_run: bool,
}

/// What came of an extract; of a dry run, what would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractReceipt {
    /// How many events are new.
    pub appended: usize,
    /// How many are corrected.
    pub corrected: usize,
    /// How many are retracted.
    pub retracted: usize,
    /// How many are in the log already, as the rows say.
    pub unchanged: usize,
    /// How many somebody mended or retracted by hand since; they stay so.
    pub mended: usize,
    /// How many events of earlier extracts have no row in this one; they stay as they are.
    pub absent: usize,
    /// How many rows the map asks nothing of.
    pub passed_over: usize,
    /// The entries of the map that no row is of.
    pub idle: Vec<String>,
    /// Whether nothing was appended.
    pub dry_run: bool,
    /// Of a dry run, what would be done, row by row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ExtractChange>,
}

/// What is done about one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractChange {
    /// The line of the row.
    pub line: usize,
    /// `appended`, `corrected` or `retracted`.
    pub change: String,
    /// The case.
    pub case: CaseRef,
    /// The type of the event.
    #[serde(rename = "type")]
    pub event_type: String,
    /// What is corrected: `time`, `data`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
}

impl ExtractReceipt {
    /// What came of it, or would.
    #[must_use]
    pub fn new(prepared: &Prepared, dry_run: bool) -> Self {
        let changes = prepared.changes.iter().filter(|_| dry_run).map(|change| ExtractChange {
            line: change.line,
            change: change.kind.name().to_owned(),
            case: change.case.clone(),
            event_type: change.event_type.clone(),
            parts: change.parts.iter().map(|part| (*part).to_owned()).collect(),
        });
        Self {
            appended: prepared.count(ChangeKind::Appended),
            corrected: prepared.count(ChangeKind::Corrected),
            retracted: prepared.count(ChangeKind::Retracted),
            unchanged: prepared.unchanged,
            mended: prepared.mended.len(),
            absent: prepared.absent,
            passed_over: prepared.passed_over,
            idle: prepared.idle.clone(),
            dry_run,
            changes: changes.collect(),
        }
    }
}

/// Reads a map that fits the event catalogue of `config`.
///
/// # Errors
/// Every finding.
pub fn map_for(text: &[u8], config: &Config) -> Result<ExtractMap, Vec<Finding>> {
    let map = read_map(text)?;
    let catalogues = config.admissions.iter();
    let catalogues = catalogues.map(|(id, admission)| (id.as_str(), &*admission.catalogue)).collect();
    let findings = map.check(&catalogues);
    if findings.is_empty() { Ok(map) } else { Err(findings) }
}

/// What the door said of the events, said of the rows they came of.
#[must_use]
pub fn of_rows(rejections: &[Rejection], prepared: &Prepared, map: &ExtractMap) -> Vec<RowFault> {
    rejections.iter().map(|rejection| prepared.fault(map, rejection.index, &rejection.fault)).collect()
}

/// How often an extract is prepared anew because others appended meanwhile.
const TRIES: usize = 10;

/// Prepares an extract on what was committed, and appends what is new if nobody was faster.
pub(super) async fn import(
    State(desk): State<Desk>,
    caller: Caller,
    Json(body): Json<ExtractBody>,
) -> Result<Json<ExtractReceipt>, Refusal> {
    let ExtractBody { csv, map: text, name, dry_run } = body;
    let mut snapshot = desk.handle.snapshot.clone();
    let config = std::sync::Arc::clone(&snapshot.borrow().config);
    let map = map_for(text.as_bytes(), &config).map_err(|findings| of_map(&text, findings))?;
    let (zone, now) = (config.settings.reminders.time_zone, desk.handle.clock.now());
    let read = std::sync::Arc::new((csv, map, name));
    for _ in 0..TRIES {
        let cases: Cases = snapshot.borrow_and_update().records.cases.clone();
        let (known, shared) = (cases.events(), std::sync::Arc::clone(&read));
        let prepared = aside(move || {
            let (csv, map, name) = &*shared;
            prepare(map, csv.as_bytes(), &Setting { name, cases: &cases, zone, now })
        });
        let prepared = prepared.await?.map_err(|faults| refused(ExtractError::Rows(faults)))?;
        if prepared.changes.is_empty() {
            return Ok(Json(ExtractReceipt::new(&prepared, dry_run)));
        }
        let request = AppendRequest::new(prepared.events()).sent_by(&caller.who);
        let request = request.rehearsing(dry_run).on_top_of(known);
        match desk.handle.append(request).await.ok_or_else(Refusal::stopping)? {
            Ok(_) => return Ok(Json(ExtractReceipt::new(&prepared, dry_run))),
            Err(AppendError::Rejected(rejections)) => {
                return Err(refused(ExtractError::Rows(of_rows(&rejections, &prepared, &read.1))));
            }
            // What was appended meanwhile is in the snapshot that comes after this round of the loop.
            Err(AppendError::MovedOn) => snapshot.changed().await.map_err(|_| Refusal::stopping())?,
            Err(error) => return Err(error.into()),
        }
    }
    Err(AppendError::MovedOn.into())
}

/// A refusal that counts lines from 0, as others count events.
fn refused(error: ExtractError) -> Refusal {
    let message = error.to_string();
    let faults = match error {
        ExtractError::Rows(faults) => faults.into_iter().map(FaultBody::from).collect(),
        ExtractError::Map(_) => Vec::new(),
    };
    Refusal::with_faults(StatusCode::UNPROCESSABLE_ENTITY, &message, faults)
}

fn of_map(text: &str, findings: Vec<Finding>) -> Refusal {
    let faults = findings.iter().map(|finding| {
        let index = text.get(..finding.span.start).unwrap_or_default().matches('\n').count();
        let help = finding.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        FaultBody { index, field: "map".to_owned(), reason: format!("{}{help}", finding.message) }
    });
    let faults = faults.collect();
    let message = ExtractError::Map(findings).to_string();
    Refusal::with_faults(StatusCode::UNPROCESSABLE_ENTITY, &message, faults)
}

impl From<RowFault> for FaultBody {
    fn from(fault: RowFault) -> Self {
        Self { index: fault.line.saturating_sub(1), field: fault.column, reason: fault.reason }
    }
}
