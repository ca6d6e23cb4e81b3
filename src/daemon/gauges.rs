//! The meters that are read off the state when somebody asks, and not counted along.

use std::path::Path;
use std::sync::atomic::AtomicU64;

use chrono::NaiveTime;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::unix::{instant, unix};
use super::{Exceeded, Snapshot};
use crate::calendar::Instant;
use crate::log::{Checkpoints, LastBackup, Space};
use crate::reminders::ClockReading;

type Real = Gauge<f64, AtomicU64>;

/// What is read off the state, in the units of the meters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// For how long the oldest that was due to be sent has waited, in seconds; 0 where nothing waits.
    pub oldest_due_unsent: f64,
    /// How many messages wait.
    pub waiting: usize,
    /// Whether nothing is sent until somebody releases it, or the clock has caught up.
    pub held: bool,
    /// Whether the way to the relay was at fault at the last attempt.
    pub paused: bool,
    /// How many entries the log has.
    pub entries: u64,
    /// The disk under the data directory; none where it cannot be asked.
    pub space: Option<Space>,
    /// Until when bank holidays are known; none where they are not.
    pub bank_holidays_until: Option<Instant>,
    /// When the whole log was last read; none where it never was.
    pub scrubbed: Option<Instant>,
    /// Whether the log was found to be damaged then.
    pub damaged: bool,
    /// When the newest backup was made; none where there is none.
    pub backed_up: Option<Instant>,
    /// Every limit across cases, and how often it is exceeded.
    pub limits: Vec<Exceeded>,
}

impl Seen {
    /// Looks at the state after the last sync, and at the disk under the data directory `data`.
    #[must_use]
    pub fn of(snapshot: &Snapshot, data: &Path, now: Instant) -> Self {
        let Snapshot { config, records, head, .. } = snapshot;
        let (office, zone) = (config.office(), config.settings.reminders.time_zone);
        let since = office.unsent_since(&records.ledger, now);
        let scrub = Checkpoints::of(data).last_scrub();
        let space = Space::of(data);
        if let Err(error) = &space {
            tracing::warn!(%error, "the disk of the data directory cannot be asked");
        }
        Self {
            oldest_due_unsent: since.map_or(0.0, |since| (unix(now) - unix(since)).max(0.0)),
            waiting: records.ledger.counts().waiting,
            held: records.ledger.hold().is_some() || matches!(snapshot.clock, ClockReading::Behind { .. }),
            paused: snapshot.paused_until.is_some(),
            entries: head.sequence.0,
            space: space.ok(),
            bank_holidays_until: config.calendar.horizon().map(|day| zone.instant_due(day, NaiveTime::MIN)),
            damaged: scrub.as_ref().is_some_and(|scrub| scrub.damage.is_some()),
            scrubbed: scrub.map(|scrub| scrub.at),
            backed_up: LastBackup::of(data).there().map(|made| made.at),
            limits: records.exceeded(config, now),
        }
    }
}

#[derive(Debug)]
pub(super) struct Gauges {
    started: Real,
    oldest_due_unsent: Real,
    waiting: Gauge,
    held: Gauge,
    paused: Gauge,
    entries: Gauge,
    log_bytes: Gauge,
    disk_free: Gauge,
    disk_size: Gauge,
    bank_holidays_until: Real,
    scrubbed: Real,
    damaged: Gauge,
    backed_up: Real,
    limits_exceeded: Family<LimitLabels, Gauge>,
}

/// Which limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabels {
    programme: String,
    limit: String,
}

impl Gauges {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let mut real = |name: &str, help: &str| {
            let gauge = Real::default();
            registry.register_with_unit(name, help, Unit::Seconds, gauge.clone());
            gauge
        };
        let oldest_due_unsent = real(
            "oldest_due_unsent",
            "For how long the oldest message or digest that was due to be sent has waited; 0 where none does",
        );
        let started = real("start_timestamp", "When the daemon started");
        let bank_holidays_until = real(
            "bank_holidays_until_timestamp",
            "The last day up to which bank holidays are known; 0 where none is",
        );
        let scrubbed = real("scrub_timestamp", "When the whole log was last read; 0 where it never was");
        let backed_up = real("backup_timestamp", "When the newest backup was made; 0 where there is none");
        let mut bytes = |name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register_with_unit(name, help, Unit::Bytes, gauge.clone());
            gauge
        };
        let log_bytes = bytes("log", "What the log takes on the disk");
        let disk_free = bytes("disk_free", "What is left on the disk of the data directory");
        let disk_size = bytes("disk_size", "How large the disk of the data directory is");
        let limits_exceeded = Family::default();
        registry.register(
            "limits_exceeded",
            "Under how many values a limit across cases is exceeded",
            limits_exceeded.clone(),
        );
        let mut whole = |name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        Self {
            started,
            oldest_due_unsent,
            waiting: whole("mail_waiting", "Messages that were planned and are not settled"),
            held: whole("mail_held", "1 while nothing is sent until somebody releases it"),
            paused: whole("transport_paused", "1 while the way to the relay is at fault"),
            entries: whole("log_entries", "Entries of the log"),
            log_bytes,
            disk_free,
            disk_size,
            bank_holidays_until,
            scrubbed,
            damaged: whole("log_damaged", "1 where the last reading of the whole log found damage"),
            backed_up,
            limits_exceeded,
        }
    }

    pub(super) fn start(&self, now: Instant) {
        self.started.set(unix(now));
    }

    pub(super) fn started(&self) -> Option<Instant> {
        instant(self.started.get())
    }

    pub(super) fn show(&self, seen: &Seen) {
        let moment = |at: Option<Instant>| at.map_or(0.0, unix);
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.oldest_due_unsent.set(seen.oldest_due_unsent);
        self.waiting.set(whole(seen.waiting as u64));
        self.held.set(i64::from(seen.held));
        self.paused.set(i64::from(seen.paused));
        self.entries.set(whole(seen.entries));
        // A disk that cannot be asked shows as it was when it last could.
        if let Some(space) = seen.space {
            self.log_bytes.set(whole(space.log_bytes));
            self.disk_free.set(whole(space.free_bytes));
            self.disk_size.set(whole(space.all_bytes));
        }
        self.bank_holidays_until.set(moment(seen.bank_holidays_until));
        self.scrubbed.set(moment(seen.scrubbed));
        self.damaged.set(i64::from(seen.damaged));
        self.backed_up.set(moment(seen.backed_up));
        // A limit that is not in force any more is not shown as it was.
        self.limits_exceeded.clear();
        for Exceeded { programme, limit, values } in &seen.limits {
            let labels = LimitLabels { programme: programme.to_string(), limit: limit.to_string() };
            self.limits_exceeded.get_or_create(&labels).set(whole(*values as u64));
        }
    }
}
