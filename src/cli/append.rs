//! `append`: one event from the shell.

use std::collections::BTreeMap;

use chrono::NaiveTime;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::context::Desk;
use super::output::{print, print_json};
use super::{Context, Failure, Format};
use crate::api::{AppendReceipt, CaseQuery, own_user};
use crate::calendar::CivilDate;
use crate::case::{CaseRef, EventKind, EventNumber, ProgrammeId, rfc3339};
use crate::config::Config;
use crate::daemon::{AppendError, AppendRequest};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The case's reference
    #[arg(long)]
    case: CaseRef,
    /// The event type
    #[arg(long = "type", value_name = "TYPE")]
    event_type: String,
    /// The day it happened
    #[arg(long, value_name = "DATE")]
    on: CivilDate,
    /// The local time it happened; the start of the day, where left out
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<NaiveTime>,
    /// The event's id; a new one, where left out. With an id of yours, running it twice appends once
    #[arg(long)]
    id: Option<String>,
    /// Append only if the case is at this version, that is, has this many events
    #[arg(long, value_name = "N")]
    expected_version: Option<u32>,
    /// The event's data; a list is written with commas
    #[arg(value_name = "KEY=VALUE")]
    fields: Vec<String>,
}

pub fn parse_time(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text, "%H:%M")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"))
        .map_err(|_| "write a time of day, such as 14:30".to_owned())
}

pub fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let config = context.config()?;
    let zone = config.settings.reminders.time_zone;
    let time = zone
        .instant_given(args.on, args.at.unwrap_or(NaiveTime::MIN))
        .map_err(|error| Failure::refused(&error, "give the time an hour later or earlier"))?;
    let desk = context.desk_to_append("stepdown append")?;
    let data = data(&args, &config, &desk)?;
    let id = args.id.unwrap_or_else(|| Uuid::now_v7().to_string());
    let event = json!({
        "specversion": "1.0", "id": id, "source": "/stepdown/cli", "type": args.event_type,
        "subject": args.case, "time": rfc3339(time), "datacontenttype": "application/json", "data": data,
    });
    let expected_version = args.expected_version.map(EventNumber);
    let receipt: AppendReceipt = match desk {
        Desk::Daemon(client) => client.append(&event, expected_version)?,
        Desk::Log(mut writer) => {
            let request = AppendRequest::new(vec![event]).sent_by(&own_user()).expecting(expected_version);
            let receipt = writer.stage(request, context.now()).map_err(refused)?;
            writer.commit()?;
            receipt.into()
        }
    };
    match (context.format, receipt.case_version) {
        (Format::Json, _) => {
            let AppendReceipt { appended, duplicates, sequence, case_version } = receipt;
            print_json(&json!({
                "id": id, "appended": appended, "duplicates": duplicates, "sequence": sequence, "case_version": case_version
            }))
        }
        (_, Some(number)) => print(&format!(
            "{} of {} recorded as event {number} of case {}\n",
            args.event_type, args.on, args.case
        )),
        (_, None) => print("recorded before: a duplicate, nothing to do\n"),
    }
}

fn refused(error: AppendError) -> Failure {
    let message = error.to_string();
    match error {
        AppendError::Rejected(rejections) => {
            let faults = rejections.into_iter().map(|rejection| (1, String::new(), rejection.into()));
            Failure::events(&message, &faults.collect::<Vec<_>>(), "event")
        }
        other => other.into(),
    }
}

/// The data, each value read as the event type's schema says.
fn data(args: &Args, config: &Config, desk: &Desk) -> Result<Map<String, Value>, Failure> {
    let fields = pairs(&args.fields)?;
    let kind = kind(args, config, desk, &fields);
    let value = |(key, text): (String, String)| {
        let value = kind.map_or_else(|| text.as_str().into(), |kind| kind.value_of(&key, &text));
        (key, value)
    };
    Ok(fields.into_iter().map(value).collect())
}

/// The event type: programmes may have one of the same name with other data, so of several that of the case's programme.
fn kind<'c>(
    args: &Args,
    config: &'c Config,
    desk: &Desk,
    fields: &BTreeMap<String, String>,
) -> Option<&'c EventKind> {
    let find = |programme: &str| config.admissions.get(programme)?.catalogue.get(&args.event_type);
    let mut having = config.admissions.keys().filter(|programme| find(programme.as_str()).is_some());
    match (having.next(), having.next()) {
        (Some(only), None) => find(only.as_str()),
        _ => fields
            .get("programme")
            .and_then(|programme| find(programme))
            .or_else(|| find(args.case.as_str()))
            .or_else(|| find(programme(desk, &args.case)?.as_str())),
    }
}

/// The programme that a case is under, where it is known.
fn programme(desk: &Desk, case: &CaseRef) -> Option<ProgrammeId> {
    match desk {
        Desk::Daemon(client) => client.case(case, &CaseQuery::default()).ok().map(|file| file.programme),
        Desk::Log(writer) => writer.records().cases.get(case).map(|file| file.programme().clone()),
    }
}

/// The fields given as KEY=VALUE, each once.
pub fn pairs(fields: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut pairs = BTreeMap::new();
    for field in fields {
        let (key, text) = field.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
            Failure::refused(
                &format!("\"{field}\" is not KEY=VALUE"),
                "write for example by=child-social-worker",
            )
        })?;
        if pairs.insert(key.to_owned(), text.to_owned()).is_some() {
            return Err(Failure::refused(&format!("\"{key}\" is given twice"), "give each field once"));
        }
    }
    Ok(pairs)
}
