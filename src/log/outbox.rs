//! Changes to the outbox, where rendered messages wait until they are settled.

use super::record::{read_varint, write_varint};

/// A change to the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxChange {
    /// The bytes of a message wait under its key.
    Put(String, Vec<u8>),
    /// They wait no longer.
    Remove(String),
}

impl OutboxChange {
    /// The key, and the bytes that wait under it from now on.
    pub(super) fn into_parts(self) -> (String, Option<Vec<u8>>) {
        match self {
            Self::Put(key, bytes) => (key, Some(bytes)),
            Self::Remove(key) => (key, None),
        }
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Put(key, bytes) => key.len() + bytes.len(),
            Self::Remove(key) => key.len(),
        }
    }

    /// Appends it to the changes of a group.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let (key, bytes) = match self {
            Self::Put(key, bytes) => (key, Some(bytes)),
            Self::Remove(key) => (key, None),
        };
        write_varint(key.len() as u64, out);
        out.extend_from_slice(key.as_bytes());
        // 0 for none, so that an empty message is another thing.
        write_varint(bytes.map_or(0, |bytes| bytes.len() as u64 + 1), out);
        out.extend_from_slice(bytes.map(Vec::as_slice).unwrap_or_default());
    }
}

/// The changes of a group. They are checked with it: what was written can be read.
pub(super) fn read(mut rest: &[u8]) -> impl Iterator<Item = OutboxChange> {
    std::iter::from_fn(move || {
        let key = take(&mut rest)?;
        let key = String::from_utf8_lossy(key).into_owned();
        let len = read_varint(&mut rest)?;
        let Some(len) = len.checked_sub(1) else { return Some(OutboxChange::Remove(key)) };
        let (bytes, after) = rest.split_at_checked(usize::try_from(len).ok()?)?;
        rest = after;
        Some(OutboxChange::Put(key, bytes.to_vec()))
    })
}

/// Messages that were put one after the other; none where these bytes are anything else.
pub(super) fn read_whole(bytes: &[u8]) -> Option<Vec<OutboxChange>> {
    let changes: Vec<_> = read(bytes).collect();
    let mut again = Vec::with_capacity(bytes.len());
    changes.iter().for_each(|change| change.write(&mut again));
    let all_put = changes.iter().all(|change| matches!(change, OutboxChange::Put(..)));
    (all_put && again == bytes).then_some(changes)
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::try_from(read_varint(rest)?).ok()?;
    let (taken, after) = rest.split_at_checked(len)?;
    *rest = after;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_come_back_in_their_order() {
        let changes = [
            OutboxChange::Put("a".to_owned(), b"bytes".to_vec()),
            OutboxChange::Put(String::new(), Vec::new()),
            OutboxChange::Remove("a".to_owned()),
        ];
        let mut bytes = Vec::new();
        for change in &changes {
            change.write(&mut bytes);
        }
        assert_eq!(read(&bytes).collect::<Vec<_>>(), changes);
    }
}
