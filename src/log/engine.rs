//! The log, open for its one writer.

use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, RwLock};

use ring::rand::{SecureRandom as _, SystemRandom};

use super::files::{self, Files};
use super::group::Group;
use super::ids::Marker;
use super::keyring::{KeyState, Keyring, Slot};
use super::look::{self, Found};
use super::reader::LogReader;
use super::recent::{PACK, Recent};
use super::rotation::{self, NewKey, Rotated};
use super::slots::Slots;
use super::snapshot::{Kept, SnapshotFile, Snapshotter};
use super::store::{Batch, Store};
use super::upkeep::{Done, Job, Mover, Poison, SyncDesk, Syncer};
use super::witness::{Frame, HALF, Witness};
use super::{DirLock, Draft, Head, LogError, OutboxChange, record};
use super::{read, write};
use crate::case::CaseRef;

/// A group of more bytes than this goes to fjall at once: it would fill the witness.
const LARGE: usize = HALF / 4;

/// The open log. There is one, and one writer.
pub struct Log {
    // The threads end first, then fjall is closed, then others may have the directory.
    syncer: Syncer,
    mover: Arc<Mover>,
    store: Store,
    reader: LogReader,
    recent: Arc<Recent>,
    keyring: Arc<RwLock<Keyring>>,
    slots: Arc<RwLock<Slots>>,
    poison: Poison,
    random: SystemRandom,
    head: Head,
    files: Files,
    wrapping_key: PathBuf,
    mended: usize,
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
        if files.are_absent()? {
            files.create(key)?;
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
        let desk = SyncDesk {
            witness,
            path,
            place: testimony.place,
            recent: Arc::clone(&recent),
            mover: Arc::clone(&mover),
            poison: poison.clone(),
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

    /// Whether a write or a sync has failed.
    #[must_use]
    pub const fn poison(&self) -> &Poison {
        &self.poison
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

    /// The slot of each draft, and whether it is the first of its case; new cases get theirs.
    fn slots_of(&self, drafts: &[Draft]) -> Result<Vec<(Slot, bool)>, LogError> {
        let known = |slots: &Slots, draft: &Draft| match &draft.case {
            Some(case) => slots.slot(case),
            None => Some(Slot::OFFICE),
        };
        {
            let slots = read(&self.slots);
            let known: Option<Vec<_>> =
                drafts.iter().map(|draft| Some((known(&slots, draft)?, false))).collect();
            if let Some(known) = known {
                return Ok(known);
            }
        }
        let mut slots = write(&self.slots);
        let given = drafts
            .iter()
            .map(|draft| {
                let (slot, introduced) = slots.take(draft.case.as_ref());
                (slot, introduced.is_some())
            })
            .collect();
        let needed = u32::try_from(slots.cases().len()).unwrap_or(u32::MAX).saturating_add(1);
        if read(&self.keyring).slots() < needed {
            write(&self.keyring).ensure(needed).map_err(LogError::Keys)?;
        }
        Ok(given)
    }

    /// Seals `drafts` after the head, in groups of a good size.
    fn seal(&self, drafts: &[Draft]) -> Result<Vec<Group>, LogError> {
        let salt = u32::from_ne_bytes(self.random()?);
        let slots = self.slots_of(drafts)?;
        let keyring = read(&self.keyring);
        let mut group = Group::after(self.head);
        let mut groups = Vec::new();
        let mut record = Vec::new();
        for (draft, (slot, is_first)) in drafts.iter().zip(slots) {
            let key = match keyring.key(slot) {
                KeyState::Usable(key) => key,
                KeyState::Destroyed | KeyState::Missing => return Err(LogError::NoKey(slot.0)),
            };
            if group.bytes().len() > PACK {
                let next = Group::after(group.after);
                groups.push(std::mem::replace(&mut group, next));
            }
            let introduces = draft.case.as_ref().filter(|_| is_first);
            record.clear();
            record::seal((slot, introduces, group.next()), draft, salt, key, &mut record);
            group.push(&record);
        }
        groups.push(group);
        Ok(groups)
    }

    fn random<const N: usize>(&self) -> Result<[u8; N], LogError> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes).map_err(|_| LogError::Randomness)?;
        Ok(bytes)
    }

    /// Seals a message that is to wait in the outbox by the office's key.
    fn seal_message(&self, change: &OutboxChange) -> Result<OutboxChange, LogError> {
        let OutboxChange::Put(name, message) = change else { return Ok(change.clone()) };
        let keyring = read(&self.keyring);
        let KeyState::Usable(key) = keyring.key(Slot::OFFICE) else { return Err(LogError::NoKey(0)) };
        let nonce = self.random::<12>()?;
        let mut sealed = [nonce.as_slice(), message].concat();
        key.seal(nonce, name.as_bytes(), &mut sealed, nonce.len());
        Ok(OutboxChange::Put(name.clone(), sealed))
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

    /// What writes a snapshot of the state at the head.
    #[must_use]
    pub fn snapshotter(&self) -> Snapshotter {
        Snapshotter {
            path: self.files.snapshot(),
            at: self.head,
            cases: read(&self.slots).cases().to_vec(),
            keyring: Arc::clone(&self.keyring),
            random: self.random.clone(),
        }
    }

    /// The snapshot that this `version` of the code wrote, if there is one that the log leads through. One that
    /// does not fit is thrown away.
    #[must_use]
    pub fn snapshot(&self, version: &str) -> Option<SnapshotFile> {
        let path = self.files.snapshot();
        if !path.exists() {
            return None;
        }
        let opened = SnapshotFile::open(&path, version, &read(&self.keyring)).and_then(|snapshot| {
            let fits = snapshot.at().sequence <= self.head.sequence && self.reader.stands_at(snapshot.at());
            fits.then_some(snapshot).ok_or_else(|| "the log does not stand so at its place".to_owned())
        });
        opened.inspect_err(|why| self.discard_snapshot(why)).ok()
    }

    /// Reads one part of a snapshot; `None` where it is of no use: it is thrown away.
    #[must_use]
    pub fn read_snapshot_part(&self, snapshot: &SnapshotFile, index: usize) -> Option<Vec<u8>> {
        let kept = snapshot.read(&read(&self.keyring), index..index + 1, |_, kept| Ok(kept.bytes));
        let kept = kept.and_then(|parts| {
            parts.into_iter().flatten().next().ok_or_else(|| "a part is missing".to_owned())
        });
        kept.inspect_err(|why| self.discard_snapshot(why)).ok()
    }

    /// Reads the parts of a snapshot from one on, on all cores, and makes something of each; `None` where any is of
    /// no use: it is thrown away whole.
    pub fn read_snapshot_from<T: Send>(
        &self,
        snapshot: &SnapshotFile,
        first: usize,
        make: impl Fn(usize, Kept) -> Result<T, String> + Sync,
    ) -> Option<Vec<T>> {
        let parts = snapshot.read(&read(&self.keyring), first..snapshot.len(), make);
        parts.inspect_err(|why| self.discard_snapshot(why)).ok()
    }

    /// Throws the snapshot away: the next start reads the whole log.
    pub fn discard_snapshot(&self, why: &str) {
        tracing::warn!(why, "the snapshot is of no use and is thrown away; the whole log is read");
        if let Err(error) = std::fs::remove_file(self.files.snapshot()) {
            tracing::warn!(%error, "the snapshot cannot be removed");
        }
    }

    /// Removes the snapshot for good, since it tells of what is erased, and what a crash left of another one.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove_snapshot(&self) -> Result<(), LogError> {
        self.files.remove_snapshot()
    }

    /// Takes the cases in the order of their slots from a snapshot.
    pub fn restore_slots(&self, cases: Vec<CaseRef>) {
        *write(&self.slots) = Slots::of(cases);
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
