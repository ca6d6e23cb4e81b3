//! An office on a virtual clock: given a story, when the days go by, then these messages are planned.

use chrono::Duration;
use stepdown::calendar::Instant;
use stepdown::config::{Config, Source, init};
use stepdown::daemon::post;
use stepdown::mail::Rendered;
use stepdown::reminders::{
    Held, Ledger, Looked, MailFact, Office, People, Planned, Silence, Standings, World, compose, plan,
};
use stepdown::schedule::Places;

use super::{CONFIG, Story, date};

#[derive(Clone)]
pub struct Desk {
    pub story: Story,
    pub ledger: Ledger,
    pub office: Office,
    pub people: People,
    /// Which cases count towards which limit, as it was last looked.
    places: Places,
    config: &'static Config,
    /// What was held back when it was last planned.
    pub held: Vec<Held>,
}

impl Desk {
    /// The office of the starter configuration, before anything was sent.
    pub fn new(story: Story) -> Self {
        Self::under(&CONFIG, story)
    }

    /// The same with the starter's programme changed: each pair is a text and what takes its place.
    pub fn with(story: Story, changes: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        init(dir.path()).expect("written");
        let file = dir.path().join("programmes/lancashire-step-down.toml");
        let mut text = std::fs::read_to_string(&file).expect("readable");
        for (from, to) in changes {
            assert!(text.contains(from), "the programme has no {from}");
            text = text.replace(from, to);
        }
        std::fs::write(&file, text).expect("writable");
        let config = Config::load(&Source::Directory(dir.path().to_owned()));
        Self::under(Box::leak(Box::new(config.unwrap_or_else(|error| panic!("{:?}", error.faults)))), story)
    }

    fn under(config: &'static Config, story: Story) -> Self {
        let (office, people) = (config.office(), config.people.clone());
        let places = Places::of(story.cases(), &config.policies, None);
        Self { story, ledger: Ledger::default(), office, people, places, config, held: Vec::new() }
    }

    /// When the digests of `day` go.
    pub fn eight(&self, day: &str) -> Instant {
        self.office.opens(date(day))
    }

    pub fn world(&self, now: Instant) -> World<'_> {
        let (cases, people) = (self.story.cases(), &self.people);
        World {
            cases,
            places: &self.places,
            policies: &self.config.policies,
            people,
            ledger: &self.ledger,
            office: &self.office,
            now,
        }
    }

    /// What is planned at `now`; with the digests, where it is time for them. All of it is taken over.
    pub fn at(&mut self, now: Instant) -> Vec<Planned> {
        let planned = self.plan(now);
        for one in &planned {
            let key = one.plan.key.clone();
            self.ledger.apply(&MailFact::MailAccepted { key, reply: "250 ok".to_owned() }, now);
        }
        planned
    }

    /// What is planned at `now`; none of it has gone yet.
    pub fn plan(&mut self, now: Instant) -> Vec<Planned> {
        let day = self.office.digest_day(&self.ledger, now);
        self.look();
        let looked_at: Vec<_> = self.story.cases().iter().map(Looked::from).collect();
        let planning = plan(&self.world(now), &looked_at, day);
        self.held = planning.held;
        for planned in &planning.messages {
            self.ledger.apply(&MailFact::MailPlanned(planned.plan.clone()), now);
        }
        if let Some(on) = day {
            self.ledger.apply(&MailFact::DigestsPlanned { on, count: planning.messages.len() }, now);
        }
        planning.messages
    }

    /// Looks which cases count towards which limit.
    pub fn look(&mut self) {
        self.places = Places::of(self.story.cases(), &self.config.policies, None);
    }

    /// What goes at eight on `day`, as lines.
    pub fn morning(&mut self, day: &str) -> Vec<String> {
        let now = self.eight(day);
        lines(&self.at(now))
    }

    /// What goes at eight on each day from `from` to `to`, as lines that start with the day.
    pub fn mornings(&mut self, from: &str, to: &str) -> Vec<String> {
        let days = date(from).iter_days().take_while(|day| *day <= date(to));
        let each = days.flat_map(|day| {
            let lines = self.morning(&day.to_string());
            lines.into_iter().map(move |line| format!("{} {line}", day.format("%a %-d")))
        });
        each.collect()
    }

    /// Lets the days pass without a look at what goes.
    pub fn pass(&mut self, from: &str, to: &str) {
        self.mornings(from, to);
    }

    /// How a message reads: its headers that matter, and its text.
    pub fn render(&self, planned: &Planned, now: Instant) -> Rendered {
        let world = self.world(now);
        let message = compose(&planned.plan, planned.to.clone(), &world, &mut Standings::new());
        let post = post(&CONFIG).expect("the starter's templates");
        post.render(&message.expect("it still holds"), now).expect("it renders")
    }

    pub fn silence(&mut self, silence: Silence) {
        self.ledger.apply(&MailFact::SilenceAdded(silence), Instant::default());
    }
}

/// Each message as lines: "kind to: occurrence step reason", or what else it is about.
pub fn lines(planned: &[Planned]) -> Vec<String> {
    let mut lines = Vec::new();
    for Planned { plan, .. } in planned {
        let head = format!("{} {}", plan.matter.kind(), plan.to);
        let items = plan.matter.items();
        lines.extend(items.iter().map(|item| {
            let name = item.occurrence.to_string();
            let name = name.split_once('/').map_or("", |(_, rest)| rest);
            format!("{head}: {name} {} {}", item.step, item.reason)
        }));
        if items.is_empty() {
            let what = plan.key.as_str().split('/').next().unwrap_or_default();
            lines.push(format!("{head}: {what}"));
        }
    }
    lines
}

/// Only the lines that name `word`.
pub fn about(lines: Vec<String>, word: &str) -> Vec<String> {
    lines.into_iter().filter(|line| line.contains(word)).collect()
}

pub fn minutes(count: i64) -> Duration {
    Duration::minutes(count)
}
