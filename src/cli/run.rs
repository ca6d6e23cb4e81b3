//! `run`: the daemon, put together.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::context::DAEMON;
use super::verify::RESTORE;
use super::{Context, Failure};
use crate::api::{listen, reload, serve};
use crate::config::{Config, Source};
use crate::daemon::{
    self, Alarm, Clerk, Clock, Handle, Heartbeat, Manager, Patience, Postman, Snapshot, Watchman, Writer,
    hangups, shutdown_signal,
};
use crate::log::Checkpoints;
use crate::mail::Courier;

/// How many requests may wait for the loop.
const QUEUE: usize = 4096;

pub fn run(context: &Context) -> Result<(), Failure> {
    let config = context.config()?;
    let data = context.data()?;
    let manager = Manager::of_this_process();
    let patience = manager.patience("opening the log");
    let writer = Writer::open(&data, Arc::clone(&config), DAEMON)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(&format!("the runtime cannot be started: {error}")))?;
    runtime.block_on(serve_until_stopped(
        writer,
        config,
        context.source().clone(),
        &data,
        (manager, patience),
    ))
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
    let adopted = clerk.configure(Arc::clone(&config), clock.now())?;
    clerk.writer().commit()?;
    if !adopted.is_empty() {
        tracing::info!(facts = adopted.len(), "the changed policy was adopted");
    }
    let couriers = Courier::several(&config.settings.mail, data)?;
    let (requests, incoming) = mpsc::channel(QUEUE);
    let (snapshots, snapshot) = watch::channel(Snapshot::of(&clerk, clock.now()));
    let socket = Context::socket(data);
    let listener = listen(&socket)?;
    let postman = Postman::start(couriers, &requests);
    let heartbeat = Heartbeat::start().await?;
    let watchman = Watchman::new(reader.clone(), Checkpoints::of(data), alarm.clone());
    let patrol = watchman.patrol(clock.clone(), snapshot.clone());
    let (told, alarmed_by) = (manager.clone(), alarm.clone());
    let handle =
        Handle { requests, snapshot, source, clock: clock.clone(), alarm: alarmed_by, manager: told, mended };
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
    let server = tokio::spawn(serve(listener, handle, reader, data.to_owned(), heard(stopped.clone())));
    tokio::spawn(signals);
    tokio::spawn(hangups);
    tokio::spawn(alarms);
    tokio::spawn(patrol);
    tracing::info!(data = %data.display(), socket = %socket.display(), "ready");
    drop(patience);
    let ran =
        daemon::run(clerk, clock, incoming, snapshots, postman, heartbeat, manager, heard(stopped)).await;
    // No further client finds a daemon that is gone. Best effort: the next start removes it too.
    let _ = std::fs::remove_file(&socket);
    // Whoever asked last is answered first, be it with what ends all this.
    let served = tokio::time::timeout(std::time::Duration::from_secs(5), server).await;
    if let Some(damage) = alarm.raised() {
        return Err(Failure::failed_with(&damage, RESTORE));
    }
    ran?;
    if let Ok(Err(error)) = served.unwrap_or(Ok(Ok(()))) {
        return Err(error.into());
    }
    Ok(())
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
