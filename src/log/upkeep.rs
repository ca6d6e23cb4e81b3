//! The two threads of the log: one syncs groups to the witness, one moves them into fjall behind it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

use super::recent::Recent;
use super::store::Store;
use super::witness::{Frame, Piece, Witness};
use super::{LogError, Sequence};

/// Whether a write or a sync has failed: then nothing more is written.
#[derive(Debug, Clone, Default)]
pub struct Poison(Arc<AtomicBool>);

impl Poison {
    /// Has nothing more written, for good: also for whoever finds that what is there is damaged.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it has.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// A group on its way to the witness.
pub(super) struct Job {
    pub pieces: Vec<Piece>,
    /// The group, which readers see once it is synced.
    pub frame: Option<Frame>,
    pub done: Done,
}

/// What is called once a group is synced, or could not be.
pub type Done = Box<dyn FnOnce(Result<(), LogError>) + Send>;

/// A thread with work to do, which ends when it has no more.
struct Worker<T> {
    jobs: Option<Sender<T>>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Worker<T> {
    fn start(name: &str, work: impl FnOnce(Receiver<T>) + Send + 'static) -> std::io::Result<Self> {
        let (jobs, queue) = channel();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || work(queue))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Whether the thread took it.
    fn give(&self, job: T) -> bool {
        self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok())
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic there was told where it happened.
            let _ = thread.join();
        }
    }
}

/// Syncs groups to the witness.
pub(super) struct Syncer(Worker<Job>);

impl Syncer {
    pub(super) fn start(
        (witness, path): (Witness, PathBuf),
        recent: Arc<Recent>,
        poison: Poison,
    ) -> std::io::Result<Self> {
        let work = move |queue: Receiver<Job>| {
            for job in queue {
                let written = if poison.is_set() {
                    Err(LogError::Poisoned)
                } else {
                    witness.write(&job.pieces).map_err(|error| LogError::Io { path: path.clone(), error })
                };
                match &written {
                    Ok(()) => job.frame.into_iter().for_each(|frame| recent.push(frame)),
                    Err(_) => poison.set(),
                }
                (job.done)(written);
            }
        };
        Worker::start("log-sync", work).map(Self)
    }

    /// Whether the thread took it.
    pub(super) fn give(&self, job: Job) -> bool {
        self.0.give(job)
    }
}

/// Moves groups into fjall, one half of the witness at a time.
pub(super) struct Mover {
    worker: Worker<Sequence>,
    idle: Arc<(Mutex<bool>, Condvar)>,
}

impl Mover {
    pub(super) fn start(store: Store, recent: Arc<Recent>, poison: Poison) -> std::io::Result<Self> {
        let idle = Arc::new((Mutex::new(true), Condvar::new()));
        let ready = Arc::clone(&idle);
        let work = move |queue: Receiver<Sequence>| {
            for end in queue {
                match store.write(recent.batch(end)) {
                    Ok(()) => recent.forget(end),
                    Err(error) => {
                        tracing::error!(%error, "the log cannot be written");
                        poison.set();
                    }
                }
                set(&ready, true);
            }
        };
        Ok(Self { worker: Worker::start("log-upkeep", work)?, idle })
    }

    /// Moves everything up to `end`, in the background.
    pub(super) fn give(&self, end: Sequence) {
        self.wait();
        set(&self.idle, false);
        if !self.worker.give(end) {
            set(&self.idle, true);
        }
    }

    /// Returns when nothing is on its way.
    pub(super) fn wait(&self) {
        let (idle, changed) = &*self.idle;
        let guard = idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(changed.wait_while(guard, |idle| !*idle));
    }
}

fn set((idle, changed): &(Mutex<bool>, Condvar), to: bool) {
    *idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = to;
    changed.notify_all();
}
