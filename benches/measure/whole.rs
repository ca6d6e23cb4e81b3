//! stepdown with everything on: the daemon's loop as `stepdown run` puts it together, in this process.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use stepdown::config::{Config, Source};
use stepdown::daemon::{
    self, Alarm, AppendRequest, Clerk, Clock, Handle, Heartbeat, Postman, Snapshot, Writer,
};
use stepdown::mail::{Courier, FilesCourier};
use tokio::sync::{mpsc, oneshot, watch};

use crate::rounds::CASES;
use crate::support;

/// Over cases that are open already. Dropped, it stops.
pub struct Whole {
    handle: Handle,
    _stop: oneshot::Sender<()>,
}

impl Whole {
    pub async fn start(dir: &Path) -> Self {
        let mut config = Config::load(&Source::Starter).expect("the starter loads");
        // No mail: what is measured is the append.
        config.settings.reminders.go_live = Some("2027-01-01".parse().expect("a date"));
        let config = Arc::new(config);
        let mut writer = Writer::open(dir, Arc::clone(&config), "a bench").expect("a log");
        let clock = Clock::Standing(support::now());
        let request = AppendRequest::new(support::log(CASES, 20));
        writer.stage(request, clock.now()).expect("taken");
        writer.commit().expect("synced");
        writer.take_touched();
        let alarm = Alarm::new(writer.log().poison().clone());
        let clerk = Clerk::new(writer).expect("templates");
        let meters = clerk.books().meters().clone();
        let (requests, incoming) = mpsc::channel(4096);
        let (snapshots, snapshot) = watch::channel(Snapshot::of(&clerk, clock.now()));
        let postman = Postman::start(vec![Courier::Files(FilesCourier::new(dir.join("mail")))], &requests);
        let heartbeat = Heartbeat::start().await.expect("a heartbeat");
        let handle = Handle {
            requests,
            snapshot,
            source: Source::Starter,
            clock: clock.clone(),
            alarm,
            mended: 0,
            meters,
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let run = daemon::run(clerk, clock, incoming, snapshots, postman, heartbeat, shutdown);
        let runtime = tokio::runtime::Handle::current();
        std::thread::spawn(move || runtime.block_on(run).expect("a sound log"));
        Self { handle, _stop: stop }
    }

    pub async fn append(&self, event: Value) {
        let request = AppendRequest::new(vec![event]);
        self.handle.append(request).await.expect("it runs").expect("taken");
    }
}
