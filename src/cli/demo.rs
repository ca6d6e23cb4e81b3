//! `demo`: the whole story in one command, on a virtual clock.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use comfy_table::Cell;
use serde::Serialize;
use serde_json::Value;

use super::output::{print, print_json, progress, table};
use super::{Context, Failure, Format};
use crate::calendar::{CivilDate, Instant};
use crate::case::{CaseFile, OccurrenceName, RuleId, parse_event};
use crate::config::{Config, sample};
use crate::daemon::{AppendRequest, Clerk, Writer};
use crate::mail::FilesCourier;
use crate::programme::Policy;
use crate::reminders::{Matter, MessageKind, Planned};

/// An occurrence of the journey worth a closer look: the weekly visit that was recorded late.
const EXPLAINED: &str = "SD-0042/csw-visit-settling/59.3";
/// The history that the demo walks through.
const JOURNEY: &str = "journey.jsonl";

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
    let events = journey()?;
    let bar = progress(events.len() as u64, "walking through the journey");
    for (recorded, event) in events {
        walk.wait_until(recorded)?;
        walk.record(event, recorded)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    match context.format {
        Format::Json => print_json(&walk.sent),
        _ => print(&story(&walk.sent, &data, &mails)),
    }
}

/// The sample journey, each event with the moment it was recorded.
fn journey() -> Result<Vec<(Instant, Value)>, Failure> {
    let text = sample(JOURNEY).ok_or_else(|| Failure::failed("the sample journey is not in this program"))?;
    let events = text.lines().map(|line| {
        let json: Value = serde_json::from_str(line).map_err(|error| Failure::failed(&error))?;
        let read = parse_event(json.clone());
        let (event, recorded) =
            read.map_err(|faults| Failure::failed(&format!("the sample journey: {faults:?}")))?;
        Ok((recorded.unwrap_or(event.time), json))
    });
    events.collect()
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
                    self.sent.push(told(planned, at, &self.config));
                }
                self.clerk.delivered(&parcel, outcome, now);
            }
        }
    }
}

fn told(planned: &Planned, at: String, config: &Config) -> Sent {
    let programmes = || config.policies.values().map(Policy::newest);
    let title = |id: &RuleId| {
        programmes().find_map(|programme| programme.rule(id.as_str())).map(|rule| rule.title.english())
    };
    let matter = &planned.plan.matter;
    let what = match matter {
        Matter::Notice { case, notice, .. } => {
            let mut notices = programmes().flat_map(|programme| &programme.notices);
            let notice = notices.find(|known| known.id == *notice);
            format!("{case}: {}", notice.map_or("a notice", |notice| notice.title.english()))
        }
        Matter::Vacancies { vacancies } => {
            let first = vacancies.first().map(|vacancy| format!("{}: {}", vacancy.case, vacancy.words));
            first.unwrap_or_default()
        }
        Matter::Weekly { .. } => "the weekly word to the admins".to_owned(),
        Matter::Undelivered { .. } => "messages that could not be delivered".to_owned(),
        Matter::Digest { .. } | Matter::Escalation { .. } | Matter::Correction { .. } => String::new(),
    };
    let items = matter.items().iter().map(|item| SentItem {
        occurrence: item.occurrence.clone(),
        step: item.step.clone(),
        title: title(&item.occurrence.rule).unwrap_or_default().to_owned(),
        deadline: item.deadline,
        reason: item.reason.clone(),
    });
    let items = items.collect();
    Sent { on: planned.plan.on, at, to: planned.to.name.clone(), kind: matter.kind(), what, items }
}

/// One row for each thing that is told anew: to whom together, and why.
struct News<'s> {
    when: String,
    what: String,
    to: Vec<&'s str>,
    why: &'s str,
}

/// What each mail says that its recipient had not been told before, and the mails that say nothing new.
fn news(sent: &[Sent]) -> (Vec<News<'_>>, usize) {
    let mut told: HashSet<(&str, &OccurrenceName)> = HashSet::new();
    let mut news: Vec<News<'_>> = Vec::new();
    let mut repeats = 0;
    for mail in sent {
        let when = format!("{} {}", mail.on.format("%a %e %b %Y"), mail.at);
        let itself = (!mail.what.is_empty()).then(|| (mail.what.clone(), ""));
        let urgent = !matches!(mail.kind, MessageKind::Digest);
        let fresh = mail.items.iter().filter(|item| told.insert((&mail.to, &item.occurrence)) || urgent);
        let items = fresh
            .map(|item| (format!("{}, by {}", item.title, item.deadline.format("%a %e %b")), &*item.reason));
        let lines: Vec<_> = itself.into_iter().chain(items).collect();
        repeats += usize::from(lines.is_empty());
        for (what, why) in lines {
            match news.iter_mut().rev().take_while(|row| row.when == when).find(|row| row.what == what) {
                Some(row) => row.to.push(&mail.to),
                None => news.push(News { when: when.clone(), what, to: vec![&mail.to], why }),
            }
        }
    }
    (news, repeats)
}

fn story(sent: &[Sent], data: &Path, mails: &Path) -> String {
    let (news, repeats) = news(sent);
    let mut table = table(&["When", "What", "To", "Why"]);
    for row in &news {
        table.add_row([&*row.when, &row.what, &row.to.join(", "), row.why].map(Cell::new));
    }
    let (data, mails) = (data.display(), mails.display());
    format!(
        "{table}\n\n\
         {} mails were sent along the journey of case SD-0042, on a virtual clock. The table shows each thing\n\
         when it was first told, and what was escalated or taken back; {repeats} mails only remind of it again.\n\n\
         The mails        {mails}\n\
         What was due     stepdown --data {data} due --on 2025-08-12\n\
         Why that day     stepdown --data {data} explain {EXPLAINED} --on 2025-08-12\n\
         The log          stepdown --data {data} export\n",
        sent.len()
    )
}
