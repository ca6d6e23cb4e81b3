//! The alarm: the log was found to be damaged while the daemon runs.

use tokio::sync::watch;

use crate::log::{LogError, Poison};

/// Stops everything once the log is found to be damaged: nothing is appended to such a log. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Alarm {
    poison: Poison,
    what: watch::Sender<Option<String>>,
}

impl Alarm {
    /// The alarm of the log with this poison.
    #[must_use]
    pub fn new(poison: Poison) -> Self {
        Self { poison, what: watch::Sender::new(None) }
    }

    /// Raises it: nothing more is written, and the daemon is to end. Gives what is told.
    pub fn raise(&self, error: &LogError) -> String {
        self.poison.set();
        let damage = error.without_case();
        tracing::error!(damage, "the log is damaged; nothing more is written, and stepdown stops");
        self.what.send_replace(Some(damage.clone()));
        damage
    }

    /// Whether nothing more is written to the log, be it raised or because a write failed.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        self.poison.is_set()
    }

    /// Why it was raised, if it was.
    #[must_use]
    pub fn raised(&self) -> Option<String> {
        self.what.borrow().clone()
    }

    /// Resolves once it is raised.
    pub async fn hear(&self) {
        // A sender is here, so that it is not gone.
        let _ = self.what.subscribe().wait_for(Option::is_some).await;
    }
}
