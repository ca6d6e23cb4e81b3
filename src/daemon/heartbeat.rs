//! A pulse a minute. What is due at a pulse is asked of the projection; cron decides nothing.

use std::time::Duration;

use thiserror::Error;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// Pulses from the scheduler, with a monotonic timer that stands in when they fail to come.
pub struct Heartbeat {
    scheduler: JobScheduler,
    pulses: mpsc::Receiver<()>,
    stand_in: tokio::time::Interval,
}

/// Why the scheduler could not be started.
#[derive(Debug, Error)]
#[error("the scheduler cannot be started: {0}")]
pub struct HeartbeatError(#[from] JobSchedulerError);

/// The scheduler's pulses stop while the clock is set back; this does not.
const STAND_IN: Duration = Duration::from_secs(90);

impl Heartbeat {
    /// Starts the pulses.
    ///
    /// # Errors
    /// When the scheduler cannot be started.
    pub async fn start() -> Result<Self, HeartbeatError> {
        let (sender, pulses) = mpsc::channel(1);
        let scheduler = JobScheduler::new().await?;
        // UTC, six fields, seconds first. A full channel means a pulse is waiting already.
        let job = Job::new_async("0 * * * * *", move |_, _| {
            let sender = sender.clone();
            Box::pin(async move {
                let _ = sender.try_send(());
            })
        })?;
        scheduler.add(job).await?;
        scheduler.start().await?;
        let mut stand_in = interval(STAND_IN);
        stand_in.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self { scheduler, pulses, stand_in })
    }

    /// The next pulse.
    pub async fn pulse(&mut self) {
        tokio::select! {
            Some(()) = self.pulses.recv() => self.stand_in.reset(),
            _ = self.stand_in.tick() => {}
        }
    }

    /// Stops the pulses.
    pub async fn stop(mut self) {
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the scheduler did not stop cleanly");
        }
    }
}
