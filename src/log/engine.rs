//! The log, open for its one writer.

use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, RwLock};

use ring::rand::SystemRandom;

use super::backup::STAGING;
use super::files::{self, Files};
use super::group::Group;
use super::ids::Marker;
use super::keyring::{KeyState, Keyring};
use super::look::{self, Found};
use super::reader::LogReader;
use super::recent::Recent;
use super::rotation::{self, NewKey, Rotated};
use super::slots::Slots;
use super::store::{Batch, Store};
use super::timings::Timings;
use super::upkeep::{Done, Job, Mover, Poison, SyncDesk, Syncer};
use super::witness::{Frame, HALF, Witness};
use super::{DirLock, Draft, Head, LogError, OutboxChange};
use super::{read, write};
use crate::case::CaseRef;

/// A group of more bytes than this goes to fjall at once: it would fill the witness.
const LARGE: usize = HALF / 4;

/// The open log. There is one, and one writer.
pub struct Log {
    // The threads end first, then fjall is closed, then others may have the directory.
    pub(super) syncer: Syncer,
    pub(super) mover: Arc<Mover>,
    pub(super) store: Store,
    pub(super) reader: LogReader,
    pub(super) recent: Arc<Recent>,
    pub(super) keyring: Arc<RwLock<Keyring>>,
    pub(super) slots: Arc<RwLock<Slots>>,
    pub(super) poison: Poison,
    pub(super) random: SystemRandom,
    pub(super) head: Head,
    pub(super) files: Files,
    pub(super) wrapping_key: PathBuf,
    pub(super) mended: usize,
    timings: Timings,
    _lock: DirLock,
}

