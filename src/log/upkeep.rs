//! The two threads of the log: one syncs groups to the witness, one moves them into fjall behind it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::recent::Recent;
use super::store::Store;
use super::timings::Timings;
use super::witness::{Frame, HALF, Piece, Place, Witness};
use super::{Head, LogError, Sequence};

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

/// What the syncing thread is to do.
pub(super) enum Job {
    /// Sync a group with the changes to the outbox that go with it; readers see it then.
    Group(Frame, Done),
    /// Have the witness say that fjall has everything up to here. All groups before were moved.
    Turn(Head, Done),
    /// Nothing, but after all that was asked before.
    Wait(Done),
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

/// Syncs groups to the witness: all that wait share one sync.
pub(super) struct Syncer(Worker<Job>);

impl Syncer {
    pub(super) fn start(desk: SyncDesk) -> std::io::Result<Self> {
        Worker::start("log-sync", move |queue| desk.work(&queue)).map(Self)
    }

    /// Whether the thread took it.
    pub(super) fn give(&self, job: Job) -> bool {
        self.0.give(job)
    }
}

/// What the syncing thread has before it.
pub(super) struct SyncDesk {
    pub witness: Witness,
    pub path: PathBuf,
    pub place: Place,
    pub recent: Arc<Recent>,
    pub mover: Arc<Mover>,
    pub poison: Poison,
    pub timings: Timings,
}

/// How many bytes of groups share a sync at the most.
const SHARED: usize = HALF / 4;

impl SyncDesk {
    fn work(mut self, queue: &Receiver<Job>) {
        let mut next = queue.recv().ok();
        while let Some(job) = next.take() {
            match job {
                Job::Group(mut frame, done) => {
                    let mut waiting = vec![done];
                    while let Ok(job) = queue.try_recv() {
                        match job {
                            Job::Group(other, done) if frame.size() + other.size() <= SHARED => {
                                frame.join(&other);
                                waiting.push(done);
                            }
                            other => {
                                next = Some(other);
                                break;
                            }
                        }
                    }
                    let mut synced = self.sync(frame);
                    for done in waiting {
                        // The first of them hears why; to the others it is all one.
                        let again = if synced.is_ok() { Ok(()) } else { Err(LogError::Poisoned) };
                        done(std::mem::replace(&mut synced, again));
                    }
                }
                Job::Turn(head, done) => {
                    let pieces = self.turn(head);
                    done(self.write(&pieces));
                }
                Job::Wait(done) => done(if self.poison.is_set() { Err(LogError::Poisoned) } else { Ok(()) }),
            }
            next = next.or_else(|| queue.recv().ok());
        }
    }

    /// Puts a group into the witness, and syncs it.
    fn sync(&mut self, frame: Frame) -> Result<(), LogError> {
        let mut pieces = Vec::new();
        if !self.place.has_room(frame.size()) {
            // The other half must be free before it is written, and this one is to be freed next.
            pieces.extend(self.turn(frame.group.before));
            self.mover.give(frame.group.before.sequence);
        }
        let put;
        (self.place, put) = self.place.put(&frame);
        pieces.extend(put);
        self.write(&pieces)?;
        self.recent.push(frame);
        Ok(())
    }

    fn turn(&mut self, base: Head) -> Vec<Piece> {
        self.mover.wait();
        let pieces;
        (self.place, pieces) = self.place.turn(base);
        pieces
    }

    fn write(&self, pieces: &[Piece]) -> Result<(), LogError> {
        if self.poison.is_set() {
            return Err(LogError::Poisoned);
        }
        let start = Instant::now();
        let written = self.witness.write(pieces);
        self.timings.sync.observe(start.elapsed().as_secs_f64());
        written.map_err(|error| {
            self.poison.set();
            LogError::Io { path: self.path.clone(), error }
        })
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
