//! `demo`: the whole story in one command, on a virtual clock.

mod story;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::output::{print, print_json, progress};
use super::{Context, Failure, Format};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseFile, CaseRef, OccurrenceName, parse_event};
use crate::config::{Config, sample};
use crate::daemon::{AppendRequest, Clerk, Writer};
use crate::mail::FilesCourier;
use crate::reminders::MessageKind;

/// A sample history that the demo walks through.
struct Journey {
    file: &'static str,
    /// An occurrence of it that is worth a closer look, and the day to look.
    explained: &'static str,
    on: &'static str,
}

/// One journey of each programme: a visit that was recorded late, the second crisis, a fee that was not agreed by the move,
/// a financial package that was forgotten.
const JOURNEYS: [Journey; 4] = [
    Journey { file: "journey.jsonl", explained: "SD-0042/csw-visit-settling/59.3", on: "2025-08-12" },
    Journey { file: "step-up-step-down.jsonl", explained: "SU-0107/crisis-response/46.1", on: "2025-07-23" },
    Journey { file: "bridge-to-foster.jsonl", explained: "BF-0031/enhanced-fee/10.1", on: "2025-04-29" },
    Journey { file: "stepdown-agency.jsonl", explained: "SA-0012/financial-package/8.1", on: "2025-04-28" },
];

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The directory for the demo's log and mails; a new one among the temporary files, where left out
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

/// A message as the demo tells of it.
#[derive(Serialize)]
struct Sent {
    on: CivilDate,
    at: String,
    to: String,
    kind: MessageKind,
    cases: Vec<CaseRef>,
    what: String,
    items: Vec<SentItem>,
}

#[derive(Serialize)]
struct SentItem {
    occurrence: OccurrenceName,
    step: String,
    title: String,
    deadline: CivilDate,
    reason: String,
}

pub fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let unique = format!("stepdown-demo-{}", std::process::id());
    let data = args.into.unwrap_or_else(|| std::env::temp_dir().join(unique));
    if data.join("format").exists() {
        let help = "the demo starts a log of its own; name an empty directory with --into DIR";
        return Err(Failure::refused(&format!("there is a log in {} already", data.display()), help));
    }
    let config = context.config()?;
    let writer = Writer::open(&data, Arc::clone(&config), "stepdown demo")?;
    let mails = data.join("mail");
    let mut walk = Walk {
        clerk: Clerk::new(writer)?,
        config,
        courier: FilesCourier::new(mails.clone()),
        sent: Vec::new(),
    };
    let events = events()?;
    let bar = progress(events.len() as u64, "walking through the journeys");
    for (recorded, event) in events {
        walk.wait_until(recorded)?;
        walk.record(event, recorded)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    match context.format {
        Format::Json => print_json(&walk.sent),
        _ => print(&walk.story(&data, &mails)),
    }
}

/// The sample journeys interleaved, each event with the moment it was recorded.
fn events() -> Result<Vec<(Instant, Value)>, Failure> {
    let mut events = Vec::new();
    for Journey { file, .. } in JOURNEYS {
        let missing = || Failure::failed(&format!("the sample {file} is not in this program"));
        for line in sample(file).ok_or_else(missing)?.lines() {
            let json: Value = serde_json::from_str(line).map_err(|error| Failure::failed(&error))?;
            let read = parse_event(json.clone());
            let (event, recorded) =
                read.map_err(|faults| Failure::failed(&format!("the sample {file}: {faults:?}")))?;
            events.push((recorded.unwrap_or(event.time), json));
        }
    }
    events.sort_by_key(|(recorded, _)| *recorded);
    Ok(events)
}

/// The virtual clock at work: what the daemon does, without the waiting.
struct Walk {
    clerk: Clerk,
    config: Arc<Config>,
    courier: FilesCourier,
    sent: Vec<Sent>,
}

impl Walk {
    /// Lets the time pass until `then`, with every day's mail on the way.
    fn wait_until(&mut self, then: Instant) -> Result<(), Failure> {
        if self.clerk.books().cases().is_empty() {
            return Ok(());
        }
        let mut now = self.clerk.office().next_day(self.last());
        while now <= then {
            self.post(now)?;
            now = self.clerk.office().next_day(now);
        }
        Ok(())
    }

    /// When the last event was recorded.
    fn last(&self) -> Instant {
        let last = self.clerk.books().cases().iter().filter_map(CaseFile::last);
        last.map(|(_, recorded)| recorded).max().unwrap_or_default()
    }

    fn record(&mut self, event: Value, now: Instant) -> Result<(), Failure> {
        let request = AppendRequest::new(vec![event]);
        self.clerk.writer().stage(request, now)?;
        self.clerk.writer().commit()?;
        self.post(now)
    }

    /// What the demo has to tell.
    fn story(&self, data: &Path, mails: &Path) -> String {
        let journeys = story::journeys(self.clerk.books().cases(), &self.config, &self.sent);
        story::story(&self.sent, &journeys, data, mails)
    }

    /// Sends all that is to be sent by `now`.
    fn post(&mut self, now: Instant) -> Result<(), Failure> {
        let planned = self.clerk.plan(now);
        let planned: HashMap<_, _> =
            planned.into_iter().map(|planned| (planned.plan.key.clone(), planned)).collect();
        loop {
            let parcels = self.clerk.parcels(now, 100)?;
            self.clerk.writer().commit()?;
            if parcels.is_empty() {
                return Ok(());
            }
            for parcel in parcels {
                let outcome = self.courier.deliver(&parcel);
                if let Some(planned) = planned.get(&parcel.key) {
                    let at = self.clerk.office().zone.local_time(now).format("%H:%M").to_string();
                    let sent = story::Teller { cases: self.clerk.books().cases(), config: &self.config }
                        .told(planned, at);
                    self.sent.push(sent);
                }
                self.clerk.delivered(&parcel, outcome, now);
            }
        }
    }
}
