//! What is counted while the daemon runs, and the page on which others read it (`OpenMetrics` 1.0).
//!
//! Invariant: no label holds anything but a word of this program: no case, no person, no text that anybody wrote.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::gauges::{Gauges, Seen};
use super::unix::{instant, unix};
use crate::calendar::Instant;
use crate::log::{CLASSES, Timings};
use crate::reminders::{Delivery, Lapse, MailFact, MessageKind};

/// What every name begins with.
const PREFIX: &str = "stepdown";

/// What became of a message, of which kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Mailed {
    kind: &'static str,
    outcome: &'static str,
}

/// The outcomes of mail: a message has one for each attempt, and the last one where it is given up.
const OUTCOMES: [&str; 7] =
    ["accepted", "deferred", "not-sent", "refused", "ambiguous", "given-up", "dropped"];

/// Which version runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

/// The meters of one daemon. Cheap to clone; each clone counts into the same.
#[derive(Debug, Clone)]
pub struct Meters(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    mails: Family<Mailed, Counter>,
    append: Histogram,
    gauges: Gauges,
    /// When the loop last turned, by the wall clock, in seconds since 1970; 0 before it ever did.
    heartbeat: Gauge<f64, AtomicU64>,
    /// The same by a clock that only runs forward, in milliseconds since the process started.
    turned: AtomicU64,
}

impl Meters {
    /// Meters that nothing was counted on yet, beside those of the log.
    #[must_use]
    pub fn new(log: &Timings) -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let build = Family::<Build, Gauge>::default();
        build.get_or_create(&Build { version: env!("CARGO_PKG_VERSION") }).set(1);
        registry.register("build_info", "The version that runs, as a label; always 1", build);
        let mails = Family::<Mailed, Counter>::default();
        for kind in MessageKind::ALL.map(MessageKind::name) {
            // A series that is there from the start shows its first increase.
            for outcome in OUTCOMES {
                drop(mails.get_or_create(&Mailed { kind, outcome }));
            }
        }
        registry.register(
            "mails",
            "Attempts to hand a message over and messages given up, by kind of message and by outcome",
            mails.clone(),
        );
        let append = Histogram::new(CLASSES);
        registry.register_with_unit(
            "append",
            "From the taking of a request to append until its answer, which waits for the sync",
            Unit::Seconds,
            append.clone(),
        );
        registry.register_with_unit(
            "sync",
            "Each write of the log's witness with its fdatasync",
            Unit::Seconds,
            log.sync.clone(),
        );
        let heartbeat = Gauge::default();
        registry.register_with_unit(
            "heartbeat_timestamp",
            "When the daemon's loop last turned, which it does once a minute at least; 0 before it ever did",
            Unit::Seconds,
            heartbeat.clone(),
        );
        let gauges = Gauges::register(&mut registry);
        Self(Arc::new(Inner { registry, mails, append, gauges, heartbeat, turned: AtomicU64::new(0) }))
    }

    /// The loop turns: `monotonic` says how long the process has run.
    pub fn beat(&self, now: Instant, monotonic: Duration) {
        self.0.heartbeat.set(unix(now));
        let millis = u64::try_from(monotonic.as_millis()).unwrap_or(u64::MAX);
        self.0.turned.store(millis, Ordering::Relaxed);
    }

    /// When the loop last turned, by the wall clock; none before it ever did.
    #[must_use]
    pub fn last_beat(&self) -> Option<Instant> {
        instant(self.0.heartbeat.get())
    }

    /// How long the loop has not turned, when the process has run for `monotonic`: since it started, where it
    /// never did.
    #[must_use]
    pub fn stillness(&self, monotonic: Duration) -> Duration {
        monotonic.saturating_sub(Duration::from_millis(self.0.turned.load(Ordering::Relaxed)))
    }

    /// Since when the daemon runs, by the wall clock.
    #[must_use]
    pub fn started(&self) -> Option<Instant> {
        self.0.gauges.started()
    }

    /// The daemon starts.
    pub fn start(&self, now: Instant) {
        self.0.gauges.start(now);
    }

    /// An append was answered that was asked for this long ago.
    pub fn appended(&self, waited: Duration) {
        self.0.append.observe(waited.as_secs_f64());
    }

    /// Counts what `fact` says of `delivery`, as it stood before.
    pub(super) fn mailed(&self, fact: &MailFact, delivery: &Delivery) {
        if let Some(outcome) = outcome(fact, delivery) {
            let kind = delivery.plan.matter.kind().name();
            self.0.mails.get_or_create(&Mailed { kind, outcome }).inc();
        }
    }

    /// The page with all of it, as it stands with what was `seen` just now.
    #[must_use]
    pub fn page(&self, seen: &Seen) -> String {
        self.0.gauges.show(seen);
        let mut page = String::new();
        // A String takes everything that is written to it.
        let _ = encode(&mut page, &self.0.registry);
        page
    }
}

/// What came of a message by this fact; none where it goes on.
fn outcome(fact: &MailFact, delivery: &Delivery) -> Option<&'static str> {
    Some(match fact {
        MailFact::MailAccepted { .. } => "accepted",
        MailFact::MailDeferred { .. } => "deferred",
        MailFact::MailNotSent { .. } => "not-sent",
        MailFact::MailRefused { .. } => "refused",
        MailFact::MailAmbiguous { .. } => "ambiguous",
        // What had nothing left to say, or waits for the next digest untried, is nobody's trouble.
        MailFact::MailLapsed { cause, .. } => {
            let untried = *cause == Lapse::DayOver && delivery.attempts == 0;
            if cause.is_trouble() && !untried { "given-up" } else { "dropped" }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loop_stands_still_since_it_last_turned_and_before_that_since_the_start() {
        let meters = Meters::new(&Timings::default());
        let seconds = Duration::from_secs;
        assert_eq!((meters.last_beat(), meters.stillness(seconds(90))), (None, seconds(90)));
        let now = "2026-11-22T10:00:00.25Z".parse::<Instant>().expect("an instant");
        meters.beat(now, seconds(60));
        assert_eq!((meters.last_beat(), meters.stillness(seconds(200))), (Some(now), seconds(140)));
    }

    #[test]
    fn what_is_given_up_is_told_apart_from_what_had_nothing_left_to_say() {
        let plan =
            r#"{"key": "k", "to": "t", "on": "2026-06-01", "matter": {"about": "digest", "items": []}}"#;
        let mut delivery = Delivery::new(serde_json::from_str(plan).expect("a plan"), Instant::default());
        let lapsed = |cause: &str, delivery: &Delivery| {
            let fact = format!(
                r#"{{"type": "mail-lapsed", "data": {{"key": "k", "cause": "{cause}", "reason": "r"}}}}"#
            );
            outcome(&serde_json::from_str(&fact).expect("a fact"), delivery)
        };
        assert_eq!(lapsed("nothing-left", &delivery), Some("dropped"));
        assert_eq!(lapsed("given-up", &delivery), Some("given-up"));
        assert_eq!(lapsed("day-over", &delivery), Some("dropped"));
        delivery.attempts = 1;
        assert_eq!(lapsed("day-over", &delivery), Some("given-up"));
    }
}
