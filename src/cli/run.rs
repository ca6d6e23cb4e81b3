//! `run`: the daemon, put together.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::context::DAEMON;
use super::{Context, Failure};
use crate::api::{listen, serve};
use crate::config::Config;
use crate::daemon::{self, Clerk, Clock, Handle, Heartbeat, Postman, Snapshot, Writer, shutdown_signal};
use crate::mail::Courier;

/// How many requests may wait for the loop.
const QUEUE: usize = 4096;

pub fn run(context: &Context) -> Result<(), Failure> {
    let config = context.config()?;
    let data = context.data()?;
    let writer = Writer::open(&data, Arc::clone(&config), DAEMON)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(&format!("the runtime cannot be started: {error}")))?;
    runtime.block_on(serve_until_stopped(writer, config, &data))
}

async fn serve_until_stopped(writer: Writer, config: Arc<Config>, data: &Path) -> Result<(), Failure> {
    let clock = Clock::System;
    let reader = writer.log().reader().clone();
    let clerk = Clerk::new(writer)?;
    let couriers = Courier::several(&config.settings.mail, data)?;
    let (requests, incoming) = mpsc::channel(QUEUE);
    let (snapshots, snapshot) = watch::channel(Snapshot::of(&clerk, clock.now()));
    let socket = Context::socket(data);
    let listener = listen(&socket)?;
    let postman = Postman::start(couriers, &requests);
    let heartbeat = Heartbeat::start().await?;
    let handle = Handle { requests, snapshot, config, clock: clock.clone() };
    let (stop, stopped) = watch::channel(false);
    let signals = async move {
        if let Err(error) = shutdown_signal().await {
            tracing::error!(%error, "signals cannot be watched; stopping");
        }
        stop.send_replace(true);
    };
    let heard = |mut stopped: watch::Receiver<bool>| async move {
        // A sender that is gone means the same as one that spoke.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let server = tokio::spawn(serve(listener, handle, reader, data.to_owned(), heard(stopped.clone())));
    tokio::spawn(signals);
    tracing::info!(data = %data.display(), socket = %socket.display(), "ready");
    let ran = daemon::run(clerk, clock, incoming, snapshots, postman, heartbeat, heard(stopped)).await;
    // No further client finds a daemon that is gone. Best effort: the next start removes it too.
    let _ = std::fs::remove_file(&socket);
    ran?;
    if let Ok(Err(error)) =
        tokio::time::timeout(std::time::Duration::from_secs(5), server).await.unwrap_or(Ok(Ok(())))
    {
        return Err(error.into());
    }
    Ok(())
}
