//! `demo`: the whole story in one command, on a virtual clock.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use comfy_table::Cell;
use serde::Serialize;
use serde_json::Value;

use super::output::{print, print_json, progress, table};
use super::{Context, Failure, Format};
use crate::calendar::{CivilDate, Instant};
use crate::case::parse_event;
use crate::config::sample;
use crate::daemon::{AppendRequest, Clerk, Writer};
use crate::mail::FilesCourier;
use crate::reminders::{Content, Message};

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
    kind: &'static str,
    subject: String,
    #[serde(skip)]
    reason: String,
    items: Vec<SentItem>,
}

#[derive(Serialize)]
struct SentItem {
    occurrence: String,
    title: String,
    due_on: CivilDate,
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
    let writer = Writer::open(&data, config, "stepdown demo")?;
    let mails = data.join("mail");
    let mut walk =
        Walk { clerk: Clerk::new(writer)?, courier: FilesCourier::new(mails.clone()), sent: Vec::new() };
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
        Format::Table => print(&story(&walk.sent, &data, &mails)),
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
    courier: FilesCourier,
    sent: Vec<Sent>,
}

impl Walk {
    /// Lets the time pass until `then`, with every digest on the way.
    fn wait_until(&mut self, then: Instant) -> Result<(), Failure> {
        if self.clerk.books().cases().is_empty() {
            return Ok(());
        }
        let mut now = self.clerk.office().next_digest(self.last());
        while now <= then {
            self.post(now)?;
            now = self.clerk.office().next_digest(now);
        }
        Ok(())
    }

    /// When the last event was recorded.
    fn last(&self) -> Instant {
        let events = self.clerk.books().cases().iter().filter_map(|history| history.events().last());
        events.map(|recorded| recorded.recorded).max().unwrap_or_default()
    }

    fn record(&mut self, event: Value, now: Instant) -> Result<(), Failure> {
        let request = AppendRequest::new(vec![event]);
        self.clerk.writer().stage(request, now)?;
        self.clerk.writer().commit()?;
        self.post(now)
    }

    /// Sends all that is to be sent by `now`.
    fn post(&mut self, now: Instant) -> Result<(), Failure> {
        let planned: HashMap<_, _> =
            self.clerk.plan(now)?.into_iter().map(|message| (message.key.clone(), message)).collect();
        while let Some(parcel) = self.clerk.next_parcel(now)? {
            let outcome = self.courier.deliver(&parcel);
            if let Some(message) = planned.get(&parcel.key) {
                self.sent.push(told(
                    message,
                    self.clerk.office().zone.local_time(now).format("%H:%M").to_string(),
                ));
            }
            self.clerk.delivered(&parcel, outcome, now)?;
        }
        Ok(())
    }
}

fn told(message: &Message, at: String) -> Sent {
    let (subject, reason, items) = match &message.content {
        Content::Digest(digest) => {
            let items = digest.items().map(|item| SentItem {
                occurrence: item.occurrence.to_string(),
                title: item.title.clone(),
                due_on: item.due_on,
                reason: item.reason.clone(),
            });
            let (overdue, today, coming) = (digest.overdue.len(), digest.today.len(), digest.coming.len());
            (
                format!("{overdue} overdue, {today} due today, {coming} coming up"),
                String::new(),
                items.collect(),
            )
        }
        Content::Notice(notice) => (
            format!("{}: {}", notice.case, notice.title),
            format!("it happened on {}", notice.happened_on.format("%a %e %b")),
            Vec::new(),
        ),
    };
    Sent {
        on: message.on,
        at,
        to: message.to.name.clone(),
        kind: message.kind().name(),
        subject,
        reason,
        items,
    }
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
    let mut told: HashSet<(&str, &str)> = HashSet::new();
    let mut news: Vec<News<'_>> = Vec::new();
    let mut repeats = 0;
    for mail in sent {
        let when = format!("{} {}", mail.on.format("%a %e %b %Y"), mail.at);
        let notice = (mail.kind == "notice").then(|| (mail.subject.clone(), &*mail.reason));
        let fresh = mail.items.iter().filter(|item| told.insert((&mail.to, &item.occurrence)));
        let items = fresh
            .map(|item| (format!("{}, by {}", item.title, item.due_on.format("%a %e %b")), &*item.reason));
        let lines: Vec<_> = notice.into_iter().chain(items).collect();
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
         when it was first told; {repeats} mails only repeat what was still open on a later working day.\n\n\
         The mails        {mails}\n\
         What was due     stepdown --data {data} due --on 2025-08-12\n\
         Why that day     stepdown --data {data} explain {EXPLAINED} --on 2025-08-12\n\
         The log          stepdown --data {data} export\n",
        sent.len()
    )
}
