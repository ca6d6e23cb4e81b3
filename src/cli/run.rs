//! `run`: the daemon, put together.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use tokio::sync::{mpsc, watch};

use super::context::DAEMON;
use super::verify::RESTORE;
use super::{Context, Failure};
use crate::api::{Api, listen, listen_at, reload, set_open};
use crate::config::{Config, Source};
use crate::daemon::{
    self, Alarm, Archivist, Clerk, Clock, Handle, Heartbeat, Manager, Orders, Patience, Postman, Snapshot,
    Watchman, Writer, hangups, shutdown_signal,
};
use crate::log::{Checkpoints, LogError};
use crate::mail::Courier;

/// How long those who asked last are waited for.
const FAREWELL: Duration = Duration::from_secs(5);
/// How many requests may wait for the loop.
const QUEUE: usize = 4096;

pub fn run(context: &Context) -> Result<(), Failure> {
    leave_no_core_dump();
    let config = context.config()?;
    let data = context.data()?;
    let manager = Manager::of_this_process();
    let patience = manager.patience("opening the log");
    let writer = Writer::open(&data, Arc::clone(&config), DAEMON).map_err(|error| match error {
        LogError::Unexplained { .. } => Failure::failed_with(&error.without_case(), RESTORE),
        other => other.into(),
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(&format!("the runtime cannot be started: {error}")))?;
    let ended = runtime.block_on(serve_until_stopped(
        writer,
        config,
        context.source().clone(),
        &data,
        (manager, patience),
    ));
    // A long question of somebody, such as a simulation, does not hold up the end.
    runtime.shutdown_timeout(FAREWELL);
    ended
}

async fn serve_until_stopped(
    writer: Writer,
    config: Arc<Config>,
    source: Source,
    data: &Path,
    (manager, patience): (Manager, Patience),
) -> Result<(), Failure> {
    let clock = Clock::System;
    let (reader, mended) = (writer.log().reader().clone(), writer.log().mended());
    let alarm = Alarm::new(writer.log().poison().clone());
    let mut clerk = Clerk::new(writer)?;
    let watchman = Watchman::new(reader.clone(), Checkpoints::of(data), alarm.clone());
    if watchman.found_damage() {
        let orders = Orders::of(&Snapshot::of(&clerk, clock.now()));
        watchman.round(&orders, clock.now());
        if let Some(damage) = alarm.raised() {
            return Err(Failure::failed_with(&damage, RESTORE));
        }
    }
    let adopted = clerk.configure(Arc::clone(&config), clock.now())?;
    clerk.writer().commit()?;
    if !adopted.is_empty() {
        tracing::info!(facts = adopted.len(), "the changed policy was adopted");
    }
    let couriers = Courier::several(&config.settings.mail, data)?;
    let (requests, incoming) = mpsc::channel(QUEUE);
    let (snapshots, snapshot) = watch::channel(Snapshot::of(&clerk, clock.now()));
    let access = &config.settings.access;
    let socket = access.socket_of(data);
    let listener = listen(&socket, access.lists_anybody())?;
    let tcp = match access.listen {
        Some(address) => Some(listen_at(address).await?),
        None => None,
    };
    let postman = Postman::start(couriers, &requests);
    let heartbeat = Heartbeat::start().await?;
    let patrol = watchman.patrol(clock.clone(), snapshot.clone());
    let meters = clerk.books().meters().clone();
    let handle = Handle {
        requests,
        snapshot,
        source,
        clock: clock.clone(),
        alarm: alarm.clone(),
        manager: manager.clone(),
        mended,
        meters,
    };
    let archivist = Archivist::new(data.to_owned(), handle.clone());
    let (stop, stopped) = watch::channel(false);
    let (hung_up, alarmed) = (stop.clone(), stop.clone());
    let heeding = alarm.clone();
    let alarms = async move {
        heeding.hear().await;
        alarmed.send_replace(true);
    };
    let signals = async move {
        if let Err(error) = shutdown_signal().await {
            tracing::error!(%error, "signals cannot be watched; stopping");
        }
        stop.send_replace(true);
    };
    let hangups = heed_hangups(handle.clone(), hung_up);
    let heard = |mut stopped: watch::Receiver<bool>| async move {
        // A sender that is gone means the same as one that spoke.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    tokio::spawn(keep_mode(handle.snapshot.clone(), socket.clone()));
    let api = Api::new(handle, reader, data.to_owned());
    let net = tcp.map(|tcp| tokio::spawn(api.clone().serve(tcp, heard(stopped.clone()))));
    let server = tokio::spawn(api.serve(listener, heard(stopped.clone())));
    tokio::spawn(signals);
    tokio::spawn(hangups);
    tokio::spawn(alarms);
    tokio::spawn(patrol);
    tokio::spawn(archivist.patrol());
    tracing::info!(data = %data.display(), socket = %socket.display(), "ready");
    drop(patience);
    let ran =
        daemon::run(clerk, clock, incoming, snapshots, postman, heartbeat, manager, heard(stopped)).await;
    // No further client finds a daemon that is gone. Best effort: the next start removes it too.
    let _ = std::fs::remove_file(&socket);
    // Whoever asked last is answered first, be it with what ends all this.
    let answered = async {
        let _ = server.await;
        if let Some(net) = net {
            let _ = net.await;
        }
    };
    let _ = tokio::time::timeout(FAREWELL, answered).await;
    if let Some(damage) = alarm.raised() {
        return Err(Failure::failed_with(&damage, RESTORE));
    }
    Ok(ran?)
}

/// Keeps the socket open to all, or shut to all but the daemon's own user, as the lists in force want it.
async fn keep_mode(mut snapshot: watch::Receiver<Snapshot>, socket: PathBuf) {
    let lists_anybody = |snapshot: &Snapshot| snapshot.config.settings.access.lists_anybody();
    let mut open = lists_anybody(&snapshot.borrow());
    while snapshot.changed().await.is_ok() {
        let wanted = lists_anybody(&snapshot.borrow_and_update());
        if wanted == open {
            continue;
        }
        match set_open(&socket, wanted) {
            Ok(()) => open = wanted,
            Err(error) => tracing::error!(%error, "who may connect to the socket could not be changed"),
        }
    }
}

/// Records and keys are in memory: neither a crash nor another process of the same user gets them out of it
/// (`PR_SET_DUMPABLE` of prctl(2); a limit alone does not bind a `core_pattern` that is a program, core(5)).
fn leave_no_core_dump() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let limited = setrlimit(Resource::Core, none);
    if let Err(error) = limited.and(set_dumpable_behavior(DumpableBehavior::NotDumpable)) {
        tracing::warn!(%error, "core dumps cannot be switched off");
    }
}

/// A service manager asks for a reload by SIGHUP; whoever ran stepdown by hand has closed the terminal.
async fn heed_hangups(handle: Handle, stop: watch::Sender<bool>) {
    let mut hangups = match hangups() {
        Ok(hangups) => hangups,
        Err(error) => {
            tracing::error!(%error, "SIGHUP cannot be watched; use: stepdown reload");
            return;
        }
    };
    while hangups.recv().await.is_some() {
        if std::io::stderr().is_terminal() {
            stop.send_replace(true);
            return;
        }
        // What is wrong with it is in the journal already, and nobody else waits for an answer.
        let _ = reload(&handle, handle.source.clone()).await;
    }
}
