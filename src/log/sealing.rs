//! How entries and messages are sealed on their way into the log.

use ring::rand::SecureRandom as _;

use super::group::Group;
use super::keyring::{KeyState, Slot};
use super::recent::PACK;
use super::slots::Slots;
use super::{Draft, Log, LogError, OutboxChange, read, record, write};

impl Log {
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
    pub(super) fn seal(&self, drafts: &[Draft]) -> Result<Vec<Group>, LogError> {
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
    pub(super) fn seal_message(&self, change: &OutboxChange) -> Result<OutboxChange, LogError> {
        let OutboxChange::Put(name, message) = change else { return Ok(change.clone()) };
        let keyring = read(&self.keyring);
        let KeyState::Usable(key) = keyring.key(Slot::OFFICE) else { return Err(LogError::NoKey(0)) };
        let nonce = self.random::<12>()?;
        let mut sealed = [nonce.as_slice(), message].concat();
        key.seal(nonce, name.as_bytes(), &mut sealed, nonce.len());
        Ok(OutboxChange::Put(name.clone(), sealed))
    }
}
