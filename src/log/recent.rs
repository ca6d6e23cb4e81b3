//! The newest groups, which the witness holds and fjall does not have for good yet.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, RwLock};

use super::outbox::{self, OutboxChange};
use super::store::Batch;
use super::witness::Frame;
use super::{Sequence, read, write};

/// How many bytes of records make a stored group: large enough to be cheap, small enough to look one entry up.
pub(super) const PACK: usize = 128 << 10;

/// What is synced and waits to be moved into fjall. Shared by the writer, the upkeep and every reader.
#[derive(Debug, Default)]
pub(super) struct Recent(RwLock<Inner>);

#[derive(Debug, Default)]
struct Inner {
    frames: VecDeque<Arc<Frame>>,
    /// The newest change to each message, with the end of the group it came with.
    outbox: HashMap<String, (Sequence, Option<Vec<u8>>)>,
}

impl Recent {
    pub(super) fn push(&self, frame: Frame) {
        let mut inner = write(&self.0);
        let end = frame.group.after.sequence;
        for change in outbox::read(&frame.outbox) {
            let (key, bytes) = change.into_parts();
            inner.outbox.insert(key, (end, bytes));
        }
        inner.frames.push_back(Arc::new(frame));
    }

    /// Every group, oldest first.
    pub(super) fn frames(&self) -> Vec<Arc<Frame>> {
        read(&self.0).frames.iter().cloned().collect()
    }

    /// The group that holds a place.
    pub(super) fn at(&self, place: Sequence) -> Option<Arc<Frame>> {
        let inner = read(&self.0);
        let index = inner.frames.partition_point(|frame| frame.group.after.sequence < place);
        inner.frames.get(index).filter(|frame| frame.group.before.sequence < place).cloned()
    }

    /// The last place, if any.
    pub(super) fn end(&self) -> Option<Sequence> {
        read(&self.0).frames.back().map(|frame| frame.group.after.sequence)
    }

    /// The newest change to a message, if fjall does not have it yet.
    pub(super) fn message(&self, key: &str) -> Option<OutboxChange> {
        let inner = read(&self.0);
        let (_, bytes) = inner.outbox.get(key)?;
        Some(match bytes {
            Some(bytes) => OutboxChange::Put(key.to_owned(), bytes.clone()),
            None => OutboxChange::Remove(key.to_owned()),
        })
    }

    /// The newest change to each message that fjall does not have yet.
    pub(super) fn messages(&self) -> Vec<(String, Option<Vec<u8>>)> {
        let inner = read(&self.0);
        inner.outbox.iter().map(|(key, (_, bytes))| (key.clone(), bytes.clone())).collect()
    }

    /// What is to be moved into fjall: everything up to `end`, packed into groups of a good size.
    pub(super) fn batch(&self, end: Sequence) -> Batch {
        let inner = read(&self.0);
        let mut batch = Batch::default();
        for frame in inner.frames.iter().take_while(|frame| frame.group.after.sequence <= end) {
            match batch.groups.last_mut() {
                Some(last) if last.bytes().len() + frame.group.bytes().len() <= PACK => {
                    last.join(&frame.group);
                }
                _ => batch.groups.push(frame.group.clone()),
            }
            batch.outbox.extend(outbox::read(&frame.outbox).map(OutboxChange::into_parts));
        }
        batch
    }

    /// Forgets what fjall has now.
    pub(super) fn forget(&self, end: Sequence) {
        let mut inner = write(&self.0);
        while inner.frames.front().is_some_and(|frame| frame.group.after.sequence <= end) {
            inner.frames.pop_front();
        }
        inner.outbox.retain(|_, (at, _)| *at > end);
    }
}