impl Log {
    /// Opens the log in `dir`, making it where there is none, with the wrapping key in the file `key`, which is
    /// made with a new log. `purpose` tells others who has it.
    ///
    /// # Errors
    /// When another process has it, its format is another, anything acknowledged is not there as it was (nothing
    /// is changed then), the key is another, or the disk fails.
    pub fn open(dir: &Path, key: &Path, purpose: &str) -> Result<Self, LogError> {
        files::make_private(dir)?;
        let lock = DirLock::take(dir, purpose)?;
        let files = Files::of(dir);
        let staging = dir.join(STAGING);
        match (files.are_absent()?, staging.exists()) {
            (true, true) => return Err(LogError::CutOff(dir.to_owned())),
            (true, false) => files.create(key)?,
            // The restore that left it had put everything in its place.
            (false, true) => files::remove(&staging)?,
            (false, false) => {}
        }
        let keyring = files.keyring(key)?;
        let testimony = files.testimony()?;
        look::before(&files, &testimony)?;
        let engine = |error| LogError::Engine { dir: dir.to_owned(), doing: "opened", error };
        let store = Store::open(&files.store()).map_err(engine)?;
        let Found { head, pending } = look::compare(&store, &testimony, dir)?;
        let (recent, poison) = (Arc::new(Recent::default()), Poison::default());
        for frame in pending {
            recent.push(frame);
        }
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error| LogError::Io { path, error }
        };
        let path = files.witness();
        let witness = Witness::open(&path).map_err(io(&path))?;
        let mover = Mover::start(store.clone(), Arc::clone(&recent), poison.clone()).map_err(io(dir))?;
        let mover = Arc::new(mover);
        let timings = Timings::default();
        let desk = SyncDesk {
            witness,
            path,
            place: testimony.place,
            recent: Arc::clone(&recent),
            mover: Arc::clone(&mover),
            poison: poison.clone(),
            timings: timings.clone(),
        };
        let syncer = Syncer::start(desk).map_err(io(dir))?;
        let marker = Marker::of(&keyring);
        let (keyring, slots) = (Arc::new(RwLock::new(keyring)), Arc::default());
        let reader = LogReader {
            dir: dir.to_owned(),
            store: store.clone(),
            recent: Arc::clone(&recent),
            keyring: Arc::clone(&keyring),
            slots: Arc::clone(&slots),
            marker,
            last: Arc::default(),
        };
        let log = Self {
            syncer,
            mover,
            store,
            reader,
            recent,
            keyring,
            slots,
            poison,
            random: SystemRandom::new(),
            head,
            files,
            wrapping_key: key.to_owned(),
            mended: testimony.mended,
            timings,
            _lock: lock,
        };
        if head == testimony.end() {
            // The half that is written next must be free by then.
            log.mover.give(testimony.base.sequence);
        } else {
            log.settle()?;
            log.wait_for(|done| Job::Turn(head, done))?;
        }
        Ok(log)
    }

    /// Whether there is no log in `dir`, nor anything in its place.
    #[must_use]
    pub fn is_absent(dir: &Path) -> bool {
        !dir.exists() || dir.is_dir() && Files::of(dir).are_absent().unwrap_or(false)
    }

    /// Opens the log in `dir` only if there is one.
    ///
    /// # Errors
    /// As [`Log::open`], and when there is none.
    pub fn open_existing(dir: &Path, key: &Path, purpose: &str) -> Result<Self, LogError> {
        files::must_be_directory(dir)?;
        if Self::is_absent(dir) {
            return Err(LogError::Absent(dir.to_owned()));
        }
        Self::open(dir, key, purpose)
    }

    /// The data directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.reader.dir
    }

    /// The end of the log, with what was submitted.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// How many places of the witness were found whole in one of two copies only.
    #[must_use]
    pub const fn mended(&self) -> usize {
        self.mended
    }

    /// What is measured of it.
    #[must_use]
    pub const fn timings(&self) -> &Timings {
        &self.timings
    }

    /// Whether a write or a sync has failed.
    #[must_use]
    pub const fn poison(&self) -> &Poison {
        &self.poison
    }

    /// Whether everything was written that was to be.
    ///
    /// # Errors
    /// When a write or a sync has failed, be it with nobody waiting for it: nothing more must be written then.
    pub fn check(&self) -> Result<(), LogError> {
        if self.poison.is_set() {
            return Err(LogError::Poisoned);
        }
        if self.store.is_sound() {
            return Ok(());
        }
        self.poison.set();
        Err(LogError::Store { dir: self.reader.dir.clone() })
    }

    /// What reads the log, for as many readers as there are.
    #[must_use]
    pub const fn reader(&self) -> &LogReader {
        &self.reader
    }

    /// The bytes of a message that waits in the outbox.
    ///
    /// # Errors
    /// When the disk fails, or the bytes are not those that were put there.
    pub fn outbox(&self, key: &str) -> Result<Option<Vec<u8>>, LogError> {
        let sealed = if let Some(change) = self.recent.message(key) {
            change.into_parts().1
        } else {
            let found = self.store.message(key).map_err(|error| self.reader.engine("read", error))?;
            found.map(|bytes| bytes.to_vec())
        };
        sealed.map(|sealed| self.reader.open_message(key, sealed)).transpose()
    }

    /// Appends `drafts` as one group, with the changes to the outbox that go with them, and syncs.
    ///
    /// # Errors
    /// When the disk fails; nothing of the group is acknowledged, and nothing more is written.
    pub fn append(&mut self, drafts: &[Draft], outbox: &[OutboxChange]) -> Result<(), LogError> {
        let (done, synced) = channel();
        self.submit(drafts, outbox, Box::new(move |result| drop(done.send(result))));
        synced.recv().unwrap_or(Err(LogError::Poisoned))
    }

    /// The same in the background: `done` is called once the group is synced, or could not be. Groups that wait
    /// at the same time share a sync; each is synced before `done` of a later one is called.
    pub fn submit(&mut self, drafts: &[Draft], outbox: &[OutboxChange], done: Done) {
        if self.poison.is_set() {
            return done(Err(LogError::Poisoned));
        }
        match self.prepare(drafts, outbox) {
            Ok(Some(frame)) => self.give(Job::Group(frame, done)),
            Ok(None) => done(Ok(())),
            Err(error) => {
                self.poison.set();
                done(Err(error));
            }
        }
    }

    fn give(&self, job: Job) {
        if !self.syncer.give(job) {
            // The thread is gone: `done` is dropped with the job, and whoever waits hears of that.
            self.poison.set();
        }
    }

    /// Gives a job to the syncing thread, and waits until that and all before it is done.
    fn wait_for(&self, job: impl FnOnce(Done) -> Job) -> Result<(), LogError> {
        let (done, synced) = channel();
        self.give(job(Box::new(move |result| drop(done.send(result)))));
        synced.recv().unwrap_or(Err(LogError::Poisoned))
    }

    /// Seals a group for the witness; one that is too large for it is stored at once.
    fn prepare(&mut self, drafts: &[Draft], outbox: &[OutboxChange]) -> Result<Option<Frame>, LogError> {
        let groups = self.seal(drafts)?;
        let changes = outbox.iter().map(|change| self.seal_message(change)).collect::<Result<Vec<_>, _>>()?;
        let head = groups.last().map_or(self.head, |group| group.after);
        let size: usize = groups.iter().map(|group| group.bytes().len()).sum();
        let mut bytes = Vec::new();
        for change in &changes {
            change.write(&mut bytes);
        }
        if size + bytes.len() > LARGE {
            self.store_at_once(groups, changes)?;
            self.head = head;
            self.wait_for(|done| Job::Turn(head, done))?;
            return Ok(None);
        }
        let mut group = Group::after(self.head);
        for next in &groups {
            group.join(next);
        }
        self.head = head;
        Ok(Some(Frame { group, outbox: bytes }))
    }

    /// Stores what is too large for the witness, after all that stands in it. A message leaves the outbox only
    /// when what says so is there.
    fn store_at_once(&self, groups: Vec<Group>, outbox: Vec<OutboxChange>) -> Result<(), LogError> {
        self.settle()?;
        let (puts, removes): (Vec<_>, Vec<_>) =
            outbox.into_iter().map(OutboxChange::into_parts).partition(|(_, bytes)| bytes.is_some());
        let groups = groups.into_iter().filter(|group| !group.is_empty()).collect();
        let written = self
            .store
            .write(Batch { groups, outbox: puts })
            .and_then(|()| self.store.write(Batch { groups: Vec::new(), outbox: removes }));
        written.map_err(|error| self.reader.engine("written", error))
    }

    /// Has everything moved into fjall, and waits for it.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn settle(&self) -> Result<(), LogError> {
        self.wait_for(Job::Wait)?;
        if let Some(end) = self.recent.end() {
            self.mover.give(end);
        }
        self.mover.wait();
        if self.poison.is_set() { Err(LogError::Poisoned) } else { Ok(()) }
    }

    /// Destroys the key of a case: nothing that was recorded of it can be read from then on.
    ///
    /// # Errors
    /// When the keyring cannot be written; the key may be there still.
    pub fn destroy_key(&self, case: &CaseRef) -> Result<(), LogError> {
        let Some(slot) = read(&self.slots).slot(case) else { return Ok(()) };
        if matches!(read(&self.keyring).key(slot), KeyState::Destroyed) {
            return Ok(());
        }
        write(&self.keyring).destroy(slot).map_err(LogError::Keys)
    }

    /// What the marks of ids are made with.
    #[must_use]
    pub fn marker(&self) -> Marker {
        self.reader.marker.clone()
    }

    /// Seals the keyring with a new wrapping key, so that at every moment one that is there opens it.
    ///
    /// # Errors
    /// When a file cannot be written; then both keys are still there.
    pub fn rotate(&self, place: NewKey<'_>) -> Result<Rotated, LogError> {
        rotation::rotate(&mut write(&self.keyring), &self.wrapping_key, place).map_err(LogError::Keys)
    }

    /// The keys that event data is sealed with.
    #[must_use]
    pub const fn keyring(&self) -> &Arc<RwLock<Keyring>> {
        &self.keyring
    }

    /// The file with the wrapping key.
    #[must_use]
    pub fn wrapping_key(&self) -> &Path {
        &self.wrapping_key
    }
}
